"""The training panel: choose, start, pause, stop and compare runs in Jupyter."""

import asyncio
import base64
import io
import itertools
import time
from dataclasses import dataclass
from html import escape
from pathlib import Path

import ipywidgets as widgets
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator

from .. import plotting
from ..data import STAND_IN_TRAIN, load_mnist
from ..rules import RULES
from .loop import Diverged, Record, Run
from .networks import as_tensors, choose_device, convolutional_network, dense_network
from .optimizer import Optimizer

NETWORKS = {
    "784–32–10": lambda seed: dense_network(seed, (784, 32, 10), biases=0),
    "784–300–10": lambda seed: dense_network(seed, biases=0),
    "convolutional": convolutional_network,
}
SLICE = 1000  # images that a run trains on before it looks up
PERIOD = 1.0  # seconds between two pictures of a run
LETTERS = {
    "alpha": "step size α",
    "beta": "momentum β",
    "beta1": "β₁",
    "beta2": "β₂",
    "gamma": "γ",
    "rho": "ρ",
    "epsilon": "ε",
    "decay": "weight decay",
    "psi": "ψ",
}
LOGARITHMIC = {"alpha": (-5, 1), "epsilon": (-12, 0)}  # powers of ten
FRACTIONS = ("decay", "psi")
AVERAGES = ("beta", "beta1", "beta2", "gamma", "rho")
FORM = {"style": {"description_width": "8rem"}, "layout": {"width": "auto"}}
STAND_IN = (
    "MNIST could not be had: these are scikit-learn's 1797 smaller digits, and numbers will differ from "
    "the book's."
)


def trainable():
    """The names of the rules that ask for the gradient at the parameters, where backward() gives it.

    >>> "adam" in trainable(), "nesterov_lookahead" in trainable()
    (True, False)
    """
    return [name for name, rule in RULES.items() if not _looks_ahead(rule)]


def _looks_ahead(rule):
    """Whether the rule asks for the gradient at another point than the parameters."""
    w, points = np.ones(1), []

    def gradient(point):
        points.append(point)
        return w

    rule(w, gradient, rule.initial_state(w), **rule.hyper)
    return any(point is not w for point in points)


def hyperparameter(name, default):
    """A control for a rule's hyperparameter, at its default.

    >>> hyperparameter("alpha", 0.001).max
    1.0
    """
    facts = {"value": default, "description": LETTERS.get(name, name), **FORM}
    if name in LOGARITHMIC:
        low, high = LOGARITHMIC[name]
        return widgets.FloatLogSlider(
            min=low, max=high, step=0.01, readout_format=".3g", **facts
        )  # fmt: skip
    if name in AVERAGES:
        return widgets.FloatSlider(min=0, max=0.9999, step=0.0001, readout_format=".4f", **facts)
    if name in FRACTIONS:
        return widgets.BoundedFloatText(min=0, max=1, step=0.001, **facts)
    return widgets.FloatText(**facts)


