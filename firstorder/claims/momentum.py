"""The equations of the chapter on momentum, and their proofs.

Most become polynomial identities once the eigenvalues σ₁, σ₂ are the unknowns: β = σ₁σ₂ and
αλ = (1 − σ₁)(1 − σ₂).
"""

from itertools import product

import sympy
from sympy import Rational, Symbol, symbols

from .. import theory
from ..problems import LANDSCAPES
from ..rules import iteration_matrix
from .proving import (
    ALPHA,
    BETA,
    LAMBDA,
    I,
    K,
    N,
    both,
    is_characteristic,
    is_line_of,
    is_the_jacobian,
    motion_about,
    page_matrix,
    pair,
    same_sides,
    stated,
    step,
    zero,
)
from .registry import claim, define, require

SIGMA1, SIGMA2 = symbols("sigma1 sigma2", nonzero=True)
SIGMAS = {1: SIGMA1, 2: SIGMA2}


# ---------------------------------------------------------------------------------------- the rule


claim(
    "eq-momentum-buffer",
    "momentum buffer",
    "z[k+1] == beta*z[k] + grad_f(w[k])",
    "traced rule",
    "Momentum's buffer: a decaying sum of the gradients.",
)(is_line_of("momentum", letter="z"))
claim(
    "eq-momentum-step",
    "momentum's step",
    "w[k+1] == w[k] - alpha*z[k+1]",
    "traced rule",
    "Momentum's step, along the buffer.",
)(is_line_of("momentum"))
claim(
    "eq-velocity-buffer",
    "velocity of momentum",
    "v[k+1] == beta*v[k] - alpha*grad_f(w[k])",
    "traced rule",
    "The velocity form, as in Keras: the step size is inside.",
)(is_line_of("momentum_velocity", letter="v"))
claim(
    "eq-velocity-step",
    "step of the velocity form",
    "w[k+1] == w[k] + v[k+1]",
    "traced rule",
    "The velocity form's step.",
)(is_line_of("momentum_velocity"))
claim(
    "eq-average-buffer",
    "average of the averaging form",
    "m[k+1] == beta*m[k] + (1 - beta)*grad_f(w[k])",
    "traced rule",
    "The averaging form: an exponential average of the gradients.",
)(is_line_of("momentum_average", letter="m"))
claim(
    "eq-average-step",
    "step of the averaging form",
    "w[k+1] == w[k] - alpha*m[k+1]",
    "traced rule",
    "The averaging form's step.",
)(is_line_of("momentum_average"))


@claim(
    "eq-two-steps",
    "momentum without a buffer",
    "w[k+1] == w[k] - alpha*grad_f(w[k]) + beta*(w[k] - w[k-1])",
    "traced rule",
    "Without the buffer: a gradient step, and once more a fraction β of the last move.",
)
def _(statement):
    before, z, old_slope, slope = symbols("w0 z g0 g1", real=True)
    now, z_now = step("momentum", before, old_slope, z)
    after, _ = step("momentum", now, slope, z_now)
    left, right = statement.sides(
        **{"k": K, "w": {K - 1: before, K: now, K + 1: after}, "alpha": ALPHA, "beta": BETA},
        grad_f=lambda point: {now: slope}[point],
    )
    require(left == after, "the left-hand side")
    zero(left - right, "two steps of the rule")


