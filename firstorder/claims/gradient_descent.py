"""The equations of chapter 1, and their proofs.

Matrices of size n = 2 and 3 with general symbolic entries stand for all sizes; where eigenvectors
are needed, Q turns one plane by a general angle.
"""

from itertools import product

import sympy
from sympy import Rational, Symbol, simplify, symbols

from .. import theory
from ..rules import get_rule, trace
from .proving import (
    ALPHA,
    SIZES,
    I,
    K,
    N,
    norm,
    same_sides,
    spectrum,
    stated,
    symmetric,
    turn,
    vector,
    zero,
)
from .registry import claim, define, require


def f(w, A, b):
    """The model's value, evaluated from its definition on the page."""
    return quadratic.right(w=w, A=A, b=b)


def gradient(w, A, b):
    """Its gradient, evaluated from the claim on the page."""
    return stated("eq-gradient").right(w=w, A=A, b=b)


def descend(w, slope, alpha=ALPHA):
    """One step of the very rule at a point where the gradient is `slope`."""
    return get_rule("gd")(w, lambda point: slope, {}, alpha=alpha)[0]


# --------------------------------------------------------------------------------------- the model

quadratic = define(
    "eq-quadratic",
    "quadratic model",
    "f(w) == 1/2*T(w)*A*w - T(b)*w",
    "The model: a quadratic with A symmetric and positive definite.",
)


@claim(
    "eq-gradient",
    "gradient of the quadratic",
    "grad_f(w) == A*w - b",
    "identity for n = 2, 3",
    "The gradient of the model.",
)
def _(statement):
    for n in SIZES:
        w, A, b = vector("w", n), symmetric(n), vector("b", n)
        slope = sympy.Matrix([f(w, A, b).diff(coordinate) for coordinate in w])
        zero(slope - statement.right(w=w, A=A, b=b), "the derivative of the model")


@claim(
    "eq-minimum",
    "minimum of the quadratic",
    "w_star == inv(A)*b",
    "identity for n = 2, 3",
    "The only minimum of the model.",
)
def _(statement):
    for n in SIZES:
        A, b, d = symmetric(n), vector("b", n), vector("d", n)
        minimum = statement.right(A=A, b=b)
        zero(gradient(minimum, A, b), "the gradient at the minimum")
        rise = f(minimum + d, A, b) - f(minimum, A, b) - (d.T * A * d)[0] / 2
        zero(rise, "f(w* + d) − f(w*) = ½dᵀAd, which is positive for d ≠ 0")


@claim(
    "eq-gd",
    "gradient descent",
    "w[k+1] == w[k] - alpha*grad_f(w[k])",
    "traced rule",
    "The update rule of gradient descent, which is firstorder.rules.gd.",
)
def _(statement):
    rule = trace("gd")
    after, stepped = statement.sides(
        k=K,
        w={K: rule.w, K + 1: rule.w_next},
        alpha=rule.hyper["alpha"],
        grad_f=dict(rule.queries).__getitem__,
    )
    zero(after - stepped, "the rule")


# ---------------------------------------------------------------------------------- the eigenbasis

eigendecomposition = define(
    "eq-eigendecomposition",
    "eigendecomposition",
    "A == Q*Lam*T(Q)",
    "The eigenvectors of A are the columns of Q, and its eigenvalues stand on the diagonal of Λ.",
)
eigenbasis = define(
    "eq-eigenbasis",
    "error in the eigenbasis",
    "x == T(Q)*(w - w_star)",
    "The error, in coordinates along the eigenvectors.",
)


@claim(
    "eq-component-step",
    "one step in the eigenbasis",
    "x[i, k+1] == (1 - alpha*lam[i])*x[i, k]",
    "identity for n = 2, 3",
    "In the eigenbasis one step multiplies each component by a number of its own.",
)
def _(statement):
    for n in SIZES:
        Q, lam, w, w_star = turn(n), spectrum(n), vector("w", n), vector("s", n)
        A = eigendecomposition.right(Q=Q, Lam=sympy.diag(*lam))
        before = eigenbasis.right(Q=Q, w=w, w_star=w_star)
        after = eigenbasis.right(Q=Q, w=descend(w, gradient(w, A, A * w_star)), w_star=w_star)
        for i in range(n):
            components = {(I, K): before[i], (I, K + 1): after[i]}
            left, right = statement.sides(i=I, k=K, alpha=ALPHA, lam={I: lam[i]}, x=components)
            zero(left - right, f"component {i + 1} of {n}")


