"""A term's life: who is in the class, what is due when, marks by hand, and what a regrading changed.

Nothing here runs a submission.  Each function takes results and gives new ones; none changes the
one it was given, and none knows the order in which the others were called.
"""

import csv
import math
import tomllib
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path

from .results import number, printable, total


class TermError(ValueError):
    """A roster or a file of marks that cannot be used; its text names the line and what to do."""


# --------------------------------------------------------------------------------------- the class


@dataclass(frozen=True)
class Student:
    """One line of the roster.

    `student` is the name of the folder of their submissions.  The rest is what the systems call
    them: Canvas's ID, SIS User ID, SIS Login ID and Section; Moodle's ID number.
    """

    student: str
    name: str = ""
    email: str = ""
    canvas_id: str = ""
    sis_user_id: str = ""
    sis_login_id: str = ""
    section: str = ""
    moodle_id: str = ""


def _rows(path, needed):
    """(line number, row) of a CSV file, its cells stripped.  Raises TermError for a missing column."""
    with Path(path).open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        missing = [name for name in needed if name not in (reader.fieldnames or ())]
        if missing:
            raise TermError(
                f"{path}: the first line must name the column{'s' * (len(missing) > 1)} "
                f"{', '.join(missing)}; it names {', '.join(reader.fieldnames or ()) or 'nothing'}"
            )
        for row in reader:
            cells = {k: (v or "").strip() for k, v in row.items() if isinstance(k, str)}
            if any(cells.values()):
                yield reader.line_num, cells


def read_roster(path):
    """The class, as {student: Student}, from a CSV file whose first line names its columns.

    `student` is needed; `name`, `email`, `canvas_id`, `sis_user_id`, `sis_login_id`, `section` and
    `moodle_id` are used where they are there; other columns are passed over.
    Raises TermError, naming the line, for a student without an id or named twice.
    """
    known, roster = [f.name for f in fields(Student)], {}
    for line, row in _rows(path, ["student"]):
        student = Student(**{name: row.get(name, "") for name in known})
        if not student.student:
            raise TermError(f"{path}, line {line}: the column student is empty")
        if student.student in roster:
            raise TermError(f"{path}, line {line}: {student.student!r} stands there twice")
        roster[student.student] = student
    return roster


# ------------------------------------------------------------------------------------- being late


@dataclass(frozen=True)
class LatePolicy:
    """What a late day costs.

    A day that has begun counts as a day; `grace_minutes` after the deadline do not begin one.
    The first `free_days` of a student cost nothing, counted over the whole term.  Each further one
    costs the share `per_day` of a lab's points.  After `last_day` days a lab earns nothing.
    """

    per_day: float = 0.1
    free_days: int = 0
    grace_minutes: float = 0.0
    last_day: int | None = None

    def __post_init__(self):
        for name in ("per_day", "free_days", "grace_minutes"):
            if getattr(self, name) < 0:
                raise TermError(f"late policy: {name} is {getattr(self, name)}, below zero")


def moment(value):
    """A time from an ISO string or a datetime; one without a zone is taken as UTC.

    >>> moment("2026-10-05T12:00:00").isoformat()
    '2026-10-05T12:00:00+00:00'
    """
    value = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def days_late(submitted, due, grace_minutes=0.0):
    """The days after the deadline that have begun.

    >>> [days_late(f"2026-10-{d}T12:00", "2026-10-05T12:00") for d in ("05", "06", "07")]
    [0, 1, 2]
    """
    over = moment(submitted) - moment(due)
    return 0 if over <= timedelta(minutes=grace_minutes) else math.ceil(over / timedelta(days=1))


def apply_late(result, due, policy, spent=0):
    """The result with `late` (days, free, penalty, due) and its total reduced by the penalty.

    `spent` says how many free days the student has used in other labs.  A result without a time of
    submission is not late: nothing says that it is.  Applying it again changes nothing more.
    """
    submitted = result.get("submitted_at")
    days = days_late(submitted, due, policy.grace_minutes) if submitted else 0
    points = sum(q["points"] for q in result["questions"])
    if policy.last_day is not None and days > policy.last_day:
        free, penalty = 0, points
    else:
        free = min(days, max(0, policy.free_days - spent))
        penalty = min(points, (days - free) * policy.per_day * points)
    late = {
        "days": days,
        "free": free,
        "penalty": round(penalty, 6),
        "due": moment(due).isoformat(),
    }
    return total({**result, "late": late})


