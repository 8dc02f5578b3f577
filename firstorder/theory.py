"""What can be said without running: closed forms, rates, stability.

Each closed form is a plain function over arithmetic, like a rule: call it on arrays for a whole
field at once, on symbols to prove it (`firstorder.claims`), and `javascript` prints all of them for
the live figures.
"""

import inspect
from functools import cache

import numpy as np
import sympy

from .arithmetic import (
    atan2,
    ceil,
    javascript_expression,
    javascript_function,
    log,
    maximum,
    sqrt,
    where,
)
from .rules import iteration_matrix

_CLOSED_FORMS = {}


def closed_form(function):
    """Register a function so that the live figures get it too."""
    _CLOSED_FORMS[function.__name__] = function
    return function


@closed_form
def component(x0, alpha, lambda_, k):
    """The error along one eigenvector after k steps of gradient descent: xᵏ = (1 − αλ)ᵏ x⁰.

    Arrays broadcast; k is an integer.

    >>> component(1.0, 0.5, 1.0, np.arange(4))
    array([1.   , 0.5  , 0.25 , 0.125])
    """
    return (1 - alpha * lambda_) ** k * x0


@closed_form
def loss_component(x0, alpha, lambda_, k):
    """What one eigenvector contributes to f(wᵏ) − f*: ½λ(1 − αλ)²ᵏ(x⁰)².

    >>> loss_component(1.0, 0.5, 1.0, 1)
    0.125
    """
    return lambda_ * (1 - alpha * lambda_) ** (2 * k) * x0**2 / 2


@closed_form
def rate(alpha, lambda_min, lambda_max):
    """The factor by which gradient descent shrinks the error in the worst case.

    max(|1 − αλ₁|, |1 − αλₙ|).

    >>> rate(0.5, 1.0, 3.0)
    np.float64(0.5)
    """
    return maximum(abs(1 - alpha * lambda_min), abs(1 - alpha * lambda_max))


@closed_form
def best_step(lambda_min, lambda_max):
    """The step size of the least rate: α = 2/(λ₁ + λₙ).

    >>> best_step(1.0, 3.0)
    0.5
    """
    return 2 / (lambda_min + lambda_max)


@closed_form
def best_rate(condition_number):
    """The least rate, at the best step: (κ − 1)/(κ + 1).

    >>> best_rate(3.0)
    0.5
    """
    return (condition_number - 1) / (condition_number + 1)


@closed_form
def edge(lambda_max):
    """The step size at which gradient descent stops converging: 2/λₙ.

    >>> edge(4.0)
    0.5
    """
    return 2 / lambda_max


@closed_form
def level_radius(level, lambda_):
    """How far along an eigenvector of eigenvalue λ the loss reaches a level: √(2·level/λ).

    It is half an axis of the ellipse f − f* = level.

    >>> level_radius(2.0, 4.0)
    np.float64(1.0)
    """
    return sqrt(2 * level / lambda_)


@closed_form
def iterations_to(fraction, factor):
    """The first k with factorᵏ ≤ fraction: ⌈ln fraction / ln factor⌉, at least 1.

    `fraction` lies in (0, 1); `factor` ≥ 0 is what one iteration multiplies by: |1 − αλ| for an
    error, its square for a loss.  Infinite where factor ≥ 1.

    >>> iterations_to(0.01, np.array([0.5, 1.0]))
    array([ 7., inf])
    """
    with np.errstate(divide="ignore"):  # ln 0 = −∞ (one step is enough), ln 1 = 0 (none is)
        needed = maximum(ceil(log(fraction) / log(factor)), 1)
    return where(factor < 1, needed, np.inf)


@closed_form
def angle_between(x1, y1, x2, y2):
    """The angle in radians between two vectors (x, y), from 0 to π; 0 where one of them is zero.

    >>> float(np.degrees(angle_between(1.0, 0.0, 0.0, -2.0)))
    90.0
    """
    return atan2(abs(x1 * y2 - y1 * x2), x1 * x2 + y1 * y2)


@closed_form
def blend(first, last, part):
    """The value a part of the way from the first to the last: a + p(b − a).

    >>> blend(1.0, 3.0, np.array([0.0, 0.5, 1.0]))
    array([1., 2., 3.])
    """
    return first + part * (last - first)


# ------------------------------------------------------------------------------------- momentum


@closed_form
def best_momentum_step(lambda_min, lambda_max):
    """The step size of momentum's least rate: α = (2/(√λ₁ + √λₙ))².

    >>> float(best_momentum_step(1.0, 9.0))
    0.25
    """
    return (2 / (sqrt(lambda_min) + sqrt(lambda_max))) ** 2


