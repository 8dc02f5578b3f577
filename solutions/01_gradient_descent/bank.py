"""Lab 01, gradient descent: answers as students write them, wrong and right.

A wrong answer is named after its mistake and says exactly which properties it loses; tests run all
of them through the checks.
"""

from functools import partial
from pathlib import Path

from firstorder.grading.authoring import Bank
from firstorder.grading.checks import load

_bank = Bank(load(Path(__file__).parent, "checks").QUESTIONS)
wrong, right, BANK = _bank.wrong, _bank.right, _bank.samples

# ------------------------------------------------------------------------- 1 along one eigenvector

Q = "closed-form"
AFTER_START = "shrinks overshoots diverges"
right(Q, "a loop", "x = x0\nfor _ in range(k):\n    x -= alpha * lambda_ * x\nreturn x")
right(Q, "math.pow", "return x0 * math.pow(1 - alpha * lambda_, k)")
right(
    Q,
    "float32 throughout",
    "q = np.float32(1) - np.float32(alpha) * np.float32(lambda_)\nreturn np.float32(x0) * q**k",
)
right(
    Q,
    "recursion",
    "if k == 0:\n    return x0\n"
    "return error_after(x0, alpha, lambda_, k - 1) * (1 - alpha * lambda_)",
)
right(Q, "a product of an array", "return x0 * np.prod(np.full(k, 1 - alpha * lambda_))")
wrong(Q, "adds the gradient", AFTER_START, "return (1 + alpha * lambda_) ** k * x0")
wrong(Q, "one step too many", "all", "return (1 - alpha * lambda_) ** (k + 1) * x0")
wrong(Q, "one step too few", "all", "return (1 - alpha * lambda_) ** (k - 1) * x0")
wrong(Q, "multiplies by k instead of raising", "all", "return (1 - alpha * lambda_) * k * x0")
wrong(Q, "drops the sign", "overshoots diverges", "return abs(1 - alpha * lambda_) ** k * x0")
wrong(Q, "the continuous limit", AFTER_START, "return x0 * math.exp(-alpha * lambda_ * k)")
wrong(Q, "forgets the eigenvalue", AFTER_START, "return (1 - alpha) ** k * x0")
wrong(Q, "forgets the step size", AFTER_START, "return (1 - lambda_) ** k * x0")
wrong(
    Q,
    "raises only αλ to the power",
    AFTER_START,
    "return (1 - (alpha * lambda_) ** k) * x0 if k else x0",
)
wrong(Q, "the loss's exponent 2k", AFTER_START, "return (1 - alpha * lambda_) ** (2 * k) * x0")
wrong(
    Q,
    "stops at zero instead of overshooting",
    "overshoots diverges",
    "return max(0.0, 1 - alpha * lambda_) ** k * x0",
)
wrong(Q, "stops at the edge", "diverges", "return max(-1.0, 1 - alpha * lambda_) ** k * x0")
wrong(Q, "forgets where it started", "all", "return (1 - alpha * lambda_) ** k")
wrong(Q, "a straight line in k", AFTER_START, "return x0 * (1 - alpha * lambda_ * k)")
wrong(Q, "divides by the eigenvalue", AFTER_START, "return (1 - alpha / lambda_) ** k * x0")
wrong(Q, "prints and returns nothing", "all", "print((1 - alpha * lambda_) ** k * x0)")
wrong(Q, "^ for a power", "all", "return (1 - alpha * lambda_) ^ k * x0")
wrong(
    Q,
    "returns every error up to k",
    "all",
    "return [(1 - alpha * lambda_) ** j * x0 for j in range(k + 1)]",
)
wrong(Q, "half the slope", AFTER_START, "return (1 - alpha * lambda_ / 2) ** k * x0")

# ------------------------------------------------------------------------------ 2 gradient descent

Q = "gradient-descent"
MOVES = "first-step path"


def _descent(step, first="path = [w0]", last="return np.array(path)"):
    return f"{first}\nw = w0.copy()\nfor k in range(steps):\n    {step}\n    path.append(w)\n{last}"


