"""Our step in nbgrader's `autograde`: the sandbox gives the marks, nbgrader keeps the book.

nbgrader's own step, Execute, runs the checks in the student's kernel, where they can be patched.
`nbgrader_config.py` puts this one in its place.
"""

import secrets
import tempfile
from pathlib import Path

import nbformat
from nbformat.v4 import new_output
from nbgrader import utils
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Integer, Unicode

from .results import number, printable

_SEED = secrets.randbits(32)  # one command grades the whole class on the same inputs


def grade_notebook(notebook, lab, student, seed):
    """The result of one notebook (a NotebookNode) for the lab's folder, graded in the sandbox."""
    from .grade import Lab, grade_submission

    lab = Lab(lab)
    with tempfile.TemporaryDirectory() as submissions, lab.supplies() as package:
        folder = Path(submissions, student)
        path = folder / lab.name / f"{lab.name}.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(notebook, path)
        hide = (lab.folder.parents[1],)
        return grade_submission(folder, lab, seed, package, hide=hide)


class GradeInSandbox(NbGraderPreprocessor):
    """Marks a submission in the sandbox, and writes each mark where nbgrader looks for it."""

    seed = Integer(_SEED, help="seed of the checks' inputs; drawn anew for each command").tag(
        config=True
    )
    solutions = Unicode("solutions", help="the folder that holds each lab's checks").tag(
        config=True
    )
    grade = staticmethod(grade_notebook)

    def preprocess(self, nb, resources):
        """The notebook with marks as the outputs of its check cells, and no other output."""
        about = resources["nbgrader"]
        lab = Path(self.solutions, about["assignment"])
        result = self.grade(nb, lab, about["student"], self.seed)
        questions = {q["id"]: q for q in result["questions"]}
        for cell in nb.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
                if utils.is_grade(cell):
                    question = questions.get(cell.metadata.nbgrader.grade_id)
                    cell.outputs = outputs(question, result["reason"])
        nb.metadata["firstorder"] = {"seed": self.seed, "status": result["status"]}
        return nb, resources


def outputs(question, reason=""):
    """A question's mark as a cell's outputs: what nbgrader reads as partial credit, after the messages."""
    if question is None:
        words, earned = ["The lab's checks know nothing of this question."], 0.0
    else:
        failed = [o["message"] for o in question["outcomes"] if o["message"]]
        words = [reason, "" if failed else question["reason"], *dict.fromkeys(failed)]
        earned = min(float(question["earned"]), float(question["points"]))
        words.append(f"{number(earned)} of {number(question['points'])} points")
    text = printable("\n\n".join(filter(None, words))) + "\n"
    return [
        new_output("stream", name="stdout", text=text),
        new_output("execute_result", data={"text/plain": repr(earned)}, execution_count=None),
    ]
