"""Lab 03, momentum: answers as students write them, wrong and right.

A wrong answer is named after its mistake and says exactly which properties it loses; tests run all
of them through the checks.
"""

from pathlib import Path

from firstorder.grading.authoring import Bank
from firstorder.grading.checks import load

_bank = Bank(load(Path(__file__).parent, "checks").QUESTIONS)
wrong, right, BANK = _bank.wrong, _bank.right, _bank.samples

# ------------------------------------------------------------------------------ 1 momentum itself

Q = "path"
MOVES = "first-step memory path"
LATER = "memory path"


def _run(
    renew="z = beta * z + g", step="w = w - alpha * z", first="path = [w0]", last="return path"
):
    return (
        f"{first}\nw, z = w0.copy(), 0 * w0\nfor k in range(steps):\n    g = A @ w - b\n"
        f"    {renew}\n    {step}\n    path.append(w)\n{last}"
    )


right(Q, "a list of arrays", _run())
right(Q, "a velocity", _run("z = beta * z - alpha * g", "w = w + z"))
right(
    Q,
    "the heavy ball, from the last two iterates",
    """
path = [w0, w0 - alpha * (A @ w0 - b)]
for _ in range(steps - 1):
    here, before = path[-1], path[-2]
    path.append(here - alpha * (A @ here - b) + beta * (here - before))
return np.array(path)
""",
)
right(
    Q,
    "every gradient weighed anew",
    """
path, gradients = [w0], []
for k in range(steps):
    gradients.append(A @ path[-1] - b)
    z = sum(beta ** (k - i) * g for i, g in enumerate(gradients))
    path.append(path[-1] - alpha * z)
return path
""",
)
right(
    Q,
    "float32 throughout, in place with copies",
    """
A, b, w = (np.asarray(v, dtype=np.float32) for v in (A, b, w0))
z, path = np.zeros_like(w), [w.copy()]
for _ in range(steps):
    z *= np.float32(beta)
    z += A @ w - b
    w -= np.float32(alpha) * z
    path.append(w.copy())
return np.stack(path)
""",
)
wrong(Q, "the averaging form", MOVES, _run("z = beta * z + (1 - beta) * g"))
wrong(Q, "steps along the old z", MOVES, _run("old, z = z, beta * z + g", "w = w - alpha * old"))
wrong(Q, "uphill", MOVES, _run(step="w = w + alpha * z"))
wrong(Q, "forgets b", MOVES, _run("z = beta * z + A @ w"))
wrong(Q, "forgets the step size", MOVES, _run(step="w = w - z"))
wrong(Q, "the step size twice", MOVES, _run("z = beta * z + alpha * g"))
wrong(Q, "Nesterov's momentum", MOVES, _run(step="w = w - alpha * (g + beta * z)"))
wrong(Q, "gradient descent", LATER, _run("z = g"))
wrong(Q, "the memory with the wrong sign", LATER, _run("z = g - beta * z"))
wrong(Q, "fades the new gradient instead of the memory", MOVES, _run("z = z + beta * g"))
wrong(Q, "a memory that does not fade", LATER, _run("z = z + g"))
wrong(Q, "β squared", LATER, _run("z = beta**2 * z + g"))
wrong(
    Q,
    "remembers the last gradient only",
    "path",
    """
path, last = [w0], 0 * w0
for _ in range(steps):
    gradient = A @ path[-1] - b
    path.append(path[-1] - alpha * (beta * last + gradient))
    last = gradient
return path
""",
)
wrong(Q, "the gradient at the start for ever", LATER, _run("z = beta * z + A @ w0 - b"))
wrong(
    Q,
    "remembers a gradient before the start",
    MOVES,
    _run().replace("0 * w0", "A @ w0 - b"),
)
wrong(Q, "β in front of the iterate", MOVES, _run(step="w = beta * w - alpha * z"))
wrong(Q, "multiplies entry by entry", MOVES, _run().replace("A @ w", "A * w"))
_bank.wrong_ends(Q, "path", _run)
wrong(Q, "returns z instead of w", "all", _run(last="return z"))
wrong(
    Q,
    "one array changed in place",
    "all",
    """
path, w, z = [], w0, 0 * w0
for _ in range(steps + 1):
    path.append(w)
    z = beta * z + A @ w - b
    w -= alpha * z
return path
""",
)

# -------------------------------------------------------------------------- 2 the iteration matrix

Q = "matrix"


def _rows(w="1 - alpha * lambda_, -alpha * beta", z="lambda_, beta"):
    return f"return [[{w}], [{z}]]"


