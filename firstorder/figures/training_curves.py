"""Chapter 10: recorded trainings of ten methods on MNIST, replayed."""

from functools import cache

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import MaxNLocator

from .. import plotting
from ..recorded import recorded
from .base import LiveFigure, Several, choice, control, in_words

EPOCHS = 5
RULES = (
    "gd", "momentum", "nesterov", "adagrad", "rmsprop", "adadelta", "adam", "adamw", "adamax", "nadam"
)  # fmt: skip
MEASURES = {
    "test_accuracy": "test accuracy, %",
    "test_loss": "test loss",
    "epoch_loss": "training loss",
}
UNITS = {"test_accuracy": 100.0}  # the record holds shares; the figure shows per cent


@cache
def bands(measure):
    """The mean, least and greatest over the seeds after each epoch, as method → {"mean": [five], …}.

    >>> len(bands("test_loss")["adam"]["mean"])
    5
    """
    runs = recorded("10_sweeps")["methods"]
    bands = {}
    for rule in RULES:
        values = np.array([run[measure] for run in runs if run["rule"] == rule])
        values *= UNITS.get(measure, 1.0)
        parts = {"mean": values.mean(axis=0), "low": values.min(axis=0), "high": values.max(axis=0)}
        bands[rule] = {name: part.tolist() for name, part in parts.items()}
    return bands


@cache
def axis(measure):
    """The ends of a measure's axis, which holds all methods, and its ticks."""
    every = [value for band in bands(measure).values() for part in band.values() for value in part]
    low, high = min(every), max(every)
    if measure == "test_accuracy":
        ticks = MaxNLocator(5).tick_values(low, high)
        return {"ends": [ticks[0], ticks[-1]], "ticks": ticks.tolist()}
    ticks = [digit * 10.0**power for power in range(-4, 1) for digit in (1, 1.5, 2, 3, 4, 5, 6, 8)]
    ends = [low / 1.1, high * 1.1]
    return {"ends": ends, "ticks": [tick for tick in ticks if ends[0] <= tick <= ends[1]]}


def about():
    """What made the record, in words."""
    record = recorded("10_sweeps")
    seeds = len({run["seed"] for run in record["methods"]})
    names = {"python": "Python", "torch": "PyTorch"}
    versions = [f"{names[name]} {version}" for name, version in record["versions"].items()]
    facts = [f"{seeds} seeds of each method", record["device"], *versions, record.get("date")]
    return "Recorded runs, nothing is trained here: " + ", ".join(filter(None, facts)) + "."


def rates():
    """The step size with which each method was recorded."""
    return {run["rule"]: run["alpha"] for run in recorded("10_sweeps")["methods"]}


class TrainingCurves(LiveFigure):
    """Loss and accuracy of ten methods over the epochs of recorded trainings, replayed.

    Each curve is a mean over seeds, in a band from the least to the greatest of them.

    >>> TrainingCurves(methods=["adam"], epoch=1).ranking()
    ['adam']
    """

    slug = "training_curves"
    title = "Ten methods train one network: recorded runs"
    constants = {  # noqa: RUF012
        "epochs": EPOCHS,
        "rate": 1,  # epochs a second when played
        "measures": MEASURES,
        "letters": {rule: plotting.METHODS[rule].letters for rule in RULES},
    }

    methods = Several(
        ("gd", "momentum", "adam"),
        {rule: plotting.METHODS[rule].label for rule in RULES},
        "methods",
        plotting.METHODS,
    )
    measure = choice("test_accuracy", MEASURES, "what is measured")
    epoch = control(1.0, 1, EPOCHS, "epoch", step=1, digits=".0f")

    @classmethod
    def spec(cls):
        """As for every figure, with the recorded bands, their axes, and what made them."""
        return {
            **super().spec(),
            "bands": {measure: bands(measure) for measure in MEASURES},
            "axes": {measure: axis(measure) for measure in MEASURES},
            "about": about(),
            "alpha": rates(),
        }

    def at(self, rule):
        """Mean, least and greatest of a method after the epoch."""
        return {name: part[self.shown - 1] for name, part in bands(self.measure)[rule].items()}

    def ranking(self):
        """The chosen methods, the best first: the greatest accuracy, or the least loss."""
        sign = -1 if self.measure == "test_accuracy" else 1
        return sorted(self.methods, key=lambda rule: sign * self.at(rule)["mean"])

    @property
    def shown(self):
        """The epoch that is shown: a half rounded up as in JavaScript."""
        return int(self.epoch + 0.5)

    def numbers(self):
        """The epoch, and each chosen method's mean, least and greatest after it."""
        numbers = {"epoch": self.shown}
        for rule in self.methods:
            numbers |= {f"{name}_{rule}": value for name, value in self.at(rule).items()}
        return numbers

    @property
    def description(self):
        """What the picture shows, in words."""
        parts = []
        for rule in self.ranking():
            n = {name: in_words(value, 4) for name, value in self.at(rule).items()}
            parts.append(
                f"{plotting.METHODS[rule].label}, α {rates()[rule]:g}: {n['mean']} "
                f"({n['low']} to {n['high']})"
            )
        order = "; ".join(parts) or "no method is chosen"
        return (
            f"Curves of {MEASURES[self.measure]} over the epochs, each the mean over seeds within a band "
            f"from the least to the greatest. After epoch {self.shown} of {EPOCHS}, the best first: "
            f"{order}. {about()}"
        )

    def still(self):
        """The chosen curves with their bands, up to the epoch."""
        count, chosen = self.shown, bands(self.measure)
        epochs, facts = np.arange(1, count + 1), axis(self.measure)
        with plotting.style():
            figure, ax = plt.subplots(figsize=(7.2, 4.2), layout="constrained")
            for rule in self.ranking():
                look = plotting.METHODS[rule]
                low, mean, high = (chosen[rule][name][:count] for name in ("low", "mean", "high"))
                plotting.band(ax, epochs, low, mean, high, look)
                plotting.disc(ax, (count, mean[-1]), look.letters, look.light)
            if self.methods:
                ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
            if self.measure != "test_accuracy":
                ax.set(yscale="log")
                ax.minorticks_off()
            ax.set(xlim=(0.8, EPOCHS + 0.2), ylim=facts["ends"], xlabel="epoch")
            ax.set(xticks=range(1, EPOCHS + 1), title=f"Recorded runs: {MEASURES[self.measure]}")
            ax.set_yticks(facts["ticks"], [f"{tick:g}" for tick in facts["ticks"]])
            plt.close(figure)
        return figure
