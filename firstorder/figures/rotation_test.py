"""Chapter 7: turn the valley, and see who minds."""

from functools import cache

import matplotlib.pyplot as plt
import numpy as np

from .. import plotting
from ..problems import Quadratic, on_grid, rotation
from ..rules import RULES
from ..simulate import iterate
from ..theory import best_momentum, best_momentum_step, best_step
from .base import LiveFigure, choice, control, in_words

EIGENVALUES, START = np.array([1.0, 100.0]), np.array([1.0, 1.0])
VIEW = ((-1.5, 1.5), (-1.5, 1.5))
ANGLES = np.arange(91)  # degrees
HYPER = {
    "gd": {"alpha": best_step(*EIGENVALUES)},
    "momentum": {
        "alpha": float(best_momentum_step(*EIGENVALUES)),
        "beta": float(best_momentum(EIGENVALUES[1] / EIGENVALUES[0])),
    },
    "adagrad": {"alpha": 0.5},
    "rmsprop": {"alpha": 0.01},
    "adam": {"alpha": 0.05},
}
LIMIT, TOLERANCE = 1000, 1e-4


def first_below(values):
    """The first k at which a loss is below the tolerance, along the first axis."""
    if not (values < TOLERANCE).any(axis=0).all():
        raise ValueError(f"a run does not get below {TOLERANCE} within {LIMIT} iterations")
    return (values < TOLERANCE).argmax(axis=0)


@cache
def counts(method):
    """The iterations that a method needs at each whole angle, all valleys at once."""
    Q = np.moveaxis(rotation(np.radians(ANGLES)), -1, 0)  # one matrix for each angle
    to_eigenbasis = lambda w: np.einsum("aij,...ai->...aj", Q, w)  # noqa: E731
    from_eigenbasis = lambda x: np.einsum("aij,aj->ai", Q, x)  # noqa: E731
    path = iterate(
        method, lambda w: from_eigenbasis(EIGENVALUES * to_eigenbasis(w)),
        from_eigenbasis(np.tile(START, (len(ANGLES), 1))), LIMIT, **HYPER[method],
    )  # fmt: skip
    return first_below((EIGENVALUES * to_eigenbasis(path) ** 2).sum(axis=-1) / 2)


class RotationTest(LiveFigure):
    """One valley, turned: gradient descent and another method, and how many iterations each needs.

    The eigenvalues are 1 and 100, the start is (1, 1) in the eigenbasis; counted is the first
    iteration with f < 10⁻⁴.  `angle` is in degrees.  RMSprop, at a constant step, does not stay there.

    >>> [RotationTest(angle=angle).numbers()["other"] for angle in (0, 45)]
    [24, 698]
    """

    slug = "rotation_test"
    title = "Turn the valley"
    constants = {  # noqa: RUF012
        "limit": LIMIT,
        "tolerance": TOLERANCE,
        "view": VIEW,
        "eigenvalues": EIGENVALUES.tolist(),
        "x0": START.tolist(),
        "radii": [0.5, 1.5, 3.0, 5.0, 7.5, 10.5],  # of the level lines, along the flat axis
        "hyper": {name: RULES[name].hyperparameters(given) for name, given in HYPER.items()},
        "looks": {name: plotting.METHODS[name]._asdict() for name in HYPER},
    }

    angle = control(30.0, 0.0, 90.0, "angle of the valley", step=1, digits=".0f", unit="°")
    method = choice(
        "adam",
        {
            name: f"{plotting.METHODS[name].label}, "
            + ", ".join(f"{'αβ'[h == 'beta']} = {value:.3g}" for h, value in hyper.items())
            for name, hyper in HYPER.items()
            if name != "gd"
        },
        "beside gradient descent",
    )

    @classmethod
    def spec(cls):
        """What the JavaScript has to know; the counts at all angles among it."""
        return {**super().spec(), "counts": {name: counts(name).tolist() for name in HYPER}}

    @property
    def valley(self):
        """The quadratic, turned."""
        return Quadratic.from_spectrum(EIGENVALUES, np.radians(self.angle))

    def path(self, method):
        """The iterates of a method, up to the first with f < 10⁻⁴."""
        start = rotation(np.radians(self.angle)) @ START
        w = iterate(method, self.valley.gradient, start, LIMIT, **HYPER[method])
        return w[: first_below(self.valley.value(w)) + 1]

    def numbers(self):
        """The iterations of both methods; those of the other at 0°, and its least and most."""
        return {
            "descent": len(self.path("gd")) - 1,
            "other": len(self.path(self.method)) - 1,
            "straight": int(counts(self.method)[0]),
            "least": int(counts(self.method).min()),
            "most": int(counts(self.method).max()),
        }

    @property
    def description(self):
        """What the picture shows, in words."""
        n, label = self.numbers(), plotting.METHODS[self.method].label
        return (
            "A valley a hundred times as steep across as along, turned by "
            f"{in_words(self.angle)} degrees, with the paths of gradient descent at its best step and of "
            f"{label}, as they are and in the eigenbasis, where the valley stands still. Down to a loss of "
            f"0.0001 gradient descent needs {n['descent']} iterations, as at every angle; {label} needs "
            f"{n['other']}. At 0 degrees it needs {n['straight']}, over all angles from {n['least']} to "
            f"{n['most']}. Below: the iterations of five methods against the angle; those of gradient "
            "descent and momentum are level lines, those of Adagrad, RMSprop and Adam are hills."
        )

    def still(self):
        """Both views of the paths, and the counts."""
        levels = [radius**2 / 2 for radius in self.constants["radii"]]
        straight = Quadratic.from_spectrum(EIGENVALUES)
        back = rotation(np.radians(self.angle))  # w @ Q is Qᵀw, point by point
        with plotting.style():
            figure, axes = plt.subplot_mosaic(
                [["w", "x"], ["counts", "counts"]], figsize=(7.2, 6.4), height_ratios=[2, 1.3],
                layout="constrained",
            )  # fmt: skip
            for name, f in [("w", self.valley), ("x", straight)]:
                ax = plotting.contours(axes[name], *on_grid(f.value, *VIEW), levels)
                for method in ("gd", self.method):
                    path = self.path(method)
                    path = path if name == "w" else path @ back
                    plotting.path(ax, path, color=plotting.METHODS[method].light)
                ax.set(xlim=VIEW[0], ylim=VIEW[1], aspect="equal")
                ax.set(xlabel=f"{name}₁", ylabel=f"{name}₂")
            axes["w"].set_title("In the weights w")
            axes["x"].set_title("In the eigenbasis x")
            plotting.methods(axes["counts"], ANGLES, {name: counts(name) for name in HYPER})
            plotting.moment(axes["counts"], self.angle)
            axes["counts"].set(xlim=(0, 90), xlabel="angle in degrees", title="Iterations needed")
            plt.close(figure)
        return figure
