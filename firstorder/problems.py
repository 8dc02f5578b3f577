"""What the rules are run on: quadratics, and landscapes made from one SymPy expression each."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

import numpy as np
import sympy

from .arithmetic import cos, javascript_block, sin


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

        Exports `gradient(w, [λ₁, λ₂], angle)`, `to_eigenbasis(w, angle)` = Qᵀw and
        `from_eigenbasis(x, angle)` = Qx, printed from the very functions above.

        >>> "export function gradient([w1, w2], [l1, l2], angle) {" in Quadratic.javascript()
        True
        """
        point, spectrum = sympy.symbols("w1 w2", real=True), sympy.symbols("l1 l2", positive=True)
        Q = rotation(sympy.Symbol("angle", real=True))
        functions = {
            "gradient([w1, w2], [l1, l2], angle)": _turned(spectrum, Q) @ point,
            "to_eigenbasis([w1, w2], angle)": Q.T @ point,
            "from_eigenbasis([w1, w2], angle)": Q @ point,
        }
        lines = ["// Quadratic in two variables: printed from firstorder.problems"]
        for signature, (first, second) in functions.items():
            lines += [
                f"export function {signature} {{",
                *(f"  {line}" for line in javascript_block([("first", first), ("second", second)])),
                "  return [first, second];",
                "}",
            ]
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
    }
)