@claim(
    "eq-unrolled",
    "momentum unrolled",
    "w[k+1] == w[0] - alpha*sum_over((1 - beta**(k + 1 - i))/(1 - beta)*grad_f(w[i]), i, 0, k)",
    "induction on k",
    "All steps at once, from z⁰ = 0: every gradient ever seen, weighted by how long it has worked.",
)
def _(statement):
    # The rule is linear in the gradients, so look at one: gⁱ arrives at step i, and m steps later
    # the buffer holds βᵐgⁱ and w has moved by −α(1 + β + … + βᵐ)gⁱ.
    g, m, start = Symbol("g", real=True), Symbol("m", integer=True, nonnegative=True), Symbol("w0")
    weights = {}

    def sum_over(body, index, first, last):
        require((index, first, last) == (I, 0, K), "the sum runs over all gradients seen")
        weights["of i"] = body
        return 0

    names = {"k": K, "i": I, "alpha": ALPHA, "beta": BETA, "sum_over": sum_over}
    left, right = statement.sides(
        **names, w={K + 1: Symbol("after"), 0: start, I: I}, grad_f=lambda point: {I: g}[point]
    )
    require((left, right) == (Symbol("after"), start), "w after k + 1 steps, from w⁰")

    def moved(after):
        return -ALPHA * weights["of i"].subs(I, K - after)

    zero(moved(0) - step("momentum", 0, g, 0)[0], "the step at which the gradient arrives")
    onward, buffer = step("momentum", moved(m), 0, BETA**m * g)
    zero(moved(m + 1) - onward, "a step later")
    zero(buffer - BETA ** (m + 1) * g, "the buffer a step later")
    sign = statement.right(
        **{**names, "sum_over": lambda body, *over: body.subs(I, K)},
        w={0: start, I: I},
        grad_f=lambda point: g,
    )
    zero(sign - (start + moved(0)), "its sign and step size")


# ------------------------------------------------------------------------------- the iteration matrix


claim(
    "eq-iteration-matrix",
    "iteration matrix of momentum",
    "R == Matrix([[1 - alpha*lam, -alpha*beta], [lam, beta]])",
    "traced rule",
    "The Jacobian of the rule in (w, z) on λw²/2: one step multiplies the pair by this matrix.",
)(is_the_jacobian("momentum"))


@claim(
    "eq-characteristic",
    "characteristic polynomial of momentum",
    "det(sigma*I - R) == sigma**2 - (1 + beta - alpha*lam)*sigma + beta",
    "identity",
    "The characteristic polynomial: the trace is 1 + β − αλ, the determinant β.",
)
def _(statement):
    is_characteristic(statement, "eq-iteration-matrix")


def characteristic(sigma, alpha_lambda, beta):
    """The characteristic polynomial at sigma, evaluated from the claim on the page."""
    return stated("eq-characteristic").right(sigma=sigma, alpha=alpha_lambda, lam=1, beta=beta)


def roots(alpha_lambda, beta):
    """Both eigenvalues for given numbers, exactly."""
    sigma = Symbol("sigma")
    found = sympy.roots(characteristic(sigma, alpha_lambda, beta), sigma, multiple=True)
    return dict(enumerate(found, start=1))


@claim(
    "eq-jury",
    "Jury's conditions",
    "iff(max(abs(sigma[1]), abs(sigma[2])) < 1, abs(tau) < 1 + delta < 2)",
    "signs",
    "Jury's conditions: both roots of σ² − τσ + δ (real coefficients) lie inside the unit circle.",
)
def _(statement):
    # The three facts from which both directions follow: with p(σ) = (σ − σ₁)(σ − σ₂),
    # 1 − τ + δ = p(1), 1 + τ + δ = p(−1), δ = σ₁σ₂.  Inside: each factor of p(±1) is positive (or
    # they are conjugate), and |δ| < 1.  Conversely, a conjugate pair has |σ|² = δ < 1; real roots
    # lie on one side of 1 and of −1 by the first two, and beyond either δ would exceed 1.
    tau, delta = SIGMA1 + SIGMA2, SIGMA1 * SIGMA2
    zero(1 - tau + delta - (1 - SIGMA1) * (1 - SIGMA2), "p(1)")
    zero(1 + tau + delta - (1 + SIGMA1) * (1 + SIGMA2), "p(−1)")
    # The statement itself, on an exact grid that meets every border.
    sigma = Symbol("sigma")
    for tau, delta in product(
        [Rational(n, 4) for n in range(-10, 11)], [Rational(n, 4) for n in range(-5, 7)]
    ):
        found = sympy.roots(sigma**2 - tau * sigma + delta, sigma, multiple=True)
        inside, conditions = statement.evaluate(
            iff=pair, tau=tau, delta=delta, sigma=dict(enumerate(found, start=1))
        )
        require(bool(inside) == bool(conditions), f"Jury's conditions at τ = {tau}, δ = {delta}")


