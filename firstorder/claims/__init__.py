"""Formulas that cannot lie: every displayed equation is a definition or a proved claim.

A claim is a `Statement` with a proof of it; a definition is a statement that proofs may use.  The
text of the equation is printed from the statement, the proof evaluates the statement, and
`python -m firstorder.claims` (that is `make claims`) compares the pages with both.
"""

from . import (  # noqa: F401  (a chapter's equations each)
    adaptive,
    gradient_descent,
    momentum,
    nesterov,
    training,
)
from .pages import check_pages, equations_on_pages
from .registry import EQUATIONS, KINDS, Claim, Definition, NotProved, prove
from .statement import Statement

__all__ = [
    "EQUATIONS",
    "KINDS",
    "Claim",
    "Definition",
    "NotProved",
    "Statement",
    "check_pages",
    "equations_on_pages",
    "prove",
]
