"""What a student gets back: for each question the points, what failed on which input, what came, a hint.

Everything here comes from one result, and from the names of the typical mistakes in the lab's bank:
no source of a check, no other student.  Whatever the student wrote is shown as text.
"""

import contextlib
import io
import json
import warnings
from html import escape
from pathlib import Path

from . import values
from .checks import grade_values, load
from .pages import page
from .results import number, printable, waiting

MISTAKES = 3  # more than so many that fit would say nothing

_REASONS = {
    "missing": "no answer was found",
    "error": "the code could not be run",
    "timeout": "it took too long and was stopped",
    "memory": "it needed too much memory and was stopped",
    "killed": "it ended before it answered",
    "output": "it wrote too much and was stopped",
}


class Hints:
    """The typical mistakes of a lab, by what they look like from outside.

    A mistake of the lab's bank is run on the very inputs that the student's answer got.  If it loses
    the same properties with the same messages, it is the same mistake, as far as can be seen.
    """

    def __init__(self, lab):
        self._samples = load(lab, "bank").BANK
        self._questions = {q.id: q for q in load(lab, "checks").QUESTIONS}
        self._seen = {}

    def mistakes(self, question):
        """The mistakes that a result's question looks like, in words; [] if none or too many do.

        Without a message-for-message match, those that lose exactly the same properties, if few.
        """
        lost = {o["property"] for o in question["outcomes"] if o["earned"] < o["points"]}
        if not lost or question["id"] not in self._samples:
            return []
        same = self._by_messages(question).get(_messages(question["outcomes"]))
        alike = [s.name for s in self._samples[question["id"]] if s.loses == lost]
        names = list(dict.fromkeys(same or alike))
        return names if len(names) <= MISTAKES else []

    def _by_messages(self, question):
        """{messages: the mistakes that give them} on this question's inputs."""
        key = (question["id"], json.dumps(question.get("inputs", [])))
        if key not in self._seen:
            table = self._seen[key] = {}
            for sample in self._samples[question["id"]] if question.get("inputs") else ():
                if sample.loses:
                    said = self._said(question, sample)
                    table.setdefault(said, []).append(sample.name)
        return self._seen[key]

    def _said(self, question, sample):
        checked = self._questions[question["id"]]
        calls = [tuple(call) for call in question["inputs"]]
        with warnings.catch_warnings(action="ignore"), contextlib.redirect_stdout(io.StringIO()):
            namespace = {}
            exec(sample.source, namespace)
            answers = [values.answer(namespace[checked.function], call) for call in calls]
        outcomes = grade_values(checked, calls, answers).outcomes
        return _messages([vars(outcome) for outcome in outcomes])


def _messages(outcomes):
    return tuple((o["property"], o["message"]) for o in outcomes if o["earned"] < o["points"])


def content(result, hints=None):
    """The feedback as plain data; `hints` are the lab's Hints."""
    open_ = waiting(result)
    questions = []
    for q in result["questions"]:
        kept = {k: q[k] for k in ("id", "earned", "points", "manual", "status", "outcomes")}
        questions.append(
            {
                **kept,
                "reason": q["reason"] or _REASONS.get(q["status"], ""),
                "to_mark": q["id"] in open_,
                "comment": q.get("mark", {}).get("comment", ""),
                "mistakes": hints.mistakes(q) if hints else [],
            }
        )
    kept = ("schema", "student", "lab", "status", "reason", "submitted_at", "earned", "points")
    return {
        **{k: result.get(k) for k in kept},
        "notes": result.get("notes", []),
        "late": result.get("late"),
        "to_mark": open_,
        "questions": questions,
    }


