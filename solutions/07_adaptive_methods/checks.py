"""Lab 07, adaptive methods: what right answers do, judged from the values that came back.

Expected values come from firstorder's rules.  Inputs are rounded, so that a message can show them;
they keep away from where float32 and float64 would rightly differ.
"""

from functools import cache

import numpy as np

from firstorder import iterate
from firstorder.grading.authoring import between, signed
from firstorder.grading.checks import Property, Question, Unfit, close, entry, numbers
from firstorder.problems import LANDSCAPES
from firstorder.rules import RULES, average, corrected

GRADIENT = LANDSCAPES["banana"].gradient

# --------------------------------------------------------------------- 1 the average of a short past


def _inputs_average(rng):
    constant = [between(rng, 2, 9, 1)] * 6
    return [
        (constant, between(rng, 0.8, 0.98)),
        (signed(rng, 5), between(rng, 0.3, 0.6)),
        (signed(rng, 7), between(rng, 0.7, 0.95)),
        (signed(rng, 1), between(rng, 0.9, 0.99)),
    ]


def _averages(values, beta):
    mean, averages = 0.0, []
    for t, value in enumerate(values, start=1):
        mean = average(beta, mean, value)
        averages.append(corrected(beta, mean, t))
    return averages


def _is_constant(values, beta):
    return len(set(values)) == 1 < len(values)


AVERAGE = Question(
    "average",
    "corrected_averages(values, beta)",
    _inputs_average,
    (
        Property(
            "first",
            1,
            "begin with the first value itself, for it is all that there is to average",
            "after one step m = (1 − β)x₁. Which number must it be divided by to give x₁?",
            lambda value, values, beta: close(entry(value, 0, len(values)), values[0]),
        ),
        Property(
            "constant",
            1,
            "return a constant unchanged, at every step",
            "the weights of the values seen so far must add up to 1. Without the correction they "
            "add up to 1 − βᵗ.",
            lambda value, *call: close(value, _averages(*call)),
            _is_constant,
        ),
        Property(
            "sequence",
            1,
            "give each value β times the weight of the value after it",
            "keep the average m as it is, m⁺ = βm + (1 − β)x, and correct only what you return.",
            lambda value, *call: close(value, _averages(*call)),
            lambda *call: not _is_constant(*call),
        ),
    ),
)


# -------------------------------------------------------------------------------- 2 one step, Adagrad


def _inputs_adagrad(rng):
    def sums():
        return (rng.uniform(1, 20, 3).round(1)).tolist()

    calls = [
        (signed(rng, 3), signed(rng, 3), sums(), between(rng, 0.2, 0.9), 1e-10) for _ in range(3)
    ]
    for _ in range(2):
        w, g, s = signed(rng, 3), (np.array(signed(rng, 3)) / 10).round(2).tolist(), sums()
        s = (np.array(s) / 100).round(3).tolist()
        calls.append((w, [g[0], 0.0, g[2]], [s[0], 0.0, s[2]], between(rng, 0.2, 0.9), 0.1))
    w, g = signed(rng, 3), signed(rng, 3)
    return [*calls, (w, [*g[:2], 0.0], [0.0] * 3, between(rng, 0.2, 0.9), 1e-10)]


def _adagrad(w, g, s, alpha, epsilon):
    step = RULES["adagrad"].function
    return step(np.array(w), lambda w: np.array(g), np.array(s), alpha=alpha, epsilon=epsilon)


def _rests(w, g, s, alpha, epsilon):
    return epsilon < 1e-3 and 0.0 in g


def _moves_right(value, *call):
    return close(entry(value, 0, 2), _adagrad(*call)[0])


