"""The equations of the book, by label: definitions, and claims with their proofs."""

from collections.abc import Callable
from dataclasses import dataclass

from .statement import Statement

KINDS = {
    "traced rule": "the formula is what the rule of firstorder.rules does, traced on symbols",
    "identity": "an identity that SymPy reduces to zero",
    "identity for n = 2, 3": "an identity that SymPy reduces to zero for matrices of sizes 2 and 3 "
    "with general entries",
    "induction on k": "the start and the step from k to k + 1, both reduced to zero by SymPy",
    "equal solution sets": "both sides' sets of solutions are found by SymPy and are the same",
    "signs": "reduced by SymPy to facts about signs that the proof names",
    "limit": "a limit found by SymPy",
}


class NotProved(AssertionError):
    """A proof that does not go through."""


@dataclass(frozen=True)
class Definition:
    """An equation that says what a letter means."""

    label: str
    name: str
    statement: Statement
    words: str


@dataclass(frozen=True)
class Claim:
    """An equation that says something true.

    `proof(statement)` raises (NotProved, as a rule) unless that statement is proved; `name` is what the
    index and the search call it; `kind` is one of `KINDS`; `words` says the claim in a sentence, with
    its conditions.
    """

    label: str
    name: str
    statement: Statement
    words: str
    kind: str
    proof: Callable[[Statement], None]


EQUATIONS: dict[str, Definition | Claim] = {}


def _register(equation):
    if equation.label in EQUATIONS:
        raise ValueError(f"two equations are labelled {equation.label}")
    if equation.name in {other.name for other in EQUATIONS.values()}:
        raise ValueError(f"two equations are called {equation.name}")
    EQUATIONS[equation.label] = equation


def define(label, name, text, words):
    """Register a definition and return its statement, for proofs to use."""
    _register(Definition(label, name, Statement(text), words))
    return EQUATIONS[label].statement


def claim(label, name, text, kind, words):
    """Register the decorated function as the proof of the claim."""
    if kind not in KINDS:
        raise ValueError(
            f"{label}: no kind of proof is called {kind!r}; there are {', '.join(KINDS)}"
        )

    def register(proof):
        _register(Claim(label, name, Statement(text), words, kind, proof))
        return proof

    return register


def require(truth, what):
    """Raise NotProved unless `truth` is exactly true."""
    if truth is not True and truth != True:  # noqa: E712  (SymPy's true is not Python's)
        raise NotProved(f"{what} does not hold")


def prove(*labels):
    """Run the proofs of these claims and say how each was proved, one line each.

    Raises KeyError for an unknown label and NotProved where a proof fails.

    >>> print(prove("eq-quadratic", "eq-component"))
    eq-quadratic: a definition
    eq-component: proved (induction on k)
    """
    return "\n".join(map(_prove_one, labels))


def _prove_one(label):
    if label not in EQUATIONS:
        raise KeyError(f"no equation is labelled {label!r}")
    equation = EQUATIONS[label]
    if isinstance(equation, Definition):
        return f"{label}: a definition"
    equation.proof(equation.statement)
    return f"{label}: proved ({equation.kind})"