@claim(
    "eq-momentum-stable",
    "stability of momentum",
    "iff(max(abs(sigma[1]), abs(sigma[2])) < 1, 0 < alpha*lam < 2 + 2*beta)",
    "equal solution sets",
    "Momentum with −1 < β < 1 converges exactly below this edge; at β = 0 it is gradient descent's.",
)
def _(statement):
    u = Symbol("u", real=True)
    for beta in [Rational(n, 10) for n in (-9, -5, 0, 3, 5, 9)] + [Rational(4, 9)]:
        inside, between = statement.evaluate(
            iff=pair, alpha=u, lam=1, beta=beta, sigma={1: SIGMA1, 2: SIGMA2}
        )
        require(inside == (sympy.Max(abs(SIGMA1), abs(SIGMA2)) < 1), "both eigenvalues are inside")
        _, jury = stated("eq-jury").evaluate(
            iff=pair, tau=1 + beta - u, delta=beta, sigma={1: SIGMA1, 2: SIGMA2}
        )
        require(jury.as_set() == between.as_set(), f"the edge for β = {beta}")
    sigma = Symbol("sigma")
    tau_and_delta = sigma**2 - (1 + BETA - u) * sigma + BETA
    zero(characteristic(sigma, u, BETA) - tau_and_delta, "τ and δ of momentum")


# ------------------------------------------------------------------------------------- the regimes


@claim(
    "eq-complex",
    "complex eigenvalues of momentum",
    "iff((1 + beta - alpha*lam)**2 < 4*beta, (1 - sqrt(beta))**2 < alpha*lam < (1 + sqrt(beta))**2)",
    "equal solution sets",
    "Where the discriminant is negative: the eigenvalues are a complex pair, and the iterates ripple.",
)
def _(statement):
    u, sigma = Symbol("u", real=True), Symbol("sigma")
    for root in [Rational(n, 10) for n in (1, 3, 5, 8, 9)]:
        complex_pair, between = statement.evaluate(iff=pair, alpha=u, lam=1, beta=root**2)
        require(complex_pair.as_set() == between.as_set(), f"the borders for β = {root**2}")
        discriminant = sympy.discriminant(characteristic(sigma, u, root**2), sigma)
        zero(complex_pair.lhs - complex_pair.rhs - discriminant, "the discriminant")


@claim(
    "eq-modulus",
    "modulus of a complex pair",
    "abs(sigma) == sqrt(beta)",
    "identity",
    "For a complex pair, whatever the step size: the product of the two is β.",
)
def _(statement):
    a, b = symbols("a b", real=True, positive=True)
    sigma = a + sympy.I * b
    # σ and its conjugate are the roots: their product is the constant term of the polynomial.
    product_of_roots = sympy.expand(sigma * sympy.conjugate(sigma))
    constant = characteristic(0, ALPHA * LAMBDA, BETA)
    require(constant == BETA, "the constant term is β")
    left, right = statement.sides(sigma=sigma, beta=product_of_roots)
    zero(left - right, "the modulus")


@claim(
    "eq-alternating",
    "alternating signs of momentum",
    "iff(sigma < 0, alpha*lam >= (1 + sqrt(beta))**2)",
    "signs",
    "For β > 0, an eigenvalue is real and negative (the sign flips at each step) exactly from here on.",
)
def _(statement):
    # Both have one sign, for their product is β > 0; real they are outside the complex region, and
    # there the sign is that of their sum 1 + β − αλ.  The statement itself, on an exact grid:
    for root, ninths in product([Rational(n, 10) for n in (1, 4, 7, 9)], range(1, 46)):
        alpha_lambda = Rational(ninths, 9)
        for sigma in roots(alpha_lambda, root**2).values():
            negative, beyond = statement.evaluate(
                iff=pair,
                lam=1,
                alpha=alpha_lambda,
                beta=root**2,
                sigma=sigma if sigma.is_real else 1,
            )
            require(bool(negative) == bool(beyond), f"at αλ = {alpha_lambda}, β = {root**2}")
    for root in (Rational(1, 2), Rational(2, 3)):  # on the border itself: a negative double root
        border = (1 + root) ** 2
        negative, beyond = statement.evaluate(
            iff=pair, lam=1, alpha=border, beta=root**2, sigma=roots(border, root**2)[1]
        )
        require(bool(negative) and bool(beyond), "the border belongs to it")


