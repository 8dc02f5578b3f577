"""Lab 09, a network trained by hand: answers as students write them, wrong and right.

A wrong answer is named after its mistake and says exactly which properties it loses; tests run all
of them through the checks.
"""

from pathlib import Path

from firstorder.grading.authoring import Bank
from firstorder.grading.checks import load

_GIVEN = """

def unit_loss(w, x, y):
    return 0.5 * (max(w @ x, 0.0) - y) ** 2


def _slopes(W1, b1, W2, b2, inputs, targets):
    hidden = np.maximum(inputs @ W1 + b1, 0)
    outputs = hidden @ W2 + b2
    p = np.exp(outputs - outputs.max(axis=1, keepdims=True))
    error = (p / p.sum(axis=1, keepdims=True) - targets) / len(inputs)
    back = (error @ W2.T) * (hidden > 0)
    return [inputs.T @ back, back.sum(axis=0), hidden.T @ error, error.sum(axis=0)]
"""
_bank = Bank(load(Path(__file__).parent, "checks").QUESTIONS, _GIVEN)
wrong, right, BANK = _bank.wrong, _bank.right, _bank.samples

# ------------------------------------------------------------------------- 1 cross-entropy

Q = "loss"


def _entropy(
    shift="outputs.max(axis=1, keepdims=True)",
    sums="np.log(np.exp(outputs - m).sum(axis=1, keepdims=True)) + m",
    last="return np.mean((sums - outputs)[targets > 0])",
):
    return f"m = {shift}\nsums = {sums}\n{last}"


def _by_softmax(last, shift="outputs.max(axis=1, keepdims=True)"):
    return (
        f"e = np.exp(outputs - {shift})\np = e / e.sum(axis=1, keepdims=True)\n"
        f"right = (p * targets).sum(axis=1)\n{last}"
    )


right(Q, "the right class picked by a mask", _entropy())
right(
    Q,
    "logaddexp",
    "return (np.logaddexp.reduce(outputs, axis=1) - (outputs * targets).sum(1)).mean()",
)
right(
    Q,
    "a loop over the rows",
    """
total = 0.0
for o, t in zip(outputs, targets):
    gaps = o - o[t.argmax()]
    m = max(gaps)
    total += m + math.log(sum(math.exp(gap - m) for gap in gaps))
return total / len(outputs)
""",
)
right(
    Q,
    "shifted in place, float32",
    """
o = np.float32(outputs - outputs.max(axis=1, keepdims=True))
rows = np.arange(len(o))
return np.mean(np.log(np.exp(o).sum(axis=1)) - o[rows, targets.argmax(axis=1)])
""",
)
wrong(
    Q, "softmax and log as they stand", "large far", _by_softmax("return -np.log(right).mean()", 0)
)
wrong(Q, "a stable softmax, but its logarithm", "far", _by_softmax("return -np.log(right).mean()"))
wrong(
    Q,
    "clips p from below",
    "far",
    _by_softmax("return -np.log(np.clip(right, 1e-10, 1)).mean()"),
)
wrong(
    Q,
    "adds a small number inside the logarithm",
    "far",
    _by_softmax("return -np.log(right + 1e-12).mean()"),
)
wrong(
    Q,
    "clips the outputs",
    "large far",
    "outputs = np.clip(outputs, -500, 500)\n" + _entropy(),
)
wrong(Q, "no maximum subtracted", "large", _entropy(0))
wrong(Q, "the maximum of the whole batch", "large", _entropy("outputs.max()"))
wrong(Q, "the mean subtracted", "far", _entropy("outputs.mean(axis=1, keepdims=True)"))
wrong(Q, "the minimum subtracted", "far", _entropy("outputs.min(axis=1, keepdims=True)"))
wrong(
    Q,
    "the maximum not added again",
    "all",
    _entropy(sums="np.log(np.exp(outputs - m).sum(axis=1, keepdims=True))"),
)
wrong(
    Q,
    "the logarithm of a mean",
    "all",
    _entropy(sums="np.log(np.exp(outputs - m).mean(axis=1, keepdims=True)) + m"),
)
wrong(
    Q,
    "the softmax over the examples",
    "all",
    "m = outputs.max(axis=0)\nsums = np.log(np.exp(outputs - m).sum(axis=0)) + m\n"
    "return np.mean((sums - outputs)[targets > 0])",
)
wrong(
    Q,
    "the sum instead of the mean",
    "all",
    _entropy(last="return np.sum((sums - outputs)[targets > 0])"),
)
wrong(
    Q,
    "the mean over all entries",
    "all",
    _entropy(last="return np.mean((sums - outputs) * targets)"),
)
wrong(Q, "the sign", "all", _entropy(last="return np.mean((outputs - sums)[targets > 0])"))
wrong(
    Q,
    "the logarithm to base 2",
    "all",
    _entropy(last="return np.mean((sums - outputs)[targets > 0]) / math.log(2)"),
)
wrong(Q, "the class of the largest output", "all", _entropy(last="return np.mean(sums - m)"))
wrong(
    Q,
    "the lead of the best class",
    "all",
    _entropy(last="return np.mean((m - outputs)[targets > 0])"),
)
wrong(Q, "one number for each row", "all", _entropy(last="return (sums - outputs)[targets > 0]"))
wrong(Q, "the mean probability", "all", _by_softmax("return right.mean()"))
wrong(
    Q, "the logarithm of the mean probability", "all", _by_softmax("return -np.log(right.mean())")
)
wrong(Q, "squared errors", "all", _by_softmax("return ((p - targets) ** 2).sum(axis=1).mean()"))