def settle(results, due, policy, extensions=None):
    """Every result of a term with its late days: free days go to the labs in the order of their deadlines.

    `due` maps a lab to its deadline; `extensions` maps (student, lab) to another.  A lab without a
    deadline is never late.  Results come back in the order given.
    """
    extensions, spent, settled = extensions or {}, {}, {}

    def deadline(result):
        return extensions.get((result["student"], result["lab"]), due.get(result["lab"]))

    timed = [i for i, result in enumerate(results) if deadline(result)]
    for i in sorted(timed, key=lambda i: (moment(deadline(results[i])), results[i]["lab"])):
        student = results[i]["student"]
        settled[i] = apply_late(results[i], deadline(results[i]), policy, spent.get(student, 0))
        spent[student] = spent.get(student, 0) + settled[i]["late"]["free"]
    return [settled.get(i, result) for i, result in enumerate(results)]


@dataclass(frozen=True)
class Term:
    """A term's rules: deadlines by lab, extensions by (student, lab), the price of being late, which
    submission counts, and what Canvas and Moodle call each lab."""

    due: dict = field(default_factory=dict)
    extensions: dict = field(default_factory=dict)
    late: LatePolicy = LatePolicy()
    keep: str = "latest"
    canvas: dict = field(default_factory=dict)
    moodle: dict = field(default_factory=dict)


def read_term(path):
    """The term's rules from a TOML file; book/instructors.md shows one.

    Raises TermError for what it does not know, so that a slip of the pen changes no grade in silence.
    """
    try:
        text = tomllib.loads(Path(path).read_text(encoding="utf-8"))
        known = [f.name for f in fields(Term)]
        if unknown := set(text) - set(known):
            raise TermError(f"no rule is called {sorted(unknown)[0]!r}; known: {', '.join(known)}")
        extensions = {
            (student, lab): moment(when)
            for student, labs in text.get("extensions", {}).items()
            for lab, when in labs.items()
        }
        due = {lab: moment(when) for lab, when in text.get("due", {}).items()}
        late = LatePolicy(**text.get("late", {}))
        if text.get("keep", "latest") not in ("latest", "best"):
            raise TermError(f'keep the "latest" or the "best"; got {text["keep"]!r}')
        return Term(**{**text, "due": due, "extensions": extensions, "late": late})
    except (tomllib.TOMLDecodeError, TypeError, ValueError, AttributeError) as error:
        raise TermError(f"{path}: {error}") from error


# ----------------------------------------------------------------------------------- handing in again


def choose_submission(results, keep):
    """The one of a student's results for a lab that counts: "latest" or "best".

    A submission that could not be graded counts only where none could: handing in a broken file
    after a good one loses nothing.  Among equally good ones the later counts.
    """
    if keep not in ("latest", "best"):
        raise ValueError(f'keep the "latest" or the "best" submission; got {keep!r}')
    if not results:
        raise ValueError("no submission to choose from")

    def rank(result):
        when = result.get("submitted_at")
        when = moment(when).timestamp() if when else -math.inf
        earned = result["earned"] if keep == "best" else 0.0
        return (result["status"] == "graded", earned, when)

    return max(reversed(results), key=rank)  # of two alike, the last one given


# -------------------------------------------------------------------------------------- marks by hand


@dataclass(frozen=True)
class Mark:
    """What a person gave for one question, with a word on why."""

    lab: str
    student: str
    question: str
    earned: float
    comment: str = ""
    marker: str = ""


def read_marks(path):
    """The marks given by hand, from a CSV file with the columns lab, student, question, earned, and
    if wanted comment and marker.  Where a question was marked twice, the last line holds.

    A line without a mark is passed over.  Grading never writes this file: no regrading can
    overwrite a mark.
    Raises TermError, naming the line, for a mark that is no number.
    """
    marks = {}
    for line, row in _rows(path, ["lab", "student", "question", "earned"]):
        if not row["earned"]:
            continue  # a line of the list to be marked, not marked yet
        try:
            earned = float(row["earned"])
        except ValueError:
            earned = math.nan
        if not (math.isfinite(earned) and earned >= 0):
            raise TermError(
                f"{path}, line {line}: the mark {row['earned']!r} is no number from 0 up"
            )
        mark = Mark(
            row["lab"],
            row["student"],
            row["question"],
            earned,
            row.get("comment", ""),
            row.get("marker", ""),
        )
        marks[mark.lab, mark.student, mark.question] = mark
    return list(marks.values())


