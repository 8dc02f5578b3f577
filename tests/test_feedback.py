"""Feedback: what a student reads says what failed, on which input, and never more than is theirs."""

import json
import re
import time
from html.parser import HTMLParser

import pytest
from conftest import ROOT
from grading_results import (
    BANK,
    BANKS,
    HOSTILE,
    LAB,
    LABS,
    bank_question,
    damaged,
    outcome,
    question,
    result,
)

from firstorder.grading import feedback
from firstorder.grading.feedback import Hints


@pytest.fixture(scope="module")
def hints():
    return Hints(ROOT / "solutions" / LAB)


def sample(question_id, name):
    (found,) = [s for s in BANK[question_id] if s.name == name]
    return found


class Tags(HTMLParser):
    """The tags of a page, each with its attributes, and its text."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.text = [], ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data

    def names(self):
        return [tag for tag, _ in self.tags]


def test_it_says_what_failed_on_which_input_what_came_and_how_to_go_on():
    text = Tags(feedback.html(result())).text
    assert "3 of 7 points" in text
    assert "1 question still to be marked by a person" in text
    assert "f(x=1) returned 3." in text
    assert "It should be two." in text
    assert "Hint: halve it." in text
    assert "Not yet: rate (0 of 1)" in text
    assert "What holds: step (1)" in text


def test_a_damaged_submission_gets_its_reason_and_the_word_that_the_file_was_kept():
    text = Tags(feedback.html(damaged())).text
    assert "could not be graded" in text
    assert "The file is not JSON." in text
    assert "Your file was kept" in text


def test_lateness_and_a_marker_s_words_are_shown():
    marked = result(late={"days": 2, "free": 1, "penalty": 0.7})
    marked["questions"][2]["mark"] = {"comment": "clear, but short", "marker": "t"}
    text = Tags(feedback.html(marked)).text
    assert "2 days late, 1 of them free: 0.7 points less" in text
    assert "The marker says: clear, but short" in text
    assert "still to be marked" not in text


def test_json_says_the_same_as_the_page(tmp_path):
    feedback.write(result(), tmp_path / "ada" / LAB)
    data = json.loads((tmp_path / "ada" / LAB / "feedback.json").read_text())
    assert data["to_mark"] == ["in-words"]
    assert data["questions"][1]["outcomes"][1]["message"].endswith("Hint: halve it.")
    assert (tmp_path / "ada" / LAB / "feedback.html").read_text() == feedback.html(result())


# -------------------------------------------------------------------------------- typical mistakes


@pytest.mark.parametrize("lab", LABS)
def test_nearly_every_typical_mistake_is_recognised_and_never_as_another(lab):
    hints = Hints(ROOT / "solutions" / lab)
    wrong = [(id, s) for id, samples in BANKS[lab].items() for s in samples if s.loses]
    found = [(s.name, hints.mistakes(bank_question(id, s, lab))) for id, s in wrong]
    assert not [(name, names) for name, names in found if names and name not in names]
    # A few cannot be told apart from outside: they raise, or return nothing, alike.
    assert sum(bool(names) for _, names in found) >= 0.9 * len(wrong)


@pytest.mark.parametrize("lab", LABS)
def test_a_right_answer_is_told_of_no_mistake(lab):
    hints = Hints(ROOT / "solutions" / lab)
    for id, samples in BANKS[lab].items():
        for s in samples:
            if not s.loses:
                assert hints.mistakes(bank_question(id, s, lab)) == []


def test_the_hint_names_the_mistake_in_words(hints):
    answered = bank_question("eigenbasis", sample("eigenbasis", "leaves out the ½"))
    text = Tags(feedback.html(result(questions=[answered]), hints)).text
    assert "This looks like a typical mistake: leaves out the ½." in text


def test_without_the_inputs_only_a_few_candidates_are_named(hints):
    answered = bank_question("closed-form", sample("closed-form", "drops the sign"))
    del answered["inputs"]
    assert hints.mistakes(answered) == ["drops the sign", "stops at zero instead of overshooting"]
    many = bank_question("closed-form", sample("closed-form", "half the slope"))
    del many["inputs"]
    assert hints.mistakes(many) == []


# ------------------------------------------------------------------------------------- what stays in


@pytest.mark.parametrize("lab", LABS)
def test_no_source_of_a_check_or_of_an_answer_is_in_any_feedback(lab):
    folder, hints = ROOT / "solutions" / lab, Hints(ROOT / "solutions" / lab)
    secret = {
        line.strip()
        for name in ("checks.py", "bank.py")
        for line in (folder / name).read_text(encoding="utf-8").splitlines()
        if len(line.strip()) > 25 and not re.match(r'["\'#]|.*"[,)]?$', line.strip())
    }
    assert len(secret) > 100
    for id, samples in BANKS[lab].items():
        for s in samples:
            answered = result(lab=lab, questions=[bank_question(id, s, lab)])
            page = Tags(feedback.html(answered, hints)).text
            data = json.dumps(feedback.content(answered, hints), ensure_ascii=False)
            for text in (page, data):
                assert not [line for line in secret if line in text]


def test_the_inputs_of_all_hidden_calls_stay_in_the_grader(hints):
    answered = bank_question("closed-form", sample("closed-form", "drops the sign"))
    assert "inputs" not in json.dumps(feedback.content(result(questions=[answered]), hints))


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_whatever_a_student_wrote_is_shown_as_text(tmp_path, text):
    questions = [
        question("q", [outcome(text, 0, 1, f"{text}\n{text}"), outcome(text, 1, 1)], reason=text),
        question(text, status="error", reason=text, points=1),
    ]
    questions[0]["mark"] = {"comment": text, "marker": text}
    answered = result(text, text, questions, reason=text, notes=[text])
    feedback.write(answered, tmp_path)
    page = (tmp_path / "feedback.html").read_text(encoding="utf-8")
    tags = Tags(page)
    allowed = {
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "main",
        "section",
        "h1",
        "h2",
        "h3",
    }
    allowed |= {"p", "strong", "span", "table", "caption", "thead", "tbody", "tr", "th", "td", "a"}
    allowed |= {"pre", "code"}
    assert set(tags.names()) <= allowed
    assert tags.names().count("h1") == 1
    assert not [a for _, attrs in tags.tags for a in attrs if a.startswith("on")]
    assert all(a.get("href", "#").startswith("#") for _, a in tags.tags)
    assert not set(page) & set("\x00\x07\x1b\u202e\ud800")
    data = json.loads((tmp_path / "feedback.json").read_text(encoding="utf-8"))
    assert data["student"] == text  # JSON carries what came, escaped


def test_a_page_may_load_and_run_nothing():
    page = feedback.html(result())
    assert "default-src 'none'" in page
    assert not re.search(r"<script|<link|<img|https?://|url\(|@import", page)


def test_three_hundred_students_get_their_feedback_quickly(hints, tmp_path):
    mistakes = [(id, s) for id in BANK for s in BANK[id]]
    some = [bank_question(id, s) for id, s in mistakes[::9]]
    results = [result(f"s{i:03}", questions=some[i % 5 :][:7]) for i in range(300)]
    began = time.perf_counter()
    for r in results:
        feedback.write(r, tmp_path / r["student"], hints)
    assert time.perf_counter() - began < 15


# ----------------------------------------------------------------------------------------- in a browser


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_nothing_is_wider_than_the_screen_and_all_text_has_contrast(
    chromium, tmp_path, scheme, hints
):
    some = bank_question("gradient-descent", sample("gradient-descent", "uphill"))
    wide = question("q" * 90, [outcome("p", 0, 1, f"f(x={'1' * 300}) returned {'9' * 300}.")])
    feedback.write(result("x" * 120, questions=[some, wide]), tmp_path, hints)
    context = chromium.new_context(viewport={"width": 390, "height": 800}, color_scheme=scheme)
    page = context.new_page()
    page.goto((tmp_path / "feedback.html").as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    ratio = """() => {
      const canvas = document.createElement('canvas').getContext('2d');
      const rgb = c => { canvas.fillStyle = c; canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3); };
      const light = c => { const [r, g, b] = rgb(c).map(v => v / 255)
        .map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
        return .2126 * r + .7152 * g + .0722 * b; };
      const back = getComputedStyle(document.documentElement).backgroundColor;
      return [...document.querySelectorAll('p, td, th, .good, .bad, pre, a')].map(e => {
        const own = e.closest('pre') ? getComputedStyle(e.closest('pre')).backgroundColor : back;
        const [a, b] = [light(getComputedStyle(e).color), light(own)].sort((x, y) => y - x);
        return (a + .05) / (b + .05); }); }"""
    assert min(page.evaluate(ratio)) >= 4.5
    context.close()