# --------------------------------------------------------------------------------------- the powers


def R_of(sigma1, sigma2):
    """The iteration matrix whose eigenvalues are these: β = σ₁σ₂, αλ = (1 − σ₁)(1 − σ₂)."""
    return (
        page_matrix("eq-iteration-matrix")
        .subs(ALPHA, (1 - sigma1) * (1 - sigma2) / LAMBDA)
        .subs(BETA, sigma1 * sigma2)
    )


def _powers(statement, matrix, sigmas, **names):
    """Prove a formula for Rᵏ by induction."""

    def power(k):
        return statement.right(k=k, sigma=sigmas, R=matrix, I=sympy.eye(2), **names)

    require(statement.left(R=Symbol("R"), k=K) == Symbol("R") ** K, "the left-hand side is Rᵏ")
    zero(power(sympy.Integer(0)) - sympy.eye(2), "R⁰ is the identity")
    zero((power(K + 1) - matrix * power(K)).expand(), "the step from k to k + 1")


@claim(
    "eq-powers",
    "powers of the iteration matrix",
    "R**k == (sigma[1]**k*(R - sigma[2]*I) - sigma[2]**k*(R - sigma[1]*I))/(sigma[1] - sigma[2])",
    "induction on k",
    "All powers of R where its eigenvalues differ.",
)
def _(statement):
    _powers(statement, R_of(SIGMA1, SIGMA2), SIGMAS)


@claim(
    "eq-powers-double",
    "powers at a double eigenvalue",
    "R**k == sigma**k*(k*R/sigma - (k - 1)*I)",
    "induction on k",
    "All powers of R where both eigenvalues are the same number σ ≠ 0.",
)
def _(statement):
    _powers(statement, R_of(SIGMA1, SIGMA1), SIGMA1)


@claim(
    "eq-powers-limit",
    "limit of the powers at a double eigenvalue",
    "limit((sigma[1]**k - sigma[2]**k)/(sigma[1] - sigma[2]), sigma[2], sigma[1]) == k*sigma[1]**(k - 1)",
    "limit",
    "What leads from the one to the other: the quotient becomes a derivative.",
)
def _(statement):
    s, t = symbols("s t", positive=True)
    for k in (1, 2, 3, 7):
        left, right = statement.sides(k=sympy.Integer(k), sigma={1: s, 2: t})
        zero(left - right, f"the limit for k = {k}")


# -------------------------------------------------------------------------------- critical damping


@claim(
    "eq-critical",
    "critical damping",
    "beta[c] == (1 - sqrt(alpha*lam))**2",
    "identity",
    "Critical damping for one eigenvalue, 0 < αλ < 1: the largest β at which nothing ripples.",
)
def _(statement):
    u, sigma = Symbol("u", positive=True), Symbol("sigma")
    critical = statement.right(alpha=u**2, lam=1)
    require(statement.left(beta={"critical": u}, c="critical") == u, "the left-hand side is that β")
    discriminant = sympy.discriminant(characteristic(sigma, u**2, critical), sigma)
    zero(discriminant, "the discriminant vanishes")
    zero(characteristic(1 - u, u**2, critical), "both eigenvalues are 1 − u")
    zero(critical - theory.critical_momentum(u**2, 1), "theory.critical_momentum")