def smoothed(step_loss, steps_per_epoch):
    """A run's training loss as (epochs, means): each point is the mean over a tenth of an epoch.

    >>> smoothed(np.array([3.0, 1.0, 2.0, 0.0]), 20)
    (array([0.05, 0.15]), array([2., 1.]))
    """
    width = max(1, steps_per_epoch // 10)
    count = len(step_loss) // width
    means = step_loss[: count * width].reshape(count, width).mean(axis=1)
    return (np.arange(count) + 0.5) * width / steps_per_epoch, means


@dataclass
class PanelRun:
    """One run of the panel: what was chosen, what was measured so far, and how it stands.

    `state` is "loading", "training", "paused", "stopped", "finished", "diverged" or "failed", and
    `words` say why.  `run` can be iterated further, `record` saved and plotted.
    """

    number: int
    settings: dict
    run: Run | None = None
    record: Record | None = None
    state: str = "loading"
    words: str = ""

    @property
    def name(self):
        """The run in words: its number, its rule, its step size."""
        rule, alpha = RULES[self.settings["rule"]], self.settings.get("alpha")
        size = f", α {alpha:.3g}" if alpha is not None else ""
        return f"{self.number}. {rule.title}{size}, {self.settings['network']}"

    @property
    def epoch(self):
        """How many epochs were trained so far, with their fraction."""
        return self.run.step / self.run.steps_per_epoch if self.run else 0.0


class TrainingPanel(widgets.VBox):
    """Train networks by hand: choose a network, a rule and its numbers; start, pause, stop, compare.

    A run trains in slices on a thread of its own, and between two slices the kernel answers: the
    buttons, the other cells.  One run trains at a time; earlier ones stay in `runs`, are compared in
    one picture, and go on from where they were stopped.  A rule that you register yourself is in the
    list as well, with a control for each of its hyperparameters.
    What is measured after each epoch is measured on a twelfth of the training images that is held
    out (MNIST: the last 5,000), never on the test images.
    Nothing is loaded or trained before Start.  In a plain script, where no event loop runs, `start`
    and `resume` train to the end before they return.

    >>> panel = TrainingPanel()
    >>> panel.rule.value = "adam"
    >>> panel
    TrainingPanel(rule='adam', network='784–32–10', runs=0)
    """

    def __init__(self):
        self.runs = []
        self.current = None  # the run that trains or is paused
        self._wish = None  # what the run that trains is asked to become
        self._digits = None
        try:
            self._loop = asyncio.get_running_loop()
        except RuntimeError:
            self._loop = None
        titles = [(RULES[name].title, name) for name in trainable()]
        self.network = widgets.Dropdown(options=list(NETWORKS), description="network", **FORM)
        self.rule = widgets.Dropdown(options=titles, description="rule", **FORM)
        numbers = {"seed": (0, 0, 9999), "epochs": (5, 1, 100), "batch": (100, 1, 10_000)}
        numbers["images"] = (10_000, 100, 55_000)
        self.numbers = {
            name: widgets.BoundedIntText(value, min=low, max=high, description=name, **FORM)
            for name, (value, low, high) in numbers.items()
        }
        self.hyper = {}
        self._hyper_box = widgets.VBox()
        self.buttons = {
            name: widgets.Button(description=name.capitalize().replace("Resume", "Continue"))
            for name in ("start", "pause", "resume", "stop", "save")
        }
        for name, button in self.buttons.items():
            button.on_click(getattr(self, name))
        self.chosen = widgets.Dropdown(options=[("none yet", 0)], description="run", **FORM)
        self.message, self.table, self.picture = (widgets.HTML() for _ in range(3))
        self.rule.observe(self.choose_rule, "value")
        self.chosen.observe(self.choose_run, "value")
        wrap = widgets.Layout(flex_flow="row wrap")
        start, pause, resume, stop, save = self.buttons.values()
        column = widgets.Layout(flex="1 1 18rem", max_width="28rem")
        settings = widgets.VBox([self.network, *self.numbers.values()], layout=column)
        rule = widgets.VBox([self.rule, self._hyper_box], layout=column)
        super().__init__(
            [
                widgets.Box([settings, rule], layout=wrap),
                widgets.Box([start, pause, resume, stop], layout=wrap),
                self.message,
                self.picture,
                self.table,
                widgets.Box([self.chosen, save], layout=wrap),
            ]
        )
        self.choose_rule()
        self.show()
        self._say("Choose, then press Start. Nothing is loaded before.")

    # ------------------------------------------------------------------------------- the controls

    def choose_rule(self, change=None):
        """Show the controls of the chosen rule's hyperparameters, at their defaults."""
        hyper = RULES[self.rule.value].hyper
        self.hyper = {name: hyperparameter(name, default) for name, default in hyper.items()}
        self._hyper_box.children = tuple(self.hyper.values())

    def choose_run(self, change=None):
        """Let Continue and Save mean the chosen run."""
        self._enable()

    @property
    def settings(self):
        """What the controls say, as plain data: what the next run is made of."""
        return {
            "network": self.network.value,
            "rule": self.rule.value,
            **{name: control.value for name, control in self.hyper.items()},
            **{name: control.value for name, control in self.numbers.items()},
        }

    @property
    def _selected(self):
        """The run that the list below the picture names."""
        return self.runs[self.chosen.value - 1] if self.runs else None

    @property
    def training(self):
        """Whether a run trains now."""
        return self.current is not None and self.current.state in ("loading", "training")

    # ------------------------------------------------------------------- start, pause, resume, stop

    def start(self, _=None):
        """Begin a new run with what the controls say, unless one trains or is paused."""
        if self.current is None:
            run = PanelRun(len(self.runs) + 1, self.settings)
            self.runs.append(run)
            self.chosen.options = [(each.name, each.number) for each in self.runs]
            self.chosen.value = run.number
            self._launch(run)

    def pause(self, _=None):
        """Let the run that trains halt after its slice; Continue goes on, Stop makes way for another."""
        if self.training:
            self._wish = "paused"

    def resume(self, _=None):
        """Go on with the paused run, or with the chosen one if it was stopped."""
        if self._resumable:
            self._launch(self._resumable)

    def stop(self, _=None):
        """End the present run; it stays in the list, to be saved or continued later."""
        if self.training:
            self._wish = "stopped"
        elif self.current:
            self.current.state, self.current = "stopped", None
            self.show()

    def save(self, _=None):
        """Write the chosen run's record as JSON into the current folder, under a name not yet taken."""
        run = self._selected
        if run is None or run.record is None:
            return
        stem = f"training-{run.number}-{run.settings['rule']}"
        names = itertools.chain([stem], (f"{stem}-{n}" for n in itertools.count(2)))
        path = next(path for name in names if not (path := Path(f"{name}.json")).exists())
        try:
            run.record.save(path)
        except OSError as error:
            return self._say(f"The record could not be saved: {error}")
        self._say(f"The record of run {run.number} is in {path}; Record.load reads it.")

    @property
    def _resumable(self):
        """The run that Continue would go on with, if any."""
        run = self.current or self._selected
        return run if run and run.state in ("paused", "stopped") else None

    def _launch(self, run):
        """Train on the kernel's event loop, whichever thread the button was heard on."""
        self.current, self._wish = run, None
        run.state = "training" if run.run else "loading"
        self.show()
        if self._loop is None:
            asyncio.run(self._train(run))
        else:
            asyncio.run_coroutine_threadsafe(self._train(run), self._loop)

    async def _train(self, run):
        """Train slice by slice, until the end or until another state is wished for.

        Slices, and loading, happen on another thread; the widgets are touched on this one alone.
        """
        try:
            if run.run is None:
                run.run = await asyncio.to_thread(self._prepare, run.settings)
                run.state = "training"
            slices, shown = iter(run.run), time.monotonic()
            while self._wish is None:
                record = await asyncio.to_thread(next, slices, None)
                if record is None:
                    self._wish = "finished"
                elif time.monotonic() > shown + PERIOD:
                    run.record = record
                    self.show()
                    shown = time.monotonic()
            run.state = self._wish
        except Diverged as error:
            run.state, run.words = "diverged", str(error)
        except Exception as error:  # whatever it is, the reader should see it here
            run.state, run.words = "failed", f"{type(error).__name__}: {error}"
        finally:
            if run.run:
                run.record = run.run.record
            if run.state != "paused":
                self.current = None
            self.show()

    def _prepare(self, settings):
        """The run of these settings; the first one loads the digits."""
        if self._digits is None:
            self._digits = load_mnist(stand_in=True)[:2]
        images, labels = self._digits
        held_out = len(images) // 12
        count = min(settings["images"], len(images) - held_out)
        seed, batch, rule = settings["seed"], settings["batch"], settings["rule"]
        model = NETWORKS[settings["network"]](seed).to(choose_device())
        hyper = {name: settings[name] for name in RULES[rule].hyper}
        source = "stand-in digits" if len(images) == STAND_IN_TRAIN else "MNIST"
        facts = {"images": count, "validation_images": held_out, "data": source}
        return Run(
            model,
            *as_tensors(images[:count], labels[:count]),
            Optimizer(model.parameters(), rule, **hyper),
            epochs=settings["epochs"],
            batch=batch,
            seed=seed,
            test=as_tensors(images[-held_out:], labels[-held_out:]),
            every=max(1, SLICE // batch),
            settings={"network": settings["network"], "rule": rule, **hyper, **facts},
        )

    # ---------------------------------------------------------------------------- what is to be seen

    def show(self):
        """Bring buttons, words, table and picture up to date."""
        self._enable()
        if self.runs:
            self._say(self._status(self.current or self.runs[-1]))
            self.table.value = self._rows()
        if any(run.record for run in self.runs):
            self.picture.value = self._drawn()

    def _enable(self):
        able = {
            "start": self.current is None,
            "pause": self.training,
            "resume": self._resumable is not None,
            "stop": self.current is not None,
            "save": bool(self._selected and self._selected.record),
        }
        for name, button in self.buttons.items():
            button.disabled = not able[name]

    def _say(self, words):
        self.message.value = f'<p role="status">{escape(words)}</p>'

    def _status(self, run):
        """How a run stands, in words."""
        if run.state == "loading":
            return "Loading the digits …"
        at = f"after {run.epoch:.2f} epochs"
        words = {
            "training": f"Run {run.number} is training.",
            "paused": f"Run {run.number} is paused {at}: Continue goes on, Stop makes way for another.",
            "stopped": f"Run {run.number} was stopped {at}; Continue goes on with it.",
            "finished": f"Run {run.number} is finished.",
            "diverged": f"Run {run.number} diverged: {run.words}.",
            "failed": f"Run {run.number} failed: {run.words}",
        }[run.state]
        stand_in = run.run and run.run.settings["data"] != "MNIST"
        return f"{words} {STAND_IN}" if stand_in else words

    def _rows(self):
        """A table of all runs: how far they are, their last loss and accuracy."""
        heads = ("run", "state", "epoch", "training loss", "validation accuracy")
        rows = []
        for run in self.runs:
            loss = accuracy = "–"
            if run.record and len(run.record.step_loss):
                loss = f"{run.record.step_loss[-10:].mean():.4f}"
            if run.record and len(run.record.test_accuracy):
                accuracy = f"{100 * run.record.test_accuracy[-1]:.2f} %"
            epoch = f"{run.epoch:.2f} of {run.settings['epochs']}"
            rows.append((run.name, run.state, epoch, loss, accuracy))
        head = "".join(f'<th scope="col" style="padding: 0 .7em">{word}</th>' for word in heads)
        body = "".join(
            "<tr>" + "".join(f'<td style="padding: 0 .7em">{escape(x)}</td>' for x in row) + "</tr>"
            for row in rows
        )
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        return f'<div style="overflow-x: auto; white-space: nowrap">{table}</div>'

    def _drawn(self):
        """The curves of all runs, as an image with a description."""
        runs = [run for run in self.runs if run.record]
        with plotting.style():
            # A computed layout would take as long again as the drawing, and this is drawn often.
            figure = Figure(figsize=(9, 3.4))
            figure.subplots_adjust(0.07, 0.14, 0.99, 0.91, wspace=0.15)
            loss, accuracy = figure.subplots(1, 2)
            for run in runs:
                who = (run.settings["rule"], str(run.number))
                points = smoothed(run.record.step_loss, run.run.steps_per_epoch)
                plotting.numbered(loss, *points, *who)
                percent = 100 * run.record.test_accuracy
                plotting.numbered(accuracy, np.arange(1, len(percent) + 1), percent, *who)
            loss.set(yscale="log", title="Training loss")
            loss.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            loss.yaxis.set_major_formatter("{x:g}")
            loss.minorticks_off()
            accuracy.set(title="Validation accuracy, %")
            for ax in (loss, accuracy):
                ax.set(xlim=(0, None), xlabel="epoch")
                ax.xaxis.set_major_locator(MaxNLocator(integer=True))
            buffer = io.BytesIO()
            figure.savefig(buffer, format="png", dpi=100)
        picture = base64.b64encode(buffer.getvalue()).decode()
        words = "Loss and accuracy of " + "; ".join(run.name for run in runs)
        return (
            f'<img style="max-width: 100%" alt="{escape(words)}" '
            f'src="data:image/png;base64,{picture}">'
        )

    def __repr__(self):
        return (
            f"TrainingPanel(rule={self.rule.value!r}, network={self.network.value!r}, "
            f"runs={len(self.runs)})"
        )

    def _repr_mimebundle_(self, **kwargs):
        words = (
            "<p>Here stands the training panel, where Jupyter runs: choose a network and a rule, start, "
            "pause and stop, and compare the runs. It needs a kernel, which this page has not.</p>"
        )
        return {**super()._repr_mimebundle_(**kwargs), "text/plain": repr(self), "text/html": words}
