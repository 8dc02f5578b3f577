"""A term's life: rosters, deadlines, handing in again, marks by hand, regrading."""

import pytest
from grading_results import HOSTILE, LAB, damaged, outcome, question, result

from firstorder.grading import term
from firstorder.grading.term import Change, LatePolicy, Mark, TermError

DUE = "2026-10-05T12:00:00+00:00"


def late(hours, **policy):
    handed_in = term.moment(DUE) + term.timedelta(hours=hours)
    policy = LatePolicy(**policy)
    return term.apply_late(result(submitted_at=handed_in.isoformat()), DUE, policy)


def write(path, text, encoding="utf-8"):
    path.write_text(text, encoding=encoding)
    return path


# --------------------------------------------------------------------------------------- the class


def test_a_roster_is_read_by_the_names_of_its_columns(tmp_path):
    text = "email,student,ignored,canvas_id\na@example.org, ada ,x,7\n\n,bob,,\n"
    roster = term.read_roster(write(tmp_path / "roster.csv", text, "utf-8-sig"))
    assert list(roster) == ["ada", "bob"]
    assert (roster["ada"].email, roster["ada"].canvas_id) == ("a@example.org", "7")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name\nada\n", "must name the column student; it names name"),
        ("", "it names nothing"),
        ("student,name\n,Ada\n", "line 2: the column student is empty"),
        ("student\nada\nbob\nada\n", "line 4: 'ada' stands there twice"),
    ],
)
def test_a_roster_that_cannot_be_used_says_which_line(tmp_path, text, message):
    with pytest.raises(TermError, match=message):
        term.read_roster(write(tmp_path / "roster.csv", text))


# ------------------------------------------------------------------------------------- being late


def test_a_submission_in_time_keeps_all_its_points():
    assert late(0)["earned"] == 3
    assert late(-48)["late"]["days"] == 0


def test_a_day_that_has_begun_counts_as_a_day():
    assert [late(h)["late"]["days"] for h in (1, 24, 25)] == [1, 1, 2]
    assert late(1, per_day=0.1)["earned"] == pytest.approx(3 - 0.7)


def test_the_minutes_of_grace_begin_no_day():
    assert late(0.25, grace_minutes=15)["late"]["days"] == 0
    assert late(0.26, grace_minutes=15)["late"]["days"] == 1


def test_free_days_cost_nothing_and_the_next_one_does():
    assert late(30, free_days=2)["earned"] == 3
    assert late(50, free_days=2)["late"] == {"days": 3, "free": 2, "penalty": 0.7, "due": DUE}


def test_after_the_last_day_a_lab_earns_nothing_and_spends_no_free_day():
    gone = late(24 * 8, free_days=3, last_day=7)
    assert gone["earned"] == 0
    assert gone["late"]["free"] == 0


def test_no_penalty_makes_a_total_negative():
    assert late(24 * 30, per_day=0.5)["earned"] == 0


def test_applying_lateness_twice_takes_points_once():
    policy = LatePolicy(per_day=0.1)
    once = term.apply_late(result(), "2026-10-04T13:00:00+00:00", policy)
    assert term.apply_late(once, "2026-10-04T13:00:00+00:00", policy) == once
    assert once["earned"] < 3


def test_a_result_without_a_time_is_not_late():
    assert term.apply_late(result(submitted_at=None), DUE, LatePolicy())["earned"] == 3


def test_deadlines_are_compared_across_time_zones():
    assert term.days_late("2026-10-05T13:59:00+02:00", DUE) == 0
    assert term.days_late("2026-10-05T14:01:00+02:00", DUE) == 1


def test_free_days_are_spent_lab_by_lab_in_the_order_of_the_deadlines():
    due = {"01": "2026-10-05T12:00:00", "03": "2026-11-05T12:00:00"}
    second = result(lab="03", submitted_at="2026-11-06T11:00:00")
    first = result(lab="01", submitted_at="2026-10-07T11:00:00")
    settled = term.settle([second, first], due, LatePolicy(free_days=2))
    assert [r["late"]["free"] for r in settled] == [0, 2]
    assert [r["lab"] for r in settled] == ["03", "01"]


def test_an_extension_moves_the_deadline_of_one_student_in_one_lab():
    due = {LAB: "2026-10-01T12:00:00"}
    both = [result("ada"), result("bob")]
    ada, bob = term.settle(both, due, LatePolicy(), {("bob", LAB): "2026-10-10T12:00:00"})
    assert (ada["late"]["days"], bob["late"]["days"]) == (4, 0)


def test_a_lab_without_a_deadline_is_never_late():
    assert term.settle([result()], {}, LatePolicy()) == [result()]


def test_a_policy_below_zero_is_refused():
    with pytest.raises(TermError, match=r"per_day is -0\.1"):
        LatePolicy(per_day=-0.1)


# ----------------------------------------------------------------------------------- handing in again

GOOD = result(submitted_at="2026-10-01T12:00:00", earned=5.0)
POOR = result(submitted_at="2026-10-02T12:00:00", earned=2.0)
BROKEN = damaged("ada") | {"submitted_at": "2026-10-03T12:00:00"}


def test_the_latest_or_the_best_submission_counts_as_the_course_says():
    for order in ([GOOD, POOR], [POOR, GOOD]):
        assert term.choose_submission(order, "latest") is POOR
        assert term.choose_submission(order, "best") is GOOD


def test_a_broken_file_after_a_good_one_loses_nothing():
    for keep in ("latest", "best"):
        assert term.choose_submission([GOOD, BROKEN], keep) is GOOD
        assert term.choose_submission([BROKEN], keep) is BROKEN


