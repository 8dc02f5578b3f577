"""Lab 07, adaptive methods: answers as students write them, wrong and right.

A wrong answer is named after its mistake and says exactly which properties it loses; tests run all
of them through the checks.
"""

from pathlib import Path
from textwrap import indent

from firstorder.grading.authoring import Bank
from firstorder.grading.checks import load

_GIVEN = """
from firstorder import iterate
from firstorder.problems import LANDSCAPES

gradient = LANDSCAPES["banana"].gradient
METHODS = ("gd", "momentum", "adagrad", "rmsprop", "adam")
ALPHAS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0)


def row_gradient(Z, d):
    return lambda w, k: (w @ Z[k % len(Z)] - d[k % len(Z)]) * Z[k % len(Z)]
"""
_bank = Bank(load(Path(__file__).parent, "checks").QUESTIONS, _GIVEN)
wrong, right, BANK = _bank.wrong, _bank.right, _bank.samples

# --------------------------------------------------------------------- 1 the average of a short past

Q = "average"


def _mean(
    renew="m = beta * m + (1 - beta) * x",
    out="m / (1 - beta**t)",
    first="m = 0.0",
    start=1,
    last="return out",
):
    return (
        f"{first}\nout = []\nfor t, x in enumerate(values, {start}):\n    {renew}\n"
        f"    out.append({out})\n{last}"
    )


right(Q, "step by step, into a list", _mean())
right(
    Q,
    "weighted means from the definition",
    """
def mean(t):
    weights = beta ** np.arange(t - 1, -1, -1.0)
    return weights @ values[:t] / weights.sum()

return np.array([mean(t) for t in range(1, len(values) + 1)])
""",
)
right(
    Q,
    "two sums, one divided by the other, in float32",
    """
top = bottom = np.float32(0)
out = np.zeros(len(values), np.float32)
for i, x in enumerate(values):
    top = np.float32(beta) * top + np.float32(x)
    bottom = np.float32(beta) * bottom + 1
    out[i] = top / bottom
return out
""",
)
right(
    Q,
    "a share that shrinks: the corrected average renewed directly",
    """
mean, out = 0.0, []
for t in range(1, len(values) + 1):
    share = (1 - beta) / (1 - beta**t)
    mean = mean + share * (values[t - 1] - mean)
    out.append(mean)
return tuple(out)
""",
)
wrong(Q, "no correction", "all", _mean(out="m"))
wrong(
    Q,
    "the correction stored",
    "constant sequence",
    _mean("m = (beta * m + (1 - beta) * x) / (1 - beta**t)", "m"),
)
wrong(Q, "t from 0", "all", _mean(start=0))
wrong(Q, "t one too large", "all", _mean(out="m / (1 - beta ** (t + 1))"))
wrong(Q, "the same correction at every step", "constant sequence", _mean(out="m / (1 - beta)"))
wrong(Q, "βt for βᵗ", "constant sequence", _mean(out="m / abs(1 - beta * t)"))
wrong(Q, "(1 − β)ᵗ for 1 − βᵗ", "constant sequence", _mean(out="m / (1 - beta) ** t"))
wrong(Q, "multiplies by the correction", "all", _mean(out="m * (1 - beta**t)"))
wrong(Q, "divides by βᵗ", "all", _mean(out="m / beta**t"))
wrong(
    Q,
    "the two weights exchanged",
    "all",
    _mean("m = (1 - beta) * m + beta * x"),
)
wrong(Q, "corrects a sum that is no average", "all", _mean("m = beta * m + x"))
wrong(
    Q,
    "starts from the first value instead",
    "sequence",
    _mean(first="m = values[0]", out="m"),
)
wrong(
    Q,
    "starts from the first value, and corrects as well",
    "all",
    _mean(first="m = values[0]"),
)
wrong(
    Q, "the plain mean", "sequence", "return [values[:t].mean() for t in range(1, len(values) + 1)]"
)
wrong(Q, "the values themselves", "sequence", "return values")
wrong(
    Q,
    "the older a value, the heavier it weighs",
    "sequence",
    "return [np.average(values[:t], weights=beta ** np.arange(t)) "
    "for t in range(1, len(values) + 1)]",
)
wrong(Q, "the last average only", "all", _mean(last="return out[-1]"))
wrong(Q, "starts the list with a zero", "all", _mean(last="return [0.0, *out]"))
wrong(Q, "corrects by the root", "all", _mean(out="m / (1 - beta**t) ** 0.5"))

# -------------------------------------------------------------------------------- 2 one step, Adagrad

Q = "adagrad"


def _one(renew="s + g**2", move="alpha * g / (np.sqrt(s) + epsilon)", last="return w - move, s"):
    return f"s = {renew}\nmove = {move}\n{last}"