@closed_form
def best_momentum(condition_number):
    """The momentum that goes with it: β = ((√κ − 1)/(√κ + 1))².

    >>> float(best_momentum(9.0))
    0.25
    """
    return best_momentum_rate(condition_number) ** 2


@closed_form
def best_momentum_rate(condition_number):
    """Momentum's least rate: (√κ − 1)/(√κ + 1) = √β.

    >>> float(best_momentum_rate(9.0))
    0.5
    """
    return (sqrt(condition_number) - 1) / (sqrt(condition_number) + 1)


@closed_form
def critical_momentum(alpha, lambda_):
    """The momentum of critical damping, at which both eigenvalues meet: β = (1 − √(αλ))².

    >>> float(critical_momentum(0.01, 1.0))
    0.81
    """
    return (1 - sqrt(alpha * lambda_)) ** 2


@closed_form
def critical_component(x0, alpha, lambda_, k):
    """The error at critical damping, from z⁰ = 0: xᵏ = (1 − u)ᵏ(1 + ku)x⁰ with u = √(αλ).

    >>> round(float(critical_component(1.0, 0.01, 1.0, 10)), 6)
    0.697357
    """
    u = sqrt(alpha * lambda_)
    return (1 - u) ** k * (1 + k * u) * x0


@closed_form
def best_nesterov_step(lambda_min, lambda_max):
    """The step size of Nesterov's least rate on quadratics: α = 4/(3λₙ + λ₁).

    Source: Lessard, Recht and Packard (2016), proposition 1.

    >>> best_nesterov_step(1.0, 5.0)
    0.25
    """
    return 4 / (3 * lambda_max + lambda_min)


@closed_form
def best_nesterov(condition_number):
    """The momentum that goes with it: β = (√(3κ + 1) − 2)/(√(3κ + 1) + 2).

    >>> float(best_nesterov(8.0))
    0.42857142857142855
    """
    root = sqrt(3 * condition_number + 1)
    return (root - 2) / (root + 2)


@closed_form
def best_nesterov_rate(condition_number):
    """Nesterov's least rate on quadratics: 1 − 2/√(3κ + 1).

    >>> float(best_nesterov_rate(8.0))
    0.6
    """
    return 1 - 2 / sqrt(3 * condition_number + 1)


# ------------------------------------------------------- the eigenvalues of a 2×2 iteration matrix
#
# A 2×2 matrix of trace 2h and determinant δ has the eigenvalues h ± √(h² − δ).


@closed_form
def eigenvalue_real(half_trace, determinant, sign):
    """The real part of an eigenvalue: h ± √max(h² − δ, 0); `sign` is +1 or −1.

    >>> float(eigenvalue_real(1.0, 0.75, -1))
    0.5
    """
    return half_trace + sign * sqrt(maximum(half_trace * half_trace - determinant, 0))


@closed_form
def eigenvalue_imaginary(half_trace, determinant, sign):
    """The imaginary part of an eigenvalue: ±√max(δ − h², 0); `sign` is +1 or −1.

    >>> float(eigenvalue_imaginary(1.0, 1.25, -1))
    -0.5
    """
    return sign * sqrt(maximum(determinant - half_trace * half_trace, 0))


@closed_form
def largest_eigenvalue(half_trace, determinant):
    """The largest |eigenvalue|: the greater of |h| + √max(h² − δ, 0) and √|δ|.

    Real eigenvalues reach the first, a complex pair the second, and the product of the two is δ.

    >>> float(largest_eigenvalue(0.5, 0.81).round(12))
    0.9
    """
    real = abs(half_trace) + sqrt(maximum(half_trace * half_trace - determinant, 0))
    return maximum(real, sqrt(abs(determinant)))


REGIMES = (
    "monotone", "critical damping", "ripples", "oscillation", "divergence", "edge", "at once",
)  # fmt: skip


@closed_form
def regime(half_trace, determinant):
    """How the error behaves, as a place in `REGIMES`.

    "divergence", "edge" and "at once" where the largest |eigenvalue| is above 1, 1, and 0; else
    "ripples" for a complex pair, "critical damping" for a double eigenvalue above 0, and for real
    ones "monotone" or "oscillation" by the sign of the larger.  The borders have the width of
    rounding.

    >>> REGIMES[int(regime(0.5, 0.81))]
    'ripples'
    """
    largest = largest_eigenvalue(half_trace, determinant)
    discriminant = half_trace * half_trace - determinant
    real = where(half_trace < 0, 3, where(discriminant < 1e-12, 1, 0))
    inside = where(discriminant < -1e-12, 2, real)
    inside = where(largest < 1e-6, 6, inside)  # a rounding of 1e-16 in δ is 1e-8 in its root
    return where(abs(largest - 1) < 1e-9, 5, where(largest > 1, 4, inside))