right(Q, "a list of arrays", _descent("w = w - alpha * (A @ w - b)", last="return path"))
right(
    Q,
    "a table filled row by row",
    """
path = np.zeros((steps + 1, len(w0)))
path[0] = w0
for k in range(1, steps + 1):
    path[k] = path[k - 1] - alpha * (np.dot(A, path[k - 1]) - b)
return path
""",
)
right(
    Q,
    "in place, with copies",
    """
path = [w0.copy()]
for _ in range(steps):
    w0 -= alpha * (A @ w0 - b)
    path.append(w0.copy())
return path
""",
)
right(
    Q,
    "lists and loops only",
    """
n = len(b)
path = [[float(x) for x in w0]]
for _ in range(steps):
    w = path[-1]
    slope = [sum(A[i][j] * w[j] for j in range(n)) - b[i] for i in range(n)]
    path.append([w[i] - alpha * slope[i] for i in range(n)])
return path
""",
)
right(
    Q,
    "float32 throughout",
    """
A, b, w = (np.asarray(v, dtype=np.float32) for v in (A, b, w0))
path = [w]
for _ in range(steps):
    path.append(path[-1] - np.float32(alpha) * (A @ path[-1] - b))
return np.stack(path)
""",
)
right(
    Q,
    "the closed form, through the eigenvectors",
    """
values, vectors = np.linalg.eigh(A)
low = np.linalg.solve(A, b)
x = vectors.T @ (w0 - low)
return [low + vectors @ ((1 - alpha * values) ** k * x) for k in range(steps + 1)]
""",
)
wrong(Q, "uphill", MOVES, _descent("w = w + alpha * (A @ w - b)"))
wrong(Q, "forgets b", MOVES, _descent("w = w - alpha * (A @ w)"))
wrong(Q, "the wrong sign before b", MOVES, _descent("w = w - alpha * (A @ w + b)"))
wrong(Q, "half the gradient", MOVES, _descent("w = w - alpha * (A @ w / 2 - b)"))
wrong(Q, "twice the gradient", MOVES, _descent("w = w - 2 * alpha * (A @ w - b)"))
wrong(Q, "forgets the step size", MOVES, _descent("w = w - (A @ w - b)"))
wrong(Q, "divides by the step size", MOVES, _descent("w = w - (A @ w - b) / alpha"))
wrong(Q, "multiplies entry by entry", "all", _descent("w = w - alpha * (A * w - b)"))
_bank.wrong_ends(Q, "path", partial(_descent, "w = w - alpha * (A @ w - b)"))
wrong(
    Q,
    "one step too many",
    "path",
    _descent("w = w - alpha * (A @ w - b)", last="return [*path, w - alpha * (A @ w - b)]"),
)
wrong(
    Q,
    "one array, stored again and again",
    "all",
    _descent("w -= alpha * (A @ w - b)", first="path = []", last="return [w, *path]"),
)
wrong(
    Q,
    "changes the start that it stored",
    "start path",
    "w = w0\npath = [w]\nfor k in range(steps):\n    w -= alpha * (A @ w - b)\n    path.append(w.copy())\n"
    "return path",
)
wrong(Q, "the gradient at the start, for ever", "path", _descent("w = w - alpha * (A @ w0 - b)"))
wrong(
    Q,
    "only the gradient's direction",
    MOVES,
    _descent("g = A @ w - b; w = w - alpha * g / np.linalg.norm(g)"),
)
wrong(Q, "only the gradient's sign", MOVES, _descent("w = w - alpha * np.sign(A @ w - b)"))
wrong(Q, "a step that decays", "path", _descent("w = w - alpha / (k + 1) * (A @ w - b)"))
wrong(
    Q,
    "columns instead of rows",
    "all",
    _descent("w = w - alpha * (A @ w - b)", last="return np.array(path).T"),
)
wrong(
    Q,
    "one coordinate after the other, each with the new ones before it",
    MOVES,
    _descent(
        "w = w.copy()\n    for i in range(len(w)):\n        w[i] -= alpha * (A[i] @ w - b[i])"
    ),
)
wrong(
    Q, "the first step, again and again", "start path", "return [w0 - alpha * (A @ w0 - b)] * steps"
)

# ------------------------------------------------------------------------------- 3 the eigen-error

