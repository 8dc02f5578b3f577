"""Checks on what students' functions returned, shared by every lab.

A question lists calls; each of its properties judges the values that came back from some of them.
A judge sees plain JSON values of any kind, for they come from code that nobody has read: it never
raises, and a value of the wrong kind is a property that failed, with a plain reason.
"""

import importlib.util
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .values import arrays, plain


class Unfit(Exception):
    """A value that cannot be judged; its text says why in plain words."""


@dataclass(frozen=True)
class Property:
    """One thing that a right answer does, with its points.

    `says` completes "It should …"; `hint` helps whoever lost it.  `judge(value, *arguments)` says
    whether it holds; it may raise Unfit with a reason.  `where(*arguments)` picks the calls that
    it judges.
    """

    id: str
    points: float
    says: str
    hint: str
    judge: Callable[..., bool]
    where: Callable[..., bool] = lambda *arguments: True


@dataclass(frozen=True)
class Question:
    """A graded question: its `id` is the grade_id of the notebook's check cell.

    `signature` is the student's function, as in "f(x, k)"; `inputs(rng)` lists the calls, each a
    tuple of JSON values (lists arrive as NumPy arrays).
    """

    id: str
    signature: str
    inputs: Callable[[np.random.Generator], list[tuple]]
    properties: tuple[Property, ...]

    @property
    def function(self):
        """The name of the student's function."""
        return self.signature.partition("(")[0]

    @property
    def points(self):
        """What a right answer earns."""
        return sum(p.points for p in self.properties)

    def call(self, arguments):
        """The call as text, for messages."""
        names = self.signature.partition("(")[2].rstrip(")").split(", ")
        return _call(self.function, names, arguments)


@dataclass(frozen=True)
class Sample:
    """An answer as a student might write it, for the bank that tests a question's checks.

    `loses` names exactly the properties that it should lose: none for a right answer.
    """

    name: str
    source: str
    loses: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Outcome:
    """What one property earned, and, where it failed, a message for the student."""

    property: str
    points: float
    earned: float
    message: str = ""


@dataclass(frozen=True)
class Result:
    """What one question earned."""

    question: str
    outcomes: tuple[Outcome, ...]

    @property
    def points(self):
        """What could be earned."""
        return sum(o.points for o in self.outcomes)

    @property
    def earned(self):
        """What was earned."""
        return sum(o.earned for o in self.outcomes)

    @property
    def lost(self):
        """The ids of the properties that failed."""
        return frozenset(o.property for o in self.outcomes if o.earned < o.points)


# ------------------------------------------------------------------------------- judging one value


def show(value, depth=2):
    """A returned value as a few characters of text, whatever it is.

    >>> show([0.1 + 0.2, None, 10**5000, [[[1]]]])
    '[0.3, None, an integer of 5001 digits, [[…]]]'
    """
    if isinstance(value, bool) or value is None:
        return str(value)
    if isinstance(value, int):
        digits = int(value.bit_length() * np.log10(2)) + 1
        return str(value) if digits < 16 else f"an integer of {digits} digits"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, str):
        return f"the text {value[:40]!r}"
    if isinstance(value, list | tuple):
        if depth < 0:
            return "…"
        more = ", …" if len(value) > 6 else ""
        return f"[{', '.join(show(item, depth - 1) for item in value[:6])}{more}]"
    return f"a {type(value).__name__}"


def numbers(value, shape):
    """The value as a float64 array of `shape`; Unfit where it is anything else.

    >>> numbers([[1, 2.5]], (1, 2))
    array([[1. , 2.5]])
    """
    return np.array(_flat(value, shape)).reshape(shape)


def _flat(value, shape):
    if shape:
        if not isinstance(value, list):
            raise Unfit(f"{show(value)} came where a list of {shape[0]} was needed")
        if len(value) != shape[0]:
            raise Unfit(f"a list of {len(value)} came where a list of {shape[0]} was needed")
        return [x for item in value for x in _flat(item, shape[1:])]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unfit(f"{show(value)} came where a number was needed")
    try:
        return [float(value)]
    except OverflowError:
        raise Unfit(f"{show(value)} came, which is too large") from None


