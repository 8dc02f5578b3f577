"""Lab 04, Nesterov's lookahead: what right answers do, judged from the values that came back.

Expected values come from firstorder's rules and theory.  Inputs are rounded, so that a message can
show them; they keep away from where float32 and float64 would rightly differ.
"""

from functools import cache

import numpy as np

from firstorder import iterate, theory
from firstorder.grading.authoring import between, signed, significant
from firstorder.grading.checks import Property, Question, Unfit, close, entry, numbers
from firstorder.problems import LANDSCAPES
from firstorder.rules import RULES
from firstorder.simulate import first_within, with_restarts

# ------------------------------------------------------------------------------ 1 looking ahead


def _inputs_path(rng):
    return [
        (
            (np.array(signed(rng, 2, 2, 8)) / 10).round(2).tolist(),
            between(rng, 0.01, 0.025, 3),
            between(rng, 0.4, 0.9),
            steps,
        )
        for steps in (3, 5, 7)
    ]


def _path(w0, alpha, beta, steps):
    gradient = LANDSCAPES["banana"].gradient
    return iterate("nesterov_lookahead", gradient, w0, steps, alpha=alpha, beta=beta)


PATH = Question(
    "path",
    "nesterov_path(w0, alpha, beta, steps)",
    _inputs_path,
    (
        Property(
            "start",
            0.5,
            "return a path whose first row is w0",
            "put w0 into the path before the loop begins, and do not change it afterwards: "
            "w += … changes the very array that you have stored.",
            lambda value, w0, alpha, beta, steps: close(entry(value, 0), w0),
        ),
        Property(
            "first-step",
            0.5,
            "begin with a plain gradient step, for there is no velocity yet",
            "v⁰ = 0, so the look-ahead point is w⁰ itself, v¹ = −α∇f(w⁰) and w¹ = w⁰ + v¹.",
            lambda value, *call: close(entry(value, 1), _path(*call)[1]),
        ),
        Property(
            "look-ahead",
            1,
            "take the second gradient at w¹ + βv¹, where the velocity is about to carry w",
            "ask for the gradient ahead, but correct the velocity and step from where you are: "
            "v² = βv¹ − α∇f(w¹ + βv¹), w² = w¹ + v².",
            lambda value, *call: close(entry(value, 2), _path(*call)[2]),
        ),
        Property(
            "path",
            1,
            "return steps + 1 rows, each one step of Nesterov's method after the row before",
            "keep one v through the whole run, and count the rows.",
            lambda value, *call: close(value, _path(*call)),
        ),
    ),
)


# ------------------------------------------------------------------------------- 2 three programs


def _converted(alpha, beta, point, state, source, target):
    """(point, state) in the form `target`, by way of the papers' w and v."""
    point, state = np.array(point), np.array(state)
    v = -alpha * state if source == "torch" else state
    w = point if source == "papers" else point - beta * v
    return w if target == "papers" else w + beta * v, -v / alpha if target == "torch" else v


def _inputs_forms(rng):
    pairs = [
        ("papers", "torch"),
        ("papers", "keras"),
        ("torch", "papers"),
        ("keras", "papers"),
        ("torch", "keras"),
        ("keras", "torch"),
    ]
    return [
        (between(rng, 0.05, 0.4), between(rng, 0.3, 0.9), signed(rng), signed(rng), *pair)
        for pair in pairs
    ]


def _has_point(value, *call):
    return close(entry(value, 0, 2), _converted(*call)[0])


def _has_state(value, *call):
    return close(entry(value, 1, 2), _converted(*call)[1])


def _keeps(value, alpha, beta, point, state, source, target):
    """Both frameworks stand at one point; papers and Keras have one velocity."""
    if "torch" in (source, target):
        return close(entry(value, 0, 2), point)
    return close(entry(value, 1, 2), state)


