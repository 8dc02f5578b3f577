"""Still pictures, in matplotlib.

Every function here takes an Axes and data and returns the Axes.  It draws what it is given and
computes nothing: the numbers come from `firstorder.simulate` and `firstorder.theory`.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from cycler import cycler
from matplotlib import animation
from matplotlib.patheffects import withStroke

from .palette import TONES

# Pictures are drawn for light paper; `on_dark` makes the dark one of it.
INK, MUTED, PAPER, LINE = (TONES[name].light for name in ("ink", "muted", "paper", "line"))
BLUE, ORANGE, GREEN, PURPLE = (TONES[name].light for name in ("blue", "orange", "green", "purple"))
SERIES = (BLUE, ORANGE, GREEN, PURPLE, INK)
DASHES = ("-", (0, (6, 3)), (0, (2, 2)), (0, (8, 3, 2, 3)), (0, (12, 3)))


class Look(NamedTuple):
    """How one method is drawn, here and in the live figures.

    Its name, the two letters of its marker, its colour on light and on dark paper, and its dashes
    (lengths of line and gap; none for a line drawn through).
    """

    label: str
    letters: str
    light: str
    dark: str
    dashes: tuple[float, ...] = ()

    @property
    def line(self):
        """Its colour and dashes, as matplotlib's `plot` takes them."""
        return {"color": self.light, "linestyle": (0, self.dashes or (1, 0))}


# One family, one part of the colour circle; the letters and dashes tell what colour cannot.
METHODS: Mapping[str, Look] = MappingProxyType(
    {
        "gd": Look("Gradient descent", "GD", *TONES["ink"]),
        "momentum": Look("Momentum", "Mo", *TONES["blue"]),
        "nesterov": Look("Nesterov", "Ne", "#007078", "#4cc9d4", (6, 3)),
        "adagrad": Look("Adagrad", "Ag", "#b84a00", "#f5a25d"),
        "rmsprop": Look("RMSprop", "RM", "#b3202c", "#ff8d8d", (6, 3)),
        "adadelta": Look("Adadelta", "De", "#7a5900", "#d9b84a", (2, 3)),
        "adam": Look("Adam", "Ad", "#8a3f8f", "#d99be0"),
        "adamw": Look("AdamW", "AW", "#5b3fb5", "#b3a3ff", (6, 3)),
        "amsgrad": Look("AMSGrad", "AG", "#b01f6e", "#ff8fc4", (2, 3)),
        "adamax": Look("Adamax", "AX", *TONES["green"], (8, 3, 2, 3)),
        "nadam": Look("Nadam", "Na", "#4d6b00", "#a9cf52", (10, 4)),
    }
)


LOOK: Mapping[str, object] = MappingProxyType(
    {
        "figure.facecolor": PAPER,
        "axes.facecolor": PAPER,
        "text.color": INK,
        "axes.edgecolor": MUTED,
        "axes.labelcolor": INK,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.titlesize": 11,
        "axes.titleweight": "bold",
        "axes.titlelocation": "left",
        "axes.grid": True,
        "axes.axisbelow": True,
        "axes.prop_cycle": cycler(color=SERIES, linestyle=DASHES),
        "grid.color": LINE,
        "grid.linewidth": 0.6,
        "legend.frameon": False,
        "xtick.color": MUTED,
        "ytick.color": MUTED,
        "font.size": 10,
        "svg.hashsalt": "first order",  # the same picture is the same file
    }
)


def style():
    """The look of the book's pictures for a while; `with style(): fig, ax = plt.subplots()`.

    >>> with style():
    ...     mpl.rcParams["axes.spines.top"]
    False
    """
    return mpl.rc_context(dict(LOOK))


def on_dark(svg):
    """A picture in the book's colours, the text of an SVG file, as it stands on dark paper.

    >>> on_dark('<path style="fill: #1f2328"/>')
    '<path style="fill: #e4e7ea"/>'
    """
    tones = [*TONES.values(), *((look.light, look.dark) for look in METHODS.values())]
    dark = dict(tones)
    return re.sub("#[0-9a-f]{6}", lambda colour: dark.get(colour[0], colour[0]), svg)


def subplots(columns=1):
    """A figure in the book's look with so many axes side by side, like `plt.subplots`.

    The look stays for the session, for a picture's words take it when they are written.

    >>> fig, ax = subplots()
    >>> plt.close(fig)
    """
    mpl.rcParams.update(LOOK)
    size = (5.6, 3.7) if columns == 1 else (7.2, 7.2 / columns)  # no wider than a page's column
    return plt.subplots(1, columns, figsize=size, layout="constrained")


