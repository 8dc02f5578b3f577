"""Lab 03, momentum: what right answers do, judged from the values that came back.

Expected values come from firstorder's rules and theory.  Inputs are rounded, so that a message can
show them; they keep away from where float32 and float64 would rightly differ.
"""

import numpy as np

from firstorder import iterate, theory
from firstorder.grading.authoring import between, definite_matrix, signed, significant, spectrum
from firstorder.grading.checks import Property, Question, Unfit, close, entry, numbers
from firstorder.problems import Quadratic
from firstorder.rules import RULES
from firstorder.simulate import first_within

# ------------------------------------------------------------------------------ 1 momentum itself


def _inputs_path(rng):
    calls = []
    for n, steps in [(2, 3), (2, 8), (3, 5)]:
        A = definite_matrix(rng, n)
        alpha = significant(rng.uniform(0.6, 1.4) / Quadratic(A, np.zeros(n)).eigenvalues[-1], 2)
        beta = between(rng, 0.4, 0.9)
        calls.append((A.tolist(), signed(rng, n), signed(rng, n), alpha, beta, steps))
    return calls


def _path(A, b, w0, alpha, beta, steps):
    return iterate("momentum", Quadratic(A, b).gradient, w0, steps, alpha=alpha, beta=beta)


PATH = Question(
    "path",
    "momentum_path(A, b, w0, alpha, beta, steps)",
    _inputs_path,
    (
        Property(
            "start",
            0.5,
            "return a path whose first row is w0",
            "put w0 into the path before the loop begins, and do not change it afterwards: "
            "w -= … changes the very array that you have stored.",
            lambda value, A, b, w0, alpha, beta, steps: close(entry(value, 0), w0),
        ),
        Property(
            "first-step",
            0.5,
            "begin with a plain gradient step, for there is nothing to remember yet",
            "z⁰ = 0, so z¹ is the gradient at w⁰, and w¹ = w⁰ − αz¹.",
            lambda value, *call: close(entry(value, 1), _path(*call)[1]),
        ),
        Property(
            "memory",
            1,
            "add β times the last z to the new gradient in the second step",
            "z² = βz¹ + ∇f(w¹), where z¹ was the gradient at w⁰. First renew z, then step along it.",
            lambda value, *call: close(entry(value, 2), _path(*call)[2]),
        ),
        Property(
            "path",
            1,
            "return steps + 1 rows, each one step of momentum after the row before",
            "keep one z through the whole run, and count the rows.",
            lambda value, *call: close(value, _path(*call)),
        ),
    ),
)


# -------------------------------------------------------------------------- 2 the iteration matrix


def _matrix(rule, lambda_, **hyper):
    """R of a rule with one buffer on f = λw²/2: the rule's own step from (1, 0) and from (0, 1)."""
    return np.array(
        rule(np.array([1.0, 0.0]), lambda w: lambda_ * w, np.array([0.0, 1.0]), **hyper)
    )


def _momentum_matrix(alpha, beta, lambda_):
    return _matrix(RULES["momentum"].function, lambda_, alpha=alpha, beta=beta)


def _inputs_matrix(rng):
    return [
        (
            significant(rng.uniform(0.1, 0.9), 2),
            between(rng, 0.15, 0.85),
            significant(rng.uniform(1.2, 4), 2),
        )
        for _ in range(5)
    ]


def _has_invariants(value, *call):
    given, right = numbers(value, (2, 2)), _momentum_matrix(*call)
    invariants = [[np.trace(R), np.linalg.det(R)] for R in (given, right)]
    return close(invariants[0], invariants[1]) if np.isfinite(invariants[0]).all() else False


