"""Chapter 3: a function on which the best momentum for quadratics goes round for ever."""

import matplotlib.pyplot as plt
import numpy as np

from .. import plotting
from ..problems import LANDSCAPES
from ..simulate import iterate
from ..theory import best_momentum, best_momentum_rate, best_momentum_step, edge
from .base import LiveFigure, control, in_words

VALLEY = LANDSCAPES["lessard"]
LOW, HIGH = 1.0, 25.0  # the least and the greatest second derivative of the function
METHODS = {
    "momentum": {
        "alpha": float(best_momentum_step(LOW, HIGH)),
        "beta": float(best_momentum(HIGH / LOW)),
    },
    # The usual tuning of Nesterov's method: α = 1/L, β = (√κ − 1)/(√κ + 1), momentum's best rate.
    "nesterov": {"alpha": edge(HIGH) / 2, "beta": float(best_momentum_rate(HIGH / LOW))},
}


class CounterExample(LiveFigure):
    """Tuned momentum and Nesterov's method on the function of Lessard, Recht and Packard (2016).

    Whether a run cycles is seen after `limit` iterations: wᵏ⁺³ = wᵏ but for `close`, not at the minimum.

    >>> np.round(CounterExample(start=3.3).cycle, 3)
    array([-1.802,  2.116,  0.647])
    """

    slug = "counter_example"
    title = "Where tuned momentum goes round for ever"
    constants = {  # noqa: RUF012
        "steps": 60,
        "limit": 300,
        "close": 1e-9,
        "near": 0.01,  # of the minimum: there, a run that converges is said to have arrived
        "reach": [-5.4, 7.5],  # of the iterates, from all starts
        "view": [[-4.3, 4.3], [0.0, 215.0]],  # of the function
        "methods": METHODS,
    }

    start = control(3.3, -4.0, 4.0, "start w⁰", step=0.01, digits=".2f")

    def path(self, name):
        """The iterates w⁰ … of "momentum" or "nesterov", as one array."""
        run = iterate(
            name, VALLEY.gradient, [self.start], self.constants["limit"], **METHODS[name]
        )  # fmt: skip
        return run[:, 0]

    @property
    def cycle(self):
        """The three values that momentum goes round through, the least first; () if it converges."""
        path, close = self.path("momentum"), self.constants["close"]
        if abs(path[-1] - path[-4]) > close or abs(path[-1] - VALLEY.minimum[0]) < close:
            return ()
        values = path[-3:]
        return tuple(np.roll(values, -np.argmin(values)))

    def arrival(self, name):
        """The iterate from which a run stays within `near` of the minimum."""
        away = np.abs(self.path(name) - VALLEY.minimum[0]) > self.constants["near"]
        return int(np.flatnonzero(away)[-1]) + 1 if away.any() else 0

    def numbers(self):
        """The values of the cycle, or when momentum arrives; when Nesterov's method arrives."""
        cycle = {f"cycle{i}": value for i, value in enumerate(self.cycle, 1)}
        momentum = cycle or {"momentum": self.arrival("momentum")}
        return {**momentum, "nesterov": self.arrival("nesterov")}

    @property
    def description(self):
        """What the picture shows, in words."""
        n = self.numbers()
        if self.cycle:
            fate = "cycles for ever through " + ", ".join(in_words(w, 4) for w in self.cycle)
        else:
            fate = f"converges, and is within 0.01 of the minimum from iterate {n['momentum']}"
        return (
            "A function of one variable whose second derivative lies between 1 and 25, with the iterates "
            "of momentum, tuned to be the best for quadratics of that kind, beside those of Nesterov's "
            f"method. From {in_words(self.start)}, momentum {fate}. Nesterov's method converges, and is "
            f"within 0.01 of the minimum from iterate {n['nesterov']}."
        )

    def still(self):
        """The function with momentum's iterates on it, and both runs over the iterations."""
        steps, ((left, right), height) = self.constants["steps"], self.constants["view"]
        w = np.linspace(left, right, 300)
        runs = [self.path(name)[: steps + 1] for name in ("nesterov", "momentum")]
        with plotting.style():
            figure, (on, over) = plt.subplots(1, 2, figsize=(7.2, 3.8), layout="constrained")
            plotting.curves(on, w, [VALLEY.value(w[:, None])], ["f"])
            plotting.path(on, np.stack([runs[1], VALLEY.value(runs[1][:, None])], axis=-1))
            on.set(xlim=(left, right), ylim=height, xlabel="w", title="The function f(w)")
            plotting.curves(over, np.arange(steps + 1), runs, ["Nesterov", "momentum"])
            over.set(ylim=self.constants["reach"], xlabel="iteration k", title="The iterates w")
            plt.close(figure)
        return figure
