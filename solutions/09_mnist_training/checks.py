"""Lab 09, a network trained by hand: what right answers do, judged from the values that came back.

Expected values come from firstorder's network and rules, from NumPy's logaddexp, and, for derivatives,
from a complex step.  Inputs are rounded, so that a message can show them; no unit comes near the kink
of its ReLU but where a question is about it.
"""

import numpy as np

from firstorder import iterate
from firstorder.grading.authoring import between, signed, significant
from firstorder.grading.checks import Property, Question, close, entry, numbers
from firstorder.problems import SmallNetwork


def _one_hot(labels, classes):
    return np.eye(classes, dtype=int)[labels].tolist()


def _right(part, expected):
    """A judge: one part of the value, of exactly so many, is what `expected` of the call says."""

    def judge(value, *call):
        right = expected(*call)
        return close(entry(value, part, len(right)), right[part])

    return judge


# ------------------------------------------------------------------------- 1 cross-entropy


def _loss(outputs, targets):
    outputs, targets = np.array(outputs), np.array(targets)
    return (np.logaddexp.reduce(outputs, axis=1) - (outputs * targets).sum(axis=1)).mean()


def _inputs_loss(rng):
    calls = []
    for n, classes in [(3, 4), (5, 3), (4, 2)]:
        outputs = rng.uniform(-2, 2, (n, classes)).round(2)
        labels = rng.integers(0, classes, n)
        labels[0] = outputs[0].argmin()  # one row at least is wrong
        levels = rng.permutation([-3000, -1200, 900, 2000, 5000])[:n, None]
        far = rng.uniform(-1, 1, (n, classes)).round(2)
        far[np.arange(n), labels] -= rng.integers(800, 3000, n)
        targets = _one_hot(labels, classes)
        for kind in (outputs, (outputs + levels).round(2), far.round(2)):
            calls.append((kind.tolist(), targets))
    return calls


def _gap(outputs, targets):
    """By how much the best class of a row leads the right one, at most."""
    outputs, targets = np.array(outputs), np.array(targets)
    return (outputs.max(axis=1) - (outputs * targets).sum(axis=1)).max()


def _is_loss(value, outputs, targets):
    return close(value, _loss(outputs, targets))


LOSS = Question(
    "loss",
    "cross_entropy(outputs, targets)",
    _inputs_loss,
    (
        Property(
            "moderate",
            1,
            "be the mean over the rows of log Σ exp(o) − o at the right class",
            "one number for each row, then the mean of these; the natural logarithm; the targets pick "
            "the class.",
            _is_loss,
            lambda outputs, targets: np.abs(outputs).max() < 10,
        ),
        Property(
            "large",
            1,
            "be the same if a number in the thousands is added to all outputs of a row",
            "take from each row its own maximum before exp, and add it again after log.",
            _is_loss,
            lambda outputs, targets: np.abs(outputs).max() > 10 and _gap(outputs, targets) < 10,
        ),
        Property(
            "far",
            1,
            "be large and finite where the right class is far behind",
            "never compute p, which is 0 there, nor put a bound in its place: "
            "log Σ exp(o − m) − (o − m) is all that is needed.",
            _is_loss,
            lambda outputs, targets: _gap(outputs, targets) > 10,
        ),
    ),
)


# --------------------------------------------------------------------------- 2 the clipped loss

LOW, HIGH = 1e-10, 0.9999999


def _clipped(p, targets):
    """The loss of complex p; the clip looks at the real part."""
    inside = (p.real > LOW) & (p.real < HIGH)
    q = np.where(inside, p, np.clip(p.real, LOW, HIGH))
    return -(targets * np.log(q) + (1 - targets) * np.log(1 - q)).sum() / len(p)


def _loss_and_slopes(p, targets):
    """The loss, and its derivatives: Im f(p + ih)/h, which loses no digit however small h is."""
    p, targets, h = np.array(p, complex), np.array(targets), 1e-30
    slopes = np.zeros(p.shape)
    for place in np.ndindex(p.shape):
        moved = p.copy()
        moved[place] += 1j * h
        slopes[place] = _clipped(moved, targets).imag / h
    return _clipped(p, targets).real, slopes