FORMS = Question(
    "forms",
    "convert(alpha, beta, point, state, source, target)",
    _inputs_forms,
    (
        Property(
            "ahead",
            1,
            "move the papers' w to the look-ahead point w + βv, where both programs keep theirs",
            "the programs store the point at which they take the next gradient.",
            _has_point,
            lambda alpha, beta, point, state, source, target: source == "papers",
        ),
        Property(
            "back",
            1,
            "find w behind the look-ahead point y: w = y − βv",
            "if the state is torch's z, turn it into v first; then go back by βv.",
            _has_point,
            lambda alpha, beta, point, state, source, target: target == "papers",
        ),
        Property(
            "state",
            1,
            "turn v into torch's z = −v/α, and z into v = −αz",
            "z sums gradients and knows no step size; v is a step, downhill.",
            _has_state,
            lambda alpha, beta, point, state, source, target: "torch" in (source, target),
        ),
        Property(
            "keeps",
            1,
            "keep what two forms share: torch and Keras the point, papers and Keras the velocity",
            "torch and Keras both stand at the look-ahead point. Papers and Keras both keep v.",
            _keeps,
            lambda alpha, beta, point, state, source, target: (
                {source, target} != {"papers", "torch"}
            ),
        ),
    ),
)


# ------------------------------------------------------------------------ 3 trace and determinant


def _matrix(name, lambda_, **hyper):
    """R of a rule on f = λw²/2, column by column: the rule's own step from each unit state."""
    rule = RULES[name]
    w, *state = np.eye(1 + len(rule.buffers))
    return np.array(rule.function(w, lambda w: lambda_ * w, *state, **hyper))


def _inputs_invariants(rng):
    calls = []
    for low, high in [(0.1, 0.45), (0.55, 0.9), (1.1, 1.3)] * 2:
        lambda_ = significant(rng.uniform(1.2, 4), 2)
        alpha = significant(rng.uniform(low, high) / lambda_)
        calls.append((alpha, between(rng, 0.2, 0.85), lambda_))
    return calls


def _invariants(alpha, beta, lambda_):
    R = _matrix("nesterov_lookahead", lambda_, alpha=alpha, beta=beta)
    return np.trace(R), np.linalg.det(R)


def _has_determinant(value, *call):
    return close(entry(value, 1, 2), _invariants(*call)[1])


INVARIANTS = Question(
    "invariants",
    "trace_and_determinant(alpha, beta, lambda_)",
    _inputs_invariants,
    (
        Property(
            "trace",
            1,
            "return first the trace of R, the sum of its two eigenvalues",
            "v⁺ = β(1−αλ)v − αλw and w⁺ = w + v⁺. How much of w is in w⁺, how much of v in v⁺?",
            lambda value, *call: close(entry(value, 0, 2), _invariants(*call)[0]),
        ),
        Property(
            "determinant",
            1,
            "return second the determinant of R, the product of its two eigenvalues",
            "momentum's is β, whatever the curvature. Here β meets the gradient of the lookahead, "
            "βv, and is weakened by it.",
            _has_determinant,
            lambda alpha, beta, lambda_: alpha * lambda_ < 1,
        ),
        Property(
            "beyond-one",
            1,
            "have a negative determinant where αλ > 1",
            "the formula needs no special case; keep the sign of 1 − αλ.",
            _has_determinant,
            lambda alpha, beta, lambda_: alpha * lambda_ > 1,
        ),
    ),
)


# ------------------------------------------------------------------- 4 the edge of a whole family


def _edge(beta, gamma):
    """Where the spectral radius of the family's R passes 1, found by bisection."""
    low, high = 0.0, 10.0
    while high - low > 1e-10:
        middle = (low + high) / 2
        R = _matrix("momentum_family", middle, alpha=1.0, beta=beta, gamma=gamma)
        stable = abs(np.linalg.eigvals(R)).max() < 1
        low, high = (middle, high) if stable else (low, middle)
    return high


def _inputs_edge(rng):
    betas = [between(rng, low, low + 0.2) for low in (0.2, 0.45, 0.7)]
    calls = [(0.0, 0.0), (0.99, 0.99)]
    for beta in betas:
        calls += [(beta, 0.0), (beta, beta), (beta, between(rng, beta + 0.05, 0.97))]
        calls.append((beta, between(rng, 0.05, beta - 0.1)))
    return calls


def _is_edge(value, beta, gamma):
    return close(value, _edge(beta, gamma))