Q = "eigenbasis"
ERRORS = "turned shifted both"
right(Q, "row by column", "x = (w - w_star) @ Q\nreturn x, 0.5 * lambdas * x * x")
right(
    Q,
    "loops and lists",
    """
x = [sum(Q[j][i] * (w[j] - w_star[j]) for j in range(len(w))) for i in range(len(w))]
return [x, [lam * xi**2 / 2 for lam, xi in zip(lambdas, x)]]
""",
)
right(
    Q,
    "solves Qx = w − w*",
    "x = np.linalg.solve(Q, w - w_star)\nreturn np.array([x, np.diag(lambdas) @ x**2 / 2])",
)
right(
    Q, "turns both points", "x = Q.T @ w - Q.T @ w_star\nreturn x, 0.5 * np.diag(lambdas) @ x * x"
)
right(
    Q,
    "float32 throughout",
    "Q, l, m, w = (np.float32(v) for v in (Q, lambdas, w_star, w))\n"
    "x = Q.T @ (w - m)\nreturn x, l * x**2 / np.float32(2)",
)


def _eigen(x, parts="lambdas * x**2 / 2"):
    return f"x = {x}\nreturn x, {parts}"


wrong(Q, "Q where its transpose is needed", "turned both", _eigen("Q @ (w - w_star)"))
wrong(Q, "from the minimum to the point", ERRORS, _eigen("Q.T @ (w_star - w)"))
wrong(Q, "forgets the minimum", "shifted both", _eigen("Q.T @ w"))
wrong(Q, "forgets the minimum, and Q for its transpose", ERRORS, _eigen("Q @ w"))
wrong(Q, "does not change the basis", "turned both", _eigen("w - w_star"))
wrong(Q, "turns only one of the points", "both", _eigen("Q.T @ w - w_star"))
wrong(Q, "adds the minimum", "shifted both", _eigen("Q.T @ (w + w_star)"))
wrong(Q, "drops the signs", ERRORS, _eigen("abs(Q.T @ (w - w_star))"))
wrong(Q, "turns twice", "turned both", _eigen("Q.T @ Q.T @ (w - w_star)"))
wrong(Q, "a matrix instead of a vector", "all", _eigen("Q.T * (w - w_star)"))
wrong(Q, "leaves out the ½", "parts", _eigen("Q.T @ (w - w_star)", "lambdas * x**2"))
wrong(Q, "leaves out the square", "parts", _eigen("Q.T @ (w - w_star)", "lambdas * x / 2"))
wrong(Q, "squares the eigenvalue", "parts", _eigen("Q.T @ (w - w_star)", "(lambdas * x) ** 2 / 2"))
wrong(Q, "forgets the eigenvalues", "parts", _eigen("Q.T @ (w - w_star)", "x**2 / 2"))
wrong(
    Q, "divides by the eigenvalues", "parts", _eigen("Q.T @ (w - w_star)", "x**2 / (2 * lambdas)")
)
wrong(
    Q,
    "the loss in the old basis",
    "parts",
    _eigen("Q.T @ (w - w_star)", "lambdas * (w - w_star) ** 2 / 2"),
)
wrong(
    Q,
    "the whole loss instead of its parts",
    "parts",
    _eigen("Q.T @ (w - w_star)", "(lambdas * x**2 / 2).sum()"),
)
wrong(
    Q,
    "the largest eigenvalue for all",
    "parts",
    _eigen("Q.T @ (w - w_star)", "max(lambdas) * x**2 / 2"),
)
wrong(Q, "the minus of −bᵀw kept", "parts", _eigen("Q.T @ (w - w_star)", "-lambdas * x**2 / 2"))
wrong(Q, "returns the error only", "all", "return Q.T @ (w - w_star)")
wrong(
    Q,
    "returns them the wrong way round",
    "all",
    "x = Q.T @ (w - w_star)\nreturn lambdas * x**2 / 2, x",
)
wrong(Q, "length one", ERRORS, _eigen("Q.T @ (w - w_star) / np.linalg.norm(w - w_star)"))

# --------------------------------------------------------------------------------- 4 the best step

Q = "best-step"


def _best(
    alpha, rate="max(abs(1 - alpha * lambdas))", ends="low, high = min(lambdas), max(lambdas)"
):
    return f"{ends}\nalpha = {alpha}\nreturn alpha, {rate}"