def _inputs_clipped(rng):
    calls = []
    for n, classes in [(2, 3), (4, 3), (3, 4)]:
        odds = rng.uniform(0.3, 3, (n, classes))
        p = (odds / odds.sum(axis=1, keepdims=True)).round(2)
        labels = rng.integers(0, classes, n)
        targets = _one_hot(labels, classes)
        calls.append((p.tolist(), targets))
        sure = p.copy()
        right, wrong = labels[0], (labels[0] + 1) % classes
        sure[0] = 0.0
        sure[0, wrong] = 1.0  # sure, and wrong
        sure[1, labels[1]], sure[1, (labels[1] + 1) % classes] = 1 - 1e-9, 1e-12  # sure, and right
        assert sure[0, right] == 0
        calls.append((sure.tolist(), targets))
    return calls


def _is_clipped(p, targets):
    p = np.array(p)
    return bool(((p < LOW) | (p > HIGH)).any())


def _flat_where_clipped(value, p, targets):
    p = np.array(p)
    slopes = numbers(entry(value, 1, 2), p.shape)
    return close(slopes[(p < LOW) | (p > HIGH)].tolist(), slopes[(p < LOW) | (p > HIGH)] * 0)


CLIPPED = Question(
    "clipped",
    "clipped_loss(p, targets)",
    _inputs_clipped,
    (
        Property(
            "loss",
            1,
            "return first the mean over the rows of the sum over all classes of their cross-entropies",
            "the right class adds −log q, and each wrong class −log(1 − q).",
            _right(0, _loss_and_slopes),
            lambda p, targets: not _is_clipped(p, targets),
        ),
        Property(
            "finite",
            1,
            "clip p to [1e-10, 0.9999999] before both logarithms",
            "the limits differ: 1 − q is never below 1e-7, and q never below 1e-10.",
            _right(0, _loss_and_slopes),
            _is_clipped,
        ),
        Property(
            "slope",
            1,
            "return second the derivative by each entry of p",
            "(q − t)/(q(1 − q)), divided by the number of rows. p is the variable, not the outputs "
            "before the softmax.",
            _right(1, _loss_and_slopes),
            lambda p, targets: not _is_clipped(p, targets),
        ),
        Property(
            "flat",
            1,
            "have the derivative zero where p is clipped",
            "there q does not move when p does, so nothing does.",
            _flat_where_clipped,
            _is_clipped,
        ),
    ),
)


# ------------------------------------------------------------------------------- 3 the gradients


def _network(rng, d, hidden, classes, n):
    """A small network and a batch, rounded, with no unit near its kink; some are on, some off."""
    while True:
        W1, W2 = rng.normal(size=(d, hidden)).round(2), rng.normal(size=(hidden, classes)).round(2)
        b1, b2 = rng.uniform(-0.5, 0.5, hidden).round(2), rng.uniform(-0.5, 0.5, classes).round(2)
        inputs = rng.uniform(-2, 2, (n, d)).round(2)
        z = inputs @ W1 + b1
        if abs(z).min() > 0.05 and 0.3 < (z > 0).mean() < 0.7 and (z > 0).any(axis=0).all():
            break
    labels = [*range(classes), *rng.integers(0, classes, n)][:n]
    targets = _one_hot(rng.permutation(labels), classes)
    return *(part.tolist() for part in (W1, b1, W2, b2, inputs)), targets


def _problem(W1, b1, W2, b2, inputs, targets):
    """The call as the book's network, and its numbers in one vector."""
    network = SmallNetwork(inputs, np.argmax(targets, axis=1), hidden=len(b1))
    return network, np.concatenate([np.ravel(part) for part in (W1, b1, W2, b2)])


def _gradients(*call):
    network, w = _problem(*call)
    return network.parts(network.gradient(w))


GRADIENTS = Question(
    "gradients",
    "gradients(W1, b1, W2, b2, inputs, targets)",
    lambda rng: [_network(rng, *size) for size in [(3, 4, 2, 5), (2, 5, 3, 4), (4, 3, 5, 7)]],
    (
        Property(
            "W1",
            1,
            "return first the derivative by W₁",
            "Xᵀ times the derivative by z, which is the derivative by a, (p − t)W₂ᵀ/n, where z > 0, "
            "and 0 elsewhere.",
            _right(0, _gradients),
        ),
        Property(
            "b1",
            1,
            "return second the derivative by b₁",
            "the derivative by z, summed over the rows.",
            _right(1, _gradients),
        ),
        Property(
            "W2",
            1,
            "return third the derivative by W₂",
            "aᵀ(p − t)/n, with a after the ReLU.",
            _right(2, _gradients),
        ),
        Property(
            "b2",
            1,
            "return fourth the derivative by b₂",
            "(p − t)/n, summed over the rows; p is the softmax of each row of outputs.",
            _right(3, _gradients),
        ),
    ),
)