right(Q, "on arrays", _one())
right(
    Q,
    "in place",
    "s += g * g\nw -= alpha * g / (s**0.5 + epsilon)\nreturn w, s",
)
right(
    Q,
    "coordinate by coordinate, into lists",
    """
new_w, new_s = [], []
for i in range(len(w)):
    total = s[i] + g[i] ** 2
    new_s.append(total)
    new_w.append(w[i] - alpha / (math.sqrt(total) + epsilon) * g[i])
return new_w, new_s
""",
)
right(
    Q,
    "float32, as one array",
    "w, g, s = np.float32(w), np.float32(g), np.float32(s)\ns = s + np.square(g)\n"
    "return np.stack([w - np.float32(alpha) * g / (np.sqrt(s) + np.float32(epsilon)), s])",
)
wrong(Q, "g for g²", "all", _one("s + g", "alpha * g / (np.sqrt(abs(s)) + epsilon)"))
wrong(Q, "|g| for g²", "all", _one("s + abs(g)"))
wrong(Q, "the last square only", "all", _one("g**2"))
wrong(Q, "a mean instead of a sum", "all", _one("0.9 * s + 0.1 * g**2"))
wrong(Q, "one sum for all coordinates", "all", _one("s + g @ g"))
wrong(Q, "one root for all coordinates", "step epsilon", _one(move="alpha * g / np.sqrt(s.sum())"))
wrong(
    Q,
    "steps with the old sum",
    "step epsilon",
    _one(move="alpha * g / (np.sqrt(s - g**2) + epsilon)"),
)
wrong(Q, "ε inside the root", "epsilon", _one(move="alpha * g / np.sqrt(s + epsilon)"))
wrong(Q, "ε² inside the root", "epsilon", _one(move="alpha * g / np.sqrt(s + epsilon**2)"))
wrong(Q, "no ε", "epsilon", _one(move="alpha * g / np.sqrt(s)"))
wrong(
    Q,
    "ε put into the sum that is kept",
    "sum epsilon",
    _one("s + g**2 + epsilon", "alpha * g / np.sqrt(s)"),
)
wrong(
    Q,
    "ε beside the fraction",
    "epsilon",
    _one(move="alpha * g / np.sqrt(np.maximum(s, 1e-30)) + epsilon"),
)
wrong(Q, "no root", "step epsilon", _one(move="alpha * g / (s + epsilon)"))
wrong(
    Q,
    "keeps the root",
    "sum",
    _one("np.sqrt(s + g**2)", "alpha * g / (s + epsilon)"),
)
wrong(Q, "uphill", "step epsilon", _one(last="return w + move, s"))
wrong(Q, "no step size", "step epsilon", _one(move="g / (np.sqrt(s) + epsilon)"))
wrong(Q, "the move instead of the point", "step epsilon", _one(last="return move, s"))
wrong(
    Q, "the size of the gradient only by its sign", "step epsilon", _one(move="alpha * np.sign(g)")
)
wrong(Q, "returns the sum first", "all", _one(last="return s, w - move"))
wrong(Q, "returns the point only", "all", _one(last="return w - move"))
wrong(Q, "returns the old sum", "sum", _one(last="return w - move, s - g**2"))

# ---------------------------------------------------------------------------- 3 Adam from nothing

Q = "adam"
LATER = "memory epsilon"
MOVES = "first-step memory epsilon"


def _run(
    gain="m = beta1 * m + (1 - beta1) * g",
    size="s = beta2 * s + (1 - beta2) * g**2",
    correct="m_hat, s_hat = m / (1 - beta1**t), s / (1 - beta2**t)",
    step="w = w - alpha * m_hat / (np.sqrt(s_hat) + epsilon)",
    ask="gradient(w)",
    times="range(1, steps + 1)",
    first="path = [w0]",
    keep="w",
    last="return path",
):
    return (
        f"{first}\nw, m, s = w0, 0 * w0, 0 * w0\nfor t in {times}:\n    g = {ask}\n    {gain}\n"
        f"    {size}\n    {correct}\n    {step}\n    path.append({keep})\n{last}"
    )


