"""Still pictures on the book's pages: vectors, on light paper and on dark, each with its place kept.

While the book is built the kernels draw SVG.  A page shows each picture twice, and the theme hides
the one whose paper is not the reader's; what is hidden is never fetched.
"""

import os
import re
from pathlib import Path

import imagesize

from firstorder.plotting import on_dark

KERNEL = """\
c.InlineBackend.figure_formats = {"svg"}
c.InlineBackend.print_figure_kwargs = {"bbox_inches": None, "metadata": {"Date": None}}
"""


def draw_vectors(app, config):
    """Tell the kernels that this build starts how to draw."""
    home = Path(app.outdir).parent / ".ipython"
    profile = home / "profile_default"
    profile.mkdir(parents=True, exist_ok=True)
    (profile / "ipython_kernel_config.py").write_text(KERNEL, encoding="utf-8")
    os.environ["IPYTHONDIR"] = str(home)


def lay(app, pagename, templatename, context, doctree):
    """Fetch each picture when a reader comes near, on the paper that is shown, into its place."""
    files = {name: uri for uri, name in app.builder.images.items()}

    def both(match):
        width, height = imagesize.get(Path(app.srcdir, files[f"{match['name']}.svg"]))
        size = f'width="{width:.0f}" height="{height:.0f}"'
        place = f'alt="{match["alt"]}" {size} loading="lazy"'
        light = f'<img class="only-light" src="{match["way"]}{match["name"]}.svg" {place}>'
        dark = f'<img class="only-dark" src="{match["way"]}{match["name"]}-dark.svg" {place}>'
        # Panels side by side scroll on a telephone, also by keyboard.
        wide = ' class="fo-wide" role="group" aria-label="Wide picture" tabindex="0"'
        return f"<div{wide if width > 1.8 * height else ''}>{light}{dark}</div>"

    if "body" in context and app.builder.format == "html":
        context["body"] = re.sub(
            r'<img alt="(?P<alt>[^"]*)" src="(?P<way>(?:\.\./)*_images/)(?P<name>[^"]+)\.svg" />',
            both,
            context["body"],
        )


def darken(app, exception):
    """Lay a picture for dark paper beside each."""
    if exception or app.builder.format != "html":
        return
    for name in app.builder.images.values():
        light = Path(app.outdir, app.builder.imagedir, name)
        dark = on_dark(light.read_text(encoding="utf-8"))
        light.with_name(f"{light.stem}-dark.svg").write_text(dark, encoding="utf-8")


def setup(app):
    """Register with Sphinx."""
    app.connect("config-inited", draw_vectors)
    app.connect("html-page-context", lay, priority=900)
    app.connect("build-finished", darken)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
