"""Grading: a class's notebooks in, one result for each submission out.

The sandbox gives values; what they should be, and what they earn, is decided here.  Every submission
ends in a result with a plain reason, and no submission stops another.
"""

import hashlib
import json
import math
import os
import platform
import secrets
import tempfile
import time
import zlib
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

import numpy as np
from tqdm import tqdm

from .. import __version__
from . import sandbox, submission
from .checks import grade_values, load
from .sandbox import Limits, SandboxMissing
from .submission import Damaged
from .supplies import supply

SCHEMA = 1


class Lab:
    """A lab as the grader needs it, from its folder under solutions/."""

    def __init__(self, folder):
        self.folder = Path(folder).resolve()
        self.name = self.folder.name
        if not (self.folder / "checks.py").is_file():
            raise FileNotFoundError(f"{self.folder} is no lab: it has no checks.py")
        self.checks = load(self.folder, "checks")
        self.questions = self.checks.QUESTIONS

    @cached_property
    def by_hand(self):
        """{id: points} of the answers that are marked by hand, from the lab's notebook."""
        path = self.folder / f"{self.name}.ipynb"
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        marked = [
            c.get("metadata", {}).get("nbgrader", {}) for c in cells if c["cell_type"] == "markdown"
        ]
        return {m["grade_id"]: m["points"] for m in marked if m.get("grade") and m.get("solution")}

    @cached_property
    def version(self):
        """Changes when the lab's checks or its points do."""
        text = (self.folder / "checks.py").read_bytes() + json.dumps(self.by_hand).encode()
        return hashlib.sha256(text).hexdigest()

    def inputs(self, question, seed, variant=""):
        """The calls of a question: the same for the same seed and the same variant."""
        words = (self.name, question.id, variant)
        rng = np.random.default_rng([seed, *(zlib.crc32(word.encode()) for word in words)])
        return json.loads(json.dumps(question.inputs(rng)))

    @contextmanager
    def supplies(self):
        """{question id: folder with the package as the question leaves it}, while the block runs.

        Questions that leave the same of it share a folder, and so a start of the sandbox.
        """
        taken = frozenset(getattr(self.checks, "TAKEN_AWAY", ()))
        more = getattr(self.checks, "TAKEN_AWAY_FROM", {})
        instead = getattr(self.checks, "INSTEAD", {})
        sets = {q.id: taken.union(more.get(q.id, ())) for q in self.questions}
        if strange := set(more) - set(sets):
            raise ValueError(
                f"{self.name}: TAKEN_AWAY_FROM names no question: {', '.join(strange)}"
            )
        with tempfile.TemporaryDirectory() as room:
            folders = {
                away: Path(room, str(n)) for n, away in enumerate(dict.fromkeys(sets.values()))
            }
            for away, folder in folders.items():
                supply(folder, away, instead)
            Path(room).chmod(0o755)  # the sandbox is another user, who must find its way in
            yield {id: folders[away] for id, away in sets.items()}


# ------------------------------------------------------------------------------ what came back


