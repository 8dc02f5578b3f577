"""Chapter 7: what clipping does to a field of gradients, and to a run at the foot of a cliff."""

import matplotlib.pyplot as plt
import numpy as np

from .. import plotting
from ..clipping import clip_norm, clip_value
from ..problems import LANDSCAPES, on_grid
from ..simulate import iterate
from ..theory import angle_between
from .base import LiveFigure, Point, choice, control, in_words

VALLEY = LANDSCAPES["cliff"]
WINDOW = ((-2.2, 2.2), (-1.4, 1.4))  # of the start
VIEW = ((-2.4, 2.4), (-1.6, 1.6))
GRID = (15, 10)  # arrows along each side
CLIPS = {
    "none": ("no clipping", lambda g, limit: g),
    "norm": ("by norm", clip_norm),
    "value": ("by value", clip_value),
}


def places():
    """Where the arrows of the field begin, row by row: the middles of the cells of a grid."""
    axes = [
        low + (np.arange(count) + 0.5) * (high - low) / count
        for (low, high), count in zip(VIEW, GRID, strict=True)
    ]
    return np.stack(np.meshgrid(*axes), axis=-1).reshape(-1, 2)


class Clipping(LiveFigure):
    """Gradient descent at the foot of a cliff, with gradients clipped by norm, by value or not at all.

    `reached` is the first iteration with f < 0.01, `farthest` the greatest distance from the minimum.

    >>> figure = Clipping(clip="value", limit=1.0, start=(1.7, 0.5))
    >>> round(float(figure.numbers()["turned"]), 1)
    26.6
    """

    slug = "clipping"
    title = "Clipping a gradient at a cliff"
    constants = {  # noqa: RUF012
        "steps": 150,
        "near": 0.01,
        "view": VIEW,
        "places": places().round(6).tolist(),
        "cell": 0.3,  # length of the arrow of a gradient of size 1
        "levels": [-1.4, -0.8, -0.4, -0.1, 0.15, 0.6, 1.0, 1.4],  # of log₁₀(f + 0.02)
    }

    clip = choice("norm", {name: label for name, (label, _) in CLIPS.items()}, "clipping")
    limit = control(1.0, 0.1, 100.0, "limit", step=0.02, digits=".3~r", scale="log")
    alpha = control(0.25, 0.05, 1.0, "step size α", step=0.01, digits=".2f")
    start = Point((1.7, 0.5), WINDOW)

    def gradient(self, w):
        """The gradient at w, clipped."""
        return CLIPS[self.clip][1](VALLEY.gradient(w), self.limit)

    def path(self):
        """The iterates of gradient descent."""
        return iterate("gd", self.gradient, self.start, self.constants["steps"], alpha=self.alpha)

    def numbers(self):
        """At the start: both gradients' norms, the angle in degrees, the step; of the run: see above."""
        g, clipped, path = VALLEY.gradient(self.start), self.gradient(self.start), self.path()
        below = np.flatnonzero(VALLEY.value(path) < self.constants["near"])
        return {
            "norm": np.linalg.norm(g),
            "clipped": np.linalg.norm(clipped),
            "turned": np.degrees(angle_between(*g, *clipped)),
            "step": np.linalg.norm(path[1] - path[0]),
            "farthest": np.linalg.norm(path - VALLEY.minimum, axis=-1).max(),
            **({"reached": int(below[0])} if len(below) else {}),
        }

    @property
    def description(self):
        """What the picture shows, in words."""
        n = {key: in_words(value) for key, value in self.numbers().items()}
        how = "not clipped" if self.clip == "none" else f"clipped {CLIPS[self.clip][0]}"
        limit = "" if self.clip == "none" else f" to {in_words(self.limit)}"
        fate = (
            f"The loss is below 0.01 after {n['reached']} iterations"
            if "reached" in n
            else f"The loss is not below 0.01 within {self.constants['steps']} iterations"
        )
        return (
            "Level lines of a gentle slope that ends at the foot of a cliff, with the field of downhill "
            "arrows, faint as the gradient has them and strong as clipping leaves them, and the path of "
            f"gradient descent with α = {in_words(self.alpha)}, its gradients {how}{limit}, from "
            f"({in_words(self.start[0])}, {in_words(self.start[1])}). The gradient there has norm "
            f"{n['norm']}, as used {n['clipped']}, turned by {n['turned']} degrees; the first step has "
            f"length {n['step']}. {fate}; the run was at most {n['farthest']} from the minimum."
        )

    def still(self):
        """Level lines, both fields, the path."""
        at, cell = places(), self.constants["cell"]
        with plotting.style():
            figure, ax = plt.subplots(figsize=(7.2, 4.8), layout="constrained")
            x, y, values = on_grid(VALLEY.value, *VIEW)
            plotting.contours(ax, x, y, np.log10(values + 0.02), self.constants["levels"])
            faint = -cell * VALLEY.gradient(at)
            plotting.vectors(ax, at, faint, plotting.LINE, "gradient")
            plotting.vectors(ax, at, -cell * self.gradient(at), plotting.BLUE, "as used")
            plotting.path(ax, self.path())
            plotting.minimum(ax, VALLEY.minimum)
            ax.set(xlim=VIEW[0], ylim=VIEW[1], aspect="equal", xlabel="w₁", ylabel="w₂")
            ax.set(title=self.title)
            plt.close(figure)
        return figure
