"""The equations of the chapter on adaptive methods, and their proofs.

Where a proof traces a rule, its weight decay is zero unless the statement is about it.
"""

import numpy as np
import sympy
from sympy import Rational, Symbol, symbols

from ..clipping import clip_norm, clip_value
from ..rules import get_rule, trace
from .proving import (
    ALPHA,
    SIZES,
    I,
    K,
    defined,
    exact,
    is_line_of,
    norm,
    one_step,
    same_sides,
    stated,
    vector,
    zero,
)
from .registry import claim, define, require

G = Symbol("g", positive=True)
S = Symbol("S")
BETA1, BETA2, RHO, EPSILON = symbols("beta1 beta2 rho epsilon", positive=True)
DELTA = Symbol("delta", positive=True)  # the page's letter for weight decay


def moved(name, g, state, **hyper):
    """How far one step of a rule goes, in units of α, when ε = 0: (w − w⁺)/α."""
    rule = get_rule(name)
    given = {"alpha": 1, "epsilon": 0, "beta1": BETA1, "beta2": BETA2, "rho": RHO, **hyper}
    w, _ = rule(
        sympy.Integer(0), lambda w: g, {**rule.initial_state(sympy.Integer(0)), **state},
        **{**rule.hyper, **{n: value for n, value in given.items() if n in rule.hyper}},
    )  # fmt: skip
    return exact(-w)


# ----------------------------------------------------------------------------------------- Adagrad

define(
    "eq-slope", "gradient at the iterate", "g[k] == grad_f(w[k])", "The gradient at the iterate k."
)
claim(
    "eq-adagrad-sum",
    "Adagrad's sum of squares",
    "s[k+1] == s[k] + g[k]**2",
    "traced rule",
    "Adagrad's sum of squares, one for each coordinate.",
)(is_line_of("adagrad", letter="s"))
claim(
    "eq-adagrad-step",
    "Adagrad's step",
    "w[k+1] == w[k] - alpha*g[k]/(sqrt(s[k+1]) + epsilon)",
    "traced rule",
    "Adagrad's step, and RMSprop's: each coordinate is divided by its own size.",
)(is_line_of("adagrad", "rmsprop"))


@claim(
    "eq-adagrad-constant",
    "Adagrad on a constant gradient",
    "w[k+1] == w[k] - alpha/sqrt(k + 1)",
    "induction on k",
    "Adagrad on a constant positive gradient, ε = 0: the gradient's size is gone, the step shrinks.",
)
def _(statement):
    w = Symbol("w", real=True)
    rule = get_rule("adagrad")
    zero(rule.initial_state(w)["s"], "the sum starts at zero, 0·g²")
    after, state = rule(w, lambda w: G, {"s": K * G**2}, alpha=ALPHA, epsilon=0)
    zero(state["s"] - (K + 1) * G**2, "after k gradients the sum is kg²")
    left, right = statement.sides(k=K, w={K: w, K + 1: after}, alpha=ALPHA)
    require(left == after, "the left-hand side")
    zero(left - right, "the step")


# -------------------------------------------------------------------------- exponential averages


def formal_sum(side, at, **names):
    """A side of a statement at k = `at`, with the letter S for its sum: (value, its terms, its bounds)."""
    seen = []

    def sum_over(body, *over):
        seen.append((body, over))
        return S

    value = side(**names, k=at, i=I, sum_over=sum_over)
    ((body, over),) = seen
    return value, body, over


def weighs_beta_less_each_step(side, newest, **names):
    """Prove that a step later the sum S is βS + newest; returns the side at k and at k + 1, in S."""
    beta = names["beta"]
    now, body, over = formal_sum(side, K, **names)
    after, body_after, over_after = formal_sum(side, K + 1, **names)
    require((over, over_after) == ((I, 0, K - 1), (I, 0, K)), "one gradient more at each step")
    zero(body_after - beta * body, "every older gradient weighs β times less")
    zero(body_after.subs(I, K) - newest, "the newest one")
    return now, after.subs(S, beta * S + newest)