MATRIX = Question(
    "matrix",
    "step_matrix(alpha, beta, lambda_)",
    _inputs_matrix,
    (
        Property(
            "w-row",
            1,
            "say in its first row what the next w is made of: so much of w, so much of z",
            "put z⁺ = βz + λw into w⁺ = w − αz⁺ before you read off the two numbers.",
            lambda value, *call: close(entry(value, 0, 2), _momentum_matrix(*call)[0]),
        ),
        Property(
            "z-row",
            1,
            "say in its second row what the next z is made of: so much of w, so much of z",
            "z⁺ = βz + λw; the first column belongs to w, the second to z.",
            lambda value, *call: close(entry(value, 1, 2), _momentum_matrix(*call)[1]),
        ),
        Property(
            "invariants",
            1,
            "have determinant β and trace 1 + β − αλ",
            "both are the same in any order of w and z. If yours differ, an entry is wrong.",
            _has_invariants,
        ),
    ),
)


# ------------------------------------------------------------------------------------- 3 regimes


def regime(u, beta):
    """What the eigenvalues of R say, at αλ = u."""
    sigmas = np.linalg.eigvals(_momentum_matrix(u, beta, 1.0))
    if abs(sigmas).max() > 1:
        return "diverges"
    if np.iscomplex(sigmas).any():
        return "ripples"
    return "monotone" if sigmas.sum() > 0 else "oscillates"


def _inputs_regimes(rng):
    calls = [(between(rng, *span), 0.0) for span in ((0.2, 0.8), (1.1, 1.9), (2.1, 2.6))]
    for low, high in [(0.1, 0.25), (0.3, 0.5), (0.55, 0.7)]:
        beta = between(rng, low, high)
        dull, bright, end = (1 - beta**0.5) ** 2, (1 + beta**0.5) ** 2, 2 + 2 * beta
        shares = [
            rng.uniform(0.2, 0.9) * dull,
            dull + rng.uniform(0.03, 0.15) * (bright - dull),
            dull + rng.uniform(0.5, 0.6) * (bright - dull),
            dull + rng.uniform(0.9, 0.97) * (bright - dull),
            bright + rng.uniform(0.3, 0.7) * (end - bright),
            end * rng.uniform(1.02, 1.1),
        ]
        calls += [(significant(u), beta) for u in shares]
    return calls


def _tells(word):
    """A judge: the answer is `word` where it should be, and nowhere else."""

    def judge(value, u, beta):
        if not isinstance(value, str):
            raise Unfit("one of the four words was needed")
        return (value == word) == (regime(u, beta) == word)

    return judge


REGIMES = Question(
    "regimes",
    "regime(u, beta)",
    _inputs_regimes,
    (
        Property(
            "diverges",
            1,
            'return "diverges" where an eigenvalue is beyond 1 in absolute value, and only there',
            "for 0 ≤ β < 1 the edge is at αλ = 2 + 2β.",
            _tells("diverges"),
        ),
        Property(
            "ripples",
            1,
            'return "ripples" where the eigenvalues are complex, and only there',
            "σ² − (1 + β − αλ)σ + β = 0: when is the discriminant negative?",
            _tells("ripples"),
        ),
        Property(
            "monotone",
            0.5,
            'return "monotone" where both eigenvalues are real and positive, and only there',
            "their product is β ≥ 0, so they have one sign; their sum is 1 + β − αλ.",
            _tells("monotone"),
        ),
        Property(
            "oscillates",
            0.5,
            'return "oscillates" where it converges with a negative eigenvalue, and only there',
            "with momentum this begins at αλ = (1 + √β)², not at 1.",
            _tells("oscillates"),
        ),
    ),
)


# ------------------------------------------------------------------------------ 4 the three forms


def _converted(alpha, beta, state, source, target):
    """(step, state) in the form `target`, by way of the book's form."""
    state = np.array(state)
    alpha, z = {
        "z": (alpha, state),
        "v": (alpha, -state / alpha),
        "m": (alpha * (1 - beta), state / (1 - beta)),
    }[source]
    return {
        "z": (alpha, z),
        "v": (alpha, -alpha * z),
        "m": (alpha / (1 - beta), (1 - beta) * z),
    }[target]


def _inputs_forms(rng):
    pairs = [("z", "v"), ("z", "m"), ("v", "z"), ("m", "z"), ("v", "m"), ("m", "v")]
    return [
        (between(rng, 0.05, 0.4), between(rng, 0.6, 0.95), signed(rng), *pair) for pair in pairs
    ]


