"""Lab 10, choosing and comparing: answers as students write them, wrong and right.

A wrong answer is named after its mistake and says exactly which properties it loses; tests run all
of them through the checks.
"""

from pathlib import Path

from firstorder.grading.authoring import Bank
from firstorder.grading.checks import load

_GIVEN = """
from firstorder import RULES, iterate
from firstorder.problems import SmallNetwork, spirals


def problem(unit, seed):
    net = SmallNetwork(*spirals(seed), hidden=20)
    return lambda w: unit * net.value(w), lambda w: unit * net.gradient(w), net.start(seed)
"""
_bank = Bank(load(Path(__file__).parent, "checks").QUESTIONS, _GIVEN)
wrong, right, BANK = _bank.wrong, _bank.right, _bank.samples

# ------------------------------------------------------------------------------- 1 a rate finder

Q = "finder"


def _sweep(
    last="return seen[losses.index(min(losses))] / 3",
    first="1e-7",
    grow="alpha *= 1.2",
    stop="not losses[-1] < 2 * min(losses)",
    given="unit, seed",
):
    return (
        f"loss, gradient, w = problem({given})\nalpha, seen, losses = {first}, [], []\n"
        "while True:\n    w = w - alpha * gradient(w)\n    seen.append(alpha)\n"
        f"    losses.append(float(loss(w)))\n    if {stop}:\n        break\n    {grow}\n{last}"
    )


def _grid(rates, steps=20, last="return float(rates[np.nanargmin(after), 0])"):
    return (
        f"loss, gradient, w = problem(unit, seed)\nrates = {rates}[:, None]\n"
        f"path = iterate('gd', gradient, np.broadcast_to(w, (len(rates), len(w))), {steps}, alpha=rates)\n"
        f"after = loss(path[-1])\n{last}"
    )


right(Q, "a sweep, and a third of the rate of its lowest loss", _sweep())
right(Q, "a sweep, and half of it", _sweep("return seen[losses.index(min(losses))] / 2.5", "1e-6"))
right(Q, "a hundred steps with each of many rates", _grid("np.geomspace(1e-4, 1e4, 81)", 100))
right(
    Q,
    "the largest rate with which the loss falls in every one of thirty steps, and a little less",
    """
loss, gradient, w0 = problem(unit, seed)
alpha = 1e4
while True:
    losses = loss(iterate("gd", gradient, w0, 30, alpha=alpha))
    if (np.diff(losses) < 0).all():
        return alpha * 0.9
    alpha *= 0.8
""",
)
right(
    Q,
    "measures the slope's size in place of the unit",
    """
_, gradient, w0 = problem(unit, seed)
_, same, _ = problem(1.0, seed)
return np.float32(1.5 * np.linalg.norm(same(w0)) / np.linalg.norm(gradient(w0)))
""",
)
wrong(Q, "a thousandth, as in every program", "fast any-unit", "return 0.001")
wrong(Q, "1, whatever the unit is", "falls any-unit", "return 1.0")
wrong(Q, "far too large", "all", "return 100.0")
wrong(Q, "the unit forgotten", "falls any-unit", _sweep(given="1.0, seed"))
wrong(
    Q,
    "the unit the wrong way round",
    "falls any-unit",
    _sweep("return unit * seen[losses.index(min(losses))] / 3", given="1.0, seed"),
)
wrong(Q, "the first rate of the sweep", "fast any-unit", _sweep("return seen[0]"))
wrong(Q, "ten times the rate at which it broke", "all", _sweep("return 10 * seen[-1]"))
wrong(
    Q,
    "the rate of the highest loss",
    "all",
    _sweep("return seen[losses.index(max(losses))]", stop="not losses[-1] < 1e3 * min(losses)"),
)
wrong(
    Q,
    "a thousandth of it, to be safe",
    "fast any-unit",
    _sweep("return seen[losses.index(min(losses))] / 1000"),
)
wrong(Q, "the lowest loss instead of its rate", "falls any-unit", _sweep("return min(losses)"))
wrong(Q, "the place in the sweep", "all", _sweep("return losses.index(min(losses))"))
wrong(Q, "all the rates", "all", _sweep("return seen"))
wrong(
    Q,
    "the rate and its loss",
    "all",
    _sweep("return seen[losses.index(min(losses))] / 3, min(losses)"),
)
wrong(Q, "uphill", "all", _sweep("return -seen[losses.index(min(losses))] / 3"))
wrong(
    Q,
    "the logarithm of the rate",
    "all",
    _sweep("return abs(math.log(seen[losses.index(min(losses))] / 3, 10)) + 20"),
)
wrong(Q, "a sweep that ends at a hundredth", "fast any-unit", _sweep(stop="alpha > 0.01"))
wrong(
    Q,
    "a sweep that ends where the rate is 1",
    "any-unit",
    _sweep("return seen[losses.index(min(losses))]", stop="alpha > 1"),
)
wrong(Q, "rates from 0 to 1 in equal parts", "any-unit", _grid("np.linspace(0, 1, 101)"))
wrong(Q, "rates from a hundredth to 1 only", "any-unit", _grid("np.geomspace(0.01, 1, 21)"))
wrong(
    Q,
    "the least rate that lowers the loss",
    "fast any-unit",
    _grid(
        "np.geomspace(1e-6, 1e4, 81)",
        1,
        "return float(rates[np.flatnonzero(after < loss(w))[0], 0])",
    ),
)