@closed_form
def damping_ratio(alpha, lambda_, beta):
    """How far from critical damping: (1 − √β)/√(αλ), less than 1 where the error oscillates.

    It is 1 exactly where β is the critical momentum (for αλ ≤ 1), and in the limit of small steps the
    ratio ζ of a damped spring of stiffness αλ and friction 1 − β.

    >>> round(float(damping_ratio(0.01, 1.0, 0.81)), 6)
    1.0
    """
    return (1 - sqrt(beta)) / sqrt(alpha * lambda_)


@closed_form
def slope(x, lambda_):
    """The gradient along one eigenvector, λx; on it a rule moves one component of a quadratic.

    >>> slope(2.0, 0.5)
    1.0
    """
    return lambda_ * x


def lucas(trace, determinant, k):
    """U and V of the k-th power of a 2×2 matrix R with that trace τ and determinant δ.

    Rᵏ = ½V I + U (R − ½τ I): V = σ₁ᵏ + σ₂ᵏ is the power's trace, U = (σ₁ᵏ − σ₂ᵏ)/(σ₁ − σ₂), or
    kσᵏ⁻¹ where both eigenvalues are σ.  Found by repeated squaring (Lucas, 1878), with no division,
    so a double eigenvalue needs no care: U₂ₖ = UₖVₖ, V₂ₖ = Vₖ² − 2δᵏ, and one more step by
    U⁺ = (τU + V)/2, V⁺ = ((τ² − 4δ)U + τV)/2.

    `trace` and `determinant` are arrays or symbols that broadcast; k is a natural number.  Raises
    ValueError for a negative k.

    >>> [float(n) for n in lucas(1.0, -1.0, 10)]
    [55.0, 123.0]
    """
    if k < 0:
        raise ValueError(f"the power must not be negative; got {k}")
    zero, discriminant = 0 * (trace + determinant), trace * trace - 4 * determinant
    U, V, power = zero, zero + 2, zero + 1  # power is δᵏ so far
    with np.errstate(over="ignore", invalid="ignore"):  # divergence is a result here
        for bit in bin(k)[2:]:
            U, V, power = U * V, V * V - 2 * power, power * power
            if bit == "1":
                U, V = (trace * U + V) / 2, (discriminant * U + trace * V) / 2
                power = power * determinant
    return U, V


def state_after(name, k, x0, alpha, lambda_, beta=0.0):
    """(x, state…) after k steps from (x0, 0) on f = λx²/2, without taking them: Rᵏ (x0, 0).

    For rules whose iteration matrix is 2×2; the arguments broadcast.  Returns two arrays.
    Raises ValueError for other rules.

    >>> [round(float(part), 6) for part in state_after("momentum", 10, 1.0, 0.01, 1.0, 0.81)]
    [0.697357, 3.874205]
    """
    size, half_trace_and_determinant = _half_trace_and_determinant(name)
    if size != 2:
        raise ValueError(f"{name} has no state beside x; its closed form is theory.component")
    half, determinant = half_trace_and_determinant(alpha, beta, lambda_)
    U, V = lucas(2 * half, determinant, k)
    stay, drive = _first_column(name)(alpha, beta, lambda_)
    with np.errstate(over="ignore", invalid="ignore"):
        return (V / 2 + U * (stay - half)) * x0, U * drive * x0


@cache
def _first_column(name):
    """A NumPy function of (alpha, beta, lambda) for the first column of the rule's R."""
    arguments = sympy.symbols("alpha beta lambda", positive=True)
    return sympy.lambdify(arguments, tuple(iteration_matrix(name)[:, 0]), "numpy")


def javascript():
    """All closed forms as the source of an ES module, one exported function each.

    >>> print(javascript().splitlines()[1])
    export function component(x0, alpha, lambda_, k) {
    """
    lines = ["// Closed forms: printed from firstorder.theory"]
    for name, function in _CLOSED_FORMS.items():
        arguments = list(inspect.signature(function).parameters)
        value = function(*(sympy.Symbol(argument, real=True) for argument in arguments))
        lines += javascript_function(f"{name}({', '.join(arguments)})", value)
    return "\n".join(lines)


@cache
def _invariants(name):
    """Half the trace of R and its determinant, in the symbols alpha, beta, lambda."""
    matrix = iteration_matrix(name)
    if matrix.rows > 2:
        raise ValueError(f"{name} has a {matrix.shape} iteration matrix; only 2×2 is solved here")
    return sympy.expand(matrix.trace() / 2), sympy.expand(matrix.det())


