"""The equations of the chapter on Nesterov's lookahead, and their proofs."""

import sympy
from sympy import Rational, Symbol, symbols

from .. import theory
from ..rules import get_rule, iteration_matrix
from .proving import (
    ALPHA,
    BETA,
    LAMBDA,
    K,
    N,
    is_characteristic,
    is_line_of,
    is_the_jacobian,
    motion_about,
    pair,
    same_sides,
    stated,
    step,
    zero,
)
from .registry import claim, define, require

U = Symbol("u", positive=True)  # αλ


def look_ahead(w, v, slope_there):
    """One step of the look-ahead rule whose gradient, at its own point, is `slope_there`."""
    return step("nesterov_lookahead", w, slope_there, v)


# ---------------------------------------------------------------------------------------- the rule

claim(
    "eq-lookahead-velocity",
    "Nesterov's velocity",
    "v[k+1] == beta*v[k] - alpha*grad_f(w[k] + beta*v[k])",
    "traced rule",
    "Nesterov's velocity: the slope is felt where the velocity is about to carry us.",
)(is_line_of("nesterov_lookahead", letter="v"))
claim(
    "eq-lookahead-step",
    "Nesterov's step",
    "w[k+1] == w[k] + v[k+1]",
    "traced rule",
    "Nesterov's step.",
)(is_line_of("nesterov_lookahead"))

ahead = define(
    "eq-ahead",
    "look-ahead point",
    "y[k] == w[k] + beta*v[k]",
    "The look-ahead point.",
)

claim(
    "eq-pytorch-buffer",
    "PyTorch's buffer of Nesterov's method",
    "z[k+1] == beta*z[k] + grad_f(y[k])",
    "traced rule",
    "PyTorch's form: its parameter is the look-ahead point y, and its buffer sums the slopes there.",
)(is_line_of("nesterov", letter="z", iterate="y"))
claim(
    "eq-pytorch-step",
    "PyTorch's step of Nesterov's method",
    "y[k+1] == y[k] - alpha*(grad_f(y[k]) + beta*z[k+1])",
    "traced rule",
    "PyTorch's step.",
)(is_line_of("nesterov", letter="y", iterate="y"))


@claim(
    "eq-forms",
    "PyTorch's form and the look-ahead form",
    "z[k] == -(v[k]/alpha)",
    "induction on k",
    "With this buffer, from rest and while α and β are constant, PyTorch's w is the look-ahead point.",
)
def _(statement):
    w, v, g = symbols("w v g", real=True)

    def buffer(velocity):
        return statement.right(k=K, v={K: velocity}, alpha=ALPHA)

    def point(w, v):
        return ahead.right(k=K, w={K: w}, v={K: v}, beta=BETA)

    require(statement.left(k=K, z={K: w}) == w, "the left-hand side")
    zero(buffer(sympy.Integer(0)), "both start at rest")
    w_next, v_next = look_ahead(w, v, g)
    y_next, z_next = step("nesterov", point(w, v), g, buffer(v))
    zero(y_next - point(w_next, v_next), "the look-ahead point a step later")
    zero(z_next - buffer(v_next), "the buffer a step later")


@claim(
    "eq-keras",
    "Keras's form of Nesterov's method",
    "y[k+1] == y[k] + beta*v[k+1] - alpha*grad_f(y[k])",
    "identity",
    "Keras's form, with the velocity of the first equation: the same look-ahead point again.",
)
def _(statement):
    w, v, g = symbols("w v g", real=True)
    w_next, v_next = look_ahead(w, v, g)
    now = ahead.right(k=K, w={K: w}, v={K: v}, beta=BETA)
    after = ahead.right(k=K, w={K: w_next}, v={K: v_next}, beta=BETA)
    same_sides(
        statement,
        **{"k": K, "y": {K: now, K + 1: after}, "v": {K + 1: v_next}, "alpha": ALPHA, "beta": BETA},
        grad_f=lambda point: {now: g}[point],
    )