# -------------------------------------------------------------------------------- 4 training


def _inputs_training(rng):
    calls = []
    for d, hidden, classes in [(3, 4, 2), (2, 4, 3)]:
        for n, batch, epochs in [(6, 6, 1), (6, 6, 5), (6, 2, 2), (7, 3, 2)]:
            alpha = between(rng, 0.1, 0.3)
            calls.append((*_network(rng, d, hidden, classes, n), alpha, batch, epochs))
    return calls


def _trained(*call):
    *call, alpha, batch, epochs = call
    network, w = _problem(*call)
    n = len(network.labels)
    batches = [slice(begin, begin + batch) for begin in range(0, n, batch)] * epochs
    path = iterate("gd", lambda w, k: network.gradient(w, batches[k]), w, len(batches), alpha=alpha)
    return network.parts(path[-1])


def _all_right(value, *call):
    return all(_right(part, _trained)(value, *call) for part in range(4))


def _steps(*call):
    """How the steps of a call are taken."""
    *_, targets, _, batch, epochs = call
    if len(targets) % batch:
        return "remainder"
    if batch < len(targets):
        return "batches"
    return "one-step" if epochs == 1 else "several"


TRAINING = Question(
    "training",
    "train(W1, b1, W2, b2, inputs, targets, alpha, batch, epochs)",
    _inputs_training,
    (
        Property(
            "one-step",
            1,
            "make one step of each parameter: itself less α times its derivative",
            "take all four derivatives at the same point, before any parameter changes.",
            _all_right,
            lambda *call: _steps(*call) == "one-step",
        ),
        Property(
            "several",
            1,
            "take each further step with the derivatives at the point that was reached",
            "compute the derivatives inside the loop. Five epochs with one batch are five steps.",
            _all_right,
            lambda *call: _steps(*call) == "several",
        ),
        Property(
            "batches",
            1,
            "take one step for each batch, in the order of the rows, in every epoch",
            "rows 0 to batch − 1 first, then the next ones, to the end; then from the beginning.",
            _all_right,
            lambda *call: _steps(*call) == "batches",
        ),
        Property(
            "remainder",
            1,
            "use a last, smaller batch where the number of rows is no multiple of `batch`",
            "its loss is the mean over its own rows, so divide by how many it holds.",
            _all_right,
            lambda *call: _steps(*call) == "remainder",
        ),
    ),
)


# ----------------------------------------------------------------------------- 5 checking a gradient


def _unit_loss(w, x, y):
    return 0.5 * (max(w @ x, 0.0) - y) ** 2


def _central(w, x, y, h):
    w, x = np.array(w), np.array(x)
    moves = h * np.eye(len(w))
    return np.array([_unit_loss(w + m, x, y) - _unit_loss(w - m, x, y) for m in moves]) / (2 * h)


def _difference(w, x, y, claimed, h):
    claimed, central = np.array(claimed), _central(w, x, y, h)
    both = np.linalg.norm(claimed) + np.linalg.norm(central)
    return np.linalg.norm(claimed - central) / both if both > 0 else 0.0


def _inputs_check(rng):
    calls = []
    for n in (2, 3):
        x = np.array(signed(rng, n, 1, 3))
        y, h = between(rng, 4, 6, 1), significant(rng.uniform(1e-3, 5e-3), 2)
        w = (x / (x @ x)).round(3)  # w·x is about 1, and y far above it
        slope = (w @ x - y) * x
        right = slope.tolist()
        half = [*slope[:-1], 0.0]  # the last component is forgotten
        claims = [right, (2 * slope).tolist(), (-slope).tolist(), half]
        calls += [(w.tolist(), x.tolist(), y, claim, h) for claim in claims]
        # On the kink the slope counts as 0; just above it, it does not.
        on, above = np.zeros(n), 0.4 * h * x / (x @ x)
        off = -w
        calls.append((on.tolist(), x.tolist(), y, [0.0] * n, h))
        calls.append((above.tolist(), x.tolist(), y, ((above @ x - y) * x).tolist(), h))
        calls.append((off.tolist(), x.tolist(), y, [0.0] * n, h))
    return calls


