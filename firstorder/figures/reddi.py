"""Chapter 7: the lesson that Adam does not learn."""

import matplotlib.pyplot as plt
import numpy as np

from .. import plotting
from ..problems import Reddi
from ..rules import RULES
from ..simulate import iterate
from .base import LiveFigure, control, in_words

METHODS = ("adam", "amsgrad")


class ReddisLesson(LiveFigure):
    """Adam and AMSGrad with β₁ = 0 on slopes C, −1, −1, C, …, from w = 0; −1 is best, +1 worst.

    >>> ReddisLesson().numbers()["adam"]
    1.0
    """

    slug = "reddi"
    title = "The lesson that Adam does not learn"
    constants = {  # noqa: RUF012
        "steps": 1800,  # whole rounds of three
        "view": [-1.15, 1.15],
        "hyper": {m: RULES[m].hyperparameters({"beta1": 0.0}) for m in METHODS},
        "looks": {m: plotting.METHODS[m]._asdict() for m in METHODS},
    }

    C = control(3.0, 2.0, 6.0, "large slope C", step=0.05, digits=".2f")
    beta2 = control(0.1, 0.0, 0.999, "decay β₂", step=0.001, digits=".3f")

    def path(self, method):
        """The iterates of a method, as one array."""
        lesson = Reddi(self.C)
        run = iterate(
            method, lesson.gradient, [0.0], self.constants["steps"], project=lesson.project,
            alpha=lesson.step_size, beta1=0.0, beta2=self.beta2,
        )  # fmt: skip
        return run[:, 0]

    def numbers(self):
        """Where each method ends, its average regret, and the β₂ of Reddi, Kale and Kumar."""
        lesson = Reddi(self.C)
        paths = {method: self.path(method) for method in METHODS}
        ends = {method: float(path[-1]) for method, path in paths.items()}
        regrets = {f"{method}_regret": lesson.regret(path) for method, path in paths.items()}
        return {**ends, **regrets, "decay": lesson.decay}

    @property
    def description(self):
        """What the picture shows, in words."""
        n = {key: in_words(value) for key, value in self.numbers().items()}
        return (
            f"The iterates of Adam and AMSGrad, with β₁ = 0 and β₂ = {in_words(self.beta2)}, on slopes that "
            f"come round in threes: {in_words(self.C)}, −1, −1. On the segment from −1 to 1 the place to "
            f"stay is −1. After {self.constants['steps']} steps Adam is at {n['adam']} and AMSGrad at "
            f"{n['amsgrad']}; a step has lost, on average, {n['adam_regret']} and {n['amsgrad_regret']} "
            f"against staying at −1. Reddi, Kale and Kumar chose β₂ = 1/(1 + C²) = {n['decay']}."
        )

    def still(self):
        """Both runs, on a logarithmic axis of steps."""
        steps = self.constants["steps"]
        with plotting.style():
            figure, ax = plt.subplots(figsize=(7.2, 4), layout="constrained")
            plotting.methods(ax, np.arange(steps + 1) + 1, {m: self.path(m) for m in METHODS})
            plotting.level(ax, -1, "best")
            plotting.level(ax, 1, "worst")
            ax.set(xscale="log", xlim=(1, steps + 1), ylim=self.constants["view"])
            ax.set(xlabel="step", title="The iterates w")
            plt.close(figure)
        return figure