def _two_steps(name, **hyper):
    """(y before, now and after, both slopes, names) for a statement in one sequence."""
    before, old, new = symbols("y g0 g1", real=True)
    rule = get_rule(name)
    state = {b: Symbol(b, real=True) for b in rule.buffers}
    now, state = rule(before, lambda point: old, state, **hyper)
    after, _ = rule(now, lambda point: new, state, **hyper)
    return {"k": K, "y": {K - 1: before, K: now, K + 1: after}, "g": {K - 1: old, K: new}}


@claim(
    "eq-one-sequence",
    "Nesterov's method in one sequence",
    "y[k+1] == y[k] - alpha*g[k] + beta*(y[k] - y[k-1]) - alpha*beta*(g[k] - g[k-1])",
    "traced rule",
    "One sequence, no buffer: descent, step momentum and gradient momentum, g being the slope at y.",
)
def _(statement):
    names = _two_steps("nesterov", alpha=ALPHA, beta=BETA)
    require(statement.left(**names) == names["y"][K + 1], "the left-hand side")
    same_sides(statement, **names, alpha=ALPHA, beta=BETA)


@claim(
    "eq-family",
    "family of momentum methods",
    "y[k+1] == y[k] - alpha*g[k] + beta*(y[k] - y[k-1]) - alpha*gamma*(g[k] - g[k-1])",
    "traced rule",
    "The family: β weighs step momentum, γ gradient momentum.",
)
def _(statement):
    gamma = Symbol("gamma", positive=True)
    names = _two_steps("momentum_family", alpha=ALPHA, beta=BETA, gamma=gamma)
    require(statement.left(**names) == names["y"][K + 1], "the left-hand side")
    same_sides(statement, **names, alpha=ALPHA, beta=BETA, gamma=gamma)
    for name, member in {"momentum": 0, "nesterov": BETA}.items():
        same_sides(
            statement,
            **_two_steps(name, alpha=ALPHA, beta=BETA),
            alpha=ALPHA,
            beta=BETA,
            gamma=member,
        )
    same_sides(statement, **_two_steps("gd", alpha=ALPHA), alpha=ALPHA, beta=0, gamma=0)


# ---------------------------------------------------------------------------------- on a quadratic


claim(
    "eq-nesterov-matrix",
    "Nesterov's iteration matrix",
    "R == Matrix([[1 - alpha*lam, beta*(1 - alpha*lam)], [-alpha*lam, beta*(1 - alpha*lam)]])",
    "traced rule",
    "Nesterov's iteration matrix in (w, v): the Jacobian of the rule on λw²/2.",
)(is_the_jacobian("nesterov_lookahead"))


@claim(
    "eq-nesterov-characteristic",
    "characteristic polynomial of Nesterov's method",
    "det(sigma*I - R) == sigma**2 - (1 + beta)*(1 - alpha*lam)*sigma + beta*(1 - alpha*lam)",
    "identity",
    "Its characteristic polynomial: the determinant is β(1 − αλ), so damping grows with curvature.",
)
def _(statement):
    is_characteristic(statement, "eq-nesterov-matrix")
    sigma = Symbol("sigma")
    pytorch = (sigma * sympy.eye(2) - iteration_matrix("nesterov")).det()
    ours = characteristic(sigma, ALPHA * LAMBDA, BETA)
    zero(ours - pytorch, "PyTorch's form has the same polynomial")


def characteristic(sigma, alpha_lambda, beta):
    """The characteristic polynomial at sigma, evaluated from the claim on the page."""
    return stated("eq-nesterov-characteristic").right(
        sigma=sigma, alpha=alpha_lambda, lam=1, beta=beta
    )


