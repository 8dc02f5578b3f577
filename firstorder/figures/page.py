"""The figures' home on a page: still picture and words first, the live figure on top of them.

The book's Sphinx extension (book/_ext/live_figures.py) and the browser tests both come through here.
"""

import hashlib
import json
import re
from functools import cache
from html import escape, unescape
from pathlib import Path

from . import FIGURES
from .base import built

_PLACE = re.compile(
    r'<figure class="fo-figure" data-figure="(?P<slug>\w+)" data-state="(?P<state>[^"]*)">.*?</figure>',
    re.DOTALL,
)
_SIZE = re.compile(r'<svg[^>]* width="([\d.]+)pt" height="([\d.]+)pt"')
FOLDER = "_figures"


def settle(body, out, prefix=""):
    """Give each figure in a page's HTML its still picture and the page its scripts.

    `body` is the page's HTML as `LiveFigure.html` left it, `out` the folder of the site's files (the
    pictures and scripts go to `out/_figures/`), `prefix` the way from the page to that folder ("../").
    A page without figures comes back unchanged and loads nothing.
    Raises KeyError for an unknown figure, TraitError for a state out of range.
    """

    def place(match):
        slug, state = match["slug"], json.loads(unescape(match["state"]))
        figure = FIGURES[slug](**state)
        still = f"{FOLDER}/{slug}-{_mark(json.dumps(state))}.svg"
        picture = _still(slug, match["state"])
        _write(Path(out) / still, picture)
        # Lazy: where the live figure takes its place at once it is fetched for paper only.
        width, height = pixels(picture)
        return figure.html(
            f'<img class="fo-still" src="{escape(prefix + still)}" alt="{escape(figure.title)}" '
            f'width="{width}" height="{height}" loading="lazy">'
        )

    def script(name):
        text = built(f"{name}.js")
        _write(Path(out) / FOLDER / f"{name}.js", text)
        address = f"{prefix}{FOLDER}/{name}.js?v={_mark(text)}"  # lest a browser keep an old one
        return f'<script defer src="{address}"></script>'

    slugs = dict.fromkeys(match["slug"] for match in _PLACE.finditer(body))
    body = _PLACE.sub(place, body)
    return "\n".join([body, *map(script, ["engine", *slugs] if slugs else [])])


def pixels(svg):
    """The width and height of a matplotlib picture, on a page: a point is 4/3 of a pixel.

    >>> pixels('<svg width="75pt" height="30.3pt">')
    (100, 40)
    """
    return tuple(round(float(side) * 4 / 3) for side in _SIZE.search(svg).groups())


def _mark(text):
    """Eight digits that change with a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:8]


@cache
def _still(slug, state):
    """A picture is drawn once, on however many pages it stands."""
    return FIGURES[slug](**json.loads(unescape(state))).still_svg()


def _write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def page(*figures):
    """A bare page that holds these figures, as the book's pages do, without the book around them."""
    places = "\n".join(figure.html() for figure in figures)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Live figures</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<style>:root{color-scheme:light dark}body{font:16px/1.6 system-ui,sans-serif;margin:0 auto;"
        "max-width:760px;padding:1rem;background:light-dark(#fff,#14181c);color:light-dark(#1d2329,#e8e6e1)}"
        "figure{margin:2rem 0}"
        f"</style></head><body><main><h1>Live figures</h1>{places}</main></body></html>"
    )
