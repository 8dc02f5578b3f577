"""The theme's rules and icons, cut down to those that the book shows: 20 kB of a page, not 220.

The theme brings all of Bootstrap's rules, and a web font of 1400 icons with a rule for each.  Once
the pages are written, PurgeCSS keeps the rules whose names stand on some page or in some script, and
the font keeps the shapes that those rules name.
"""

import re
from io import BytesIO
from pathlib import Path

from fontTools import subset

from firstorder.figures import build

SHEET = "styles/pydata-sphinx-theme.css"
FONTS = "vendor/fontawesome/webfonts"
FONT = f"{FONTS}/fa-solid-900"
PUT_TOGETHER = ["bs-tooltip-auto", "data-bs-popper"]  # names that Bootstrap's script makes of parts
_FACE = re.compile(r"@font-face\{[^}]*\}")


def one_font(css: str) -> str:
    """A style sheet with the icons' font alone, in the one format that is kept.

    >>> one_font('a{top:0}@font-face{src:url(fa-solid-900.ttf)}@font-face{src:url(fa-brands.ttf)}')
    'a{top:0}'
    """

    def face(rule):
        source = f'src:url(../{FONT}.woff) format("woff")}}'
        return re.sub(r"src:.*\}", source, rule[0]) if f"{FONT}." in rule[0] else ""

    return _FACE.sub(face, css)


def shapes(font: Path, css: str) -> bytes:
    """The font with only those characters that a style sheet names, as WOFF."""
    options = subset.Options(flavor="woff", layout_features=[])
    loaded = subset.load_font(font, options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=[int(code, 16) for code in re.findall(r'"\\([\da-f]+) ?"', css)])
    subsetter.subset(loaded)
    buffer = BytesIO()
    subset.save_font(loaded, buffer, options)
    return buffer.getvalue()


def slim(app, exception):
    """Write both over what Sphinx copied, and drop the icon script and fonts that no page loads."""
    if exception or app.builder.format != "html":
        return
    static = Path(app.outdir, "_static")
    for file in [*static.glob("scripts/fontawesome.js*"), *static.glob(f"{FONTS}/*")]:
        file.unlink()
    themes = [Path(folder, "static") for folder in app.builder.theme.get_theme_dirs()]
    theme = next(folder for folder in themes if (folder / SHEET).exists())
    build.run(
        "purgecss", "--css", theme / SHEET, "--output", (static / SHEET).parent,
        "--content", f"{app.outdir}/**/*.html", f"{app.outdir}/**/*.js",
        "--safelist", *PUT_TOGETHER,
    )  # fmt: skip
    css = one_font((static / SHEET).read_text(encoding="utf-8"))
    (static / SHEET).write_text(css, encoding="utf-8")
    (static / f"{FONT}.woff").write_bytes(shapes(theme / f"{FONT}.ttf", css))


def setup(app):
    app.connect("build-finished", slim)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": False}
