"""What every live figure has in Python: its traits, its numbers in words, its still picture."""

import io
import json
from functools import cache
from html import escape
from pathlib import Path

import anywidget
import matplotlib as mpl
import traitlets

BUILT = Path(__file__).parent / "built"


def control(default, low, high, label, *, step, digits, unit="", scale="linear"):
    """A number that a slider moves; the JavaScript slider is made from this one declaration.

    `step` is in the slider's own units (powers of ten where `scale` is "log"), `digits` a format
    specification for the value beside it.  A value outside [low, high] raises TraitError.

    >>> control(0.5, 0, 1, "step size α", step=0.01, digits=".2f").metadata["control"]["label"]
    'step size α'
    """
    facts = {"label": label, "min": low, "max": high, "step": step, "digits": digits}
    facts |= {"unit": unit, "scale": scale}
    return traitlets.Float(default, min=low, max=high).tag(sync=True, control=facts)


def choice(default, options, label):
    """One of several values; the JavaScript list is made from `options`, value → text.

    >>> choice("a", {"a": "first", "b": "second"}, "which").metadata["control"]["options"]
    [['a', 'first'], ['b', 'second']]
    """
    facts = {"label": label, "options": [list(option) for option in options.items()]}
    return traitlets.Enum(list(options), default).tag(sync=True, control=facts)


class Several(traitlets.List):
    """Any of several values, in their own order; JavaScript makes a checkbox of each.

    `options` is value → text, `looks` value → how its curve is drawn (plotting.METHODS).  A value that
    is none of them raises TraitError.

    >>> from ..plotting import METHODS
    >>> Several(["adam"], {"gd": "descent", "adam": "Adam"}, "methods", METHODS).default()
    ['adam']
    """

    def __init__(self, default, options, label, looks):
        self.values = ([], list(options))  # the ends of its range: none, and all
        super().__init__(default_value=list(default))
        facts = {"label": label, "options": [list(option) for option in options.items()]}
        facts["looks"] = {value: looks[value]._asdict() for value in options}
        self.tag(sync=True, control=facts)

    def validate(self, obj, value):
        chosen, (_, every) = super().validate(obj, value), self.values
        if unknown := set(chosen) - set(every):
            raise traitlets.TraitError(
                f"'{self.name}' has no {', '.join(map(repr, sorted(unknown)))}; "
                f"there are {', '.join(every)}"
            )
        return [one for one in every if one in chosen]


class Point(traitlets.Tuple):
    """A draggable point inside a window ((x0, x1), (y0, y1)); outside it, TraitError."""

    def __init__(self, default, window):
        self.window = window
        super().__init__(traitlets.CFloat(), traitlets.CFloat(), default_value=default)
        self.tag(sync=True, window=window)

    def validate(self, obj, value):
        point = super().validate(obj, tuple(value) if isinstance(value, list) else value)
        if not all(low <= v <= high for v, (low, high) in zip(point, self.window, strict=True)):
            raise traitlets.TraitError(
                f"'{self.name}' must lie in the window {self.window} of the figure; got {point}"
            )
        return point


class Drawing(traitlets.List):
    """A curve that the reader draws: heights at equal distances, each within [low, high]."""

    def __init__(self, default, low, high):
        self.low, self.high, self.count = low, high, len(default)
        super().__init__(traitlets.CFloat(), default_value=default)
        self.tag(sync=True, drawing={"count": self.count, "low": low, "high": high})

    def validate(self, obj, value):
        heights = super().validate(obj, list(value))
        if len(heights) != self.count or not all(self.low <= v <= self.high for v in heights):
            raise traitlets.TraitError(
                f"'{self.name}' must be {self.count} numbers between {self.low} and {self.high}"
            )
        return heights


@cache
def built(name):
    """The text of a built file.  Raises FileNotFoundError that says how to build it."""
    path = BUILT / name
    if not path.exists():
        raise FileNotFoundError(
            f"the live figures are not built ({path.name} is missing): "
            "run `python -m firstorder.figures.build` once (`make book` and `make lab` do)"
        )
    return path.read_text(encoding="utf-8")


class LiveFigure(anywidget.AnyWidget):
    """A figure with one mathematics and two homes: a widget in Jupyter, a script on a page.

    A subclass gives `slug`, `title`, `constants`, its traits, `numbers()`, `description` and
    `still()`.  Traits are ordinary: set them, observe them, `ipywidgets.link` them.
    """

    slug = ""
    title = ""
    constants = {}  # noqa: RUF012 (read only)

    _esm = traitlets.Unicode().tag(sync=True)

    @traitlets.default("_esm")
    def _default_esm(self):
        return built(f"{self.slug}.mjs")

    @classmethod
    def moving(cls):
        """The traits that make up the state, by name."""
        is_state = lambda trait: bool({"control", "window", "drawing"} & set(trait.metadata))  # noqa: E731
        return {name: t for name, t in sorted(cls.class_traits().items()) if is_state(t)}

    @classmethod
    def spec(cls):
        """What the JavaScript has to know: names, ranges and words, as plain data."""
        traits = cls.moving()
        controls = [
            {"name": n, **t.metadata["control"]}
            for n, t in traits.items()
            if "control" in t.metadata
        ]
        windows = [t.metadata["window"] for t in traits.values() if "window" in t.metadata]
        return {
            "slug": cls.slug,
            "title": cls.title,
            "traits": list(traits),
            "controls": sorted(controls, key=lambda c: list(cls.__dict__).index(c["name"])),
            "window": windows[0] if windows else None,
            "drawings": {
                n: t.metadata["drawing"] for n, t in traits.items() if "drawing" in t.metadata
            },
            **cls.constants,
        }

    @property
    def state(self):
        """The values of the traits, as plain data.

        The order is that of the names, so that the same state is the same text.
        """
        return {name: getattr(self, name) for name in self.moving()}

    def numbers(self):
        """The numbers under the figure, by name, computed by `simulate` and `theory`."""
        raise NotImplementedError

    @property
    def description(self):
        """What the picture shows, in words, for the present state."""
        raise NotImplementedError

    def still(self):
        """The picture of the present state, as a matplotlib Figure."""
        raise NotImplementedError

    def still_svg(self):
        """The still picture as the text of an SVG file; the same state gives the same text."""
        buffer = io.StringIO()
        with mpl.rc_context({"svg.hashsalt": "first order"}):
            self.still().savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
        return buffer.getvalue()

    def html(self, image=""):
        """The figure's place on a page: the tag of its still picture (if there is one) and words."""
        state = escape(json.dumps(self.state), quote=True)
        return (
            f'<figure class="fo-figure" data-figure="{self.slug}" data-state="{state}">'
            f'{image}<figcaption class="fo-still">{escape(self.description)}</figcaption></figure>'
        )

    def __repr__(self):
        state = ", ".join(f"{name}={value!r}" for name, value in self.state.items())
        return f"{type(self).__name__}({state})"

    def _repr_mimebundle_(self, **kwargs):
        data, metadata = super()._repr_mimebundle_(**kwargs)
        return {**data, "text/plain": repr(self), "text/html": self.html()}, metadata


_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def in_words(value, digits=3):
    """A number for a sentence, with `digits` significant figures and a true minus.

    >>> in_words(0.012345), in_words(-1.9802), in_words(4.21e-9)
    ('0.0123', '−1.98', '4.21×10⁻⁹')
    """
    mantissa, _, exponent = f"{value:.{digits}g}".partition("e")
    power = "×10" + str(int(exponent)).translate(_RAISED) if exponent else ""
    return mantissa.replace("-", "−") + power