right(Q, "a list of lists", _rows())
right(
    Q,
    "the update on both unit vectors",
    """
columns = []
for w, z in [(1.0, 0.0), (0.0, 1.0)]:
    z = beta * z + lambda_ * w
    columns.append([w - alpha * z, z])
return np.array(columns).T
""",
)
right(
    Q,
    "two half steps, one after the other",
    "return np.array([[1, -alpha], [0, 1]]) @ np.array([[1, 0], [lambda_, beta]])",
)
right(
    Q, "float32", "return np.array([[1 - alpha * lambda_, -alpha * beta], [lambda_, beta]], 'f4')"
)
wrong(Q, "the old z in w⁺", "w-row invariants", _rows("1, -alpha"))
wrong(
    Q,
    "the old z in w⁺, beside the gradient",
    "w-row invariants",
    _rows("1 - alpha * lambda_, -alpha"),
)
wrong(Q, "no z in w⁺", "w-row invariants", _rows("1 - alpha * lambda_, 0"))
wrong(Q, "forgets the minus", "w-row invariants", _rows("1 - alpha * lambda_, alpha * beta"))
wrong(Q, "uphill", "w-row invariants", _rows("1 + alpha * lambda_, alpha * beta"))
wrong(
    Q, "transposed", "w-row z-row", "return [[1 - alpha * lambda_, lambda_], [-alpha * beta, beta]]"
)
wrong(
    Q,
    "z first, as in the source",
    "w-row z-row",
    "return [[beta, lambda_], [-alpha * beta, 1 - alpha * lambda_]]",
)
wrong(Q, "rows exchanged", "all", "return [[lambda_, beta], [1 - alpha * lambda_, -alpha * beta]]")
wrong(
    Q, "columns exchanged", "all", "return [[-alpha * beta, 1 - alpha * lambda_], [beta, lambda_]]"
)
wrong(
    Q,
    "the velocity form's matrix",
    "w-row z-row",
    "return [[1 - alpha * lambda_, beta], [-alpha * lambda_, beta]]",
)
wrong(
    Q,
    "the averaging form's matrix",
    "all",
    "return [[1 - alpha * (1 - beta) * lambda_, -alpha * beta], [(1 - beta) * lambda_, beta]]",
)
wrong(
    Q,
    "the matrix of (w⁺, w)",
    "w-row z-row",
    "return [[1 + beta - alpha * lambda_, -beta], [1, 0]]",
)
wrong(Q, "the minus in front of the gradient", "z-row invariants", _rows(z="-lambda_, beta"))
wrong(Q, "forgets the curvature in z⁺", "z-row invariants", _rows(z="1, beta"))
wrong(Q, "the memory does not fade", "z-row invariants", _rows(z="lambda_, 1"))
wrong(Q, "averages the gradient in z⁺", "z-row invariants", _rows(z="(1 - beta) * lambda_, beta"))
wrong(Q, "the curvature forgotten", "all", "return [[1 - alpha, -alpha * beta], [1, beta]]")
wrong(
    Q,
    "the eigenvalues only",
    "all",
    "return np.linalg.eigvals([[1 - alpha * lambda_, -alpha * beta], [lambda_, beta]])",
)
wrong(Q, "a flat list", "all", "return [1 - alpha * lambda_, -alpha * beta, lambda_, beta]")
wrong(
    Q,
    "Nesterov's matrix",
    "all",
    "return [[1 - alpha * lambda_ * (1 + beta), -alpha * beta**2], [lambda_, 2 * beta]]",
)

# -------------------------------------------------------------------------------------- 3 regimes

Q = "regimes"


def _fate(end="2 + 2 * beta", low="(1 - s) ** 2", high="(1 + s) ** 2", middle="1"):
    return (
        f's = beta**0.5\nif u > {end}:\n    return "diverges"\nif {low} < u < {high}:\n'
        f'    return "ripples"\nreturn "monotone" if u < {middle} else "oscillates"'
    )


