# ruff: noqa: E501 (a notebook is easier to read in one line)
"""Grading a class: every submission ends in a result, and the marks are right, the same, and kept."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import pytest
from classroom import RIGHT, small_course, write_notebook
from conftest import ROOT
from test_labs import BANKS, LABS

from firstorder.__main__ import main
from firstorder.grading import sandbox, submission, visible
from firstorder.grading.checks import Property, Question
from firstorder.grading.driver import python_of
from firstorder.grading.grade import (
    Lab,
    _question,
    _Record,
    grade_all,
    grade_submission,
    read_result,
)
from firstorder.grading.sandbox import Limits, SandboxMissing
from firstorder.grading.submission import Damaged
from firstorder.grading.supplies import supply

LIMITS = Limits(call=1, question=2, cell=2, grace=1, total=20)


@pytest.fixture
def course(tmp_path):
    """A course with the small lab: a function that hands in notebooks, and the folder."""
    small_course(tmp_path)
    (tmp_path / "submissions").mkdir()
    return tmp_path


def hand_in(course, student, sources=RIGHT):
    path = course / "submissions" / student / "small" / "small.ipynb"
    write_notebook(path, sources)
    return path


def marks(results):
    """What each student earned in each question."""
    return {r["student"]: {q["id"]: q["earned"] for q in r["questions"]} for r in results}


def grade_small(course, **more):
    more = {"seed": 1, "workers": 2, "limits": LIMITS, **more}
    return grade_all(course / "submissions", course / "solutions" / "small", course / "out", **more)


def grade_cells(small, tmp_path, cells, **more):
    """{question: its entry} of a notebook with these cells."""
    _, lab, packages = small
    write_notebook(tmp_path / "ada" / "small" / "small.ipynb", cells)
    result = grade_submission(tmp_path / "ada", lab, 1, packages, limits=LIMITS, **more)
    assert result["status"] == "graded"
    return {q["id"]: q for q in result["questions"]}


# ---------------------------------------------------------------------- right answers of other kinds


@pytest.mark.parametrize(
    ("way", "cells"),
    [
        ("in one cell", ["\n".join(RIGHT)]),
        ("in another order", RIGHT[::-1]),
        ("with a helper below", ["half = lambda x: by(x, 0.5)", *RIGHT[1:], "by = lambda x, n: n * x"]),
        ("answered twice, rightly in the end", ["half = lambda x: 0", *RIGHT]),
        ("with prints and warnings", ["import sys, warnings\ndef half(x):\n    print('x' * 10**6)\n"
         "    print('y', file=sys.stderr)\n    warnings.warn('z')\n    return x / 2", *RIGHT[1:]]),
        ("with a cell that fails", ["1 / 0", *RIGHT, "undefined"]),
        ("with a cell that is no Python", ["this is not Python", *RIGHT]),
        ("with magics", ["%matplotlib inline\n!ls\nhalf = lambda x: x / 2", "%%time\n" + RIGHT[1], "%%html\n<b>",
         "len?\ny = %timeit -o 1\n" + RIGHT[2]]),
        ("with display", ["display(1)\nget_ipython().run_line_magic('x', '')", *RIGHT]),
        ("with a picture", [*RIGHT[:2], "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()\n" + RIGHT[2]]),
        ("with input of the terminal", ["input()", *RIGHT]),
        ("with an exit", [*RIGHT, "exit()", "raise SystemExit"]),
        ("as objects that can be called", ["class Times:\n    def __init__(self, n): self.n = n\n"
         "    def __call__(self, x): return self.n * x\nhalf, double, triple = Times(.5), Times(2), Times(3)"]),
        ("as arrays of no dimension", ["import numpy as np\nhalf = lambda x: np.array(x / 2)\n"
         "double = lambda x: np.float32(2 * x)", RIGHT[2]]),
        ("with a data class and a thread", ["from dataclasses import dataclass\n@dataclass\nclass A:\n"
         "    x: float", "import threading\nt = threading.Thread(target=print)\nt.start()\nt.join()", *RIGHT]),
        ("with an endless cell at the end", [*RIGHT, "while True: pass"]),
        ("with a cell that kills", ["import os\nos._exit(1)", *RIGHT, "import os\nos._exit(1)"]),
        ("with temporary files", ["open('notes', 'w').write('x')\nassert open('notes').read()", *RIGHT]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_right_answers_earn_every_point_however_they_are_written(small, tmp_path, way, cells):
    questions = grade_cells(small, tmp_path, cells)
    assert [(q["earned"], q["status"], q["reason"]) for q in questions.values()] == [
        (1, "ok", "")
    ] * 3


def test_the_real_package_minus_what_the_lab_asks_for_is_at_hand(small, tmp_path):
    cells = [
        "import firstorder\nfrom firstorder.simulate import worst_factor\nfrom firstorder.rules import RULES\n"
        "from firstorder.grading import check\ncheck(lambda x: x, (1.0,), gives=1.0, says='', hint='')\n"
        "half = lambda x: x / 2",
        "def double(x): return worst_factor([x], 1.0, 2.0)",
        "def triple(x): return RULES['gd']",
    ]
    questions = grade_cells(small, tmp_path, cells)
    assert [q["earned"] for q in questions.values()] == [1, 0, 0]
    for id, name in (("double", "simulate.worst_factor"), ("triple", "rules.RULES")):
        assert f"firstorder.{name} is not at hand in this lab" in questions[id]["reason"]


def test_a_package_is_taken_away_with_all_its_modules(tmp_path):
    supply(tmp_path, ("firstorder.training",))
    left = {path.read_text() for path in (tmp_path / "firstorder" / "training").glob("*.py")}
    assert len(left) == 1
    assert "Missing(" in left.pop()
    assert "Missing" not in (tmp_path / "firstorder" / "rules.py").read_text()


# ------------------------------------------------------------------------------- points of each question


def test_what_one_question_does_costs_no_other_its_points(small, tmp_path):
    for source, status in {
        "def double(x):\n    while True: pass": "timeout",
        "import os\ndef double(x): os._exit(3)": "killed",
        "def double(x): return bytearray(10**11)": "memory",
        "def double(x): raise ValueError('no')": "error",
        "def duoble(x): return 2 * x": "missing",
    }.items():
        questions = grade_cells(small, tmp_path, [RIGHT[0], source, RIGHT[2]])
        assert [q["earned"] for q in questions.values()] == [1, 0, 1]
        assert questions["double"]["status"] == status
        assert questions["double"]["reason"]
        assert questions["double"]["outcomes"][0]["message"]


def test_a_missing_function_names_the_cell_that_failed(small, tmp_path):
    questions = grade_cells(small, tmp_path, [*RIGHT[:2], "def triple(x) return 3"])
    assert "cell 3: SyntaxError" in questions["triple"]["reason"]


def test_answers_given_before_a_question_is_killed_count():
    late = Property("late", 1, "", "", lambda value, x: value == x, lambda x: x == 2)
    soon = Property("soon", 1, "", "", lambda value, x: value == x, lambda x: x == 1)
    question = Question("q", "f(x)", None, (soon, late))
    record = _Record({"cells": [], "questions": [{"id": "q", "calls": [[1], [2]]}]})
    for line in ('["question", "q"]', '["answer", "q", 0, {"value": 1}]'):
        record.take(line)
    record.blame("took too long")
    entry = _question(question, [[1], [2]], record)
    assert (entry["earned"], entry["status"]) == (1, "timeout")


def test_a_judge_that_fails_costs_its_question_and_not_the_class(small, tmp_path, monkeypatch):
    _, lab, _ = small

    def broken(value, x):
        raise KeyError("author")

    half = lab.questions[0]
    bad = Question(half.id, half.signature, half.inputs, (Property("p", 1, "", "", broken),))
    monkeypatch.setattr(lab, "questions", (bad, *lab.questions[1:]))
    questions = grade_cells(small, tmp_path, RIGHT)
    assert [q["earned"] for q in questions.values()] == [0, 1, 1]
    assert "cannot be judged (KeyError)" in questions["half"]["reason"]


def test_a_line_counts_only_where_it_is_expected_and_once():
    record = _Record({"cells": [[1, ""]], "questions": [{"id": "q", "calls": [[1]]}]})
    for line in (
        b'["answer", "q", 0, {"value": 1}]',  # no question is open
        b'["done", "q", ""]',
        b'["question", "other"]',
        b'["question", "q"]',
        b'["answer", "q", 5, {"value": 1}]',
        b'["answer", "q", -1, {"value": 1}]',
        b'["answer", "q", 0, {"value": 2}]',
        b'["answer", "q", 0, {"value": 3}]',  # the second answer to one call
        b'["cell", 1]',  # the cells are over
        b'["_init__", {"cells": [], "questions": []}]',
        b'["begin"]',
        b'["blame", "x"]',
    ):
        record.take(line)
    assert record.answers == {"q": [{"value": 2}]}
    assert record.open == ("question", "q")
    assert record.how == record.errors == {}


# ------------------------------------------------------------------------------------- damaged input


def _notebook(**changes):
    text = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **changes}
    return json.dumps(text).encode()


def _code(source="half = 1", **more):
    return {"cell_type": "code", "metadata": {}, "source": source, **more}


DAMAGED = {
    "empty": (b"", "the file is empty"),
    "white": (b" \n", "the file is empty"),
    "not-json": (b"half", "not JSON"),
    "cut-off": (_notebook(cells=[_code()])[:-20], "not JSON"),
    "a-page": (b"<!DOCTYPE html><html>half</html>", "not JSON"),
    "latin": ("half ü".encode("latin-1"), "no UTF-8"),
    "binary": (bytes(range(256)), "no UTF-8"),
    "nested": (b"[" * 100_000, "not JSON"),
    "a-list": (b"[1, 2]", "not a notebook"),
    "a-number": (b"1", "not a notebook"),
    "old": (_notebook(nbformat=3, worksheets=[]), "format is 3, not 4"),
    "no-format": (b'{"cells": []}', "format is None"),
    "no-cells": (_notebook(cells=None), "no list of cells"),
    "odd-cells": (_notebook(cells=[1, 2]), "no list of cells"),
    "odd-source": (_notebook(cells=[_code(source={"a": 1})]), "cell 1 of the notebook holds no text"),
    "in-r": (_notebook(cells=[_code()], metadata={"language_info": {"name": "R"}}), "written in r"),
    "other-lab": (_notebook(cells=[_code("other = 1")]), "none of the functions of small"),
    "no-code": (_notebook(), "none of the functions of small"),
    "huge-code": (_notebook(cells=[_code("half = 1\n" * 200_000)]), "characters of code"),
}  # fmt: skip


@pytest.mark.parametrize("kind", DAMAGED)
def test_a_damaged_notebook_is_refused_with_a_plain_reason(kind):
    data, reason = DAMAGED[kind]
    with pytest.raises(Damaged, match=reason):
        submission.parse(data, "small", ["half"])


@pytest.mark.parametrize(
    "metadata",
    [{}, None, [], {"kernelspec": None}, {"kernelspec": {"name": "unknown"}}, {"language_info": 3}],
    ids=str,
)
def test_a_notebook_that_names_no_kernel_is_graded(metadata):
    data = _notebook(cells=[_code()], metadata=metadata)
    assert submission.parse(data, "small", ["half"]).cells == ((1, "half = 1"),)


def test_odd_but_readable_notebooks_are_read():
    cells = [
        _code(["ha", "lf = 1"]),
        {"cell_type": "markdown", "source": "half"},
        {"cell_type": "code"},
        _code("\ud800"),
        _code("x", outputs=[{"data": "y" * 10_000_000}], metadata=None),
        _code("x", metadata={"nbgrader": 3}),
        _code("x", metadata={"nbgrader": {"grade_id": "twice"}}),
        _code("x", metadata={"nbgrader": {"grade_id": "twice"}}),
    ]
    read = submission.parse(b"\xef\xbb\xbf" + _notebook(cells=cells), "small", ["half"])
    assert [number for number, _ in read.cells] == [1, 3, 4, 5, 6, 7, 8]
    assert [source for _, source in read.cells[:3]] == ["half = 1", "", "?"]
    assert read.notes == ("cells that occur more than once (the last one counts): twice",)


def _marked(id, source, **more):
    """The cell of an answer, as nbgrader marks it."""
    return _code(source, metadata={"nbgrader": {"grade_id": id, "solution": True}}, **more)


ANSWERS = [_marked(*answer) for answer in zip(("half", "double", "triple"), RIGHT, strict=True)]

# Notebooks that were damaged, but can be graded: what they earn, and what is said to the student.
ODD = {
    "no-kernel": ({"cells": ANSWERS, "metadata": {"kernelspec": {}}}, 3, ""),
    "no-metadata": ({"cells": ANSWERS, "metadata": None}, 3, ""),
    "twice": ({"cells": [*ANSWERS, _marked("half", "half = 1")]}, 2, "more than once (the last one counts): half"),
    "one-missing": ({"cells": ANSWERS[1:]}, 2, "no function of this name is there"),
    "split": (
        {"cells": [_marked("half", "def half(x):"), _code("    return x / 2"), *ANSWERS[1:]]}, 2, "cell 1: IndentationError",
    ),
    "reordered": ({"cells": ANSWERS[::-1]}, 3, ""),
    "reordered-in-vain": (
        {"cells": [_code("half = times(0.5)"), *ANSWERS[1:], _code("def times(n): return lambda x: n * x")]}, 2,
        "cell 1: NameError: name 'times' is not defined",
    ),
    "huge-outputs": ({"cells": [{**a, "outputs": [{"text": "y" * 5_000_000}]} for a in ANSWERS]}, 3, ""),
}  # fmt: skip


def _handed_in_oddly(course):
    """Hand in what is no notebook, or lies in another place; {student: why it cannot be graded}."""
    submissions = course / "submissions"
    hand_in(course, "renamed").rename(submissions / "renamed" / "small" / "Copy of small (1).ipynb")
    hand_in(course, "in-no-folder").rename(submissions / "in-no-folder" / "lab.ipynb")
    two = hand_in(course, "two")
    shutil.copy(two, two.with_name("a.ipynb"))
    two.rename(two.with_name("b.ipynb"))
    (submissions / "nothing").mkdir()
    right = hand_in(course, "right")
    hand_in(course, "link").unlink()
    (submissions / "link" / "small" / "small.ipynb").symlink_to(right)
    (submissions / "folder-link").mkdir()
    (submissions / "folder-link" / "small").symlink_to(right.parent)
    hand_in(course, "pipe").unlink()
    os.mkfifo(submissions / "pipe" / "small" / "small.ipynb")
    hand_in(course, "a-folder").unlink()
    (submissions / "a-folder" / "small" / "small.ipynb").mkdir()
    with open(hand_in(course, "huge"), "wb") as file:
        file.truncate(submission.MAX_BYTES + 1)
    (submissions / "stray.txt").write_text("not a student")
    return {
        "two": "there are several: a.ipynb, b.ipynb",
        "nothing": "no notebook was handed in",
        "link": "is a link and not a file",
        "folder-link": "is a link and not a file",
        "pipe": "is not a plain file",
        "a-folder": "is not a plain file",
        "huge": "50 MB, and 50 are allowed",
    }


def test_a_class_of_three_hundred_damaged_in_every_way_is_graded_to_the_end_and_every_file_kept(
    course, bubblewrap
):
    damaged = _handed_in_oddly(course)
    for kind, (data, reason) in DAMAGED.items():
        for n in range(14):  # what cannot be read starts no sandbox, and so costs no time
            hand_in(course, f"{kind}-{n}").write_bytes(data)
            damaged[f"{kind}-{n}"] = reason
    for kind, (changes, _, _) in ODD.items():
        hand_in(course, kind).write_bytes(_notebook(**changes))
    right = {"right", "renamed", "in-no-folder"}
    for n in range(300 - len(damaged) - len(ODD) - len(right)):
        hand_in(course, f"right-{n}")
        right.add(f"right-{n}")
    submissions = course / "submissions"
    files = {
        p: (p.read_bytes(), p.stat().st_mtime_ns)
        for p in submissions.rglob("*")
        if p.is_file() and p.stat().st_size < submission.MAX_BYTES
    }

    results = {r["student"]: r for r in grade_small(course)}

    assert len(results) == 300
    assert {p: (p.read_bytes(), p.stat().st_mtime_ns) for p in files} == files
    assert {s for s, r in results.items() if r["status"] == "damaged"} == set(damaged)
    for student, reason in damaged.items():
        assert reason in results[student]["reason"]
        assert results[student]["earned"] == 0
    assert {s for s, r in results.items() if r["status"] == "graded"} == right | set(ODD)
    assert [results[s]["earned"] for s in right] == [3] * len(right)
    assert "Copy of small (1).ipynb" in results["renamed"]["notes"][0]
    for kind, (_, earned, said) in ODD.items():
        assert results[kind]["earned"] == earned, kind
        reasons = [q["reason"] for q in results[kind]["questions"]]
        assert said in " ".join([*results[kind]["notes"], *reasons])
    for student, result in results.items():
        assert read_result(course / "out" / student / "small" / "results.json") == result
        assert result["points"] == 3
        assert result["reason"] or result["status"] == "graded"


# --------------------------------------------------------------------- the same marks, and nothing twice


def _mixed(course):
    for n in range(6):
        hand_in(
            course,
            f"s{n}",
            [s if (n >> i) & 1 else "1 / 0" for i, s in enumerate(RIGHT)] + ["half"],
        )


def test_the_marks_are_the_same_with_one_worker_or_eight(course, bubblewrap):
    _mixed(course)
    one = grade_small(course, workers=1)
    shutil.rmtree(course / "out")
    assert grade_small(course, workers=8) == one
    assert len({tuple(m.values()) for m in marks(one).values()}) == 6


def test_the_inputs_are_those_of_the_seed_and_recorded(course, bubblewrap):
    hand_in(course, "ada")
    first = grade_small(course, seed=1)[0]["questions"]
    other = grade_small(course, seed=2)[0]["questions"]
    assert grade_small(course, seed=1)[0]["questions"] == first
    assert [q["inputs"] for q in first] != [q["inputs"] for q in other]
    assert all(len(q["inputs"]) == 3 for q in first)


def test_a_seed_that_was_drawn_is_kept_for_the_next_run(course, bubblewrap):
    hand_in(course, "ada")
    one = grade_small(course, seed=None)
    hand_in(course, "bob")
    two = grade_small(course, seed=None)
    assert {r["seed"] for r in one + two} == {one[0]["seed"]}


def test_variants_give_each_student_other_inputs_and_the_same_ones_again(course, bubblewrap):
    hand_in(course, "ada")
    hand_in(course, "bob")
    ada, bob = grade_small(course, variants=True)
    assert ada["questions"][0]["inputs"] != bob["questions"][0]["inputs"]
    assert (ada["earned"], bob["earned"]) == (3, 3)
    shutil.rmtree(course / "out")
    assert grade_small(course, variants=True) == [ada, bob]


def test_begun_again_it_grades_only_what_is_new(course, bubblewrap):
    for student in ("ada", "bob", "eve"):
        hand_in(course, student)
    seen = []
    grade_small(course, each=lambda r: seen.append(r["student"]))
    assert sorted(seen) == ["ada", "bob", "eve"]
    seen.clear()
    grade_small(course, each=lambda r: seen.append(r["student"]))
    assert seen == []
    hand_in(course, "bob", RIGHT[:2])
    (course / "out" / "eve" / "small" / "results.json").write_text('{"half": ')
    results = grade_small(course, each=lambda r: seen.append(r["student"]))
    assert sorted(seen) == ["bob", "eve"]
    assert [r["earned"] for r in results] == [3, 2, 3]
    seen.clear()
    checks = course / "solutions" / "small" / "checks.py"
    checks.write_text(checks.read_text() + "\n# corrected\n")
    grade_small(course, each=lambda r: seen.append(r["student"]))
    assert sorted(seen) == ["ada", "bob", "eve"]


def test_a_grader_that_is_killed_leaves_whole_results_and_no_process(course, bubblewrap):
    for n in range(8):
        hand_in(course, f"s{n}", [*RIGHT, "import time\ntime.sleep(0.6)"])
    command = [sys.executable, "-m", "firstorder", "grade", course / "submissions"]
    command += ["--lab", course / "solutions" / "small", "--out", course / "out"]
    command += ["--seed", "1", "--workers", "1"]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, cwd=ROOT)
    results = course / "out"
    while len(list(results.glob("*/small/results.json"))) < 2:
        time.sleep(0.05)
        assert process.poll() is None
    while not (started := _descendants(process.pid)):
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    done = {p: p.read_bytes() for p in results.glob("*/small/results.json")}
    assert 2 <= len(done) < 8
    assert all(read_result(p)["earned"] == 3 for p in done)
    deadline = time.monotonic() + 5
    while any(map(_run, started)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(_run, started))
    seen = []
    again = grade_small(course, each=lambda r: seen.append(r["student"]))
    assert sorted(seen) == sorted({f"s{n}" for n in range(8)} - {p.parts[-3] for p in done})
    assert {p: p.read_bytes() for p in done} == done
    assert [r["earned"] for r in again] == [3] * 8


def _descendants(pid):
    found = [pid]
    for process in found:
        found += sandbox._children(process)
    return found[1:]


def _run(pid):
    """Whether a process runs: neither gone nor waiting to be buried."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