def test_of_two_submissions_alike_the_last_one_counts():
    twins = [result(seed=1), result(seed=2)]
    assert term.choose_submission(twins, "best")["seed"] == 2


def test_an_unknown_way_to_choose_and_nothing_to_choose_from_are_refused():
    with pytest.raises(ValueError, match="'first'"):
        term.choose_submission([GOOD], "first")
    with pytest.raises(ValueError, match="no submission"):
        term.choose_submission([], "best")


# -------------------------------------------------------------------------------------- marks by hand


def marks_of(tmp_path, *lines):
    head = "lab,student,question,earned,comment,marker"
    return term.read_marks(write(tmp_path / "marks.csv", "\n".join([head, *lines]) + "\n"))


def test_a_mark_by_hand_counts_and_is_no_longer_waited_for(tmp_path):
    marks = marks_of(tmp_path, f'{LAB},ada,in-words,2.5,"clear, but short",tutor')
    marked = term.apply_marks(result(), marks)
    assert marked["earned"] == 5.5
    assert marked["questions"][2]["mark"] == {"comment": "clear, but short", "marker": "tutor"}


def test_regrading_never_overwrites_a_mark_by_hand(tmp_path):
    marks = marks_of(tmp_path, f"{LAB},ada,in-words,2")
    old = term.apply_marks(result(), marks)
    corrected = result()
    corrected["questions"][1] = question(
        "best-step", [outcome("step", 1, 1), outcome("rate", 1, 1)]
    )
    new = term.apply_marks(term.total(corrected), marks)
    assert (old["earned"], new["earned"]) == (5, 6)
    assert new["questions"][2]["earned"] == 2


def test_an_appeal_changes_a_checked_question_and_keeps_what_the_checks_gave(tmp_path):
    marks = marks_of(tmp_path, f"{LAB},ada,best-step,2,right in its own way,")
    question_ = term.apply_marks(result(), marks)["questions"][1]
    assert (question_["earned"], question_["automatic"]) == (2, 1)


def test_where_a_question_was_marked_twice_the_last_line_holds(tmp_path):
    marks = marks_of(tmp_path, f"{LAB},ada,in-words,1", f"{LAB},ada,in-words,3")
    assert [m.earned for m in marks] == [3]


def test_a_mark_touches_no_other_student_and_no_other_lab(tmp_path):
    marks = marks_of(tmp_path, f"{LAB},bob,in-words,3", "03_momentum,ada,in-words,3")
    assert term.apply_marks(result(), marks)["earned"] == 3


def test_marks_and_lateness_give_the_same_total_in_either_order():
    marks, policy = [Mark(LAB, "ada", "in-words", 3.0)], LatePolicy()
    due = "2026-10-04T12:00:00"
    one = term.apply_late(term.apply_marks(result(), marks), due, policy)
    other = term.apply_marks(term.apply_late(result(), due, policy), marks)
    assert one == other
    assert one["earned"] == pytest.approx(6 - 0.7)


def test_a_line_that_is_not_marked_yet_is_passed_over(tmp_path):
    assert marks_of(tmp_path, f"{LAB},ada,in-words,") == []


@pytest.mark.parametrize("mark", ["-1", "nan", "inf", "two"])
def test_a_mark_that_is_no_number_is_refused_with_its_line(tmp_path, mark):
    with pytest.raises(TermError, match="line 2: the mark"):
        marks_of(tmp_path, f"{LAB},ada,in-words,{mark}")


def test_too_many_points_and_unknown_questions_are_refused():
    with pytest.raises(TermError, match="4 points by hand, but the question has only 3"):
        term.apply_marks(result(), [Mark(LAB, "ada", "in-words", 4.0)])
    with pytest.raises(TermError, match="no question 'in-word' to mark for 'ada'"):
        term.apply_marks(result(), [Mark(LAB, "ada", "in-word", 1.0)])


# ----------------------------------------------------------------------------------------- regrading


def test_comparing_says_what_changed_for_whom_and_why():
    new = [result("ada"), result("bob")]
    new[0]["questions"][1] = question("best-step", [outcome("step", 1, 1), outcome("rate", 1, 1)])
    new[0] = term.total(new[0])
    changes = term.compare([result("ada"), result("bob")], new)
    assert changes == [
        Change("ada", LAB, "best-step", 1, 2),
        Change("ada", LAB, "", 3.0, 4.0),
    ]
    assert changes[0].why == "rate 0 → 1"
    said = term.changes_table(changes)
    assert "ada  01_gradient_descent  best-step: 1 → 2 (rate 0 → 1)" in said
    assert said.endswith("1 student gained, 0 lost.")


def test_comparing_the_same_results_finds_nothing():
    assert term.compare([result()], [result()]) == []


def test_comparing_names_who_came_and_who_went():
    changes = term.compare([result("ada")], [result("bob")])
    assert [(c.student, c.before, c.after) for c in changes] == [
        ("ada", 3.0, None),
        ("bob", None, 3.0),
    ]


def test_comparing_says_when_a_submission_can_now_be_graded():
    (*_, total) = term.compare([damaged("ada")], [result("ada")])
    assert total.why == "damaged, now graded"


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_the_table_of_changes_cannot_drive_a_terminal(text):
    said = term.changes_table([Change(text, text, text, 1.0, 2.0, text)])
    assert len(said.splitlines()) == 2
    assert not set(said) & set("\x00\x07\x1b\u202e\ud800")


def test_no_function_changes_the_result_it_was_given():
    before = result()
    term.apply_late(before, "2026-10-01T12:00:00", LatePolicy())
    term.apply_marks(before, [Mark(LAB, "ada", "in-words", 1.0)])
    assert before == result()