ADAGRAD = Question(
    "adagrad",
    "adagrad_step(w, g, s, alpha, epsilon)",
    _inputs_adagrad,
    (
        Property(
            "sum",
            1,
            "return second the sum s + g², coordinate by coordinate",
            "the squares are added up, and nothing fades. It is the sum, not its root, that you keep.",
            lambda value, *call: close(entry(value, 1, 2), _adagrad(*call)[1]),
        ),
        Property(
            "step",
            1,
            "return first w − αg/√s⁺, each coordinate divided by its own root",
            "first renew s, then step: the gradient of this step counts already.",
            _moves_right,
            lambda w, g, s, alpha, epsilon: epsilon < 1e-3 and 0.0 not in g,
        ),
        Property(
            "epsilon",
            1,
            "add ε to the root, not under it, and stay at rest where there has been no gradient",
            "the denominator is √s⁺ + ε. Where g and s are 0, it is ε, and 0/ε is 0.",
            _moves_right,
            lambda *call: call[-1] > 1e-3 or _rests(*call),
        ),
    ),
)


# ---------------------------------------------------------------------------- 3 Adam from nothing


def _inputs_adam(rng):
    def call(steps, epsilon):
        # None of the numbers may be such that two mistakes come to the same.
        return (
            (np.array(signed(rng, 2, 2, 8)) / 10).round(2).tolist(),
            steps,
            between(rng, 0.02, 0.08, 3),
            between(rng, 0.55, 0.7),
            between(rng, 0.85, 0.95),
            epsilon,
        )

    return [call(5, 1e-8), call(7, 1e-8), call(4, between(rng, 0.3, 0.6)), call(1, 0.5)]


def _adam(w0, steps, alpha, beta1, beta2, epsilon):
    return iterate(
        "adam", GRADIENT, w0, steps, alpha=alpha, beta1=beta1, beta2=beta2, epsilon=epsilon
    )


def _tiny(w0, steps, alpha, beta1, beta2, epsilon):
    return epsilon < 1e-3


ADAM = Question(
    "adam",
    "adam_path(w0, steps, alpha, beta1, beta2, epsilon)",
    _inputs_adam,
    (
        Property(
            "start",
            0.5,
            "return a path whose first row is w0",
            "put w0 into the path before the loop begins, and do not change it afterwards: "
            "w -= … changes the very array that you have stored.",
            lambda value, w0, *rest: close(entry(value, 0), w0),
        ),
        Property(
            "first-step",
            1,
            "move each coordinate by α in the first step, however large its gradient is",
            "after one step the corrected averages are g and g², so the step is αg/|g|. "
            "If yours is another, look at the corrections, and at t, which is 1 there.",
            lambda value, *call: close(entry(value, 1), _adam(*call)[1]),
            _tiny,
        ),
        Property(
            "memory",
            1.5,
            "go on as Adam does, with β₁ for the gradients and β₂ for their squares",
            "two averages, each with its own β, kept uncorrected from step to step; in each step "
            "correct copies of them with the βᵗ of that step.",
            lambda value, *call: close(value, _adam(*call)),
            _tiny,
        ),
        Property(
            "epsilon",
            1,
            "divide by √ŝ + ε: ε is added after the correction and after the root",
            "with a large ε the place counts: √(ŝ + ε) and √s + ε are other numbers.",
            lambda value, *call: close(value, _adam(*call)),
            lambda *call: not _tiny(*call),
        ),
    ),
)


# ------------------------------------------------------------------------ 4 what has been forgotten

KINDS = ("none", "m", "s", "both")


def moves(gradients, beta1, beta2, kind):
    """|Δw|/α of Adam without the corrections that `kind` names, for given gradients."""
    gradients, t = np.array(gradients), np.arange(1, len(gradients) + 1)
    path = iterate(
        "adam",
        lambda w, k: gradients[k : k + 1],
        [0.0],
        len(t),
        alpha=1.0,
        beta1=beta1,
        beta2=beta2,
        epsilon=0.0,
    )
    right = abs(np.diff(path[:, 0]))
    # Without a correction, m is too small by 1 − β₁ᵗ, and √s by the root of 1 − β₂ᵗ.
    lost_m = 1 - beta1**t if kind in ("m", "both") else 1
    lost_s = np.sqrt(1 - beta2**t) if kind in ("s", "both") else 1
    return right * lost_m / lost_s


def _table(rng, gradients, beta1, beta2, kinds):
    rows = [moves(gradients, beta1, beta2, kind) for kind in rng.permutation(kinds)]
    return np.array(rows).round(4).tolist(), beta1, beta2