@claim(
    "eq-component",
    "closed form of gradient descent",
    "x[i, k] == (1 - alpha*lam[i])**k*x[i, 0]",
    "induction on k",
    "The closed form: after k steps each component has been multiplied k times.",
)
def _(statement):
    (lam,), start, now = spectrum(1), Symbol("x0", real=True), Symbol("xk", real=True)

    def after(k):
        return statement.right(i=I, k=k, alpha=ALPHA, lam={I: lam}, x={(I, 0): start})

    left = statement.left(i=I, k=K, x={(I, K): now, (I, 0): start})
    require(left == now, "the left-hand side is the component after k steps")
    zero(after(0) - start, "the start")
    stepped = stated("eq-component-step").right(
        i=I, k=K, alpha=ALPHA, lam={I: lam}, x={(I, K): after(K)}
    )
    zero(after(K + 1) - stepped, "the step from k to k + 1")
    zero(after(K) - theory.component(start, ALPHA, lam, K), "theory.component")


@claim(
    "eq-loss",
    "loss of gradient descent",
    "f(w[k]) - f(w_star) == 1/2*sum_over(lam[i]*(1 - alpha*lam[i])**(2*k)*x[i, 0]**2, i, 1, n)",
    "identity for n = 2, 3",
    "The loss is a sum of geometric sequences, one for each eigenvector, with a factor of one half.",
)
def _(statement):
    some_lam, some_x = symbols("lambda_i x_i", real=True)
    for n in SIZES:
        Q, lam, x, w_star = turn(n), spectrum(n), vector("x", n), vector("s", n)
        A = eigendecomposition.right(Q=Q, Lam=sympy.diag(*lam))
        now = [
            stated("eq-component").right(i=I, k=K, alpha=ALPHA, lam={I: lam[i]}, x={(I, 0): x[i]})
            for i in range(n)
        ]

        def sum_over(body, index, first, last, lam=lam, x=x):
            require(index == I, "the sum runs over i")
            return sum(
                body.subs({some_lam: lam[j - 1], some_x: x[j - 1]}) for j in range(first, last + 1)
            )

        left, right = statement.sides(
            **{"f": lambda w, A=A, b=A * w_star: f(w, A, b), "w_star": w_star, "alpha": ALPHA},
            **{"k": K, "i": I, "n": n, "w": {K: w_star + Q * sympy.Matrix(now)}},
            **{"lam": {I: some_lam}, "x": {(I, 0): some_x}, "sum_over": sum_over},
        )
        zero(left - right, f"the loss for n = {n}")
        parts = [theory.loss_component(x[i], ALPHA, lam[i], K) for i in range(n)]
        zero(right - sum(parts), "theory.loss_component")


# ------------------------------------------------------------------------------- convergence, rate


def solutions(relation, variable):
    """The real solutions of an inequality in one variable, where max(a, b) < c means both."""
    if isinstance(relation, sympy.StrictLessThan) and isinstance(relation.lhs, sympy.Max):
        sides = [sympy.StrictLessThan(side, relation.rhs) for side in relation.lhs.args]
        return sympy.Intersection(*(solutions(side, variable) for side in sides))
    return relation.as_set()


@claim(
    "eq-convergence",
    "convergence of a component",
    "iff(abs(1 - alpha*lam[i]) < 1, 0 < alpha*lam[i] < 2)",
    "equal solution sets",
    "A component shrinks exactly if the step times its eigenvalue lies between 0 and 2.",
)
def _(statement):
    u, (lam,) = Symbol("u", real=True), spectrum(1)
    shrinks, between = statement.evaluate(
        iff=lambda *sides: sides, i=I, alpha=u / lam, lam={I: lam}
    )
    require({*shrinks.free_symbols, *between.free_symbols} == {u}, "only αλ matters")
    require(shrinks.as_set() == between.as_set(), "both sides have the same solutions")