right(Q, "borders in the plane", _fate())
right(
    Q,
    "the discriminant",
    """
trace = 1 + beta - u
if abs(trace) > 1 + beta:
    return "diverges"
if trace**2 < 4 * beta:
    return "ripples"
return "monotone" if trace > 0 else "oscillates"
""",
)
right(
    Q,
    "eigenvalues by NumPy",
    """
sigmas = np.linalg.eigvals(np.array([[1 - u, -beta], [u, beta]]))
if max(abs(sigmas)) > 1:
    return "diverges"
if any(abs(sigmas.imag) > 1e-9):
    return "ripples"
return "oscillates" if sigmas.real.sum() < 0 else "monotone"
""",
)
right(
    Q,
    "roots of the polynomial",
    """
one, two = np.roots([1, u - 1 - beta, beta]) if beta else (1 - u, 0)
if abs(one) > 1 or abs(two) > 1:
    return "diverges"
if isinstance(one, complex) and one.imag != 0:
    return "ripples"
return "oscillates" if min(one, two) < 0 else "monotone"
""",
)
wrong(Q, "gradient descent's edge", "diverges ripples oscillates", _fate("2"))
wrong(Q, "the averaging form's edge", "diverges oscillates", _fate("(2 + 2 * beta) / (1 - beta)"))
wrong(Q, "half of the edge's memory", "diverges ripples oscillates", _fate("2 + beta"))
wrong(Q, "never diverges", "diverges oscillates", _fate("math.inf"))
wrong(Q, "the sign changes from αλ = 1 on", "ripples oscillates", _fate(high="1"))
wrong(Q, "monotone until αλ = 1", "ripples monotone", _fate(low="1"))
wrong(
    Q,
    "β where √β is needed",
    "ripples monotone oscillates",
    _fate(low="(1 - beta) ** 2", high="(1 + beta) ** 2"),
)
wrong(Q, "ripples up to the edge", "ripples oscillates", _fate(high="9"))
wrong(Q, "no ripples at all", "ripples monotone oscillates", _fate(low="9", high="9"))
wrong(Q, "ripples everywhere in between", "ripples monotone oscillates", _fate(low="0", high="9"))
wrong(
    Q,
    "monotone and oscillates exchanged",
    "monotone oscillates",
    _fate().replace("u < 1", "u > 1"),
)
wrong(
    Q,
    "the discriminant's sign reversed",
    "ripples monotone oscillates",
    """
trace = 1 + beta - u
if abs(trace) > 1 + beta:
    return "diverges"
if trace**2 > 4 * beta:
    return "ripples"
return "monotone" if trace > 0 else "oscillates"
""",
)
wrong(
    Q,
    "the 4 forgotten in the discriminant",
    "ripples monotone oscillates",
    """
trace = 1 + beta - u
if abs(trace) > 1 + beta:
    return "diverges"
if trace**2 < beta:
    return "ripples"
return "monotone" if trace > 0 else "oscillates"
""",
)
wrong(
    Q,
    "takes ripples for divergence",
    "diverges ripples",
    _fate().replace('"ripples"', '"diverges"'),
)
wrong(
    Q,
    "gradient descent's three fates",
    "all",
    'return "diverges" if u > 2 else "oscillates" if u > 1 else "monotone"',
)
wrong(
    Q,
    "the momentum as judge",
    "all",
    'return "diverges" if u > 4 else "ripples" if beta > 0.5 else "monotone"',
)
wrong(
    Q,
    "other words",
    "all",
    _fate()
    .replace('"diverges"', '"divergent"')
    .replace('"ripples"', '"complex"')
    .replace('"monotone"', '"smooth"')
    .replace('"oscillates"', '"bounces"'),
)
wrong(
    Q,
    "numbers instead of words",
    "all",
    _fate()
    .replace('"diverges"', "3")
    .replace('"ripples"', "2")
    .replace('"monotone"', "0")
    .replace('"oscillates"', "1"),
)
wrong(Q, "the same for everything", "all", 'return "ripples"')
wrong(Q, "the spectral radius only", "all", _fate().replace('"ripples"', "s"))

# ------------------------------------------------------------------------------- 4 the three forms

Q = "forms"
STATES = "from-z to-z across"


def _by_way_of_z(
    v="alpha, -state / alpha",
    m="alpha * (1 - beta), state / (1 - beta)",
    to_v="a, -a * z",
    to_m="a / (1 - beta), (1 - beta) * z",
    last="return {'z': (a, z), 'v': to_v, 'm': to_m}[target]",
):
    return (
        f"a, z = alpha, state\nif source == 'v':\n    a, z = {v}\nif source == 'm':\n    a, z = {m}\n"
        f"to_v = {to_v}\nto_m = {to_m}\n{last}"
    )


