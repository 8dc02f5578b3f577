"""Chapter 3: one error under momentum is a mass on a damped spring."""

import matplotlib.pyplot as plt
import numpy as np

from .. import plotting
from ..simulate import iterate
from ..theory import critical_component, critical_momentum, damping_ratio, slope
from .base import LiveFigure, control, in_words


class DampedSpring(LiveFigure):
    """xᵏ of momentum on f = x²/2 from x⁰ = 1, z⁰ = 0, beside critical damping at the same αλ.

    `alpha` is αλ, as λ = 1; `k` is the iterate at which the mass on the spring is drawn.

    >>> DampedSpring(alpha=0.01, beta=0.81, k=10).numbers()["x"].round(6)
    np.float64(0.697357)
    """

    slug = "damped_spring"
    title = "A mass on a damped spring"
    constants = {  # noqa: RUF012
        "steps": 100,
        "limit": 1000,  # iterations within which x must have settled
        "beyond": 200,  # more are run, as a slow oscillation (half a period is 99) may come back
        "settled": 0.01,
        "close": 5e-4,  # a damping ratio that prints as 1.000 is called critical
        "rate": 12,  # iterates a second when played
    }

    alpha = control(0.01, 0.001, 1.0, "step size αλ", step=0.01, digits=".3~r", scale="log")
    beta = control(0.9, 0.0, 1.0, "momentum β", step=0.002, digits=".3f")
    k = control(0.0, 0, 100, "iterate k", step=1, digits=".0f")

    def path(self, steps):
        """x⁰ … of so many steps, as one array."""
        hyper = {"alpha": self.alpha, "beta": self.beta}
        return iterate("momentum", lambda x: slope(x, 1.0), [1.0], steps, **hyper)[:, 0]

    @property
    def regime(self):
        """Underdamped, critically damped or overdamped."""
        ratio = damping_ratio(self.alpha, 1.0, self.beta)
        if abs(ratio - 1) <= self.constants["close"]:
            return "Critically damped"
        return "Underdamped" if ratio < 1 else "Overdamped"

    def numbers(self):
        """The damping ratio, the critical β, changes of sign, when x has settled, x at k."""
        steps, limit = self.constants["steps"], self.constants["limit"]
        x = self.path(limit + self.constants["beyond"])
        signs = np.sign(x[: steps + 1])
        outside = np.flatnonzero(np.abs(x) > self.constants["settled"])[-1] + 1
        return {
            "ratio": damping_ratio(self.alpha, 1.0, self.beta),
            "critical": critical_momentum(self.alpha, 1.0),
            "changes": int(np.count_nonzero(np.diff(signs[signs != 0]))),
            **({"settled": int(outside)} if outside <= limit else {}),
            "k": round(self.k),
            "x": x[round(self.k)],
        }

    @property
    def description(self):
        """What the picture shows, in words."""
        n, limit = self.numbers(), self.constants["limit"]
        settled = (
            f"it is within 1 % for good from iterate {n['settled']}"
            if "settled" in n
            else f"it has not settled to 1 % within {limit} iterations"
        )
        times = "once" if n["changes"] == 1 else f"{n['changes']} times"
        return (
            f"The error x of momentum with αλ = {in_words(self.alpha)} and β = {in_words(self.beta)} "
            f"over 100 iterates from x = 1, as the position of a mass on a spring. {self.regime}: the "
            f"damping ratio is {in_words(n['ratio'])}, and critical damping, drawn beside it, has "
            f"β = {in_words(n['critical'])}. x changes its sign {times}; {settled}. "
            f"At k = {n['k']} it is {in_words(n['x'])}."
        )

    def still(self):
        """The iterates and the critically damped curve; the mass's place is a large dot."""
        steps, at = self.constants["steps"], round(self.k)
        k, x = np.arange(steps + 1), self.path(steps)
        critical = critical_component(1.0, self.alpha, 1.0, k)
        with plotting.style():
            figure, ax = plt.subplots(figsize=(7.2, 3.6), layout="constrained")
            labels = ["critical damping", f"β = {in_words(self.beta)}"]
            plotting.curves(ax, k, [critical, x], labels)
            plotting.point(ax, (at, x[at]))
            ax.set(
                xlim=(-1, steps), ylim=(-1.2, 1.2), xlabel="iterate k", ylabel="x", title=self.title
            )
            plt.close(figure)
        return figure
