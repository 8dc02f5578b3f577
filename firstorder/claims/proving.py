"""What the proofs of every chapter use: symbols, general matrices, and what it means to be zero."""

import sympy
from sympy import Symbol, symbols

from ..rules import get_rule, iteration_matrix, trace
from .registry import EQUATIONS, require

ALPHA = Symbol("alpha", positive=True)
BETA = Symbol("beta", positive=True)
LAMBDA = Symbol("lambda", positive=True)
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


def step(name, w, slope, state, alpha=ALPHA, beta=BETA):
    """One step of the very rule where the gradient is `slope`: (w⁺, the state⁺'s only entry)."""
    rule = get_rule(name)
    w, after = rule(
        w, lambda point: slope, dict.fromkeys(rule.buffers, state), alpha=alpha, beta=beta
    )
    return w, after[rule.buffers[0]]


def both(*relations):
    """Several relations at once, for statements that say "and"."""
    return sympy.And(*relations)


def pair(*sides):
    """Both sides of an equivalence, as they are."""
    return sides


def exact(expression):
    """The expression with its decimal numbers as the fractions that they stand for."""
    return sympy.nsimplify(sympy.sympify(expression), rational=True)


def one_step(name, decay=0, iterate="w", **letters):
    """One step of a rule in the letters of the page: tables of the iterate and of the state at k, k + 1.

    The iterate is called `iterate` there; `letters` says which part of the state a letter stands for
    where they differ; the counter t is k.  Gradients are known only where the rule asks for them, so
    one at another point cannot be proved; g is the one at the iterate, δ the `decay`.
    """
    traced = trace(name)
    put = {symbol: decay for part, symbol in traced.hyper.items() if part == "decay"}
    put |= {symbol: K for part, symbol in traced.state.items() if part == "t"}
    letters = {**{part: part for part in traced.state if part != "t"}, **letters}
    tables = {
        letter: {K: traced.state[part], K + 1: exact(traced.state_next[part].subs(put))}
        for letter, part in letters.items()
    }
    tables[iterate] = {K: traced.w, K + 1: exact(traced.w_next.subs(put))}
    slopes = dict(traced.queries)
    gradients = {"grad_f": slopes.__getitem__}
    if traced.w in slopes:
        gradients["g"] = {K: slopes[traced.w]}
    return {**traced.hyper, "k": K, "delta": decay, **gradients, **tables}


class Defined:
    """A letter whose value at each step is that of a definition on the page."""

    def __init__(self, label, names):
        self.label, self.names = label, names

    def __getitem__(self, at):
        return stated(self.label).right(**{**self.names, "k": at})


def defined(names, **labels):
    """The names, and letters that are defined on the page by the equations of these labels."""
    return {**names, **{letter: Defined(label, names) for letter, label in labels.items()}}


def is_line_of(*rules, letter="w", using=None, **how):
    """A proof that a statement is one line of these rules: `letter` stands on its left-hand side.

    `using` names the definitions, by their letters, that the line is written with; the rest is for
    `one_step`.
    """

    def proof(statement):
        for name in rules:
            names = defined(one_step(name, **how), **(using or {}))
            before, after = (names[letter][at] for at in (K, K + 1))
            require(statement.left(**names) == after, "the left-hand side")
            # Only what is known before the step may stand for its own letter on the right.
            zero(after - statement.right(**{**names, letter: {K: before}}), f"the rule {name}")

    return proof


_OF_A_MATRIX = {"alpha": ALPHA, "beta": BETA, "lam": LAMBDA}


def page_matrix(label):
    """The iteration matrix of that label in symbols, evaluated from the claim on the page."""
    return stated(label).right(**_OF_A_MATRIX, Matrix=sympy.Matrix)


def is_the_jacobian(name):
    """A proof that a statement's right-hand side is the iteration matrix of a rule."""

    def proof(statement):
        matrix = statement.right(**_OF_A_MATRIX, Matrix=sympy.Matrix)
        zero(matrix - iteration_matrix(name), "the Jacobian of the rule")

    return proof


def is_characteristic(statement, label):
    """Prove that a statement is the characteristic polynomial of the matrix of that label."""
    matrix = {"sigma": Symbol("sigma"), "I": sympy.eye(2), "R": page_matrix(label)}
    same_sides(statement, **_OF_A_MATRIX, **matrix, det=sympy.det)


def motion_about(t):
    """A general motion near the time t, a cubic: (w as a function of time, its ẇ and ẅ at t)."""
    w0, w1, w2, w3 = symbols("w0:4", real=True)

    def motion(time):
        s = sympy.expand(time - t)
        return w0 + w1 * s + w2 * s**2 / 2 + w3 * s**3 / 6

    return motion, w1, w2