# ------------------------------------------------------------------------------- 2 four diagnoses

Q = "diagnose"

_TESTS = {
    "diverged": "train[-1] > train[0]",
    "noisy": "np.mean(np.diff(train) > 0) > 0.2",
    "overfitted": "test[-1] > 1.2 * min(test)",
    "slow": "train[-1] > 0.6 * train[0]",
}


def _doctor(order="diverged noisy overfitted slow", says=None, otherwise="fine", **tests):
    says = {**{name: f'"{name}"' for name in _TESTS}, **(says or {})}
    tests = {**_TESTS, **tests}
    lines = [f"if {tests[name]}:\n    return {says[name]}" for name in order.split()]
    return "\n".join([*lines, f'return "{otherwise}"'])


right(Q, "four questions in order", _doctor())
right(
    Q,
    "other limits",
    _doctor(
        diverged="not train[-1] < 1.05 * train[0]",
        noisy="sum(b > a for a, b in zip(train, train[1:])) >= 5",
        overfitted="test[-1] - min(test) > 0.15 * test[0] and train[-1] < 0.3 * train[0]",
        slow="(train[0] - train[-1]) / train[0] < 1 / 3",
    ),
)
right(
    Q,
    "by shares of the first loss, slow before overfitted",
    """
train, test = train / train[0], test / test[0]
if train[-1] >= 1:
    return "diverged"
if (train[1:] > train[:-1]).sum() > 4:
    return "noisy"
if train[-1] > 2 / 3:
    return "slow"
return "overfitted" if test[-1] / test.min() > 1.25 else "fine"
""",
)
right(
    Q,
    "the way up and down in place of a count",
    _doctor(noisy="np.abs(np.diff(train)).sum() > 1.5 * (train[0] - train[-1])"),
)
wrong(Q, "always fine", "all", 'return "fine"')
wrong(Q, "always slow", "all", 'return "slow"')
wrong(
    Q,
    "overfitting asked first",
    "diverged noisy overfitted",
    _doctor("overfitted diverged noisy slow"),
)
wrong(
    Q,
    "slowness asked first",
    "diverged slow",
    _doctor("slow diverged noisy overfitted", slow="train[-1] > 0.7 * train[0]"),
)
wrong(
    Q,
    "diverged only where it is not a number",
    "diverged noisy",
    _doctor(diverged="np.isnan(train[-1])"),
)
wrong(Q, "diverged where the number is large", "diverged noisy", _doctor(diverged="train[-1] > 50"))
wrong(
    Q,
    "diverged where it is above its lowest loss",
    "diverged noisy",
    _doctor(diverged="train[-1] > 1.1 * min(train)"),
)
wrong(Q, "no run is noisy", "noisy overfitted", _doctor("diverged overfitted slow"))
wrong(Q, "no run is overfitted", "overfitted fine", _doctor("diverged noisy slow"))
wrong(Q, "no run is slow", "slow fine", _doctor("diverged noisy overfitted"))
wrong(
    Q,
    "overfitted where fresh points are worse",
    "overfitted fine",
    _doctor(overfitted="test[-1] > 1.05 * train[-1]"),
)
wrong(Q, "slow where the number is above 1", "slow fine", _doctor(slow="train[-1] > 1.0"))
wrong(
    Q,
    "slow unless nearly everything is gone",
    "slow fine",
    _doctor(slow="train[-1] > 0.01 * train[0]"),
)
wrong(Q, "slow and fine exchanged", "slow fine", _doctor(says={"slow": '"fine"'}, otherwise="slow"))
wrong(
    Q,
    "overfitted and slow exchanged",
    "overfitted slow",
    _doctor(says={"slow": '"overfitted"', "overfitted": '"slow"'}),
)
wrong(
    Q,
    "noisy and diverged exchanged",
    "diverged noisy",
    _doctor(says={"noisy": '"diverged"', "diverged": '"noisy"'}),
)
wrong(
    Q,
    "names with capitals",
    "all",
    _doctor(otherwise="Fine", says={n: f'"{n.capitalize()}"' for n in _TESTS}),
)
wrong(
    Q,
    "numbers for names",
    "all",
    _doctor(says={"diverged": "0", "noisy": "1", "overfitted": "2", "slow": "3"}).replace(
        '"fine"', "4"
    ),
)
wrong(
    Q,
    "lists of names",
    "all",
    "found = []\n"
    + "\n".join(f'if {test}:\n    found.append("{name}")' for name, test in _TESTS.items())
    + "\nreturn found",
)
wrong(Q, "prints and returns nothing", "all", 'print("fine")')

