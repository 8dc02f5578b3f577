"""The labs: their checks tell right from wrong, and no answer goes out with them."""

import functools
import html
import itertools
import re
import warnings

import nbformat
import numpy as np
import pytest
from conftest import ROOT

from firstorder.grading import checks, release, values
from firstorder.grading.authoring import Bank
from firstorder.grading.checks import Property, Question, grade_values, load
from firstorder.simulate import worst_factor

LABS = sorted(path for path in (ROOT / "solutions").glob("[0-9][0-9]_*") if path.is_dir())
QUESTIONS = [(lab, question) for lab in LABS for question in load(lab, "checks").QUESTIONS]
BANKS = {lab: load(lab, "bank").BANK for lab in LABS}
SAMPLES = [(lab, q, sample) for lab, q in QUESTIONS for sample in BANKS[lab][q.id]]
SEEDS = (1, 2, 3)


def _name(value):
    return getattr(value, "name", None) or getattr(value, "id", None)


each_question = pytest.mark.parametrize(("lab", "question"), QUESTIONS, ids=_name)
each_lab = pytest.mark.parametrize("lab", LABS, ids=_name)


def notebook_of(lab, room="solutions"):
    return nbformat.read(ROOT / room / lab.name / f"{lab.name}.ipynb", as_version=4)


def lab_and_question(name, id):
    """A lab's folder and one of its questions, by their names."""
    (found,) = [(lab, q) for lab, q in QUESTIONS if (lab.name, q.id) == (name, id)]
    return found


def answers_to(question, namespace, seed):
    """The calls of a question, and what the function in `namespace` answers to them."""
    arguments = question.inputs(np.random.default_rng(seed))
    with warnings.catch_warnings(action="ignore"):
        return arguments, [values.answer(namespace[question.function], a) for a in arguments]


def run(source):
    namespace = {}
    exec(source, namespace)
    return namespace


@functools.cache
def authored(lab):
    """What the lab's own answers define."""
    cells = notebook_of(lab).cells
    return run("\n".join(c.source for c in cells if c.cell_type == "code"))


# --------------------------------------------------------------------------- right and wrong answers


@pytest.mark.parametrize(("lab", "question", "sample"), SAMPLES, ids=_name)
def test_an_answer_loses_exactly_the_properties_it_misses(lab, question, sample):
    for seed in SEEDS:
        result = grade_values(question, *answers_to(question, run(sample.source), seed))
        assert result.lost == sample.loses
        assert all(o.message for o in result.outcomes if o.property in sample.loses)


@each_question
def test_the_authors_own_answer_earns_every_point(lab, question):
    for seed in SEEDS:
        result = grade_values(question, *answers_to(question, authored(lab), seed))
        assert (result.earned, result.lost) == (question.points, frozenset())


@each_question
def test_a_bank_holds_twelve_wrong_answers_and_three_right_ones_all_different(lab, question):
    samples = BANKS[lab][question.id]
    wrong = [sample for sample in samples if sample.loses]
    assert len(wrong) >= 12
    assert len(samples) - len(wrong) >= 3
    assert len({sample.source for sample in samples}) == len(samples)
    came = {s.name: repr(answers_to(question, run(s.source), 1)[1]) for s in wrong}
    assert len(came) == len(wrong), "two wrong answers have one name"
    for one, other in itertools.combinations(came, 2):
        assert came[one] != came[other], f"{one!r} and {other!r} are the same mistake"