def _place(w, x, y, claimed, h):
    """Where the call checks a gradient, and which."""
    z = np.array(w) @ np.array(x)
    if abs(z) < 0.5:
        return "kink"
    if z < 0:
        return "dead"
    return "right" if np.allclose(claimed, (z - y) * np.array(x)) else "wrong"


def _is_difference(value, *call):
    return close(value, _difference(*call))


CHECK = Question(
    "check",
    "relative_difference(w, x, y, claimed, h)",
    _inputs_check,
    (
        Property(
            "right",
            1,
            "be next to nothing for a right gradient where the loss is smooth",
            "differences to one side are off by about h. Go to both sides, and divide by 2h.",
            lambda value, *call: bool(0 <= numbers(value, ()) < 1e-7),
            lambda *call: _place(*call) == "right",
        ),
        Property(
            "wrong",
            1,
            "say how wrong a wrong gradient is: ‖claimed − g‖/(‖claimed‖ + ‖g‖)",
            "lengths of whole vectors, and one number in the end: 1/3 for twice the gradient, 1 for "
            "its negative.",
            _is_difference,
            lambda *call: _place(*call) == "wrong",
        ),
        Property(
            "kink",
            1,
            "call even a right gradient wrong within h of the kink, as the differences with this h do",
            "use the h that is given, on both sides, whatever lies between.",
            _is_difference,
            lambda *call: _place(*call) == "kink",
        ),
        Property(
            "dead",
            1,
            "be 0 where the claim and the differences are both zero",
            "0/0 is not a number: look before you divide.",
            _is_difference,
            lambda *call: _place(*call) == "dead",
        ),
    ),
)


# ------------------------------------------------------------------- 6 the spread of the numbers


def _spreads(x, widths, weight_stds, bias_std):
    mean_squares, spreads = np.square(x).sum(), []
    for width, sigma in zip(widths, weight_stds, strict=True):
        spreads.append(np.hypot(sigma * np.sqrt(mean_squares), bias_std))
        mean_squares = width * spreads[-1] ** 2 / 2
    return np.array(spreads)


def _inputs_spreads(rng):
    calls = []
    for depth in (3, 4):
        x = signed(rng, int(rng.integers(3, 6)), 0.5, 3)
        widths = rng.permutation([3, 5, 8, 20, 50])[:depth].tolist()
        stds = [between(rng, 0.2, 0.9) for _ in widths]
        bias = between(rng, 0.4, 1.2)
        calls += [(x, widths[:1], stds[:1], 0.0), (x, widths[:1], stds[:1], bias)]
        calls += [(x, widths, stds, 0.0), (x, widths, stds, bias)]
    return calls


def _is_spreads(value, *call):
    return close(value, _spreads(*call))


SPREADS = Question(
    "spreads",
    "spreads(x, widths, weight_stds, bias_std)",
    _inputs_spreads,
    (
        Property(
            "first",
            1,
            "be σ‖x‖ in a first layer without biases, one number in a list",
            "the input is given, so there is no ½ here: the variance is σ² Σ xⱼ².",
            _is_spreads,
            lambda x, widths, stds, bias: len(widths) == 1 and bias == 0,
        ),
        Property(
            "biases",
            1,
            "add the biases' variance s² to that of the weighted sum",
            "variances of independent numbers add up; take the root last.",
            _is_spreads,
            lambda x, widths, stds, bias: len(widths) == 1 and bias > 0,
        ),
        Property(
            "relu",
            1,
            "go on from layer to layer: half the mean square survives the ReLU, times the units there are",
            "the layer before has `width` units, each with the mean square ½ · spread².",
            _is_spreads,
            lambda x, widths, stds, bias: len(widths) > 1 and bias == 0,
        ),
        Property(
            "deep",
            1,
            "do all this in every layer, biases and all",
            "s² comes in anew in each layer, and is halved with the rest by the ReLU after it.",
            _is_spreads,
            lambda x, widths, stds, bias: len(widths) > 1 and bias > 0,
        ),
    ),
)

# What students' code does not find: what a question asks for.  Question 4 asks for a whole run.
TAKEN_AWAY = ("firstorder.problems.SmallNetwork", "firstorder.training")
TAKEN_AWAY_FROM = {"training": ("firstorder.rules", "firstorder.simulate")}

QUESTIONS = (LOSS, CLIPPED, GRADIENTS, TRAINING, CHECK, SPREADS)
