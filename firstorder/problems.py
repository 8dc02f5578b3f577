"""What the rules are run on: quadratics, landscapes of one SymPy expression each, signals, a network."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

import numpy as np
import sympy

from .arithmetic import (
    cos,
    javascript_block,
    javascript_function,
    maximum,
    minimum,
    sin,
    sqrt,
    where,
)


def rotation(angle):
    """The 2×2 rotation by `angle` radians; its columns are the rotated axes.

    >>> rotation(np.pi / 2).round(3) + 0.0
    array([[ 0., -1.],
           [ 1.,  0.]])
    """
    return np.array([[cos(angle), -sin(angle)], [sin(angle), cos(angle)]])


def _turned(eigenvalues, Q):
    """A = QΛQᵀ, of numbers or of symbols."""
    return Q @ np.diag(eigenvalues) @ Q.T


def on_grid(value, x_range, y_range, points=101):
    """The values of a function of two coordinates on a grid, as a contour plot wants them.

    Returns x and y, the grid's `points` places along each axis, and the values, one row per y.

    >>> x, y, values = on_grid(lambda w: w[..., 0], (0, 1), (0, 2), points=3)
    >>> values[0]
    array([0. , 0.5, 1. ])
    """
    x, y = np.linspace(*x_range, points), np.linspace(*y_range, points)
    return x, y, value(np.stack(np.meshgrid(x, y), axis=-1))


class Quadratic:
    """f(w) = ½wᵀAw − bᵀw + c, with A symmetric and positive definite (n×n), b of length n.

    A may be semidefinite if b lies in its range, as in least squares with a feature that is always
    zero; `minimum` is then the shortest minimiser.  Points are arrays whose last axis holds the n
    coordinates; everything broadcasts over the other axes.
    Raises ValueError where A is not symmetric, has a negative eigenvalue, or f has no minimum.

    >>> f = Quadratic([[2.0, 0.0], [0.0, 1.0]], [2.0, 1.0])
    >>> f.minimum, f.value(f.minimum), f.condition_number
    (array([1., 1.]), np.float64(-1.5), np.float64(2.0))
    """

    def __init__(self, A, b, c=0.0):
        self.A, self.b, self.c = np.asarray(A, float), np.asarray(b, float), float(c)
        if self.b.ndim != 1 or self.A.shape != 2 * self.b.shape:
            raise ValueError(f"A must be n×n and b of length n; got {self.A.shape}, {self.b.shape}")
        if not np.allclose(self.A, self.A.T, rtol=1e-10, atol=1e-12 * np.abs(self.A).max()):
            raise ValueError("A is not symmetric; a quadratic form needs (A + Aᵀ)/2")
        self.eigenvalues, self.Q = np.linalg.eigh(self.A)
        rounding = len(self.b) * np.finfo(float).eps * np.abs(self.eigenvalues).max()
        if self.eigenvalues[0] < -rounding:
            raise ValueError(
                f"A is not positive definite: its smallest eigenvalue is {self.eigenvalues[0]:.3g}, "
                "so f falls for ever along an eigenvector"
            )
        flat = self.eigenvalues <= rounding
        self.eigenvalues = np.where(flat, 0.0, self.eigenvalues)
        along = self.Q.T @ self.b
        if np.abs(along[flat]).max(initial=0.0) > 1e-8 * np.abs(along).max(initial=1e-300):
            raise ValueError("A is singular and b is not in its range: f has no minimum")
        self.minimum = self.Q @ np.divide(along, self.eigenvalues, where=~flat, out=0 * along)

    @classmethod
    def from_spectrum(cls, eigenvalues, angle=0.0):
        """Eigenvalues (λ₁ ≤ λ₂) along two axes turned by `angle` radians, with its minimum at zero.

        >>> Quadratic.from_spectrum([1.0, 3.0], np.pi / 4).A.round(12)
        array([[ 2., -1.],
               [-1.,  2.]])
        """
        return cls(_turned(eigenvalues, rotation(angle)), np.zeros(2))

    @staticmethod
    def javascript():
        """`from_spectrum` for the live figures, as the source of an ES module.

        Exports `value(w, [λ₁, λ₂], angle)` and `gradient` of the same, `to_eigenbasis(w, angle)` = Qᵀw
        and `from_eigenbasis(x, angle)` = Qx, printed from the very functions above.

        >>> "export function gradient([w1, w2], [l1, l2], angle) {" in Quadratic.javascript()
        True
        """
        point, spectrum = sympy.symbols("w1 w2", real=True), sympy.symbols("l1 l2", positive=True)
        Q = rotation(sympy.Symbol("angle", real=True))
        A = _turned(spectrum, Q)
        functions = {
            "value([w1, w2], [l1, l2], angle)": point @ A @ point / 2,
            "gradient([w1, w2], [l1, l2], angle)": A @ point,
            "to_eigenbasis([w1, w2], angle)": Q.T @ point,
            "from_eigenbasis([w1, w2], angle)": Q @ point,
        }
        lines = ["// Quadratic in two variables: printed from firstorder.problems"]
        for signature, result in functions.items():
            lines += javascript_function(signature, result)
        return "\n".join(lines)

    @classmethod
    def least_squares(cls, Z, d):
        """The mean of ½(zᵀw − d)² over the rows z of Z (m×n) and their targets d.

        A = ZᵀZ/m, b = Zᵀd/m, c = dᵀd/2m.

        >>> Quadratic.least_squares(np.array([[1.0], [3.0]]), np.array([1.0, 3.0])).minimum
        array([1.])
        """
        m = len(Z)
        return cls(Z.T @ Z / m, Z.T @ d / m, d @ d / (2 * m))

    @property
    def condition_number(self):
        """κ = λₙ/λ₁; infinite where A is singular."""
        with np.errstate(divide="ignore"):
            return self.eigenvalues[-1] / self.eigenvalues[0]

    def value(self, w):
        """f(w), of shape w.shape[:-1]."""
        w = np.asarray(w)
        return ((0.5 * w @ self.A - self.b) * w).sum(-1) + self.c

    def gradient(self, w):
        """∇f(w) = Aw − b, of the shape of w."""
        return np.asarray(w) @ self.A - self.b

    def to_eigenbasis(self, w):
        """x = Qᵀ(w − w*): the error, in coordinates along the eigenvectors."""
        return (np.asarray(w) - self.minimum) @ self.Q

    def from_eigenbasis(self, x):
        """w = w* + Qx."""
        return self.minimum + np.asarray(x) @ self.Q.T


@dataclass(frozen=True)
class Landscape:
    """A function of a few variables, written once as a SymPy expression.

    Its value, gradient, LaTeX and JavaScript are generated.  `minimum` is a point where it is least.

    >>> LANDSCAPES["banana"].value([1.0, 1.0])
    np.float64(0.0)
    """

    title: str
    variables: tuple[sympy.Symbol, ...]
    expression: sympy.Expr
    minimum: tuple[float, ...] | None = None

    @cached_property
    def _gradient(self):
        return [sympy.diff(self.expression, variable) for variable in self.variables]

    @cached_property
    def _functions(self):
        return [
            sympy.lambdify(self.variables, expression, "numpy", cse=True)
            for expression in (self.expression, *self._gradient)
        ]

    def _coordinates(self, w):
        w = np.asarray(w, float)
        if w.shape[-1:] != (len(self.variables),):
            raise ValueError(
                f"the {self.title} takes {len(self.variables)} coordinates on the last axis; "
                f"got shape {w.shape}"
            )
        return np.moveaxis(w, -1, 0)

    def value(self, w):
        """f(w), of shape w.shape[:-1].  Raises ValueError for the wrong number of coordinates."""
        w = self._coordinates(w)
        return self._functions[0](*w) + np.zeros(w.shape[1:])

    def gradient(self, w):
        """∇f(w), of the shape of w.  Raises ValueError for the wrong number of coordinates."""
        w = self._coordinates(w)
        zero = np.zeros(w.shape[1:])
        return np.stack([function(*w) + zero for function in self._functions[1:]], axis=-1)

    @property
    def latex(self):
        """The expression as LaTeX."""
        return sympy.latex(self.expression)

    def javascript(self):
        """An ES module that exports `value(w)`, `gradient(w)` and `minimum`.

        >>> "export function gradient([w1, w2])" in LANDSCAPES["banana"].javascript()
        True
        """
        names = ", ".join(str(variable) for variable in self.variables)
        value = javascript_block([("f", self.expression)])
        slopes = [f"d{variable}" for variable in self.variables]
        gradient = javascript_block(list(zip(slopes, self._gradient, strict=True)))
        return "\n".join(
            [
                f"// {self.title}: printed from firstorder.problems",
                f"export const minimum = {list(self.minimum)};",
                f"export function value([{names}]) {{",
                *(f"  {line}" for line in [*value, "return f;"]),
                "}",
                f"export function gradient([{names}]) {{",
                *(f"  {line}" for line in [*gradient, f"return [{', '.join(slopes)}];"]),
                "}",
            ]
        )


_w1, _w2 = sympy.symbols("w1 w2", real=True)
_up = _w1 + _w2 / 3 - 1  # how far up the cliff
_squares = _w1**2 + _w2**2


def _bump(a, b, sharpness):
    """A hill of height 1 at (a, b)."""
    a, b = sympy.Rational(a), sympy.Rational(b)
    return sympy.exp(-sharpness * ((_w1 - a) ** 2 + (_w2 - b) ** 2))


LANDSCAPES: Mapping[str, Landscape] = MappingProxyType(
    {
        "banana": Landscape(
            title="Banana-shaped valley",
            variables=(_w1, _w2),
            expression=(1 - _w1) ** 2 / 2 + 5 * (_w2 - _w1**2) ** 2,
            minimum=(1.0, 1.0),
        ),
        "parabola": Landscape(
            title="Parabola",
            variables=(_w1,),
            expression=_w1**2 / 2,
            minimum=(0.0,),
        ),
        # Lessard, Recht and Packard (2016), equation (4.11): f′ = 25w, w + 24, 25w − 24, so that
        # 1 ≤ f″ ≤ 25; the best momentum for that does not converge on it.
        "lessard": Landscape(
            title="Counter-example of Lessard, Recht and Packard",
            variables=(_w1,),
            expression=sympy.Piecewise(
                (25 * _w1**2 / 2, _w1 < 1),
                (_w1**2 / 2 + 24 * _w1 - 12, _w1 < 2),
                (25 * _w1**2 / 2 - 24 * _w1 + 36, True),
            ),
            minimum=(0.0,),
        ),
        # A gentle slope everywhere, never steeper than 1, and a wall 40 times as steep: the picture
        # of Pascanu, Mikolov and Bengio (2013), section 2.3, in two variables and with a known minimum.
        "cliff": Landscape(
            title="Plain at the foot of a cliff",
            variables=(_w1, _w2),
            expression=sympy.sqrt(1 + _w1**2 + _w2**2)
            - 1
            + sympy.Piecewise((20 * _up**2, _up > 0), (0, True)),
            minimum=(0.0, 0.0),
        ),
        # Chapter 7's race, from (−2.8, −2.5).  Each is 0, or a little above it, where it is least.
        "bowl": Landscape(
            title="Bowl",
            variables=(_w1, _w2),
            expression=_w1**2 / 2 + _w2**2,
            minimum=(0.0, 0.0),
        ),
        "wobbly": Landscape(
            title="Wobbly valley",
            variables=(_w1, _w2),
            expression=_squares / 3
            + sympy.Abs(_w1) * sympy.sqrt(sympy.Abs(_w1) + sympy.Rational(1, 10))
            + 3 * sympy.sin(_w1 + _w2)
            + 3
            + 8 * _bump(-1, -2, 2),
            minimum=(-0.172420943762999263, -0.906301840901862777),
        ),
        "basins": Landscape(
            title="Basins and walls",
            variables=(_w1, _w2),
            expression=_squares / 2 + sympy.sin(4 * _w1) ** 2,
            minimum=(0.0, 0.0),
        ),
        # Rings about the centre; the quarter under the root makes the centre smooth.
        "ripple": Landscape(
            title="Ripple",
            variables=(_w1, _w2),
            expression=_squares / 4
            + (1 - sympy.cos(4 * sympy.sqrt(_squares + sympy.Rational(1, 4)) - 2)) / 2,
            minimum=(0.0, 0.0),
        ),
        "plateau": Landscape(
            title="Giant plateau",
            variables=(_w1, _w2),
            expression=4 * (1 - _bump(0, 0, 1)),
            minimum=(0.0, 0.0),
        ),
        # The canyon's floor is w₂ = sin w₁; three hills stand beside it.
        "canyon": Landscape(
            title="Hills and canyon",
            variables=(_w1, _w2),
            expression=((_w1 - 2) ** 2 + _w2**2) / 8
            + 2
            - 2 * sympy.exp(-((_w2 - sympy.sin(_w1)) ** 2))
            + 3 * (_bump(-1.5, -2, 2) + _bump(-0.5, 1.5, 2) + _bump(2, -1, 2)),
            minimum=(2.36673758891563912864, 0.67190496842426716964),
        ),
        # The slope along w₁ is (w₁ + 2)(w₁ + ½)(w₁ − 2)/4: a shallow minimum at −2, a deep one at 2.
        "two_minimums": Landscape(
            title="Two minimums",
            variables=(_w1, _w2),
            expression=(_w1**4 / 4 + _w1**3 / 6 - 2 * _w1**2 - 2 * _w1 + sympy.Rational(20, 3)) / 4
            + _w2**2 / 2,
            minimum=(2.0, 0.0),
        ),
        # Rosenbrock (1960)
        "rosenbrock": Landscape(
            title="Rosenbrock’s valley",
            variables=(_w1, _w2),
            expression=(1 - _w1) ** 2 + 100 * (_w2 - _w1**2) ** 2,
            minimum=(1.0, 1.0),
        ),
        # The saddle w₁w₂ at the origin; the fourth power ends the fall, in two equal valleys.
        "saddle": Landscape(
            title="Saddle",
            variables=(_w1, _w2),
            expression=_w1 * _w2 + (_w1 - _w2) ** 4 / 64 + 1,
            minimum=(2**0.5, -(2**0.5)),
        ),
        # Rastrigin (1974), in two coordinates
        "rastrigin": Landscape(
            title="Rastrigin’s egg box",
            variables=(_w1, _w2),
            expression=20
            + _squares
            - 10 * (sympy.cos(2 * sympy.pi * _w1) + sympy.cos(2 * sympy.pi * _w2)),
            minimum=(0.0, 0.0),
        ),
    }
)


def _slope(k, C):
    """c_k of Reddi's lesson: C at k = 0, 3, 6, …, and −1 else."""
    return where(k % 3 < 1, C, -1)