@claim(
    "eq-average-sum",
    "exponential average",
    "m[k] == (1 - beta)*sum_over(beta**(k - 1 - i)*g[i], i, 0, k - 1)",
    "induction on k",
    "An exponential average from m⁰ = 0: the newest gradient weighs 1 − β, each older one β times less.",
)
def _(statement):
    beta, m = Symbol("beta", positive=True), Symbol("m", real=True)
    g = sympy.Function("g", real=True)
    require(statement.left(k=K, m={K: m}) == m, "the left-hand side")
    now, after = weighs_beta_less_each_step(
        statement.right, g(K), beta=beta, g={I: g(I)}
    )  # fmt: skip
    _, state = get_rule("momentum_average")(
        Symbol("w"), lambda w: g(K), {"m": now}, alpha=ALPHA, beta=beta
    )
    zero(after - state["m"], "the rule, a step later")


@claim(
    "eq-weights",
    "weights of an exponential average",
    "(1 - beta)*sum_over(beta**(k - 1 - i), i, 0, k - 1) == 1 - beta**k",
    "induction on k",
    "The weights do not add up to one: what is missing, βᵏ, is the weight of the zero it started from.",
)
def _(statement):
    beta = Symbol("beta", positive=True)

    def right(at):
        return statement.right(k=at, beta=beta)

    now, after = weighs_beta_less_each_step(statement.left, sympy.Integer(1), beta=beta)
    zero(right(sympy.Integer(0)), "an empty sum")
    zero((after - right(K + 1)) - beta * (now - right(K)), "equal before, equal a step later")


@claim(
    "eq-age",
    "window of an exponential average",
    "(1 - beta)*sum_over((i + 1)*beta**i, i, 0, oo) == 1/(1 - beta)",
    "identity",
    "The mean age of what is averaged, counting the newest as 1: the window is 1/(1 − β) gradients.",
)
def _(statement):
    beta = Symbol("beta", positive=True)
    left, right = statement.sides(
        beta=beta, i=Symbol("i", integer=True, nonnegative=True),
        sum_over=lambda body, i, first, last: sum(
            sympy.summation(term, (i, first, last)) for term in sympy.expand(body).args
        ),
    )  # fmt: skip
    below_one = {sympy.Lt(beta, 1): sympy.true}
    zero(sympy.piecewise_fold(left).subs(below_one) - right, "the sum for β < 1")


@claim(
    "eq-bias",
    "bias of an exponential average",
    "E(m[k]) == (1 - beta**k)*E(g)",
    "induction on k",
    "The bias: if all gradients have one mean, the average of k of them is too small by 1 − βᵏ.",
)
def _(statement):
    # The rule is linear in m and g, so means go through it as the numbers do.
    beta, mean = Symbol("beta", positive=True), Symbol("mean", real=True)

    def side(at):
        return statement.right(k=at, beta=beta, g=mean, E=lambda x: x)

    require(statement.left(k=K, m={K: mean}, E=lambda x: x) == mean, "the left-hand side")
    zero(side(sympy.Integer(0)), "the start")
    _, state = get_rule("momentum_average")(
        Symbol("w"), lambda w: mean, {"m": side(K)}, alpha=ALPHA, beta=beta
    )
    zero(state["m"] - side(K + 1), "a step later")


# ----------------------------------------------------------------------------------------- RMSprop

claim(
    "eq-rmsprop-mean",
    "RMSprop's mean of squares",
    "s[k+1] == rho*s[k] + (1 - rho)*g[k]**2",
    "traced rule",
    "RMSprop's exponential average of squares.",
)(is_line_of("rmsprop", letter="s"))


@claim(
    "eq-rmsprop-window",
    "RMSprop as Adagrad with a window",
    "limit(s[k]/(1 - rho), rho, 1) == sum_over(g[i]**2, i, 0, k - 1)",
    "limit",
    "RMSprop is Adagrad with a window: as the window grows without end its sum is Adagrad's.",
)
def _(statement):
    for count in (1, 3):
        slopes, w = symbols(f"g0:{count}", real=True), Symbol("w", real=True)
        state, adagrad = {"s": sympy.Integer(0)}, {"s": sympy.Integer(0)}
        for slope in slopes:
            _, state = get_rule("rmsprop")(w, lambda w, g=slope: g, state, alpha=ALPHA, rho=RHO)
            _, adagrad = get_rule("adagrad")(w, lambda w, g=slope: g, adagrad, alpha=ALPHA)
        left, right = statement.sides(
            k=count, s={count: exact(state["s"])}, rho=RHO, i=I, g={I: sympy.IndexedBase("g")[I]},
            sum_over=lambda body, i, first, last, slopes=slopes: sum(
                body.subs({sympy.IndexedBase("g")[i]: slopes[n]}) for n in range(first, last + 1)
            ),
        )  # fmt: skip
        zero(left - right, f"the limit for k = {count}")
        zero(right - exact(adagrad["s"]), "Adagrad's sum")