def _has_state(value, *call):
    return close(entry(value, 1, 2), _converted(*call)[1])


FORMS = Question(
    "forms",
    "convert(alpha, beta, state, source, target)",
    _inputs_forms,
    (
        Property(
            "step",
            1,
            "return first the step size with which the other form takes the same steps",
            "z and v use the same α. An average is 1 − β times a sum, so its step is larger.",
            lambda value, *call: close(entry(value, 0, 2), _converted(*call)[0]),
        ),
        Property(
            "from-z",
            1,
            "return second the state v or m that stands for the given z",
            "v is the whole step that was taken, sign and all; m shrinks each gradient by 1 − β.",
            _has_state,
            lambda alpha, beta, state, source, target: source == "z",
        ),
        Property(
            "to-z",
            1,
            "find z again from v or from m",
            "undo what leads from z to the other form; alpha is the step size of the form you are in.",
            _has_state,
            lambda alpha, beta, state, source, target: target == "z",
        ),
        Property(
            "across",
            1,
            "go from v to m and from m to v",
            "go by way of z, and change the step size along with the state.",
            _has_state,
            lambda alpha, beta, state, source, target: "z" not in (source, target),
        ),
    ),
)


# ----------------------------------------------------------------------- 5 a form not seen before


def blended(w, grad, m, *, alpha, beta, nu):
    """m⁺ = βm + (1 − β)∇f(w), w⁺ = w − α((1 − ν)∇f(w) + νm⁺) (Ma and Yarats, 2019)."""
    g = grad(w)
    m = beta * m + (1 - beta) * g
    return w - alpha * ((1 - nu) * g + nu * m), m


def blended_edge(beta, nu):
    """Where the spectral radius of `blended` passes 1, found by bisection."""
    low, high = 0.0, 1000.0
    while high - low > 1e-10 * high:
        middle = (low + high) / 2
        R = _matrix(blended, middle, alpha=1.0, beta=beta, nu=nu)
        stable = abs(np.linalg.eigvals(R)).max() < 1
        low, high = (middle, high) if stable else (low, middle)
    return high


def _inputs_edge(rng):
    betas = [between(rng, low, low + 0.2) for low in (0.2, 0.45, 0.7)]
    calls = [(beta, nu) for nu in (0.0, 1.0) for beta in betas[:2]]
    return [*calls, *((beta, between(rng, 0.2, 0.9)) for beta in betas), (0.0, 0.7), (0.9, 0.7)]


def _is_edge(value, beta, nu):
    return close(value, blended_edge(beta, nu))


EDGE = Question(
    "edge",
    "edge(beta, nu)",
    _inputs_edge,
    (
        Property(
            "no-memory",
            1,
            "be 2 where ν = 0 or β = 0, for then it is gradient descent",
            "set ν = 0 in the update, then β = 0: what is left?",
            _is_edge,
            lambda beta, nu: beta * nu == 0,
        ),
        Property(
            "average",
            1,
            "be the edge of the averaging form where ν = 1",
            "the averaging form with step α is the book's with α(1 − β).",
            _is_edge,
            lambda beta, nu: nu == 1 and beta > 0,
        ),
        Property(
            "between",
            2,
            "find the largest stable αλ between these two cases",
            "write the step as a 2×2 matrix. Trace τ and determinant δ are stable while |τ| < 1 + δ "
            "and δ < 1. An eigenvalue leaves at −1, where 1 + τ + δ = 0.",
            _is_edge,
            lambda beta, nu: 0 < nu < 1 and beta > 0,
        ),
    ),
)


# ----------------------------------------------------------------------------------- 6 the best pair


def _inputs_tuning(rng):
    calls = [(spectrum(rng, n),) for n in (3, 4, 5)]
    return [*calls, ([float(rng.integers(2, 9))],)]


def _tuning(lambdas):
    low, high = min(lambdas), max(lambdas)
    return (
        theory.best_momentum_step(low, high),
        theory.best_momentum(high / low),
        theory.best_momentum_rate(high / low),
    )