EDGE = Question(
    "edge",
    "edge(beta, gamma)",
    _inputs_edge,
    (
        Property(
            "gradient-descent",
            1,
            "be 2 where β = γ = 0, for then it is gradient descent",
            "set both to 0 in the update: what is left?",
            _is_edge,
            lambda beta, gamma: beta == gamma == 0,
        ),
        Property(
            "heavy-ball",
            1,
            "be 2 + 2β where γ = 0, for then it is momentum",
            "without the correction, only the trace knows of αλ: τ = 1 + β − αλ, δ = β.",
            _is_edge,
            lambda beta, gamma: gamma == 0 < beta,
        ),
        Property(
            "nesterov",
            1,
            "be Nesterov's edge where γ = β, which falls towards 4/3 as β grows towards 1",
            "put τ = (1 + β)(1 − αλ) and δ = β(1 − αλ) into 1 + τ + δ = 0.",
            _is_edge,
            lambda beta, gamma: gamma == beta > 0,
        ),
        Property(
            "family",
            1,
            "find the largest stable αλ for any other correction γ",
            "w⁺ = (1 + β − αλ(1 + γ))w − (β − γαλ)w⁻ gives τ and δ. "
            "An eigenvalue leaves at −1, where 1 + τ + δ = 0.",
            _is_edge,
            lambda beta, gamma: 0 < gamma != beta,
        ),
    ),
)


# ------------------------------------------------------------------------- 5 effective damping


def _kind(u, beta):
    """What the eigenvalues at αλ = u are, by where u lies."""
    if u > 1:
        return "beyond"
    return "ripples" if u > ((1 - beta) / (1 + beta)) ** 2 else "creeps"


def _inputs_factors(rng):
    calls = []
    for low, high in [(0.3, 0.45), (0.45, 0.6), (0.6, 0.75)]:
        beta = between(rng, low, high)
        meet = ((1 - beta) / (1 + beta)) ** 2
        shares = [
            rng.uniform(0.3, 0.5),
            meet * rng.uniform(0.3, 0.8),
            rng.uniform(1.05, 1.15),
            rng.uniform(0.6, 0.85),
            rng.uniform(1.3, 1.5),
        ]
        alpha = between(rng, 0.2, 0.5)
        calls.append(([significant(u / alpha) for u in shares], alpha, beta))
    return calls


def _factors_right(kind):
    def judge(value, lambdas, alpha, beta):
        at = [i for i, lam in enumerate(lambdas) if _kind(alpha * lam, beta) == kind]
        right = theory.spectral_radius("nesterov_lookahead", alpha, np.array(lambdas), beta)
        return close(numbers(value, (len(lambdas),))[at].tolist(), right[at])

    return judge


FACTORS = Question(
    "damping",
    "shrink_factors(lambdas, alpha, beta)",
    _inputs_factors,
    (
        Property(
            "ripples",
            1,
            "be √(β(1 − αλ)) where the eigenvalues of R are complex",
            "a complex pair has one absolute value, and its product is the determinant.",
            _factors_right("ripples"),
        ),
        Property(
            "creeps",
            1,
            "be the larger eigenvalue where αλ is so small that both are real",
            "solve σ² − τσ + δ = 0. Where τ² > 4δ there are two real roots; the larger one decides.",
            _factors_right("creeps"),
        ),
        Property(
            "beyond",
            1,
            "be the larger absolute value where αλ > 1",
            "δ is negative there, so the roots are real and of opposite sign; here the negative one "
            "is larger in absolute value.",
            _factors_right("beyond"),
        ),
    ),
)


# ---------------------------------------------------------------------------- 6 the best settings


def _inputs_settings(rng):
    calls = []
    for low, high in [(4, 10), (10, 40), (40, 200)]:
        mu = significant(rng.uniform(0.3, 3), 2)
        calls.append((mu, significant(mu * rng.uniform(low, high), 2)))
    lone = float(rng.integers(2, 9))
    return [*calls, (lone, lone)]


def _standard(mu, L):
    """α = 1/L, β = (√κ − 1)/(√κ + 1), and the rate that the rule has with them at λ = μ."""
    alpha, beta = 1 / L, theory.best_momentum_rate(L / mu)
    return alpha, beta, theory.spectral_radius("nesterov_lookahead", alpha, mu, beta)


