"""The book's colours: they read as text, and on dark paper none of the light ones is left."""

import re

import numpy as np
import pytest

from firstorder.figures import FIGURES
from firstorder.palette import TONES
from firstorder.plotting import METHODS, on_dark

COLOURS = {name: (tone.light, tone.dark) for name, tone in TONES.items()}
COLOURS |= {name: (look.light, look.dark) for name, look in METHODS.items()}
del COLOURS["paper"], COLOURS["line"]


def luminance(colour):
    """Relative luminance, as WCAG 2 defines it."""
    parts = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


@pytest.mark.parametrize("colours", COLOURS.values(), ids=COLOURS.keys())
def test_every_colour_reads_as_text_on_the_pages_paper_and_on_jupyter_s(colours):
    papers = [(TONES["paper"].light, "#ffffff"), (TONES["paper"].dark, "#111111")]
    for colour, grounds in zip(colours, papers, strict=True):
        for ground in grounds:
            low, high = sorted((luminance(colour), luminance(ground)))
            assert (high + 0.05) / (low + 0.05) >= 4.5


def test_no_light_colour_stands_for_two_dark_ones():
    pairs = set(TONES.values()) | {(look.light, look.dark) for look in METHODS.values()}
    assert len({light for light, _ in pairs}) == len(pairs)


@pytest.mark.parametrize("slug", FIGURES)
def test_on_dark_paper_a_picture_keeps_its_shapes_and_none_of_its_light_colours(slug):
    light = FIGURES[slug]().still_svg()
    dark = on_dark(light)
    colour = "#[0-9a-f]{6}"
    assert re.sub(colour, "", dark) == re.sub(colour, "", light)
    assert not set(re.findall(colour, dark)) & {pair[0] for pair in COLOURS.values()}