def entry(value, k, length=None):
    """One entry of a list, of exactly `length` entries if that is given; Unfit where there is none.

    >>> entry([1, 2], 1, length=2)
    2
    """
    if not isinstance(value, list) or len(value) <= k or length not in (None, len(value)):
        raise Unfit(f"it has no row {k}" if length is None else f"{length} results are needed")
    return value[k]


def close(value, expected):
    """Whether the value has the shape of `expected` and agrees with it, as float32 would.

    Each entry may be off by 10⁻⁴ of itself and 10⁻⁶ of the largest (or of 1).  Raises Unfit for a
    wrong shape or kind.  NaN and infinity agree with nothing.

    >>> close([1, 2.00001], [1.0, 2.0]), close(float("inf"), np.inf)
    (True, False)
    """
    expected = np.asarray(expected, float)
    value = numbers(value, expected.shape)
    if not np.isfinite(expected).all():  # it came from the student's own numbers
        return False
    tolerance = 1e-4 * abs(expected) + 1e-6 * max(1.0, abs(expected).max(initial=0.0))
    return bool((abs(value - expected) <= tolerance).all())


def _call(function, names, arguments):
    shown = [repr(a) if isinstance(a, str) else show(a, 3) for a in arguments]
    given = ", ".join(f"{n}={a}" for n, a in zip(names, shown, strict=False))
    return f"{function}({given})"


def _message(call, came, says, hint):
    return f"{call} {came}.\nIt should {says}.\nHint: {hint}"


def _judged(judge, value, arguments):
    """None where the property holds, else what came, in words."""
    try:
        with np.errstate(all="ignore"):
            return None if judge(value, *arguments) else f"returned {show(value)}"
    except Unfit as unfit:
        return f"returned {show(value)}: {unfit}"


# --------------------------------------------------------------------------------- judging answers


def grade_values(question, arguments, answers):
    """The result of a question from the answers to its calls.

    `arguments` is what `question.inputs` listed.  `answers` holds for each call `{"value": …}` or
    `{"error": text}` (see `firstorder.grading.values.answer`); an answer that is missing or has
    another form counts as none.  A property is earned where it holds in every call that it judges.
    Raises ValueError if a property judges no call: that is a mistake of the lab's author.
    """
    answers = answers if isinstance(answers, list) else []
    answers = answers + [None] * (len(arguments) - len(answers))
    return Result(
        question.id, tuple(_outcome(question, p, arguments, answers) for p in question.properties)
    )


def _outcome(question, property, arguments, answers):
    calls = [(a, b) for a, b in zip(arguments, answers, strict=False) if property.where(*a)]
    if not calls:
        raise ValueError(f"{question.id}: no input is judged by the property {property.id!r}")
    for given, answer in calls:
        if isinstance(answer, dict) and "value" in answer:
            wrong = _judged(property.judge, answer["value"], given)
        elif isinstance(answer, dict) and isinstance(answer.get("error"), str):
            wrong = f"raised {answer['error'][:200]}"
        else:
            wrong = "gave no answer"
        if wrong:
            message = _message(question.call(given), wrong, property.says, property.hint)
            return Outcome(property.id, property.points, 0, message)
    return Outcome(property.id, property.points, property.points)


def check(function, arguments, *, says, hint, gives=None, holds=None):
    """A visible check in a lab: calls the function, and explains what is wrong if something is.

    The value must be close to `gives`, or `holds(value)` must be true.  Raises AssertionError
    otherwise; whatever the function raises passes through.

    >>> check(lambda x: x / 2, [8.0], gives=4.0, says="halve 8", hint="divide by two")
    """
    value = plain(function(*arrays(arguments)))

    def judge(value):
        if holds is None:
            return close(value, gives)
        try:
            return holds(value)
        except (TypeError, ValueError, IndexError):  # not the kind of value that `holds` expects
            return False

    if wrong := _judged(judge, value, ()):
        call = _call(function.__name__, inspect.signature(function).parameters, arguments)
        raise AssertionError(_message(call, wrong, says, hint))


# ----------------------------------------------------------------------------------- finding a lab


def load(lab, part):
    """The module `part` ("checks" or "bank") of a lab's folder under solutions/."""
    path = Path(lab) / f"{part}.py"
    spec = importlib.util.spec_from_file_location(f"{path.parent.name}.{part}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