# ------------------------------------------------------------------------------- 3 a fair comparison

Q = "compare"


def _compared(
    apart="np.mean(a) - np.mean(b)",
    error="math.sqrt(np.var(a, ddof=1) / len(a) + np.var(b, ddof=1) / len(b))",
    unclear="abs(apart) < 2 * error",
    better='"a" if apart > 0 else "b"',
    last="return apart, error, verdict",
):
    return (
        f"apart = {apart}\nerror = {error}\n"
        f'verdict = "cannot tell" if {unclear} else {better}\n{last}'
    )


right(Q, "by NumPy", _compared())
right(
    Q,
    "by hand",
    """
def about(runs):
    n = len(runs)
    mean = sum(runs) / n
    return mean, sum((run - mean) ** 2 for run in runs) / (n - 1) / n

(mean_a, square_a), (mean_b, square_b) = about(a), about(b)
e = (square_a + square_b) ** 0.5
if mean_a - mean_b > 2 * e:
    verdict = "a"
elif mean_b - mean_a > 2 * e:
    verdict = "b"
else:
    verdict = "cannot tell"
return [mean_a - mean_b, e, verdict]
""",
)
right(
    Q,
    "by the statistics of the standard library",
    """
import statistics

apart = statistics.mean(a) - statistics.mean(b)
error = math.hypot(*(statistics.stdev(runs) / math.sqrt(len(runs)) for runs in (a, b)))
ratio = apart / error
return apart, error, "cannot tell" if -2 < ratio < 2 else "a" if ratio > 0 else "b"
""",
)
wrong(
    Q,
    "the difference of the best runs",
    "difference better cannot-tell",
    _compared("max(a) - max(b)", unclear="abs(apart) < 0.5 * error"),
)
wrong(Q, "b less a", "difference better", _compared("np.mean(b) - np.mean(a)"))
wrong(
    Q,
    "b less a, though the verdict is right",
    "difference",
    _compared(last="return -apart, error, verdict"),
)
wrong(Q, "the absolute difference", "difference better", _compared("abs(np.mean(a) - np.mean(b))"))
wrong(
    Q,
    "the absolute difference, after the verdict",
    "difference",
    _compared(last="return abs(apart), error, verdict"),
)
wrong(
    Q,
    "divides by n instead of n − 1",
    "error",
    _compared(error="math.sqrt(np.var(a) / len(a) + np.var(b) / len(b))"),
)
wrong(
    Q,
    "the spread of single runs",
    "error better",
    _compared(error="math.sqrt(np.var(a, ddof=1) + np.var(b, ddof=1))"),
)
wrong(
    Q,
    "divides by n twice",
    "error cannot-tell",
    _compared(error="math.sqrt(np.var(a, ddof=1) / len(a)**2 + np.var(b, ddof=1) / len(b)**2)"),
)
wrong(
    Q,
    "the variance, without the root",
    "error cannot-tell",
    _compared(error="np.var(a, ddof=1) / len(a) + np.var(b, ddof=1) / len(b)"),
)
wrong(
    Q,
    "the error of a alone",
    "error",
    _compared(last="return apart, np.std(a, ddof=1) / len(a) ** 0.5, verdict"),
)
wrong(
    Q,
    "errors added instead of their squares",
    "error",
    _compared(
        last="return apart, np.std(a, ddof=1) / len(a) ** 0.5 + np.std(b, ddof=1) / len(b) ** 0.5, verdict"
    ),
)
wrong(
    Q,
    "squares subtracted",
    "error",
    _compared(
        last="return apart, math.sqrt(abs(np.var(a, ddof=1) / len(a) - np.var(b, ddof=1) / len(b))), verdict"
    ),
)
wrong(
    Q,
    "all runs in one pot",
    "error",
    _compared(last="return apart, np.std([*a, *b], ddof=1) / math.sqrt(len(a) + len(b)), verdict"),
)
wrong(Q, "twice the error returned", "error", _compared(last="return apart, 2 * error, verdict"))
wrong(Q, "whoever has the higher mean", "cannot-tell", _compared(unclear="apart == 0"))
wrong(
    Q,
    "whoever has the best single run",
    "better cannot-tell",
    _compared(unclear="False", better='"a" if max(a) > max(b) else "b"'),
)
wrong(Q, "one standard error is enough", "cannot-tell", _compared(unclear="abs(apart) < error"))
wrong(Q, "never tells", "better", _compared(unclear="True"))
wrong(Q, "the worse one", "better", _compared(better='"b" if apart > 0 else "a"'))
wrong(Q, "always a where it is clear", "better", _compared(better='"a"'))
wrong(Q, "other words", "cannot-tell", _compared().replace("cannot tell", "equal"))
wrong(
    Q,
    "true or false",
    "better cannot-tell",
    _compared(last="return apart, error, bool(abs(apart) >= 2 * error)"),
)
wrong(Q, "the verdict alone", "all", _compared(last="return verdict"))