@claim(
    "eq-rmsprop-first",
    "RMSprop's first step",
    "w[1] == w[0] - alpha*sign(g[0])/sqrt(1 - rho)",
    "traced rule",
    "RMSprop's first step, ε = 0: ten times α at ρ = 0.99, for the average still remembers its zero.",
)
def _(statement):
    is_first_step(statement, "rmsprop")


def is_first_step(statement, name, **hyper):
    """Prove that a statement is the first step of a rule with ε = 0, whatever the gradient's sign."""
    w = Symbol("w", real=True)
    for slope in (G, -G):
        after = w - ALPHA * moved(name, slope, {}, **hyper)
        left, right = statement.sides(w={0: w, 1: after}, g={0: slope}, alpha=ALPHA, rho=RHO)
        require(left == after, "the left-hand side")
        zero(left - right, "the first step")


# ---------------------------------------------------------------------------------------- Adadelta

define(
    "eq-adadelta-move",
    "Adadelta's move",
    "Delta[k] == g[k]*sqrt(d[k] + epsilon)/sqrt(s[k+1] + epsilon)",
    "Adadelta's move: the gradient, times the size of recent moves over the size of recent gradients.",
)
_ADADELTA = {"using": {"Delta": "eq-adadelta-move"}}
claim(
    "eq-adadelta-step",
    "Adadelta's step",
    "w[k+1] == w[k] - alpha*Delta[k]",
    "traced rule",
    "Adadelta's step; its α is 1.",
)(is_line_of("adadelta", **_ADADELTA))
claim(
    "eq-adadelta-mean",
    "Adadelta's mean of squared moves",
    "d[k+1] == rho*d[k] + (1 - rho)*Delta[k]**2",
    "traced rule",
    "Adadelta's exponential average of its squared moves.",
)(is_line_of("adadelta", letter="d", **_ADADELTA))


@claim(
    "eq-units",
    "units of Adadelta's move",
    "move(g/c, s/c**2, c**2*d) == c*move(g, s, d)",
    "traced rule",
    "Adadelta's move has the units of w, ε = 0: measure w in units c times smaller, and it follows.",
)
def _(statement):
    g, s, d, c = symbols("g s d c", positive=True)
    same_sides(
        statement, g=g, s=s, d=d, c=c,
        move=lambda g, s, d: moved("adadelta", g, {"s": s, "d": d}),
    )  # fmt: skip


@claim(
    "eq-adadelta-first",
    "Adadelta's first move",
    "Delta[0] == g[0]*sqrt(epsilon)/sqrt((1 - rho)*g[0]**2 + epsilon)",
    "traced rule",
    "Adadelta's first move from d⁰ = 0: only ε sets it going.",
)
def _(statement):
    first = moved("adadelta", G, {}, epsilon=EPSILON)
    left, right = statement.sides(Delta={0: first}, g={0: G}, epsilon=EPSILON, rho=RHO)
    require(left == first, "the left-hand side")
    zero(left - right, "the first move")


# -------------------------------------------------------------------------------------------- Adam

claim(
    "eq-adam-mean",
    "Adam's mean of gradients",
    "m[k+1] == beta1*m[k] + (1 - beta1)*g[k]",
    "traced rule",
    "Adam's average of gradients; Adamax's, Nadam's, AMSGrad's and AdamW's too.",
)(is_line_of("adam", "adamax", "nadam", "amsgrad", "adamw", letter="m"))
claim(
    "eq-adam-square",
    "Adam's mean of squares",
    "s[k+1] == beta2*s[k] + (1 - beta2)*g[k]**2",
    "traced rule",
    "Adam's average of squares.",
)(is_line_of("adam", "nadam", "amsgrad", "adamw", letter="s"))
define(
    "eq-corrected-mean",
    "bias correction of the mean",
    "m_hat[k] == m[k]/(1 - beta1**k)",
    "The mean, its bias corrected.",
)
define(
    "eq-corrected-square",
    "bias correction of the mean square",
    "s_hat[k] == s[k]/(1 - beta2**k)",
    "The mean square, corrected.",
)
_CORRECTED = {"m_hat": "eq-corrected-mean", "s_hat": "eq-corrected-square"}
claim(
    "eq-adam-step",
    "Adam's step",
    "w[k+1] == w[k] - alpha*m_hat[k+1]/(sqrt(s_hat[k+1]) + epsilon)",
    "traced rule",
    "Adam's step.",
)(is_line_of("adam", using=_CORRECTED))