@claim(
    "eq-critical-component",
    "error at critical damping",
    "x[i, k] == (1 - u)**k*(1 + k*u)*x[i, 0]",
    "induction on k",
    "At critical damping, from z⁰ = 0, with u = √(αλ): not the plain power, but k times more.",
)
def _(statement):
    u, start = symbols("u x0", positive=True)
    matrix = page_matrix("eq-iteration-matrix").subs({ALPHA: u**2 / LAMBDA, BETA: (1 - u) ** 2})

    def after(k):
        return statement.right(i=I, k=k, u=u, x={(I, 0): start})

    def buffer(k):  # from the first row of R: what z must be for the next x to be as stated
        return (after(k + 1) - matrix[0, 0] * after(k)) / matrix[0, 1]

    marker = Symbol("xk")
    require(statement.left(i=I, k=K, x={(I, K): marker}) == marker, "the left-hand side is xᵏ")
    zero(after(sympy.Integer(0)) - start, "the start")
    zero(buffer(sympy.Integer(0)), "z⁰ = 0")
    onward = matrix[1, 0] * after(K) + matrix[1, 1] * buffer(K)
    zero(sympy.expand(buffer(K + 1) - onward), "the buffer's step from k to k + 1")
    zero(after(K) - theory.critical_component(start, u**2, 1, K), "theory.critical_component")


# ------------------------------------------------------------------------------------- the optimum


@claim(
    "eq-disc",
    "Jury's conditions for a smaller circle",
    "iff(max(abs(sigma[1]), abs(sigma[2])) <= r,"
    " both(beta <= r**2, (1 - r)*(1 - beta/r) <= alpha*lam <= (1 + r)*(1 + beta/r)))",
    "signs",
    "Jury's conditions for a smaller circle of radius r < 1, and 0 ≤ β < 1.",
)
def _(statement):
    # Divide σ by r in Jury's conditions, borders included: τ/r and δ/r² for τ and δ.
    r, u = symbols("r u", positive=True)
    tau, delta = (1 + BETA - u) / r, BETA / r**2
    low, high = (1 - r) * (1 - BETA / r), (1 + r) * (1 + BETA / r)
    zero((1 + delta - tau) * r - (u - low), "the lower end")
    zero((1 + delta + tau) * r - (high - u), "the upper end")
    for beta, radius in product(
        (Rational(0), Rational(1, 9), Rational(1, 4), Rational(4, 9)),
        (Rational(1, 3), Rational(1, 2), Rational(2, 3)),
    ):
        ends = {(1 - radius) * (1 - beta / radius), (1 + radius) * (1 + beta / radius)}
        for alpha_lambda in [Rational(n, 7) for n in range(1, 26)] + [
            end for end in ends if end > 0
        ]:
            found = roots(alpha_lambda, beta)
            inside, between = statement.evaluate(
                **{
                    "iff": pair,
                    "both": both,
                    "r": radius,
                    "beta": beta,
                    "alpha": alpha_lambda,
                    "lam": 1,
                },
                sigma={1: found[1], 2: found.get(2, found[1])},
            )
            require(bool(inside) == bool(between), f"at β={beta}, r={radius}, αλ={alpha_lambda}")


@claim(
    "eq-ratio",
    "condition number and rate of momentum",
    "(1 + r)*(1 + beta/r)/((1 - r)*(1 - beta/r)) <= ((1 + r)/(1 - r))**2",
    "signs",
    "How far apart two eigenvalues can lie if both are to stay in that circle, 0 ≤ β < r² < 1.",
)
def _(statement):
    # The left grows with β, and reaches the right at β = r².
    r, beta = symbols("r beta", positive=True)
    require(statement.relation == r"\le", "the relation")
    left, right = statement.sides(r=r, beta=beta)
    zero(left.subs(beta, r**2) - right, "the value at β = r²")
    slope = sympy.factor(sympy.diff(left, beta))
    zero(slope - 2 * r * (1 + r) / ((1 - r) * (r - beta) ** 2), "the slope, positive for r < 1")


@claim(
    "eq-best-momentum-step",
    "best step size of momentum",
    "alpha_star == (2/(sqrt(lam[1]) + sqrt(lam[n])))**2",
    "identity",
    "The best step size of momentum on a spectrum from λ₁ to λₙ.",
)
def _(statement):
    low, high = symbols("lambda1 lambdan", positive=True)
    best = statement.right(n=N, lam={1: low, N: high})
    zero(best - theory.best_momentum_step(low, high), "theory.best_momentum_step")
    beta = stated("eq-best-momentum").right(kappa=high / low)
    root = (sympy.sqrt(high / low) - 1) / (sympy.sqrt(high / low) + 1)
    zero(sympy.simplify(beta - root**2), "√β")
    # Both ends of the spectrum lie on the borders of the complex region, at that β.
    zero(sympy.simplify(best * low - (1 - root) ** 2), "αλ₁ = (1 − √β)²")
    zero(sympy.simplify(best * high - (1 + root) ** 2), "αλₙ = (1 + √β)²")