def _inputs_missing(rng):
    constant = [between(rng, 1, 5)] * 10
    varying = rng.uniform(0.5, 5, 10).round(2).tolist()
    twice = [*rng.permutation(["none", "s", "both"])[:2].tolist(), "m", "m"]
    return [
        _table(rng, constant, 0.9, 0.999, KINDS),
        _table(rng, constant, between(rng, 0.65, 0.7), between(rng, 0.94, 0.95, 3), KINDS),
        _table(rng, varying, between(rng, 0.75, 0.8), between(rng, 0.98, 0.985, 3), KINDS),
        _table(rng, varying, between(rng, 0.8, 0.85), between(rng, 0.99, 0.995, 3), twice),
        _table(rng, constant, 0.9, 0.99, KINDS),
        _table(rng, constant, 0.8, 0.96, ["both", "none", "both", "s"]),
    ]


def _at_first(moves, beta1, beta2):
    """What each kind's first step is, in units of α: it tells them apart, or not."""
    return {"none": 1, "m": 1 - beta1, "s": (1 - beta2) ** -0.5} | {
        "both": (1 - beta1) * (1 - beta2) ** -0.5
    }


def _looks_alike(*call):
    first = _at_first(*call)
    return abs(first["both"] - first["none"]) < 0.01


def _is_constant_run(rows, *betas):
    """Whether the gradients were constant: then the right run moves by α at every step."""
    return not _looks_alike(rows, *betas) and any(np.allclose(row, 1) for row in rows)


def _kinds(rows, beta1, beta2):
    """Which corrections each run lacks: at every step its move is that of the right run, times a factor.

    The second step tells even the kinds that begin alike, and the first names the right size.
    """
    first = _at_first(rows, beta1, beta2)
    names = []
    for row in rows:
        near = [kind for kind in KINDS if abs(row[0] / first[kind] - 1) < 0.01]
        if len(near) > 1:  # they begin alike; the gradients are constant there
            near = [
                kind for kind in near if abs(row[1] - moves([1, 1], beta1, beta2, kind)[1]) < 0.01
            ]
        names += near
    return names


def _diagnosed(value, *call):
    if not isinstance(value, list) or len(value) != len(call[0]):
        raise Unfit(f"a list of {len(call[0])} words was needed")
    if not all(isinstance(word, str) and word in KINDS for word in value):
        raise Unfit('each word must be "none", "m", "s" or "both"')
    return value == _kinds(*call)


MISSING = Question(
    "missing",
    "missing(moves, beta1, beta2)",
    _inputs_missing,
    (
        Property(
            "constant",
            1,
            "name what each run lacks where the gradient is constant",
            "then m̂ = g and √ŝ = |g|, so a right run moves by α every time. Uncorrected, m is "
            "(1 − β₁ᵗ)g, and √s is √(1 − β₂ᵗ)·|g|.",
            _diagnosed,
            _is_constant_run,
        ),
        Property(
            "varying",
            1,
            "name what each run lacks where the gradients vary",
            "one step is the same for all gradients: in the first, m̂ and √ŝ are g and |g|. What "
            "is left of it when a correction is missing?",
            _diagnosed,
            lambda *call: not _is_constant_run(*call) and not _looks_alike(*call),
        ),
        Property(
            "look-alike",
            1,
            "tell apart two kinds that begin alike, where 1 − β₁ = √(1 − β₂)",
            "without either correction the first step is (1 − β₁)/√(1 − β₂) = 1, as in a right "
            "run. The second step is not.",
            _diagnosed,
            _looks_alike,
        ),
    ),
)


# ----------------------------------------------------------------------- 5 two places for the decay


def _inputs_decay(rng):
    def call(steps, decay):
        return (
            signed(rng, 2),
            [signed(rng, 2) for _ in range(steps)],
            between(rng, 0.1, 0.3),
            between(rng, 0.55, 0.7),
            between(rng, 0.85, 0.95),
            decay,
        )

    return [call(4, 0.0), *(call(steps, between(rng, 0.3, 0.8)) for steps in (3, 5, 6))]


