"""Chapter 1: gradient descent on a quadratic, in its own coordinates and in the eigenbasis."""

import matplotlib.pyplot as plt
import numpy as np

from .. import plotting
from ..problems import Quadratic, rotation
from ..simulate import iterate
from ..theory import best_rate, best_step, component, iterations_to, rate
from .base import LiveFigure, Point, control, in_words

WINDOW = ((-1.0, 1.0), (-1.0, 1.0))  # of the start; however it is turned, it stays in view
VIEW = ((-1.5, 1.5), (-1.5, 1.5))


class TwinEigenPanels(LiveFigure):
    """The same path twice: in w, where the valley is turned, and in x = Qᵀ(w − w*), where it is not.

    The eigenvalues are λ₁ = L/κ and λ₂ = L, with L = 1, so that `alpha` is αL; `angle` is in degrees;
    `start` is x⁰, the start in the eigenbasis.

    >>> TwinEigenPanels(kappa=4, alpha=2).rate
    1.0
    """

    slug = "twin_eigen_panels"
    title = "One descent, two bases"
    constants = {  # noqa: RUF012
        "steps": 100,
        "view": VIEW,
        "radii": [0.1, 0.2, 0.35, 0.55, 0.8, 1.1, 1.45],  # of the level lines, along the steep axis
        "floor": 1e-6,
        "ceiling": 1e3,
    }

    kappa = control(10.0, 1.0, 1000.0, "condition number κ", step=0.01, digits=".3~r", scale="log")
    angle = control(30.0, 0.0, 90.0, "angle of the valley", step=1, digits=".0f", unit="°")
    alpha = control(1.5, 0.0, 2.2, "step size αL", step=0.005, digits=".3f")
    start = Point((0.95, 0.8), WINDOW)

    @property
    def eigenvalues(self):
        """(λ₁, λ₂) = (1/κ, 1)."""
        return np.array([1 / self.kappa, 1.0])

    @property
    def rate(self):
        """What one iteration multiplies the error by in the worst case."""
        return float(rate(self.alpha, *self.eigenvalues))

    def numbers(self):
        """The factors, |x| at the last iteration, the best step and its rate; iterations to 1 %."""
        flat, steep = self.eigenvalues
        end = np.abs(
            component(np.array(self.start), self.alpha, self.eigenvalues, self.constants["steps"])
        )
        needed = {"iterations": float(iterations_to(0.01, self.rate))} if self.rate < 1 else {}
        return {
            "factor1": abs(1 - self.alpha * flat),
            "factor2": abs(1 - self.alpha * steep),
            "best": best_step(flat, steep),
            "best_rate": best_rate(self.kappa),
            **needed,
            "x1": end[0],
            "x2": end[1],
        }

    @property
    def description(self):
        """What the picture shows, in words."""
        n, steps = self.numbers(), self.constants["steps"]
        if self.alpha == 0:
            fate = "it does not move"
        elif self.rate > 1:
            fate = "it diverges"
        elif self.rate == 1:
            fate = "it never comes to rest"
        else:
            fate = f"the error falls to 1 % in {n['iterations']:.0f} iterations"
        return (
            f"Gradient descent on a quadratic valley of condition number {in_words(self.kappa)}, "
            f"turned by {self.angle:.0f} degrees, with αL = {in_words(self.alpha, 4)}. Left: the path in the "
            "coordinates w. Right: the same path in the eigenbasis x, where the two errors do not mix. "
            f"Below: |x₁| and |x₂| on a logarithmic axis, two straight lines. One iteration multiplies "
            f"x₁ by {in_words(n['factor1'])} and x₂ by {in_words(n['factor2'])} in size: {fate}. "
            f"After {steps} iterations |x₁| = {in_words(n['x1'])} and |x₂| = {in_words(n['x2'])}. "
            f"The best step is αL = {in_words(n['best'], 4)}."
        )

    def still(self):
        """Both panels and the log axis."""
        steps, grid = self.constants["steps"], np.linspace(*VIEW[0], 121)
        plane = np.stack(np.meshgrid(grid, grid), axis=-1)
        levels = [r**2 / 2 for r in self.constants["radii"]]
        angle = np.radians(self.angle)
        turned = Quadratic.from_spectrum(self.eigenvalues, angle)
        straight = Quadratic.from_spectrum(self.eigenvalues)
        x = component(
            np.array(self.start), self.alpha, self.eigenvalues, np.arange(steps + 1)[:, None]
        )
        w = iterate("gd", turned.gradient, rotation(angle) @ self.start, steps, alpha=self.alpha)
        with plotting.style():
            figure, axes = plt.subplot_mosaic(
                [["w", "x"], ["size", "size"]], figsize=(7.2, 6), height_ratios=[2, 1],
                layout="constrained",
            )  # fmt: skip
            for name, f, path in [("w", turned, w), ("x", straight, x)]:
                ax = plotting.contours(axes[name], grid, grid, f.value(plane), levels)
                plotting.path(ax, path)
                ax.set(xlim=VIEW[0], ylim=VIEW[1], aspect="equal")
                ax.set(xlabel=f"{name}₁", ylabel=f"{name}₂")
            axes["w"].set_title("In w")
            axes["x"].set_title("In the eigenbasis x")
            size = axes["size"]
            plotting.curves(size, np.arange(steps + 1), np.abs(x).T, ["|x₁|, flat", "|x₂|, steep"])
            size.set(yscale="log", xlim=(0, steps), xlabel="iteration k")
            size.set(ylim=(self.constants["floor"], self.constants["ceiling"]))
            plt.close(figure)
        return figure
