"""The welcome page's figure: momentum in a banana-shaped valley."""

import matplotlib.pyplot as plt
import numpy as np

from .. import plotting
from ..problems import LANDSCAPES
from ..simulate import iterate
from .base import LiveFigure, Point, control, in_words

VALLEY = LANDSCAPES["banana"]
WINDOW = ((-1.9, 1.9), (-0.7, 2.1))


class Hero(LiveFigure):
    """150 iterates of momentum, z⁺ = βz + ∇f(w), w⁺ = w − αz⁺, from a start that can be dragged.

    >>> Hero(alpha=0.08, beta=0.8).numbers()
    {'diverges': 5}
    """

    slug = "hero"
    title = "Momentum in a banana-shaped valley"
    constants = {  # noqa: RUF012
        "steps": 150,
        "escape": 10.0,  # a coordinate beyond this has left for good: the valley's walls grow as w⁴
        "levels": [-1.2, -0.8, -0.4, 0.0, 0.4, 0.8, 1.2, 1.6, 2.0],  # of log₁₀(f − f* + 0.02)
    }

    alpha = control(0.005, 0.0, 0.08, "step size α", step=0.0005, digits=".4f")
    beta = control(0.8, 0.0, 0.99, "momentum β", step=0.01, digits=".2f")
    start = Point((-1.2, 1.8), WINDOW)

    def path(self):
        """The iterates, up to the first that has left for good."""
        w = iterate(
            "momentum", VALLEY.gradient, self.start, self.constants["steps"],
            alpha=self.alpha, beta=self.beta,
        )  # fmt: skip
        inside = np.abs(w).max(axis=-1) <= self.constants["escape"]  # false for inf and nan too
        return w if inside.all() else w[: np.argmin(inside) + 1]

    def numbers(self):
        """Iterations run, loss and distance at their end; or the iteration that left for good."""
        path = self.path()
        k, last = len(path) - 1, path[-1]
        if not np.abs(last).max() <= self.constants["escape"]:
            return {"diverges": k}
        distance = np.linalg.norm(last - VALLEY.minimum)
        return {"iteration": k, "loss": VALLEY.value(last), "distance": distance}

    @property
    def description(self):
        """What the picture shows, in words."""
        n = self.numbers()
        what = (
            f"Contours of a banana-shaped valley and the path of momentum with step size "
            f"α = {self.alpha:g} and momentum β = {self.beta:g} "
            f"from the point ({in_words(self.start[0])}, {in_words(self.start[1])}). "
        )
        if "diverges" in n:
            return (
                what
                + f"It diverges: by iteration {n['diverges']} it has left the picture for good."
            )
        return what + (
            f"After {n['iteration']} iterations the loss is {in_words(n['loss'])} "
            f"and the minimum is {in_words(n['distance'])} away."
        )

    def still(self):
        """Contours and path."""
        w1, w2 = (np.linspace(*side, 120) for side in WINDOW)
        field = VALLEY.value(np.stack(np.meshgrid(w1, w2), axis=-1)) - VALLEY.value(VALLEY.minimum)
        with plotting.style():
            figure, ax = plt.subplots(figsize=(7.2, 4.4), layout="constrained")
            plotting.contours(ax, w1, w2, np.log10(field + 0.02), self.constants["levels"])
            plotting.path(ax, self.path())
            plotting.minimum(ax, VALLEY.minimum)
            ax.set(xlim=WINDOW[0], ylim=WINDOW[1], xlabel="w₁", ylabel="w₂", title=self.title)
            plt.close(figure)
        return figure