def _best(mu, L):
    kappa = L / mu
    return (
        theory.best_nesterov_step(mu, L),
        theory.best_nesterov(kappa),
        theory.best_nesterov_rate(kappa),
    )


def _settings_right(row, settings, part):
    def judge(value, mu, L):
        triple = numbers(entry(value, row, 2), (3,)).tolist()
        return close(triple[part], settings(mu, L)[part])

    return judge


SETTINGS = Question(
    "settings",
    "nesterov_settings(mu, L)",
    _inputs_settings,
    (
        Property(
            "standard",
            1,
            "use in the standard settings α = 1/L and β = (√κ − 1)/(√κ + 1)",
            "κ = L/μ. Momentum's best β is the square of this one.",
            _settings_right(0, _standard, slice(0, 2)),
        ),
        Property(
            "standard-rate",
            1,
            "say as the rate of the standard settings the factor of the slowest component, λ = μ",
            "at λ = μ the discriminant τ² − 4δ is zero, so both eigenvalues are τ/2 = (1 + β)(1 − 1/κ)/2.",
            _settings_right(0, _standard, 2),
        ),
        Property(
            "best",
            1,
            "find the α and β with the least rate on quadratics",
            "two conditions: at λ = μ both eigenvalues meet, and at λ = L the negative one is as "
            "large as they are. α = 4/(3L + μ) fulfils them.",
            _settings_right(1, _best, slice(0, 2)),
        ),
        Property(
            "best-rate",
            1,
            "say the rate of these settings",
            "with α = 4/(3L + μ), u = αμ = 4/(3κ + 1); where the eigenvalues meet, both are 1 − √u.",
            _settings_right(1, _best, 2),
        ),
    ),
)


# -------------------------------------------------------------------------------- 7 who wins

LONGEST = 300  # no winner needs as many


def _tuned(lambdas):
    """Each method with its own best settings for the spectrum."""
    low, high = min(lambdas), max(lambdas)
    heavy = theory.best_momentum_step(low, high), theory.best_momentum(high / low)
    ahead = theory.best_nesterov_step(low, high), theory.best_nesterov(high / low)
    return {
        "gd": {"alpha": theory.best_step(low, high)},
        "momentum": dict(zip(("alpha", "beta"), heavy, strict=True)),
        "nesterov_lookahead": dict(zip(("alpha", "beta"), ahead, strict=True)),
    }


def counts(lambdas, x0, tolerance):
    """The iterations that each method takes, by running the rules."""
    lambdas = np.array(lambdas)
    return {
        name.removesuffix("_lookahead"): first_within(
            iterate(name, lambda x: lambdas * x, x0, LONGEST, **hyper), tolerance
        )
        for name, hyper in _tuned(lambdas).items()
    }


@cache
def _winner(lambdas, x0, tolerance):
    taken = counts(lambdas, x0, tolerance)
    return min(taken, key=taken.get)


def winner(lambdas, x0, tolerance):
    """The method that needs the fewest iterations."""
    return _winner(tuple(lambdas), tuple(x0), tolerance)


def _inputs_winner(rng):
    def spectrum(low, high, inner):
        high = significant(rng.uniform(low, high))
        return [1.0, *(significant(high * share) for share in inner), high]

    def around(n):
        return rng.uniform(0.8, 1.2, n).round(2).tolist()

    calls = []
    for _ in range(3):
        middle = spectrum(40, 200, rng.uniform(0.48, 0.53, 2))
        calls += [
            (middle, [0.0, *around(2), 0.0], 1e-5),
            (spectrum(50, 150, rng.uniform(0.1, 0.9, 2)), around(4), 1e-7),
            (spectrum(300, 600, rng.uniform(0.1, 0.9, 2)), around(4), between(rng, 0.2, 0.35)),
        ]
    return calls


def _names(name):
    """A judge: the answer is `name` where it should be, and nowhere else."""

    def judge(value, *problem):
        if not isinstance(value, str):
            raise Unfit("one of the three names was needed")
        return (value == name) == (winner(*problem) == name)

    return judge