right(Q, "the rate from its definition", _best("2 / (low + high)"))
right(
    Q,
    "through the condition number",
    _best("2 / (low + high)", "(high / low - 1) / (high / low + 1)"),
)
right(
    Q,
    "sorted, in float32",
    "l = np.sort(np.float32(lambdas))\nalpha = np.float32(2) / (l[0] + l[-1])\n"
    "return [alpha, 1 - alpha * l[0]]",
)
right(
    Q,
    "one over the middle",
    "m = (np.min(lambdas) + np.max(lambdas)) / 2\nreturn np.array([1 / m, np.ptp(lambdas) / (2 * m)])",
)
wrong(Q, "the edge 2/λₙ", "all", _best("2 / high"))
wrong(Q, "1/λₙ", "all", _best("1 / high"))
wrong(
    Q,
    "1/λₙ, with the rate of the best step",
    "step",
    _best("1 / high", "(high - low) / (high + low)"),
)
wrong(Q, "1 where 2 is needed", "all", _best("1 / (low + high)"))
wrong(Q, "one over the mean of all eigenvalues", "all", _best("1 / np.mean(lambdas)"))
wrong(Q, "2 over the sum of all eigenvalues", "all", _best("2 / np.sum(lambdas)"))
wrong(
    Q,
    "trusts the order of the list",
    "all",
    _best("2 / (low + high)", ends="low, high = lambdas[0], lambdas[-1]"),
)
wrong(Q, "2/(λₙ − λ₁)", "all", _best("2 / (high - low)"))
wrong(
    Q,
    "the rate upside down",
    "rate",
    _best("2 / (low + high)", "(high + low) / (high - low) if high > low else 0"),
)
wrong(
    Q,
    "the condition number upside down",
    "rate",
    _best("2 / (low + high)", "(low / high - 1) / (low / high + 1)"),
)
wrong(Q, "1 − 1/κ", "rate", _best("2 / (low + high)", "1 - low / high"))
wrong(
    Q,
    "the rate of the loss",
    "rate",
    _best("2 / (low + high)", "((high - low) / (high + low)) ** 2"),
)
wrong(
    Q,
    "momentum's rate",
    "rate",
    _best("2 / (low + high)", "(high**0.5 - low**0.5) / (high**0.5 + low**0.5)"),
)
wrong(Q, "a rate without its absolute value", "rate", _best("2 / (low + high)", "1 - alpha * high"))
wrong(Q, "brackets left out", "rate", _best("2 / (low + high)", "high / low - 1 / high / low + 1"))
wrong(
    Q,
    "the mean rate instead of the worst",
    "rate",
    _best("2 / (low + high)", "np.mean(abs(1 - alpha * lambdas))"),
)
wrong(
    Q,
    "the least rate instead of the worst",
    "rate",
    _best("2 / (low + high)", "min(abs(1 - alpha * lambdas))"),
)
wrong(
    Q,
    "the wrong way round",
    "all",
    "low, high = min(lambdas), max(lambdas)\nreturn (high - low) / (high + low), 2 / (high + low)",
)
wrong(Q, "only the step", "all", "return 2 / (min(lambdas) + max(lambdas))")
wrong(Q, "the geometric mean", "all", _best("1 / (low * high) ** 0.5"))

# -------------------------------------------------------------------------------- 5 how many steps

Q = "iteration-counts"
COUNTS = "error near-the-edge loss"


def _count(
    slowest="max(abs(1 - alpha * lambdas))",
    never="if q >= 1:\n    return math.inf",
    power='if of == "loss":\n    q = q**2',
    count="math.ceil(math.log(tolerance) / math.log(q))",
):
    return f"q = {slowest}\n{never}\n{power}\nreturn {count}"