right(Q, "a list of arrays", _run())
right(
    Q,
    "t counted from 0, and corrected as t + 1, with the corrections in the step size",
    _run(
        times="range(steps)",
        correct="a, b = 1 - beta1 ** (t + 1), math.sqrt(1 - beta2 ** (t + 1))",
        step="w = w - alpha * b / a * m / (np.sqrt(s) + epsilon * b)",
    ),
)
right(
    Q,
    "coordinate by coordinate, filling a table",
    """
table = np.zeros((steps + 1, len(w0)))
table[0] = w0
m, s = [0.0] * len(w0), [0.0] * len(w0)
for t in range(1, steps + 1):
    slope = gradient(table[t - 1])
    for i, g in enumerate(slope):
        m[i] = beta1 * m[i] + (1 - beta1) * g
        s[i] = beta2 * s[i] + (1 - beta2) * g * g
        down = math.sqrt(s[i] / (1 - beta2**t)) + epsilon
        table[t, i] = table[t - 1, i] - alpha * m[i] / (1 - beta1**t) / down
return table
""",
)
right(
    Q,
    "from all gradients so far, with their weights",
    """
path, seen = [w0], []
for t in range(1, steps + 1):
    seen.append(gradient(path[-1]))
    G, age = np.array(seen), np.arange(t)[::-1]
    m = np.average(G, axis=0, weights=beta1**age)
    s = np.average(G * G, axis=0, weights=beta2**age)
    path.append(path[-1] - alpha * m / (s**0.5 + epsilon))
return np.array(path)
""",
)
right(
    Q,
    "in place with copies, in float32",
    """
w, m, s = np.float32(w0), np.zeros(2, np.float32), np.zeros(2, np.float32)
path = [w.tolist()]
for t in range(1, steps + 1):
    g = np.float32(gradient(w))
    m += np.float32(1 - beta1) * (g - m)
    s += np.float32(1 - beta2) * (g * g - s)
    root = np.sqrt(s / np.float32(1 - beta2**t))
    w -= np.float32(alpha / (1 - beta1**t)) * m / (root + np.float32(epsilon))
    path.append(w.tolist())
return path
""",
)
wrong(Q, "no corrections", MOVES, _run(correct="m_hat, s_hat = m, s"))
wrong(Q, "m not corrected", MOVES, _run(correct="m_hat, s_hat = m, s / (1 - beta2**t)"))
wrong(Q, "s not corrected", MOVES, _run(correct="m_hat, s_hat = m / (1 - beta1**t), s"))
wrong(Q, "t from 0", MOVES, _run(times="range(steps)"))
wrong(Q, "t one too large", MOVES, _run(times="range(2, steps + 2)"))
wrong(Q, "t stays 1", LATER, _run(correct="m_hat, s_hat = m / (1 - beta1), s / (1 - beta2)"))
wrong(
    Q,
    "β₁ and β₂ exchanged",
    LATER,
    "beta1, beta2 = beta2, beta1\n" + _run(),
)
wrong(
    Q,
    "β₁ and β₂ exchanged in the corrections",
    MOVES,
    _run(correct="m_hat, s_hat = m / (1 - beta2**t), s / (1 - beta1**t)"),
)
wrong(
    Q,
    "the corrections stored",
    LATER,
    _run(correct="m_hat, s_hat = m, s = m / (1 - beta1**t), s / (1 - beta2**t)"),
)
wrong(
    Q,
    "the correction of m stored",
    LATER,
    _run(correct="m = m_hat = m / (1 - beta1**t); s_hat = s / (1 - beta2**t)"),
)
wrong(
    Q, "ε inside the root", "epsilon", _run(step="w = w - alpha * m_hat / np.sqrt(s_hat + epsilon)")
)
wrong(
    Q,
    "ε before the correction",
    "epsilon",
    _run(step="w = w - alpha * m_hat * np.sqrt(1 - beta2**t) / (np.sqrt(s) + epsilon)"),
)
wrong(Q, "no ε", "epsilon", _run(step="w = w - alpha * m_hat / np.sqrt(s_hat)"))
wrong(
    Q,
    "the square of the mean",
    MOVES,
    _run(size="s = beta2 * s + (1 - beta2) * m**2"),
)
wrong(
    Q,
    "the mean for its square: g in both averages",
    MOVES,
    _run(
        size="s = beta2 * s + (1 - beta2) * g",
        step="w = w - alpha * m_hat / (np.sqrt(abs(s_hat)) + epsilon)",
    ),
)
wrong(
    Q,
    "the spread around the mean",
    MOVES,
    _run(size="s = beta2 * s + (1 - beta2) * (g - m) ** 2"),
)
wrong(Q, "one size for all coordinates", MOVES, _run(size="s = beta2 * s + (1 - beta2) * (g @ g)"))
wrong(
    Q,
    "no root",
    MOVES,
    _run(step="w = w - alpha * m_hat / (s_hat + epsilon)"),
)
wrong(Q, "squares added up, as in Adagrad", MOVES, _run(size="s = s + g**2"))
wrong(
    Q,
    "no average of gradients, as in RMSprop",
    LATER,
    _run(step="w = w - alpha * g / (np.sqrt(s_hat) + epsilon)"),
)
wrong(
    Q,
    "uphill",
    MOVES,
    _run(step="w = w + alpha * m_hat / (np.sqrt(s_hat) + epsilon)"),
)
wrong(Q, "the gradient of the start for ever", LATER, _run(ask="gradient(w0)"))
wrong(
    Q,
    "the averages forgotten at every step",
    LATER,
    _run(gain="m = g", size="s = g**2", correct="m_hat, s_hat = m, s"),
)
wrong(
    Q,
    "changes the start that it stored, and every row after it",
    "all",
    _run(step="w -= alpha * m_hat / (np.sqrt(s_hat) + epsilon)"),
)
wrong(
    Q,
    "changes the start, and copies only later rows",
    "start memory epsilon",
    _run(
        step="w -= alpha * m_hat / (np.sqrt(s_hat) + epsilon)",
        keep="w.copy()",
    ),
)
_bank.wrong_ends(Q, LATER, _run)

