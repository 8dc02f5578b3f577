"""What the proofs of every chapter use: symbols, general matrices, and what it means to be zero."""

import sympy
from sympy import Symbol, symbols

from .registry import EQUATIONS, require

ALPHA = Symbol("alpha", positive=True)
K = Symbol("k", integer=True, nonnegative=True)
I = Symbol("i", integer=True)
N = Symbol("n", integer=True)
SIZES = (2, 3)


def stated(label):
    """The statement of that label, for proofs that build on it."""
    return EQUATIONS[label].statement


def vector(letter, n):
    """A column of n real symbols."""
    return sympy.Matrix(symbols(f"{letter}1:{n + 1}", real=True))


def symmetric(n):
    """A general symmetric n×n matrix."""
    return sympy.Matrix(n, n, lambda i, j: Symbol(f"a{min(i, j)}{max(i, j)}", real=True))


def turn(n):
    """A general rotation in the first plane of n-space, rational in t = tan(angle/2)."""
    t = Symbol("t", real=True)
    Q = sympy.eye(n)
    Q[:2, :2] = sympy.Matrix([[1 - t**2, -2 * t], [2 * t, 1 - t**2]]) / (1 + t**2)
    return Q


def spectrum(n):
    """n positive symbols."""
    return symbols(f"lambda1:{n + 1}", positive=True)


def norm(v):
    """The Euclidean length of a real column."""
    return sympy.sqrt(sum(entry**2 for entry in v))


def vanishes(expression):
    """Whether SymPy reduces an expression to zero, over one denominator."""
    numerator, _ = sympy.fraction(sympy.together(sympy.powsimp(expression)))
    return sympy.expand(numerator) == 0


def zero(expression, what):
    """Require that a number or every entry of a matrix reduces to zero."""
    entries = expression if isinstance(expression, sympy.MatrixBase) else [expression]
    require(all(map(vanishes, entries)), what)


def same_sides(statement, **names):
    """Require that both sides of an equation, evaluated, are equal."""
    left, right = statement.sides(**names)
    zero(left - right, "the equation")
