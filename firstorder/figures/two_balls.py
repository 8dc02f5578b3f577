"""Chapter 4: two balls in one valley, one that corrects its jump before and one that looks ahead."""

import matplotlib.pyplot as plt
import numpy as np

from .. import plotting
from ..problems import LANDSCAPES
from ..simulate import anatomy
from .base import LiveFigure, control, in_words

VALLEY = LANDSCAPES["parabola"]
METHODS = {"classical": "momentum_velocity", "nesterov": "nesterov_lookahead"}
TITLES = {
    "classical": "Classical: slope before the jump",
    "nesterov": "Nesterov: slope after the jump",
}


class TwoBalls(LiveFigure):
    """Momentum in its classical form and in Nesterov's, step by step in the valley f = w²/2.

    Both balls jump by βv and then correct by −α∇f: the classical one with the slope at the point that
    it jumps from, Nesterov's with the slope at the point that it jumps to.

    >>> TwoBalls(alpha=1.0, k=40).numbers()["overshoot_nesterov"]
    0.0
    """

    slug = "two_balls"
    title = "Two balls in one valley"
    constants = {  # noqa: RUF012
        "steps": 40,
        "rate": 3,  # steps a second when played
        "view": [[-2.4, 2.4], [-0.35, 2.7]],  # of the valley
        "titles": TITLES,
    }

    alpha = control(0.2, 0.0, 1.6, "step size α", step=0.01, digits=".2f")
    beta = control(0.9, 0.0, 0.99, "momentum β", step=0.01, digits=".2f")
    start = control(-1.8, -2.2, 2.2, "start w⁰", step=0.01, digits=".2f")
    k = control(4.0, 0, 40, "step k", step=1, digits=".0f")

    def run(self, ball):
        """The parts of each step of "classical" or "nesterov", as columns of one number each."""
        return anatomy(
            METHODS[ball], VALLEY.gradient, [self.start], self.constants["steps"] + 1,
            alpha=self.alpha, beta=self.beta,
        )  # fmt: skip

    def numbers(self):
        """Of each ball at step k: place, velocity, jump, query, correction, overshoot so far."""
        k = round(self.k)
        numbers = {"k": k}
        for ball in METHODS:
            w, jump, query, correction = (part[:, 0] for part in self.run(ball))
            past = -np.sign(w[0]) * w[: k + 1]  # how far beyond the minimum, at 0
            numbers |= {
                f"w_{ball}": w[k],
                f"velocity_{ball}": w[k] - w[max(k - 1, 0)],
                f"jump_{ball}": jump[k],
                f"query_{ball}": query[k],
                f"correction_{ball}": correction[k],
                f"overshoot_{ball}": max(0.0, past.max()),
            }
        return numbers

    @property
    def description(self):
        """What the picture shows, in words."""
        n = self.numbers()
        balls = " ".join(
            f"{name} at w = {in_words(n[f'w_{ball}'])} with velocity {in_words(n[f'velocity_{ball}'])}: "
            f"it jumps by {in_words(n[f'jump_{ball}'])}, then corrects by "
            f"{in_words(n[f'correction_{ball}'])} with the slope at {in_words(n[f'query_{ball}'])}; so far "
            f"it has overshot the minimum by {in_words(n[f'overshoot_{ball}'])}."
            for ball, name in {
                "classical": "The classical ball is",
                "nesterov": "Nesterov's ball is",
            }.items()
        )
        return (
            "Two balls in the valley f = w²/2, with their jumps and corrections as arrows, and their "
            f"places over the steps so far. Step size α = {in_words(self.alpha)}, momentum "
            f"β = {in_words(self.beta)}, start {in_words(self.start)}, step {n['k']}. {balls}"
        )

    def still(self):
        """The valley with both balls, their vectors at step k, and their places so far."""
        k, ((left, right), height) = round(self.k), self.constants["view"]
        w = np.linspace(left, right, 200)
        runs = {ball: self.run(ball) for ball in METHODS}
        with plotting.style():
            figure, (valley, *lanes, places) = plt.subplots(
                4, 1, figsize=(7.2, 8), height_ratios=[2.2, 1, 1, 1.6], layout="constrained"
            )
            plotting.curves(valley, w, [VALLEY.value(w[:, None])], ["f"])
            for (ball, run), lane, color in zip(
                runs.items(), lanes, (plotting.ORANGE, plotting.BLUE), strict=True
            ):
                now, ahead = run.w[k], run.w[k] + run.jump[k]
                plotting.point(valley, (now[0], VALLEY.value(now)), color)
                name = TITLES[ball].partition(":")[0]
                plotting.names(valley, {name: (now[0] + 0.06, VALLEY.value(now) - 0.12)})
                for y, tail, part, color, label in [
                    (1, now, run.jump[k], plotting.GREEN, "jump"),
                    (0, ahead, run.correction[k], plotting.INK, "correction"),
                ]:
                    plotting.vectors(lane, [[tail[0], y]], [[part[0], 0]], color, label)
                lane.set(xlim=(left, right), ylim=(-0.6, 1.6), yticks=[], title=TITLES[ball])
                lane.legend()
            valley.set(xlim=(left, right), ylim=height, title="The valley f = w²/2")
            so_far = [run.w[: k + 1, 0] for run in (runs["nesterov"], runs["classical"])]
            plotting.curves(places, np.arange(k + 1), so_far, ["Nesterov", "classical"])
            places.set(xlim=(-0.5, self.constants["steps"] + 0.5), ylim=(left, right))
            places.set(xlabel="step k", title="The place w")
            plt.close(figure)
        return figure