right(Q, "by way of z, in a table", _by_way_of_z())
right(
    Q,
    "the step that the state makes stays the same",
    """
step = {"z": alpha, "v": alpha, "m": alpha * (1 - beta)}[source]
moved = state if source == "v" else -alpha * state
if target == "v":
    return step, moved
if target == "m":
    step = step / (1 - beta)
return step, -moved / step
""",
)
right(
    Q,
    "a scale for each form",
    """
def scales(form, a):
    return {"z": (1, 1), "v": (1, -a), "m": (1 / (1 - beta), 1 - beta)}[form]
plain = alpha / scales(source, alpha)[0]
old, new = scales(source, plain), scales(target, plain)
return [plain * new[0], [x * new[1] / old[1] for x in state]]
""",
)
right(
    Q,
    "float32 throughout",
    "alpha, beta, state = np.float32(alpha), np.float32(beta), np.float32(state)\n"
    + _by_way_of_z(),
)
wrong(Q, "the sign of v forgotten", STATES, _by_way_of_z("alpha, state / alpha", to_v="a, a * z"))
wrong(Q, "the sign of v forgotten on the way there", "from-z across", _by_way_of_z(to_v="a, a * z"))
wrong(
    Q,
    "the sign of v forgotten on the way back",
    "to-z across",
    _by_way_of_z("alpha, state / alpha"),
)
wrong(Q, "the step size left out of v", STATES, _by_way_of_z("alpha, -state", to_v="a, -z"))
wrong(
    Q,
    "the same step size for the average",
    "step across",
    _by_way_of_z(m="alpha, state / (1 - beta)", to_m="a, (1 - beta) * z"),
)
wrong(
    Q,
    "the average's step size the wrong way round",
    "step across",
    _by_way_of_z(m="alpha / (1 - beta), state / (1 - beta)", to_m="a * (1 - beta), (1 - beta) * z"),
)
wrong(
    Q,
    "the average's state the wrong way round",
    STATES,
    _by_way_of_z(m="alpha * (1 - beta), state * (1 - beta)", to_m="a / (1 - beta), z / (1 - beta)"),
)
wrong(
    Q,
    "the average's state not translated",
    STATES,
    _by_way_of_z(m="alpha * (1 - beta), state", to_m="a / (1 - beta), z"),
)
wrong(
    Q, "β for 1 − β", "all", _by_way_of_z(m="alpha * beta, state / beta", to_m="a / beta, beta * z")
)
wrong(
    Q,
    "1 + β for 1 − β",
    "all",
    _by_way_of_z(m="alpha * (1 + beta), state / (1 + beta)", to_m="a / (1 + beta), (1 + beta) * z"),
)
wrong(Q, "nothing translated", "all", "return alpha, state")
wrong(
    Q,
    "the state only",
    "all",
    _by_way_of_z(last="return {'z': z, 'v': -a * z, 'm': (1 - beta) * z}[target]"),
)
wrong(
    Q,
    "the wrong way round",
    "all",
    _by_way_of_z(last="return {'z': (z, a), 'v': to_v[::-1], 'm': to_m[::-1]}[target]"),
)
wrong(Q, "source and target exchanged", "all", "source, target = target, source\n" + _by_way_of_z())
wrong(
    Q,
    "the velocity's step size in the average",
    "from-z to-z across",
    _by_way_of_z("alpha, -state", to_v="a, -z * beta"),
)
wrong(Q, "only from z", "step to-z across", _by_way_of_z("alpha, state", "alpha, state"))
wrong(Q, "only to z", "step from-z across", _by_way_of_z(to_v="a, z", to_m="a, z"))
wrong(
    Q,
    "the velocity scaled as well",
    "step from-z across",
    _by_way_of_z(to_v="a / (1 - beta), -a * z / (1 - beta)"),
)
wrong(
    Q,
    "divides by the step size once too often",
    STATES,
    _by_way_of_z(to_v="a, -z / a", v="alpha, -state * alpha"),
)
wrong(
    Q,
    "numbers with their length",
    "from-z to-z across",
    _by_way_of_z(
        last="step, new = {'z': (a, z), 'v': to_v, 'm': to_m}[target]\nreturn step, np.linalg.norm(new)"
    ),
)

# ------------------------------------------------------------------------ 5 a form not seen before

Q = "edge"
right(Q, "by Jury's condition at −1", "return (2 + 2 * beta) / (1 + beta - 2 * nu * beta)")
right(
    Q,
    "bisection",
    """
low, high = 0.0, 1e4
for _ in range(100):
    u = (low + high) / 2
    g = 1 - nu * beta
    R = np.array([[1 - u * g, -u * nu * beta], [1 - beta, beta]])
    if max(abs(np.linalg.eigvals(R))) < 1:
        low = u
    else:
        high = u
return low
""",
)
right(
    Q,
    "trace and determinant, straight lines in u",
    """
def p(u):
    R = np.array([[1 - u * (1 - nu * beta), -u * nu * beta], [1 - beta, beta]])
    return 1 + np.trace(R) + np.linalg.det(R)
return p(0) / (p(0) - p(1))
""",
)
right(
    Q,
    "the least of all three conditions",
    """
flip = 2 * (1 + beta) / (1 + beta * (1 - 2 * nu))
turn = (1 + beta) / (beta * (1 - nu)) if beta * (1 - nu) > 0 else math.inf
return min(flip, turn)
""",
)
wrong(Q, "gradient descent's edge", "average between", "return 2.0")
wrong(Q, "the heavy ball's edge", "all", "return 2 + 2 * beta")
wrong(Q, "the averaging form's edge", "no-memory between", "return (2 + 2 * beta) / (1 - beta)")
wrong(
    Q,
    "halfway between the two edges",
    "between",
    "return (1 - nu) * 2 + nu * (2 + 2 * beta) / (1 - beta)",
)
wrong(Q, "their geometric mean", "between", "return 2 * ((1 + beta) / (1 - beta)) ** nu")
wrong(
    Q,
    "ν once instead of twice",
    "average between",
    "return (2 + 2 * beta) / (1 + beta - nu * beta)",
)
wrong(Q, "a sign turned", "average between", "return (2 + 2 * beta) / (1 + beta + 2 * nu * beta)")
wrong(
    Q,
    "present and average exchanged",
    "all",
    "nu = 1 - nu\nreturn (2 + 2 * beta) / (1 + beta - 2 * nu * beta)",
)
wrong(
    Q,
    "the border of the determinant at −1",
    "all",
    "return (1 + beta) / (beta * (1 - nu)) if 0 < beta * (1 - nu) else math.inf",
)
wrong(Q, "νβ taken for the momentum", "average between", "return 2 + 2 * nu * beta")
wrong(Q, "the averaging form with νβ", "between", "return (2 + 2 * nu * beta) / (1 - nu * beta)")
wrong(Q, "half of it", "all", "return (1 + beta) / (1 + beta - 2 * nu * beta)")
wrong(Q, "brackets left out", "all", "return 2 + 2 * beta / (1 + beta - 2 * nu * beta)")
wrong(
    Q,
    "the old average in the step",
    "all",
    """
def p(u):
    R = np.array([[1 - u * (1 - nu), -u * nu], [1 - beta, beta]])
    return 1 + np.trace(R) + np.linalg.det(R)
return p(0) / (p(0) - p(1))
""",
)
wrong(
    Q,
    "a sum instead of an average",
    "average between",
    """
def p(u):
    R = np.array([[1 - u, -u * nu * beta], [1, beta]])
    return 1 + np.trace(R) + np.linalg.det(R)
return p(0) / (p(0) - p(1))
""",
)
wrong(Q, "the edge of monotone convergence", "all", "return (1 - beta**0.5) ** 2 / (1 - nu * beta)")
wrong(Q, "the trace alone", "average between", "return 2 / (1 - nu * beta)")
wrong(
    Q,
    "searches in steps of 0.01",
    "all",
    """
u = 0.01
while True:
    R = np.array([[1 - u * (1 - nu * beta), -u * nu * beta], [1 - beta, beta]])
    if max(abs(np.linalg.eigvals(R))) >= 1:
        return u - 0.005
    u += 0.01
""",
)
wrong(
    Q,
    "ends the search at 4",
    "average between",
    "return min(4.0, (2 + 2 * beta) / (1 + beta - 2 * nu * beta))",
)
wrong(
    Q,
    "a region instead of its edge",
    "all",
    "return 0, (2 + 2 * beta) / (1 + beta - 2 * nu * beta)",
)

