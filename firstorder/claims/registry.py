"""The equations of the book, by label: definitions, and claims with their proofs."""

from collections.abc import Callable
from dataclasses import dataclass

from .statement import Statement

KINDS = {
    "code": "the formula is what the rule of firstorder.rules does, traced on symbols",
    "identity": "an identity that SymPy reduces to zero",
    "induction": "induction on k, both steps reduced to zero by SymPy",
    "cases": "an identity that SymPy reduces to zero for n = 2 and 3 with general entries",
    "sets": "equality of solution sets, found exactly by SymPy",
    "limit": "a limit found by SymPy",
    "argument": "reduced by SymPy to facts about signs that the proof names",
    "numerics": "checked in 50-digit arithmetic over the domain that the proof states, and attained",
}


class NotProved(AssertionError):
    """A proof that does not go through."""


@dataclass(frozen=True)
class Definition:
    """An equation that says what a letter means."""

    label: str
    statement: Statement
    words: str


@dataclass(frozen=True)
class Claim:
    """An equation that says something true.

    `proof(statement)` raises (NotProved, as a rule) unless that statement is proved; `kind` is one of
    `KINDS`; `words` says the claim in a sentence, with its conditions.
    """

    label: str
    statement: Statement
    words: str
    kind: str
    proof: Callable[[Statement], None]


EQUATIONS: dict[str, Definition | Claim] = {}


def _register(equation):
    if equation.label in EQUATIONS:
        raise ValueError(f"two equations are labelled {equation.label}")
    EQUATIONS[equation.label] = equation


def define(label, text, words):
    """Register a definition and return its statement, for proofs to use."""
    _register(Definition(label, Statement(text), words))
    return EQUATIONS[label].statement


def claim(label, text, kind, words):
    """Register the decorated function as the proof of the claim."""
    if kind not in KINDS:
        raise ValueError(
            f"{label}: no kind of proof is called {kind!r}; there are {', '.join(KINDS)}"
        )

    def register(proof):
        _register(Claim(label, Statement(text), words, kind, proof))
        return proof

    return register


def require(truth, what):
    """Raise NotProved unless `truth` is exactly true."""
    if truth is not True and truth != True:  # noqa: E712  (SymPy's true is not Python's)
        raise NotProved(f"{what} does not hold")


def prove(label):
    """Run the proof of one claim and say how it was proved.

    Raises KeyError for an unknown label and NotProved where the proof fails.

    >>> print(prove("eq-component"))
    eq-component is proved: induction on k, both steps reduced to zero by SymPy
    """
    if label not in EQUATIONS:
        raise KeyError(f"no equation is labelled {label!r}")
    equation = EQUATIONS[label]
    if isinstance(equation, Definition):
        return f"{label} is a definition"
    equation.proof(equation.statement)
    return f"{label} is proved: {KINDS[equation.kind]}"