def _lost(w, k, C):
    """What w loses on c_k against the best place: c_k(w + 1)."""
    return _slope(k, C) * (w + 1)


def _decay(C):
    """The β₂ of Reddi's lesson: 1/(1 + C²)."""
    return 1 / (1 + C**2)


class Reddi:
    """Slopes that come round in threes, C, −1, −1, C, −1, −1, …, on the segment −1 ≤ w ≤ 1.

    f_k(w) = c_k·w.  The three slopes of a round add up to C − 2: for C > 2 the best place to stay is
    w = −1; for C = 2 all places are alike.  Adam with β₁ = 0, β₂ = 1/(1 + C²) and αₖ = .1/√(k + 1)
    goes to w = +1, the worst: the one large slope, which points the right way, is divided by its own
    size.  AMSGrad goes to −1.  `C` is a number, or an array that broadcasts against the iterates.
    Reddi, Kale and Kumar (2018), section 3.
    Raises ValueError for C < 2.

    >>> from firstorder import iterate
    >>> lesson = Reddi(3.0)
    >>> for name in ("adam", "amsgrad"):
    ...     path = iterate(
    ...         name, lesson.gradient, [0.0], 3000, project=lesson.project,
    ...         alpha=lesson.step_size, beta1=0, beta2=lesson.decay,
    ...     )
    ...     print(name, path[-1].round(2), lesson.regret(path).round(2))
    adam [1.] [0.64]
    amsgrad [-1.] [0.06]
    """

    def __init__(self, C=3.0):
        if not np.all(np.asarray(C) >= 2):
            raise ValueError(f"C must be at least 2, or w = −1 is not the best place; got {C}")
        self.C = C

    @property
    def decay(self):
        """The β₂ with which Adam goes wrong: 1/(1 + C²)."""
        return _decay(self.C)

    def gradient(self, w, k):
        """The gradient of f_k at w: c_k, of the shape of w."""
        return np.zeros_like(w) + _slope(k, self.C)

    @staticmethod
    def project(w):
        """The nearest point of the segment."""
        return maximum(-1, minimum(w, 1))

    @staticmethod
    def step_size(k):
        """αₖ = .1/√(k + 1)."""
        return 0.1 / sqrt(k + 1)

    def regret(self, path):
        """What a run lost at each step, on average, against staying at −1: the mean of c_k(wᵏ + 1).

        `path` is what `iterate` returns, of shape (steps + 1, …); its last iterate has met no slope
        yet.  The answer has the shape (…).
        """
        met = np.asarray(path)[:-1]
        k = np.arange(len(met)).reshape(-1, *[1] * (met.ndim - 1))
        return _lost(met, k, self.C).mean(axis=0)

    @staticmethod
    def javascript():
        """The lesson as the source of an ES module.

        Exports `slope(k, C)`, `project(w)`, `step_size(k)`, `lost(w, k, C)` and `decay(C)`.

        >>> "export function slope(k, C) {" in Reddi.javascript()
        True
        """
        w, k, C = sympy.symbols("w k C", real=True)
        functions = {
            "slope(k, C)": _slope(k, C),
            "project(w)": Reddi.project(w),
            "step_size(k)": Reddi.step_size(k),
            "lost(w, k, C)": _lost(w, k, C),
            "decay(C)": _decay(C),
        }
        lines = ["// Reddi's lesson: printed from firstorder.problems"]
        for signature, result in functions.items():
            lines += javascript_function(signature, result)
        return "\n".join(lines)


