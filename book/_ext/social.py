"""What a link to a page looks like elsewhere: its title, its first words, and the book's picture.

The picture must have a whole address, and so it is offered only where the deployment says where the
book lies, in the environment variable FIRSTORDER_ADDRESS (such as https://example.org/first-order/).
sphinxext-opengraph does this too; here the title and the description are there already, and one
picture serves all pages.
"""

import os
import re
from html import escape, unescape
from pathlib import Path

import matplotlib.pyplot as plt
from firstorder_book import description
from sphinx.errors import ConfigError

from firstorder import plotting
from firstorder.figures import Hero

CARD = "card.png"
PIXELS = (1200, 630)  # what Open Graph's readers ask for
ALT = "The iterates of momentum swing into a banana-shaped valley and follow it to the minimum."


def say_where(app, config):
    """Take the book's address from the environment."""
    address = os.environ.get("FIRSTORDER_ADDRESS", "")
    if address and not re.fullmatch(r"https?://[^\s?#]+", address):
        raise ConfigError(f"FIRSTORDER_ADDRESS must be the book's address, but is {address!r}")
    config.html_baseurl = address and address.rstrip("/") + "/"


def tags(title, words, site, page, base):
    """The tags of one page; the page's and the picture's address only where the base is known.

    >>> print(tags("Momentum", "A ball.", "First Order", "a.html", ""))
    <BLANKLINE>
        <meta property="og:title" content="Momentum" />
        <meta property="og:description" content="A ball." />
        <meta property="og:type" content="article" />
        <meta property="og:site_name" content="First Order" />
    """
    facts = {"og:title": title, "og:description": words, "og:type": "article", "og:site_name": site}
    if base:
        facts |= {"og:url": base + page, "og:image": base + CARD, "og:image:alt": ALT}
        facts |= dict(zip(("og:image:width", "og:image:height"), map(str, PIXELS), strict=True))
    lines = [f'<meta property="{n}" content="{escape(v)}" />' for n, v in facts.items() if v]
    if base:  # Twitter takes the rest from the tags above
        lines.append('<meta name="twitter:card" content="summary_large_image" />')
    return "".join(f"\n    {line}" for line in lines)


def describe(app, pagename, templatename, context, doctree):
    """Add the tags to a page that has words of its own."""
    if doctree is None or app.builder.format != "html":
        return
    title = unescape(re.sub(r"<[^>]*>", "", context["title"]))
    page = app.builder.get_target_uri(pagename)
    if app.config.html_baseurl:  # Sphinx would name the signpost that leads to the first page
        context["pageurl"] = app.config.html_baseurl + page
    context["metatags"] += tags(
        title, description(doctree), app.config.project, page, app.config.html_baseurl
    )


def draw_card(path):
    """The book's picture as a card: the welcome page's figure from edge to edge, and the title."""
    figure = Hero().still()
    figure.set_layout_engine("none")
    figure.set_size_inches(PIXELS[0] / 150, PIXELS[1] / 150)
    (ax,) = figure.axes
    ax.set_axis_off()
    ax.set_title("", loc="left")
    ax.set_position((0, 0, 1, 1))
    figure.text(0.32, 0.83, "First Order", size=30, weight="bold", color=plotting.INK)
    figure.text(0.32, 0.75, "an executable course on first-order optimisation", color=plotting.INK)
    figure.savefig(path, dpi=150, metadata={"Software": None})
    plt.close(figure)


def lay_card(app, exception):
    """Lay the picture beside the pages, if any page names it."""
    if not exception and app.builder.format == "html" and app.config.html_baseurl:
        draw_card(Path(app.outdir) / CARD)


def setup(app):
    """Register with Sphinx."""
    app.connect("config-inited", say_where)
    app.connect("html-page-context", describe)
    app.connect("build-finished", lay_card)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
