"""From results to what goes out: feedback, tables, and what a regrading changed."""

import csv
import json
import shutil

import pytest
from conftest import ROOT
from grading_results import LAB, damaged, outcome, question, result

from firstorder.grading import publish, term

TERM = f"""
keep = "best"
[late]
per_day = 0.1
free_days = 1
[due]
{LAB} = 2026-10-04T13:00:00Z
[extensions.bob]
{LAB} = 2026-10-09T13:00:00Z
[canvas]
{LAB} = "Lab 1 (77)"
"""


def grades(out):
    with (out / "grades.csv").open(encoding="utf-8", newline="") as file:
        return {row["student"]: float(row["earned"]) for row in csv.DictReader(file)}


def store(out, *results):
    for r in results:
        folder = out / r["student"] / r["lab"]
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "results.json").write_text(json.dumps(r))
    return out


def broken():
    """What the grader writes for a file that it cannot read: every question is there, with nothing."""
    return {**damaged("eve"), "questions": [question("in-words", manual=True, points=3)]}


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A folder with the labs, where a class of three has been graded into out/."""
    for room in ("solutions", "exercises"):
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / room / LAB, tmp_path / room / LAB, ignore=ignore)
    store(tmp_path / "out", result("ada"), result("bob"), broken())
    (tmp_path / "term.toml").write_text(TERM)
    (tmp_path / "roster.csv").write_text("student,canvas_id,email\nada,1,a@example.org\nzoe,2,\n")
    marks = f"lab,student,question,earned\n{LAB},ada,in-words,3\n"
    (tmp_path / "marks.csv").write_text(marks)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments):
    return publish.main([*arguments, "--lab", LAB])


def test_one_command_writes_grades_and_everybody_s_feedback(course, capsys):
    assert run("out") == 0
    assert grades(course / "out") == {"ada": 3, "bob": 3, "eve": 0}
    for student in ("ada", "bob", "eve"):
        assert (course / "out" / student / LAB / "feedback.html").exists()
    assert "eve: damaged: The file is not JSON." in capsys.readouterr().out


def test_marks_deadlines_and_extensions_are_put_on_top_and_the_results_stay_as_they_are(course):
    path = course / "out" / "ada" / LAB / "results.json"
    before = path.read_bytes()
    for _ in range(2):
        assert run("out", "--term", "term.toml", "--marks", "marks.csv") == 0
        assert grades(course / "out") == {"ada": 6, "bob": 3, "eve": 0}
    assert path.read_bytes() == before


def test_the_best_round_counts_where_the_term_says_so(course):
    poor = result("ada", questions=[question("closed-form", [outcome("start", 0, 1)])])
    store(course / "second", poor, result("bob"))
    assert run("out", "second", "--term", "term.toml") == 0
    assert grades(course / "second")["ada"] == 3
    (course / "term.toml").write_text(TERM.replace("best", "latest"))
    later = {**poor, "submitted_at": "2026-10-05T12:30:00+00:00"}
    store(course / "second", later)
    assert run("out", "second", "--term", "term.toml") == 0
    assert grades(course / "second")["ada"] == 0


def test_canvas_moodle_and_gradescope_are_written_when_asked_for(course, capsys):
    words = ["--roster", "roster.csv", "--term", "term.toml"]
    assert run("out", "--format", "canvas,moodle,gradescope", *words) == 0
    assert "Lab 1 (77)" in (course / "out" / "canvas.csv").read_text()
    assert "a@example.org" in (course / "out" / "moodle.csv").read_text()
    assert (course / "out" / "ada" / LAB / "gradescope.json").exists()
    said = capsys.readouterr().out
    assert "not in the roster: bob" in said
    assert "handed in nothing: zoe" in said
    assert "canvas.csv leaves out" in said


def test_after_a_corrected_check_it_says_what_changed_for_whom(course, capsys):
    shutil.copytree(course / "out", course / "before")
    better = result("bob")
    better["questions"][1] = question("best-step", [outcome("step", 1, 1), outcome("rate", 1, 1)])
    store(course / "out", term.total(better))
    assert run("out", "--since", "before", "--marks", "marks.csv") == 0
    said = capsys.readouterr().out
    assert f"bob  {LAB}  best-step: 1 → 2 (rate 0 → 1)" in said
    assert "1 student gained, 0 lost." in said


@pytest.fixture
def handed_in(course):
    """What ada and bob handed in, alike but for their names and words, and eve's broken file."""
    released = json.loads((course / "exercises" / LAB / f"{LAB}.ipynb").read_text())
    own = "\n".join(f"value_{i} = [x * {i} for x in range({i}) if x % 2]" for i in range(9))
    for student, code in [("ada", own), ("bob", own.replace("value", "v")), ("eve", None)]:
        folder = course / "handed_in" / student / LAB
        folder.mkdir(parents=True)
        cells = [*released["cells"], {"cell_type": "code", "source": code, "metadata": {}}]
        for cell in cells:
            if cell["metadata"].get("nbgrader", {}).get("grade_id") == "in-words":
                cell["source"] = f"{student}: <script>alert(1)</script>"
        text = json.dumps({**released, "cells": cells}) if code else "not JSON"
        (folder / f"{LAB}.ipynb").write_text(text)
    return course / "handed_in"


def test_similar_answers_are_looked_for_in_what_was_handed_in(course, handed_in, capsys):
    assert run("out", "--submissions", "handed_in") == 0
    assert "1 pairs share code" in capsys.readouterr().out
    assert "ada and bob" in (course / "out" / "similar.html").read_text()


def test_answers_to_be_marked_are_laid_out_to_read_and_a_list_to_fill_in(course, handed_in, capsys):
    assert run("out", "--submissions", "handed_in") == 0
    assert "2 answers to mark" in capsys.readouterr().out
    page = (course / "out" / "to_mark.html").read_text()
    assert "ada: in-words, 3 points" in page
    assert "ada: &lt;script&gt;alert(1)&lt;/script&gt;" in page
    listed = (course / "out" / "to_mark.csv").read_text()
    (course / "filled.csv").write_text(
        listed.replace('"bob","in-words",""', '"bob","in-words",2.5')
    )
    assert run("out", "--submissions", "handed_in", "--marks", "filled.csv") == 0
    assert grades(course / "out") == {"ada": 3, "bob": 5.5, "eve": 0}
    assert "1 answers to mark" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere"], "no result of"),
        (["out", "--term", "missing.toml"], "missing.toml"),
        (["out", "--roster", "term.toml"], "must name the column student"),
    ],
)
def test_what_cannot_be_used_is_said_in_one_line(course, capsys, arguments, said):
    assert run(*arguments) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("kep = 'best'", "no rule is called 'kep'"),
        ("keep = 'first'", "got 'first'"),
        ("[late]\nper_dya = 1", "per_dya"),
        ("[late]\nper_day = -1", "below zero"),
        ("[due]\nx = 'tomorrow'", "tomorrow"),
        ("[due", "term.toml"),
        ("extensions = 3", "term.toml"),
    ],
)
def test_a_slip_of_the_pen_in_the_term_s_rules_is_refused(course, text, said):
    (course / "term.toml").write_text(text)
    with pytest.raises(term.TermError, match=said):
        term.read_term("term.toml")


def test_an_unknown_format_is_refused_before_anything_is_written(course, capsys):
    with pytest.raises(SystemExit):
        run("out", "--format", "excel")
    assert "known: canvas, moodle, gradescope" in capsys.readouterr().err