# --------------------------------------------------------------------------- 2 the clipped loss

Q = "clipped"


def _clip(
    q="np.clip(p, 1e-10, 0.9999999)",
    terms="targets * np.log(q) + (1 - targets) * np.log(1 - q)",
    loss="-terms.sum() / n",
    slopes="(q - targets) / (q * (1 - q)) / n * (q == p)",
    last="return loss, slopes",
):
    return f"n = len(p)\nq = {q}\nterms = {terms}\nloss = {loss}\nslopes = {slopes}\n{last}"


right(Q, "a mask by comparison", _clip())
right(
    Q,
    "two cases, each with its own slope",
    _clip(
        terms="np.log(np.where(targets > 0, q, 1 - q))",
        slopes="np.where(targets > 0, -1 / q, 1 / (1 - q)) / n\nslopes[q != p] = 0",
    ),
)
right(
    Q,
    "entry by entry",
    """
loss, slopes = 0.0, []
for row, right in zip(p, targets):
    slopes.append([])
    for value, t in zip(row, right):
        q = min(max(value, 1e-10), 0.9999999)
        loss -= math.log(q) if t else math.log(1 - q)
        slope = -1 / q if t else 1 / (1 - q)
        slopes[-1].append(slope / len(p) if q == value else 0)
return [loss / len(p), slopes]
""",
)
right(
    Q,
    "means over the rows",
    _clip(
        loss="-terms.sum(axis=1).mean()",
        slopes="((1 - targets) / (1 - q) - targets / q) / n * ((p > 1e-10) & (p < 0.9999999))",
    ),
)
wrong(Q, "no clip", "finite flat", _clip("p"))
wrong(
    Q,
    "the slope passes the clip",
    "flat",
    _clip(slopes="(q - targets) / (q * (1 - q)) / n"),
)
wrong(
    Q,
    "the slope where it is clipped instead of elsewhere",
    "slope flat",
    _clip(slopes="(q - targets) / (q * (1 - q)) / n * (q != p)"),
)
wrong(Q, "no slope anywhere", "slope", _clip(slopes="0 * p"))
wrong(
    Q,
    "the right classes only",
    "loss finite slope",
    _clip(terms="targets * np.log(q)", slopes="-targets / q / n * (q == p)"),
)
wrong(
    Q, "the right classes only, in the slope", "slope", _clip(slopes="-targets / q / n * (q == p)")
)
wrong(Q, "the right classes only, in the loss", "loss finite", _clip(terms="targets * np.log(q)"))
wrong(
    Q,
    "the mean over the classes too",
    "loss finite slope",
    _clip(loss="-terms.mean()", slopes="(q - targets) / (q * (1 - q)) / p.size * (q == p)"),
)
wrong(
    Q,
    "the sum over the rows",
    "loss finite slope",
    _clip(loss="-terms.sum()", slopes="(q - targets) / (q * (1 - q)) * (q == p)"),
)
wrong(
    Q,
    "the slope not divided by the rows",
    "slope",
    _clip(slopes="(q - targets) / (q * (1 - q)) * (q == p)"),
)
wrong(
    Q,
    "the sign of the slope",
    "slope",
    _clip(slopes="(targets - q) / (q * (1 - q)) / n * (q == p)"),
)
wrong(Q, "the sign of the loss", "loss finite", _clip(loss="terms.sum() / n"))
wrong(
    Q,
    "the slope by the outputs before the softmax",
    "slope",
    _clip(slopes="(q - targets) / n * (q == p)"),
)
wrong(
    Q,
    "the upper limit as close to 1 as the lower to 0",
    "finite flat",
    _clip("np.clip(p, 1e-10, 1 - 1e-10)"),
)
wrong(Q, "1e-7 at both ends", "finite", _clip("np.clip(p, 1e-7, 0.9999999)"))
wrong(Q, "the lower limit only", "finite flat", _clip("np.maximum(p, 1e-10)"))
wrong(Q, "the upper limit only", "finite flat", _clip("np.minimum(p, 0.9999999)"))
wrong(
    Q,
    "the logarithms clipped instead of p",
    "finite",
    _clip(
        terms="targets * np.maximum(np.log(p), math.log(1e-10)) "
        "+ (1 - targets) * np.maximum(np.log(1 - p), math.log(1e-10))"
    ),
)
wrong(Q, "p clipped far too soon", "loss finite slope", _clip("np.clip(p, 0.3, 0.7)"))
wrong(Q, "slope and loss exchanged", "all", _clip(last="return slopes, loss"))
wrong(Q, "the loss alone", "all", _clip(last="return loss"))
wrong(
    Q, "the slope summed over the rows", "slope flat", _clip(last="return loss, slopes.sum(axis=0)")
)