def _decayed(rule):
    def path(w0, gradients, alpha, beta1, beta2, decay):
        gradients = np.array(gradients)
        hyper = {"alpha": alpha, "beta1": beta1, "beta2": beta2, "decay": decay}
        return iterate(rule, lambda w, k: gradients[k], w0, len(gradients), **hyper)

    return path


def _row_is(row, rule):
    return lambda value, *call: close(entry(value, row, 2), _decayed(rule)(*call))


def _decays(*call):
    return call[-1] > 0


DECAY = Question(
    "decay",
    "two_decays(w0, gradients, alpha, beta1, beta2, decay)",
    _inputs_decay,
    (
        Property(
            "plain",
            1,
            "return two equal paths, Adam's, where the decay is 0",
            "start with an Adam that is right; both paths begin with w0 and have a row for each "
            "gradient after it.",
            lambda value, *call: close(value, [_decayed("adam")(*call)] * 2),
            lambda *call: not _decays(*call),
        ),
        Property(
            "penalty",
            1,
            "return first Adam's path with the penalty's gradient added to g, before any average",
            "g + decay·w goes into m and, squared, into s. Each path has its own w, m and s.",
            _row_is(0, "adam"),
            _decays,
        ),
        Property(
            "decoupled",
            1,
            "return second AdamW's path: α·decay·w is taken off w itself, and the averages never "
            "see it",
            "w⁺ = w − αm̂/(√ŝ + ε) − α·decay·w, with the old w on the right.",
            _row_is(1, "adamw"),
            _decays,
        ),
    ),
)


# ------------------------------------------------------------------------- 6 a rule from its formula
# Yogi, of Zaheer and colleagues (2018), as the lab's formula has it: without bias corrections.


def _next_state(w, m, s, beta1, beta2):
    g = GRADIENT(w)
    return average(beta1, m, g), s - (1 - beta2) * np.sign(s - g * g) * g * g


def _next_point(w, m, s, alpha, epsilon):
    return w - alpha * m / (np.sqrt(s) + epsilon)


def _inputs_rule(rng):
    return [
        (
            (np.array(signed(rng, 2, 4, 8)) / 10).round(2).tolist(),
            steps,
            between(rng, 0.02, 0.06, 3),
            between(rng, 0.5, 0.7),
            between(rng, 0.2, 0.4),
            epsilon,
        )
        for steps, epsilon in ((6, between(rng, 0.05, 0.2)), (8, 0.01), (9, 0.3))
    ]


def _rows(value, w0, steps):
    """w, m and s of the returned rows, each of shape (steps + 1, n); Unfit where they do not begin right."""
    w, m, s = numbers(value, (steps + 1, 3, len(w0))).swapaxes(0, 1)
    if not (close(w[0].tolist(), w0) and (m[0] == s[0]).all() and not m[0].any()):
        raise Unfit(
            "the first row must be w0 and zeros for m and s, as the given function makes it"
        )
    return w, m, s


def _renews(part):
    """A judge: each row's m or s (part 0 or 1) follows from the row before, as returned."""

    def judge(value, w0, steps, alpha, beta1, beta2, epsilon):
        w, *state = _rows(value, w0, steps)
        follows = _next_state(w[:-1], *(part[:-1] for part in state), beta1, beta2)
        return close(state[part][1:].tolist(), follows[part])

    return judge


def _steps_right(value, w0, steps, alpha, beta1, beta2, epsilon):
    """Whether each w follows from the one before, with the m and s that were returned with it."""
    w, m, s = _rows(value, w0, steps)
    return close(w[1:].tolist(), _next_point(w[:-1], m[1:], s[1:], alpha, epsilon))