@claim(
    "eq-uncorrected",
    "Adam without bias correction",
    "w[k+1] == w[k] - alpha*(1 - beta1**(k + 1))/sqrt(1 - beta2**(k + 1))",
    "induction on k",
    "Adam without its corrections on a constant positive gradient, ε = 0: the first steps are too long.",
)
def _(statement):
    w, rule = Symbol("w", real=True), get_rule("adam")

    def averages(at):
        return {"m": (1 - BETA1**at) * G, "s": (1 - BETA2**at) * G**2}

    require(all(value == 0 for value in averages(sympy.Integer(0)).values()), "they start at zero")
    _, state = rule(
        w, lambda w: G, {**averages(K), "t": K}, alpha=ALPHA, beta1=BETA1, beta2=BETA2
    )  # fmt: skip
    for name, value in averages(K + 1).items():
        zero(exact(state[name]) - value, f"{name} a step later")
    after = w - ALPHA * averages(K + 1)["m"] / sympy.sqrt(averages(K + 1)["s"])
    names = {"alpha": ALPHA, "beta1": BETA1, "beta2": BETA2}
    left, right = statement.sides(k=K, w={K: w, K + 1: after}, **names)
    require(left == after, "the left-hand side")
    zero(left - right, "the step")


@claim(
    "eq-adam-first",
    "Adam's first step",
    "w[1] == w[0] - alpha*sign(g[0])",
    "traced rule",
    "Adam's first step, ε = 0: α in every coordinate, whatever the gradient's size.",
)
def _(statement):
    below_one = 1 / (1 + Symbol("q", positive=True))
    for name in ("adam", "adamax", "amsgrad"):
        is_first_step(statement, name, beta2=below_one)


@claim(
    "eq-scale",
    "Adam and the scale of the function",
    "move(c*g, c*m, c**2*s) == move(g, m, s)",
    "traced rule",
    "Multiply the function by c > 0: Adam, ε = 0, does not notice.",
)
def _(statement):
    g, m, s, c = symbols("g m s c", positive=True)
    for name in ("adam", "nadam", "adamw"):
        same_sides(
            statement, g=g, m=m, s=s, c=c,
            move=lambda g, m, s, name=name: moved(name, g, {"m": m, "s": s, "t": 3}, decay=0),
        )  # fmt: skip


@claim(
    "eq-large-epsilon",
    "Adam with a large epsilon",
    "limit(epsilon*(w[k] - w[k+1]), epsilon, oo) == alpha*m_hat[k+1]",
    "limit",
    "With a large ε Adam is momentum in its averaging form, with the step size α/ε.",
)
def _(statement):
    names = defined(one_step("adam"), **_CORRECTED)
    left, right = statement.sides(**names)
    zero(left - right, "the limit")


@claim(
    "eq-adaptive-edge",
    "Adam's edge of stability",
    "0 < alpha*lam/(sqrt(s) + epsilon) < (2 + 2*beta1)/(1 - beta1)",
    "equal solution sets",
    "Where Adam converges on a quadratic while s stands still and t is large: the averaging form's edge.",
)
def _(statement):
    # With s frozen, Adam's step is the averaging form's, with α/(√s + ε) for α.
    names = one_step("adam")
    s, w, frozen = Symbol("s", positive=True), names["w"][K], Symbol("frozen", positive=True)
    (slope,) = names["g"].values()
    step = names["w"][K + 1].subs({BETA1 ** (K + 1): 0, BETA2 ** (K + 1): 0})  # their limits
    step = step.subs(sympy.expand(names["s"][K + 1]), frozen).subs(names["s"][K + 1], frozen)
    average = trace("momentum_average")
    expected = average.w_next.subs(
        {average.hyper["beta"]: BETA1, average.hyper["alpha"]: ALPHA / (sympy.sqrt(frozen) + EPSILON)}
    )  # fmt: skip
    zero(step - expected.subs({average.queries[0][1]: slope, average.w: w}), "Adam with s frozen")
    u = Symbol("u", real=True)
    edge = stated("eq-average-stable")
    for beta in (Rational(0), Rational(1, 2), Rational(9, 10)):
        mine = statement.evaluate(
            alpha=u * (sympy.sqrt(s) + EPSILON), lam=1, s=s, epsilon=EPSILON, beta1=beta
        )
        theirs = edge.evaluate(alpha=u, lam=1, beta=beta)
        require(mine.as_set() == theirs.as_set(), f"the edge at β₁ = {beta}")


