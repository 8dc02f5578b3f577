"""Still pictures, in matplotlib.

Every function here takes an Axes and data and returns the Axes.  It draws what it is given and
computes nothing: the numbers come from `firstorder.simulate` and `firstorder.theory`.
"""

from contextlib import contextmanager

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np

# Safe for colour-blind readers; every line also has its own dash pattern or a label beside it.
BLUE, ORANGE, GREEN = "#0b64a8", "#b84a00", "#00735a"
INK, MUTED, LINE = "#1d2329", "#59636e", "#d9dee3"
SERIES = (BLUE, ORANGE, GREEN)
DASHES = ("-", (0, (6, 3)), (0, (2, 2)))


@contextmanager
def style():
    """The look of the book's pictures; `with style(): fig, ax = plt.subplots()`.

    >>> with style():
    ...     mpl.rcParams["axes.spines.top"]
    False
    """
    look = {
        "figure.facecolor": "white",
        "axes.edgecolor": MUTED,
        "axes.labelcolor": INK,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.titlesize": 11,
        "axes.titleweight": "bold",
        "axes.titlelocation": "left",
        "axes.grid": True,
        "axes.axisbelow": True,
        "grid.color": LINE,
        "grid.linewidth": 0.6,
        "xtick.color": MUTED,
        "ytick.color": MUTED,
        "font.size": 10,
        "svg.hashsalt": "first order",  # the same picture is the same file
    }
    with mpl.rc_context(look):
        yield


def subplots(columns=1):
    """A figure in the book's style with so many axes side by side, like `plt.subplots`.

    >>> fig, ax = subplots()
    >>> plt.close(fig)
    """
    with style():
        return plt.subplots(1, columns, figsize=(6 * columns, 4), layout="constrained")


def contours(ax, x, y, values, levels):
    """Level lines of `values` (rows along y, columns along x), with a light fill.

    >>> import numpy as np
    >>> from matplotlib.figure import Figure
    >>> contours(Figure().gca(), [0, 1], [0, 1], np.eye(2), [0.3, 0.6]).get_aspect()
    'auto'
    """
    ax.contourf(x, y, values, levels=levels, cmap="Blues", alpha=0.35, extend="both")
    ax.contour(x, y, values, levels=levels, colors=BLUE, linewidths=0.6, alpha=0.5)
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
    ax.plot(*points[0], "o", color=INK, markersize=8, markeredgecolor="white")
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
    ax.legend(frameon=False)
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

    >>> len(envelope(plt.figure().gca(), [0, 1], [1, 2], "rate").lines)
    1
    """
    ax.plot(x, y, color=INK, linewidth=4, alpha=0.25, solid_capstyle="round", label=label)
    ax.legend(frameon=False)
    return ax


def level(ax, height, label):
    """A horizontal line with its name on it.

    >>> len(level(plt.figure().gca(), 1.0, "edge").lines)
    1
    """
    ax.axhline(height, color=MUTED, linewidth=1, linestyle=(0, (1, 2)))
    ax.annotate(
        label, (0, height), (4, 4), xycoords=("axes fraction", "data"), color=MUTED,
        textcoords="offset points",
    )  # fmt: skip
    return ax


def spectrum(ax, eigenvalues):
    """Eigenvalues from the largest to the smallest on a logarithmic axis; how many are zero, in words.

    >>> spectrum(plt.figure().gca(), [0.0, 1.0, 10.0]).get_yscale()
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


def prediction(ax, x, predicted, measured, every, color=ORANGE):
    """A predicted curve as a line, and what was measured as a ring at every so many points.

    >>> len(prediction(plt.figure().gca(), np.arange(4), np.ones(4), np.ones(4), every=2).lines)
    2
    """
    named = ax.get_legend() is None  # one legend for all the curves
    ax.plot(x, predicted, color=color, linewidth=1.8, label="predicted" if named else None)
    shown, look = slice(None, None, every), {"color": color, "fillstyle": "none"}
    ax.plot(x[shown], measured[shown], "o", **look, label="measured" if named else None)
    if named:
        ax.legend(frameon=False)
    return ax


def border(ax, x, y, dashed=False):
    """A line between two regions, or a track that a point follows.

    >>> len(border(plt.figure().gca(), [0, 1], [1, 2]).lines)
    1
    """
    ax.plot(x, y, color=ORANGE, linewidth=1.4, linestyle="--" if dashed else "-")
    return ax


def point(ax, position, color=INK):
    """One point, as large as a handle.

    >>> len(point(plt.figure().gca(), (0, 0)).lines)
    1
    """
    ax.plot(*position, "o", color=color, markersize=8, markeredgecolor="white")
    return ax


def names(ax, positions):
    """Words on the picture; each begins at its position.

    >>> len(names(plt.figure().gca(), {"here": (0, 0)}).texts)
    1
    """
    for name, at in positions.items():
        ax.annotate(name, at, color=INK, fontsize=8, weight="bold")
    return ax


def circles(ax, radii):
    """Circles about the origin of the complex plane; the first is drawn through, the others dashed.

    >>> len(circles(plt.figure().gca(), [1.0, 0.5]).patches)
    2
    """
    for index, radius in enumerate(radii):
        line = ":" if index else "-"
        ax.add_patch(plt.Circle((0, 0), radius, fill=False, edgecolor=INK, linestyle=line))
    return ax


def stems(ax, k, values):
    """A stem from zero to each value, with a dot at its end.

    >>> len(stems(plt.figure().gca(), [0, 1], [1.0, 0.5]).collections)
    1
    """
    ax.vlines(k, 0, values, color=ORANGE, linewidth=1)
    ax.plot(k, values, "o", color=ORANGE, markersize=3)
    return ax


def vectors(ax, tails, arrows, color, label):
    """Arrows from their tails (rows of (x, y)), drawn at true length.

    >>> import numpy as np
    >>> len(vectors(plt.figure().gca(), np.zeros((1, 2)), np.ones((1, 2)), BLUE, "jump").collections)
    1
    """
    ax.quiver(
        *np.transpose(tails), *np.transpose(arrows), color=color, label=label,
        angles="xy", scale_units="xy", scale=1, width=0.006, zorder=3,
    )  # fmt: skip
    return ax