# ---------------------------------------------------------------------------------- 6 the best pair

Q = "tuning"


def _pair(
    alpha="4 / (a + c) ** 2",
    beta="((c - a) / (c + a)) ** 2",
    rate="(c - a) / (c + a)",
    ends="a, c = min(lambdas) ** 0.5, max(lambdas) ** 0.5",
):
    return f"{ends}\nreturn {alpha}, {beta}, {rate}"


right(Q, "square roots of the ends", _pair())
right(
    Q,
    "through the condition number",
    """
kappa = max(lambdas) / min(lambdas)
rate = (np.sqrt(kappa) - 1) / (np.sqrt(kappa) + 1)
return np.array([(1 + rate) ** 2 / max(lambdas), rate**2, rate])
""",
)
right(
    Q,
    "critical damping at both ends, in float32",
    """
l = np.sort(np.float32(lambdas))
alpha = np.float32(4) / (np.sqrt(l[0]) + np.sqrt(l[-1])) ** 2
rate = abs(1 - np.sqrt(alpha * l[0]))
return [alpha, rate**2, rate]
""",
)
right(
    Q,
    "two linear equations for √α and √β",
    """
low, high = min(lambdas) ** 0.5, max(lambdas) ** 0.5
root_alpha, root_beta = np.linalg.solve([[low, 1], [high, -1]], [1, 1])
return root_alpha**2, root_beta**2, root_beta
""",
)
wrong(Q, "gradient descent's step", "step", _pair("2 / (a**2 + c**2)"))
wrong(Q, "1/λₙ", "step", _pair("1 / c**2"))
wrong(Q, "the step not squared", "step", _pair("2 / (a + c)"))
wrong(Q, "2 for 4", "step", _pair("2 / (a + c) ** 2"))
wrong(Q, "the sum of the eigenvalues under one root", "step", _pair("4 / (a**2 + c**2)"))
wrong(Q, "the edge 2/λₙ", "step", _pair("2 / c**2"))
wrong(Q, "β not squared", "momentum", _pair(beta="(c - a) / (c + a)"))
wrong(Q, "β the fourth power", "momentum", _pair(beta="((c - a) / (c + a)) ** 4"))
wrong(Q, "always 0.9", "momentum", _pair(beta="0.9"))
wrong(Q, "β from κ instead of √κ", "momentum", _pair(beta="((c**2 - a**2) / (c**2 + a**2)) ** 2"))
wrong(Q, "β = 1 − √(αλ₁)", "momentum", _pair(beta="1 - 2 * a / (a + c)"))
wrong(Q, "β = (1 − αλ₁)²", "momentum", _pair(beta="(1 - 4 * a**2 / (a + c) ** 2) ** 2"))
wrong(Q, "β for the rate", "rate", _pair(rate="((c - a) / (c + a)) ** 2"))
wrong(Q, "gradient descent's rate", "rate", _pair(rate="(c**2 - a**2) / (c**2 + a**2)"))
wrong(Q, "1 − 1/√κ", "rate", _pair(rate="1 - a / c"))
wrong(Q, "the rate of the loss, four times", "rate", _pair(rate="((c - a) / (c + a)) ** 4"))
wrong(Q, "the rate without its absolute value", "rate", _pair(rate="1 - 2 * c / (a + c)"))
wrong(
    Q,
    "trusts the order of the list",
    "all",
    _pair(ends="a, c = lambdas[0] ** 0.5, lambdas[-1] ** 0.5"),
)
wrong(Q, "forgets the square roots", "all", _pair(ends="a, c = min(lambdas), max(lambdas)"))
wrong(
    Q,
    "gradient descent's pair and rate",
    "all",
    "a, c = min(lambdas), max(lambdas)\nreturn 2 / (a + c), 0.0, (c - a) / (c + a)",
)
wrong(
    Q,
    "step and momentum exchanged",
    "step momentum",
    _pair("((c - a) / (c + a)) ** 2", "4 / (a + c) ** 2"),
)
wrong(
    Q,
    "the pair without its rate",
    "all",
    "a, c = min(lambdas) ** 0.5, max(lambdas) ** 0.5\nreturn 4 / (a + c) ** 2, ((c - a) / (c + a)) ** 2",
)

