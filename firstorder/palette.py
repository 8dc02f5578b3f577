"""The book's colours, each once: on light paper and on dark.

The style sheet of the pages, the live figures and the still pictures are all made from this table.
The colours follow Okabe and Ito's palette (2008), safe for colour-blind readers, darkened for light
paper until each reads as text: all but `line` have a contrast of at least 4.5 : 1 against `paper`.
Red is kept for divergence and errors.  Colour alone never carries a meaning: add a label or a dash.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class Tone(NamedTuple):
    """One colour, as #rrggbb, on light paper and on dark."""

    light: str
    dark: str


TONES: Mapping[str, Tone] = MappingProxyType(
    {
        "ink": Tone("#1f2328", "#e4e7ea"),  # text
        "muted": Tone("#5a636d", "#a2acb6"),  # secondary text, axes
        "paper": Tone("#fdfdfc", "#15181c"),  # what lies below everything
        "line": Tone("#d8dce1", "#3a4149"),  # rules, grid lines, borders; not for text
        "blue": Tone("#0072b2", "#56b4e9"),
        "orange": Tone("#a86200", "#e69f00"),
        "green": Tone("#00795a", "#2fc299"),
        "purple": Tone("#a5467f", "#d68fb8"),
        "red": Tone("#c43800", "#ff7f50"),
    }
)


def figure_css():
    """The custom properties of the live figures: the page's colours where it has them, else these.

    JupyterLab has a paper of its own.

    >>> figure_css().splitlines()[1]
    '  --ink: var(--fo-ink, light-dark(#1f2328, #e4e7ea));'
    """
    tones = {name: f"light-dark({tone.light}, {tone.dark})" for name, tone in TONES.items()}
    tones["paper"] = f"var(--jp-layout-color0, {tones['paper']})"
    lines = [f"  --{name}: var(--fo-{name}, {tone});" for name, tone in tones.items()]
    return "\n".join([".fo-live {", *lines, "}"])
