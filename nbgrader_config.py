# nbgrader for this course: authoring, gradebook, marking by hand, export.  Its own execution of
# notebooks is replaced, for it runs the checks beside the student's code (book/instructors.md).
from nbgrader.converters import GenerateAssignment

from firstorder.grading.release import AddCheckCell

c = get_config()  # noqa: F821  (traitlets puts it there)

c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "exercises"
c.CourseDirectory.ignore = [
    ".ipynb_checkpoints",
    "*.pyc",
    "__pycache__",
    "checks.py",
    "bank.py",
    "feedback",
]

c.GenerateAssignment.preprocessors = [*GenerateAssignment.preprocessors.default(), AddCheckCell]

c.Autograde.autograde_preprocessors = [
    "firstorder.grading.nbgrader_steps.GradeInSandbox",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]
