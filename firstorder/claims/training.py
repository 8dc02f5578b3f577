"""The equations of the chapters on training, and their proofs."""

import sympy
from sympy import Symbol, symbols

from .proving import SIZES, N, vector, zero
from .registry import claim, define, require

J = Symbol("j", integer=True)


def outputs(n):
    """n outputs o₁ … oₙ, real symbols, by their numbers."""
    return dict(enumerate(symbols(f"o1:{n + 1}", real=True), start=1))


def sum_to(n):
    """The sum over j = 1 … n of the page: its terms are written with the letter o_j."""

    def sum_over(body, index, first, last, given):
        require((index, first, last) == (J, 1, N), "the sum runs over all classes")
        return sum(body.subs(given[J], given[at]) for at in range(1, n + 1))

    return sum_over


def class_names(n, i):
    """What the letters of the statements on classes mean for n classes and the class i."""
    o = outputs(n) | {J: Symbol("o_j", real=True)}
    return {
        "o": o | {Symbol("i"): o[i]}, "i": Symbol("i"), "j": J, "n": N, "exp": sympy.exp,
        "sum_over": lambda *over: sum_to(n)(*over, given=o),
    }  # fmt: skip


def each_class():
    """For two and three classes, each of them as i: words for a failure, and what the letters mean."""
    for n in SIZES:
        for i in range(1, n + 1):
            names = class_names(n, i)
            yield f"n = {n}, i = {i}", {**names, "q": {names["i"]: softmax.right(**names)}}


softmax = define(
    "eq-softmax",
    "softmax",
    "q[i] == exp(o[i])/sum_over(exp(o[j]), j, 1, n)",
    "The softmax: outputs made into shares that add up to one.",
)


@claim(
    "eq-softmax-shift",
    "shift of a softmax",
    "q[i] == exp(o[i] - c)/sum_over(exp(o[j] - c), j, 1, n)",
    "identity for n = 2, 3",
    "The same number taken from all outputs changes nothing; with the largest, nothing overflows.",
)
def _(statement):
    for where, names in each_class():
        left, right = statement.sides(**names, c=Symbol("c", real=True))
        require(left == names["q"][names["i"]], "the left-hand side")
        zero(sympy.powsimp(sympy.simplify(left - right)), where)


@claim(
    "eq-log-sum-exp",
    "log-sum-exp",
    "-log(q[i]) == log(sum_over(exp(o[j]), j, 1, n)) - o[i]",
    "identity for n = 2, 3",
    "The cross-entropy of class i, without a quotient that could vanish.",
)
def _(statement):
    for where, names in each_class():
        left, right = statement.sides(**names)
        zero(sympy.expand_log(left - right, force=True), where)


@claim(
    "eq-loss-slope",
    "slope of the cross-entropy",
    "diff(-log(q[i]), o[i]) == q[i] - 1",
    "identity for n = 2, 3",
    "The slope of the cross-entropy along the right class's own output: the share that is missing.",
)
def _(statement):
    for where, names in each_class():
        left, right = statement.sides(**names, diff=sympy.diff)
        zero(sympy.simplify(left - right), where)


@claim(
    "eq-central",
    "error of central differences",
    "limit(((f(w + h) - f(w - h))/(2*h) - D)/h**2, h, 0) == T/6",
    "limit",
    "Central differences miss the slope D by h²/6 of the third derivative T, where f is smooth.",
)
def _(statement):
    w, h = symbols("w h", real=True)
    a = symbols("a0:6", real=True)

    def f(x):
        return sum(c * (x - w) ** n for n, c in enumerate(a))  # any f, to the fifth order about w

    slope, third = a[1], 6 * a[3]
    left, right = statement.sides(f=f, w=w, h=h, D=slope, T=third)
    zero(left - right, "the limit")


@claim(
    "eq-kink",
    "central differences at a kink",
    "(f(h) - f(-h))/(2*h) == (a + b)/2",
    "identity",
    "At a kink, with slopes a and b on its sides, they give the mean of both, however small h is.",
)
def _(statement):
    h, (a, b, x) = Symbol("h", positive=True), symbols("a b x", real=True)
    kinked = sympy.Piecewise((a * x, x < 0), (b * x, True))
    left, right = statement.sides(h=h, a=a, b=b, f=lambda at: kinked.subs(x, at))
    zero(left - right, "the quotient")


define(
    "eq-power-step",
    "power iteration",
    "v[k+1] == H*v[k]/norm(H*v[k])",
    "A step of power iteration on the Hessian H: the part along its steepest direction grows the most.",
)


@claim(
    "eq-rayleigh",
    "Rayleigh quotient",
    "T(v)*H*v/(T(v)*v) <= lam[n]",
    "signs",
    "What it reports is never too large: for every v, this quotient is at most the largest eigenvalue.",
)
def _(statement):
    # In the eigenbasis it is a mean of the eigenvalues, with weights xᵢ²/Σxⱼ²; λₙ − λᵢ is never negative.
    for n in SIZES:
        x, gaps = vector("x", n), symbols(f"gap1:{n}", nonnegative=True)
        largest = Symbol("lambda_n", real=True)
        H = sympy.diag(*(largest - gap for gap in gaps), largest)
        left, right = statement.sides(v=x, H=H, lam={N: largest}, n=N)
        missing = sum(gap * entry**2 for gap, entry in zip(gaps, x, strict=False))
        zero((right - left) - missing / (x.T * x)[0, 0], f"the difference for n = {n}")
        require(statement.relation == r"\le", "the relation")