def write(result, folder, hints=None):
    """Write feedback.html and feedback.json into the folder, which is made if need be."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "feedback.html").write_text(html(result, hints), encoding="utf-8")
    text = json.dumps(content(result, hints), indent=1)
    (folder / "feedback.json").write_text(text + "\n", encoding="utf-8")


# ------------------------------------------------------------------------------------------- the page


def title(lab):
    """A lab's name as a person says it.

    >>> title("01_gradient_descent")
    'Lab 1: gradient descent'
    """
    head, _, rest = lab.partition("_")
    return f"Lab {int(head)}: {rest.replace('_', ' ')}" if head.isdecimal() and rest else lab


def _safe(text):
    return escape(printable(text))


def _of(earned, points):
    return f"{number(earned)} of {number(points)}"


def html(result, hints=None):
    """The feedback as one page: no script, nothing loaded from anywhere, readable on a phone."""
    data = content(result, hints)
    name = printable(title(data["lab"]))
    parts = [
        f"<h1>{escape(name)}</h1>",
        f"<p>{_safe(data['student'])}</p>",
        f"<p><strong>{_of(data['earned'], data['points'])} points</strong>{_provisos(data)}</p>",
    ]
    if data["status"] != "graded":
        parts.append(
            f'<p class="bad">This submission could not be graded.</p><p>{_safe(data["reason"])}</p>'
            "<p>Your file was kept as you handed it in.</p>"
        )
    parts += [f"<p>Note: {_safe(note)}</p>" for note in data["notes"]]
    if data["questions"]:
        parts.append(_overview(data["questions"]))
        parts += [_section(i, q) for i, q in enumerate(data["questions"], 1)]
    return page(f"{name}: {_of(data['earned'], data['points'])}", "\n".join(parts))


def _provisos(data):
    words = ""
    late = data["late"] or {}
    if late.get("days"):
        days = f"{late['days']} day{'s' * (late['days'] != 1)} late"
        free = f", {late['free']} of them free" if late["free"] else ""
        words += f", {days}{free}: {number(late['penalty'])} points less"
    if data["to_mark"]:
        n = len(data["to_mark"])
        words += f"; {n} question{'s' * (n > 1)} still to be marked by a person"
    return words


def _standing(q):
    """(class, word) for a question's state; the word says what the colour shows."""
    if q["to_mark"]:
        return "", "to be marked"
    if q["earned"] >= q["points"]:
        return "good", "right"
    return "bad", "partly right" if q["earned"] > 0 else "not right yet"


def _overview(questions):
    rows = ""
    for i, q in enumerate(questions, 1):
        kind, word = _standing(q)
        rows += (
            f'<tr><th scope="row"><a href="#q{i}">{i}. {_safe(q["id"])}</a></th>'
            f'<td>{_of(q["earned"], q["points"])}</td><td class="{kind}">{word}</td></tr>'
        )
    return (
        '<table><caption>Points by question</caption><thead><tr><th scope="col">Question</th>'
        f'<th scope="col">Points</th><th scope="col">State</th></tr></thead><tbody>{rows}</tbody></table>'
    )


def _section(i, q):
    parts = [f'<h2 id="q{i}">{i}. {_safe(q["id"])}: {_of(q["earned"], q["points"])}</h2>']
    if q["to_mark"]:
        parts.append("<p>A person reads this answer and marks it.</p>")
    elif q["reason"] and q["status"] != "ok":
        parts.append(f'<p class="bad">{_safe(q["reason"])}</p>')
    if q["comment"]:
        parts.append(f"<p>The marker says: {_safe(q['comment'])}</p>")
    held = [o for o in q["outcomes"] if o["earned"] >= o["points"]]
    parts += [_failure(o) for o in q["outcomes"] if o["earned"] < o["points"]]
    if held:
        names = ", ".join(f"{_safe(o['property'])} ({number(o['points'])})" for o in held)
        parts.append(f'<p><span class="good">What holds:</span> {names}.</p>')
    if q["mistakes"]:
        names = "; or ".join(_safe(name) for name in q["mistakes"])
        parts.append(f"<p>This looks like a typical mistake: {names}.</p>")
    return f"<section>{''.join(parts)}</section>"


def _failure(outcome):
    first, *rest = printable(outcome["message"]).split("\n")
    parts = [
        f'<h3><span class="bad">Not yet:</span> {_safe(outcome["property"])} '
        f"({_of(outcome['earned'], outcome['points'])})</h3>"
    ]
    if first:
        parts.append(f"<pre><code>{escape(first)}</code></pre>")
    parts += [f"<p>{escape(line)}</p>" for line in rest if line]
    return "".join(parts)
