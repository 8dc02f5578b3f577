"""Lab 01, gradient descent: what right answers do, judged from the values that came back.

Expected values come from firstorder's rules and theory.  Inputs are rounded, so that a message can
show them; they keep away from where float32 and float64 would rightly differ.
"""

import numpy as np

from firstorder import iterate, theory
from firstorder.grading.authoring import definite_matrix, signed, significant, spectrum
from firstorder.grading.checks import Property, Question, close, entry, numbers
from firstorder.problems import Quadratic, rotation
from firstorder.simulate import worst_factor


def _gap(lambdas, alpha):
    """|1 − αλ| for each eigenvalue."""
    return np.abs(theory.component(1.0, alpha, np.array(lambdas), 1))


# ------------------------------------------------------------------------- 1 along one eigenvector


def _inputs_closed_form(rng):
    calls = []
    for low, high in [(0.15, 0.85), (1.15, 1.85), (2.15, 2.6)]:
        for k in (1, 2, 3, int(rng.integers(4, 9))):
            lambda_ = significant(rng.uniform(0.3, 5), 2)
            alpha = significant(rng.uniform(low, high) / lambda_)
            calls.append((signed(rng, 1)[0], alpha, lambda_, k))
        calls.append((*calls[-1][:3], 0))
    return calls


def _follows_closed_form(value, x0, alpha, lambda_, k):
    return close(value, theory.component(x0, alpha, lambda_, k))


CLOSED_FORM = Question(
    "closed-form",
    "error_after(x0, alpha, lambda_, k)",
    _inputs_closed_form,
    (
        Property(
            "start",
            0.5,
            "return x0 itself for k = 0: no step has been taken",
            "anything to the power 0 is 1.",
            _follows_closed_form,
            lambda x0, alpha, lambda_, k: k == 0,
        ),
        Property(
            "shrinks",
            0.5,
            "multiply the error by 1 − αλ, k times over, where 0 < αλ < 1",
            "one step gives x − αλx. Write two steps by hand and look for the pattern.",
            _follows_closed_form,
            lambda x0, alpha, lambda_, k: k > 0 and alpha * lambda_ < 1,
        ),
        Property(
            "overshoots",
            0.5,
            "let the error change sign at every step where 1 < αλ < 2",
            "1 − αλ is negative here; keep its sign, and let the power decide.",
            _follows_closed_form,
            lambda x0, alpha, lambda_, k: k > 0 and 1 < alpha * lambda_ < 2,
        ),
        Property(
            "diverges",
            0.5,
            "let the error grow where αλ > 2",
            "the formula needs no special case; do not cut the factor off.",
            _follows_closed_form,
            lambda x0, alpha, lambda_, k: k > 0 and alpha * lambda_ > 2,
        ),
    ),
)


# ------------------------------------------------------------------------------ 2 gradient descent


def _inputs_descent(rng):
    calls = []
    for n, steps in [(2, 3), (2, 8), (3, 5)]:
        A = definite_matrix(rng, n)
        alpha = significant(rng.uniform(0.6, 1.4) / Quadratic(A, np.zeros(n)).eigenvalues[-1], 2)
        calls.append((A.tolist(), signed(rng, n), signed(rng, n), alpha, steps))
    return calls


def _descent(A, b, w0, alpha, steps):
    return iterate("gd", Quadratic(A, b).gradient, w0, steps, alpha=alpha)


DESCENT = Question(
    "gradient-descent",
    "gradient_descent(A, b, w0, alpha, steps)",
    _inputs_descent,
    (
        Property(
            "start",
            1,
            "return a path whose first row is w0",
            "put w0 into the path before the loop begins, and do not change it afterwards: "
            "w -= … changes the very array that you have stored.",
            lambda value, A, b, w0, alpha, steps: close(entry(value, 0), w0),
        ),
        Property(
            "first-step",
            1,
            "have w0 − α∇f(w0) as its second row, with ∇f(w) = Aw − b",
            "differentiate ½wᵀAw − bᵀw. The ½ goes, the minus before b stays, and we step downhill.",
            lambda value, *call: close(entry(value, 1), _descent(*call)[1]),
        ),
        Property(
            "path",
            1,
            "return steps + 1 rows, each one gradient step after the row before",
            "take the gradient anew at each point, whole vector at a time, and count the rows.",
            lambda value, *call: close(value, _descent(*call)),
        ),
    ),
)


# ------------------------------------------------------------------------------- 3 the eigen-error