right(
    Q,
    "counts by multiplying",
    """
q = max(abs(1 - alpha * lam) ** (1 if of == "error" else 2) for lam in lambdas)
if q >= 1:
    return float("inf")
k, left = 0, 1.0
while left > tolerance:
    left *= q
    k += 1
return k
""",
)
right(
    Q,
    "half of the logarithm for the loss",
    """
q = np.abs(1 - alpha * lambdas)
if np.any(q >= 1):
    return np.inf
k = np.log(tolerance) / np.log(q)
return np.ceil(k / 2 if of == "loss" else k).max()
""",
)
right(
    Q,
    "a NumPy integer, with logarithms to base ten",
    """
q = np.abs(1 - alpha * lambdas).max()
if not q < 1:
    return math.inf
return np.int64(np.ceil(np.log10(tolerance) / (np.log10(q) * {"error": 1, "loss": 2}[of])))
""",
)
right(
    Q,
    "the same in float32",
    _count("np.float32(1) - np.float32(alpha) * np.float32(lambdas)\nq = abs(q).max()"),
)
wrong(Q, "rounds down", COUNTS, _count(count="math.floor(math.log(tolerance) / math.log(q))"))
wrong(Q, "does not round", COUNTS, _count(count="math.log(tolerance) / math.log(q)"))
wrong(
    Q,
    "rounds up and adds one",
    COUNTS,
    _count(count="math.ceil(math.log(tolerance) / math.log(q)) + 1"),
)
wrong(
    Q,
    "only the smallest eigenvalue",
    "near-the-edge never",
    _count("abs(1 - alpha * min(lambdas))"),
)
wrong(Q, "only the largest eigenvalue", "error loss", _count("abs(1 - alpha * max(lambdas))"))
wrong(
    Q, "the fastest component decides", COUNTS + " never", _count("min(abs(1 - alpha * lambdas))")
)
wrong(Q, "the mean of the factors", COUNTS + " never", _count("np.mean(abs(1 - alpha * lambdas))"))
wrong(
    Q, "the first eigenvalue of the list", COUNTS + " never", _count("abs(1 - alpha * lambdas[0])")
)
wrong(Q, "the loss counted like the error", "loss", _count(power=""))
wrong(Q, "the error counted like the loss", "error near-the-edge", _count(power="q = q**2"))
wrong(Q, "error and loss exchanged", COUNTS, _count(power='if of == "error":\n    q = q**2'))
wrong(Q, "twice as many for the loss", "loss", _count(power='if of == "loss":\n    q = q**0.5'))
wrong(Q, "never asks whether it converges", "never", _count(never=""))
wrong(Q, "None for never", "never", _count(never="if q >= 1:\n    return None"))
wrong(Q, "minus one for never", "never", _count(never="if q >= 1:\n    return -1"))
wrong(Q, "the edge counted as convergence", "never", _count(never="if q > 1:\n    return math.inf"))
wrong(
    Q,
    "logarithms of two kinds",
    COUNTS,
    _count(count="math.ceil(math.log10(tolerance) / math.log(q))"),
)
wrong(
    Q, "tolerance over factor, without logarithms", COUNTS, _count(count="math.ceil(tolerance / q)")
)
wrong(
    Q, "the logarithm of the quotient", COUNTS, _count(count="math.ceil(math.log(tolerance / q))")
)
wrong(
    Q,
    "adds up the counts of all components",
    COUNTS,
    """
q = abs(1 - alpha * lambdas) ** (1 if of == "error" else 2)
if max(q) >= 1:
    return math.inf
return sum(np.ceil(np.log(tolerance) / np.log(q)))
""",
)

# ----------------------------------------------------------------------------- 6 turning the bowl

Q = "rotation"
AWAY = "turned lengths"


def _turn(
    matrix="Q @ np.diag(lambdas) @ Q.T",
    start="Q @ x0",
    turn="Q = np.array([[c, -s], [s, c]])",
    angle="c, s = math.cos(angle), math.sin(angle)",
    last="return path",
):
    return (
        f"{angle}\n{turn}\nA, w = {matrix}, {start}\npath = [w]\n"
        f"for _ in range(steps):\n    w = w - alpha * (A @ w)\n    path.append(w)\n{last}"
    )


