"""Lab 04, Nesterov's lookahead: answers as students write them, wrong and right.

A wrong answer is named after its mistake and says exactly which properties it loses; tests run all
of them through the checks.
"""

from pathlib import Path

from firstorder.grading.authoring import Bank
from firstorder.grading.checks import load

_GIVEN = """
from firstorder.problems import LANDSCAPES

gradient = LANDSCAPES["banana"].gradient
"""
_bank = Bank(load(Path(__file__).parent, "checks").QUESTIONS, _GIVEN)
wrong, right, BANK = _bank.wrong, _bank.right, _bank.samples

# ------------------------------------------------------------------------------ 1 looking ahead

Q = "path"
MOVES = "first-step look-ahead path"
LATER = "look-ahead path"


def _run(
    ahead="w + beta * v",
    renew="v = beta * v - alpha * g",
    step="w = w + v",
    first="path = [w0]",
    last="return path",
):
    return (
        f"{first}\nw, v = w0.copy(), 0 * w0\nfor k in range(steps):\n    g = gradient({ahead})\n"
        f"    {renew}\n    {step}\n    path.append(w)\n{last}"
    )


right(Q, "a list of arrays", _run())
right(
    Q, "a sum of gradients", _run("w - alpha * beta * v", "v = beta * v + g", "w = w - alpha * v")
)
right(
    Q,
    "jump, then correct",
    """
path, v = [w0], np.zeros(2)
for _ in range(steps):
    ahead = path[-1] + beta * v
    path.append(ahead - alpha * gradient(ahead))
    v = path[-1] - path[-2]
return np.array(path)
""",
)
right(
    Q,
    "from the last two iterates, filling a table",
    """
path = np.zeros((steps + 1, len(w0)))
path[0] = before = w0
for k in range(steps):
    ahead = path[k] + beta * (path[k] - before)
    before = path[k]
    path[k + 1] = ahead - alpha * gradient(ahead)
return path
""",
)
right(
    Q,
    "at the look-ahead point, as in PyTorch, and back at the end",
    """
y, z, path = w0, 0 * w0, [w0]
for _ in range(steps):
    g = gradient(y)
    z = beta * z + g
    y = y - alpha * (g + beta * z)
    path.append(y + alpha * beta * z)
return path
""",
)
right(
    Q,
    "float32 throughout, in place with copies",
    """
w, v = np.float32(w0), np.zeros(2, np.float32)
path = [w.copy()]
for _ in range(steps):
    v *= np.float32(beta)
    v -= np.float32(alpha) * np.float32(gradient(w + v))
    w += v
    path.append(w.copy())
return np.stack(path)
""",
)
wrong(Q, "the gradient where it stands: the heavy ball", LATER, _run("w"))
wrong(Q, "the gradient at w + v, a whole step ahead", LATER, _run("w + v"))
wrong(Q, "looks back instead of ahead", LATER, _run("w - beta * v"))
wrong(Q, "the gradient at βv", MOVES, _run("beta * v"))
wrong(
    Q,
    "β applied twice: βv is added again in the step",
    LATER,
    _run(step="w = w + v + beta * v_old", renew="v_old, v = v, beta * v - alpha * g"),
)
wrong(Q, "β applied twice: looks β² ahead", LATER, _run("w + beta**2 * v"))
wrong(Q, "β times the new velocity in the step", MOVES, _run(step="w = w + beta * v"))
wrong(Q, "the correction with the wrong sign", MOVES, _run(renew="v = beta * v + alpha * g"))
wrong(Q, "the step with the wrong sign", MOVES, _run(step="w = w - v"))
wrong(
    Q,
    "a velocity without the step size, looked ahead along as if it had it",
    LATER,
    _run(renew="v = beta * v - g", step="w = w + alpha * v"),
)
wrong(
    Q,
    "a sum of gradients, looked ahead along uphill",
    LATER,
    _run(renew="v = beta * v + g", step="w = w - alpha * v"),
)
wrong(Q, "the step size on the whole velocity", LATER, _run(renew="v = alpha * (beta * v - g)"))
wrong(Q, "the averaging form", MOVES, _run(renew="v = beta * v - (1 - beta) * alpha * g"))
wrong(Q, "forgets the step size", MOVES, _run(renew="v = beta * v - g"))
wrong(Q, "the step size twice", MOVES, _run(step="w = w + alpha * v"))
wrong(Q, "gradient descent", LATER, _run(renew="v = -alpha * gradient(w)"))
wrong(Q, "a memory that does not fade", LATER, _run(renew="v = v - alpha * g"))
wrong(
    Q,
    "steps along the old velocity",
    MOVES,
    _run(step="w, v = w + old, v", renew="old, v = v, beta * v - alpha * g"),
)
wrong(
    Q,
    "returns the look-ahead points, as PyTorch keeps them",
    MOVES,
    """
y, z, path = w0, 0 * w0, [w0]
for _ in range(steps):
    g = gradient(y)
    z = beta * z + g
    y = y - alpha * (g + beta * z)
    path.append(y)
return path
""",
)
_bank.wrong_ends(Q, "path", _run)
wrong(
    Q,
    "changes the start that it stored",
    "start path",
    "w, v, path = w0, 0 * w0, [w0]\nfor _ in range(steps):\n"
    "    v = beta * v - alpha * gradient(w + beta * v)\n    w += v\n    path.append(w.copy())\n"
    "return path",
)

