"""Chapter 7: eleven methods race from one start, on ten landscapes."""

from functools import cache, lru_cache

import matplotlib.pyplot as plt
import numpy as np

from .. import plotting
from ..problems import LANDSCAPES, on_grid
from ..rules import RULES
from ..simulate import iterate, tune
from .base import LiveFigure, Point, choice, control, in_words

START = (-2.8, -2.5)
EDGE = 3.5
VIEW = ((-EDGE, EDGE), (-EDGE, EDGE))
STEPS = 125
THERE = 1e-3  # how near to the minimum a loss has to be: the finishing line
DECIMALS = 9  # beyond these, rounding decides who is ahead

# Every method is swept over the same 25 step sizes, three to a factor of ten.
RATES = 10.0 ** np.linspace(-5, 3, 25)

# The level lines of each landscape: how many, and how they crowd towards the minimum.
LEVELS = {
    "wobbly": (14, 1.5),
    "bowl": (12, 2.0),
    "basins": (12, 1.5),
    "ripple": (12, 1.2),
    "plateau": (10, 1.0),
    "canyon": (14, 1.5),
    "two_minimums": (13, 2.0),
    "rosenbrock": (12, 6.0),
    "saddle": (13, 2.0),
    "rastrigin": (5, 1.2),
}
GROUPS = {
    "all": tuple(plotting.METHODS),
    "momentum": ("gd", "momentum", "nesterov"),
    "sums": ("gd", "adagrad", "rmsprop", "adadelta"),
    "adam": ("gd", "adam", "adamw", "amsgrad", "adamax", "nadam"),
}


@cache
def tuned(landscape):
    """The best of `RATES` for each method on a landscape, from `START`, as method → step size.

    The score is the mean loss over the last 25 of the 125 steps; a run that leaves the picture is out.
    """
    f = LANDSCAPES[landscape]
    return {name: tune(name, f, START, STEPS, RATES, within=EDGE).alpha for name in GROUPS["all"]}


@cache
def levels(landscape):
    """The values of the landscape's level lines, from its minimum to its highest point in the picture."""
    f, (count, power) = LANDSCAPES[landscape], LEVELS[landscape]
    lowest, highest = f.value(f.minimum), on_grid(f.value, *VIEW)[2].max()
    return lowest + (highest - lowest) * (np.arange(1, count + 1) / (count + 1)) ** power


@lru_cache(maxsize=256)
def _run(landscape, method, alpha, start):
    """The iterates of one method, and their losses to nine decimals; a lost run has infinite ones."""
    f = LANDSCAPES[landscape]
    path = iterate(method, f.gradient, start, STEPS, alpha=alpha)
    with np.errstate(over="ignore", invalid="ignore"):
        losses = np.round(f.value(path), DECIMALS) + 0.0  # no −0
    return path, np.where(np.isfinite(losses), losses, np.inf)