@each_question
def test_inputs_are_random_but_the_same_for_the_same_seed(lab, question):
    one, same, other = (question.inputs(np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert one == same
    assert one != other


@pytest.mark.parametrize("steps", [1, 2, 10, 60])
def test_the_stand_in_for_worst_factor_gives_what_worst_factor_gives(steps):
    """Lab 1's students find the first in the sandbox, for the second would hand them `iterate`."""
    stand_in = load(ROOT / "solutions" / "01_gradient_descent", "checks").INSTEAD
    (stand_in,) = stand_in.values()
    rng = np.random.default_rng(steps)
    for low, high in [(1.0, 100.0), (0.3, 0.3), (2.0, 7.5)]:
        inside = [1 / low, 1 / high] * steps  # nought at both ends: the worst lies between them
        for step_sizes in (rng.uniform(0.0, 2.5 / high, steps), inside):
            assert stand_in(step_sizes, low, high) == pytest.approx(
                worst_factor(step_sizes, low, high), rel=1e-9, abs=1e-12
            )


# ------------------------------------------------------------------------------------ hostile values

HOSTILE = [
    None,
    True,
    False,
    "1.0",
    "",
    float("nan"),
    float("-inf"),
    10**400,
    -(10**5000),
    1e308,
    [],
    [[]],
    [[[[1.0]]]],
    {},
    {"value": 1},
    [None, None],
    ["nan"] * 3,
    [True, False],
    [float("nan")] * 10,
    [[float("inf")] * 2] * 5,
    [1e308] * 10,
    [10**400] * 10,
    [[1.0], [1.0, 2.0]],
    [[1e200] * 3, [1e200] * 3],
    [[0.0, 0.0], [0.0, 0.0]],
    float("inf"),
]


@each_question
@pytest.mark.parametrize("hostile", HOSTILE, ids=checks.show)
def test_a_hostile_value_earns_nothing_and_raises_nothing(lab, question, hostile):
    arguments = question.inputs(np.random.default_rng(1))
    result = grade_values(question, arguments, [{"value": hostile}] * len(arguments))
    assert result.earned == 0
    assert all(len(outcome.message) < 1500 for outcome in result.outcomes)


@each_question
@pytest.mark.parametrize("hostile", HOSTILE[:10], ids=checks.show)
def test_one_hostile_number_in_a_right_answer_costs_points(lab, question, hostile):
    def poisoned(value):
        if isinstance(value, list):
            return [*value[:-1], poisoned(value[-1])]
        return hostile

    arguments, answers = answers_to(question, authored(lab), 1)
    bad = [{"value": poisoned(answer["value"])} for answer in answers]
    assert grade_values(question, arguments, bad).earned < question.points


@each_question
@pytest.mark.parametrize(
    "answers",
    [
        None,
        [],
        {},
        "right",
        [None],
        [1.0] * 40,
        [{"error": 3}],
        [{"error": []}] * 40,
    ],
    ids=repr,
)
def test_answers_of_another_form_earn_nothing_and_raise_nothing(lab, question, answers):
    assert grade_values(question, question.inputs(np.random.default_rng(1)), answers).earned == 0


@each_question
def test_what_raised_is_said_and_costs_only_the_calls_that_raised(lab, question):
    arguments, answers = answers_to(question, authored(lab), 1)
    for position, call in enumerate(arguments):
        broken = list(answers)
        broken[position] = {"error": "ZeroDivisionError: division by zero"}
        result = grade_values(question, arguments, broken)
        assert result.lost == {p.id for p in question.properties if p.where(*call)}
        message = next(o.message for o in result.outcomes if o.message)
        assert "raised ZeroDivisionError" in message


@pytest.mark.parametrize("size", [0.0, 1e200])
def test_parts_of_the_loss_are_not_earned_by_an_error_of_zero_or_beyond_all_bounds(size):
    _, question = lab_and_question("01_gradient_descent", "eigenbasis")
    arguments = question.inputs(np.random.default_rng(1))
    answers = [{"value": [[size] * len(w), [0.0] * len(w)]} for _, _, _, w in arguments]
    assert grade_values(question, arguments, answers).earned == 0


# ---------------------------------------------------------------------------------- shared machinery


@pytest.mark.parametrize("value", [True, "1", None, [1.0], {}, 10**400], ids=checks.show)
def test_only_a_number_is_close_to_a_number(value):
    with pytest.raises(checks.Unfit, match="came"):
        checks.close(value, 1.0)


@pytest.mark.parametrize("expected", [1.0, np.inf, np.nan])
def test_nothing_is_close_to_what_is_not_finite_and_that_is_close_to_nothing(expected):
    assert not checks.close(float("inf"), expected)
    assert not checks.close(float("nan"), expected)
    assert checks.close(1.0, expected) == (expected == 1.0)


@pytest.mark.parametrize("value", [None, 3.0, [], [1.0], [1.0, 2.0, 3.0]], ids=checks.show)
def test_an_entry_is_taken_only_from_a_list_of_the_length_that_is_needed(value):
    with pytest.raises(checks.Unfit, match="2 results are needed"):
        checks.entry(value, 0, length=2)
    with pytest.raises(checks.Unfit, match="it has no row 3"):
        checks.entry(value, 3)


def test_a_bank_knows_the_properties_that_an_answer_can_lose():
    _, question = lab_and_question("01_gradient_descent", "best-step")
    bank = Bank([question])
    bank.right("best-step", "right", "return 1")
    bank.wrong("best-step", "wrong", "all", "return 2")
    assert [s.loses for s in bank.samples["best-step"]] == [frozenset(), {"step", "rate"}]
    with pytest.raises(ValueError, match="mistyped: no property is called"):
        bank.wrong("best-step", "mistyped", "stap", "return 3")


def test_a_visible_check_explains_a_value_of_the_wrong_kind_too():
    with pytest.raises(AssertionError, match=r"<lambda>\(x=1\) returned None.\nIt should double"):
        checks.check(lambda x: None, (1.0,), holds=lambda v: len(v) == 2, says="double", hint="")


def test_a_failed_property_says_the_call_what_came_what_should_hold_and_a_hint():
    question = Question(
        "half",
        "half(x, names)",
        lambda rng: [(8.0, [1, 2])],
        (Property("halves", 1, "halve x", "divide by two.", lambda value, x, _: value == x / 2),),
    )
    (outcome,) = grade_values(question, [(8.0, [1, 2])], [{"value": [0.1 + 0.2] * 9}]).outcomes
    assert outcome.message == (
        "half(x=8, names=[1, 2]) returned [0.3, 0.3, 0.3, 0.3, 0.3, 0.3, …].\n"
        "It should halve x.\nHint: divide by two."
    )


def test_a_property_that_judges_no_call_is_the_authors_mistake():
    question = Question(
        "q", "f(x)", None, (Property("p", 1, "", "", lambda *a: True, lambda x: x > 9),)
    )
    with pytest.raises(ValueError, match="no input is judged by the property 'p'"):
        grade_values(question, [(1.0,)], [{"value": 1.0}])


def test_a_function_that_changes_its_arguments_spoils_no_later_call():
    calls = [([1.0, 2.0],)]

    def spoil(x):
        x *= 0
        return x

    assert values.answer(spoil, calls[0]) == {"value": [0.0, 0.0]}
    assert calls == [([1.0, 2.0],)]


@pytest.mark.parametrize("value", [object(), 1j, {1: 2}, lambda: 1, np.array([object()])])
def test_what_is_not_made_of_numbers_is_an_error_not_a_value(value):
    assert "not made of numbers" in values.answer(lambda: value, ())["error"]


def test_a_list_that_holds_itself_is_an_error_not_a_value():
    loop = []
    loop.append(loop)
    assert "error" in values.answer(lambda: loop, ())


# ------------------------------------------------------------------------- the lab as students see it


def cell_of(notebook, grade_id, offset=0):
    """The cell with a grade_id, or the one that stands `offset` cells after it."""
    ids = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells]
    return notebook.cells[ids.index(grade_id) + offset]


def released_namespace(lab, sample=None):
    """The released lab's code with no check run, and with a sample's answer in place if given."""
    notebook = notebook_of(lab, "exercises")
    graded = {c.id for c in notebook.cells if c.metadata.get("nbgrader", {}).get("solution")}
    code = [c for c in notebook.cells if c.cell_type == "code"]
    parts = [c.source for c in code if c.id in graded or c is code[0]]
    return run("\n".join([*parts, sample.source if sample else ""]))


def visible_check(lab, question):
    return cell_of(notebook_of(lab, "exercises"), question.id).source


@each_question
def test_the_released_stub_raises_and_its_visible_checks_fail(lab, question):
    namespace = released_namespace(lab)
    arguments = question.inputs(np.random.default_rng(1))
    answers = [values.answer(namespace[question.function], a) for a in arguments]
    assert answers == [{"error": "NotImplementedError"}] * len(arguments)
    assert grade_values(question, arguments, answers).earned == 0
    with pytest.raises(NotImplementedError):
        exec(visible_check(lab, question), namespace)


@each_question
def test_the_visible_checks_pass_for_every_right_answer(lab, question, capsys):
    for sample in [s for s in BANKS[lab][question.id] if not s.loses]:
        exec(visible_check(lab, question), released_namespace(lab, sample))
        assert capsys.readouterr().out == "The visible checks pass.\n"


@each_question
def test_the_visible_checks_explain_most_wrong_answers_too(lab, question):
    wrong, messages = [s for s in BANKS[lab][question.id] if s.loses], []
    for sample in wrong:
        try:
            with warnings.catch_warnings(action="ignore"):
                exec(visible_check(lab, question), released_namespace(lab, sample))
        except AssertionError as error:
            messages.append(str(error))
        except Exception:
            continue  # what the function itself raised is shown as it is
    assert len(messages) >= 0.7 * len(wrong)
    assert all("\nIt should " in message and "\nHint: " in message for message in messages)


@pytest.mark.parametrize(
    ("lab", "question", "mistake", "message"),
    [
        (
            "01_gradient_descent",
            "closed-form",
            "drops the sign",
            "error_after(x0=8, alpha=1.5, lambda_=1, k=3) returned 1.\n"
            "It should change the sign at each step, for αλ = 1.5 overshoots the minimum.\n"
            "Hint: 1 − αλ is negative here. Keep its sign.",
        ),
        (
            "01_gradient_descent",
            "eigenbasis",
            "leaves out the ½",
            "eigen_error(Q=[[1, 0], [0, 1]], lambdas=[2, 5], w_star=[0, 0], w=[3, 2]) "
            "returned [[3, 2], [18, 20]].\n"
            "It should split the loss ½(2·3² + 5·2²) = 19 into its parts 9 and 10.\n"
            "Hint: mind the ½ and the square.",
        ),
        (
            "01_gradient_descent",
            "gradient-descent",
            "returns the last iterate only",
            "gradient_descent(A=[[2, 0], [0, 1]], b=[2, 1], w0=[3, 3], alpha=0.5, steps=2) "
            "returned [1, 1.5]: a list of 2 came where a list of 3 was needed.\n"
            "It should go from (3, 3) to (1, 2) and then to (1, 1.5).\n"
            "Hint: the gradient at (3, 3) is (4, 2). The start is the first row, "
            "and no row may change later.",
        ),
        (
            "03_momentum",
            "matrix",
            "the minus in front of the gradient",
            "step_matrix(alpha=0.5, beta=0.8, lambda_=3) returned [[-0.5, -0.4], [-3, 0.8]].\n"
            "It should take (1, 0) to (−0.5, 3): z⁺ is the gradient 3, and w⁺ = 1 − ½·3.\n"
            "Hint: the first column is what becomes of w = 1, z = 0.",
        ),
        (
            "03_momentum",
            "critical",
            "the plain power",
            "critical_error(alpha=0.25, lambda_=1, k=1) returned 0.5.\n"
            "It should be 1 − αλ = 0.75 after one step, a gradient step.\n"
            "Hint: σ = ½ here. Which bracket takes ½ to ¾ at k = 1, and leaves 1 at k = 0?",
        ),
        (
            "07_adaptive_methods",
            "adam",
            "no corrections",
            "adam_path(w0=[0, 0], steps=1, alpha=0.1, beta1=0.5, beta2=0.9, epsilon=1e-08) "
            "returned [[0, 0], [0.158114, 0]].\n"
            "It should move by α = 0.1 in the first coordinate, whose gradient is −1, and not in "
            "the other.\n"
            "Hint: in the first step t = 1, so m̂ = g and ŝ = g². The start is the first row.",
        ),
        (
            "07_adaptive_methods",
            "adagrad",
            "ε inside the root",
            "adagrad_step(w=[1, 7], g=[3, 0], s=[16, 0], alpha=0.5, epsilon=1) "
            "returned [[0.705826, 7], [25, 0]].\n"
            "It should step by ½·3/(5 + 1) where ε = 1, and leave a coordinate alone that has no "
            "gradient.\n"
            "Hint: ε is added to the root, not under it.",
        ),
    ],
)
def test_the_visible_message_for_a_typical_mistake(lab, question, mistake, message):
    lab, question = lab_and_question(lab, question)
    (sample,) = [s for s in BANKS[lab][question.id] if s.name == mistake]
    with pytest.raises(AssertionError) as caught:
        exec(visible_check(lab, question), released_namespace(lab, sample))
    assert str(caught.value) == message


# ----------------------------------------------------------------------------------------- releasing


def test_regenerating_the_exercises_changes_no_byte(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    assert release.main(["--check"]) == 0
    assert capsys.readouterr() == ("", "")


def test_no_line_of_an_answer_is_in_the_exercises():
    files = {path for path in (ROOT / "exercises").rglob("*") if path.is_file()}
    assert files == {ROOT / "exercises" / lab.name / f"{lab.name}.ipynb" for lab in LABS}
    released = {
        lab: "\n".join(c.source for c in notebook_of(lab, "exercises").cells) for lab in LABS
    }
    for author, reader in itertools.product(LABS, LABS):
        lines = release.answer_lines(notebook_of(author))
        assert len(lines) > 20
        assert not [line for line in lines if line in released[reader]]


def test_no_line_of_an_answer_is_in_the_built_book(built_book):
    names = {path.name for path in built_book.rglob("*")}
    assert not names & {"checks.py", "bank.py", "solutions"}
    # Short lines, such as x = Q.T @ (w - w_star), may rightly stand in a chapter.
    lines = {n for lab in LABS for n in release.answer_lines(notebook_of(lab)) if len(n) > 30}
    for path in built_book.rglob("*"):
        if path.suffix in (".html", ".ipynb", ".js", ".json", ".md", ".txt"):
            text = path.read_text(encoding="utf-8")
            if path.suffix == ".ipynb":  # in the file, quotation marks are escaped
                text = "\n".join(cell.source for cell in nbformat.reads(text, 4).cells)
            else:
                text = html.unescape(re.sub(r"<[^>]+>", "", text))
            assert not [line for line in lines if line in text], path


@each_lab
def test_a_released_lab_keeps_no_output_and_no_count_and_the_authors_cell_ids(lab):
    ours, theirs = notebook_of(lab), notebook_of(lab, "exercises")
    last = ["check-saved-text", "check-saved"]  # what the release puts after the lab
    assert [*(cell.id for cell in ours.cells), *last] == [cell.id for cell in theirs.cells]
    code = [cell for cell in theirs.cells if cell.cell_type == "code"]
    assert all(not cell.outputs and cell.execution_count is None for cell in code)


@each_lab
def test_what_students_read_gives_the_points_that_the_checks_give(lab):
    notebook, total = notebook_of(lab, "exercises"), 0
    for cell in notebook.cells:
        meta = cell.metadata.get("nbgrader", {})
        if meta.get("grade"):
            by_hand = meta["solution"]
            text = cell_of(notebook, meta["grade_id"], -1 if by_hand else -3).source
            assert f"({meta['points']} points)" in text.splitlines()[0]
            total += meta["points"]
    by_checks = sum(question.points for where, question in QUESTIONS if where == lab)
    by_hand = total - by_checks
    assert f"({by_checks:g} points) and one to answer in words ({by_hand:g} points)" in (
        notebook.cells[0].source
    )


def a_lab():
    """The first lab's notebook, to be broken, and its questions: one is enough to try refusals."""
    return notebook_of(LABS[0]), load(LABS[0], "checks").QUESTIONS


ANSWER, ATTEMPT = 0, 1  # the answer's cell, and the one after it, to try it in

NEAR_MARKERS = [
    "# BEGIN SOLUTION",
    "### BEGIN SOLUTIONS",
    "###begin solution",
    "### BEGIN  SOLUTION",
    "### Begin Solution",
    "#### BEGIN SOLUTION",
    "### BEGIN_SOLUTION",
    "### BEGIN SOLUTION (short)",
    "### BEGIN SOLUTON",
    "### BEGN SOLUTION",
    "### BEGIN THE SOLUTION",
    "### BEGIN ANSWER",
    "### START SOLUTION",
    "### END SOLUTIONS",
    "pass  ### END SOLUTION",
    "### BEGIN HIDDEN TEST",
    "# to_remove",
    "# to remove",
    "# @title to remove solution",
    "# to be removed",
]


@pytest.mark.parametrize("line", NEAR_MARKERS)
def test_what_looks_like_a_marker_is_refused_and_its_line_named(line):
    for offset, old in [(ANSWER, "    ### BEGIN SOLUTION"), (ATTEMPT, "# Predict")]:
        notebook, questions = a_lab()
        cell = cell_of(notebook, "closed-form-answer", offset)
        assert old in cell.source
        cell.source = cell.source.replace(old, f"{line}\n{old}", 1)
        with pytest.raises(release.ReleaseError, match=rf"cell '{cell.id}', line \d: .*exactly"):
            release.release(notebook, questions)


@pytest.mark.parametrize(
    ("offset", "old", "new", "message"),
    [
        (ANSWER, "    ### END SOLUTION", "", "BEGIN SOLUTION has no END"),
        (ANSWER, "    ### BEGIN SOLUTION\n", "", "'### END SOLUTION' has no partner"),
        (
            ANSWER,
            "### BEGIN SOLUTION",
            "### BEGIN SOLUTION\n### BEGIN SOLUTION",
            "has no partner",
        ),
        (ANSWER, "### END SOLUTION", "### END HIDDEN TESTS", "has no partner"),
        (ATTEMPT, "# Predict", "### BEGIN SOLUTION\n### END SOLUTION\n#", "non-solution"),
        (
            ATTEMPT,
            "# Predict",
            "return (1 - alpha * lambda_) ** k * x0\n# Predict",
            "holds a line of an answer",
        ),
    ],
)
def test_a_lab_whose_regions_are_wrong_is_refused(offset, old, new, message):
    notebook, questions = a_lab()
    cell = cell_of(notebook, "closed-form-answer", offset)
    assert old in cell.source
    cell.source = cell.source.replace(old, new, 1)
    with pytest.raises(release.ReleaseError, match=message):
        release.release(notebook, questions)


def test_a_solution_cell_without_markers_is_refused():
    notebook, questions = a_lab()
    cell = cell_of(notebook, "closed-form-answer")
    cell.source = "def error_after(x0, alpha, lambda_, k):\n    return 0"
    with pytest.raises(release.ReleaseError, match="a solution cell without '### BEGIN SOLUTION'"):
        release.release(notebook, questions)


def test_a_grade_id_used_twice_is_refused():
    notebook, questions = a_lab()
    cell_of(notebook, "rotation").metadata.nbgrader.grade_id = "challenge"
    with pytest.raises(release.ReleaseError, match="'challenge' is used twice"):
        release.release(notebook, questions)


def test_a_cell_id_used_twice_is_refused():
    notebook, questions = a_lab()
    notebook.cells[0].id = notebook.cells[1].id
    with pytest.raises(release.ReleaseError, match="two cells have the same id"):
        release.release(notebook, questions)


@pytest.mark.parametrize("points", [None, 0, -1, "2"])
def test_a_graded_cell_without_points_is_refused(points):
    notebook, questions = a_lab()
    cell_of(notebook, "in-words").metadata.nbgrader.points = points
    with pytest.raises(release.ReleaseError, match="points above 0"):
        release.release(notebook, questions)


def test_points_other_than_those_of_the_checks_are_refused():
    notebook, questions = a_lab()
    cell_of(notebook, "closed-form").metadata.nbgrader.points = 3
    with pytest.raises(release.ReleaseError, match=r"not those of checks\.py"):
        release.release(notebook, questions)
    with pytest.raises(release.ReleaseError, match=r"not those of checks\.py"):
        release.release(a_lab()[0], questions[1:])


def test_releasing_leaves_the_authors_notebook_as_it_was():
    notebook, questions = a_lab()
    before = nbformat.writes(notebook)
    release.release(notebook, questions)
    assert nbformat.writes(notebook) == before


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A copy of the labs to work in."""
    for room in ("solutions", "exercises"):
        for path in (ROOT / room).rglob("*"):
            if path.suffix in (".py", ".ipynb"):
                copy = tmp_path / path.relative_to(ROOT)
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_bytes(path.read_bytes())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_an_exercise_edited_by_hand_is_found_and_written_anew(course, capsys):
    released = course / "exercises" / LABS[0].name / f"{LABS[0].name}.ipynb"
    right = released.read_bytes()
    released.write_bytes(right.replace(b"Challenge", b"Chalenge"))
    assert release.main(["--check"]) == 1
    assert "would change" in capsys.readouterr().out
    assert released.read_bytes() != right
    assert release.main([]) == 0
    assert released.read_bytes() == right


def test_a_file_that_comes_from_no_lab_is_found(course, capsys):
    (course / "exercises" / LABS[0].name / "checks.py").write_text("answers = 42\n")
    assert release.main(["--check"]) == 1
    assert "checks.py does not come from solutions/" in capsys.readouterr().err


def test_a_lab_that_must_not_go_out_writes_nothing(course, capsys):
    lab = course / "solutions" / LABS[0].name / f"{LABS[0].name}.ipynb"
    released = course / "exercises" / LABS[0].name / f"{LABS[0].name}.ipynb"
    before = released.read_bytes()
    lab.write_text(lab.read_text().replace("### BEGIN SOLUTION", "# BEGIN SOLUTION", 1))
    assert release.main([]) == 1
    assert "looks like a marker" in capsys.readouterr().err
    assert released.read_bytes() == before
