"""Lab 10, choosing and comparing: what right answers do, judged from the values that came back.

Nothing here is recorded by hand: the curves are of real runs of the book's rules, and what a student
chooses (a rate, a plan) is judged by running it.  Inputs are rounded, so that a message can show them.
"""

from functools import cache

import numpy as np

from firstorder import RULES, iterate
from firstorder.grading.authoring import between, significant
from firstorder.grading.checks import Property, Question, Unfit, close, entry, numbers
from firstorder.problems import SmallNetwork, spirals


@cache
def _spirals(seed):
    return SmallNetwork(*spirals(seed), hidden=20)


def _name(value):
    if not isinstance(value, str):
        raise Unfit("one of the names was needed")
    return value


# ------------------------------------------------------------------------------- 1 a rate finder

STEPS = 100
ENOUGH = 0.4  # of what the best rate gains
_RATES = np.geomspace(1e-3, 10, 33)[:, None]


def _end(network, path):
    """The median loss of the last 20 steps: a bold rate makes single steps jump."""
    return np.median(network.value(path[-20:]), axis=0)


@cache
def _final_loss(rate, unit, seed):
    """The loss, in its own unit, after gradient descent with the rate."""
    network = _spirals(seed)
    path = iterate(
        "gd", lambda w: unit * network.gradient(w), network.start(seed), STEPS, alpha=rate
    )
    return _end(network, path)


@cache
def _start_and_best(seed):
    """The loss at the start, and after the best of many rates."""
    network = _spirals(seed)
    w0 = network.start(seed)
    w = np.broadcast_to(w0, (len(_RATES), len(w0)))
    path = iterate("gd", network.gradient, w, STEPS, alpha=_RATES)
    return network.value(w0), np.nanmin(_end(network, path))


def _gain(value, unit, seed):
    """The share of the best rate's gain that the returned rate makes."""
    rate = float(numbers(value, ()))
    start, best = _start_and_best(seed)
    gain = (start - _final_loss(rate, unit, seed)) / (start - best)
    return gain if np.isfinite(gain) else -np.inf


def _inputs_finder(rng):
    seeds = [int(seed) for seed in rng.permutation(10)[:4]]
    units = [1.0, 1.0, significant(rng.uniform(0.01, 0.02), 2), significant(rng.uniform(40, 90), 2)]
    return list(zip(units, seeds, strict=True))


FINDER = Question(
    "finder",
    "find_rate(unit, seed)",
    _inputs_finder,
    (
        Property(
            "falls",
            1,
            "return a rate with which the loss is lower at the end of a hundred steps than at the start",
            "one number above 0, and well below the rate at which the sweep breaks.",
            lambda value, *call: bool(_gain(value, *call) > 0),
        ),
        Property(
            "fast",
            1,
            "gain at least 40 % of what the best rate gains in a hundred steps, where the unit is 1",
            "a rate that is safe but tiny gets nowhere. Take a third of the one where the sweep's loss "
            "was lowest.",
            lambda value, *call: bool(_gain(value, *call) > ENOUGH),
            lambda unit, seed: unit == 1,
        ),
        Property(
            "any-unit",
            2,
            "do so in other units of the loss too",
            "in a unit 50 times smaller, the gradient is 50 times larger. So start the sweep so low "
            "and let it go so high that it ends by itself.",
            lambda value, *call: bool(_gain(value, *call) > ENOUGH),
            lambda unit, seed: unit != 1,
        ),
    ),
)


# ------------------------------------------------------------------------------- 2 four diagnoses

# kind: rule, step size, steps between two records, and seeds whose runs show it clearly.
_RUNS = {
    "diverged": ("gd", lambda k: 0.3 * 1.12**k, 2, (0, 1, 3, 4)),
    "slow": ("gd", 0.015, 2, (0, 2, 4, 6)),
    "noisy": ("gd", 1.5, 4, (1, 2, 4, 8)),
    "overfitted": ("adam", 0.04, 6, (0, 2, 5, 7)),
    "fine": ("adam", 0.02, 6, (0, 1, 2, 5)),
}
RECORDS = 30


@cache
def _run(kind, seed):
    """The losses on the training points and on fresh ones while the network trains."""
    rule, alpha, every, _ = _RUNS[kind]
    few, noise = (12, 0.6) if kind == "overfitted" else (50, 0.2)
    network = SmallNetwork(*spirals(seed, few, noise=noise), hidden=30)
    fresh = SmallNetwork(*spirals(seed + 1000, noise=noise), hidden=30)
    gradient = network.gradient
    if kind == "noisy":
        rng = np.random.default_rng(seed)
        batches = [rng.choice(150, 6, replace=False) for _ in range(RECORDS * every)]

        def gradient(w, k):
            return network.gradient(w, batches[k])

    path = iterate(rule, gradient, network.start(seed), RECORDS * every, alpha=alpha)[::every]
    return network.value(path), fresh.value(path)