# ------------------------------------------------------------------------ 4 what has been forgotten

Q = "missing"


def _by_first(
    none="1", m="1 - beta1", s="1 / math.sqrt(1 - beta2)", both="(1 - beta1) / math.sqrt(1 - beta2)",
    row="row[0]", twin="1.1", names="none m s both", last="return answer", before="",
):  # fmt: skip
    """By the first step, and the second where two kinds begin alike."""
    return f"""
{before}
words = dict(zip(["none", "m", "s", "both"], "{names}".split()))
start = {{"none": {none}, "m": {m}, "s": {s}, "both": {both}}}
answer = []
for row in moves:
    kind = min(start, key=lambda k: abs(math.log({row} / start[k])))
    if kind in ("none", "both") and abs(start["both"] - 1) < 0.01:
        kind = "both" if row[1] > {twin} else "none"
    answer.append(words[kind])
{last}
"""


right(Q, "the nearest first step, by ratio", _by_first())
right(
    Q,
    "the first step, and the second where two kinds begin alike",
    """
start = {
    "none": 1, "m": 1 - beta1, "s": 1 / math.sqrt(1 - beta2),
    "both": (1 - beta1) / math.sqrt(1 - beta2),
}
answer = []
for row in moves:
    kind = min(start, key=lambda k: abs(row[0] / start[k] - 1))
    if kind in ("none", "both") and abs(start["both"] - 1) < 0.01:
        kind = "both" if row[1] > 1.1 else "none"
    answer.append(kind)
return answer
""",
)
right(
    Q,
    "two questions to each run: does m start small, does s start small?",
    """
answer = []
for row in moves:
    lacks = []
    for k in ("none", "m", "s", "both"):
        f = (1 - beta1) ** (k in ("m", "both")) / (1 - beta2) ** ((k in ("s", "both")) / 2)
        if abs(row[0] - f) < 0.02 * f:
            lacks.append(k)
    if len(lacks) == 2:
        lacks = ["none"] if abs(row[1] - 1) < 0.05 else ["both"]
    answer += lacks
return np.array(answer)
""",
)
right(
    Q,
    "a tuple, by the second step from the first",
    """
a, b = 1 - beta1, math.sqrt(1 - beta2)
def name(row):
    if abs(a / b - 1) < 1e-6 and abs(row[0] - 1) < 0.1:
        return ("none", "both")[int(row[1] / row[0] > 1.1)]
    values = [1, a, 1 / b, a / b]
    return ["none", "m", "s", "both"][int(np.argmin(abs(np.array(values) - row[0]) / values))]

return tuple(name(row) for row in moves)
""",
)


wrong(Q, "m and s exchanged", "all", _by_first(names="none s m both"))
wrong(Q, "says what is there instead of what is missing", "all", _by_first(names="both s m none"))
wrong(
    Q,
    "the first step only",
    "look-alike",
    _by_first(twin="0.0 * row[1] + 99"),
)
wrong(Q, "the first step only, and the worse of two guesses", "look-alike", _by_first(twin="0.0"))
wrong(
    Q,
    "assumes that each kind comes once, by the order of the first steps",
    "varying look-alike",
    """
answer = ["none"] * len(moves)
for kind, i in zip(("m", "none", "both", "s"), np.argsort(moves[:, 0])):
    answer[i] = kind
return answer
""",
)
wrong(Q, "assumes the default β", "all", _by_first(before="beta1, beta2 = 0.9, 0.999"))
wrong(
    Q,
    "forgets the root of the correction of s",
    "all",
    _by_first(s="1 / (1 - beta2)", both="(1 - beta1) / (1 - beta2)"),
)
wrong(
    Q,
    "looks at the last step instead of the first",
    "all",
    _by_first(row="row[-1]", twin="99"),
)
wrong(Q, "looks at the mean of the ten steps", "all", _by_first(row="row.mean()", twin="99"))
wrong(
    Q,
    "all that is not 1 all the time lacks both",
    "all",
    'return ["none" if np.allclose(row, 1) else "both" for row in moves]',
)
wrong(Q, "nothing is missing", "all", 'return ["none"] * len(moves)')
wrong(
    Q,
    "whatever grows lacks m, whatever falls lacks s",
    "all",
    """
answer = []
for row in moves:
    change = row[-1] - row[0]
    answer.append("none" if abs(change) < 0.01 else "m" if change > 0 else "s")
return answer
""",
)
wrong(
    Q,
    "compares all steps with those of a constant gradient",
    "varying",
    """
t = np.arange(1, moves.shape[1] + 1)
a, b = 1 - beta1**t, 1 / np.sqrt(1 - beta2**t)
known = {"none": 1 + 0 * t, "m": a, "s": b, "both": a * b}
return [next((k for k, v in known.items() if np.allclose(row, v, atol=1e-3)), "none") for row in moves]
""",
)
wrong(
    Q,
    "numbers instead of words",
    "all",
    _by_first(last='return [["none", "m", "s", "both"].index(word) for word in answer]'),
)
wrong(Q, "words of its own", "all", _by_first(names="neither m s m+s"))
wrong(
    Q,
    "one word for the whole table",
    "all",
    _by_first(last="return max(answer)"),
)
wrong(Q, "in order of the words", "all", _by_first(last="return sorted(answer, reverse=True)"))
wrong(
    Q, "the number of the run that is right", "all", _by_first(last='return answer.index("none")')
)