# ------------------------------------------------------------------------------- 2 three programs

Q = "forms"


def _convert(
    velocity="-alpha * state",
    back="point - beta * v",
    ahead="w + beta * v",
    state="-v / alpha",
    last="return point, v",
    stays='"papers"',
):
    """By way of the papers' w and v; `stays` names the forms whose point is taken to be w."""
    return (
        f'v = {velocity} if source == "torch" else state\n'
        f"w = point if source in ({stays},) else {back}\n"
        f"point = w if target in ({stays},) else {ahead}\n"
        f'v = {state} if target == "torch" else v\n{last}'
    )


right(Q, "by way of the papers' form", _convert())
right(
    Q,
    "by way of Keras's form, as one array",
    """
v = -alpha * state if source == "torch" else state
y = point + beta * v if source == "papers" else point
return np.array([y - beta * v if target == "papers" else y, v / -alpha if target == "torch" else v])
""",
)
right(
    Q,
    "each pair on its own",
    """
if (source, target) == ("papers", "torch"):
    return point + beta * state, -state / alpha
if (source, target) == ("papers", "keras"):
    return point + beta * state, state
if (source, target) == ("torch", "papers"):
    return point + alpha * beta * state, -alpha * state
if (source, target) == ("keras", "papers"):
    return point - beta * state, state
if (source, target) == ("torch", "keras"):
    return point, -alpha * state
return point, -state / alpha
""",
)
right(
    Q,
    "lists and loops, in float32",
    """
a, b = np.float32(alpha), np.float32(beta)
new_point, new_state = [], []
for p, s in zip(np.float32(point), np.float32(state)):
    v = -a * s if source == "torch" else s
    p = p + ((source == "papers") - np.float32(target == "papers")) * b * v
    new_point.append(p)
    new_state.append(-v / a if target == "torch" else v)
return [new_point, new_state]
""",
)
wrong(Q, "never moves the point", "ahead back", _convert(stays='"papers", "torch", "keras"'))
wrong(
    Q,
    "looks ahead by the whole velocity",
    "ahead back",
    _convert(back="point - v", ahead="w + v"),
)
wrong(
    Q,
    "the look-ahead with the wrong sign",
    "ahead back",
    _convert(back="point + beta * v", ahead="w - beta * v"),
)
wrong(Q, "goes ahead both ways", "back keeps", _convert(back="point + beta * v"))
wrong(
    Q,
    "β applied twice",
    "ahead back",
    _convert(back="point - beta**2 * v", ahead="w + beta**2 * v"),
)
wrong(
    Q,
    "the step size once more in the look-ahead",
    "ahead back",
    _convert(back="point - alpha * beta * v", ahead="w + alpha * beta * v"),
)
wrong(Q, "z with the sign of v", "back state", _convert("alpha * state", state="v / alpha"))
wrong(Q, "z without the step size", "back state", _convert("-state", state="-v"))
wrong(
    Q,
    "multiplies where it must divide",
    "back state",
    _convert("-state / alpha", state="-alpha * v"),
)
wrong(Q, "multiplies both ways", "state", _convert(state="-alpha * v"))
wrong(
    Q,
    "torch's state is Keras's",
    "back state",
    _convert("state", state="v"),
)
wrong(
    Q,
    "an average instead of a sum",
    "back state",
    _convert("-alpha * state / (1 - beta)", state="-(1 - beta) * v / alpha"),
)
wrong(
    Q,
    "goes back by z instead of v",
    "back",
    """
v = -alpha * state if source == "torch" else state
if source == "papers":
    point = point + beta * v
if target == "papers":
    point = point - beta * state
return point, -v / alpha if target == "torch" else v
""",
)
wrong(
    Q,
    "Keras's point taken for the papers' w",
    "ahead back keeps",
    _convert(stays='"papers", "keras"'),
)
wrong(
    Q,
    "torch's point taken for the papers' w",
    "ahead back keeps",
    _convert(stays='"papers", "torch"'),
)
wrong(
    Q,
    "moves the point whatever the forms are",
    "back keeps",
    """
v = -alpha * state if source == "torch" else state
return point + beta * v, -v / alpha if target == "torch" else v
""",
)
wrong(
    Q,
    "renews the state on the way",
    "state keeps",
    _convert(last="return point, beta * v"),
)
wrong(Q, "the wrong way round", "all", _convert(last="return v, point"))
wrong(Q, "only the point", "all", _convert(last="return point"))
wrong(Q, "only the state", "all", _convert(last="return v"))