def _turn(rng, n):
    """An orthogonal matrix of short decimals, never symmetric (Pythagorean rotations)."""

    def plane(i, j):
        c, s = rng.permutation([[0.6, 0.8], [0.8, 0.6], [0.28, 0.96], [0.96, 0.28]])[0]
        turn = np.eye(n)
        turn[[i, j], [i, j]], turn[i, j], turn[j, i] = c, -s, s
        return turn

    return (plane(0, 1) if n == 2 else plane(0, 1) @ plane(1, 2)).round(8).tolist()


def _inputs_eigen_error(rng):
    def spectrum(n):
        return np.sort(rng.uniform(0.5, 9, n).round(1)).tolist()

    calls = []
    for n in (2, 3):
        straight, home = np.eye(n).tolist(), [0.0] * n
        turn, w_star, error = _turn(rng, n), signed(rng, n), signed(rng, n, 6, 9)
        for sign in (1, -1):  # so that some coordinate of the error is negative
            ahead = np.multiply(sign, error)
            w = (w_star + ahead).round(1).tolist()
            calls += [
                (turn, spectrum(n), home, ahead.tolist()),
                (straight, spectrum(n), w_star, w),
                (turn, spectrum(n), w_star, w),
            ]
    return calls


def _is_eigen_error(value, Q, lambdas, w_star, w):
    return close(entry(value, 0, 2), (np.array(w) - w_star) @ np.array(Q))


def _parts_fit_own_error(value, Q, lambdas, w_star, w):
    """Judged from the student's own x, so that a slip there is not counted twice."""
    x = numbers(entry(value, 0, 2), (len(lambdas),))
    parts = entry(value, 1, 2)
    return bool(x.any()) and close(parts, theory.loss_component(x, 0.0, np.array(lambdas), 0))


def _is_straight(Q):
    return np.array_equal(Q, np.eye(len(Q)))


EIGEN_ERROR = Question(
    "eigenbasis",
    "eigen_error(Q, lambdas, w_star, w)",
    _inputs_eigen_error,
    (
        Property(
            "turned",
            1,
            "measure the error along the columns of Q (here the minimum is at the origin)",
            "xᵢ is the inner product of the i-th column of Q with the error. Rows of Qᵀ are columns "
            "of Q.",
            _is_eigen_error,
            lambda Q, lambdas, w_star, w: not _is_straight(Q) and not any(w_star),
        ),
        Property(
            "shifted",
            0.5,
            "measure the error from the minimum: w − w*, in this order",
            "at w = w* the error is zero, in any basis.",
            _is_eigen_error,
            lambda Q, lambdas, w_star, w: _is_straight(Q),
        ),
        Property(
            "both",
            0.5,
            "measure from the minimum first and then change the basis",
            "Qᵀ(w − w*) is Qᵀw − Qᵀw*: w* has to be turned as well.",
            _is_eigen_error,
            lambda Q, lambdas, w_star, w: not _is_straight(Q) and any(w_star),
        ),
        Property(
            "parts",
            1,
            "return as parts what each xᵢ contributes to f(w) − f(w*)",
            "put w = w* + Qx into f. What is left is ½xᵀΛx: mind the ½, and the square.",
            _parts_fit_own_error,
        ),
    ),
)


# --------------------------------------------------------------------------------- 4 the best step


def _inputs_best_step(rng):
    calls = [(spectrum(rng, n),) for n in (3, 4, 5)]
    return [*calls, ([float(rng.integers(2, 9))],)]


def _best_step(lambdas):
    return theory.best_step(min(lambdas), max(lambdas))


def _best_rate(lambdas):
    return theory.best_rate(max(lambdas) / min(lambdas))


BEST_STEP = Question(
    "best-step",
    "best_step(lambdas)",
    _inputs_best_step,
    (
        Property(
            "step",
            1,
            "return first the step size at which the slowest component is as fast as it can be",
            "|1 − αλ₁| falls with α and |1 − αλₙ| rises; the worst of them is least where they are "
            "equal. The list need not be sorted.",
            lambda value, lambdas: close(entry(value, 0, 2), _best_step(lambdas)),
        ),
        Property(
            "rate",
            1,
            "return second the factor by which the slowest component shrinks at that step size",
            "put your α into |1 − αλ₁|. A rate lies between 0 and 1, and is 0 if all λ are equal.",
            lambda value, lambdas: close(entry(value, 1, 2), _best_rate(lambdas)),
        ),
    ),
)


# -------------------------------------------------------------------------------- 5 how many steps


def _factors(lambdas, alpha, of):
    return _gap(lambdas, alpha) ** (1 if of == "error" else 2)