RULE = Question(
    "rule",
    "yogi_run(w0, steps, alpha, beta1, beta2, epsilon)",
    _inputs_rule,
    (
        Property(
            "mean",
            1,
            "renew m as Adam does, with β₁",
            "m⁺ = β₁m + (1 − β₁)g. The rule returns w, m, s in this order.",
            _renews(0),
        ),
        Property(
            "size",
            1,
            "move s by (1 − β₂)g², up where s is below g² and down where it is above",
            "s⁺ = s − (1 − β₂) sign(s − g²) g², for each coordinate, with the s of the step before.",
            _renews(1),
        ),
        Property(
            "step",
            1,
            "step from w by αm⁺/(√s⁺ + ε), with the new m and s as they are",
            "the formula has no corrections, and ε stands outside the root. This is judged with the "
            "m⁺ and s⁺ that you return.",
            _steps_right,
        ),
    ),
)


# ------------------------------------------------------------------------------ 7 which one, for this?

METHODS = ("adagrad", "adam", "rmsprop", "gd", "momentum")
ALPHAS = tuple(digit * 10.0**power for power in range(-3, 1) for digit in (1, 3))
_ROWS = 40


def row_gradient(Z, d):
    """The gradient at step k, of half the squared error on one row; it takes several w at once."""

    def gradient(w, k):
        z = Z[k % len(Z)]
        return (w @ z - d[k % len(Z)])[..., None] * z

    return gradient


def losses(Z, d, steps, name, alphas):
    """Half the mean squared error over all rows at the end of the runs, for each step size."""
    Z, d = np.array(Z), np.array(d)
    alpha = np.array(alphas, float)[:, None]
    end = iterate(name, row_gradient(Z, d), np.zeros(Z.shape[1]), steps, alpha=alpha)[-1]
    return ((end @ Z.T - d) ** 2).mean(-1) / 2


@cache
def _best(problem):
    """The least loss of each method on the problem, each with its own best step size."""
    rows, d, steps = problem
    return {name: float(np.nanmin(losses(rows, d, steps, name, ALPHAS))) for name in METHODS}


def _frozen(Z, d, steps):
    return tuple(map(tuple, Z)), tuple(d), steps


def _with_targets(rng, Z, noise):
    w = rng.uniform(2, 4, 6) * rng.choice([-1, 1], 6)
    Z = Z.round(2)
    return Z.tolist(), (Z @ w + noise * rng.standard_normal(_ROWS)).round(2).tolist()


def _sparse(rng):
    """Columns that are seen in 40, 20, … 2 of the rows, the rarer the smaller; twice through."""
    Z = np.zeros((_ROWS, 6))
    for column, seen, size in zip(
        range(6), (40, 20, 10, 5, 3, 2), np.geomspace(1, 0.15, 6), strict=True
    ):
        rows = rng.choice(_ROWS, seen, replace=False)
        Z[rows, column] = size * rng.uniform(0.7, 1.3, seen) * rng.choice([-1, 1], seen)
    return *_with_targets(rng, Z, 0.1), 2 * _ROWS


def _dense(rng):
    """Every column in every row, all of one size; once through."""
    Z = rng.uniform(0.5, 1, (_ROWS, 6)) * rng.choice([-1, 1], (_ROWS, 6))
    return *_with_targets(rng, Z, 0.05), _ROWS


def _clear(problem, winner):
    """Whether `winner` is clearly first there."""
    best = _best(_frozen(*problem))
    return 1.3 * best[winner] < min(best[name] for name in METHODS if name != winner)


def _drawn(rng, kind, winner):
    while not _clear(problem := kind(rng), winner):
        pass
    return problem


def _inputs_choice(rng):
    return [
        _drawn(rng, kind, winner)
        for kind, winner in (
            (_sparse, "adagrad"), (_dense, "gd"), (_sparse, "adam"), (_dense, "gd")
        )
    ]  # fmt: skip


def _reached(value, *problem):
    """The loss that the returned method and step size reach."""
    name, alpha = entry(value, 0, 3), entry(value, 1, 3)
    if not isinstance(name, str) or name not in METHODS:
        raise Unfit(f"the first result must be one of {', '.join(METHODS)}")
    alpha = float(numbers(alpha, ()))
    if not 0 < alpha <= 100:
        raise Unfit("the step size must be above 0, and at most 100")
    return float(losses(*problem, name, [alpha])[0])


