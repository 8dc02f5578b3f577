"""What this book asks of its pages beyond the theme: less to load, a few accessible names, an index.

The theme is Sphinx Book Theme.  Its templates that are changed lie in `book/_templates`, each with
its reason; what a template cannot change is changed here, in what Sphinx is about to write.
"""

import hashlib
import os
import re
import sys
from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.errors import ConfigError

from firstorder.palette import TONES

ROOT = Path(__file__).resolve().parents[2]

# The branch that holds the course without `solutions/`; launch buttons must lead to no other.
STUDENT_BRANCH = "student"


def launch_from_repository(app, config):
    """Offer Binder and Colab if the deployment says where the course lives (owner/name)."""
    repository = os.environ.get("FIRSTORDER_REPOSITORY", "")
    if not repository:
        return
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", repository):
        raise ConfigError(f"FIRSTORDER_REPOSITORY must be owner/name, but is {repository!r}")
    config.html_theme_options.update(
        repository_url=f"https://github.com/{repository}",
        repository_branch=STUDENT_BRANCH,
        launch_buttons={
            "notebook_interface": "jupyterlab",
            "binderhub_url": "https://mybinder.org",
            "colab_url": "https://colab.research.google.com",
        },
    )


def follow_the_package(app, config):
    """Run the notebooks and write the pages again when the package, a version, or how they draw changed.

    The execution cache knows a notebook by its cells alone, and Sphinx a page by its file, so both
    would go on showing what an older package drew.  A new place for the cache tells them.
    """
    digest = hashlib.sha256((os.environ.get("FIRSTORDER_DATA", "") + sys.version).encode())
    drawn = ROOT / "book" / "_ext" / "still_pictures.py"
    for file in [ROOT / "constraints.txt", drawn, *sorted((ROOT / "firstorder").rglob("*"))]:
        if file.is_file() and "__pycache__" not in file.parts:
            digest.update(file.relative_to(ROOT).as_posix().encode() + file.read_bytes())
    cache = ROOT / "_build" / ".jupyter_cache" / digest.hexdigest()[:16]
    config.nb_execution_cache_path = str(cache)


def dress_pages(app, config):
    """Give the style sheet, `_static/firstorder.css_t`, the book's colours.

    Sphinx copies styles only when it writes pages, and writes them when their context has changed.
    """
    digest = hashlib.sha256()
    for file in sorted(path for path in (ROOT / "book").glob("_[st]*/**/*") if path.is_file()):
        digest.update(file.read_bytes())
    config.html_context |= {"tones": dict(TONES), "look": digest.hexdigest()}


def root_at_index(app):
    """Write the root page to index.html, as web servers and readers expect."""
    builder, root = app.builder, app.config.root_doc
    if builder.format != "html":
        return
    target_uri, outfilename = builder.get_target_uri, builder.get_outfilename

    def get_target_uri(docname, typ=None):
        return target_uri("index" if docname == root else docname, typ)

    def get_outfilename(pagename):
        return outfilename("index" if pagename == root else pagename)

    builder.get_target_uri, builder.get_outfilename = get_target_uri, get_outfilename


def redirect_root(app, exception):
    """Leave a signpost where the search index, which knows pages by their source, sends readers."""
    if exception or app.builder.format != "html":
        return
    root = app.config.root_doc
    index = "../" * root.count("/") + "index.html"
    page = Path(app.outdir, root + ".html")
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(
        '<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="utf-8">\n'
        f"<title>{escape(app.config.html_title)}</title>\n"
        f'<meta http-equiv="refresh" content="0; url={index}">\n'
        f'<link rel="canonical" href="{index}"></head>\n'
        f'<body><a href="{index}">{escape(app.config.html_title)}</a></body>\n</html>\n',
        encoding="utf-8",
    )


def description(doctree) -> str:
    """The first paragraph without mathematics, cut at a word, for search engines and previews."""
    for paragraph in doctree.findall(nodes.paragraph):
        if not list(paragraph.findall(nodes.math)):
            text = " ".join(paragraph.astext().split())
            return text if len(text) <= 160 else text[:160].rsplit(" ", 1)[0] + " …"
    return ""


# Scripts that the theme loads before it shows anything, and that nothing on a page waits for.
LATER = {
    "_static/doctools.js",
    "_static/sphinx_highlight.js",
    "_static/scripts/sphinx-book-theme.js",
}


def settle_scripts(scripts, pagename):
    """The scripts of a page: without the saved state of widgets, and some after the page is read.

    Live figures mount themselves from their own HTML, so nothing reads the saved state.
    """
    for script in scripts:
        attributes = dict(script.attributes)
        if "widget-state" in attributes.get("type", ""):
            continue
        # The search page's own scripts call these at once.
        if script.filename in LATER and pagename != "search":
            attributes["defer"] = "defer"
        yield type(script)(script.filename, priority=script.priority, **attributes)


def trim_page(app, pagename, templatename, context, doctree):
    """Load less, name lists as lists, and describe the page."""
    context["script_files"] = list(settle_scripts(context["script_files"], pagename))
    # A list's children must be list items; sphinxcontrib-bibtex calls them bibliography entries.
    if "body" in context:
        context["body"] = context["body"].replace('role="doc-biblioentry"', 'role="listitem"')
    if doctree is not None and (text := description(doctree)):
        context["metatags"] += f'\n    <meta name="description" content="{escape(text)}" />'


def setup(app):
    # The deployment lays the PDF and the zip file beside the pages, which then link to them.
    if os.environ.get("FIRSTORDER_DOWNLOADS"):
        app.tags.add("downloads")
    # Jupyter Book hands over the settings of an extension that this book does not load.
    app.add_config_value("comments_config", {}, "")
    app.connect("config-inited", launch_from_repository)
    app.connect("config-inited", follow_the_package)
    app.connect("config-inited", dress_pages)
    app.connect("builder-inited", root_at_index)
    app.connect("html-page-context", trim_page, priority=900)
    app.connect("build-finished", redirect_root)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": False}