def _clear(lambdas, alpha, tolerance, of):
    """Whether every count is well away from being a whole number, and the slowest is alone."""
    counts = np.log(tolerance) / np.log(_factors(lambdas, alpha, of))
    rounded = np.sort(np.ceil(counts))
    margin = abs(counts - counts.round()).min()
    return margin > 0.1 and rounded[-1] - rounded[-2] > 3


def _inputs_counts(rng):
    calls = []
    regimes = [
        ("error", (0.5, 0.9)),
        ("error", (0.5, 0.9)),
        ("error", (1.96, 1.985)),
        ("error", (1.96, 1.985)),
        ("loss", (0.5, 0.9)),
        ("loss", (0.5, 0.9)),
    ]
    for of, (low, high) in regimes:
        while True:
            top = rng.uniform(1, 8)
            lambdas = [significant(top * f, 2) for f in (rng.uniform(0.2, 0.5), 1, 0.12)]
            alpha = significant(rng.uniform(low, high) / max(lambdas))
            call = (lambdas, alpha, float(rng.choice([0.1, 0.01, 0.001])), of)
            if _clear(*call):
                break
        calls.append(call)
    lambdas = [1.0, 4.0, 0.5]
    calls += [
        (lambdas, 0.5, 0.01, "error"),
        (lambdas, significant(rng.uniform(0.52, 0.7)), 0.01, "error"),
        (lambdas, significant(rng.uniform(0.52, 0.7)), 0.01, "loss"),
    ]
    return calls


def _is_count(value, lambdas, alpha, tolerance, of):
    counts = theory.iterations_to(tolerance, _factors(lambdas, alpha, of))
    return bool(numbers(value, ()) == counts.max())


def _converges(lambdas, alpha):
    return alpha < theory.edge(max(lambdas))


def _knows_never(value, lambdas, alpha, tolerance, of):
    k = numbers(value, ())
    return bool(np.isfinite(k) if _converges(lambdas, alpha) else k == np.inf)


HOW_MANY = Question(
    "iteration-counts",
    "iterations_needed(lambdas, alpha, tolerance, of)",
    _inputs_counts,
    (
        Property(
            "error",
            1,
            "return the first whole k at which every error is down to the tolerance",
            "solve |1 − αλ|ᵏ ≤ tolerance for k, round up, and let the slowest component decide.",
            _is_count,
            lambda lambdas, alpha, tolerance, of: of == "error" and alpha * max(lambdas) < 1,
        ),
        Property(
            "near-the-edge",
            1,
            "see that near αλₙ = 2 the largest eigenvalue is the slow one",
            "1 − αλₙ is near −1 here: take its absolute value, and look at every eigenvalue.",
            _is_count,
            lambda lambdas, alpha, tolerance, of: (
                alpha * max(lambdas) > 1 and _converges(lambdas, alpha)
            ),
        ),
        Property(
            "loss",
            1,
            'count for of="loss" until every part of the loss is down to the tolerance',
            "a part of the loss shrinks by (1 − αλ)² in each step: what does the square do to k?",
            _is_count,
            lambda lambdas, alpha, tolerance, of: of == "loss" and _converges(lambdas, alpha),
        ),
        Property(
            "never",
            1,
            "return math.inf where some component never gets there, and only there",
            "where |1 − αλ| is 1 or more, no number of steps will do. Ask this before any logarithm.",
            _knows_never,
        ),
    ),
)


# ----------------------------------------------------------------------------- 6 turning the bowl


def _inputs_turned(rng):
    calls = []
    for angle in (0.0, *rng.uniform([0.3, 1.8], [1.2, 2.8]).round(2).tolist()):
        lambdas = [significant(rng.uniform(0.5, 2), 2), significant(rng.uniform(4, 9), 2)]
        alpha = significant(rng.uniform(0.5, 1.7) / lambdas[1], 2)
        calls.append((lambdas, signed(rng), angle, alpha, int(rng.integers(4, 8))))
    return calls


def _turned(lambdas, x0, angle, alpha, steps):
    gradient = Quadratic.from_spectrum(lambdas, angle).gradient
    return iterate("gd", gradient, rotation(angle) @ x0, steps, alpha=alpha)


def _keeps_lengths(value, lambdas, x0, angle, alpha, steps):
    lengths = np.linalg.norm(_turned(lambdas, x0, 0.0, alpha, steps), axis=1)
    return close(np.linalg.norm(numbers(value, (steps + 1, 2)), axis=1).tolist(), lengths)