def contours(ax, x, y, values, levels):
    """Level lines of `values` (rows along y, columns along x); the higher, the deeper the fill.

    >>> import numpy as np
    >>> from matplotlib.figure import Figure
    >>> contours(Figure().gca(), [0, 1], [0, 1], np.eye(2), [0.3, 0.6]).get_aspect()
    'auto'
    """
    lines = ax.contour(x, y, values, levels=levels, colors=BLUE, linewidths=0.6, alpha=0.5)
    for low in lines.levels:  # one sheet upon another, as the live figures lay them
        ax.contourf(x, y, values, levels=[low, np.inf], colors=BLUE, alpha=0.045)
    ax.grid(False)
    return ax


def path(ax, points, label=None, color=ORANGE):
    """Iterates (k×2), joined by a line; the first is a larger dot.

    >>> import numpy as np
    >>> from matplotlib.figure import Figure
    >>> len(path(Figure().gca(), np.eye(2)).lines)
    2
    """
    ax.plot(*points.T, "o-", color=color, markersize=2.6, linewidth=1, alpha=0.85, label=label)
    ax.plot(*points[0], "o", color=INK, markersize=8, markeredgecolor=PAPER)
    return ax


def minimum(ax, point):
    """A cross where the function is least.

    >>> from matplotlib.figure import Figure
    >>> len(minimum(Figure().gca(), (0, 0)).lines)
    1
    """
    ax.plot(*point, "+", color=INK, markersize=10, markeredgewidth=1.6)
    return ax


def curves(ax, x, ys, labels):
    """Curves over one x; each has its own colour and its own dash pattern.

    >>> from matplotlib.figure import Figure
    >>> len(curves(Figure().gca(), [0, 1], [[1, 2], [2, 3]], ["a", "b"]).lines)
    2
    """
    for y, label, color, dash in zip(ys, labels, SERIES, DASHES, strict=False):
        ax.plot(x, y, color=color, linestyle=dash, linewidth=1.8, label=label)
    ax.legend()
    return ax


def stack(ax, x, parts, labels):
    """Parts (one row each) stacked over x; their sum is the upper edge.

    >>> from matplotlib.figure import Figure
    >>> len(stack(Figure().gca(), [0, 1], [[1, 1], [2, 1]], ["a", "b"]).collections)
    2
    """
    colors = SERIES[: len(parts)]
    ax.stackplot(x, parts, labels=labels, colors=colors, alpha=0.35, edgecolor=colors)
    return ax


def bars(ax, lengths, labels, texts):
    """Horizontal bars, one per label, with a text at the end of each.

    >>> from matplotlib.figure import Figure
    >>> len(bars(Figure().gca(), [1, 2], ["a", "b"], ["1", "2"]).patches)
    2
    """
    drawn = ax.barh(labels, lengths, color=SERIES[: len(lengths)], alpha=0.85, height=0.55)
    ax.bar_label(drawn, texts, padding=4)
    ax.invert_yaxis()
    ax.grid(axis="y", visible=False)
    return ax


def envelope(ax, x, y, label):
    """One heavy curve that stands above others.

    >>> from matplotlib.figure import Figure
    >>> len(envelope(Figure().gca(), [0, 1], [1, 2], "rate").lines)
    1
    """
    ax.plot(x, y, color=INK, linewidth=4, alpha=0.25, solid_capstyle="round", label=label)
    ax.legend()
    return ax


def level(ax, height, label):
    """A horizontal line with its name on it.

    >>> from matplotlib.figure import Figure
    >>> len(level(Figure().gca(), 1.0, "edge").lines)
    1
    """
    ax.axhline(height, color=MUTED, linewidth=1, linestyle=(0, (1, 2)))
    ax.annotate(
        label, (0, height), (4, 4), xycoords=("axes fraction", "data"), color=MUTED,
        textcoords="offset points", path_effects=[withStroke(linewidth=3, foreground=PAPER)],
    )  # fmt: skip
    return ax


def spectrum(ax, eigenvalues):
    """Eigenvalues from the largest to the smallest on a logarithmic axis; how many are zero, in words.

    >>> from matplotlib.figure import Figure
    >>> spectrum(Figure().gca(), [0.0, 1.0, 10.0]).get_yscale()
    'log'
    """
    ordered = np.sort(eigenvalues)[::-1]
    positive = ordered[ordered > 0]
    ax.plot(np.arange(1, len(positive) + 1), positive, ".", color=BLUE, markersize=3)
    ax.set_yscale("log")
    if len(positive) < len(ordered):
        ax.annotate(
            f"{len(ordered) - len(positive)} are zero", (0.03, 0.05), xycoords="axes fraction",
            color=MUTED,
        )  # fmt: skip
    return ax