# ----------------------------------------------------------------------- 5 two places for the decay

Q = "decay"


def _two(
    penalty="g + decay * w",
    inside="m_hat / (np.sqrt(s_hat) + 1e-8)",
    decoupled="w - alpha * move - alpha * decay * w",
    coupled="w - alpha * move",
    last="return [run(True), run(False)]",
    averages="g, g * g",
    penalised="l2",
):
    return f"""
def run(l2):
    w, m, s, path = w0, 0 * w0, 0 * w0, [w0]
    for t, g in enumerate(gradients, 1):
        plain = g
        if {penalised}:
            g = {penalty}
        into_m, into_s = {averages}
        m = beta1 * m + (1 - beta1) * into_m
        s = beta2 * s + (1 - beta2) * into_s
        m_hat, s_hat = m / (1 - beta1**t), s / (1 - beta2**t)
        move = {inside}
        w = {coupled} if l2 else {decoupled}
        path.append(w)
    return path

{last}
"""


right(Q, "one run, told where the decay goes", _two())
right(
    Q, "AdamW shrinks first, then steps", _two(decoupled="(1 - alpha * decay) * w - alpha * move")
)
right(
    Q,
    "both at once, stacked, as one array",
    """
w = np.stack([w0, w0])
m, s, path = np.zeros_like(w), np.zeros_like(w), [w.copy()]
inner, outer = np.array([[decay], [0.0]]), np.array([[0.0], [decay]])
for t in range(1, len(gradients) + 1):
    g = gradients[t - 1] + inner * w
    m += (1 - beta1) * (g - m)
    s += (1 - beta2) * (g**2 - s)
    move = m / (1 - beta1**t) / np.sqrt(s / (1 - beta2**t) + 1e-30)
    w = w * (1 - alpha * outer) - alpha * move
    path.append(w)
return np.array(path).swapaxes(0, 1)
""",
)
right(
    Q,
    "lists of floats, one coordinate after the other",
    """
def run(i, l2, own):
    w, m, s, out = float(w0[i]), 0.0, 0.0, [float(w0[i])]
    for t in range(len(gradients)):
        g = float(gradients[t][i]) + l2 * w
        m, s = beta1 * m + (1 - beta1) * g, beta2 * s + (1 - beta2) * g * g
        top, bottom = m / (1 - beta1 ** (t + 1)), math.sqrt(s / (1 - beta2 ** (t + 1)))
        w = w - alpha * (top / (bottom + 1e-8) + own * w)
        out.append(w)
    return out

both = [[run(i, *place) for i in range(len(w0))] for place in ((decay, 0), (0, decay))]
return [list(zip(*rows)) for rows in both]
""",
)
wrong(Q, "the two exchanged", "penalty decoupled", _two(last="return [run(False), run(True)]"))
wrong(Q, "two paths with the penalty", "decoupled", _two(last="return [run(True), run(True)]"))
wrong(Q, "two paths of AdamW", "penalty", _two(last="return [run(False), run(False)]"))
wrong(Q, "no decay anywhere", "penalty decoupled", _two("g", decoupled="w - alpha * move"))
wrong(
    Q,
    "the penalty added to m̂, after the averages",
    "penalty",
    _two("g", "(m_hat + l2 * decay * w) / (np.sqrt(s_hat) + 1e-8)"),
)
wrong(
    Q,
    "the penalty in m only",
    "penalty",
    _two(averages="g, plain * plain"),
)
wrong(Q, "the penalty in s only", "penalty", _two(averages="plain, g * g"))
wrong(Q, "the penalty with the wrong sign", "penalty", _two("g - decay * w"))
wrong(Q, "the penalty without its factor: 2·decay·w", "penalty", _two("g + 2 * decay * w"))
wrong(Q, "the penalty with the step size", "penalty", _two("g + alpha * decay * w"))
wrong(Q, "the penalty on the start", "penalty", _two("g + decay * w0"))
wrong(
    Q,
    "the decay without α, as the paper writes it",
    "decoupled",
    _two(decoupled="w - alpha * move - decay * w"),
)
wrong(
    Q,
    "the decay on the new w",
    "decoupled",
    _two(decoupled="(w - alpha * move) * (1 - alpha * decay)"),
)
wrong(
    Q,
    "the decay grows the weights",
    "decoupled",
    _two(decoupled="w - alpha * move + alpha * decay * w"),
)
wrong(
    Q,
    "the decay on the start",
    "decoupled",
    _two(decoupled="w - alpha * move - alpha * decay * w0"),
)
wrong(
    Q,
    "the decay on the size of the weights only",
    "decoupled",
    _two(decoupled="w - alpha * move - alpha * decay * abs(w)"),
)
wrong(Q, "both places in AdamW", "decoupled", _two(penalised="True"))
wrong(
    Q,
    "no corrections in Adam",
    "all",
    _two(inside="m / (np.sqrt(s) + 1e-8)"),
)
wrong(
    Q,
    "the gradients one step late",
    "all",
    "gradients = np.array([gradients[0], *gradients[:-1]])\n" + _two(),
)
wrong(Q, "ends only", "all", _two(last="return run(True)[-1], run(False)[-1]"))
wrong(Q, "starts left out", "all", _two(last="return run(True)[1:], run(False)[1:]"))

