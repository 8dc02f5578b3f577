"""nbgrader stays the author's tool: its commands work on this course, with our step in place of its own."""

import csv
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from conftest import ROOT, missing
from grading_results import BANK, HOSTILE, outcome, question

from firstorder.grading import nbgrader_steps, release
from firstorder.grading.checks import load

LAB = "01_gradient_descent"
POINTS = sum(q.points for q in load(ROOT / "solutions" / LAB, "checks").QUESTIONS)
FORGERY = """
import builtins, firstorder.grading, numpy as np
firstorder.grading.check = lambda *a, **k: print("The visible checks pass.")
np.allclose = np.array_equal = builtins.abs = lambda *a, **k: True
get_ipython().ast_transformers.append(object())
"""


def nbgrader(course, *arguments):
    """Run one of nbgrader's commands in the course; what it said."""
    scripts = str(Path(sys.executable).parent)  # nbgrader calls alembic by its name
    environment = {
        **os.environ,
        "PATH": os.pathsep.join([scripts, os.environ["PATH"]]),
        "PYTHONPATH": str(ROOT),
        "JUPYTER_CONFIG_DIR": str(course / ".jupyter"),
    }
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=course,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def hand_in(course, student, change):
    """Hand in the released lab after `change(cells)`, cells by their grade_id."""
    released = nbformat.read(course / "exercises" / LAB / f"{LAB}.ipynb", as_version=4)
    cells = {c.metadata.nbgrader.grade_id: c for c in released.cells if "nbgrader" in c.metadata}
    change(cells)
    path = course / "submitted" / student / LAB / f"{LAB}.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(released, path)


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A copy of the course, released and handed in by four students."""
    if shutil.which("bwrap") is None:
        missing("bubblewrap", "install it (Debian: apt-get install bubblewrap)")
    course = tmp_path_factory.mktemp("course")
    shutil.copyfile(ROOT / "nbgrader_config.py", course / "nbgrader_config.py")
    shutil.copytree(
        ROOT / "solutions" / LAB,
        course / "solutions" / LAB,
        ignore=shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints"),
    )
    nbgrader(course, "generate_assignment", LAB)
    authored = nbformat.read(ROOT / "solutions" / LAB / f"{LAB}.ipynb", as_version=4)
    answers = {c.id: c.source for c in authored.cells if c.id.endswith("-answer")}

    def right(cells):
        for id, source in answers.items():
            cells[id].source = source
        cells["in-words"].source = "A rotation changes no eigenvalue."

    def slip(cells):
        right(cells)
        (mistake,) = [s for s in BANK["closed-form"] if s.name == "drops the sign"]
        cells["closed-form-answer"].source = mistake.source

    def forged(cells):
        for id in answers:
            cells[id].source = FORGERY + cells[id].source
        cells["closed-form"].source = "2.0"
        cells["in-words"].source = "<script>alert(1)</script>"

    hand_in(course, "right", right)
    hand_in(course, "slip", slip)
    hand_in(course, "forger", forged)
    hand_in(course, "silent", lambda cells: None)
    nbgrader(course, "autograde", LAB)
    return course


def gradebook(course):
    from nbgrader.api import Gradebook

    return Gradebook(f"sqlite:///{course / 'gradebook.db'}")


def scores(course):
    with gradebook(course) as book:
        return {s.student.id: s.score for s in book.assignment_submissions(LAB)}


def test_generate_assignment_writes_the_lab_that_make_release_writes(course):
    theirs = nbformat.read(course / "exercises" / LAB / f"{LAB}.ipynb", as_version=4)
    ours = nbformat.read(ROOT / "exercises" / LAB / f"{LAB}.ipynb", as_version=4)
    assert theirs == ours
    assert [p.name for p in (course / "exercises" / LAB).iterdir()] == [f"{LAB}.ipynb"]


def test_autograde_gives_the_marks_of_the_sandbox(course):
    assert scores(course) == {
        "right": POINTS,
        "slip": POINTS - 1,
        "forger": 0,
        "silent": 0,
    }


def test_autograde_leaves_no_check_beside_the_student_s_work(course):
    left = {p.name for p in (course / "autograded").rglob("*") if p.is_file()}
    assert left == {f"{LAB}.ipynb"}


def test_a_mark_by_hand_is_kept_when_the_class_is_graded_again(course):
    def graded(book):
        return book.find_grade("in-words", LAB, LAB, "right")

    with gradebook(course) as book:
        assert graded(book).needs_manual_grade
        graded(book).manual_score = 2.5
        book.db.commit()
    nbgrader(course, "autograde", LAB, "--force")
    with gradebook(course) as book:
        assert graded(book).manual_score == 2.5
        assert graded(book).score == 2.5
    assert scores(course)["right"] == POINTS + 2.5


def test_feedback_says_what_failed_and_shows_no_hidden_check_and_runs_no_script(course):
    nbgrader(course, "generate_feedback", LAB)
    page = (course / "feedback" / "slip" / LAB / f"{LAB}.html").read_text(encoding="utf-8")
    assert "It should let the error change sign at every step" in page
    assert "1 of 2 points" in page
    checks = (ROOT / "solutions" / LAB / "checks.py").read_text(encoding="utf-8").splitlines()
    code = [n.strip() for n in checks if not re.match(r'\s*(f?"|#|from|import)', n)]
    assert not [n for n in code if len(n) > 45 and n in page]
    authored = nbformat.read(ROOT / "solutions" / LAB / f"{LAB}.ipynb", as_version=4)
    answers = {n for n in release.answer_lines(authored) if len(n) > 30}
    silent = (course / "feedback" / "silent" / LAB / f"{LAB}.html").read_text(encoding="utf-8")
    assert not [n for n in answers if n in silent]


def test_export_writes_everybody_s_score(course):
    nbgrader(course, "export")
    with (course / "grades.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    assert rows == scores(course)


# ---------------------------------------------------------------------------------- the step by itself


def step(result, sources=("pass",)):
    """The notebook after our step, with a grade cell for each source."""
    cells = []
    for i, source in enumerate(sources):
        cell = nbformat.v4.new_code_cell(
            source, outputs=[nbformat.v4.new_output("stream", text="x")]
        )
        cell.metadata["nbgrader"] = {"grade": True, "grade_id": f"q{i}", "points": 2}
        cells.append(cell)
    about = {"assignment": LAB, "student": "ada"}
    step = nbgrader_steps.GradeInSandbox(seed=7)
    step.grade = lambda notebook, lab, student, seed: result
    notebook = nbformat.v4.new_notebook(cells=cells)
    return step.preprocess(notebook, {"nbgrader": about})[0]


def read_by_nbgrader(cell):
    from nbgrader.utils import determine_grade

    return determine_grade(cell)[0]


@pytest.mark.parametrize("earned", [0, 0.5, 1.9999999999999998, 2])
def test_nbgrader_reads_back_the_points_that_the_sandbox_gave(earned):
    marked = question("q0", [outcome("p", earned, 2)])
    notebook = step({"status": "graded", "reason": "", "questions": [marked]})
    assert read_by_nbgrader(notebook.cells[0]) == earned


def test_a_submission_that_cannot_be_graded_earns_nothing_and_says_why():
    result = {"status": "damaged", "reason": "two cells are the same", "questions": []}
    result["questions"] = [question("q0", points=2, status="missing")]
    cell = step(result).cells[0]
    assert read_by_nbgrader(cell) == 0
    assert "two cells are the same" in cell.outputs[0].text


def test_a_question_that_the_checks_do_not_know_earns_nothing():
    notebook = step({"status": "graded", "reason": "", "questions": []})
    assert read_by_nbgrader(notebook.cells[0]) == 0


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_a_message_is_text_in_the_notebook_too(text, tmp_path):
    marked = question("q0", [outcome("p", 0, 2, text)])
    notebook = step({"status": "graded", "reason": text, "questions": [marked]})
    nbformat.write(notebook, tmp_path / "x.ipynb")
    assert read_by_nbgrader(notebook.cells[0]) == 0
    assert [o.output_type for o in notebook.cells[0].outputs] == ["stream", "execute_result"]


def test_the_seed_is_written_into_the_graded_notebook():
    notebook = step({"status": "graded", "reason": "", "questions": []})
    assert notebook.metadata.firstorder.seed == 7