# --------------------------------------------------------------------------------------- no sandbox


def test_without_bubblewrap_nothing_is_run_and_the_reason_says_what_to_do(course, monkeypatch):
    hand_in(course, "ada", ["open('/tmp/ran', 'w')", *RIGHT])
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(SandboxMissing, match="apt-get install bubblewrap"):
        grade_small(course)
    assert not list((course / "out").glob("*/*/results.json"))


def test_a_sandbox_that_does_not_start_is_said_with_its_own_words(course, monkeypatch, bubblewrap):
    hand_in(course, "ada")
    monkeypatch.setattr(sandbox, "_bwrap", lambda *a: ["bwrap", "--no-such-option"])
    with pytest.raises(SandboxMissing, match="Unknown option --no-such-option"):
        grade_small(course)


def test_unsafe_grading_warns_of_what_it_means_and_still_limits_time(course, capsys):
    hand_in(course, "ada")
    hand_in(course, "eve", [RIGHT[0], "def double(x):\n    while True: pass", RIGHT[2]])
    results = grade_small(course, unsafe=True)
    assert marks(results)["ada"] == {"half": 1, "double": 1, "triple": 1}
    assert marks(results)["eve"] == {"half": 1, "double": 0, "triple": 1}
    status = main(
        ["grade", str(course / "submissions"), "--lab", str(course / "solutions" / "small"),
         "--out", str(course / "out"), "--seed", "1", "--unsafe-no-sandbox"]
    )  # fmt: skip
    assert status == 0
    assert "Students' code runs as you" in capsys.readouterr().err