right(Q, "runs on the turned bowl", _turn())
right(
    Q,
    "runs on the straight bowl and turns the path",
    """
path = [x0]
for _ in range(steps):
    path.append(path[-1] * (1 - alpha * lambdas))
c, s = np.cos(angle), np.sin(angle)
return np.array(path) @ np.array([[c, s], [-s, c]])
""",
)
right(
    Q,
    "complex numbers",
    """
turn = complex(math.cos(angle), math.sin(angle))
path = []
for k in range(steps + 1):
    x = (1 - alpha * lambdas) ** k * x0
    w = complex(x[0], x[1]) * turn
    path.append((w.real, w.imag))
return path
""",
)
right(
    Q,
    "the matrix entry by entry",
    """
c, s = math.cos(angle), math.sin(angle)
l1, l2 = lambdas
a11, a12, a22 = l1 * c**2 + l2 * s**2, (l1 - l2) * c * s, l1 * s**2 + l2 * c**2
u, v = c * x0[0] - s * x0[1], s * x0[0] + c * x0[1]
path = [[u, v]]
for _ in range(steps):
    u, v = u - alpha * (a11 * u + a12 * v), v - alpha * (a12 * u + a22 * v)
    path.append([u, v])
return path
""",
)
wrong(
    Q,
    "degrees",
    "start turned",
    _turn(angle="c, s = math.cos(math.radians(angle)), math.sin(math.radians(angle))"),
)
wrong(Q, "turns the other way", "start turned", _turn(turn="Q = np.array([[c, s], [-s, c]])"))
wrong(Q, "turns bowl and start in opposite ways", AWAY, _turn("Q.T @ np.diag(lambdas) @ Q"))
wrong(Q, "forgets to turn the start", "start turned lengths", _turn(start="x0"))
wrong(Q, "forgets to turn the bowl", AWAY, _turn("np.diag(lambdas)"))
wrong(Q, "turns nothing", "start turned", _turn("np.diag(lambdas)", "x0"))
wrong(Q, "turns from one side only", AWAY, _turn("Q @ np.diag(lambdas)"))
wrong(Q, "Q on both sides", AWAY, _turn("Q @ np.diag(lambdas) @ Q"))
wrong(Q, "starts from the turned-back point", "start turned lengths", _turn(start="Q.T @ x0"))
wrong(
    Q,
    "sine and cosine exchanged",
    "start not-turned turned lengths",
    _turn(
        "Q @ np.diag(lambdas) @ Q.T",
        "Q @ x0 + 0",
        "Q = np.array([[s, -c], [c, s]])",
        last="return [Q.T @ w for w in path[1:]]",
    ),
)
wrong(
    Q,
    "a quarter turn too much",
    "start not-turned turned",
    _turn(turn="Q = np.array([[s, -c], [c, s]])"),
)
wrong(
    Q,
    "a mirror instead of a turn",
    "start not-turned turned",
    _turn(turn="Q = np.array([[c, s], [s, -c]])"),
)
wrong(
    Q,
    "no minus in the matrix",
    "start turned lengths",
    _turn(turn="Q = np.array([[c, s], [s, c]])"),
)
wrong(
    Q,
    "returns the path in the eigenbasis",
    "start turned",
    _turn(last="return [Q.T @ w for w in path]"),
)
wrong(Q, "returns the last iterate", "all", _turn(last="return w"))
wrong(Q, "leaves out the start", "all", _turn(last="return path[1:]"))
wrong(
    Q,
    "returns distances instead of points",
    "all",
    _turn(last="return [np.linalg.norm(w) for w in path]"),
)
wrong(
    Q,
    "the eigenvalues exchanged",
    "not-turned turned lengths",
    _turn("Q @ np.diag(lambdas[::-1]) @ Q.T"),
)
wrong(Q, "multiplies entry by entry", "turned lengths", _turn("Q * np.diag(lambdas) * Q.T"))
wrong(Q, "uphill", "not-turned turned lengths", _turn("-(Q @ np.diag(lambdas) @ Q.T)"))

# ---------------------------------------------------------------------------------- 7 the challenge