@claim(
    "eq-best-momentum",
    "best momentum",
    "beta_star == ((sqrt(kappa) - 1)/(sqrt(kappa) + 1))**2",
    "identity",
    "The momentum that goes with it.",
)
def _(statement):
    kappa = Symbol("kappa", positive=True)
    beta, r = statement.right(kappa=kappa), stated("eq-best-momentum-rate").right(kappa=kappa)
    zero(beta - r**2, "β = r², where the circle reaches furthest")
    zero(beta - theory.best_momentum(kappa), "theory.best_momentum")


@claim(
    "eq-best-momentum-rate",
    "best rate of momentum",
    "r_star == (sqrt(kappa) - 1)/(sqrt(kappa) + 1)",
    "identity",
    "The least rate of momentum: the square root has been taken of the condition number.",
)
def _(statement):
    root = Symbol("q", positive=True)
    r = statement.right(kappa=root**2)
    widest = stated("eq-ratio").right(r=r)
    zero(widest - root**2, "the widest ratio of eigenvalues at this rate is κ")
    zero(r - theory.best_momentum_rate(root**2), "theory.best_momentum_rate")


@claim(
    "eq-momentum-cost",
    "iterations of momentum",
    "limit(1/(sqrt(kappa)*log((sqrt(kappa) + 1)/(sqrt(kappa) - 1))), kappa, oo) == 1/2",
    "limit",
    "For large κ each factor of e costs about √κ/2 iterations.",
)
def _(statement):
    same_sides(statement, kappa=Symbol("kappa", positive=True))


# ------------------------------------------------------------------------------------ other forms


def _run(name, slopes, alpha, state):
    """The iterates and states of a rule from w = 0 under given gradients."""
    path, buffers, w = [sympy.Integer(0)], [state], sympy.Integer(0)
    for slope in slopes:
        w, state = step(name, w, slope, state, alpha)
        path, buffers = [*path, w], [*buffers, state]
    return path, buffers


def _converts(statement, name, letter, alpha):
    """Prove that another form's buffer is momentum's by this statement, and that the paths agree."""
    slopes, z = symbols("g0:4", real=True), Symbol("z", real=True)
    names = {"k": K, "alpha": ALPHA, "beta": BETA}
    first = statement.right(**names, z={K: z})
    require(statement.left(**names, **{letter: {K: first}}) == first, "the left-hand side")
    path, buffers = _run("momentum", slopes, ALPHA, z)
    other_path, other_buffers = _run(name, slopes, alpha, first)
    for ours, theirs, w, other_w in zip(buffers, other_buffers, path, other_path, strict=True):
        zero(statement.right(**names, z={K: ours}) - theirs, "the buffers")
        zero(w - other_w, "the paths")


@claim(
    "eq-velocity",
    "velocity and buffer",
    "v[k] == -alpha*z[k]",
    "induction on k",
    "While the step size is constant, the velocity is the buffer, scaled, and the paths are the same.",
)
def _(statement):
    _converts(statement, "momentum_velocity", "v", ALPHA)


@claim(
    "eq-average",
    "average and buffer",
    "m[k] == (1 - beta)*z[k]",
    "induction on k",
    "The average is the buffer, scaled; the paths are the same if its step size is α/(1 − β).",
)
def _(statement):
    _converts(statement, "momentum_average", "m", ALPHA / (1 - BETA))


@claim(
    "eq-average-stable",
    "stability of the averaging form",
    "0 < alpha*lam < (2 + 2*beta)/(1 - beta)",
    "equal solution sets",
    "Where the averaging form converges, in its own step size: at β = 0.9 up to 38.",
)
def _(statement):
    u = Symbol("u", real=True)
    matrix = iteration_matrix("momentum_average").subs({ALPHA: u, LAMBDA: 1})
    for beta in [Rational(n, 10) for n in (0, 3, 5, 9)]:
        numbers = {"tau": matrix.trace().subs(BETA, beta), "delta": matrix.det().subs(BETA, beta)}
        numbers["delta"] = sympy.expand(numbers["delta"])
        _, jury = stated("eq-jury").evaluate(iff=pair, sigma=SIGMAS, **numbers)
        require(
            jury.as_set() == statement.evaluate(alpha=u, lam=1, beta=beta).as_set(), f"β = {beta}"
        )


