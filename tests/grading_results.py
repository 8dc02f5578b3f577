"""Results as the grader gives them, for the tests of what is made from them."""

import warnings
from copy import deepcopy

import numpy as np
from conftest import ROOT

from firstorder.grading import values
from firstorder.grading.checks import grade_values, load

LAB = "01_gradient_descent"
LABS = [p.name for p in sorted((ROOT / "solutions").glob("[0-9][0-9]_*")) if p.is_dir()]
BANKS = {lab: load(ROOT / "solutions" / lab, "bank").BANK for lab in LABS}
BANK = BANKS[LAB]

# What a student, or a file that they handed in, can put into a name, a message or code.
HOSTILE = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror='alert(1)'>",
    "</code></pre></main></style><h1>",
    '=HYPERLINK("http://127.0.0.1","x")',
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1+1",
    "＝1+1",
    "a;=1+1,b\n=2",
    "\x1b[2J\x1b]0;title\x07",
    "\u202egnp.exe",
    "\ud800",
    "\x00",
    "{{ 7 * 7 }} ${x} %s {0}",
    "../../etc",
    "Ὀδυσσεύς, O'Neil",
]


def outcome(name, earned, points, message=""):
    return {"property": name, "earned": earned, "points": points, "message": message}


def question(id, outcomes=(), *, manual=False, points=None, status="ok", reason=""):
    return {
        "id": id,
        "earned": sum(o["earned"] for o in outcomes),
        "points": sum(o["points"] for o in outcomes) if points is None else points,
        "manual": manual,
        "status": status,
        "reason": reason,
        "outcomes": list(outcomes),
    }


def result(student="ada", lab=LAB, questions=None, **more):
    """A graded result of three questions: one right, one half right, one to be marked by hand."""
    if questions is None:
        message = "f(x=1) returned 3.\nIt should be two.\nHint: halve it."
        questions = [
            question("closed-form", [outcome("start", 1, 1), outcome("shrinks", 1, 1)]),
            question("best-step", [outcome("step", 1, 1), outcome("rate", 0, 1, message)]),
            question("in-words", manual=True, points=3),
        ]
    return {
        "schema": 1,
        "student": student,
        "lab": lab,
        "seed": 1,
        "status": "graded",
        "reason": "",
        "submission_sha256": "0" * 64,
        "submitted_at": "2026-10-05T12:00:00+00:00",
        "earned": float(sum(q["earned"] for q in questions)),
        "points": float(sum(q["points"] for q in questions)),
        "questions": deepcopy(questions),
        "versions": {"firstorder": "0"},
        **more,
    }


def damaged(student="eve", reason="The file is not JSON."):
    return result(student, questions=[], status="damaged", reason=reason, points=7.0)


def bank_question(id, sample, lab=LAB, seed=1):
    """A result's question, as the answer of a bank's sample earns it."""
    checks = load(ROOT / "solutions" / lab, "checks")
    (question_,) = [q for q in checks.QUESTIONS if q.id == id]
    arguments = question_.inputs(np.random.default_rng(seed))
    with warnings.catch_warnings(action="ignore"):
        namespace = {}
        exec(sample.source, namespace)
        answers = [values.answer(namespace[question_.function], a) for a in arguments]
    graded = grade_values(question_, arguments, answers)
    outcomes = [outcome(o.property, o.earned, o.points, o.message) for o in graded.outcomes]
    return {**question(id, outcomes), "inputs": [list(call) for call in arguments]}