# ------------------------------------------------------------------------- 6 a rule from its formula

Q = "rule"


def _yogi(
    mean="beta1 * m + (1 - beta1) * g",
    size="s - (1 - beta2) * np.sign(s - g**2) * g**2",
    step="w - alpha * m / (np.sqrt(s) + epsilon)",
    last="return w, m, s",
    ask="grad(w)",
    before="",
):
    return f"g = {ask}\n{before}\nm = {mean}\ns = {size}\nw = {step}\n{last}"


def _driven(rule):
    """The rule in the place of the student's, driven as the lab does."""
    return (
        "def yogi(w, grad, m, s, *, alpha, beta1, beta2, epsilon):\n"
        + indent(rule, "    ")
        + """

hyper = {"alpha": alpha, "beta1": beta1, "beta2": beta2, "epsilon": epsilon}
w, m, s = w0, np.zeros(len(w0)), np.zeros(len(w0))
rows = [[w, m, s]]
for _ in range(steps):
    w, m, s = yogi(w, gradient, m, s, **hyper)
    rows.append([w, m, s])
return rows
"""
    )


def right_rule(way, rule):
    """A right answer to this question, from the body of the rule."""
    right(Q, way, _driven(rule))


def wrong_rule(mistake, loses, rule):
    """A wrong answer to this question, from the body of the rule."""
    wrong(Q, mistake, loses, _driven(rule))