class LandscapeRace(LiveFigure):
    """All the methods from one start on one landscape, 125 steps, with their ranking at step k.

    A method is there when its loss is within 10⁻³ of the lowest.  Those who are there rank by when
    they came to stay, the others by their loss.  Step sizes are torch's defaults, or each method's own
    from the sweep in `tuned`.

    >>> race = LandscapeRace(landscape="bowl", rates="defaults")
    >>> race.ranking(k=125)[:3]
    ['momentum', 'nesterov', 'rmsprop']
    """

    slug = "landscape_race"
    title = "The landscape race"
    constants = {  # noqa: RUF012
        "steps": STEPS,
        "rate": 12,  # steps a second when played
        "view": VIEW,
        "there": THERE,
        "decimals": DECIMALS,
        "methods": {name: look._asdict() for name, look in plotting.METHODS.items()},
        "groups": GROUPS,
        "hyper": {name: dict(RULES[name].hyper) for name in plotting.METHODS},
    }

    landscape = choice("wobbly", {name: LANDSCAPES[name].title for name in LEVELS}, "landscape")
    rates = choice(
        "tuned", {"tuned": "tuned by a sweep", "defaults": "torch’s defaults"}, "step sizes"
    )
    methods = choice(
        "all",
        {
            "all": "all eleven",
            "momentum": "GD and momentum",
            "sums": "GD, Adagrad to Adadelta",
            "adam": "GD and Adam’s family",
        },
        "methods",
    )
    k = control(60.0, 0, STEPS, "step k", step=1, digits=".0f")
    start = Point(START, ((-3.4, 3.4), (-3.4, 3.4)))

    @classmethod
    def spec(cls):
        """As for every figure, with the swept step sizes and the level lines of each landscape."""
        return {
            **super().spec(),
            "tuned": {name: tuned(name) for name in LEVELS},
            "levels": {name: levels(name).tolist() for name in LEVELS},
        }

    @property
    def step(self):
        """The step that is shown: k, a half rounded up as in JavaScript."""
        return int(self.k + 0.5)

    def alpha(self, method):
        """The step size of a method in this race."""
        if self.rates == "tuned":
            return tuned(self.landscape)[method]
        return RULES[method].hyper["alpha"]

    def run(self, method):
        """The iterates of a method (126×2) and their losses (126)."""
        return _run(self.landscape, method, self.alpha(method), self.start)

    def standings(self, k):
        """Of each method at step k: its loss, and the step since which it is there (or infinity)."""
        f = LANDSCAPES[self.landscape]
        standings = {}
        for method in GROUPS[self.methods]:
            losses = self.run(method)[1][: k + 1]
            away = np.flatnonzero(losses - f.value(f.minimum) > THERE)
            since = away[-1] + 1 if len(away) else 0
            standings[method] = losses[-1], since if since <= k else np.inf
        return standings

    def ranking(self, k):
        """The methods in their order at step k."""
        standings = self.standings(k)

        def place(method):
            loss, since = standings[method]
            return since, loss if since == np.inf else 0.0

        return sorted(standings, key=place)  # sorted keeps the order of equals

    def numbers(self):
        """The step k, since when each method that is there has been, and the losses of the others."""
        numbers = {"k": self.step}
        for method, (loss, since) in self.standings(numbers["k"]).items():
            there = since < np.inf
            numbers |= {f"since_{method}": int(since)} if there else {f"loss_{method}": loss}
        return numbers

    def labels(self, k):
        """A line of words for each method at step k, in the order of the ranking."""
        standings, labels = self.standings(k), {}
        for method in self.ranking(k):
            loss, since = standings[method]
            size = in_words(loss) if loss < np.inf else "∞"
            words = f"there at step {since}" if since < np.inf else f"loss {size}"
            labels[method] = f"{plotting.METHODS[method].label}, {words}"
        return labels

    @property
    def description(self):
        """What the picture shows, in words."""
        rates = {
            "tuned": "each with the best step size of its sweep",
            "defaults": "with torch's default step sizes",
        }[self.rates]
        order = "; ".join(self.labels(self.step).values())
        return (
            f"Level lines of the landscape “{LANDSCAPES[self.landscape].title}” and the paths of "
            f"{len(GROUPS[self.methods])} methods from ({in_words(self.start[0])}, "
            f"{in_words(self.start[1])}), {rates}, up to step {self.step} of {STEPS}. "
            f"The order: {order}."
        )

    def _stage(self):
        """An empty stage: the landscape and its minimum."""
        f = LANDSCAPES[self.landscape]
        figure, ax = plt.subplots(figsize=(7.2, 4.6), layout="constrained")
        plotting.contours(ax, *on_grid(f.value, *VIEW), levels(self.landscape))
        plotting.minimum(ax, f.minimum)
        ax.set(xlim=VIEW[0], ylim=VIEW[1], aspect="equal", xlabel="w₁", ylabel="w₂", title=f.title)
        plt.close(figure)
        return figure, ax

    def _draw(self, ax, k):
        """The paths up to step k, less what lies far away, and the ranking."""
        paths = {method: self.run(method)[0][: k + 1] for method in self.ranking(k)}
        paths = {m: path[(np.abs(path) < 100 * EDGE).all(axis=1)] for m, path in paths.items()}
        plotting.race(ax, paths, self.labels(k))

    def still(self):
        """The landscape, the paths up to step k, and the ranking."""
        with plotting.style():
            figure, ax = self._stage()
            self._draw(ax, self.step)
        return figure

    def save(self, path, every=1):
        """Save the race up to step k as a film, .gif or .mp4, of every so manyth step.

        Raises ValueError for another suffix, RuntimeError for an .mp4 where ffmpeg is missing.

        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     LandscapeRace(k=2).save(f"{folder}/race.gif")
        """
        with plotting.style():
            figure, ax = self._stage()
            scenery = len(ax.lines)

            def draw(k):
                for artist in [*ax.lines[scenery:], *ax.texts]:
                    artist.remove()
                self._draw(ax, k)

            frames = range(0, self.step + 1, every)
            plotting.animate(figure, draw, frames, path, self.constants["rate"])