# ------------------------------------------------------------------------------------ the command line


def test_firstorder_grade_writes_the_table_and_says_by_its_status_how_it_went(
    course, capsys, bubblewrap
):
    hand_in(course, "ada")
    command = ["grade", str(course / "submissions"), "--lab", str(course / "solutions" / "small")]
    command += ["--out", str(course / "out")]
    assert main(command) == 0
    hand_in(course, "bob").write_bytes(b"")
    assert main(command) == 1
    lines = (course / "out" / "grades.csv").read_text().splitlines()
    assert len(lines) == 3
    assert "ada" in lines[1].split(",")[0]
    assert "bob" in lines[2].split(",")[0]
    assert main(["grade", str(course / "none"), *command[2:]]) == 2
    assert "is no folder" in capsys.readouterr().err
    assert main([*command[:3], str(course / "none"), *command[4:]]) == 2
    assert "is no lab" in capsys.readouterr().err


def test_firstorder_check_counts_the_visible_checks(capsys):
    path = ROOT / "solutions" / "01_gradient_descent" / "01_gradient_descent.ipynb"
    ours, backend = sys.modules["__main__"], os.environ.get("MPLBACKEND")
    assert main(["check", str(path)]) == 0
    assert "visible checks passed: 7 of 7; hidden checks decide the rest" in capsys.readouterr().out
    assert sys.modules["__main__"] is ours
    assert os.environ.get("MPLBACKEND") == backend  # what comes after may show its pictures