def _tunes(place):
    return lambda value, lambdas: close(entry(value, place, 3), _tuning(lambdas)[place])


TUNING = Question(
    "tuning",
    "best_pair(lambdas)",
    _inputs_tuning,
    (
        Property(
            "step",
            1,
            "return first the step size of the least rate",
            "at the best pair √(αλ₁) and √(αλₙ) lie equally far from 1, on either side.",
            _tunes(0),
        ),
        Property(
            "momentum",
            1,
            "return second the momentum that goes with it",
            "the rate is √β wherever the eigenvalues are complex or just meet. Both ends meet at "
            "β = (1 − √(αλ))².",
            _tunes(1),
        ),
        Property(
            "rate",
            1,
            "return third the rate: the spectral radius that all components share",
            "it is √β, not β. With √κ for κ, it is gradient descent's.",
            _tunes(2),
        ),
    ),
)


# ----------------------------------------------------------------------------- 7 critical damping


def _inputs_critical(rng):
    calls = []
    for low, high in [(0.15, 0.4), (0.4, 0.8), (1.2, 1.4)]:
        lambda_ = significant(rng.uniform(0.3, 5), 2)
        alpha = significant(rng.uniform(low, high) ** 2 / lambda_)
        calls += [(alpha, lambda_, k) for k in (0, 1, 2, 3, int(rng.integers(4, 9)))]
    return calls


def _is_critical(value, alpha, lambda_, k):
    return close(value, theory.critical_component(1.0, alpha, lambda_, k))


CRITICAL = Question(
    "critical",
    "critical_error(alpha, lambda_, k)",
    _inputs_critical,
    (
        Property(
            "start",
            0.5,
            "be 1 for k = 0: no step has been taken",
            "what does your formula leave at k = 0?",
            _is_critical,
            lambda alpha, lambda_, k: k == 0,
        ),
        Property(
            "first-step",
            0.5,
            "be 1 − αλ for k = 1: the first step is a plain gradient step",
            "1 − αλ = (1 − √(αλ))(1 + √(αλ)). The second bracket is what the plain power lacks.",
            _is_critical,
            lambda alpha, lambda_, k: k == 1,
        ),
        Property(
            "shrinks",
            1,
            "follow the run for k ≥ 2 where αλ < 1",
            "at a double eigenvalue σ, xₖ = (c + dk)σᵏ. Two values of x fix c and d.",
            _is_critical,
            lambda alpha, lambda_, k: k > 1 and alpha * lambda_ < 1,
        ),
        Property(
            "bounces",
            1,
            "follow the run for k ≥ 2 where αλ > 1, sign and all",
            "σ = 1 − √(αλ) is negative here, though β = σ² is not.",
            _is_critical,
            lambda alpha, lambda_, k: k > 1 and alpha * lambda_ > 1,
        ),
    ),
)


# ---------------------------------------------------------------------------- 8 how many iterations


def _worst_component(kappa, k):
    """|xᵏ/x⁰| at the largest eigenvalue, for the best pair on [1, κ]."""
    alpha = theory.best_momentum_step(1.0, kappa)
    return abs(theory.critical_component(1.0, alpha, kappa, k))


def _counts(kappa, tolerance):
    plain = [theory.best_rate(kappa), theory.best_momentum_rate(kappa)]
    k = np.arange(2000)
    honest = (_worst_component(kappa, k) <= tolerance).argmax()
    return [*(theory.iterations_to(tolerance, rate) for rate in plain), honest]


def _clear(kappa, tolerance):
    """Whether no count is so near its neighbour that rounding could decide."""
    rates = np.array([theory.best_rate(kappa), theory.best_momentum_rate(kappa)])
    real = np.log(tolerance) / np.log(rates)
    last = _worst_component(kappa, _counts(kappa, tolerance)[2] + np.array([-1, 0])) / tolerance
    return abs(real - real.round()).min() > 0.1 and abs(last - 1).min() > 0.005


def _inputs_counts(rng):
    calls = []
    while len(calls) < 5:
        call = (significant(rng.uniform(10, 300)), float(rng.choice([1e-2, 1e-3, 1e-4, 1e-6])))
        if _clear(*call) and call not in calls:
            calls.append(call)
    return calls