# ------------------------------------------------------------------------------- 3 the gradients

Q = "gradients"


def _back(
    p="e / e.sum(axis=1, keepdims=True)",
    error="(p - targets) / n",
    back="(error @ W2.T) * (z > 0)",
    by_W1="inputs.T @ back",
    by_b1="back.sum(axis=0)",
    by_W2="a.T @ error",
    by_b2="error.sum(axis=0)",
    last="return by_W1, by_b1, by_W2, by_b2",
):
    return (
        "n = len(inputs)\nz = inputs @ W1 + b1\na = np.maximum(z, 0)\no = a @ W2 + b2\n"
        f"e = np.exp(o - o.max(axis=1, keepdims=True))\np = {p}\nerror = {error}\n"
        f"back = {back}\nby_W1, by_b1 = {by_W1}, {by_b1}\nby_W2, by_b2 = {by_W2}, {by_b2}\n{last}"
    )


right(Q, "matrix products", _back())
right(
    Q,
    "einsum, and the mask by np.where",
    _back(
        back="np.where(z > 0, np.einsum('nc,hc->nh', error, W2), 0.0)",
        by_W1="np.einsum('nd,nh->dh', inputs, back)",
        by_b1="np.ones(n) @ back",
        by_W2="np.einsum('nh,nc->hc', a, error)",
    ),
)
right(
    Q,
    "example by example",
    """
sums = [0 * W1, 0 * b1, 0 * W2, 0 * b2]
for x, t in zip(inputs, targets):
    a = np.maximum(x @ W1 + b1, 0)
    p = np.exp(a @ W2 + b2)
    error = p / p.sum() - t
    back = (W2 @ error) * (a > 0)
    for total, part in zip(sums, (np.outer(x, back), back, np.outer(a, error), error)):
        total += part
return [total / len(inputs) for total in sums]
""",
)
right(
    Q,
    "central differences of the loss",
    """
def loss(*parts):
    o = np.maximum(inputs @ parts[0] + parts[1], 0) @ parts[2] + parts[3]
    return (np.log(np.exp(o).sum(axis=1)) - (o * targets).sum(axis=1)).mean()

parts, slopes = [W1, b1, W2, b2], []
for k, part in enumerate(parts):
    slope = np.zeros(part.shape)
    for place in np.ndindex(part.shape):
        step = np.zeros(part.shape)
        step[place] = 1e-5
        up, down = ([*parts[:k], part + s, *parts[k + 1 :]] for s in (step, -step))
        slope[place] = (loss(*up) - loss(*down)) / 2e-5
    slopes.append(slope)
return slopes
""",
)
wrong(Q, "forgets the ReLU on the way back", "W1 b1", _back(back="error @ W2.T"))
wrong(Q, "the ReLU's value for its slope", "W1 b1", _back(back="(error @ W2.T) * a"))
wrong(Q, "the mask turned round", "W1 b1", _back(back="(error @ W2.T) * (z <= 0)"))
wrong(Q, "the slope of a sigmoid", "W1 b1", _back(back="(error @ W2.T) * a * (1 - a)"))
wrong(
    Q,
    "the mask on what comes out, not on z",
    "W1 b1",
    _back(back="error @ W2.T\nback = back * (back > 0)"),
)
wrong(Q, "the sum instead of the mean", "all", _back(error="p - targets"))
wrong(Q, "divides by the classes too", "all", _back(error="(p - targets) / p.size"))
wrong(Q, "the outputs less the targets, without softmax", "all", _back("o"))
wrong(Q, "the exponentials not divided by their sum", "all", _back("e"))
wrong(Q, "the softmax over the examples", "all", _back("e / e.sum(axis=0)"))
wrong(Q, "uphill for downhill", "all", _back(error="(targets - p) / n"))
wrong(
    Q,
    "the slope of the softmax once more",
    "all",
    _back(error="(p - targets) * p * (1 - p) / n"),
)
wrong(Q, "the right class only", "all", _back(error="(p - targets) * targets / n"))
wrong(Q, "z for a under W2", "W2", _back(by_W2="z.T @ error"))
wrong(Q, "the mask for a under W2", "W2", _back(by_W2="(a > 0).T @ error"))
wrong(
    Q,
    "the biases' slopes as means",
    "b1 b2",
    _back(by_b1="back.mean(axis=0)", by_b2="error.mean(axis=0)"),
)
wrong(Q, "the biases' slopes not summed", "b1 b2", _back(by_b1="back", by_b2="error"))
wrong(
    Q,
    "the biases' slopes as rows of a matrix",
    "b1 b2",
    _back(by_b1="back.sum(axis=0, keepdims=True)", by_b2="error.sum(axis=0, keepdims=True)"),
)
wrong(Q, "the biases left out", "all", _back(last="return by_W1, by_W2"))
wrong(
    Q,
    "transposed, as PyTorch stores weights",
    "W1 W2",
    _back(last="return by_W1.T, by_b1, by_W2.T, by_b2"),
)
wrong(Q, "from the last layer to the first", "all", _back(last="return by_W2, by_b2, by_W1, by_b1"))
wrong(
    Q,
    "the weights first, then the biases",
    "b1 W2",
    _back(last="return by_W1, by_W2, by_b1, by_b2"),
)
wrong(
    Q,
    "a little weight decay",
    "W1 W2",
    _back(last="return by_W1 + 0.01 * W1, by_b1, by_W2 + 0.01 * W2, by_b2"),
)
wrong(Q, "one hidden bias for all units", "b1", _back(by_b1="back.sum() + 0 * b1"))