def diagnosis(train, test):
    """What the curves show, by the words of the lab."""
    train, test = np.array(train), np.array(test)
    if train[-1] > train[0]:
        return "diverged"
    if (np.diff(train) > 0).mean() > 0.25:
        return "noisy"
    if test[-1] > 1.25 * test.min():
        return "overfitted"
    return "slow" if train[-1] > 0.7 * train[0] else "fine"


def _inputs_diagnose(rng):
    calls = []
    for kind, (*_, seeds) in _RUNS.items():
        for seed, (low, high) in zip(rng.permutation(seeds), [(0.1, 0.2), (5, 9)], strict=False):
            unit = rng.uniform(low, high)
            curves = [[significant(unit * x, 4) for x in c] for c in _run(kind, int(seed))]
            assert diagnosis(*curves) == kind
            calls.append(tuple(curves))
    return [calls[i] for i in rng.permutation(len(calls))]


def _diagnoses(name):
    """A judge: the answer is `name` where it should be, and nowhere else."""
    return lambda value, *curves: (_name(value) == name) == (diagnosis(*curves) == name)


DIAGNOSE = Question(
    "diagnose",
    "diagnose(train, test)",
    _inputs_diagnose,
    (
        Property(
            "diverged",
            1,
            'say "diverged" where the run ends above its start, and only there',
            "compare the end with the start of the same run; it may have fallen in between.",
            _diagnoses("diverged"),
        ),
        Property(
            "slow",
            1,
            'say "slow" where the loss falls steadily but has hardly come down in the end',
            "how much of its first value is left? The unit of the loss says nothing.",
            _diagnoses("slow"),
        ),
        Property(
            "noisy",
            1,
            'say "noisy" where the training loss goes up and down on its way, and only there',
            "count how often the training loss rises from one record to the next. Ask this before you "
            "ask what the fresh points say.",
            _diagnoses("noisy"),
        ),
        Property(
            "overfitted",
            1,
            'say "overfitted" where the loss on fresh points has risen far above its lowest value',
            "the fresh points are always a little worse; it is the turn upwards that tells, while the "
            "training loss goes on falling.",
            _diagnoses("overfitted"),
        ),
        Property(
            "fine",
            1,
            'say "fine" where none of this is the case',
            "some runs have nothing. What is left after the four questions is fine.",
            _diagnoses("fine"),
        ),
    ),
)


# ------------------------------------------------------------------------------- 3 a fair comparison


def _difference(a, b):
    return np.mean(a) - np.mean(b)


def _error(a, b):
    """The standard error of the difference of two means."""
    return np.sqrt(np.var(a, ddof=1) / len(a) + np.var(b, ddof=1) / len(b))


def verdict(a, b):
    """Which of the two is better, if anything can be said."""
    if abs(_difference(a, b)) < 2 * _error(a, b):
        return "cannot tell"
    return "a" if _difference(a, b) > 0 else "b"


def _pair(rng, gap, spreads, counts, accept):
    """Accuracies of two methods, the first the better by `gap`, drawn until they are accepted."""
    while True:
        high = rng.uniform(0.95, 0.97)
        a, b = (
            rng.normal(mean, spread, n).round(4).tolist()
            for mean, spread, n in zip((high, high - gap), spreads, counts, strict=True)
        )
        if accept(a, b, abs(_difference(a, b)) / _error(a, b)):
            return a, b


def _inputs_compare(rng):
    def lucky(a, b, ratio):
        """Clear; yet the best single run, and the worst, are the other method's."""
        return 3 < ratio < 6 and max(b) > max(a) + 0.001 and _difference(a, b) > 0

    def unclear(low, high):
        return lambda a, b, ratio: low < ratio < high and _difference(a, b) > 0

    clear = [_pair(rng, 0.008, (0.001, 0.006), (5, 9), lucky) for _ in range(2)]
    one = _pair(rng, 0.003, (0.004, 0.006), (5, 7), unclear(1.15, 1.6))
    other = _pair(rng, 0.003, (0.004, 0.006), (6, 4), unclear(1.15, 1.6))
    level = _pair(rng, 0.001, (0.003, 0.005), (6, 5), unclear(0.2, 0.7))
    return [clear[0], clear[1][::-1], one, other[::-1], level]


def _verdict_right(value, *call):
    return _name(entry(value, 2, 3)) == verdict(*call)


COMPARE = Question(
    "compare",
    "compare(a, b)",
    _inputs_compare,
    (
        Property(
            "difference",
            1,
            "return first the mean of a less the mean of b",
            "all runs count, not the best one.",
            lambda value, *call: close(entry(value, 0, 3), _difference(*call)),
        ),
        Property(
            "error",
            1,
            "return second the standard error of this difference",
            "√(s²/n + s²/n), each method with its own s and its own n; s² divides by n − 1.",
            lambda value, *call: (
                close(entry(value, 1, 3), _error(*call))
                and abs(value[1] - _error(*call)) < 1e-3 * _error(*call)
            ),
        ),
        Property(
            "better",
            1,
            'say "a" or "b" where the means are more than two standard errors apart',
            "more accuracy is better. The spread of single runs is larger than the error of their mean.",
            _verdict_right,
            lambda *call: verdict(*call) != "cannot tell",
        ),
        Property(
            "cannot-tell",
            1,
            'say "cannot tell" where they are less than two standard errors apart',
            "a difference of one standard error comes up by chance in every third comparison.",
            _verdict_right,
            lambda *call: verdict(*call) == "cannot tell",
        ),
    ),
)