def _counts_right(place):
    def judge(value, kappa, tolerance):
        k = numbers(entry(value, place, 3), ())
        return bool(k == _counts(kappa, tolerance)[place])

    return judge


COUNTS = Question(
    "counts",
    "predicted_iterations(kappa, tolerance)",
    _inputs_counts,
    (
        Property(
            "gradient-descent",
            1,
            "return first the count of gradient descent at its best step",
            "its rate is (κ − 1)/(κ + 1). Solve rateᵏ ≤ tolerance and round up.",
            _counts_right(0),
        ),
        Property(
            "rate-alone",
            1,
            "return second the count of momentum as its rate alone would have it",
            "the same, with √κ for κ.",
            _counts_right(1),
        ),
        Property(
            "factor-k",
            2,
            "return third the first k at which the largest eigenvalue's error is really down",
            "|1 + ku| |1 − u|ᵏ with u = √(αλₙ) = 2√κ/(√κ + 1). No logarithm solves this: count.",
            _counts_right(2),
        ),
    ),
)


# ---------------------------------------------------------------------------------- 9 the challenge

TOLERANCE = 1e-6
LIMIT = 112  # on the announced chain, where the formula takes 107, and the best found 95
SOONER = 100


def chain(n, ground=0.0):
    """n equal masses between two walls, joined by springs of stiffness 1; `ground` ties each down."""
    return (2 + ground) * np.eye(n) - np.eye(n, k=1) - np.eye(n, k=-1)


def _takes(A, alpha, beta, limit):
    A = np.array(A)
    w0 = np.eye(len(A))[0]
    path = iterate("momentum", lambda w: A @ w, w0, limit, alpha=alpha, beta=beta)
    return first_within(path, TOLERANCE)


def _inputs_challenge(rng):
    calls = [(chain(20).tolist(),)]
    for low, high in [(6, 10), (11, 16)]:
        n, ground = int(rng.integers(low, high)), between(rng, 0.01, 0.2)
        calls.append((chain(n, ground).round(2).tolist(),))
    return calls


def _within(value, A, limit):
    alpha, beta = numbers(value, (2,))
    return bool(_takes(A, alpha, beta, limit) <= limit)


def _as_good_as_formula(value, A):
    formula = _tuning(np.linalg.eigvalsh(A))[:2]
    return _within(value, A, int(1.05 * _takes(A, *formula, 400)))


def _is_announced(A):
    return len(A) == 20


CHALLENGE = Question(
    "challenge",
    "settings(A)",
    _inputs_challenge,
    (
        Property(
            "target",
            2,
            f"bring the chain of 20 to 10⁻⁶ of its start in at most {LIMIT} iterations",
            "the least and the largest eigenvalue of A are all that the formula needs; "
            "np.linalg.eigvalsh finds them.",
            lambda value, A: _within(value, A, LIMIT),
            _is_announced,
        ),
        Property(
            "any-chain",
            2,
            "be as good as the formula on other chains too, give or take 5 %",
            "find the eigenvalues of the A that you are given; a pair that suits one chain need not "
            "suit another.",
            _as_good_as_formula,
            lambda A: not _is_announced(A),
        ),
        Property(
            "sooner",
            1,
            f"bring the chain of 20 there in at most {SOONER} iterations",
            "the formula makes both ends of the spectrum double eigenvalues, and pays the factor k "
            "for it. What if β is a little larger?",
            lambda value, A: _within(value, A, SOONER),
            _is_announced,
        ),
    ),
)

# What students' code does not find: what a question asks for.  Question 1 asks for a whole run.
TAKEN_AWAY = ("firstorder.theory", "firstorder.rules.iteration_matrix")
TAKEN_AWAY_FROM = {"path": ("firstorder.rules", "firstorder.simulate")}

QUESTIONS = (PATH, MATRIX, REGIMES, FORMS, EDGE, TUNING, CRITICAL, COUNTS, CHALLENGE)