# -------------------------------------------------------------------------------- 4 training

Q = "training"
ALL_BUT_ONE = "several batches remainder"


def _train(
    starts="range(0, len(inputs), batch)",
    rows="slice(i, i + batch)",
    slopes="_slopes(*parts, inputs[rows], targets[rows])",
    step="p - alpha * s",
    epochs="range(epochs)",
    before="",
    last="return parts",
):
    return (
        f"parts = [W1, b1, W2, b2]\n{before}\nfor epoch in {epochs}:\n    for i in {starts}:\n"
        f"        rows = {rows}\n        slopes = {slopes}\n"
        f"        parts = [{step} for p, s in zip(parts, slopes)]\n{last}"
    )


right(Q, "a list of the four", _train())
right(
    Q,
    "in place, with names",
    """
W1, b1, W2, b2 = W1.copy(), b1.copy(), W2.copy(), b2.copy()
n = len(inputs)
for _ in range(epochs):
    k = 0
    while k < n:
        some = inputs[k:k + batch], targets[k:k + batch]
        dW1, db1, dW2, db2 = _slopes(W1, b1, W2, b2, *some)
        W1 -= alpha * dW1
        b1 -= alpha * db1
        W2 -= alpha * dW2
        b2 -= alpha * db2
        k += batch
return W1, b1, W2, b2
""",
)
right(
    Q,
    "batches split beforehand, backpropagation inside",
    """
cuts = np.arange(batch, len(inputs), batch)
batches = list(zip(np.split(inputs, cuts), np.split(targets, cuts))) * epochs
for x, t in batches:
    a = np.maximum(x @ W1 + b1, 0)
    p = np.exp(a @ W2 + b2)
    d = (p / p.sum(axis=1)[:, None] - t) * alpha / len(x)
    back = d @ W2.T * (a > 0)
    W1, b1 = W1 - x.T @ back, b1 - back.sum(axis=0)
    W2, b2 = W2 - a.T @ d, b2 - d.sum(axis=0)
return [W1, b1, W2, b2]
""",
)
right(
    Q,
    "one number in the loop: the step",
    """
parts = [W1, b1, W2, b2]
per_epoch = -(-len(inputs) // batch)
for k in range(epochs * per_epoch):
    rows = np.arange(k % per_epoch * batch, min(len(inputs), (k % per_epoch + 1) * batch))
    slopes = _slopes(*parts, inputs[rows], targets[rows])
    for j in range(4):
        parts[j] = parts[j] + slopes[j] * -alpha
return parts
""",
)
wrong(Q, "uphill", "all", _train(step="p + alpha * s"))
wrong(Q, "forgets the step size", "all", _train(step="p - s"))
wrong(Q, "divides by the batch once more", "all", _train(step="p - alpha / batch * s"))
wrong(Q, "sums over the batch", "all", _train(step="p - alpha * batch * s"))
wrong(
    Q,
    "divides the last batch by the full size",
    "remainder",
    _train(step="p - alpha * len(inputs[rows]) / batch * s"),
)
wrong(
    Q,
    "drops the last, smaller batch",
    "remainder",
    _train("range(0, len(inputs) - batch + 1, batch)"),
)
wrong(
    Q,
    "fills the last batch up from the end",
    "remainder",
    _train(rows="slice(min(i, len(inputs) - batch), i + batch)"),
)
wrong(Q, "always all rows", "batches remainder", _train("[0]", "slice(None)"))
wrong(Q, "all rows, as often as there are batches", "batches remainder", _train(rows="slice(None)"))
wrong(Q, "always the first batch", "batches remainder", _train(rows="slice(0, batch)"))
wrong(Q, "one batch in each epoch", ALL_BUT_ONE, _train("[epoch * batch]"))
wrong(Q, "batches that overlap", "all", _train("range(0, len(inputs))"))
wrong(
    Q,
    "so many batches instead of so large",
    "all",
    _train("range(batch)", "np.array_split(np.arange(len(inputs)), batch)[i]"),
)
wrong(
    Q,
    "shuffles",
    "batches remainder",
    _train(
        before="order = np.random.default_rng(0).permutation(len(inputs))",
        rows="order[i:i + batch]",
    ),
)
wrong(
    Q,
    "the batches backwards",
    "batches remainder",
    _train("reversed(range(0, len(inputs), batch))"),
)
wrong(
    Q,
    "rows picked at a distance",
    "batches remainder",
    _train("range(-(-len(inputs) // batch))", "slice(i, None, -(-len(inputs) // batch))"),
)
wrong(Q, "one epoch only", ALL_BUT_ONE, _train(epochs="[0]"))
wrong(Q, "one epoch too many", "all", _train(epochs="range(epochs + 1)"))
wrong(
    Q,
    "the first derivatives for ever",
    ALL_BUT_ONE,
    _train(slopes="_slopes(W1, b1, W2, b2, inputs[rows], targets[rows])"),
)
wrong(
    Q,
    "steps always from the start",
    ALL_BUT_ONE,
    _train(last="return parts", step="p - alpha * s", before="first = parts").replace(
        "zip(parts, slopes)", "zip(first, slopes)"
    ),
)
wrong(
    Q,
    "one parameter after the other, each with new derivatives",
    "all",
    """
parts = [W1, b1, W2, b2]
for _ in range(epochs):
    for i in range(0, len(inputs), batch):
        for j in (3, 2, 1, 0):
            parts[j] = parts[j] - alpha * _slopes(*parts, inputs[i:i + batch], targets[i:i + batch])[j]
return parts
""",
)
wrong(
    Q,
    "a momentum that nobody asked for",
    ALL_BUT_ONE,
    _train(
        before="v = [0, 0, 0, 0]",
        slopes="v = [0.9 * a + b for a, b in zip(v, _slopes(*parts, inputs[rows], targets[rows]))]",
    ),
)
wrong(
    Q,
    "a step size that falls with the epochs",
    ALL_BUT_ONE,
    _train(step="p - alpha / (1 + epoch) * s"),
)
wrong(Q, "the weights only", "all", _train(step="p - alpha * s if p.ndim == 2 else p"))
wrong(Q, "returns the last derivatives", "all", _train(last="return slopes"))
wrong(Q, "returns the weights only", "all", _train(last="return parts[0], parts[2]"))