def prediction(ax, x, predicted, measured, every, name="predicted"):
    """A predicted curve as a line, and what was measured as a ring at every so many points.

    Each further curve on the same axes has its own colour, dashes and `name`.

    >>> from matplotlib.figure import Figure
    >>> len(prediction(Figure().gca(), np.arange(4), np.ones(4), np.ones(4), every=2).lines)
    2
    """
    nth = len(ax.lines) // 2
    color = SERIES[nth]
    ax.plot(x, predicted, color=color, linestyle=DASHES[nth], linewidth=1.8, label=name)
    shown, look = slice(None, None, every), {"color": color, "fillstyle": "none"}
    ax.plot(x[shown], measured[shown], "o", **look, label="measured")
    ax.legend(handles=[*ax.lines[::2], ax.lines[1]])
    return ax


def border(ax, x, y, dashed=False):
    """A line between two regions, or a track that a point follows.

    >>> from matplotlib.figure import Figure
    >>> len(border(Figure().gca(), [0, 1], [1, 2]).lines)
    1
    """
    ax.plot(x, y, color=ORANGE, linewidth=1.4, linestyle="--" if dashed else "-")
    return ax


def point(ax, position, color=INK):
    """One point, as large as a handle.

    >>> from matplotlib.figure import Figure
    >>> len(point(Figure().gca(), (0, 0)).lines)
    1
    """
    ax.plot(*position, "o", color=color, markersize=8, markeredgecolor=PAPER)
    return ax


def names(ax, positions):
    """Words on the picture; each begins at its position.

    >>> from matplotlib.figure import Figure
    >>> len(names(Figure().gca(), {"here": (0, 0)}).texts)
    1
    """
    for name, at in positions.items():
        ax.annotate(name, at, color=INK, fontsize=8, weight="bold")
    return ax


def circles(ax, radii):
    """Circles about the origin of the complex plane; the first is drawn through, the others dashed.

    >>> from matplotlib.figure import Figure
    >>> len(circles(Figure().gca(), [1.0, 0.5]).patches)
    2
    """
    for index, radius in enumerate(radii):
        line = ":" if index else "-"
        ax.add_patch(plt.Circle((0, 0), radius, fill=False, edgecolor=INK, linestyle=line))
    return ax


def stems(ax, k, values):
    """A stem from zero to each value, with a dot at its end.

    >>> from matplotlib.figure import Figure
    >>> len(stems(Figure().gca(), [0, 1], [1.0, 0.5]).collections)
    1
    """
    ax.vlines(k, 0, values, color=ORANGE, linewidth=1)
    ax.plot(k, values, "o", color=ORANGE, markersize=3)
    return ax


def vectors(ax, tails, arrows, color, label):
    """Arrows from their tails (rows of (x, y)), drawn at true length.

    >>> import numpy as np
    >>> from matplotlib.figure import Figure
    >>> len(vectors(Figure().gca(), np.zeros((1, 2)), np.ones((1, 2)), BLUE, "jump").collections)
    1
    """
    ax.quiver(
        *np.transpose(tails), *np.transpose(arrows), color=color, label=label,
        angles="xy", scale_units="xy", scale=1, width=0.006, zorder=3,
    )  # fmt: skip
    return ax


def image(ax, values, title):
    """A picture of numbers, one square for each, with its scale beside it.

    >>> from matplotlib.figure import Figure
    >>> len(image(Figure().gca(), [[0, 1], [1, 0]], "ink").images)
    1
    """
    drawn = ax.imshow(values, cmap="cividis")
    ax.figure.colorbar(drawn, ax=ax, shrink=0.85)
    ax.set(title=title, xticks=[], yticks=[])
    ax.grid(False)
    return ax


def methods(ax, x, curves):
    """Curves over one x by the names in `METHODS`, each in its method's colour and dashes.

    >>> from matplotlib.figure import Figure
    >>> len(methods(Figure().gca(), [0, 1], {"adam": [1, 2], "gd": [2, 3]}).lines)
    2
    """
    for name, y in curves.items():
        look = METHODS[name]
        ax.plot(x, y, **look.line, linewidth=1.6, label=look.label)
    ax.legend(fontsize=8)
    return ax


def moment(ax, at):
    """A vertical line at the place on the axis that is shown.

    >>> from matplotlib.figure import Figure
    >>> len(moment(Figure().gca(), 1.0).lines)
    1
    """
    ax.axvline(at, color=MUTED, linewidth=1, linestyle=(0, (1, 2)))
    return ax


def disc(ax, position, letters, color):
    """A disc with a letter or two in it, to tell curves apart where colour cannot.

    >>> from matplotlib.figure import Figure
    >>> disc(Figure().gca(), (0, 0), "Ad", BLUE).texts[0].get_text()
    'Ad'
    """
    look = {"boxstyle": "circle,pad=0.25", "facecolor": color, "edgecolor": PAPER}
    ax.text(
        *position, letters, bbox=look, color=PAPER, fontsize=6, weight="bold",
        ha="center", va="center", clip_on=True, zorder=4,
    )  # fmt: skip
    return ax