def apply_marks(result, marks):
    """The result with the marks that a person gave for it, and its total.

    A mark counts in place of what the checks gave, which is kept under `automatic`: so an appeal can
    change any question.  Raises TermError for a question that the lab has not, or too many points.
    """
    mine = {
        m.question: m for m in marks if (m.lab, m.student) == (result["lab"], result["student"])
    }
    unknown = set(mine) - {q["id"] for q in result["questions"]}
    if unknown and result["status"] == "graded":
        raise TermError(
            f"{result['lab']} has no question {', '.join(map(repr, sorted(unknown)))} "
            f"to mark for {result['student']!r}"
        )
    return total({**result, "questions": [_marked(q, mine) for q in result["questions"]]})


def _marked(question, marks):
    mark = marks.get(question["id"])
    if mark is None:
        return question
    if mark.earned > question["points"]:
        raise TermError(
            f"{mark.student!r}, {question['id']}: {number(mark.earned)} points by hand, "
            f"but the question has only {number(question['points'])}"
        )
    automatic = question.get("automatic", question["earned"])
    words = {"comment": mark.comment, "marker": mark.marker}
    return {**question, "earned": mark.earned, "automatic": automatic, "mark": words}


# ----------------------------------------------------------------------------------------- regrading


@dataclass(frozen=True)
class Change:
    """What a regrading changed for one student in one question ("" for the lab as a whole)."""

    student: str
    lab: str
    question: str
    before: float | None
    after: float | None
    why: str = field(default="", compare=False)


def compare(old, new):
    """What changed from the old results to the new ones, question by question, as a list of Change.

    A student who is only in one of them changes from or to None.  Hand marks are in both, so they
    change nothing.
    """
    before, after = ({(r["student"], r["lab"]): r for r in results} for results in (old, new))
    changes = []
    for key in sorted(before.keys() | after.keys()):
        was, now = before.get(key), after.get(key)
        if was is None or now is None:
            earned = [None if r is None else r["earned"] for r in (was, now)]
            why = "not in the new results" if now is None else "not in the old results"
            changes.append(Change(*key, "", *earned, why))
        else:
            changes += _changes(key, was, now)
    return changes


def _changes(key, was, now):
    questions = [{q["id"]: q for q in r["questions"]} for r in (was, now)]
    changes = []
    for id in dict.fromkeys([*questions[0], *questions[1]]):
        pair = [q.get(id) for q in questions]
        earned = [None if q is None else q["earned"] for q in pair]
        if earned[0] != earned[1]:
            changes.append(Change(*key, id, *earned, _why(*pair)))
    if was["earned"] != now["earned"] or was["status"] != now["status"]:
        why = f"{was['status']}, now {now['status']}" if was["status"] != now["status"] else ""
        changes.append(Change(*key, "", was["earned"], now["earned"], why))
    return changes


def _why(was, now):
    if was is None or now is None:
        return "a new question" if was is None else "the question is gone"
    old, new = ({o["property"]: o["earned"] for o in q["outcomes"]} for q in (was, now))
    words = [
        f"{name} {number(old.get(name, 0))} → {number(new.get(name, 0))}"
        for name in dict.fromkeys([*old, *new])
        if old.get(name) != new.get(name)
    ]
    return "; ".join(words) or "marked by hand"


def changes_table(changes):
    """The changes as text, one line each, and how many students gained or lost.

    >>> print(changes_table([Change("ada", "01", "", 3.0, 4.0)]))
    ada  01  total: 3 → 4
    1 student gained, 0 lost.
    """
    lines = []
    for c in changes:
        values = ["none" if v is None else number(v) for v in (c.before, c.after)]
        why = f" ({c.why})" if c.why else ""
        line = f"{c.student}  {c.lab}  {c.question or 'total'}: {values[0]} → {values[1]}{why}"
        lines.append(printable(line).replace("\n", " "))
    moved = [(c.after or 0) - (c.before or 0) for c in changes if not c.question]
    gained, lost = sum(m > 0 for m in moved), sum(m < 0 for m in moved)
    return "\n".join([*lines, f"{gained} student{'s' * (gained != 1)} gained, {lost} lost."])