# ------------------------------------------------------------------------------------------ Adamax


@claim(
    "eq-largest",
    "q-norm and the largest size",
    "max(a, b) <= (a**q + b**q)**(1/q) <= 2**(1/q)*max(a, b)",
    "signs",
    "The q-norm of two sizes lies this close to the larger: as q grows without end it becomes that.",
)
def _(statement):
    # Divided by the larger and raised to q it says 1 ≤ 1 + t ≤ 2 for t = (smaller/larger)^q in [0, 1].
    # The statement itself, on an exact grid, where both ends are met: t = 0 and t = 1.
    def holds(a, b, q, largest=sympy.Max):
        return bool(statement.evaluate(a=a, b=b, q=q, max=largest))

    def wider(a, b):
        return sympy.Max(a, b) * Rational(1001, 1000)

    def closer(a, b):
        return sympy.Max(a, b) * Rational(999, 1000)

    sizes = [Rational(n, 2) for n in (1, 2, 6)]
    for q in (sympy.Integer(1), sympy.Integer(2), sympy.Integer(5)):
        require(all(holds(a, b, q) for a in sizes for b in [sympy.Integer(0), *sizes]), f"q = {q}")
        require(
            not any(holds(a, sympy.Integer(0), q, wider) for a in sizes), "the lower end is met"
        )
        require(not any(holds(a, a, q, closer) for a in sizes), "the upper end is met")


claim(
    "eq-adamax-size",
    "Adamax's size",
    "u[k+1] == max(beta2*u[k], abs(g[k]) + epsilon)",
    "traced rule",
    "Adamax's size: the largest recent gradient, fading by β₂ a step.",
)(is_line_of("adamax", letter="u"))
claim(
    "eq-adamax-step",
    "Adamax's step",
    "w[k+1] == w[k] - alpha*m_hat[k+1]/u[k+1]",
    "traced rule",
    "Adamax's step; a maximum needs no correction.",
)(is_line_of("adamax", using={"m_hat": "eq-corrected-mean"}))


# ------------------------------------------------------------------------- Nadam, AMSGrad, AdamW

define(
    "eq-nadam-schedule",
    "Nadam's momentum schedule",
    "mu[k] == beta1*(1 - 1/2*(96/100)**(psi*k))",
    "Nadam's momentum, which rises from a half of β₁ to β₁.",
)
_NADAM = {"mu": "eq-nadam-schedule", "s_hat": "eq-corrected-square"}
claim(
    "eq-nadam-product",
    "Nadam's product of momenta",
    "p[k+1] == mu[k+1]*p[k]",
    "traced rule",
    "The product of Nadam's momenta so far, from p⁰ = 1: what the start still weighs.",
)(is_line_of("nadam", letter="p", using=_NADAM))
claim(
    "eq-nadam-step",
    "Nadam's step",
    "w[k+1] == w[k] - alpha*(mu[k+2]*m[k+1]/(1 - mu[k+2]*p[k+1]) + (1 - mu[k+1])*g[k]/(1 - p[k+1]))"
    "/(sqrt(s_hat[k+1]) + epsilon)",
    "traced rule",
    "Nadam's step: Adam's, with the momentum of the step to come.",
)(is_line_of("nadam", using=_NADAM))
claim(
    "eq-amsgrad-top",
    "AMSGrad's largest mean square",
    "s_bar[k+1] == max(s_bar[k], s[k+1])",
    "traced rule",
    "AMSGrad's size: the largest mean square so far.",
)(is_line_of("amsgrad", letter="s_bar", s_bar="top"))
claim(
    "eq-amsgrad-step",
    "AMSGrad's step",
    "w[k+1] == w[k] - alpha*m_hat[k+1]/(sqrt(s_bar[k+1]/(1 - beta2**(k + 1))) + epsilon)",
    "traced rule",
    "AMSGrad's step, as torch corrects it.",
)(is_line_of("amsgrad", using={"m_hat": "eq-corrected-mean"}, s_bar="top"))
claim(
    "eq-adamw-step",
    "AdamW's step",
    "w[k+1] == (1 - alpha*delta)*w[k] - alpha*m_hat[k+1]/(sqrt(s_hat[k+1]) + epsilon)",
    "traced rule",
    "AdamW's step: the decay acts on w itself.",
)(is_line_of("adamw", decay=DELTA, using=_CORRECTED))