# ------------------------------------------------------------------------------ 7 critical damping

Q = "critical"
STEPS = "first-step shrinks bounces"


def _critical(value):
    return f"u = math.sqrt(alpha * lambda_)\nreturn {value}"


right(Q, "bracket times power", _critical("(1 - u) ** k * (1 + k * u)"))
right(
    Q,
    "a run, after all",
    """
beta = (1 - (alpha * lambda_) ** 0.5) ** 2
x, z = 1.0, 0.0
for _ in range(k):
    z = beta * z + lambda_ * x
    x -= alpha * z
return x
""",
)
right(
    Q,
    "the power of the matrix",
    """
beta = (1 - np.sqrt(alpha * lambda_)) ** 2
R = np.array([[1 - alpha * lambda_, -alpha * beta], [lambda_, beta]])
return np.linalg.matrix_power(R, k)[0, 0]
""",
)
right(
    Q,
    "the difference equation, in float32",
    """
s = np.float32(1) - np.sqrt(np.float32(alpha) * np.float32(lambda_))
x, y = np.float32(1), np.float32(1 - alpha * lambda_)
for _ in range(k):
    x, y = y, 2 * s * y - s * s * x
return x
""",
)
wrong(Q, "the plain power", STEPS, _critical("(1 - u) ** k"))
wrong(Q, "the plain power of β", STEPS, _critical("(1 - u) ** (2 * k)"))
wrong(Q, "the factor k instead of 1 + ku", "all", _critical("k * (1 - u) ** k"))
wrong(Q, "1 + k", STEPS, _critical("(1 + k) * (1 - u) ** k"))
wrong(Q, "ku without the 1", "start first-step shrinks bounces", _critical("k * u * (1 - u) ** k"))
wrong(Q, "1 − ku", STEPS, _critical("(1 - k * u) * (1 - u) ** k"))
wrong(Q, "u to the k", "shrinks bounces", _critical("(1 + u) ** k * (1 - u) ** k"))
wrong(Q, "gradient descent", "shrinks bounces", "return (1 - alpha * lambda_) ** k * 1.0")
wrong(Q, "αλ for its root", STEPS, "u = alpha * lambda_\nreturn (1 + k * u) * (1 - u) ** k")
wrong(Q, "the sign lost", "first-step bounces", _critical("(1 + k * u) * abs(1 - u) ** k"))
wrong(Q, "one step too many", "all", _critical("(1 + (k + 1) * u) * (1 - u) ** (k + 1)"))
wrong(
    Q,
    "the factor counts from the step before",
    STEPS,
    _critical("(1 + max(k - 1, 0) * u) * (1 - u) ** k"),
)
wrong(Q, "the factor with √β", STEPS, _critical("(1 + k * (1 - u)) * (1 - u) ** k"))
wrong(Q, "the factor over σ", STEPS, _critical("(1 + k * u / (1 - u)) * (1 - u) ** k"))
wrong(Q, "power k − 1", "all", _critical("(1 + k * u) * (1 - u) ** (k - 1)"))
wrong(Q, "the continuous spring", STEPS, _critical("(1 + k * u) * math.exp(-k * u)"))
wrong(Q, "half of the factor", STEPS, _critical("(1 + k * u / 2) * (1 - u) ** k"))
wrong(
    Q,
    "a factor that stops growing",
    "shrinks bounces",
    _critical("(1 + min(k, 1) * u) * (1 - u) ** k"),
)
wrong(Q, "forgets the curvature", STEPS, "u = math.sqrt(alpha)\nreturn (1 + k * u) * (1 - u) ** k")
wrong(Q, "the square of it, a loss", STEPS, _critical("((1 + k * u) * (1 - u) ** k) ** 2"))
wrong(Q, "stops at zero", "first-step bounces", _critical("(1 + k * u) * max(0.0, 1 - u) ** k"))
wrong(Q, "^ for a power", "all", _critical("(1 + k * u) * (1 - u) ^ k"))

# --------------------------------------------------------------------------- 8 how many iterations

Q = "counts"


def _predict(
    gd="up(log(tolerance) / log((kappa - 1) / (kappa + 1)))",
    rate="up(log(tolerance) / log((s - 1) / (s + 1)))",
    left="(1 + k * 2 * s / (s + 1)) * ((s - 1) / (s + 1)) ** k",
    last="return gd, rate, k",
):
    return (
        f"log, up, s, k = math.log, math.ceil, math.sqrt(kappa), 1\nwhile {left} > tolerance:\n"
        f"    k += 1\ngd = {gd}\nrate = {rate}\n{last}"
    )