# ------------------------------------------------------------------------------------ 4 a schedule

Q = "schedule"


def _schedule(
    rise="peak * (k + 1) / warmup",
    gone="(k - warmup) / (steps - warmup)",
    fall="peak * (1 + math.cos(math.pi * gone)) / 2",
    before="k < warmup",
    after="if k >= steps:\n    return 0.0",
):
    return f"if {before}:\n    return {rise}\n{after}\ngone = {gone}\nreturn {fall}"


right(Q, "in three cases", _schedule())
right(
    Q,
    "a share held at 1",
    _schedule(gone="np.clip((k - warmup) / (steps - warmup), 0, 1)", after="pass"),
)
right(Q, "sin² of what is left", _schedule(fall="peak * math.sin(math.pi / 2 * (1 - gone)) ** 2"))
right(
    Q,
    "all rates at once, and one of them picked",
    """
k = min(k, steps)
rising = peak * np.arange(1, warmup + 1) / max(warmup, 1)
falling = peak / 2 * (1 + np.cos(np.linspace(0, np.pi, steps - warmup + 1)))
return np.concatenate([rising, falling])[k]
""",
)
wrong(Q, "the first step has no part", "warm-up", _schedule("peak * k / warmup"))
wrong(Q, "parts of one step more", "warm-up", _schedule("peak * (k + 1) / (warmup + 1)"))
wrong(
    Q,
    "the last warm-up step is the first but one",
    "warm-up",
    _schedule("peak * min(1, (k + 2) / warmup)"),
)
wrong(
    Q,
    "no warm-up",
    "warm-up",
    _schedule(before="False", gone="max(0, (k - warmup) / (steps - warmup))"),
)
wrong(
    Q,
    "a warm-up along a cosine",
    "warm-up",
    _schedule("peak * (1 - math.cos(math.pi * (k + 1) / warmup)) / 2"),
)
wrong(Q, "a warm-up downwards", "warm-up", _schedule("peak * (warmup - k) / warmup"))
wrong(Q, "a warm-up that does not know the peak", "warm-up", _schedule("(k + 1) / warmup"))
wrong(Q, "the cosine begins at step 0", "decay", _schedule(gone="k / steps"))
wrong(Q, "the warm-up not taken from the steps", "decay", _schedule(gone="(k - warmup) / steps"))
wrong(Q, "over by a step", "decay without", _schedule(gone="(k - warmup) / (steps - warmup - 1)"))
wrong(
    Q,
    "begins a step too far",
    "decay without",
    _schedule(gone="(k - warmup + 1) / (steps - warmup)"),
)
wrong(Q, "a straight line down", "decay without", _schedule(fall="peak * (1 - gone)"))
wrong(
    Q,
    "a quarter of a cosine",
    "decay without",
    _schedule(fall="peak * math.cos(math.pi / 2 * gone)"),
)
wrong(
    Q,
    "a whole cosine",
    "decay without",
    _schedule(fall="peak * (1 + math.cos(2 * math.pi * gone)) / 2"),
)
wrong(
    Q, "forgets the half", "decay without", _schedule(fall="peak * (1 + math.cos(math.pi * gone))")
)
wrong(
    Q,
    "a half without the 1",
    "decay without",
    _schedule(fall="peak * math.cos(math.pi * gone) / 2"),
)
wrong(Q, "degrees", "decay without", _schedule(fall="peak * (1 + math.cos(180 * gone)) / 2"))
wrong(Q, "an exponential", "decay without", _schedule(fall="peak * math.exp(-5 * gone)"))
wrong(
    Q,
    "no peak in the cosine",
    "decay without",
    _schedule(fall="(1 + math.cos(math.pi * gone)) / 2"),
)
wrong(Q, "rises again after the end", "end", _schedule(after="pass"))
wrong(
    Q,
    "stays at a hundredth of the peak",
    "end",
    _schedule(after="if k >= steps:\n    return peak / 100"),
)
wrong(Q, "nothing after the end", "end", _schedule(after="if k >= steps:\n    return None"))
wrong(
    Q,
    "goes back to the peak after the end",
    "end",
    _schedule(after="if k >= steps:\n    return peak"),
)
wrong(
    Q,
    "divides by a warm-up of 0",
    "without end",
    "share = (k + 1) / warmup\n" + _schedule("peak * share"),
)
wrong(
    Q,
    "a warm-up of at least one step of a tenth",
    "without",
    _schedule(
        before="k < max(warmup, 0.5) or warmup == 0 and k < 20",
        rise="peak * (k + 1) / (warmup or 25)",
    ),
)

