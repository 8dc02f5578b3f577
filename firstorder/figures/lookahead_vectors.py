"""Chapter 4: one jump and two corrections, in a narrow valley of two dimensions."""

import matplotlib.pyplot as plt
import numpy as np

from .. import plotting
from ..problems import Quadratic, on_grid
from ..simulate import anatomy
from ..theory import angle_between
from .base import LiveFigure, Point, control, in_words

WINDOW = ((-1.4, 1.4), (-0.9, 0.9))
VIEW = ((-1.6, 1.6), (-1.1, 1.1))
EIGENVALUES, ANGLE = np.array([1 / 30, 1.0]), 25.0
VALLEY = Quadratic.from_spectrum(EIGENVALUES, np.radians(ANGLE))


class LookaheadVectors(LiveFigure):
    """Nesterov's path in a narrow valley, and what its step k is made of.

    The eigenvalues are λ₁ = 1/30 and λ₂ = 1.  From the end of the jump βv two corrections are drawn:
    Nesterov's, −α∇f(w + βv), and the one that classical momentum would make there, −α∇f(w).

    >>> round(float(LookaheadVectors(beta=0.0).numbers()["angle"]), 6)
    0.0
    """

    slug = "lookahead_vectors"
    title = "One jump, two corrections"
    constants = {  # noqa: RUF012
        "steps": 60,
        "rate": 4,  # steps a second when played
        "view": VIEW,
        "eigenvalues": EIGENVALUES.tolist(),
        "angle": ANGLE,  # degrees by which the valley is turned
        "radii": [0.06, 0.13, 0.22, 0.33, 0.47, 0.65, 0.88, 1.2],  # of levels, along the steep axis
    }

    alpha = control(0.3, 0.0, 1.4, "step size αL", step=0.01, digits=".2f")
    beta = control(0.9, 0.0, 0.99, "momentum β", step=0.01, digits=".2f")
    k = control(2.0, 0, 60, "step k", step=1, digits=".0f")
    start = Point((-1.1, 0.6), WINDOW)

    def run(self, rule):
        """The parts of each step of "nesterov_lookahead" or "momentum_velocity"."""
        return anatomy(
            rule, VALLEY.gradient, self.start, self.constants["steps"] + 1,
            alpha=self.alpha, beta=self.beta,
        )  # fmt: skip

    def numbers(self):
        """At step k: the two gradients and their angle, the jump, how far both paths are from w*."""
        k = round(self.k)
        ahead, classical = self.run("nesterov_lookahead"), self.run("momentum_velocity")
        gradients = VALLEY.gradient(ahead.w[k]), VALLEY.gradient(ahead.query[k])
        size = np.linalg.norm
        return {
            "k": k,
            "jump": size(ahead.jump[k]),
            "gradient_here": size(gradients[0]),
            "gradient_ahead": size(gradients[1]),
            "angle": np.degrees(angle_between(*gradients[0], *gradients[1])),
            "distance_nesterov": size(ahead.w[k]),
            "distance_classical": size(classical.w[k]),
        }

    @property
    def description(self):
        """What the picture shows, in words."""
        n = {key: in_words(value) for key, value in self.numbers().items()}
        return (
            "Level lines of a narrow valley, thirty times steeper across than along, with the path of "
            "Nesterov's momentum and, fainter, that of classical momentum, from "
            f"({in_words(self.start[0])}, {in_words(self.start[1])}) with αL = {in_words(self.alpha)} and "
            f"β = {in_words(self.beta)}. At step {n['k']} Nesterov's jump has length {n['jump']}. The "
            f"gradient where it starts has size {n['gradient_here']}, where it ends "
            f"{n['gradient_ahead']}; the angle between them is {n['angle']} degrees. Nesterov's path is "
            f"{n['distance_nesterov']} from the minimum, classical momentum's {n['distance_classical']}."
        )

    def still(self):
        """The valley, both paths, and the vectors of step k."""
        k = round(self.k)
        ahead, classical = self.run("nesterov_lookahead"), self.run("momentum_velocity")
        w, jump = ahead.w[k], ahead.jump[k]
        other = -self.alpha * VALLEY.gradient(w)
        levels = [radius**2 / 2 for radius in self.constants["radii"]]
        with plotting.style():
            figure, ax = plt.subplots(figsize=(7.2, 5.2), layout="constrained")
            plotting.contours(ax, *on_grid(VALLEY.value, *VIEW), levels)
            plotting.path(ax, classical.w, label="classical momentum")
            plotting.path(ax, ahead.w, label="Nesterov", color=plotting.BLUE)
            for tail, arrow, color, label in [
                (w, jump, plotting.GREEN, "jump βv"),
                (w + jump, other, plotting.ORANGE, "correction by the slope here"),
                (w + jump, ahead.correction[k], plotting.INK, "correction by the slope ahead"),
            ]:
                plotting.vectors(ax, [tail], [arrow], color, label)
            plotting.minimum(ax, VALLEY.minimum)
            ax.set(xlim=VIEW[0], ylim=VIEW[1], aspect="equal", xlabel="w₁", ylabel="w₂")
            ax.set(title=self.title)
            ax.legend(fontsize=8)
            plt.close(figure)
        return figure