def race(ax, paths, labels):
    """The paths (k×2) of several methods, by the names in `METHODS`, each with its letters at its end.

    The legend stands to the right, in the order of `paths`.  Returns the Axes.

    >>> from matplotlib.figure import Figure
    >>> len(race(Figure().gca(), {"adam": np.eye(2)}, {"adam": "Adam 0.1"}).lines)
    1
    """
    for name, points in paths.items():
        look = METHODS[name]
        ax.plot(*points.T, **look.line, linewidth=1.5, label=labels[name])
        disc(ax, points[-1], look.letters, look.light)
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=8)
    return ax


def animate(figure, draw, frames, path, rate):
    """Save a film, `draw(frame)` for each frame, `rate` frames a second, as .gif or .mp4.

    Raises ValueError for another suffix, RuntimeError where an .mp4 is asked for and ffmpeg is missing.

    >>> from matplotlib.figure import Figure
    >>> animate(Figure(), print, range(3), "race.avi", rate=12)
    Traceback (most recent call last):
    ValueError: a film is saved as .gif or .mp4, not as 'race.avi'
    """
    writer = {".gif": "pillow", ".mp4": "ffmpeg"}.get(Path(path).suffix.lower())
    if writer is None:
        raise ValueError(f"a film is saved as .gif or .mp4, not as {str(path)!r}")
    if not animation.writers.is_available(writer):
        raise RuntimeError(
            f"an .mp4 needs ffmpeg on this machine; save {Path(path).stem}.gif instead"
        )
    draw(frames[-1])
    figure.draw_without_rendering()
    figure.set_layout_engine("none")  # things stand where they will stand at the end
    film = animation.writers[writer](fps=rate)
    with film.saving(figure, path, dpi=80):
        for frame in frames:
            draw(frame)
            film.grab_frame()


def losses(ax, step_loss, epochs, epoch_loss):
    """A run's loss at each step, faint, and each epoch's mean at the step where it ends.

    >>> from matplotlib.figure import Figure
    >>> losses(Figure().gca(), [2.0, 1.0], [2], [1.5]).get_yscale()
    'log'
    """
    ax.plot(
        np.arange(len(step_loss)), step_loss, color=BLUE, linewidth=0.5, alpha=0.4, label="step"
    )
    ax.plot(epochs, epoch_loss, "o-", color=INK, markersize=4, label="mean of an epoch")
    ax.set(yscale="log", xlabel="step", ylabel="training loss")
    ax.legend()
    return ax


def accuracies(ax, epochs, accuracy):
    """A run's share of right answers on the test images after each epoch.

    >>> from matplotlib.figure import Figure
    >>> accuracies(Figure().gca(), [1, 2], [0.9, 0.95]).get_xlabel()
    'epoch'
    """
    ax.plot(epochs, accuracy, "o-", color=BLUE, markersize=4)
    ax.set(xlabel="epoch", ylabel="test accuracy")
    return ax


def numbered(ax, x, y, method, number):
    """A run's curve in its method's look (ink for one that has none), its number at the end.

    >>> from matplotlib.figure import Figure
    >>> numbered(Figure().gca(), [1, 2], [0.5, 0.1], "adam", "3").texts[0].get_text()
    '3'
    """
    look = METHODS.get(method, Look(method, number, INK, INK))
    ax.plot(x, y, **look.line, linewidth=1.5)
    return disc(ax, (x[-1], y[-1]), number, look.light) if len(x) else ax


def band(ax, x, low, middle, high, look):
    """A curve within a band, such as the mean of several runs from their least to their greatest.

    >>> from matplotlib.figure import Figure
    >>> len(band(Figure().gca(), [1, 2], [0, 0], [1, 1], [2, 3], METHODS["adam"]).collections)
    1
    """
    ax.fill_between(x, low, high, color=look.light, alpha=0.15, linewidth=0)
    ax.plot(x, middle, **look.line, linewidth=1.6, label=look.label)
    return ax


def heat(ax, x, y, values, title, label):
    """A map: values (rows along y, columns along x) in colour over a logarithmic x, with their scale.

    >>> from matplotlib.figure import Figure
    >>> len(heat(Figure().gca(), [1, 10], [0, 1], [[0, 1], [1, 2]], "loss", "log").collections)
    1
    """
    drawn = ax.pcolormesh(
        x, y, values, cmap="cividis", shading="nearest", edgecolors="face", linewidth=0.8
    )
    ax.figure.colorbar(drawn, ax=ax, label=label)
    ax.set(title=title, xscale="log", facecolor=LINE)
    ax.grid(False)
    return ax