right(Q, "logarithms and a loop", _predict())
right(
    Q,
    "counts all three",
    """
def first(left):
    return next(k for k in range(1, 10**6) if left(k) <= tolerance)
s = kappa**0.5
r = (s - 1) / (s + 1)
return [
    first(lambda k: ((kappa - 1) / (kappa + 1)) ** k),
    first(lambda k: r**k),
    first(lambda k: (1 + k * (1 + r)) * r**k),
]
""",
)
right(
    Q,
    "NumPy's arrays, float numbers",
    """
k = np.arange(1, 20000)
s = np.sqrt(kappa)
rate = (s - 1) / (s + 1)
lefts = [((kappa - 1) / (kappa + 1)) ** k, rate**k, (1 + k * (1 + rate)) * rate**k]
return np.array([k[left <= tolerance][0] for left in lefts], float)
""",
)
right(
    Q,
    "runs momentum itself",
    """
s = math.sqrt(kappa)
alpha, beta = (2 / (1 + s)) ** 2, ((s - 1) / (s + 1)) ** 2
x, z, k = 1.0, 0.0, 0
while abs(x) > tolerance or k == 0:
    z = beta * z + kappa * x
    x -= alpha * z
    k += 1
by_rate = lambda q: math.ceil(math.log10(tolerance) / math.log10(q))
return by_rate((kappa - 1) / (kappa + 1)), by_rate(math.sqrt(beta)), k
""",
)
wrong(
    Q, "rounds down", "gradient-descent rate-alone", _predict().replace("math.ceil", "math.floor")
)
wrong(Q, "does not round", "gradient-descent rate-alone", _predict().replace("math.ceil", "float"))
wrong(
    Q,
    "rounds to the nearest and adds one",
    "gradient-descent rate-alone",
    _predict().replace("math.ceil", "lambda x: math.ceil(x) + 1"),
)
wrong(
    Q,
    "logarithms of two kinds",
    "gradient-descent",
    _predict(gd="up(math.log10(tolerance) / log((kappa - 1) / (kappa + 1)))"),
)
wrong(
    Q,
    "gradient descent at 1/λₙ",
    "gradient-descent",
    _predict(gd="up(log(tolerance) / log(1 - 1 / kappa))"),
)
wrong(
    Q,
    "gradient descent's loss instead of its error",
    "gradient-descent",
    _predict(gd="up(log(tolerance) / log((kappa - 1) / (kappa + 1)) / 2)"),
)
wrong(Q, "κ times the logarithm", "gradient-descent", _predict(gd="up(-kappa * log(tolerance))"))
wrong(Q, "β for √β", "rate-alone", _predict(rate="up(log(tolerance) / log((s - 1) / (s + 1)) / 2)"))
wrong(Q, "divides by √κ", "rate-alone", _predict(rate="gd / s"))
wrong(Q, "1 − 1/√κ", "rate-alone", _predict(rate="up(log(tolerance) / log(1 - 1 / s))"))
wrong(Q, "the truth by the rate alone", "factor-k", _predict(last="return gd, rate, rate"))
wrong(
    Q,
    "the factor of the smallest eigenvalue",
    "factor-k",
    _predict(left="(1 + k * 2 / (s + 1)) * ((s - 1) / (s + 1)) ** k"),
)
wrong(Q, "the factor k alone", "factor-k", _predict(left="k * ((s - 1) / (s + 1)) ** k"))
wrong(Q, "half of k", "factor-k", _predict(left="(1 + k / 2) * ((s - 1) / (s + 1)) ** k"))
wrong(Q, "stops one step too early", "factor-k", _predict(last="return gd, rate, k - 1"))
wrong(Q, "stops one step too late", "factor-k", _predict(last="return gd, rate, k + 1"))
wrong(
    Q,
    "does not take the absolute value",
    "factor-k",
    _predict(left="(1 + k * 2 * s / (s + 1)) * ((1 - s) / (s + 1)) ** k"),
)
wrong(
    Q,
    "the factor of the first step only",
    "factor-k",
    _predict(left="(1 + 2 * s / (s + 1)) * ((s - 1) / (s + 1)) ** k"),
)
wrong(
    Q,
    "forgets the square roots",
    "rate-alone factor-k",
    _predict().replace("math.sqrt(kappa)", "kappa"),
)
wrong(Q, "the truth before the rate", "rate-alone factor-k", _predict(last="return gd, k, rate"))
wrong(Q, "momentum before gradient descent", "all", _predict(last="return k, gd, rate"))
wrong(Q, "two counts only", "all", _predict(last="return gd, rate"))
wrong(Q, "how many times fewer", "all", _predict(last="return gd / rate, gd / k, s"))

# ---------------------------------------------------------------------------------- 9 the challenge