# ------------------------------------------------------------------------ 3 trace and determinant

Q = "invariants"
AT_ALL = "determinant beyond-one"


def _pair(trace="(1 + beta) * (1 - u)", determinant="beta * (1 - u)"):
    return f"u = alpha * lambda_\nreturn {trace}, {determinant}"


def _of(matrix):
    return (
        f"u = alpha * lambda_\nR = np.array({matrix})\n"
        "return np.trace(R), R[0, 0] * R[1, 1] - R[0, 1] * R[1, 0]"
    )


right(Q, "from the matrix in (w, v)", _of("[[1 - u, beta * (1 - u)], [-u, beta * (1 - u)]]"))
right(
    Q,
    "from torch's matrix in (w, z)",
    _of("[[1 - u - beta * u, -alpha * beta**2], [lambda_, beta]]"),
)
right(
    Q,
    "sum and product of the eigenvalues",
    """
u = alpha * lambda_
sigma = np.linalg.eigvals([[(1 + beta) * (1 - u), -beta * (1 - u)], [1, 0]])
return sigma.sum().real, sigma.prod().real
""",
)
right(
    Q,
    "multiplied out, in float32",
    "u, b = np.float32(alpha) * np.float32(lambda_), np.float32(beta)\n"
    "return [1 + b - u - b * u, b - b * u]",
)
wrong(Q, "the heavy ball's", "all", _pair("1 + beta - u", "beta"))
wrong(Q, "the heavy ball's determinant", AT_ALL, _pair(determinant="beta"))
wrong(Q, "the heavy ball's trace", "trace", _pair("1 + beta - u"))
wrong(Q, "the gradient at w + v", "all", _of("[[1 - u, beta - u], [-u, beta - u]]"))
wrong(
    Q,
    "β applied twice in the look-ahead",
    "all",
    _of("[[1 - u, beta - beta**2 * u], [-u, beta - beta**2 * u]]"),
)
wrong(
    Q,
    "looks back instead of ahead",
    "all",
    _of("[[1 - u, beta + beta * u], [-u, beta + beta * u]]"),
)
wrong(
    Q,
    "a velocity without the step size",
    "all",
    _of("[[1 - u, alpha * beta * (1 - lambda_)], [-lambda_, beta * (1 - lambda_)]]"),
)
wrong(Q, "w⁺ made with the old velocity", "all", _of("[[1, 1], [-u, beta * (1 - u)]]"))
wrong(Q, "uphill", "all", _pair("(1 + beta) * (1 + u)", "beta * (1 + u)"))
wrong(
    Q,
    "the absolute value of the determinant",
    "beyond-one",
    _pair(determinant="abs(beta * (1 - u))"),
)
wrong(
    Q,
    "a determinant that stops at zero",
    "beyond-one",
    _pair(determinant="max(0.0, beta * (1 - u))"),
)
wrong(Q, "brackets left out", AT_ALL, _pair(determinant="beta * 1 - u"))
wrong(Q, "a determinant without β", AT_ALL, _pair(determinant="1 - u"))
wrong(Q, "the determinant squared", AT_ALL, _pair(determinant="beta * (1 - u) ** 2"))
wrong(Q, "the determinant with the wrong sign", AT_ALL, _pair(determinant="beta * (u - 1)"))
wrong(Q, "half of the trace", "trace", _pair("(1 + beta) * (1 - u) / 2"))
wrong(Q, "the new velocity's memory not weakened", "trace", _pair("1 - u + beta"))
wrong(Q, "gradient descent's factor for the trace", "trace", _pair("1 - u"))
wrong(
    Q,
    "the eigenvalue without the step size",
    "all",
    "u = lambda_\nreturn (1 + beta) * (1 - u), beta * (1 - u)",
)
wrong(Q, "the wrong way round", "all", _pair("beta * (1 - u)", "(1 + beta) * (1 - u)"))
wrong(Q, "only the determinant", "all", "return beta * (1 - alpha * lambda_)")