def _is_sparse(Z, d, steps):
    return bool((np.array(Z) == 0).any())


def _within(value, *problem):
    return bool(_reached(value, *problem) <= 1.05 * min(_best(_frozen(*problem)).values()))


CHOICE = Question(
    "choice",
    "choose(Z, d, steps)",
    _inputs_choice,
    (
        Property(
            "honest",
            1,
            "say the loss that the method and the step size you name do reach",
            "run it again with just these: half the mean of the squared errors over all rows, at "
            "the last iterate, after `steps` steps from zero.",
            lambda value, *problem: close(entry(value, 2, 3), _reached(value, *problem)),
        ),
        Property(
            "sparse",
            1,
            "be within 5 % of the best of all five on problems with rare columns",
            "give every method its own step size, and compare the best of each. No name is right "
            "every time.",
            _within,
            _is_sparse,
        ),
        Property(
            "dense",
            1,
            "be within 5 % of the best of all five on problems whose columns are alike",
            "here no column is rarer than another. Do not leave out the plain methods.",
            _within,
            lambda *problem: not _is_sparse(*problem),
        ),
    ),
)


# ------------------------------------------------------------------------------- 8 the challenge

STEPS = 1200
LONGEST, LARGEST = 24, 100


def _inputs_trap(rng):
    return [(0.1,), (between(rng, 0.25, 0.35),), (between(rng, 0.55, 0.65),)]


@cache
def trapped(name, gradients, beta2):
    """Where a method ends, on average over the last round, on a stream that repeats `gradients`."""
    gradients = np.array(gradients)
    path = iterate(
        name,
        lambda w, k: gradients[k % len(gradients), None],
        [0.0],
        STEPS,
        project=lambda w: np.clip(w, -1, 1),
        alpha=lambda k: 0.1 / np.sqrt(k + 1),
        beta1=0.0,
        beta2=beta2,
    )
    return float(path[-len(gradients) :].mean())


def _stream(value):
    """The returned gradients; Unfit where they make no stream."""
    if not isinstance(value, list) or not 1 <= len(value) <= LONGEST:
        raise Unfit(f"a list of 1 to {LONGEST} gradients was needed")
    gradients = numbers(value, (len(value),))
    if not (abs(gradients) <= LARGEST).all():
        raise Unfit(f"each gradient must lie between −{LARGEST} and {LARGEST}")
    return tuple(gradients.tolist())


def _pulls_left(value, beta2):
    """Whether the gradients add up to something clearly positive: then −1 is the best point."""
    stream = _stream(value)
    return bool(sum(stream) >= 0.01 * max(map(abs, stream), default=0) > 0)


def _traps(value, beta2):
    return _pulls_left(value, beta2) and trapped("adam", _stream(value), beta2) > 0.9


TRAP = Question(
    "challenge",
    "trap(beta2)",
    _inputs_trap,
    (
        Property(
            "pulls",
            1,
            "return gradients whose sum is positive, so that −1 is the best point",
            "a positive gradient pushes w to the left. The sum must be at least a hundredth of the "
            "largest of them.",
            _pulls_left,
        ),
        Property(
            "trap",
            2,
            "send Adam to the right end all the same, at β₂ = 0.1",
            "Adam divides by what it has just seen. Let one large gradient pull left, and small "
            "ones push right once it is forgotten.",
            _traps,
            lambda beta2: beta2 == 0.1,
        ),
        Property(
            "any-memory",
            2,
            "send Adam to the right end for a longer memory too",
            "with a larger β₂ the large gradient is remembered longer, so the small ones need more "
            "steps. You may run Adam in your function, and try.",
            _traps,
            lambda beta2: beta2 != 0.1,
        ),
    ),
)

# What students' code does not find: what a question asks for.  The others may run the rules.
TAKEN_AWAY_FROM = dict.fromkeys(
    ("average", "adagrad", "adam", "decay"), ("firstorder.rules", "firstorder.simulate")
)

QUESTIONS = (AVERAGE, ADAGRAD, ADAM, MISSING, DECAY, RULE, CHOICE, TRAP)
