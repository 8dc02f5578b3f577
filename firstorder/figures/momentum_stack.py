"""Chapter 3: which eigencomponent holds momentum up, for each step size and momentum."""

import matplotlib.pyplot as plt
import numpy as np

from .. import plotting
from ..simulate import iterate
from ..theory import (
    best_momentum,
    best_momentum_step,
    best_step,
    border,
    critical_momentum,
    slope,
)
from .base import LiveFigure, control, in_words
from .step_size_stack import EIGENVALUES

WINDOW = ((0.0, 4.2), (0.0, 1.0))


class MomentumStack(LiveFigure):
    """The mean of xᵢ² over three eigencomponents, from x⁰ = (1, 1, 1) and z⁰ = 0, under momentum.

    `alpha` is αλₙ, as λₙ = 1; `tolerance` is what the mean of xᵢ² is to fall below, for momentum and
    for gradient descent at its best step.

    >>> MomentumStack(alpha=2.6, beta=0.74).numbers()["momentum"]
    23
    """

    slug = "momentum_stack"
    title = "What is left of the error under momentum"
    constants = {  # noqa: RUF012
        "steps": 150,
        "limit": 1000,
        "pad": WINDOW,
        "floor": 1e-13,
        "ceiling": 1e2,
        "eigenvalues": EIGENVALUES.tolist(),
    }

    alpha = control(1.0, *WINDOW[0], "step size αλₙ", step=0.001, digits=".3f")
    beta = control(0.5, *WINDOW[1], "momentum β", step=0.001, digits=".3f")
    tolerance = control(1e-3, 1e-12, 1e-1, "tolerance", step=0.25, digits=".2~e", scale="log")

    def parts(self, steps, alpha, beta):
        """What each component contributes to the mean of xᵢ², one row each, at k = 0 … steps."""
        x = iterate(
            "momentum", lambda x: slope(x, EIGENVALUES), np.ones(3), steps, alpha=alpha, beta=beta
        )
        with np.errstate(over="ignore"):  # divergence is a result here
            return (x**2 / len(EIGENVALUES)).T

    def reached(self, alpha, beta):
        """The first k at which the mean of xᵢ² is below the tolerance; None if not by the limit."""
        mean = self.parts(self.constants["limit"], alpha, beta).sum(axis=0)
        below = np.flatnonzero(mean < self.tolerance)
        return int(below[0]) if len(below) else None

    def numbers(self):
        """The iterations of both methods (momentum's and the ratio only if reached), the best step."""
        best = best_step(EIGENVALUES[0], EIGENVALUES[-1])
        momentum, descent = self.reached(self.alpha, self.beta), self.reached(best, 0.0)
        found = {} if momentum is None else {"momentum": momentum, "ratio": descent / momentum}
        return {**found, "descent": descent, "best": best}

    @property
    def description(self):
        """What the picture shows, in words."""
        n, limit = self.numbers(), self.constants["limit"]
        tolerance = in_words(self.tolerance)
        if "momentum" in n:
            fate = f"The mean falls below {tolerance} in {n['momentum']} iterations"
        else:
            fate = f"The mean does not fall below {tolerance} within {limit} iterations"
        return (
            "The mean of the squared errors of three eigencomponents, λ = 0.01, 0.1 and 1, and what each "
            f"contributes, on a logarithmic axis over 150 iterations of momentum with αλₙ = "
            f"{in_words(self.alpha, 4)} and β = {in_words(self.beta)}. {fate}; "
            f"gradient descent at its best step, αλₙ = {in_words(n['best'], 5)}, needs {n['descent']}."
        )

    def still(self):
        """The choice of αλₙ and β, and the contributions over the iterations."""
        steps, n = self.constants["steps"], self.numbers()
        labels = [f"λ = {value:g}" for value in EIGENVALUES]
        step = np.linspace(*WINDOW[0], 200)
        best = best_momentum_step(*EIGENVALUES[[0, -1]]), best_momentum(100.0)
        with plotting.style():
            figure, axes = plt.subplot_mosaic(
                [["pad", "mean"], ["counts", "counts"]], figsize=(7.2, 5.4),
                width_ratios=[1, 1.6], height_ratios=[2.6, 1], layout="constrained",
            )  # fmt: skip
            pad, mean, counts = axes["pad"], axes["mean"], axes["counts"]
            plotting.curves(pad, step, critical_momentum(step, EIGENVALUES[:, None]), labels)
            pad.get_legend().remove()
            plotting.minimum(pad, best)
            plotting.point(pad, (self.alpha, self.beta))
            pad.set(
                xlim=WINDOW[0], ylim=WINDOW[1], xlabel="αλₙ", ylabel="β", title="Critical damping"
            )
            plotting.border(pad, border("momentum", "edge", np.array(WINDOW[1])), WINDOW[1])
            parts = np.maximum(self.parts(steps, self.alpha, self.beta), 1e-300)
            plotting.curves(mean, np.arange(steps + 1), parts, labels)
            plotting.envelope(mean, np.arange(steps + 1), parts.sum(axis=0), "mean of xᵢ²")
            plotting.level(mean, self.tolerance, "tolerance")
            mean.set(yscale="log", ylim=(self.constants["floor"], self.constants["ceiling"]))
            mean.set(
                xlim=(0, steps), xlabel="iteration k", title="Contributions to the mean of xᵢ²"
            )
            found = n.get("momentum", 0)
            texts = [found or "not within 1000", n["descent"]]
            plotting.bars(counts, [found, n["descent"]], ["momentum", "gradient descent"], texts)
            counts.set(xlabel="iterations until the mean is below the tolerance")
            plt.close(figure)
        return figure