@claim(
    "eq-rate",
    "rate of gradient descent",
    "max_over(abs(1 - alpha*lam[i]), i) == max(abs(1 - alpha*lam[1]), abs(1 - alpha*lam[n]))",
    "signs",
    "The worst factor, which we call r(α), belongs to the smallest or to the largest eigenvalue.",
)
def _(statement):
    (low, high), t, some = spectrum(2), Symbol("t", real=True), Symbol("some", positive=True)
    inside, (end, other) = (
        1 - ALPHA * ((1 - t) * low + t * high),
        (1 - ALPHA * low, 1 - ALPHA * high),
    )
    zero(inside - ((1 - t) * end + t * other), "1 − αλ lies between its values at the ends")
    spectra = [(1,), (1, 3), (1, 2, 5), (Rational(1, 100), Rational(1, 10), 1), (1, 1, 7, 50)]
    for lam, alpha in product(spectra, [Rational(k, 7) for k in range(1, 16)]):
        worst, ends = statement.sides(
            **{"i": I, "n": N, "alpha": alpha, "lam": {I: some, 1: lam[0], N: lam[-1]}},
            max_over=lambda body, i, lam=lam: sympy.Max(*(body.subs(some, value) for value in lam)),
        )
        require(worst == ends, f"the worst factor for the spectrum {lam} and α = {alpha}")
        require(ends == theory.rate(alpha, *map(sympy.sympify, (lam[0], lam[-1]))), "theory.rate")


def rate(alpha, low, high):
    """r(α), evaluated from the claim on the page."""
    return stated("eq-rate").right(alpha=alpha, n=N, lam={1: low, N: high})


@claim(
    "eq-stable",
    "stability of gradient descent",
    "iff(r(alpha) < 1, 0 < alpha < 2/lam[n])",
    "equal solution sets",
    "Gradient descent converges from every start exactly below the edge 2/λₙ.",
)
def _(statement):
    u = Symbol("u", real=True)
    for high, ratio in product((Rational(1), Rational(7, 2)), (1, 2, 10, 1000)):
        converges, below = statement.evaluate(
            **{"iff": lambda *sides: sides, "alpha": u, "n": N, "lam": {N: high}},
            r=lambda alpha, low=high / ratio, high=high: rate(alpha, low, high),
        )
        require(solutions(converges, u) == below.as_set(), f"the edge for λₙ = {high}, κ = {ratio}")
        require(below.as_set() == sympy.Interval.open(0, theory.edge(high)), "theory.edge")


@claim(
    "eq-best-step",
    "best step size",
    "alpha_star == 2/(lam[1] + lam[n])",
    "signs",
    "The step size at which the two ends shrink equally fast; any other makes one of them slower.",
)
def _(statement):
    (low, high), change = spectrum(2), Symbol("delta", real=True)
    best = statement.right(n=N, lam={1: low, N: high})
    worst = 1 - best * low
    zero((best + change) * high - 1 - (worst + change * high), "a larger step slows λₙ")
    zero(1 - (best + change) * low - (worst - change * low), "a smaller step slows λ₁")
    zero(best - theory.best_step(low, high), "theory.best_step")


condition_number = define(
    "eq-condition-number",
    "condition number",
    "kappa == lam[n]/lam[1]",
    "The condition number: how much steeper the steepest direction is than the flattest.",
)


@claim(
    "eq-best-rate",
    "best rate of gradient descent",
    "r(alpha_star) == (kappa - 1)/(kappa + 1)",
    "identity",
    "The best worst factor depends on the condition number alone.",
)
def _(statement):
    low, more = symbols("lambda1 d", positive=True)
    ends = {1: low, N: low * (1 + more)}
    best, worst = statement.sides(
        alpha_star=stated("eq-best-step").right(n=N, lam=ends),
        kappa=condition_number.right(n=N, lam=ends),
        r=lambda alpha: rate(alpha, ends[1], ends[N]),
    )
    zero(simplify(best - worst), "the best rate")
    zero(worst - theory.best_rate(1 + more), "theory.best_rate")