def test_firstorder_check_says_what_a_failed_check_says(tmp_path, capsys):
    released = ROOT / "exercises" / "01_gradient_descent" / "01_gradient_descent.ipynb"
    notebook = json.loads(released.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if cell["id"] == "closed-form-answer":
            cell["source"] = "def error_after(x0, alpha, lambda_, k): return x0"
    path = tmp_path / "mine.ipynb"
    path.write_text(json.dumps(notebook))
    assert main(["check", str(path)]) == 1
    said = capsys.readouterr().out
    assert "It should halve the error three times" in said
    assert "visible checks passed: 0 of 7; hidden checks decide the rest" in said


@pytest.mark.parametrize("data", [b"", b"{", _notebook(cells=[_code()])])
def test_firstorder_check_says_plainly_what_is_no_lab(tmp_path, data, capsys):
    path = tmp_path / "lab.ipynb"
    path.write_bytes(data)
    assert main(["check", str(path)]) == 2
    assert capsys.readouterr().err.strip()


def test_a_check_that_fails_for_what_came_before_says_so(tmp_path):
    check = _code("assert half(2) == 1", metadata={"nbgrader": {"grade": True, "grade_id": "half"}})
    path = tmp_path / "lab.ipynb"
    path.write_bytes(_notebook(cells=[_code("def half(x) return 1"), check]))
    (said,) = visible.run_checks(path).values()
    assert "name 'half' is not defined" in said
    assert "Before it, cell 1 raised SyntaxError" in said


def test_a_line_that_only_looks_like_a_magic_stays():
    assert python_of("x = (7\n% 4)") == "x = (7\n% 4)"
    assert python_of("text = '''\n%matplotlib\n'''") == "text = '''\n%matplotlib\n'''"


# ------------------------------------------------------------------ every lab's bank in the sandbox

BANK_ROWS = [
    (lab, row)
    for lab in LABS
    for row in range(max(len(samples) for samples in BANKS[lab].values()))
]


@pytest.fixture(scope="module")
def supplied(bubblewrap):
    """Each lab with the folder of its supplies, made once."""
    with ExitStack() as stack:
        labs = {path: Lab(path) for path in LABS}
        yield {path: (lab, stack.enter_context(lab.supplies())) for path, lab in labs.items()}


@pytest.mark.parametrize(
    ("path", "row"), BANK_ROWS, ids=lambda value: getattr(value, "name", str(value))
)
def test_each_answer_of_a_bank_loses_in_the_sandbox_exactly_what_it_misses(
    supplied, tmp_path, path, row
):
    lab, packages = supplied[path]
    samples = {id: bank[row % len(bank)] for id, bank in BANKS[path].items()}
    notebook = tmp_path / "ada" / lab.name / f"{lab.name}.ipynb"
    write_notebook(notebook, [sample.source for sample in samples.values()])
    result = grade_submission(tmp_path / "ada", lab, row, packages)
    for question in [q for q in result["questions"] if not q["manual"]]:
        sample = samples[question["id"]]
        lost = {o["property"] for o in question["outcomes"] if o["earned"] < o["points"]}
        assert lost == sample.loses, (sample.name, question["reason"])


@pytest.mark.parametrize("path", LABS, ids=lambda path: path.name)
def test_the_authors_own_lab_earns_every_point_in_the_sandbox(supplied, tmp_path, path):
    lab, packages = supplied[path]
    (tmp_path / "ada" / lab.name).mkdir(parents=True)
    shutil.copy(path / f"{path.name}.ipynb", tmp_path / "ada" / lab.name)
    result = grade_submission(tmp_path / "ada", lab, 1, packages)
    assert [
        (q["id"], q["reason"]) for q in result["questions"] if not q["manual"] and q["reason"]
    ] == []
    by_hand = sum(q["points"] for q in result["questions"] if q["manual"])
    assert result["earned"] == result["points"] - by_hand