@dataclass(frozen=True)
class Signal:
    """A sequence of gradients that is given, whatever a method does: 300 numbers, at t = 0 … 299.

    The values are rounded, so that a page and NumPy hold the very same ones.

    >>> SIGNALS["rectangles"].values[[0, 19, 20]]
    array([ 1.,  1., -1.])
    """

    title: str
    words: str
    values: np.ndarray


def _signals():
    t = np.arange(300)
    noise = np.random.default_rng(7).uniform(-0.5, 0.5, len(t))
    signals = {
        "spikes": ("Spikes", "1 at t = 0, 60, 120 …, else 0", t % 60 == 0),
        "rectangles": (
            "Rectangles", "+1 and −1 in turn, period 40", np.where(t % 40 < 20, 1, -1)
        ),
        "noisy_sine": (
            "Noisy sine", "sin(t/20) + noise, uniform in ±½", np.sin(t / 20) + noise
        ),
        "very_noisy_sine": (
            "Very noisy sine", "sin(t/20)/5 + noise, uniform in ±½", np.sin(t / 20) / 5 + noise
        ),
        "sawtooth": (
            "Sawtooth", "(t mod 20)/5; over 20 from t = 80", t % 20 / np.where(t < 80, 5, 20)
        ),
        "on_off": ("On and off", "1 and 0 in turn, period 80", t % 80 < 40),
    }  # fmt: skip
    return {
        name: Signal(title, words, np.round(values.astype(float), 3))
        for name, (title, words, values) in signals.items()
    }