WINNER = Question(
    "winner",
    "winner(lambdas, x0, tolerance)",
    _inputs_winner,
    (
        Property(
            "gd",
            1,
            'return "gd" where gradient descent is first, and only there',
            "only the components that x0 holds take part. At α = 2/(μ + L), what happens to one "
            "whose λ is in the middle?",
            _names("gd"),
        ),
        Property(
            "momentum",
            1,
            'return "momentum" where the heavy ball is first, and only there',
            "its rate is the best of the three, and a small tolerance gives the rate the time to show.",
            _names("momentum"),
        ),
        Property(
            "nesterov",
            1,
            'return "nesterov" where Nesterov is first, and only there',
            "a rate speaks of the long run. Early on, the heavy ball pays for its steep, critically "
            "damped end; so run all three, or count with their matrices.",
            _names("nesterov"),
        ),
    ),
)


# ------------------------------------------------------------------------------- 8 the challenge

TOLERANCE = 1e-6
TARGET = 150  # on the announced problem, where no restart takes 864 iterations
ANNOUNCED = (np.geomspace(1, 100, 8).round(3).tolist(), [1.0] * 8, 0.01, 0.99, 400)


def _inputs_restarts(rng):
    calls = [ANNOUNCED]
    for low, high in [(30, 60), (60, 150), (200, 300)]:
        lambdas = np.geomspace(1, significant(rng.uniform(low, high), 2), 6).round(2)
        beta = between(rng, 0.985, 0.995, 3)
        calls.append((lambdas.tolist(), [1.0] * 6, significant(1 / lambdas[-1]), beta, 600))
    return calls


def iterations(lambdas, x0, alpha, beta, steps, restarts=()):
    """Iterations of the look-ahead rule to the tolerance."""
    lambdas = np.array(lambdas)
    path = iterate(
        "nesterov_lookahead",
        lambda x: lambdas * x,
        x0,
        steps,
        alpha=alpha,
        beta=with_restarts(beta, restarts),
    )
    return first_within(path, TOLERANCE)


def _restarts(value, steps):
    """The returned step numbers; Unfit where one is none."""
    if not isinstance(value, list):
        raise Unfit("a list of step numbers was needed")
    times = numbers(value, (len(value),))
    if not np.isin(times, np.arange(steps)).all():
        raise Unfit(f"each must be a whole number from 0 to {steps - 1}")
    return times.tolist()


def _taken(value, *call):
    return iterations(*call, _restarts(value, call[-1]))


def _by_standard(lambdas, x0, alpha, beta, steps):
    """What the standard β takes, which has to know μ."""
    kappa = max(lambdas) / min(lambdas)
    return iterations(lambdas, x0, alpha, theory.best_momentum_rate(kappa), steps)


def _is_announced(*call):
    return call == ANNOUNCED


RESTARTS = Question(
    "challenge",
    "restarts(lambdas, x0, alpha, beta, steps)",
    _inputs_restarts,
    (
        Property(
            "helps",
            1,
            "get there in at most 400 iterations on the announced problem, with restarts",
            "return a list of step numbers from 0 to steps − 1. v is set to 0 just before each.",
            lambda value, *call: bool(_taken(value, *call) <= 400),
            _is_announced,
        ),
        Property(
            "target",
            2,
            f"get there in at most {TARGET} iterations on the announced problem",
            "simulate the run and watch it: it is time to restart when v points uphill, that is "
            "when the inner product of v and the gradient is positive.",
            lambda value, *call: bool(_taken(value, *call) <= TARGET),
            _is_announced,
        ),
        Property(
            "any-problem",
            2,
            "need at most 1.4 times the iterations of the standard β on other problems",
            "restart when the run itself says so, and not at fixed times: another problem ripples "
            "at another pace.",
            lambda value, *call: bool(_taken(value, *call) <= 1.4 * _by_standard(*call)),
            lambda *call: not _is_announced(*call),
        ),
    ),
)

# What students' code does not find: what a question asks for.  Question 1 asks for a whole run.
TAKEN_AWAY = ("firstorder.theory", "firstorder.rules.iteration_matrix")
TAKEN_AWAY_FROM = {"path": ("firstorder.rules", "firstorder.simulate")}

QUESTIONS = (PATH, FORMS, INVARIANTS, EDGE, FACTORS, SETTINGS, WINNER, RESTARTS)