# ------------------------------------------------------------------- 4 the edge of a whole family

Q = "edge"
right(Q, "one plus the sum over the rest", "return (1 + beta) / (0.5 + gamma)")
right(
    Q,
    "a search with eigenvalues",
    """
low, high = 0.0, 5.0
while high - low > 1e-9:
    u = (low + high) / 2
    R = np.array([[1 + beta - u * (1 + gamma), -(beta - gamma * u)], [1, 0]])
    if max(abs(np.linalg.eigvals(R))) < 1:
        low = u
    else:
        high = u
return low
""",
)
right(
    Q,
    "a straight line through two values of 1 + τ + δ",
    """
def left(u):
    return 1 + (1 + beta - u * (1 + gamma)) + (beta - gamma * u)

return left(0) / (left(0) - left(1))
""",
)
right(Q, "float32", "return np.float32(2 + 2 * beta) / np.float32(1 + 2 * gamma)")
wrong(Q, "always gradient descent's", "heavy-ball nesterov family", "return 2.0")
wrong(Q, "always the heavy ball's", "nesterov family", "return 2 + 2 * beta")
wrong(Q, "always Nesterov's", "heavy-ball family", "return (2 + 2 * beta) / (1 + 2 * beta)")
wrong(Q, "always 4/3", "all", "return 4 / 3")
wrong(
    Q,
    "never below gradient descent's",
    "nesterov family",
    "return max(2.0, (2 + 2 * beta) / (1 + 2 * gamma))",
)
wrong(
    Q,
    "β and γ exchanged",
    "heavy-ball family",
    "return (2 + 2 * gamma) / (1 + 2 * beta)",
)
wrong(Q, "a factor 2 forgotten above", "all", "return (1 + beta) / (1 + 2 * gamma)")
wrong(Q, "a factor 2 forgotten below", "nesterov family", "return (2 + 2 * beta) / (1 + gamma)")
wrong(Q, "2 + β for 2 + 2β", "heavy-ball nesterov family", "return (2 + beta) / (1 + 2 * gamma)")
wrong(
    Q,
    "the momentum with the wrong sign",
    "heavy-ball nesterov family",
    "return (2 - 2 * beta) / (1 + 2 * gamma)",
)
wrong(
    Q,
    "multiplies where it must divide",
    "nesterov family",
    "return (2 + 2 * beta) * (1 + 2 * gamma)",
)
wrong(Q, "brackets left out", "nesterov family", "return (2 + 2 * beta) / 1 + 2 * gamma")
wrong(
    Q,
    "the correction with the wrong sign",
    "nesterov family",
    "return (2 + 2 * beta) / (1 - 2 * gamma)",
)
wrong(
    Q,
    "β twice in the correction",
    "nesterov family",
    "return (2 + 2 * beta) / (1 + 2 * beta * gamma)",
)
wrong(
    Q, "the heavy ball's over 1 + γ²", "nesterov family", "return (2 + 2 * beta) / (1 + gamma**2)"
)
wrong(
    Q,
    "where the determinant reaches −1 instead",
    "all",
    "return (1 + beta) / gamma if gamma else math.inf",
)
wrong(
    Q,
    "where the trace alone reaches −2",
    "all",
    "return (3 + beta) / (1 + gamma)",
)
wrong(
    Q,
    "the averaging form's",
    "heavy-ball nesterov family",
    "return (2 + 2 * beta) / (1 - beta) / (1 + 2 * gamma)",
)
wrong(Q, "where αλ is 1", "all", "return 1.0")

# ------------------------------------------------------------------------- 5 effective damping

Q = "damping"


def _factor(
    complex_="math.sqrt(d)",
    real="abs(t) / 2 + math.sqrt(t * t / 4 - d)",
    u="alpha * lam",
    t="(1 + beta) * (1 - u)",
    d="beta * (1 - u)",
    last="return factors",
):
    return (
        f"factors = []\nfor lam in lambdas:\n    u = {u}\n    t, d = {t}, {d}\n"
        f"    factors.append({complex_} if t * t < 4 * d else {real})\n{last}"
    )