@claim(
    "eq-decay-same",
    "weight decay and L2 penalty in gradient descent",
    "w - alpha*(g + delta*w) == (1 - alpha*delta)*w - alpha*g",
    "traced rule",
    "For gradient descent an L2 penalty and weight decay are the same step.",
)
def _(statement):
    w, g = symbols("w g", real=True)
    names = {"alpha": ALPHA, "delta": DELTA, "w": w, "g": g}
    penalised = get_rule("gd").function(w, lambda w: g + DELTA * w, alpha=ALPHA)
    zero(statement.left(**names) - penalised, "gradient descent with the penalty's gradient added")
    same_sides(statement, **names)


def is_first_decayed_step(statement, name, slope):
    """Prove a statement about the first step with decay, ε = 0; `slope` is the gradient, given ±G and w."""
    rule, w = get_rule(name), Symbol("w", real=True)
    for signed in (G, -G):
        g = slope(signed, w)
        after, _ = rule(
            w, lambda point, g=g: g, rule.initial_state(w),
            alpha=ALPHA, beta1=BETA1, beta2=BETA2, epsilon=0, decay=DELTA,
        )  # fmt: skip
        left, right = statement.sides(w={0: w, 1: after}, g={0: g}, alpha=ALPHA, delta=DELTA)
        require(left == after, "the left-hand side")
        zero(left - right, "the first step")


@claim(
    "eq-penalty-first",
    "Adam's first step with an L2 penalty",
    "w[1] == w[0] - alpha*sign(g[0] + delta*w[0])",
    "traced rule",
    "Adam with an L2 penalty, first step, ε = 0: however small δ is, a weight with no gradient moves by α.",
)
def _(statement):
    is_first_decayed_step(statement, "adam", lambda signed, w: signed - DELTA * w)  # the sum is ±G


@claim(
    "eq-adamw-first",
    "AdamW's first step",
    "w[1] == (1 - alpha*delta)*w[0] - alpha*sign(g[0])",
    "traced rule",
    "AdamW's first step, ε = 0: the decay is in proportion to the weight.",
)
def _(statement):
    is_first_decayed_step(statement, "adamw", lambda signed, w: signed)


# ---------------------------------------------------------------------------------------- clipping


def _clipped(n):
    """A gradient of n symbols, the limit, and what the letters of the statements mean."""
    g, limit = vector("g", n), Symbol("c", positive=True)
    return g, limit, {"k": K, "c": limit, "norm": norm}


@claim(
    "eq-clip-norm",
    "clipping by norm",
    "h[k] == c/max(norm(g[k]), c)*g[k]",
    "identity for n = 2, 3",
    "A gradient clipped by its norm: at most c long, and where it was.",
)
def _(statement):
    for n in SIZES:
        g, limit, names = _clipped(n)
        clipped = sympy.Matrix(clip_norm(np.array(g).ravel(), limit))
        left, right = statement.sides(**names, g={K: g}, h={K: clipped})
        require(left == clipped, "the left-hand side")
        zero(left - right, f"the clipping, n = {n}")


@claim(
    "eq-clip-value",
    "clipping by value",
    "h[i, k] == max(-c, min(g[i, k], c))",
    "identity for n = 2, 3",
    "A gradient clipped by value: each coordinate by itself, so it may turn.",
)
def _(statement):
    for n in SIZES:
        g, limit, names = _clipped(n)
        clipped = clip_value(np.array(g).ravel(), limit)
        for at in range(n):
            left, right = statement.sides(
                **names, i=at, g={(at, K): g[at]}, h={(at, K): clipped[at]}
            )
            require(left == clipped[at], "the left-hand side")
            require(left == right, f"the clipping, n = {n}")