# --------------------------------------------------------------------------------- 5 the challenge

Q = "challenge"


def _plan(name, rate, count="budget"):
    return f'return "{name}", [{rate} for k in range({count})]'


right(Q, "Adam at one rate", _plan("adam", "0.2"))
right(
    Q,
    "AMSGrad, rising first and falling at the end",
    _plan("amsgrad", "0.3 * min(1, (k + 1) / 3, 2.5 - 2.5 * k / budget)"),
)
right(Q, "AdamW, as an array", 'return "adamw", np.full(budget, 0.2)')
right(
    Q,
    "tries a few rules and rates, and keeps the best",
    """
net = SmallNetwork(*spirals(seed), hidden=20)
starts = np.stack([net.start(start) for start in (1, 2)])
best = ("gd", 0.0), math.inf
for name, rates in {"adam": [0.1, 0.2, 0.3], "amsgrad": [0.2, 0.3], "momentum": [0.5 / unit]}.items():
    for rate in rates:
        path = iterate(name, lambda w: unit * net.gradient(w), starts, budget, alpha=rate)
        left = net.value(path[-1]).mean()
        if left < best[1]:
            best = (name, rate), left
name, rate = best[0]
return name, [rate] * budget
""",
)
wrong(Q, "gradient descent at a tenth", "all", _plan("gd", "0.1"))
wrong(Q, "gradient descent at 1", "all", _plan("gd", "1.0"))
wrong(Q, "Adam at its default", "all", _plan("adam", "0.001"))
wrong(Q, "Adam at ten times its default", "all", _plan("adam", "0.01"))
wrong(Q, "Adam with a rate that is still small", "target any-problem", _plan("adam", "0.035"))
wrong(Q, "Adam with a rate that is far too large", "all", _plan("adam", "3.0"))
wrong(Q, "Adam with a rate that fades at once", "all", _plan("adam", "0.2 * 0.8**k"))
wrong(Q, "Adagrad at a tenth", "target any-problem", _plan("adagrad", "0.1"))
wrong(Q, "Adadelta at its default", "all", _plan("adadelta", "1.0"))
wrong(Q, "momentum, whatever the unit is", "target any-problem", _plan("momentum", "0.5"))
wrong(Q, "Adam's rate divided by the unit", "any-problem", _plan("adam", "0.2 / unit"))
wrong(Q, "Adam's rate multiplied by the unit", "any-problem", _plan("adam", "0.2 * unit"))
wrong(Q, "thirty rates, whatever the budget is", "any-problem", _plan("adam", "0.2", 30))
wrong(Q, "one rate too few", "all", _plan("adam", "0.2", "budget - 1"))
wrong(Q, "far more steps than the budget has", "all", _plan("adam", "0.1", 300))
wrong(Q, "one rate instead of a list", "all", 'return "adam", 0.2')
wrong(Q, "the rule's name alone", "all", 'return "adam"')
wrong(Q, "PyTorch's name", "all", _plan("Adam", "0.2"))
wrong(Q, "rates and name exchanged", "all", 'return [0.2] * budget, "adam"')
wrong(Q, "the wrong sign", "all", _plan("adam", "-0.2"))