right(Q, "case by case", _factor())
right(
    Q,
    "the eigenvalues of each matrix",
    """
def R(u):
    return [[1 - u, beta * (1 - u)], [-u, beta * (1 - u)]]

return [abs(np.linalg.eigvals(R(alpha * lam))).max() for lam in lambdas]
""",
)
right(
    Q,
    "a complex square root for all at once",
    """
u = alpha * lambdas
half, product = (1 + beta) * (1 - u) / 2, beta * (1 - u)
root = np.sqrt(half**2 - product + 0j)
return np.maximum(abs(half + root), abs(half - root))
""",
)
right(
    Q,
    "NumPy's polynomial roots",
    """
t, d = (1 + beta) * (1 - alpha * lambdas), beta * (1 - alpha * lambdas)
return [max(abs(np.roots([1, -a, b]))) for a, b in zip(t, d)]
""",
)
wrong(
    Q,
    "the heavy ball's matrix",
    "all",
    _factor(t="1 + beta - u", d="beta", real="abs(t) / 2 + abs(t * t / 4 - d) ** 0.5"),
)
wrong(Q, "√β for every ripple", "ripples", _factor("math.sqrt(beta)"))
wrong(Q, "β(1 − αλ) without its root", "ripples", _factor("d"))
wrong(Q, "the ripples' real part only", "ripples", _factor("abs(t) / 2"))
wrong(
    Q,
    "the root of |δ| everywhere",
    "creeps beyond",
    "return np.sqrt(abs(beta * (1 - alpha * lambdas)))",
)
wrong(
    Q,
    "the smaller real root",
    "creeps beyond",
    _factor(real="abs(abs(t) / 2 - math.sqrt(t * t / 4 - d))"),
)
wrong(
    Q,
    "the larger root, not the larger absolute value",
    "beyond",
    _factor(real="t / 2 + math.sqrt(t * t / 4 - d)"),
)
wrong(
    Q,
    "the negative root with its sign",
    "beyond",
    _factor(real="t / 2 + (1 if t > 0 else -1) * math.sqrt(t * t / 4 - d)"),
)
wrong(
    Q,
    "a ripple beyond αλ = 1 as well",
    "beyond",
    _factor(real="math.sqrt(-d) if d < 0 else abs(t) / 2 + math.sqrt(t * t / 4 - d)"),
)
wrong(Q, "the trace not halved", "creeps beyond", _factor(real="abs(t) + math.sqrt(t * t - 4 * d)"))
wrong(Q, "gradient descent's factors", "all", "return abs(1 - alpha * lambdas)")
wrong(
    Q,
    "an edge at αλ = 1",
    "beyond",
    _factor(real="math.inf if u > 1 else abs(t) / 2 + math.sqrt(t * t / 4 - d)"),
)
wrong(
    Q,
    "a discriminant without its 4",
    "creeps beyond",
    _factor(real="(abs(t) + math.sqrt(abs(t * t - d))) / 2"),
)
wrong(
    Q,
    "the factor of two steps",
    "all",
    _factor("d", "(abs(t) / 2 + math.sqrt(t * t / 4 - d)) ** 2"),
)
wrong(
    Q,
    "the factors of the loss, halved",
    "all",
    _factor("d / 2", "(abs(t) / 2 + math.sqrt(t * t / 4 - d)) ** 2 / 2"),
)
wrong(
    Q, "looks back instead of ahead", "all", _factor(t="1 - u + beta * (1 + u)", d="beta * (1 + u)")
)
wrong(
    Q,
    "the gradient at w + v",
    "all",
    _factor(t="1 + beta - 2 * u", d="beta - u", complex_="abs(d) ** 0.5"),
)
wrong(Q, "the slowest factor only", "all", _factor(last="return max(factors)"))
wrong(Q, "in the order of their size", "all", _factor(last="return sorted(factors)"))
wrong(
    Q,
    "forgets the step size",
    "all",
    _factor(u="lam", complex_="abs(d) ** 0.5", real="abs(t) / 2 + abs(t * t / 4 - d) ** 0.5"),
)
wrong(
    Q,
    "the complex eigenvalues themselves",
    "all",
    "u = alpha * lambdas\nt, d = (1 + beta) * (1 - u), beta * (1 - u)\n"
    "return t / 2 + np.sqrt(t**2 / 4 - d + 0j)",
)

# ---------------------------------------------------------------------------- 6 the best settings

Q = "settings"
STANDARD, BEST = "standard standard-rate", "best best-rate"


def _settings(
    step="1 / L",
    beta="(q - 1) / (q + 1)",
    rate="1 - 1 / q",
    best_step="4 / (3 * L + mu)",
    best_beta="(r - 2) / (r + 2)",
    best_rate="1 - 2 / r",
    kappa="L / mu",
    last="return first, second",
):
    return (
        f"k = {kappa}\nq, r = math.sqrt(k), math.sqrt(3 * k + 1)\n"
        f"first = {step}, {beta}, {rate}\nsecond = {best_step}, {best_beta}, {best_rate}\n{last}"
    )