# ------------------------------------------------------------------------------------ 4 a schedule


def _rate(k, steps, peak, warmup):
    if k < warmup:
        return peak * (k + 1) / warmup
    if k >= steps:
        return 0.0
    return peak * (1 + np.cos(np.pi * (k - warmup) / (steps - warmup))) / 2


def _inputs_schedule(rng):
    calls = []
    for warmup in (int(rng.integers(6, 12)), 0):
        steps, peak = int(rng.integers(60, 100)), between(rng, 1.2, 3)
        rest = steps - warmup
        later = [warmup + int(share * rest) for share in (0.0, 0.2, 0.55, 0.9)]
        during = [0, warmup // 2, warmup - 1] if warmup else []
        for k in [*during, *later, steps, steps + rest // 2]:
            calls.append((k, steps, peak, warmup))
    return calls


def _is_rate(value, *call):
    return close(value, _rate(*call))


SCHEDULE = Question(
    "schedule",
    "rate(k, steps, peak, warmup)",
    _inputs_schedule,
    (
        Property(
            "warm-up",
            1,
            "rise in equal parts during the warm-up, from peak/warmup at k = 0 to the peak",
            "step 0 already has one part: (k + 1)/warmup, so that the last of them has the whole peak.",
            _is_rate,
            lambda k, steps, peak, warmup: k < warmup,
        ),
        Property(
            "decay",
            1,
            "fall along half a cosine from the peak, right after the warm-up, to 0 at k = steps",
            "which share of the steps after the warm-up has gone? (k − warmup)/(steps − warmup). "
            "The cosine of π times that goes from 1 to −1.",
            _is_rate,
            lambda k, steps, peak, warmup: 0 < warmup <= k < steps,
        ),
        Property(
            "without",
            1,
            "do without a warm-up where warmup is 0",
            "begin at the peak, and do not divide by 0.",
            _is_rate,
            lambda k, steps, peak, warmup: warmup == 0 and k < steps,
        ),
        Property(
            "end",
            1,
            "be 0 at k = steps and stay 0 from there on",
            "a cosine rises again after π.",
            _is_rate,
            lambda k, steps, peak, warmup: k >= steps,
        ),
    ),
)


# --------------------------------------------------------------------------------- 5 the challenge

ANNOUNCED = (1.0, 0, 30)
TARGET, ELSEWHERE = 0.95, 0.93


def _inputs_plan(rng):
    seeds = [int(seed) for seed in rng.permutation(range(1, 11))[:3]]
    units = [1.0, significant(rng.uniform(0.01, 0.02), 2), significant(rng.uniform(40, 90), 2)]
    budgets = [int(budget) for budget in rng.integers(40, 51, 3)]
    return [ANNOUNCED, *zip(units, seeds, budgets, strict=True)]


def _accuracy(value, unit, seed, budget):
    """On fresh points, the mean over networks from three starts trained as the plan says."""
    name = _name(entry(value, 0, 2))
    if name not in RULES:
        raise Unfit(f"no rule is called {name[:40]!r}")
    return _reached(name, tuple(numbers(entry(value, 1, 2), (budget,))), unit, seed, budget)


@cache
def _reached(name, rates, unit, seed, budget):
    network = _spirals(seed)
    starts = np.stack([network.start(seed + start) for start in (301, 302, 303)])
    path = iterate(
        name, lambda w: unit * network.gradient(w), starts, budget, alpha=lambda k: rates[k]
    )
    return network.accuracy(path[-1], *spirals(seed + 1000)).mean()


def _is_announced(*call):
    return call == ANNOUNCED


PLAN = Question(
    "challenge",
    "plan(unit, seed, budget)",
    _inputs_plan,
    (
        Property(
            "helps",
            1,
            "reach 80 % on the announced problem",
            "a rule's name, and a list of exactly `budget` step sizes. Most defaults are far too "
            "small for thirty steps.",
            lambda value, *call: bool(_accuracy(value, *call) >= 0.8),
            _is_announced,
        ),
        Property(
            "target",
            2,
            "reach 95 % on the announced problem",
            "try several rules, each with several rates, and keep the rate up for most of the budget.",
            lambda value, *call: bool(_accuracy(value, *call) >= TARGET),
            _is_announced,
        ),
        Property(
            "any-problem",
            2,
            "reach 93 % on other spirals, in other units, with 40 to 50 steps",
            "which rules do not care about the unit of the loss? Or measure the rate first, as in "
            "question 1. And let the list have the length of the budget.",
            lambda value, *call: bool(_accuracy(value, *call) >= ELSEWHERE),
            lambda *call: not _is_announced(*call),
        ),
    ),
)

QUESTIONS = (FINDER, DIAGNOSE, COMPARE, SCHEDULE, PLAN)