@claim(
    "eq-nesterov-modulus",
    "modulus of Nesterov's complex pair",
    "abs(sigma) == sqrt(beta*(1 - alpha*lam))",
    "identity",
    "For a complex pair: not √β whatever the step, but less where the valley is steep.",
)
def _(statement):
    a, b = symbols("a b", positive=True)
    sigma = a + sympy.I * b
    # The product of the pair is the constant term: choose β to make it so.
    beta = sympy.expand(sigma * sympy.conjugate(sigma)) / (1 - U)
    zero(characteristic(0, U, beta) - sympy.expand(sigma * sympy.conjugate(sigma)), "the product")
    left, right = statement.sides(sigma=sigma, beta=beta, alpha=U, lam=1)
    zero(left - sympy.simplify(right), "the modulus")


@claim(
    "eq-nesterov-stable",
    "stability of Nesterov's method",
    "iff(max(abs(sigma[1]), abs(sigma[2])) < 1, 0 < alpha*lam < (2 + 2*beta)/(1 + 2*beta))",
    "equal solution sets",
    "Nesterov's method with 0 ≤ β < 1 converges exactly below this edge.",
)
def _(statement):
    u, sigmas = Symbol("u", real=True), dict(enumerate(symbols("sigma1 sigma2"), start=1))
    for beta in [Rational(n, 10) for n in (0, 1, 3, 5, 7, 9)]:
        inside, between = statement.evaluate(iff=pair, alpha=u, lam=1, beta=beta, sigma=sigmas)
        require(inside == (sympy.Max(*map(abs, sigmas.values())) < 1), "both are inside")
        sigma = Symbol("sigma")
        _, minus_tau, delta = sympy.Poly(characteristic(sigma, u, beta), sigma).all_coeffs()
        _, jury = stated("eq-jury").evaluate(iff=pair, tau=-minus_tau, delta=delta, sigma=sigmas)
        require(jury.as_set() == between.as_set(), f"the edge for β = {beta}")


@claim(
    "eq-nesterov-edge",
    "Nesterov's edge for large momentum",
    "limit((2 + 2*beta)/(1 + 2*beta), beta, 1) == 4/3",
    "limit",
    "Where the edge falls to as β approaches 1: below gradient descent's 2.",
)
def _(statement):
    same_sides(statement, beta=Symbol("beta", positive=True))
    edge = stated("eq-nesterov-stable")
    _, between = edge.evaluate(
        iff=pair,
        alpha=Symbol("u", real=True),
        lam=1,
        beta=BETA,
        sigma=dict(enumerate(symbols("s1 s2"), start=1)),
    )
    named = statement.left(beta=BETA, limit=lambda body, variable, target: body)
    ends = [sympy.simplify(part.rhs - named) for part in between.args]
    require(0 in ends, "this is the edge")


# --------------------------------------------------------------------------------------- its rates

standard_step = define(
    "eq-standard-step",
    "standard step size",
    "alpha == 1/lam[n]",
    "The standard step size for strongly convex functions, 1/L.",
)
standard_beta = define(
    "eq-standard-momentum",
    "standard momentum",
    "beta == (sqrt(kappa) - 1)/(sqrt(kappa) + 1)",
    "The standard momentum for strongly convex functions.",
)


def _radius_is(rate, step_size, beta, kappa):
    """Require that the spectral radius over a spectrum from 1 to κ is `rate`, on exact numbers."""
    sigma = Symbol("sigma")
    for share in [Rational(n, 12) for n in range(13)]:
        curvature = 1 + share * (kappa - 1)
        found = sympy.roots(
            characteristic(sigma, step_size * curvature, beta), sigma, multiple=True
        )
        require(all(bool(abs(root) <= rate) for root in found), f"inside at λ = {curvature}")