TURNED = Question(
    "rotation",
    "turned_path(lambdas, x0, angle, alpha, steps)",
    _inputs_turned,
    (
        Property(
            "start",
            1,
            "start at w0 = Q x0, with Q's columns the two axes turned by the angle",
            "turn the start along with the bowl. Q = [[cos, −sin], [sin, cos]], angles in radians.",
            lambda value, lambdas, x0, angle, alpha, steps: close(
                entry(value, 0), rotation(angle) @ x0
            ),
            lambda lambdas, x0, angle, alpha, steps: angle != 0,
        ),
        Property(
            "not-turned",
            0.5,
            "give plain gradient descent on diag(λ₁, λ₂) from x0 where the angle is 0",
            "with the angle 0, Q is the identity and A is diag(lambdas).",
            lambda value, *call: close(value, _turned(*call)),
            lambda lambdas, x0, angle, alpha, steps: angle == 0,
        ),
        Property(
            "turned",
            1,
            "give gradient descent on A = Q diag(λ₁, λ₂) Qᵀ, row by row",
            "from right to left: Qᵀ goes into the eigenbasis, λ stretches, Q comes back.",
            lambda value, *call: close(value, _turned(*call)),
            lambda lambdas, x0, angle, alpha, steps: angle != 0,
        ),
        Property(
            "lengths",
            0.5,
            "keep every distance from the minimum as it was before the turn",
            "turning changes no length. If yours change, bowl and start were not turned alike.",
            _keeps_lengths,
            lambda lambdas, x0, angle, alpha, steps: angle != 0,
        ),
    ),
)


# ---------------------------------------------------------------------------------- 7 the challenge

TARGET = 0.27  # on [1, 100] in ten steps, where the best possible is 0.264


def best_factor(lambda_min, lambda_max, steps):
    """1/T_N((κ + 1)/(κ − 1)), the least worst case of N steps (T_N: Chebyshev's polynomial)."""
    return 1 / np.cosh(steps * np.arccosh(1 / theory.best_rate(lambda_max / lambda_min)))


def _inputs_schedule(rng):
    calls = [(1.0, 100.0, 10)]
    for steps in (1, 2, int(rng.integers(3, 7)), int(rng.integers(7, 12))):
        low = significant(rng.uniform(0.2, 4), 2)
        calls.append((low, significant(low * rng.uniform(20, 80), 2), steps))
    return calls


def _worst(value, lambda_min, lambda_max, steps):
    return worst_factor(numbers(value, (steps,)), lambda_min, lambda_max)


def _is_announced(*call):
    return call == (1.0, 100.0, 10)


SCHEDULE = Question(
    "challenge",
    "schedule(lambda_min, lambda_max, steps)",
    _inputs_schedule,
    (
        Property(
            "beats-constant",
            1,
            "have a smaller worst factor on [1, 100] in 10 steps than the best constant step (0.82)",
            "return exactly 10 step sizes, most of them above 2/(λ₁+λₙ): single steps may overshoot "
            "so long as the others make good for it.",
            lambda value, *call: bool(_worst(value, *call) < 0.98 * theory.best_rate(100.0) ** 10),
            _is_announced,
        ),
        Property(
            "target",
            2,
            f"reach a worst factor of {TARGET} on [1, 100] in 10 steps",
            "the polynomial Π(1 − αₖλ) is zero at each λ = 1/αₖ. Place these zeros closer together "
            "towards both ends of the interval.",
            lambda value, *call: bool(_worst(value, *call) <= TARGET),
            _is_announced,
        ),
        Property(
            "any-interval",
            2,
            "be within 2 % of the best possible on other intervals and numbers of steps",
            "compute the zeros from λ₁, λₙ and N: Chebyshev's nodes lie on (−1, 1); carry them over "
            "to (λ₁, λₙ). For N = 1 you should find 2/(λ₁+λₙ) again.",
            lambda value, *call: bool(_worst(value, *call) <= 1.02 * best_factor(*call)),
            lambda *call: not _is_announced(*call),
        ),
    ),
)


# ------------------------------------------------------------------ what students' code does not find


def _worst_factor(step_sizes, lambda_min, lambda_max):
    """firstorder.simulate.worst_factor in one line, without the `iterate` that question 2 asks for."""
    lambdas = np.linspace(lambda_min, lambda_max, 4001)
    return abs(np.prod([1 - alpha * lambdas for alpha in step_sizes], axis=0)).max()


TAKEN_AWAY = (
    "firstorder.rules",
    "firstorder.theory",
    "firstorder.problems",
    "firstorder.simulate.iterate",
)
INSTEAD = {"firstorder.simulate.worst_factor": _worst_factor}

QUESTIONS = (CLOSED_FORM, DESCENT, EIGEN_ERROR, BEST_STEP, HOW_MANY, TURNED, SCHEDULE)