class _Record:
    """What was read from the sandbox about one submission.

    A line counts only where it is expected: an answer to the question that is open, once for each
    call.  Everything else that comes through the pipe is as if it had not been written.
    """

    def __init__(self, job):
        self.cells = [index for index, _ in job["cells"]]
        self.calls = {q["id"]: len(q["calls"]) for q in job["questions"]}
        self.answers = {id: [None] * count for id, count in self.calls.items()}
        self.how = {}  # how each question ended
        self.errors = {}  # what each cell raised, in the last run
        self.killers = {}  # the cells that ended a run, and how
        self.begin()

    def begin(self):
        """Another run begins: its cells anew, and the questions that have not ended."""
        self.open = None  # ("cell", index) or ("question", id)
        self.ready = self.asking = False
        self.errors = dict(self.killers)

    @property
    def left(self):
        """The questions that have not ended."""
        return [id for id in self.calls if id not in self.how]

    def take(self, line):
        """Take one line, if it makes sense now."""
        steps = {
            "ready": self._ready,
            "cell": self._cell,
            "ran": self._ran,
            "question": self._question,
            "answer": self._answer,
            "done": self._done,
        }
        try:
            kind, *rest = json.loads(line)
            steps[kind](*rest)
        except (ValueError, TypeError, KeyError, RecursionError, MemoryError):
            return  # not a line of the driver's

    def _ready(self):
        self.ready = True

    def _cell(self, index):
        if index in self.cells and index not in self.errors and not self.asking:
            self.open = ("cell", index)

    def _ran(self, index, error):
        if self.open == ("cell", index):
            self.errors[index] = str(error)[:300]
            self.open = None

    def _question(self, id):
        if id in self.left:
            self.open, self.asking = ("question", id), True

    def _answer(self, id, call, answer):
        fresh = isinstance(call, int) and 0 <= call < self.calls.get(id, 0)
        if self.open == ("question", id) and fresh and self.answers[id][call] is None:
            self.answers[id][call] = answer if isinstance(answer, dict) else {}

    def _done(self, id, how):
        if self.open == ("question", id):
            self.how[id] = str(how)[:100]
            self.open = None

    def blame(self, reason):
        """A run ended early: whatever was open is left out of the next.  Whether there was any."""
        kind, which = self.open or (None, None)
        if kind == "cell":
            self.killers[which] = reason
        elif kind == "question":
            self.how[which] = reason
        return kind is not None


_ENDS = {
    "late": "took too long",
    "memory": "used too much memory",
    "output": "wrote too much",
    "ended": "ended early",
}


def _collect(job, package, limits, hide, unsafe):
    """Run a submission until every question has ended; the _Record of it.

    What kills the driver, be it a cell or a question, is left out, and the rest is run again.
    """
    record = _Record(job)
    end = time.monotonic() + limits.total
    reason = ""
    while record.left and time.monotonic() < end:
        record.begin()
        rest = {
            "cells": [[i, s] for i, s in job["cells"] if i not in record.killers],
            "questions": [q for q in job["questions"] if q["id"] in record.left],
        }
        with sandbox.start(rest, package, limits, hide=hide, unsafe=unsafe) as run:
            reason = _ENDS[_read(run, record, limits, end)]
            if not record.ready:
                raise SandboxMissing(f"the sandbox did not start: {run.said() or reason}")
        if record.left and not record.blame(reason):
            break  # it died between two steps: another run would die there again
    record.how.update(dict.fromkeys(record.left, reason or _ENDS["late"]))
    return record


def _read(run, record, limits, end):
    """Read a run to its end; why it ended."""
    seconds = {"cell": limits.cell, "question": limits.question, None: limits.start}
    opened, deadline = object(), 0.0
    while record.left:
        if record.open != opened:
            opened = record.open
            deadline = time.monotonic() + seconds[opened and opened[0]] + limits.grace
        line = run.line(min(deadline, end))
        if line is None:
            return run.why
        record.take(line)
    return "ended"


# ------------------------------------------------------------------------------ judging it


def _status(how, answers):
    """The status of a question, and its reason in plain words."""
    errors = [
        a["error"] for a in answers if isinstance(a, dict) and isinstance(a.get("error"), str)
    ]
    late = [a for a in answers if isinstance(a, dict) and a.get("late") is True]
    if how == "missing":
        return "missing", "no function of this name is there when all cells have run"
    if how == "took too long" or late:
        return "timeout", "the function did not return in time" + (
            " on every input" if late else ""
        )
    if how == "used too much memory" or any(e.startswith("MemoryError") for e in errors):
        return "memory", "the function used too much memory"
    if how == "wrote too much":
        return "output", "the function wrote too much"
    if how or None in answers:
        return "killed", f"the function did not return: its process {how or 'ended early'}"
    if answers and len(errors) == len(answers):
        return "error", f"the function raised {errors[0][:200]}"
    return "ok", ""