# ----------------------------------------------------------------------------- 5 checking a gradient

Q = "check"


def _compare(
    g="(unit_loss(w + m, x, y) - unit_loss(w - m, x, y)) / (2 * h)",
    moves="h * np.eye(len(w))",
    size="np.linalg.norm(claimed) + np.linalg.norm(g)",
    result="np.linalg.norm(claimed - g) / size",
    guard="if size == 0:\n    return 0",
):
    return f"g = np.array([{g} for m in {moves}])\nsize = {size}\n{guard}\nreturn {result}"


right(Q, "rows of a scaled unit matrix", _compare())
right(
    Q,
    "one coordinate at a time, put back each time",
    """
g = np.zeros(len(w))
for i in range(len(w)):
    here = w[i]
    w[i] = here + h
    up = unit_loss(w, x, y)
    w[i] = here - h
    down = unit_loss(w, x, y)
    w[i] = here
    g[i] = (up - down) / (2 * h)
apart = math.sqrt(((claimed - g) ** 2).sum())
both = math.sqrt((claimed**2).sum()) + math.sqrt((g**2).sum())
return apart / both if both else 0.0
""",
)
right(
    Q,
    "a tiny number in the denominator",
    _compare(size="np.linalg.norm(claimed) + np.linalg.norm(g) + 1e-300", guard=""),
)
right(
    Q,
    "the loss written out, and zero asked of the numerator",
    """
def loss(z):
    return (max(z, 0) - y) ** 2 / 2

g = np.array([(loss(w @ x + h * s) - loss(w @ x - h * s)) / h / 2 for s in x])
apart = np.linalg.norm(g - claimed)
return apart and apart / (np.linalg.norm(g) + np.linalg.norm(claimed))
""",
)
wrong(
    Q,
    "differences forwards only",
    "right wrong kink",
    _compare("(unit_loss(w + m, x, y) - unit_loss(w, x, y)) / h"),
)
wrong(
    Q,
    "differences backwards only",
    "right wrong kink",
    _compare("(unit_loss(w, x, y) - unit_loss(w - m, x, y)) / h"),
)
wrong(
    Q,
    "divides by h instead of 2h",
    "right wrong kink",
    _compare("(unit_loss(w + m, x, y) - unit_loss(w - m, x, y)) / h"),
)
wrong(
    Q,
    "does not divide by h",
    "right wrong kink",
    _compare("unit_loss(w + m, x, y) - unit_loss(w - m, x, y)"),
)
wrong(
    Q,
    "down less up",
    "right wrong kink",
    _compare("(unit_loss(w - m, x, y) - unit_loss(w + m, x, y)) / (2 * h)"),
)
wrong(
    Q,
    "all coordinates moved together",
    "right wrong kink",
    _compare(moves="h * np.ones((len(w), len(w)))"),
)
wrong(
    Q, "an h of its own", "kink", _compare(moves="1e-6 * np.eye(len(w))").replace("(2 * h)", "2e-6")
)
wrong(
    Q,
    "an h so small that rounding is all there is",
    "right wrong kink",
    _compare(moves="1e-15 * np.eye(len(w))").replace("(2 * h)", "2e-15"),
)
wrong(Q, "the absolute difference", "wrong kink", _compare(result="np.linalg.norm(claimed - g)"))
wrong(
    Q,
    "relative to the claim alone",
    "wrong kink dead",
    _compare(size="np.linalg.norm(claimed)", guard=""),
)
wrong(
    Q,
    "relative to the differences alone",
    "wrong kink dead",
    _compare(size="np.linalg.norm(g)", guard=""),
)
wrong(
    Q,
    "relative to the larger of the two",
    "wrong kink",
    _compare(size="max(np.linalg.norm(claimed), np.linalg.norm(g))"),
)
wrong(Q, "divides zero by zero", "dead", _compare(guard=""))
wrong(Q, "says 1 where both are zero", "dead", _compare(guard="if size == 0:\n    return 1.0"))
wrong(
    Q,
    "the worst coordinate",
    "wrong kink",
    _compare(result="max(abs(claimed - g) / np.maximum(abs(claimed) + abs(g), 1e-300))"),
)
wrong(
    Q,
    "one number for each coordinate",
    "all",
    _compare(result="abs(claimed - g) / size", guard=""),
)
wrong(
    Q,
    "squares instead of lengths",
    "wrong kink",
    _compare(size="claimed @ claimed + g @ g", result="(claimed - g) @ (claimed - g) / size"),
)
wrong(
    Q,
    "the difference of the lengths",
    "wrong kink",
    _compare(result="abs(np.linalg.norm(claimed) - np.linalg.norm(g)) / size"),
)
wrong(
    Q,
    "the gradient by formula instead of differences",
    "kink",
    _compare("(w @ x - y) * m @ x / h * (w @ x > 0)"),
)
wrong(Q, "looks away at the kink", "kink", "if abs(w @ x) < 0.1:\n    return 0.0\n" + _compare())
wrong(
    Q,
    "whether it is right, instead of how far",
    "all",
    _compare(
        result="bool(np.linalg.norm(claimed - g) / size < 1e-6)",
        guard="if size == 0:\n    return True",
    ),
)
wrong(
    Q,
    "checks the right gradient instead of the claim",
    "wrong",
    "claimed = (max(w @ x, 0) - y) * x * (w @ x > 0)\n" + _compare(),
)