right_rule("as the formula has it", _yogi())
right_rule(
    "two cases for the sign",
    _yogi(size="np.where(s > g * g, s - (1 - beta2) * g * g, s + (1 - beta2) * g * g)"),
)
right_rule(
    "in lists, coordinate by coordinate",
    """
slope = grad(w)
m = [beta1 * a + (1 - beta1) * g for a, g in zip(m, slope)]
s = [b + (1 - beta2) * g * g * (1 if g * g > b else -1 if g * g < b else 0) for b, g in zip(s, slope)]
move = [a / (math.sqrt(b) + epsilon) for a, b in zip(m, s)]
return np.array(w) - alpha * np.array(move), m, s
""",
)
right_rule(
    "float32, m moved towards g",
    """
g = np.float32(grad(w))
m = m + np.float32(1 - beta1) * (g - m)
s = s + np.float32(1 - beta2) * np.sign(g * g - s) * g * g
return w - alpha * m / (s**0.5 + epsilon), m, s
""",
)
wrong_rule(
    "the sign the other way round",
    "size",
    _yogi(size="abs(s + (1 - beta2) * np.sign(s - g**2) * g**2)"),
)
wrong_rule("Adam's average", "size", _yogi(size="beta2 * s + (1 - beta2) * g**2"))
wrong_rule("always adds", "size", _yogi(size="s + (1 - beta2) * g**2"))
wrong_rule(
    "g² left out after the sign",
    "size",
    _yogi(size="abs(s - (1 - beta2) * np.sign(s - g**2))"),
)
wrong_rule(
    "the difference instead of its sign",
    "size",
    _yogi(size="abs(s - (1 - beta2) * (s - g**2) * g**2)"),
)
wrong_rule(
    "compares s with g, not with g²",
    "size",
    _yogi(size="abs(s - (1 - beta2) * np.sign(s - g) * g**2)"),
)
wrong_rule(
    "compares with m² instead of g²",
    "size",
    _yogi(size="abs(s - (1 - beta2) * np.sign(s - m**2) * g**2)"),
)
wrong_rule("β₂ for 1 − β₂", "size", _yogi(size="abs(s - beta2 * np.sign(s - g**2) * g**2)"))
wrong_rule(
    "s is weakened first",
    "size",
    _yogi(size="abs(beta2 * s - (1 - beta2) * np.sign(s - g**2) * g**2)"),
)
wrong_rule("β₁ and β₂ exchanged", "mean size", _yogi(before="beta1, beta2 = beta2, beta1"))
wrong_rule("m without 1 − β₁", "mean", _yogi("beta1 * m + g"))
wrong_rule("the weights of m exchanged", "mean", _yogi("(1 - beta1) * m + beta1 * g"))
wrong_rule("m of the squares", "mean", _yogi("beta1 * m + (1 - beta1) * g**2"))
wrong_rule(
    "the gradient in the step, not m", "step", _yogi(step="w - alpha * g / (np.sqrt(s) + epsilon)")
)
wrong_rule("ε inside the root", "step", _yogi(step="w - alpha * m / np.sqrt(s + epsilon)"))
wrong_rule("no ε", "step", _yogi(step="w - alpha * m / np.sqrt(s)"))
wrong_rule("no root", "step", _yogi(step="w - alpha * m / (s + epsilon)"))
wrong_rule("uphill", "step", _yogi(step="w + alpha * m / (np.sqrt(s) + epsilon)"))
wrong_rule(
    "corrections out of habit",
    "step",
    _yogi(step="w - alpha * m / (1 - beta1) / (np.sqrt(s / (1 - beta2)) + epsilon)"),
)
wrong_rule(
    "the new m but the old s",
    "step",
    _yogi(before="old = s", step="w - alpha * m / (np.sqrt(old) + epsilon)"),
)
wrong_rule(
    "the new s but the old m",
    "step",
    _yogi(before="old = m", step="w - alpha * old / (np.sqrt(s) + epsilon)"),
)
wrong_rule("returns the point last", "all", _yogi(last="return m, s, w"))
wrong_rule(
    "keeps the old state", "mean size step", "new_w = w - alpha * grad(w)\nreturn new_w, m, s"
)
wrong_rule("returns w only", "all", _yogi(last="return w"))

# ------------------------------------------------------------------------------ 7 which one, for this?

Q = "choice"


def _try_all(
    names="METHODS",
    alphas="ALPHAS",
    loss="((Z @ w - d) ** 2).mean() / 2",
    gradient="row_gradient(Z, d)",
    pick="min",
    last="return best[1], best[2], best[0]",
):
    return f"""
tried = []
for name in {names}:
    for alpha in {alphas}:
        w = iterate(name, {gradient}, np.zeros(Z.shape[1]), steps, alpha=alpha)[-1]
        value = {loss}
        if np.isfinite(value):
            tried.append((value, name, alpha))
best = {pick}(tried)
{last}
"""


right(Q, "every pair, in two loops", _try_all())
right(Q, "a finer list of step sizes", _try_all(alphas="[*ALPHAS, 0.2, 0.5, 2.0]"))
right(
    Q,
    "a table, and where its least entry is",
    """
def end(name, alpha):
    return iterate(name, row_gradient(Z, d), np.zeros(Z.shape[1]), steps, alpha=alpha)[-1]

def loss(w):
    return float(sum((row @ w - target) ** 2 for row, target in zip(Z, d)) / (2 * len(d)))

with np.errstate(all="ignore"):
    table = np.array([[loss(end(name, a)) for a in ALPHAS] for name in METHODS])
i, j = np.unravel_index(np.nanargmin(table), table.shape)
return [METHODS[i], ALPHAS[j], table[i, j]]
""",
)
right(
    Q,
    "keeps the best so far",
    """
best = ("gd", 0.001, math.inf)
for name in METHODS:
    for alpha in ALPHAS:
        w = iterate(name, row_gradient(Z, d), np.zeros(6), steps, alpha=alpha)[-1]
        error = Z @ w - d
        if error @ error / 2 / len(error) < best[2]:
            best = (name, alpha, error @ error / 2 / len(error))
return best
""",
)
wrong(Q, "gradient descent only", "sparse", _try_all(names='["gd"]'))
wrong(Q, "momentum only", "sparse dense", _try_all(names='["momentum"]'))
wrong(
    Q,
    "Adagrad, because it is said to be good for sparse problems",
    "sparse dense",
    _try_all(names='["adagrad"]'),
)
wrong(Q, "Adam only", "sparse dense", _try_all(names='["adam"]'))
wrong(Q, "the adaptive methods only", "dense", _try_all(names='["adagrad", "rmsprop", "adam"]'))
wrong(Q, "RMSprop only", "sparse dense", _try_all(names='["rmsprop"]'))
wrong(Q, "one step size for all: 0.01", "sparse dense", _try_all(alphas="[0.01]"))
wrong(Q, "the worst instead of the best", "sparse dense", _try_all(pick="max"))
wrong(Q, "the loss without ½", "honest", _try_all(loss="((Z @ w - d) ** 2).mean()"))
wrong(Q, "the sum instead of the mean", "honest", _try_all(loss="((Z @ w - d) ** 2).sum() / 2"))
wrong(Q, "the root of the loss", "honest", _try_all(loss="np.sqrt(((Z @ w - d) ** 2).mean() / 2)"))
wrong(
    Q,
    "the loss at the start",
    "honest",
    _try_all(last="return best[1], best[2], (d**2).mean() / 2"),
)
wrong(
    Q,
    "the gradient of all rows at once",
    "all",
    _try_all(gradient="lambda w: Z.T @ (Z @ w - d) / len(d)"),
)
wrong(
    Q,
    "how much the loss fell",
    "honest",
    _try_all(last="return best[1], best[2], d @ d / 2 / len(d) - best[0]"),
)
wrong(
    Q,
    "the loss with its sign changed",
    "honest",
    _try_all(last="return best[1], best[2], -best[0]"),
)
wrong(Q, "the loss first", "all", _try_all(last="return best"))
wrong(Q, "the name only", "all", _try_all(last="return best[1]"))
wrong(
    Q,
    "the place in the list instead of the name",
    "all",
    _try_all(last="return METHODS.index(best[1]), best[2], best[0]"),
)
wrong(
    Q, "names with capitals", "all", _try_all(last="return best[1].capitalize(), best[2], best[0]")
)