def _question(question, calls, record):
    """The entry of one question in the result."""
    answers = record.answers[question.id]
    status, reason = _status(record.how[question.id], answers)
    failing = [f"cell {i}: {e}" for i, e in sorted(record.errors.items()) if e]
    if status == "missing" and failing:
        reason += f" ({failing[0]})"
    silent = {"error": reason} if status != "ok" else None
    filled = [silent if answer is None else answer for answer in answers]
    try:
        outcomes = grade_values(question, [tuple(call) for call in calls], filled).outcomes
    except Exception as error:
        outcomes, status = (), "error"
        reason = (
            f"what came back cannot be judged ({type(error).__name__}); tell the course's author"
        )
    earned = {o.property: (o.earned, o.message) for o in outcomes}
    listed = [
        {"property": p.id, "points": p.points, "earned": e, "message": m}
        for p in question.properties
        for e, m in [earned.get(p.id, (0, reason))]
    ]
    return {
        "id": question.id,
        "manual": False,
        "status": status,
        "reason": reason,
        "earned": math.fsum(o["earned"] for o in listed),
        "points": question.points,
        "outcomes": listed,
        "inputs": calls,
    }


def _by_hand(lab):
    """The entries of what is marked by hand (`firstorder publish` puts the marks on top)."""
    blank = {"manual": True, "status": "missing", "reason": "marked by hand", "earned": 0}
    return [
        {"id": id, **blank, "points": points, "outcomes": []} for id, points in lab.by_hand.items()
    ]


def _result(lab, student, seed, variant, handed_in, status, reason, questions, notes=()):
    return {
        "schema": SCHEMA,
        "student": student,
        "lab": lab.name,
        "seed": seed,
        "variant": variant,
        "status": status,
        "reason": reason,
        "notes": list(notes),
        "submission_sha256": handed_in.sha256 if handed_in else "",
        "submitted_at": handed_in.submitted_at if handed_in else None,
        "earned": math.fsum(q["earned"] for q in questions),
        "points": math.fsum(q["points"] for q in questions),
        "questions": questions,
        "versions": {
            "lab": lab.version,
            "firstorder": __version__,
            "numpy": np.__version__,
            "python": platform.python_version(),
        },
    }


def _ungraded(lab):
    """The questions' entries where nothing was run."""
    return [
        {
            "id": q.id,
            "manual": False,
            "status": "missing",
            "reason": "",
            "earned": 0,
            "points": q.points,
            "outcomes": [],
            "inputs": [],
        }
        for q in lab.questions
    ]


def grade_submission(
    folder, lab, seed, packages, *, variant="", limits=None, hide=(), unsafe=False
):
    """The result of one student's submission, as a plain dict; never raises for what is in it.

    `folder` is SUBMISSIONS/STUDENT, `lab` a Lab, `packages` what `lab.supplies()` gave.
    `variant` gives inputs of its own to whoever it names.  Raises SandboxMissing where there is no
    sandbox.
    """
    folder, limits = Path(folder), limits or Limits()
    handed_in, about = None, (lab, folder.name, seed, variant)
    try:
        handed_in = submission.fetch(folder, lab.name)
        functions = [q.function for q in lab.questions]
        parsed = submission.parse(handed_in.data, lab.name, functions, handed_in.notes)
    except Damaged as damaged:
        questions = _ungraded(lab) + _by_hand(lab)
        return _result(*about, handed_in, "damaged", str(damaged), questions)
    calls = {q.id: lab.inputs(q, seed, variant) for q in lab.questions}
    job = {
        "cells": [list(cell) for cell in parsed.cells],
        "questions": [
            {"id": q.id, "function": q.function, "calls": calls[q.id]} for q in lab.questions
        ],
    }
    records = {}
    for package in dict.fromkeys(packages.values()):
        asked = [q for q in job["questions"] if packages[q["id"]] == package]
        record = _collect({**job, "questions": asked}, package, limits, hide, unsafe)
        records.update(dict.fromkeys((q["id"] for q in asked), record))
    questions = [_question(q, calls[q.id], records[q.id]) for q in lab.questions]
    questions += _by_hand(lab)
    return _result(*about, handed_in, "graded", "", questions, parsed.notes)


# ------------------------------------------------------------------------------ a class