Q = "challenge"
_NODES = "t = np.cos((2 * np.arange(1, steps + 1) - 1) * np.pi / (2 * steps))\n"
_MIDDLE = "m, h = (lambda_max + lambda_min) / 2, (lambda_max - lambda_min) / 2\n"
right(
    Q,
    "a list, from the other end",
    "t = [math.cos(math.pi * (k + 0.5) / steps) for k in range(steps)]\n"
    "return [2 / (lambda_max + lambda_min - (lambda_max - lambda_min) * x) for x in t]",
)
right(
    Q,
    "NumPy's own nodes",
    "t = np.polynomial.chebyshev.chebpts1(steps)\n"
    "return 1 / (lambda_min + (t + 1) * (lambda_max - lambda_min) / 2)",
)
right(
    Q,
    "roots of the polynomial, large and small in turn",
    """
t = sorted(np.polynomial.Chebyshev.basis(steps, [lambda_min, lambda_max]).roots().real)
order = [t.pop(-1 if k % 2 else 0) for k in range(steps)]
return [1 / x for x in order]
""",
)
right(Q, "float32 throughout", _NODES + _MIDDLE + "return np.float32(1) / np.float32(m + h * t)")
wrong(Q, "the best constant step", "all", "return np.full(steps, 2 / (lambda_min + lambda_max))")
wrong(Q, "the constant step 1/λₙ", "all", "return np.full(steps, 1 / lambda_max)")
wrong(Q, "the eigenvalues instead of their inverses", "all", _NODES + _MIDDLE + "return m + h * t")
wrong(Q, "nodes of (−1, 1), not carried over", "all", _NODES + "return 1 / t")
wrong(Q, "the whole length instead of half", "all", _NODES + _MIDDLE + "return 1 / (m + 2 * h * t)")
wrong(Q, "the middle forgotten", "all", _NODES + _MIDDLE + "return 1 / (lambda_min + h * t)")
wrong(Q, "degrees", "all", _NODES.replace("np.pi", "180") + _MIDDLE + "return 1 / (m + h * t)")
wrong(
    Q,
    "Chebyshev's extremes instead of his zeros",
    "all",
    "t = np.cos(np.arange(steps) * np.pi / max(steps - 1, 1))\n"
    + _MIDDLE
    + "return 1 / (m + h * t)",
)
wrong(Q, "zeros at equal distances", "all", "return 1 / np.linspace(lambda_min, lambda_max, steps)")
wrong(
    Q, "zeros in equal proportions", "all", "return 1 / np.geomspace(lambda_min, lambda_max, steps)"
)
wrong(
    Q,
    "step sizes at equal distances",
    "all",
    "return np.linspace(1 / lambda_max, 1 / lambda_min, steps)",
)
wrong(Q, "one step too many", "all", ("steps += 1\n" + _NODES + _MIDDLE + "return 1 / (m + h * t)"))
wrong(Q, "one step too few", "all", ("steps -= 1\n" + _NODES + _MIDDLE + "return 1 / (m + h * t)"))
wrong(
    Q,
    "1 − 2k instead of 2k − 1, counted from zero",
    "target any-interval",
    "t = np.cos((1 - 2 * np.arange(steps)) * np.pi / (2 * steps))\n"
    + _MIDDLE
    + "return 1 / (m + h * t)",
)
wrong(
    Q,
    "half of the nodes",
    "all",
    _NODES.replace("(2 * steps)", "(4 * steps)") + _MIDDLE + "return 1 / (m + h * t)",
)
wrong(
    Q,
    "small and large in turn",
    "all",
    "return [1 / (lambda_max if k % 2 else lambda_min) for k in range(steps)]",
)
wrong(Q, "steps that decay", "all", "return [2 / lambda_max / (k + 1) for k in range(steps)]")
wrong(
    Q,
    "the announced case only",
    "any-interval",
    "lambda_min, lambda_max, steps = 1.0, 100.0, 10\n"
    + _NODES
    + _MIDDLE
    + "return 1 / (m + h * t)",
)
wrong(
    Q,
    "nodes of the largest eigenvalue alone",
    "all",
    _NODES + "return 1 / (lambda_max / 2 * (1 + t))",
)
wrong(
    Q, "a step function instead of steps", "all", "return lambda k: 2 / (lambda_min + lambda_max)"
)
wrong(
    Q,
    "nodes of the second kind",
    "target any-interval",
    "t = np.cos(np.arange(1, steps + 1) * np.pi / (steps + 1))\n"
    + _MIDDLE
    + "return 1 / (m + h * t)",
)
wrong(
    Q,
    "nodes rounded to two decimals",
    "target any-interval",
    _NODES + _MIDDLE + "return 1 / (m + h * t.round(2))",
)