SIGNALS: Mapping[str, Signal] = MappingProxyType(_signals())


def spirals(seed, per_class=50, classes=3, noise=0.15):
    """Points of the plane on intertwined spirals, one to each class: a problem no line can solve.

    Point i of class c lies at radius r = i/`per_class` + ½/`per_class` and angle 2πc/`classes` + 4r
    + ε, ε ~ N(0, `noise`²), all by the seed alone.  Returns the points, n×2, and the labels, n.
    After Karpathy (2015), CS231n, "Putting it together: minimal neural network case study".

    >>> points, labels = spirals(seed=0, per_class=2)
    >>> points.shape, labels
    ((6, 2), array([0, 0, 1, 1, 2, 2]))
    """
    labels = np.repeat(np.arange(classes), per_class)
    radius = np.tile((np.arange(per_class) + 0.5) / per_class, classes)
    turn = np.random.default_rng(seed).normal(0, noise, len(labels))
    angle = 2 * np.pi * labels / classes + 4 * radius + turn
    return radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1), labels


class SmallNetwork:
    """The loss of a network with one hidden layer, as a function of all its numbers in one vector.

    o = max(xW₁ + b₁, 0)W₂ + b₂ for each row x of `inputs` (n×d), and
    f(w) = (1/n) Σ [log Σ_c exp(o_c) − o_label], with w = (W₁, b₁, W₂, b₂), joined row by row.
    Points w are arrays whose last axis holds these numbers; everything broadcasts over the other
    axes, so many networks train at once.  `rows` picks a batch: a slice or an array of row numbers.
    Raises ValueError where inputs and labels (n whole numbers from 0) do not fit together.

    >>> f = SmallNetwork([[1.0, 0.0], [0.0, 1.0]], [0, 1], hidden=3)
    >>> w = f.start(seed=0)
    >>> w.shape, bool(f.value(w - f.gradient(w)) < f.value(w))
    ((17,), True)
    """

    def __init__(self, inputs, labels, hidden):
        self.inputs, self.labels = np.asarray(inputs, float), np.asarray(labels, int)
        n = self.labels.size
        if self.inputs.ndim != 2 or self.labels.shape != self.inputs.shape[:1] or n == 0:
            raise ValueError(
                "a network needs inputs n×d and n labels; "
                f"got shapes {self.inputs.shape} and {self.labels.shape}"
            )
        d, classes = self.inputs.shape[1], int(self.labels.max()) + 1
        self.shapes = ((d, hidden), (hidden,), (hidden, classes), (classes,))

    def parts(self, w):
        """W₁, b₁, W₂, b₂ out of w, with the other axes of w in front."""
        w = np.asarray(w, float)
        sizes = [int(np.prod(shape)) for shape in self.shapes]
        if w.shape[-1:] != (sum(sizes),):
            raise ValueError(f"w must hold {sum(sizes)} numbers; got shape {w.shape}")
        pieces = np.split(w, np.cumsum(sizes)[:-1], axis=-1)
        return [p.reshape(w.shape[:-1] + s) for p, s in zip(pieces, self.shapes, strict=True)]

    def start(self, seed):
        """Weights from N(0, 2/inputs of the layer) (He et al., 2015), zero biases, by the seed alone."""
        rng = np.random.default_rng(seed)
        drawn = [rng.normal(0, np.sqrt(2 / s[0]), s) * (len(s) == 2) for s in self.shapes]
        return np.concatenate([part.ravel() for part in drawn])

    def outputs(self, w, inputs):
        """The outputs o of the network w, one row for each row of `inputs`."""
        return self._layers(w, np.asarray(inputs, float))[1]

    def _layers(self, w, inputs):
        W1, b1, W2, b2 = self.parts(w)
        with np.errstate(over="ignore", invalid="ignore"):  # a run that diverges is a result
            hidden = np.maximum(inputs @ W1 + b1[..., None, :], 0)
            return hidden, hidden @ W2 + b2[..., None, :]

    def value(self, w, rows=slice(None)):
        """f(w), of shape w.shape[:-1]; infinite or not a number where w has run away."""
        labels = self.labels[rows]
        outputs = self.outputs(w, self.inputs[rows])
        with np.errstate(over="ignore", invalid="ignore"):
            highest = outputs.max(-1, keepdims=True)
            total = np.log(np.exp(outputs - highest).sum(-1)) + highest[..., 0]
            return (total - outputs[..., np.arange(len(labels)), labels]).mean(-1)

    def gradient(self, w, rows=slice(None)):
        """∇f(w), of the shape of w."""
        inputs, labels = self.inputs[rows], self.labels[rows]
        _, _, W2, _ = self.parts(w)
        hidden, outputs = self._layers(w, inputs)
        with np.errstate(over="ignore", invalid="ignore"):
            p = np.exp(outputs - outputs.max(-1, keepdims=True))
            p /= p.sum(-1, keepdims=True)
            p[..., np.arange(len(labels)), labels] -= 1
            below = p / len(labels)  # ∂f/∂o
            behind = below @ W2.swapaxes(-1, -2) * (hidden > 0)  # before the ReLU
            slopes = (
                inputs.T @ behind,
                behind.sum(-2),
                hidden.swapaxes(-1, -2) @ below,
                below.sum(-2),
            )
        flat = (*np.shape(w)[:-1], -1)
        return np.concatenate([slope.reshape(flat) for slope in slopes], axis=-1)

    def accuracy(self, w, inputs, labels):
        """The share of rows whose largest output is that of their label."""
        return (self.outputs(w, inputs).argmax(-1) == np.asarray(labels)).mean(-1)