# ------------------------------------------------------------------------------------- the spring

oscillator = define(
    "eq-oscillator",
    "damped oscillator",
    "ddot(w) + c*dot(w) + grad_f(w) == 0",
    "A ball of mass one on the landscape, with friction c.",
)


@claim(
    "eq-spring",
    "momentum as a damped spring",
    "limit((w(t + h) - 2*w(t) + w(t - h))/h**2 + c*(w(t) - w(t - h))/h + grad_f(w(t)), h, 0)"
    " == ddot(w) + c*dot(w) + grad_f(w)",
    "limit",
    "With α = h² and β = 1 − ch, momentum is this difference equation, and small steps make it the ball.",
)
def _(statement):
    t, h, c = symbols("t h c", positive=True)
    # The bracket, set to zero, is two steps of the rule: wᵏ⁻¹, wᵏ, wᵏ⁺¹ at t − h, t, t + h.
    before, now, slope = symbols("before now slope", real=True)
    after = stated("eq-two-steps").right(
        **{"k": 0, "w": {-1: before, 0: now}, "grad_f": lambda point: slope},
        **{"alpha": h**2, "beta": 1 - c * h},
    )
    bracket = statement.left(
        **{"t": t, "h": h, "c": c, "w": {t - h: before, t: now, t + h: after}.__getitem__},
        **{"grad_f": lambda point: slope, "limit": lambda body, variable, target: body},
    )
    zero(bracket, "the difference equation is the rule")
    # The limit, on a general motion: a Taylor polynomial about t with a cubic term.
    motion, w1, w2 = motion_about(t)
    names = {"t": t, "h": h, "c": c, "grad_f": lambda point: slope}
    left = statement.left(**names, w=motion)
    right = statement.right(**names, w=None, dot=lambda w: w1, ddot=lambda w: w2)
    zero(left - right, "the limit")
    require(
        right
        == oscillator.left(
            c=c, w=None, grad_f=lambda w: slope, dot=lambda w: w1, ddot=lambda w: w2
        ),
        "the ball",
    )


# ------------------------------------------------------------------------------ beyond quadratics


@claim(
    "eq-cycle",
    "cycle of Lessard, Recht and Packard",
    "w[k+3] == w[k]",
    "identity",
    "On the function of Lessard, Recht and Packard the best momentum for 1 ≤ f″ ≤ 25 has this cycle.",
)
def _(statement):
    landscape = LANDSCAPES["lessard"]
    alpha, beta = theory.best_momentum_step(sympy.Integer(1), sympy.Integer(25)), Rational(4, 9)
    require(beta == theory.best_momentum(sympy.Integer(25)), "the best momentum for κ = 25")
    (letter,), (slope,) = (
        landscape.variables,
        [sympy.diff(landscape.expression, landscape.variables[0])],
    )
    # The cycle visits the pieces f′ = 25w, 25w − 24, 25w in turn; solve for it, then run the rule.
    w, z = symbols("w z", real=True)
    pieces, point, state = (25 * letter, 25 * letter - 24, 25 * letter), w, z
    for piece in pieces:
        point, state = step("momentum", point, piece.subs(letter, point), state, alpha, beta)
    (start,) = sympy.solve([point - w, state - z], [w, z], dict=True)
    path, state = [start[w]], start[z]
    for _ in range(3):
        after, state = step("momentum", path[-1], slope.subs(letter, path[-1]), state, alpha, beta)
        path.append(after)
    require(state == start[z], "the buffer returns")
    require(len(set(path)) == 3, "it is a cycle of three, and no fixed point")
    left, right = statement.sides(k=0, w=dict(enumerate(path)))
    require(left == right, "the iterate returns")
