"""A small lab and notebooks of it, for the tests of grading."""

import json

# For attacks: two questions that everybody answers, and one between them that is attacked.
SMALL_LAB = """
from firstorder.grading.checks import Property, Question, close


def question(id, times):
    says = Property(id + "s", 1, "multiply x", "multiply.", lambda value, x: close(value, times * x))
    inputs = lambda rng: [(float(x),) for x in rng.integers(1, 9, 3)]
    return Question(id, id + "(x)", inputs, (says,))


QUESTIONS = (question("half", 0.5), question("double", 2), question("triple", 3))
TAKEN_AWAY = ("firstorder.rules", "firstorder.theory", "firstorder.problems", "firstorder.simulate")
"""


RIGHT = ["half = lambda x: x / 2", "double = lambda x: 2 * x", "triple = lambda x: 3 * x"]


def small_course(folder):
    """Lay a course with the small lab into a folder; the lab's own folder."""
    home = folder / "solutions" / "small"
    write_notebook(home / "small.ipynb", [])
    (home / "checks.py").write_text(SMALL_LAB)
    (home / "bank.py").write_text("BANK = {}")
    return home


def write_notebook(path, sources):
    """A notebook of code cells, as a student hands it in."""
    cells = [
        {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": s}
        for s in sources
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    )