# ------------------------------------------------------------------------------- 8 the challenge

Q = "challenge"
right(
    Q,
    "a period that grows with the memory",
    "C = 4 if beta2 < 0.2 else 6 if beta2 < 0.4 else 9\nreturn [float(C)] + [-1.0] * (C - 1)",
)
right(
    Q,
    "tries until it works, with an Adam of its own",
    """
def end(stream):
    w, s = 0.0, 0.0
    for t in range(1, 601):
        g = stream[(t - 1) % len(stream)]
        s = beta2 * s + (1 - beta2) * g * g
        w = w - 0.1 / math.sqrt(t) * g / (math.sqrt(s / (1 - beta2**t)) + 1e-8)
        w = min(1, max(-1, w))
    return w

for C in range(2, 20):
    stream = [C] + [-1] * (C - 1)
    if end(stream) > 0.97:
        return [C + 2] + [-1] * (C + 1)
""",
)
right(Q, "one for all, and the largest comes last", "return np.array([-0.5] * 11 + [6.0])")
right(
    Q,
    "small ones that vary",
    "return [20.0] + [-1.0, -1.5] * 7",
)
wrong(Q, "Reddi's stream, for every memory", "any-memory", "return [3.0, -1.0, -1.0]")
wrong(Q, "one stream too short for a long memory", "any-memory", "return [4, -1, -1, -1]")
wrong(Q, "no trap: all pull left", "trap any-memory", "return [1.0]")
wrong(Q, "a large one every other time", "trap any-memory", "return [3.0, -1.0]")
wrong(Q, "pulls right on balance", "all", "return [3.0] + [-1.0] * 9")
wrong(Q, "balanced, so that no point is best", "all", "return [4.0] + [-1.0] * 4")
wrong(Q, "pulls right all the time", "all", "return [-1.0, -1.0, -1.0]")
wrong(Q, "the signs exchanged", "all", "return [-9.0] + [1.0] * 8")
wrong(Q, "two large ones in a row", "trap any-memory", "return [5.0, 5.0, -1.0]")
wrong(
    Q, "a large one, not large enough for a long memory", "any-memory", "return [1.0, -0.4, -0.4]"
)
wrong(Q, "C and its counterweight only", "trap any-memory", "return [10.0, -9.0]")
wrong(
    Q,
    "a stream for the memory as a share, not in steps",
    "any-memory",
    "C = 3 + round(beta2)\nreturn [C] + [-1] * (C - 1)",
)
wrong(
    Q,
    "a smooth stream",
    "trap any-memory",
    "return [0.2 + math.sin(2 * math.pi * k / 12) for k in range(12)]",
)
wrong(
    Q,
    "the constants of the theorem instead of gradients",
    "all",
    "return [3.0, 0.0, 1 / (1 + 3**2), 0.1, -4.0]",
)
wrong(Q, "one number", "all", "return 3.0")
wrong(Q, "too long a stream", "all", "return [60.0] + [-1.0] * 59")
wrong(Q, "too large a gradient", "all", "return [1e6] + [-1.0] * 8")
wrong(Q, "the points instead of the gradients", "all", "return [-1.0, 1.0]")