right(
    Q,
    "with square roots of μ and L",
    """
a, b = math.sqrt(mu), math.sqrt(L)
c = math.sqrt(3 * L + mu)
return [[1 / L, (b - a) / (b + a), (b - a) / b], [4 / c**2, (c - 2 * a) / (c + 2 * a), 1 - 2 * a / c]]
""",
)
right(
    Q,
    "both from 1 − √(αμ)",
    """
triples = []
for alpha in (1 / L, 4 / (3 * L + mu)):
    s = (alpha * mu) ** 0.5
    triples.append([alpha, (1 - s) / (1 + s), 1 - s])
return np.array(triples)
""",
)
right(
    Q,
    "the rate from the matrix, in float32",
    """
def settings(alpha):
    s = np.sqrt(np.float32(alpha * mu))
    beta = (1 - s) / (1 + s)
    return alpha, beta, (1 + beta) * np.float32(1 - alpha * mu) / 2

return settings(1 / L), settings(4 / (3 * L + mu))
""",
)
wrong(
    Q,
    "gradient descent's best step in both",
    "standard best",
    _settings("2 / (mu + L)", best_step="2 / (mu + L)"),
)
wrong(Q, "the heavy ball's best β", "standard", _settings(beta="((q - 1) / (q + 1)) ** 2"))
wrong(Q, "κ for √κ", STANDARD, _settings(beta="(k - 1) / (k + 1)", rate="1 - 1 / k"))
wrong(Q, "gradient descent's rate at 1/L", "standard-rate", _settings(rate="1 - 1 / k"))
wrong(Q, "the heavy ball's rate", "standard-rate", _settings(rate="(q - 1) / (q + 1)"))
wrong(
    Q,
    "the rate is √β",
    "standard-rate best-rate",
    _settings(rate="math.sqrt((q - 1) / (q + 1))", best_rate="math.sqrt((r - 2) / (r + 2))"),
)
wrong(Q, "the bound on the loss", "standard-rate", _settings(rate="math.sqrt(1 - 1 / q)"))
wrong(
    Q,
    "the error squared",
    "standard-rate best-rate",
    _settings(rate="(1 - 1 / q) ** 2", best_rate="(1 - 2 / r) ** 2"),
)
wrong(Q, "1/L in both", "best", _settings(best_step="1 / L"))
wrong(Q, "μ and L exchanged in the best step", "best", _settings(best_step="4 / (3 * mu + L)"))
wrong(
    Q,
    "the edge at β = 1",
    "best",
    _settings(best_step="4 / (3 * L)", best_beta="(r - 2) / (r + 2)"),
)
wrong(
    Q,
    "the heavy ball's best pair",
    BEST,
    _settings(
        best_step="(2 / (math.sqrt(mu) + math.sqrt(L))) ** 2",
        best_beta="((q - 1) / (q + 1)) ** 2",
        best_rate="(q - 1) / (q + 1)",
    ),
)
wrong(
    Q, "1 where 2 is needed", BEST, _settings(best_beta="(r - 1) / (r + 1)", best_rate="1 - 1 / r")
)
wrong(
    Q,
    "the + 1 under the root forgotten",
    BEST,
    _settings(
        best_beta="(math.sqrt(3 * k) - 2) / (math.sqrt(3 * k) + 2)",
        best_rate="1 - 2 / math.sqrt(3 * k)",
    ),
)
wrong(Q, "the standard β in both", "best", _settings(best_beta="(q - 1) / (q + 1)"))
wrong(Q, "κ upside down", "all", _settings(kappa="mu / L"))
wrong(Q, "a fixed β of 0.9", "standard best", _settings(beta="0.9", best_beta="0.9"))
wrong(Q, "the best settings first", "all", _settings(last="return second, first[::-1]"))
wrong(
    Q,
    "step and momentum exchanged",
    "standard best",
    _settings(last="return [(b, a, c) for a, b, c in (first, second)]"),
)
wrong(Q, "six numbers in a row", "all", _settings(last="return first + second"))
wrong(Q, "only the standard settings", "all", _settings(last="return first"))
wrong(Q, "no rates", "all", _settings(last="return first[:2], second[:2]"))

# -------------------------------------------------------------------------------- 7 who wins

Q = "winner"