@claim(
    "eq-standard-rate",
    "standard rate",
    "r == 1 - 1/sqrt(kappa)",
    "identity",
    "The rate of the standard choice on quadratics: that of the smallest eigenvalue.",
)
def _(statement):
    q, sigma = Symbol("q", positive=True), Symbol("sigma")  # q = √κ
    r, beta = (s.right(kappa=q**2) for s in (statement, standard_beta))
    alpha = standard_step.right(n=N, lam={N: q**2})  # λ₁ = 1, λₙ = κ
    polynomial = sympy.together(characteristic(sigma, alpha, beta))
    zero(polynomial - (sigma - r) ** 2, "at λ₁ both eigenvalues are r")
    zero(characteristic(sigma, alpha * q**2, beta) - sigma**2, "at λₙ both are 0")
    for root in (2, 3, 10):
        names = {"kappa": sympy.Integer(root**2)}
        _radius_is(
            statement.right(**names), Rational(1, root**2), standard_beta.right(**names), root**2
        )


# The best choice is rational in q = √(3κ + 1).
ROOT = Symbol("q", positive=True)
SPREAD = (ROOT**2 - 1) / 3


def _best():
    """The best step size, momentum and rate on the page, for a spectrum from 1 to κ = (q² − 1)/3."""
    return (
        stated("eq-best-nesterov-step").right(n=N, lam={1: 1, N: SPREAD}),
        stated("eq-best-nesterov-momentum").right(kappa=SPREAD),
        stated("eq-best-nesterov-rate").right(kappa=SPREAD),
    )


def _best_choice(which, value, expected):
    """Prove one of the three (by its place) with the two others as they stand on the page."""
    sigma, choice = Symbol("sigma"), list(_best())
    choice[which] = value
    alpha, beta, r = choice
    zero(characteristic(sigma, alpha, beta) - (sigma - r) ** 2, "at λ₁ both eigenvalues are r")
    zero(characteristic(-r, alpha * SPREAD, beta), "at λₙ one eigenvalue is −r")
    zero(value - expected, "the function of firstorder.theory")


@claim(
    "eq-best-nesterov-step",
    "best step size of Nesterov's method",
    "alpha_star == 4/(3*lam[n] + lam[1])",
    "identity",
    "The step size of the best choice on quadratics (Lessard, Recht and Packard).",
)
def _(statement):
    best = statement.right(n=N, lam={1: 1, N: SPREAD})
    _best_choice(0, best, theory.best_nesterov_step(1, SPREAD))


@claim(
    "eq-best-nesterov-momentum",
    "best momentum of Nesterov's method",
    "beta_star == (sqrt(3*kappa + 1) - 2)/(sqrt(3*kappa + 1) + 2)",
    "identity",
    "The momentum that goes with it.",
)
def _(statement):
    _best_choice(1, statement.right(kappa=SPREAD), theory.best_nesterov(SPREAD))


@claim(
    "eq-best-nesterov-rate",
    "best rate of Nesterov's method",
    "r_star == 1 - 2/sqrt(3*kappa + 1)",
    "identity",
    "The rate of that choice on quadratics: at λ₁ both eigenvalues are r, at λₙ one of them is −r.",
)
def _(statement):
    _best_choice(2, statement.right(kappa=SPREAD), theory.best_nesterov_rate(SPREAD))
    alpha, beta, r = _best()
    for q in (4, 5, 7):  # and between λ₁ and λₙ no eigenvalue is larger
        numbers = (part.subs(ROOT, sympy.Integer(q)) for part in (r, alpha, beta, SPREAD))
        _radius_is(*numbers)


# --------------------------------------------------------------------- convex, not strongly convex


schedule = define(
    "eq-schedule",
    "Nesterov's momentum schedule",
    "beta[k] == (k - 1)/(k + 2)",
    "The momentum for functions that are convex and no more: it grows with time (at step k = 0, 1, …).",
)