Q = "challenge"
_ENDS = "l = np.linalg.eigvalsh(A)\na, c = l[0] ** 0.5, l[-1] ** 0.5\n"
_FORMULA = "4 / (a + c) ** 2, ((c - a) / (c + a)) ** 2"
right(
    Q,
    "the formula with a little less step",
    _ENDS + "return 0.98 * 4 / (a + c) ** 2, ((c - a) / (c + a)) ** 2",
)
right(
    Q,
    "the formula with a little more momentum",
    _ENDS + "return 4 / (a + c) ** 2, ((c - a) / (c + a)) ** 2 + 0.005",
)
right(
    Q,
    "eigenvalues in no order, a wider interval",
    "l = np.linalg.eigvals(A).real\na, c = (0.99 * min(l)) ** 0.5, (1.02 * max(l)) ** 0.5\n"
    "return [4 / (a + c) ** 2, ((c - a) / (c + a)) ** 2]",
)
right(
    Q,
    "tries pairs near the formula",
    _ENDS
    + """
alpha, beta = 4 / (a + c) ** 2, ((c - a) / (c + a)) ** 2
best = None
for da in (1.0, 0.98, 0.96):
    for db in (0.0, 0.005, 0.01):
        w, z = np.eye(len(A))[0], np.zeros(len(A))
        k = 0
        while np.linalg.norm(w) > 1e-6 and k < 300:
            z = (beta + db) * z + A @ w
            w = w - da * alpha * z
            k += 1
        if best is None or k < best[0]:
            best = k, da * alpha, beta + db
return best[1:]
""",
)
wrong(Q, "the formula as it stands", "sooner", _ENDS + f"return {_FORMULA}")
wrong(
    Q,
    "gradient descent's best step",
    "all",
    "l = np.linalg.eigvalsh(A)\nreturn 2 / (l[0] + l[-1]), 0.0",
)
wrong(
    Q,
    "momentum 0.9 with its largest step",
    "all",
    "l = np.linalg.eigvalsh(A)\nreturn 3.8 / l[-1], 0.9",
)
wrong(
    Q,
    "the step 1/λₙ with the best momentum",
    "all",
    _ENDS + "return 1 / c**2, ((c - a) / (c + a)) ** 2",
)
wrong(Q, "β not squared", "all", _ENDS + "return 4 / (a + c) ** 2, (c - a) / (c + a)")
wrong(Q, "the step not squared", "all", _ENDS + "return 2 / (a + c), ((c - a) / (c + a)) ** 2")
wrong(
    Q,
    "forgets the square roots",
    "all",
    "l = np.linalg.eigvalsh(A)\na, c = l[0], l[-1]\n" + f"return {_FORMULA}",
)
wrong(Q, "singular values of the wrong end", "all", _ENDS + "a, c = c, c\n" + f"return {_FORMULA}")
wrong(
    Q,
    "the diagonal for the eigenvalues",
    "all",
    "l = np.sort(np.diag(A))\na, c = l[0] ** 0.5, l[-1] ** 0.5\n" + f"return {_FORMULA}",
)
wrong(
    Q,
    "the largest eigenvalue by Gershgorin, the smallest by guess",
    "all",
    "a, c = 0.5, 2.0\n" + f"return {_FORMULA}",
)
wrong(
    Q, "beyond the edge", "all", _ENDS + "return 1.1 * 4 / (a + c) ** 2, ((c - a) / (c + a)) ** 2"
)
wrong(
    Q,
    "critical for the middle of the spectrum",
    "all",
    "l = np.mean(np.linalg.eigvalsh(A))\nreturn 1 / l, (1 - (1 / l) ** 0.5) ** 2",
)
wrong(
    Q,
    "much more momentum than needed",
    "all",
    _ENDS + "return 4 / (a + c) ** 2, ((c - a) / (c + a)) ** 2 + 0.1",
)
wrong(Q, "a pair for the announced chain only", "any-chain", "return 0.8529, 0.7456")
wrong(
    Q,
    "the formula's pair for the announced chain only",
    "any-chain sooner",
    "return 0.87029, 0.74058",
)
wrong(
    Q,
    "the announced chain recognised, others not tuned",
    "any-chain",
    _ENDS
    + "if len(A) == 20:\n    return 0.98 * 4 / (a + c) ** 2, ((c - a) / (c + a)) ** 2 + 0.003\n"
    "return 1 / c**2, 0.9",
)
wrong(
    Q,
    "step and momentum exchanged",
    "all",
    _ENDS + "return ((c - a) / (c + a)) ** 2, 4 / (a + c) ** 2 + 0.1",
)
wrong(
    Q,
    "the averaging form's step",
    "all",
    _ENDS + "beta = ((c - a) / (c + a)) ** 2\nreturn 4 / (a + c) ** 2 / (1 - beta), beta",
)
wrong(
    Q,
    "Nesterov's pair",
    "all",
    "l = np.linalg.eigvalsh(A)\nk = l[-1] / l[0]\nreturn 1 / l[-1], (k**0.5 - 1) / (k**0.5 + 1)",
)
wrong(
    Q,
    "the rate returned as well",
    "all",
    _ENDS + "r = (c - a) / (c + a)\nreturn 4 / (a + c) ** 2, r**2, r",
)
