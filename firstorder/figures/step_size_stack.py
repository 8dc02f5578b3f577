"""Chapter 1: which eigencomponent holds the loss up, for each step size."""

import matplotlib.pyplot as plt
import numpy as np

from .. import plotting
from ..theory import best_step, iterations_to, loss_component, rate
from .base import LiveFigure, control, in_words

EIGENVALUES = np.array([0.01, 0.1, 1.0])
START = np.sqrt(2 / (3 * EIGENVALUES))  # each component begins with a third of the loss


def _after(k):
    """A milestone in words."""
    if not np.isfinite(k):
        return "never"
    return f"after {k:.0f} iteration{'s' if k > 1 else ''}"


class StepSizeStack(LiveFigure):
    """What three eigencomponents contribute to the loss, ½λᵢ(1 − αλᵢ)²ᵏ(xᵢ⁰)², stacked over k.

    Each component starts with a third of the loss; its milestone is the first k at which it has lost
    99 % of that.

    >>> StepSizeStack(alpha=1.8).numbers()["milestone1"]
    127.0
    """

    slug = "step_size_stack"
    title = "What is left of the loss"
    constants = {  # noqa: RUF012
        "steps": 150,
        "milestone": 0.01,
        "eigenvalues": EIGENVALUES.tolist(),
        "x0": START.tolist(),
    }

    alpha = control(1.0, 0.0, 2.1, "step size α", step=0.0001, digits=".4f")

    def parts(self):
        """Each component's share of the starting loss, one row each, at k = 0 … steps."""
        k = np.arange(self.constants["steps"] + 1)
        return loss_component(START[:, None], self.alpha, EIGENVALUES[:, None], k)

    def numbers(self):
        """The three milestones, the worst factor, the best step and what is left at the end."""
        factors = (1 - self.alpha * EIGENVALUES) ** 2
        milestones = iterations_to(self.constants["milestone"], factors)
        return {
            **{f"milestone{i}": float(k) for i, k in enumerate(milestones, 1)},
            "rate": float(rate(self.alpha, EIGENVALUES[0], EIGENVALUES[-1])),
            "best": best_step(EIGENVALUES[0], EIGENVALUES[-1]),
            "left": float(self.parts()[:, -1].sum()),
        }

    @property
    def description(self):
        """What the picture shows, in words."""
        n = self.numbers()
        words = ", ".join(
            f"λ = {value:g} {_after(n[f'milestone{i}'])}" for i, value in enumerate(EIGENVALUES, 1)
        )
        return (
            f"The loss of gradient descent with α = {in_words(self.alpha, 5)} over 150 iterations, as three "
            f"stacked contributions that begin equal. Each is down to 1 % of its start: {words}. "
            f"At the end the whole loss is {in_words(n['left'])} times what it was. "
            f"The best step is α = {in_words(n['best'], 5)}."
        )

    def still(self):
        """The stacked contributions, and the milestones as bars."""
        steps = self.constants["steps"]
        labels = [f"λ = {value:g}" for value in EIGENVALUES]
        milestones = [self.numbers()[f"milestone{i}"] for i in (1, 2, 3)]
        with plotting.style():
            figure, (top, below) = plt.subplots(
                2, 1, figsize=(7.2, 5), height_ratios=[2.4, 1], sharex=True, layout="constrained"
            )
            plotting.stack(top, np.arange(steps + 1), 100 * np.minimum(self.parts(), 1e3), labels)
            top.set(ylim=(0, 100), ylabel="% of the starting loss", title=self.title)
            top.legend(reverse=True)
            texts = [_after(k) for k in milestones]
            plotting.bars(below, np.minimum(milestones, steps), labels, texts)
            below.set(xlim=(0, steps * 1.3), xlabel="iterations until 1 % is left")
            plt.close(figure)
        return figure