def _race(
    heavy="(2 / (math.sqrt(low) + math.sqrt(high))) ** 2, ((q - 1) / (q + 1)) ** 2, 0",
    ahead="4 / (3 * high + low), (r - 2) / (r + 2), 1",
    start="x0",
    entrants='["gd", "momentum", "nesterov"]',
    last="return min(entrants, key=count)",
):
    return f"""
low, high = min(lambdas), max(lambdas)
q, r = math.sqrt(high / low), math.sqrt(3 * high / low + 1)
settings = {{"gd": (2 / (low + high), 0, 0), "momentum": ({heavy}), "nesterov": ({ahead})}}

def count(name):
    alpha, beta, look = settings[name]
    x, v, k = {start}, 0 * x0, 0
    goal = tolerance * np.linalg.norm(x)
    while np.linalg.norm(x) > goal and k < 400:
        v = beta * v - alpha * lambdas * (x + look * beta * v)
        x, k = x + v, k + 1
    return k

entrants = {entrants}
{last}
"""


right(Q, "runs all three", _race())
right(Q, "from the last to the first", _race(entrants='["nesterov", "momentum", "gd"]'))
right(
    Q,
    "powers of the matrices",
    """
low, high = min(lambdas), max(lambdas)
q, r = math.sqrt(high / low), math.sqrt(3 * high / low + 1)
settings = [
    ("gd", 2 / (low + high), 0, 0),
    ("momentum", (2 / (math.sqrt(low) + math.sqrt(high))) ** 2, ((q - 1) / (q + 1)) ** 2, 0),
    ("nesterov", 4 / (3 * high + low), (r - 2) / (r + 2), (r - 2) / (r + 2)),
]
best = None, math.inf
for name, alpha, beta, gamma in settings:
    u = alpha * lambdas
    R = np.array([[[1 + beta - (1 + gamma) * a, gamma * a - beta], [1, 0]] for a in u])
    state, k = np.stack([x0, x0], axis=1)[..., None], 0
    while np.linalg.norm(state[:, 0]) > tolerance * np.linalg.norm(x0) and k < best[1]:
        state, k = R @ state, k + 1
    best = min(best, (name, k), key=lambda pair: pair[1])
return best[0]
""",
)
right(
    Q,
    "torch's form, one step of all three at a time",
    """
low, high = min(lambdas), max(lambdas)
b = (math.sqrt(3 * high / low + 1) - 2) / (math.sqrt(3 * high / low + 1) + 2)
h = ((math.sqrt(high) - math.sqrt(low)) / (math.sqrt(high) + math.sqrt(low))) ** 2
steps = [2 / (low + high), (2 / (math.sqrt(low) + math.sqrt(high))) ** 2, 4 / (3 * high + low)]
alpha = np.array(steps)[:, None]
beta, ahead = np.array([[0], [h], [b]]), np.array([[0], [0], [1]])
y, z = np.array([x0] * 3), np.zeros((3, len(x0)))
while True:
    there = np.linalg.norm(y + ahead * alpha * beta * z, axis=1) <= tolerance * np.linalg.norm(x0)
    if there.any():
        return ["gd", "momentum", "nesterov"][there.argmax()]
    g = lambdas * y
    z = beta * z + g
    y = y - alpha * np.where(ahead, g + beta * z, z)
""",
)
wrong(Q, "always the method of the best rate", "all", 'return "momentum"')
wrong(Q, "Nesterov is always better", "all", 'return "nesterov"')
wrong(Q, "nothing beats gradient descent", "all", 'return "gd"')
wrong(Q, "starts from all components alike", "gd momentum", _race(start="np.ones(len(x0))"))
wrong(Q, "Nesterov does not take part", "momentum nesterov", _race(entrants='["gd", "momentum"]'))
wrong(
    Q,
    "the heavy ball does not take part",
    "momentum nesterov",
    _race(entrants='["gd", "nesterov"]'),
)
wrong(
    Q,
    "gradient descent does not take part",
    "gd nesterov",
    _race(entrants='["momentum", "nesterov"]'),
)
wrong(Q, "the slowest instead of the fastest", "all", _race(last="return max(entrants, key=count)"))
wrong(
    Q,
    "the heavy ball and Nesterov exchanged",
    "momentum nesterov",
    _race(
        last='swapped = {"gd": "gd", "momentum": "nesterov", "nesterov": "momentum"}\n'
        "return swapped[min(entrants, key=count)]"
    ),
)
wrong(
    Q,
    "by the tolerance alone",
    "gd nesterov",
    'return "momentum" if tolerance < 1e-6 else "gd"',
)
wrong(Q, "names with capitals", "all", _race(last="return min(entrants, key=count).capitalize()"))
wrong(Q, "the count instead of the name", "all", _race(last="return min(map(count, entrants))"))
wrong(Q, "all three counts", "all", _race(last="return [count(name) for name in entrants]"))
wrong(
    Q,
    "a place in a list instead of a name",
    "all",
    _race(last="return min(range(3), key=lambda i: count(entrants[i]))"),
)
wrong(Q, "a list with one name", "all", _race(last="return [min(entrants, key=count)]"))
wrong(
    Q,
    "names of its own",
    "all",
    _race(
        last='names = {"gd": "gradient descent", "momentum": "heavy ball", "nesterov": "nag"}\n'
        "return names[min(entrants, key=count)]"
    ),
)
wrong(Q, "prints and returns nothing", "all", _race(last="print(min(entrants, key=count))"))

