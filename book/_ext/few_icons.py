"""The theme's icons, cut down to those that the book shows: 3 kB of every page instead of 180.

The theme loads a web font of 1400 icons and a rule for each.  Here its style sheet keeps the rules
of `ICONS`, and the font their shapes.  tests/test_book.py shows that no page wants another one.
"""

import re
from io import BytesIO
from pathlib import Path

from fontTools import subset

ICONS = {
    "angle-left", "angle-right", "bars", "circle-half-stroke", "code", "download", "file",
    "file-pdf", "list", "magnifying-glass", "moon", "rocket", "sun", "xmark",
}  # fmt: skip
SHEET = "styles/pydata-sphinx-theme.css"
FONTS = "vendor/fontawesome/webfonts"
FONT = f"{FONTS}/fa-solid-900"
_RULE = re.compile(r'((?:\.fa-[\w-]+:before,?)+)\{content:"[^"]*"\}')
_FACE = re.compile(r"@font-face\{[^}]*\}")


def few(css: str) -> str:
    """The theme's style sheet with the rules of `ICONS`, and their font, alone.

    >>> few('.fa-sun:before{content:"1"}.fa-fax:before{content:"2"}@font-face{src:url(fa-brands.ttf)}')
    '.fa-sun:before{content:"1"}'
    """

    def wanted(rule):
        names = set(re.findall(r"\.fa-([\w-]+):before", rule[1]))
        return rule[0] if names & ICONS else ""

    def face(rule):
        source = f'src:url(../{FONT}.woff) format("woff")}}'
        return re.sub(r"src:.*\}", source, rule[0]) if f"{FONT}." in rule[0] else ""

    return _FACE.sub(face, _RULE.sub(wanted, css))


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


def start(app):
    """Lay both where Sphinx takes static files from; they take the place of the theme's."""
    if app.builder.format != "html":
        return
    for folder in app.builder.theme.get_theme_dirs():
        theme = Path(folder, "static")
        if (theme / SHEET).exists():
            break
    static = Path(app.doctreedir) / "few_icons"
    css = few((theme / SHEET).read_text(encoding="utf-8"))
    for name, content in {
        SHEET: css.encode(),
        f"{FONT}.woff": shapes(theme / f"{FONT}.ttf", css),
    }.items():
        (static / name).parent.mkdir(parents=True, exist_ok=True)
        (static / name).write_bytes(content)
    app.config.html_static_path.append(str(static))


def tidy(app, exception):
    """Drop the theme's icon script and fonts, 3 MB that no page loads."""
    if exception or app.builder.format != "html":
        return
    static = Path(app.outdir, "_static")
    for file in [*static.glob("scripts/fontawesome.js*"), *static.glob(f"{FONTS}/*")]:
        if file.suffix != ".woff":
            file.unlink()


def setup(app):
    app.connect("builder-inited", start, priority=900)
    app.connect("build-finished", tidy)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": False}