def write_atomically(path, text):
    """Write a file so that whoever reads it finds the old text or the new, never half of one."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.chmod(name, 0o644)
    os.replace(name, path)


def read_result(path):
    """The result in a file, or None where there is none, or none that can be read."""
    try:
        result = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return result if isinstance(result, dict) and result.get("schema") == SCHEMA else None


def _seed_of(out, lab, seed):
    """The seed of this run: the one given, else that of the run which this one goes on with."""
    path = Path(out) / f"{lab.name}.run.json"
    before = read_result(path) or {}
    if seed is None:
        seed = before.get("seed", secrets.randbits(32))
    write_atomically(path, json.dumps({"schema": SCHEMA, "lab": lab.name, "seed": seed}) + "\n")
    return seed


def _is_done(before, folder, lab, seed, variant):
    """Whether an earlier result is of the same submission, checks, seed and variant."""
    if before is None:
        return False
    try:
        sha = submission.fetch(folder, lab.name).sha256
    except Damaged:
        return False
    found = (before.get("submission_sha256"), before.get("seed"), before.get("variant"))
    return found == (sha, seed, variant) and before.get("versions", {}).get("lab") == lab.version


def students_in(submissions):
    """The folders of SUBMISSIONS, one for each student, by name.  Raises FileNotFoundError."""
    submissions = Path(submissions)
    if not submissions.is_dir():
        raise FileNotFoundError(f"{submissions} is no folder; it should hold STUDENT/LAB/LAB.ipynb")
    folders = [
        p for p in sorted(submissions.iterdir()) if p.is_dir() and not p.name.startswith(".")
    ]
    if not folders:
        raise FileNotFoundError(f"{submissions} holds no student's folder (STUDENT/LAB/LAB.ipynb)")
    return folders


def grade_all(
    submissions,
    lab,
    out,
    *,
    workers=None,
    seed=None,
    variants=False,
    limits=None,
    unsafe=False,
    dask=None,
    each=None,
):
    """Grade every submission of a lab; the results, by student.

    `lab` is the lab's folder under solutions/.  Writes OUT/STUDENT/LAB/results.json as each is done;
    begun again, it grades only what has no result yet for the same file, checks and seed.  The marks
    depend on the submission and the seed alone, not on the workers.  `variants` gives each student
    inputs of their own.  `dask` is the address of a Dask cluster that grades in place of this machine's
    `workers`.  `each(result)` is called for every new result.
    Raises FileNotFoundError for what is not there, SandboxMissing where there is no sandbox, and
    ClusterMissing where there is no cluster.
    """
    lab, out = Lab(lab), Path(out).resolve()
    submissions = Path(submissions).resolve()
    folders = students_in(submissions)
    seed = _seed_of(out, lab, seed)
    hide = (lab.folder.parents[1], submissions, out)
    paths = {folder: out / folder.name / lab.name / "results.json" for folder in folders}
    variant = {folder: folder.name if variants else "" for folder in folders}
    results = {folder: read_result(path) for folder, path in paths.items()}
    left = [f for f in folders if not _is_done(results[f], f, lab, seed, variant[f])]

    def keep(folder, result):
        text = json.dumps(result, indent=1, ensure_ascii=False) + "\n"
        write_atomically(paths[folder], text)
        results[folder] = result
        if each:
            each(result)

    with _hands(lab, workers, dask) as (submit, lost):
        how = {"limits": limits, "hide": hide, "unsafe": unsafe}
        jobs = {submit(f, seed, {**how, "variant": variant[f]}): f for f in left}
        for job in tqdm(as_completed(jobs), total=len(jobs), desc=lab.name, unit="submission"):
            folder = jobs[job]
            try:
                keep(folder, job.result())
            except lost:
                about = (lab, folder.name, seed, variant[folder], None)
                keep(folder, _result(*about, "lost", _LOST, _ungraded(lab) + _by_hand(lab)))
    return [results[folder] for folder in folders]


_LOST = (
    "the process that graded it died, several times; grade the class again, and it is tried anew"
)


@contextmanager
def _hands(lab, workers, dask):
    """Who grades: `submit(folder, seed, how)`, and what its future raises where a grader died."""
    if dask:
        from . import cluster

        with cluster.tasks(lab, dask) as hands:
            yield hands
        return
    with lab.supplies() as packages, ThreadPoolExecutor(workers or os.cpu_count()) as pool:

        def submit(folder, seed, how):
            return pool.submit(grade_submission, folder, lab, seed, packages, **how)

        try:
            yield submit, ()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