@claim(
    "eq-iterations",
    "iterations to a given error",
    "iff(r**k <= epsilon, k >= log(epsilon)/log(r))",
    "signs",
    "The iterations that a factor r < 1 needs to shrink something to the fraction ε < 1.",
)
def _(statement):
    a, c, k = *symbols("a c", positive=True), Symbol("k", real=True)
    small, late = statement.evaluate(
        iff=lambda *sides: sides, r=sympy.exp(-a), epsilon=sympy.exp(-c), k=k
    )
    require(isinstance(small, sympy.LessThan), "small means at most ε")
    require(isinstance(late, sympy.GreaterThan), "late means at least so many")
    exponents = sympy.log(small.lhs) - sympy.log(small.rhs)
    zero(sympy.expand_log(exponents, force=True) + a * (late.lhs - late.rhs), "logarithms")


@claim(
    "eq-cost",
    "iterations of gradient descent",
    "limit(1/(kappa*log((kappa + 1)/(kappa - 1))), kappa, oo) == 1/2",
    "limit",
    "For large κ each factor of e costs about κ/2 iterations.",
)
def _(statement):
    same_sides(statement, kappa=Symbol("kappa", positive=True))


# ---------------------------------------------------------------------------------------- rotation

rotated = define(
    "eq-rotated",
    "rotated landscape",
    "f_tilde(w) == f(T(U)*w)",
    "The same landscape, turned by an orthogonal matrix U.",
)


@claim(
    "eq-rotation",
    "rotation of gradient descent",
    "w_tilde[k] == U*w[k]",
    "identity for n = 2, 3",
    "From the turned start, gradient descent follows the turned path.",
)
def _(statement):
    for n in SIZES:
        U, A, b, w, y = turn(n), symmetric(n), vector("b", n), vector("w", n), vector("y", n)
        value = rotated.right(U=U, w=y, f=lambda point, A=A, b=b: f(point, A, b))
        there = statement.right(k=K, U=U, w={K: w})
        slope = sympy.Matrix([value.diff(c) for c in y]).subs(dict(zip(y, there, strict=True)))
        turned = statement.right(k=K, U=U, w={K: descend(w, gradient(w, A, b))})
        zero(descend(there, slope) - turned, f"the step from k to k + 1, for n = {n}")
        left = statement.left(k=K, w_tilde={K: there}, w={}, U=U)
        require(left == there, "the left-hand side is the turned path after k steps")


# ------------------------------------------------------------------------------ steps that look


@claim(
    "eq-line-search",
    "exact line search",
    "alpha[k] == norm(g)**2/(T(g)*A*g)",
    "identity for n = 2, 3",
    "Exact line search on the model: the step that goes lowest along the gradient g.",
)
def _(statement):
    for n in SIZES:
        A, b, w, a = symmetric(n), vector("b", n), vector("w", n), Symbol("a", real=True)
        g = gradient(w, A, b)
        slope = f(descend(w, g, a), A, b).diff(a)
        zero(slope.subs(a, statement.right(g=g, A=A, norm=norm)), "the slope at that step")
    require(statement.left(k=K, alpha={K: ALPHA}) == ALPHA, "the left-hand side is the step at k")


@claim(
    "eq-polyak-bound",
    "bound behind Polyak's step",
    "norm(w[k+1] - w_star)**2 <= norm(w[k] - w_star)**2"
    " - 2*alpha*(f(w[k]) - f(w_star)) + alpha**2*norm(g)**2",
    "signs",
    "For convex f with gradient g at wᵏ: how far the next iterate can be from the minimum.",
)
def _(statement):
    require(statement.relation == r"\le", "the relation")
    height, least = symbols("height least", real=True)
    for n in SIZES:
        w, w_star, g = vector("w", n), vector("s", n), vector("g", n)
        distance, bound = statement.sides(
            **{"k": K, "w": {K: w, K + 1: descend(w, g)}, "w_star": w_star, "alpha": ALPHA},
            **{"g": g, "norm": norm},
            f=lambda point, w=w, w_star=w_star: {tuple(w): height, tuple(w_star): least}[
                tuple(point)
            ],
        )
        # Convexity says that this is not negative; on a cone (height = gᵀ(w − w*)) it is zero.
        convexity = g.dot(w - w_star) - (height - least)
        zero(bound - distance - 2 * ALPHA * convexity, "what convexity leaves")