@claim(
    "eq-square-bound",
    "Nesterov's bound for convex functions",
    "f(w[k]) - f(w_star) <= 2*L*norm(w[0] - w_star)**2/(k + 1)**2",
    "signs",
    "With that schedule and α = 1/L, for every convex L-smooth f: the square of k, not k.",
)
def _(statement):
    # The energy of Su, Boyd and Candès (2016), theorem 6: with y the look-ahead point after k steps,
    # E(k) = (k + 1)²α(f(wᵏ) − f*) + 2‖((k + 2)y − kwᵏ)/2 − w*‖² never grows.  One coordinate stands
    # for all, for both sides are sums over coordinates.
    k, alpha = symbols("k alpha", positive=True)
    before, y, g, minimum, height_before, height, least = symbols("p y g m F0 F1 F", real=True)

    def energy(k, w_height, w, ahead):
        distance = ((k + 2) * ahead - k * w) / 2 - minimum
        return (k + 1) ** 2 * alpha * (w_height - least) + 2 * distance**2

    after, _ = step("nesterov_lookahead", before, g, y - before, alpha, beta=1)  # from w + v = y
    ahead_after = after + schedule.right(k=k) * (after - before)
    fall = energy(k - 1, height_before, before, y) - energy(k, height, after, ahead_after)

    def slack(point_height, point):  # not negative for a convex L-smooth f, with α = 1/L
        return point_height + g * (y - point) - alpha * g**2 / 2 - height

    parts = (k**2 - 1) * alpha * slack(height_before, before)
    parts += 2 * (k + 1) * alpha * slack(least, minimum) + alpha * (height_before - least)
    zero(fall - parts, "the energy falls by a sum of what is not negative, for k ≥ 1")
    zero(
        energy(0, height, y, y) - alpha * (height - least) - 2 * (y - minimum) ** 2, "at the start"
    )

    # So (k + 1)²α(f(wᵏ) − f*) ≤ E(k) ≤ 2‖w⁰ − w*‖², which is the statement.
    require(statement.relation == r"\le", "the relation")
    start = Symbol("start", real=True)
    left, right = statement.sides(
        **{"k": k, "w": {0: start, k: before}, "w_star": minimum, "L": 1 / alpha},
        **{"f": {before: height, minimum: least}.__getitem__, "norm": sympy.Abs},
    )
    zero(left - (height - least), "the left-hand side")
    zero((k + 1) ** 2 * alpha * right - 2 * (start - minimum) ** 2, "the right-hand side")


ball = define(
    "eq-nesterov-ode",
    "ball whose friction fades",
    "ddot(w) + 3/t*dot(w) + grad_f(w) == 0",
    "A ball whose friction fades: the limit of small steps (Su, Boyd and Candès).",
)


@claim(
    "eq-nesterov-limit",
    "Nesterov's limit of small steps",
    "limit((w(t + h) - 2*w(t) + w(t - h))/h**2 + 3*(w(t) - w(t - h))/(h*(t + 2*h)) + grad_f(y), h, 0)"
    " == ddot(w) + 3/t*dot(w) + grad_f(w)",
    "limit",
    "With α = h² and t = kh, the look-ahead rule with that schedule sets this bracket to zero.",
)
def _(statement):
    t, h = symbols("t h", positive=True)
    w, move, slope = symbols("w d g", real=True)
    # Two iterates d apart: in the schedule's form the look-ahead point is w + β(w − w⁻).
    beta = schedule.right(k=t / h)
    after, _ = step("nesterov_lookahead", w, slope, move, alpha=h**2, beta=beta)
    bracket = statement.left(
        **{"t": t, "h": h, "y": None, "w": {t - h: w - move, t: w, t + h: after}.__getitem__},
        **{"grad_f": lambda point: slope, "limit": lambda body, variable, target: body},
    )
    zero(bracket, "the bracket is the rule")
    motion, w1, w2 = motion_about(t)
    names = {"t": t, "h": h, "y": None, "grad_f": lambda point: slope}
    derivatives = {"dot": lambda w: w1, "ddot": lambda w: w2}
    left = statement.left(**names, w=motion)
    right = statement.right(**names, **derivatives, w=None)
    zero(left - right, "the limit")
    zero(right - ball.left(**names, **derivatives, w=None), "the ball")
