"""The tables that leave the grader, and the pairs of similar answers."""

import csv
import json
import time

import pytest
from grading_results import HOSTILE, LAB, damaged, outcome, question, result

from firstorder.grading import reports
from firstorder.grading.term import Student

ROSTER = {
    "ada": Student("ada", "Ada L", "ada@example.org", "11", "s-1", "al", "A", "m1"),
    "bob": Student("bob", "Bob", "bob@example.org"),
}


def read(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_grades_csv_has_a_line_for_every_result_and_a_column_for_every_question(tmp_path):
    path = tmp_path / "grades.csv"
    reports.grades_csv([damaged(), result()], path)
    head, ada, eve = read(path)
    by_name = dict(zip(head, ada, strict=True))
    assert by_name["earned"] == "3.0"
    assert by_name["best-step"] == "1"
    assert dict(zip(head, eve, strict=True))["reason"] == "The file is not JSON."


def test_a_question_that_nobody_has_marked_yet_is_blank_and_counted(tmp_path):
    path = tmp_path / "grades.csv"
    reports.grades_csv([result()], path)
    head, ada = read(path)
    by_name = dict(zip(head, ada, strict=True))
    assert (by_name["in-words"], by_name["to_mark_by_hand"]) == ("", "1")


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_no_cell_of_any_table_is_a_formula(tmp_path, text):
    roster = {text: Student(text, text, text, text, text, text, text, text)}
    results = [result(text, reason=text)]
    reports.grades_csv(results, tmp_path / "grades")
    reports.canvas_csv(results, roster, tmp_path / "canvas", text)
    reports.moodle_csv(results, roster, tmp_path / "moodle", text)
    for name in ("grades", "canvas", "moodle"):
        for row in read(tmp_path / name):
            assert not [c for c in row if c.strip()[:1] in tuple("=+-@＝＋－＠\t\r") and c.strip()]
            assert not [c for c in row if set(c) & set("\x00\x07\x1b\n\u202e")]
        # Text stays in its cell where a semicolon is the separator, too.
        raw = (tmp_path / name).read_text(encoding="utf-8").splitlines()
        for line in csv.reader(raw, delimiter=";"):
            assert not [c for c in line if c.startswith("=")]


def test_a_negative_number_stays_a_number(tmp_path):
    reports.write_csv(tmp_path / "x", [[-1.5]])
    assert (tmp_path / "x").read_text() == "-1.5\n"


def test_canvas_gets_the_columns_that_its_importer_asks_for(tmp_path):
    path = tmp_path / "canvas.csv"
    left_out = reports.canvas_csv([result(), result("bob"), result("zoe")], ROSTER, path, "Lab (7)")
    head, points, ada = read(path)
    assert head == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Lab (7)"]
    assert points[0] == "    Points Possible"
    assert points[5] == "7.0"
    assert ada == ["Ada L", "11", "s-1", "al", "A", "3.0"]
    assert left_out == ["bob", "zoe"]


def test_canvas_and_moodle_files_hold_one_lab_only(tmp_path):
    both = [result(), result(lab="03_momentum")]
    for write in (reports.canvas_csv, reports.moodle_csv):
        with pytest.raises(ValueError, match="one file holds one lab"):
            write(both, ROSTER, tmp_path / "x")


def test_moodle_gets_the_address_the_grade_and_the_points_of_each_question(tmp_path):
    path = tmp_path / "moodle.csv"
    left_out = reports.moodle_csv([result(), result("zoe")], ROSTER, path, "Lab 1")
    assert read(path) == [
        ["Email address", "Lab 1", "Lab 1 (Feedback)"],
        [
            "ada@example.org",
            "3.0",
            "closed-form 2/2, best-step 1/2, in-words still to be marked",
        ],
    ]
    assert left_out == ["zoe"]


def test_moodle_gets_no_line_without_what_identifies_the_student(tmp_path):
    left_out = reports.moodle_csv([result("bob")], ROSTER, tmp_path / "x", by="moodle_id")
    assert left_out == ["bob"]
    assert len(read(tmp_path / "x")) == 1


def test_gradescope_gets_a_test_for_each_question_with_its_messages(tmp_path):
    path = tmp_path / "results.json"
    reports.gradescope_json(result(late={"days": 2, "penalty": 1.4}), path)
    content = json.loads(path.read_text())
    assert content["score"] == 3.0
    assert content["output"] == "2 days late: 1.4 points less."
    assert [(t["name"], t["score"], t["max_score"], t.get("status")) for t in content["tests"]] == [
        ("closed-form", 2, 2, "passed"),
        ("best-step", 1, 2, "failed"),
        ("in-words", 0, 3, None),
    ]
    assert "Hint: halve it." in content["tests"][1]["output"]
    assert content["tests"][2]["output"] == "A person marks this question."


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_gradescope_gets_plain_text_whatever_came(tmp_path, text):
    questions = [question("q", [outcome("p", 0, 1, text)], reason=text)]
    reports.gradescope_json(result(questions=questions, reason=text), tmp_path / "x")
    content = json.loads((tmp_path / "x").read_text(encoding="utf-8"))
    assert content["tests"][0]["output_format"] == "text"
    assert not set(content["output"] + content["tests"][0]["output"]) & set("\x00\x1b\ud800")


def test_the_summary_says_what_the_class_lost_and_whom_to_look_at():
    said = reports.summary_table([result(), result("bob"), damaged()])
    assert "3 submissions, 2 graded." in said
    assert "median 3, mean 3, from 3 to 3 of 7" in said
    assert "best-step" in said
    assert "rate (2)" in said
    assert "in-words" in said
    assert "to be marked by hand" in said
    assert "eve: damaged: The file is not JSON." in said


def test_the_summary_of_nothing_is_no_error():
    assert reports.summary_table([]) == "0 submissions, 0 graded."


def test_the_summary_cannot_drive_a_terminal():
    said = reports.summary_table([damaged("\x1b[2J\nall: 100", "\x1b]0;x\x07")])
    assert "\x1b" not in said
    assert len(said.splitlines()) == 2


# ------------------------------------------------------------------------------------ similar answers

SKELETON = "def descent(A, b, w0, alpha, steps):\n    raise NotImplementedError()\n"
ONE = """
def descent(A, b, w0, alpha, steps):
    history = [w0]
    for turn in range(steps):
        slope = A @ history[-1] - b
        if np.linalg.norm(slope) > 1e9:
            raise OverflowError("this went wrong")
        history.append(history[-1] - alpha * slope)
    return np.array(history)
"""
TWO = """
def descent(A, b, w0, alpha, steps):
    out = np.zeros((steps + 1, len(w0))); out[0] = w0
    k = 0
    while k < steps:
        out[k + 1, :] = out[k, :] - alpha * (A.dot(out[k, :]) - b); k += 1
    return out
"""


def renamed(source):
    for old, new in [
        ("history", "path_"),
        ("turn", "i"),
        ("slope", "gradient"),
        ("went wrong", "x"),
    ]:
        source = source.replace(old, new)
    return f"# my own work\n{source}"


def test_a_copy_with_other_names_and_comments_is_found_first(tmp_path):
    sources = {"ada": ONE, "bob": TWO, "eve": renamed(ONE)}
    first, *rest = reports.similarity(sources, tmp_path / "similar.html", SKELETON)
    assert (first.first, first.second) == ("ada", "eve")
    assert min(first.share_first, first.share_second) > 0.85
    assert all(max(p.share_first, p.share_second) < 0.5 for p in rest)
    text = (tmp_path / "similar.html").read_text()
    assert "not proof" in text
    assert "ada and eve" in text


def test_what_the_released_lab_gave_counts_for_nothing(tmp_path):
    sources = {"ada": ONE, "bob": ONE}
    assert reports.similarity(sources, tmp_path / "x", skeleton=ONE) == []


def test_what_nearly_everybody_wrote_counts_for_nothing(tmp_path):
    sources = {f"s{i}": ONE for i in range(12)}
    assert reports.similarity(sources, tmp_path / "x") == []
    assert len(reports.similarity(sources, tmp_path / "x", common=12)) == 66


def test_only_cells_that_the_release_does_not_hold_are_a_student_s_own():
    given = ["import numpy", "def f():\n    raise NotImplementedError()"]
    mine = ["import numpy\n", "def f():\n    return 1", " "]
    assert reports.own_code(mine, given) == "def f():\n    return 1"


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_the_similarity_page_shows_code_and_names_as_text(tmp_path, text):
    path = tmp_path / "x.html"
    code = f"{ONE}\n# {text}\nnote = {text!r}\n"
    reports.similarity({f"a{text}": code, f"b{text}": code, "empty": " "}, path)
    page = path.read_text(encoding="utf-8")
    for tag in ("<script", "<img", "<h1>x", "onerror='"):
        assert tag not in page
    assert page.count("<h1>") == 1
    assert not set(page) & set("\x00\x1b\u202e\ud800")


def test_the_similarity_report_is_the_same_on_every_run(tmp_path):
    import os
    import subprocess
    import sys

    script = (
        "import sys; from firstorder.grading import reports\n"
        f"reports.similarity({{'a': {ONE!r}, 'b': {TWO!r}, 'c': {renamed(ONE)!r}}}, sys.argv[1])"
    )
    pages = []
    for seed in ("1", "2"):
        path = tmp_path / seed
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        subprocess.run([sys.executable, "-c", script, str(path)], env=environment, check=True)
        pages.append(path.read_bytes())
    assert pages[0] == pages[1]


def test_three_hundred_results_are_tables_in_a_moment(tmp_path):
    results = [result(f"s{i:03}") for i in range(300)]
    roster = {
        r["student"]: Student(r["student"], email="x@example.org", canvas_id="1") for r in results
    }
    began = time.perf_counter()
    reports.grades_csv(results, tmp_path / "a")
    reports.canvas_csv(results, roster, tmp_path / "b")
    reports.moodle_csv(results, roster, tmp_path / "c")
    reports.summary_table(results)
    assert time.perf_counter() - began < 2
    assert LAB in (tmp_path / "a").read_text()