@claim(
    "eq-polyak-step",
    "Polyak's step",
    "alpha[k] == (f(w[k]) - f(w_star))/norm(g)**2",
    "identity",
    "Polyak's step: the one that makes that bound smallest.",
)
def _(statement):
    w, w_star, g, height, least, a = symbols("w s g height least a", real=True)
    names = {"k": K, "w": {K: w, K + 1: descend(w, g)}, "w_star": w_star, "g": g, "norm": sympy.Abs}
    heights = {w: height, w_star: least}.__getitem__
    bound = stated("eq-polyak-bound").right(**names, f=heights, alpha=a)
    zero(bound.diff(a).subs(a, statement.right(**names, f=heights)), "the bound's slope")
    require(statement.left(k=K, alpha={K: ALPHA}) == ALPHA, "the left-hand side is the step at k")
    require(bound.diff(a, 2) == 2 * g**2, "the bound is a parabola that opens upwards")


# ------------------------------------------------------------------------------- beyond quadratics

smooth = define(
    "eq-smooth",
    "L-smooth function",
    "f(w + d) <= f(w) + T(grad_f(w))*d + L/2*norm(d)**2",
    "L-smooth: f lies below a parabola of curvature L that touches it at w.",
)


@claim(
    "eq-descent",
    "descent lemma",
    "f(w - alpha*grad_f(w)) <= f(w) - alpha*(1 - alpha*L/2)*norm(grad_f(w))**2",
    "signs",
    "For L-smooth f, every step with αL < 2 goes down unless the gradient is zero.",
)
def _(statement):
    require(statement.relation == smooth.relation == r"\le", "the relation")
    height, L = symbols("height L", positive=True)
    for n in SIZES:
        w, g = vector("w", n), vector("g", n)
        names = {"w": w, "L": L, "norm": norm, "alpha": ALPHA, "grad_f": lambda point, g=g: g}
        d = statement.left(**names, f=lambda point: point) - w
        require(d == descend(w, g) - w, "the left-hand side is f after a step of the rule")
        below = smooth.right(**{**names, "f": lambda point: height}, d=d)
        zero(below - statement.right(**names, f=lambda point: height), "the parabola after a step")


@claim(
    "eq-contraction",
    "contraction beyond quadratics",
    "norm(w[k+1] - w_star) <= max(abs(1 - alpha*mu), abs(1 - alpha*L))*norm(w[k] - w_star)",
    "signs",
    "If every eigenvalue of the Hessian lies between μ > 0 and L everywhere, the rate carries over.",
)
def _(statement):
    require(statement.relation == r"\le", "the relation")
    # The gradient is M(w − w*), M being the Hessian's mean between w* and w: symmetric, and its
    # eigenvalues μ + s(L − μ), with s from 0 to 1.  The vectors are written in its eigenbasis.
    mu, L, worst = symbols("mu L worst", positive=True)
    ends = [descend(1, curvature) for curvature in (mu, L)]

    def largest(*factors):
        require(set(factors) == set(map(sympy.Abs, ends)), "the factors at the ends")
        return worst

    for n in SIZES:
        goal, error, s = (vector(letter, n) for letter in ("c", "e", "s"))
        slope = sympy.Matrix([(mu + at * (L - mu)) * x for at, x in zip(s, error, strict=True)])
        path = {K: goal + error, K + 1: descend(goal + error, slope)}
        left, right = statement.sides(
            w=path, w_star=goal, k=K, alpha=ALPHA, mu=mu, L=L, norm=norm, max=largest, abs=sympy.Abs
        )
        # No part of this is negative, for neither end's factor is larger than `worst` in size.
        low, high = ends
        room = sum(
            x**2
            * (
                (1 - at) ** 2 * (worst**2 - low**2)
                + at**2 * (worst**2 - high**2)
                + 2 * at * (1 - at) * (worst**2 - low * high)
            )
            for at, x in zip(s, error, strict=True)
        )
        zero(right**2 - left**2 - room, "the room between both sides")