@cache
def _half_trace_and_determinant(name):
    """NumPy functions of (alpha, beta, lambda) for half the trace and the determinant of R."""
    arguments = sympy.symbols("alpha beta lambda", positive=True)
    return iteration_matrix(name).rows, sympy.lambdify(arguments, _invariants(name), "numpy")


@cache
def borders(name):
    """Where a rule's behaviour changes: values of αλ as expressions in `beta`, by name.

    "edge": the smaller eigenvalue is −1, so 1 + 2h + δ = 0, and beyond it the rule diverges;
    "complex_from", "complex_to": the two eigenvalues meet, h² = δ, and between these they are a
    complex pair.  For 2×2 rules whose determinant stays below 1, as momentum's and Nesterov's does
    for β < 1; they are solved from `iteration_matrix`.

    >>> borders("momentum")["edge"]
    2*beta + 2
    """
    half, determinant = (
        part.subs(sympy.Symbol("lambda", positive=True), 1) for part in _invariants(name)
    )
    alpha, beta = sympy.symbols("alpha beta", positive=True)
    root = sympy.Symbol("s", positive=True)  # √β: in it the borders are rational, and cancel

    def tidy(value):
        above, below = sympy.fraction(sympy.factor(value.subs(beta, root**2)))
        if below.subs(root, sympy.Rational(1, 2)) < 0:  # so that a border goes to +∞ as β → 1
            above, below = sympy.expand(-above), sympy.expand(-below)
        return (above / below).subs(root, sympy.sqrt(beta))

    (edge_,) = sympy.solve(1 + 2 * half + determinant, alpha)
    meet = sympy.solve(half * half - determinant, alpha)
    first, last = sorted(meet, key=lambda value: value.subs(beta, sympy.Rational(1, 4)))
    return {"edge": tidy(edge_), "complex_from": tidy(first), "complex_to": tidy(last)}


def half_trace_and_determinant(name, alpha, lambda_, beta):
    """Half the trace of the rule's 2×2 iteration matrix, and its determinant; arrays broadcast.

    >>> [float(x) for x in half_trace_and_determinant("momentum", 1.0, 1.0, 0.5)]
    [0.25, 0.5]
    """
    return _half_trace_and_determinant(name)[1](alpha, beta, lambda_)


def border(name, which, beta):
    """One of the rule's `borders` at these β, infinite where there is none.

    >>> float(border("momentum_average", "edge", 0.9).round(9))
    38.0
    """
    with np.errstate(divide="ignore"):
        beta = np.asarray(beta, float)
        return _border(name, which)(beta) + 0 * beta  # a border that is the same for all β


@cache
def _border(name, which):
    return sympy.lambdify(sympy.Symbol("beta", positive=True), borders(name)[which], "numpy")


def matrix_javascript(name):
    """A 2×2 rule's half_trace, determinant and borders as the source of an ES module.

    >>> print(matrix_javascript("momentum").splitlines()[4])
    export function determinant(alpha, lambda_, beta) {
    """
    half, determinant = _invariants(name)
    safe = {sympy.Symbol("lambda", positive=True): sympy.Symbol("lambda_", positive=True)}
    functions = [
        ("half_trace", "alpha, lambda_, beta", half.subs(safe)),
        ("determinant", "alpha, lambda_, beta", determinant.subs(safe)),
        *((which, "beta", value) for which, value in borders(name).items()),
    ]
    lines = [f"// Printed from firstorder.rules.iteration_matrix({name!r})"]
    for function, arguments, value in functions:
        lines += [
            f"export function {function}({arguments}) {{",
            f"  return {javascript_expression(value)};",
            "}",
        ]
    return "\n".join(lines)


def spectral_radius(name, alpha, lambda_, beta=0.0):
    """The largest |eigenvalue| of the rule's iteration matrix, as a field.

    The arguments broadcast; `beta` is ignored by gradient descent.  Raises ValueError for a rule
    that is not linear, or whose matrix is larger than 2×2.

    >>> spectral_radius("gd", 0.5, np.array([1.0, 3.0, 5.0]))
    array([0.5, 0.5, 1.5])
    >>> spectral_radius("momentum", 1.0, 1.0, 0.81).round(12)
    np.float64(0.9)
    """
    size, half_trace_and_determinant = _half_trace_and_determinant(name)
    half, determinant = half_trace_and_determinant(alpha, beta, lambda_)
    return abs(2 * half) if size == 1 else largest_eigenvalue(half, determinant)
