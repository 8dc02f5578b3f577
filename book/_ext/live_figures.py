"""Sphinx: live figures on the book's pages.

A notebook's cell that shows a `LiveFigure` leaves its place on the page; on a prose page the
directive does:

    ```{live-figure} hero
    ```

Each place gets a still picture with a written description, and the page the engine and one script
per kind of figure, which puts the live one on top (see firstorder.figures.page).
"""

from docutils import nodes
from docutils.parsers.rst import Directive

from firstorder.figures import FIGURES
from firstorder.figures.page import FOLDER, settle


class LiveFigureDirective(Directive):
    """```{live-figure} slug``` puts the figure of that name here, in its first state."""

    required_arguments = 1

    def run(self):
        slug = self.arguments[0]
        if slug not in FIGURES:
            raise self.error(f"no live figure is called {slug!r}; there are {', '.join(FIGURES)}")
        return [nodes.raw("", FIGURES[slug]().html(), format="html")]


def settle_page(app, pagename, templatename, context, doctree):
    """Give the figures of one page their pictures and scripts."""
    body = context.get("body")
    if body and "fo-figure" in body and app.builder.format == "html":
        way = context["pathto"](FOLDER, 1).removesuffix(FOLDER)
        context["body"] = settle(body, app.outdir, way)


def setup(app):
    """Register with Sphinx."""
    app.add_directive("live-figure", LiveFigureDirective)
    app.connect("html-page-context", settle_page)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
