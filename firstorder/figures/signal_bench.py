"""Chapter 7: what each method makes of a given sequence of gradients."""

from functools import lru_cache

import matplotlib.pyplot as plt
import numpy as np

from .. import plotting
from ..problems import SIGNALS
from ..rules import RULES
from ..simulate import answers
from ..theory import blend
from .base import Drawing, LiveFigure, choice, control, in_words

LENGTH, EVERY = 300, 10  # gradients in a signal, and from one knot of the drawn one to the next
REACH = 2.0  # of the drawn signal
DECAYS = (0.25, 0.9, 0.975)
DRAWN = {"drawn": "Drawn by hand"}


_ADAMS = "β₂, the decay of the squares, varies; β₁ stays 0.9."
_ROWS = {  # title, the decay that varies and its letter, a note
    "momentum": ("Momentum", "beta", "β", "The step is the buffer z, a sum."),
    "momentum_average": (
        "Momentum, averaging form", "beta", "β", "The step is the buffer m, a mean."
    ),
    "nesterov": ("Nesterov", "beta", "β", "The step is g + βz."),
    "adagrad": ("Adagrad", None, "", "Adagrad has no decay: its sum forgets nothing."),
    "rmsprop": ("RMSprop", "rho", "ρ", "The step is g over the root of its mean square."),
    "adadelta": (
        "Adadelta (d from 0)", "rho", "ρ", "α is 1; d, the mean squared move, starts at 0."
    ),
    "adadelta_large": (
        "Adadelta (d from 1)", "rho", "ρ", "α is 1; d, the mean squared move, starts at 1."
    ),
    "adam": ("Adam", "beta2", "β₂", _ADAMS),
    "amsgrad": ("AMSGrad", "beta2", "β₂", _ADAMS),
    "adamax": ("Adamax", "beta2", "β₂", "β₂, the decay of the size u, varies; β₁ stays 0.9."),
    "nadam": ("Nadam", "beta2", "β₂", _ADAMS),
}  # fmt: skip
_STARTS = {"adadelta_large": ("adadelta", {"d": 1.0})}  # the others are rules from their own start


def _facts(name, title, decay, symbol, note):
    rule, state = _STARTS.get(name, (name, {}))
    hyper = {**RULES[rule].hyper, "alpha": 1.0}
    return {
        "title": title, "decay": decay, "symbol": symbol, "note": note,
        "rule": rule, "state": state, "hyper": hyper,
    }  # fmt: skip


METHODS = {name: _facts(name, *row) for name, row in _ROWS.items()}


@lru_cache(256)
def _answers(method, signal):
    """The steps for each decay, one row each; one row for a method without a decay."""
    facts = METHODS[method]
    decay = {facts["decay"]: np.array(DECAYS)} if facts["decay"] else {}
    steps = answers(
        facts["rule"], signal, state=facts["state"], **{**facts["hyper"], **decay}
    )  # fmt: skip
    return steps.reshape(LENGTH, -1).T


class SignalBench(LiveFigure):
    """The steps −(w⁺ − w)/α with which a method answers a sequence of gradients, for three decays.

    The decay is that of the method's memory: β of momentum, ρ of RMSprop and Adadelta, β₂ of Adam's
    family (β₁ stays .9); Adagrad has none.  Everything else has torch.optim's defaults, ε too.
    AdamW is left out: no weight is here to decay, and without decay it is Adam.  `signal` is a name of
    `problems.SIGNALS`, or "drawn": straight lines between the `knots`, one at every tenth t.

    >>> SignalBench(method="momentum_average", signal="spikes", t=0).numbers()["step1"]
    0.75
    """

    slug = "signal_bench"
    title = "What each method makes of given gradients"
    constants = {  # noqa: RUF012
        "length": LENGTH,
        "every": EVERY,
        "decays": list(DECAYS),
        "methods": METHODS,
        "signals": {
            name: {"words": signal.words, "values": signal.values.tolist()}
            for name, signal in SIGNALS.items()
        },
    }

    method = choice("rmsprop", {name: m["title"] for name, m in METHODS.items()}, "method")
    signal = choice(
        "noisy_sine",
        {name: s.title for name, s in SIGNALS.items()} | DRAWN,
        "gradients g",
    )
    t = control(60.0, 0, LENGTH - 1, "time t", step=1, digits=".0f")
    knots = Drawing([0.0] * 5 + [1.0] * 10 + [-0.5] * 10 + [0.0] * 6, -REACH, REACH)

    @property
    def gradients(self):
        """The 300 gradients of the present signal."""
        if self.signal in SIGNALS:
            return SIGNALS[self.signal].values
        knots, (at, part) = np.array(self.knots), np.divmod(np.arange(LENGTH), EVERY)
        return blend(knots[at], knots[at + 1], part / EVERY)

    @property
    def decays(self):
        """The decays that are shown; none for a method that has none."""
        return DECAYS if METHODS[self.method]["decay"] else ()

    def answers(self):
        """The 300 steps in units of α, one row for each decay; one row where there is no decay."""
        return _answers(self.method, tuple(self.gradients.tolist()))

    def numbers(self):
        """t, the gradient there, and the step for each decay."""
        t = round(self.t)
        steps = {f"step{i}": float(row[t]) for i, row in enumerate(self.answers(), 1)}
        return {"t": t, "g": float(self.gradients[t]), **steps}

    @property
    def description(self):
        """What the picture shows, in words."""
        n, facts = self.numbers(), METHODS[self.method]
        name = (
            SIGNALS[self.signal].words
            if self.signal in SIGNALS
            else "a signal that is drawn by hand"
        )
        ends = [f" for {facts['symbol']} = {decay}" for decay in self.decays] or [""]
        steps = ", ".join(in_words(n[f"step{i}"]) + end for i, end in enumerate(ends, 1))
        return (
            f"A sequence of 300 gradients ({name}), and below it the steps with which {facts['title']} "
            f"answers, in units of the step size α, each picture to its own scale, with the gradients "
            f"themselves, gradient descent's steps, as a thin line. {facts['note']} "
            f"At t = {n['t']} the gradient is {in_words(n['g'])} and the step is {steps}."
        )

    def still(self):
        """The signal above, the answers below it."""
        t, facts, rows = np.arange(LENGTH), METHODS[self.method], self.answers()
        with plotting.style():
            figure = plt.figure(figsize=(7.2, 4.8), layout="constrained")
            grid = figure.add_gridspec(2, len(rows), height_ratios=[1, 1.2])
            above = figure.add_subplot(grid[0, :])
            plotting.curves(above, t, [self.gradients], ["g"])
            above.set(title=self.title, ylabel="gradient g")
            for column, row in enumerate(rows):
                ax = figure.add_subplot(grid[1, column])
                plotting.curves(ax, t, [row], ["step"])
                room = ax.get_ylim()
                ax.plot(t, self.gradients, color=plotting.MUTED, linewidth=0.6, alpha=0.6)
                ax.set_ylim(room)
                decay = (
                    f"{facts['symbol']} = {self.decays[column]}" if self.decays else facts["note"]
                )
                ax.set(title=decay, xlabel="t")
                ax.get_legend().remove()
            above.get_legend().remove()
            figure.axes[1].set(ylabel=f"{facts['title']}: step / α")
            for ax in figure.axes:
                ax.axvline(round(self.t), color=plotting.MUTED, linewidth=1)
            plt.close(figure)
        return figure