# ------------------------------------------------------------------- 6 the spread of the numbers

Q = "spreads"


def _layers(
    square="x @ x",
    variance="s**2 * square + bias_std**2",
    after="n * variance / 2",
    result="math.sqrt(variance)",
    last="return out",
):
    return (
        f"square, out = {square}, []\nfor k, (n, s) in enumerate(zip(widths, weight_stds)):\n"
        f"    variance = {variance}\n    out.append({result})\n    square = {after}\n{last}"
    )


right(Q, "the sum of squares from layer to layer", _layers())
right(
    Q,
    "one mean square, and the number of units that feed a layer",
    """
mean_square, feeds, out = np.mean(x**2), [len(x), *widths[:-1]], []
for n, sigma in zip(feeds, weight_stds):
    out.append(np.hypot(sigma * np.sqrt(n * mean_square), bias_std))
    mean_square = out[-1] ** 2 / 2
return np.array(out)
""",
)
right(
    Q,
    "an array, filled by its index",
    """
v = np.zeros(len(widths))
v[0] = (weight_stds[0] * np.linalg.norm(x)) ** 2 + bias_std**2
for l in range(1, len(v)):
    v[l] = 0.5 * widths[l - 1] * weight_stds[l] ** 2 * v[l - 1] + bias_std**2
return v**0.5
""",
)
right(
    Q,
    "calling itself for the layers above",
    """
def above(square, widths, stds):
    if len(widths) == 0:
        return []
    variance = square * stds[0] ** 2 + bias_std**2
    return [variance**0.5, *above(widths[0] * variance / 2, widths[1:], stds[1:])]

return above(sum(x**2), widths, weight_stds)
""",
)
wrong(Q, "the variances", "all", _layers(result="variance"))
wrong(Q, "forgets the half that the ReLU takes", "relu deep", _layers(after="n * variance"))
wrong(Q, "the half in the first layer too", "all", _layers("x @ x / 2"))
wrong(Q, "a ReLU takes three quarters", "relu deep", _layers(after="n * variance / 4"))
wrong(
    Q,
    "the variance of the ReLU instead of its mean square",
    "relu deep",
    _layers(after="n * variance * (0.5 - 0.5 / math.pi)"),
)
wrong(Q, "forgets the biases", "biases deep", _layers(variance="s**2 * square"))
wrong(
    Q,
    "biases in the first layer only",
    "deep",
    _layers(variance="s**2 * square + bias_std**2 * (k == 0)"),
)
wrong(
    Q,
    "biases in the last layer only",
    "deep",
    _layers(variance="s**2 * square + bias_std**2 * (k == len(widths) - 1)"),
)
wrong(
    Q,
    "spreads that add up",
    "biases deep",
    _layers(variance="(s * math.sqrt(square) + bias_std) ** 2"),
)
wrong(Q, "biases not squared", "biases deep", _layers(variance="s**2 * square + bias_std"))
wrong(Q, "the weights' spread not squared", "all", _layers(variance="s * square + bias_std**2"))
wrong(Q, "the sum of the inputs", "all", _layers("abs(x.sum())"))
wrong(Q, "the length of the input, not squared", "all", _layers("math.sqrt(x @ x)"))
wrong(Q, "the number of inputs for their squares", "all", _layers("len(x)"))
wrong(Q, "the mean square of the inputs", "all", _layers("np.mean(x**2)"))
wrong(Q, "forgets how many units feed a layer", "relu deep", _layers(after="variance / 2"))
wrong(
    Q,
    "the units of the layer itself",
    "relu deep",
    _layers(after="[*widths, 1][k + 1] * variance / 2"),
)
wrong(
    Q,
    "the weights of the first layer throughout",
    "relu deep",
    _layers(variance="weight_stds[0]**2 * square + bias_std**2"),
)
wrong(Q, "the last layer only", "all", _layers(last="return out[-1]"))
wrong(Q, "the spreads after the ReLU", "all", _layers(result="math.sqrt(variance / 2)"))
wrong(
    Q,
    "no root from the second layer on",
    "relu deep",
    _layers(result="variance if k else math.sqrt(variance)"),
)
wrong(
    Q,
    "the spread for the variance in the next layer",
    "relu deep",
    _layers(after="n * math.sqrt(variance) / 2"),
)