# ------------------------------------------------------------------------------- 8 the challenge

Q = "challenge"


def _watch(test, before="", after="", first="", loop="k", last="return times"):
    """A run that is watched: `test` says, before step k, whether to restart."""
    return f"""
x, v, times = x0.copy(), 0 * x0, []
{first}
for k in range(steps):
    g = lambdas * (x + beta * v)
    if {test}:
        times.append({loop})
        v = 0 * v
    {before or "pass"}
    v = beta * v - alpha * lambdas * (x + beta * v)
    x = x + v
    {after or "pass"}
{last}
"""


_RISES = "(lambdas * (x + beta * v - alpha * g) ** 2).sum()"
right(Q, "where the velocity points uphill", _watch("v @ (lambdas * x) > 0"))
right(Q, "where it points uphill at the look-ahead point", _watch("g @ v > 0"))
right(
    Q,
    "where the loss would rise",
    _watch(
        "(lambdas * (x + beta * v - alpha * g) ** 2).sum() > (lambdas * x**2).sum() and v.any()"
    ),
)
right(
    Q,
    "where the step gets shorter, as an array",
    _watch(
        "np.linalg.norm(beta * v - alpha * g) < np.linalg.norm(v)",
        last="return np.array(times)",
    ),
)
right(
    Q,
    "where the new velocity turns against the gradient",
    _watch("g @ (beta * v - alpha * g) > 0"),
)
wrong(Q, "never restarts", "all", "return []")
wrong(Q, "restarts once", "all", "return [50]")
wrong(Q, "restarts at every step", "all", "return list(range(steps))")
wrong(Q, "every 3 steps", "all", "return range(3, steps, 3)")
wrong(
    Q,
    "every 10 steps, which suits the announced problem",
    "target any-problem",
    "return list(range(10, steps, 10))",
)
wrong(Q, "every 30 steps", "all", "return list(range(30, steps, 30))")
wrong(
    Q,
    "every √κ steps",
    "target any-problem",
    "p = round(math.sqrt(max(lambdas) / min(lambdas)))\nreturn list(range(p, steps, p))",
)
wrong(
    Q,
    "every κ steps",
    "all",
    "p = round(max(lambdas) / min(lambdas))\nreturn list(range(p, steps, p))",
)
wrong(Q, "restarts while it runs downhill", "all", _watch("v @ (lambdas * x) < 0"))
wrong(Q, "restarts where a single component rises", "all", _watch("(v * lambdas * x > 0).any()"))
wrong(Q, "restarts only where every component rises", "all", _watch("(v * lambdas * x > 0).all()"))
wrong(Q, "watches the steepest component alone", "all", _watch("v[-1] * x[-1] > 0"))
wrong(Q, "watches the flattest component alone", "target any-problem", _watch("v[0] * x[0] > 0"))
wrong(Q, "times instead of step numbers", "all", _watch("v @ (lambdas * x) > 0", loop="k * alpha"))
wrong(
    Q,
    "true or false for each step",
    "all",
    _watch("False", before="times.append(bool(v @ (lambdas * x) > 0))"),
)
wrong(Q, "the number of restarts", "all", _watch("v @ (lambdas * x) > 0", last="return len(times)"))
wrong(Q, "the first restart only", "all", _watch("v @ (lambdas * x) > 0", last="return times[:1]"))
wrong(Q, "the iterates of its own run", "all", _watch("v @ (lambdas * x) > 0", loop="x"))
wrong(
    Q,
    "the announced problem only",
    "any-problem",
    "lambdas = np.geomspace(1, 100, 8).round(3)\nx0, alpha, beta, steps = np.ones(8), 0.01, 0.99, 400\n"
    + _watch("v @ (lambdas * x) > 0"),
)
