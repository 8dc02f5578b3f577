"""Finding one's way: names for equations and figures, and from each chapter to what belongs to it.

Each labelled equation and each live figure gets an entry in the index, which the search reads too.
Each chapter says how long it is to read, and leads to its notebook, its lab and the whole course.
The scripts lie in `book/_scripts`: Jupyter Book would load everything in `_static` on every page.
"""

import json
import re
from html import escape
from pathlib import Path

from docutils import nodes
from firstorder_book import ROOT, STUDENT_BRANCH
from sphinx import addnodes
from sphinx.transforms import SphinxTransform

from firstorder.claims import EQUATIONS
from firstorder.figures import FIGURES
from firstorder.grading import bundle

SCRIPTS = ROOT / "book" / "_scripts"
CHAPTERS = "notebooks/"

# ---------------------------------------------------------------------------------- the index


def entry(name, target):
    """A place in the index: its name, and the id that it leads to."""
    return addnodes.index(entries=[("single", name, target, "main", None)])


class NameEquationsAndFigures(SphinxTransform):
    """Put each labelled equation and each live figure into the index, by its name."""

    default_priority = 800  # after ids are settled, before the index is read

    def apply(self, **kwargs):
        for equation in list(self.document.findall(nodes.math_block)):
            if (label := equation.get("label")) in EQUATIONS:
                name, target = EQUATIONS[label].name, nodes.make_id(f"equation-{label}")
                equation.parent.insert(equation.parent.index(equation), entry(name, target))
        seen = set()
        for raw in list(self.document.findall(nodes.raw)):
            found = re.match(r'<figure class="fo-figure" data-figure="(\w+)"', raw.astext())
            if found and found[1] not in seen:
                seen.add(found[1])
                self.name_figure(FIGURES[found[1]], raw)

    def name_figure(self, figure, raw):
        """A place to lead to, before the cell or the raw HTML that shows the figure."""
        shown = raw
        while shown.parent is not None and not isinstance(shown.parent, nodes.section):
            shown = shown.parent
        target = nodes.target(ids=[nodes.make_id(f"figure-{figure.slug}")])
        both = addnodes.index(
            entries=[
                ("single", name, target["ids"][0], "main", None)
                for name in (figure.title, f"live figures; {figure.title}")
            ]
        )
        place = shown.parent.index(shown)
        shown.parent[place:place] = [both, target]


def names(env):
    """What the search calls a place: {"docname#id": the name it has in the index}."""
    entries = env.get_domain("index").entries
    return {
        f"{docname}#{target}": name
        for docname, listed in entries.items()
        for _, name, target, _, _ in listed
        if ";" not in name
    }


# -------------------------------------------------------------------------- how long it is to read

WORDS_A_MINUTE = 200
SECONDS = {"formula": 2, "equation": 15, "line of code": 3, "picture": 30}


def counts(doctree):
    """What there is to read on a page: words, formulas, equations, lines of code, pictures."""
    code = [
        line
        for source in doctree.findall(nodes.container)
        if "cell_input" in source["classes"]
        for line in source.astext().splitlines()
        if line.strip()
    ]
    without = (nodes.math, nodes.math_block, nodes.literal_block, nodes.raw, nodes.comment)
    prose = (t for t in doctree.findall(nodes.Text) if not isinstance(t.parent, without))
    live = (raw for raw in doctree.findall(nodes.raw) if "data-figure=" in raw.astext())
    return {
        "word": sum(len(text.split()) for text in prose),
        "formula": sum(1 for _ in doctree.findall(nodes.math)),
        "equation": sum(1 for _ in doctree.findall(nodes.math_block)),
        "line of code": len(code),
        "picture": sum(1 for _ in doctree.findall(nodes.image)) + sum(1 for _ in live),
    }


def minutes(doctree) -> int:
    """How long a page takes to read, without playing and running; to five minutes from twenty on."""
    read = counts(doctree)
    seconds = read["word"] * 60 / WORDS_A_MINUTE + sum(SECONDS[k] * read[k] for k in SECONDS)
    exact = seconds / 60
    return max(1, round(exact)) if exact < 20 else 5 * round(exact / 5)


# --------------------------------------------------------------------------- a chapter's own links


def lab(slug) -> Path:
    """The lab of a chapter as students get it."""
    return ROOT / "exercises" / slug / f"{slug}.ipynb"


def launches(repository, path, what):
    """Binder and Colab for one notebook, as (words, address); Binder's machines hold no torch."""
    inside = path.relative_to(ROOT).as_posix()
    branch = f"{repository.removeprefix('https://github.com/')}/{STUDENT_BRANCH}"
    if "import torch" not in path.read_text(encoding="utf-8"):
        yield f"{what} on Binder", f"https://mybinder.org/v2/gh/{branch}?urlpath=lab/tree/{inside}"
    branch = branch.replace(f"/{STUDENT_BRANCH}", f"/blob/{STUDENT_BRANCH}")
    yield f"{what} on Colab", f"https://colab.research.google.com/github/{branch}/{inside}"


def links(docname, sourcename, repository, pathto):
    """Where a chapter's page leads, in order: (words, address, name to save under or nothing)."""
    notebook, slug = ROOT / f"{docname}.ipynb", docname.removeprefix(CHAPTERS)
    # The lab is handed in under its own name, so the chapter gets another.
    yield "Download this notebook", pathto(f"_sources/{sourcename}", 1), f"chapter_{slug}.ipynb"
    if has_lab := lab(slug).exists():
        yield "Download its lab", pathto(f"labs/{slug}.ipynb", 1), f"{slug}.ipynb"
    yield "The whole course, zipped", pathto("first-order.zip", 1), "first-order.zip"
    if repository:
        yield from ((*link, None) for link in launches(repository, notebook, "This chapter"))
        if has_lab:
            yield from ((*link, None) for link in launches(repository, lab(slug), "Its lab"))


def way(app, pagename, context, doctree):
    """The block under a chapter's title: how long it is to read, and where it leads."""
    repository = app.config.html_theme_options.get("repository_url")
    found = links(pagename, context["sourcename"], repository, context["pathto"])
    items = "".join(
        f'<li><a href="{escape(address)}"{f" download={chr(34)}{save}{chr(34)}" if save else ""}>'
        f"{words}</a></li>"
        for words, address, save in found
    )
    how = context["pathto"]("book/how-to-use") + "#from-a-chapter-to-its-notebook-and-lab"
    return (
        f'<div class="fo-way d-print-none"><p>About {minutes(doctree)} minutes to read '
        f'(<a href="{how}">how this is counted</a>).</p><ul>{items}</ul></div>\n'
    )


def lead_on(app, pagename, templatename, context, doctree):
    """Put the block under a chapter's title, and the resuming link under the welcome page's."""
    if doctree is None or app.builder.format != "html":
        return
    if pagename.startswith(CHAPTERS):
        block = way(app, pagename, context, doctree)
    elif pagename == app.config.root_doc:
        block = (SCRIPTS / "resume.html").read_text(encoding="utf-8")
    else:
        return
    title, rest = context["body"].split("</h1>", 1)
    context["body"] = f"{title}</h1>\n{block}{rest}"


def name_results(app, pagename, templatename, context, doctree):
    """Give the search page the index's own names for what it finds."""
    if pagename == "search":
        script = (SCRIPTS / "search_names.js").read_text(encoding="utf-8")
        held = json.dumps(names(app.env), ensure_ascii=False).replace("</", "<\\/")
        app.add_js_file(None, body=f"const NAMES = {held};\n{script}", priority=900)


def lay_out(app, exception):
    """Lay the labs, and the course as students get it, beside the pages."""
    if exception or app.builder.format != "html":
        return
    out = Path(app.outdir)
    (out / "labs").mkdir(exist_ok=True)
    for path in ROOT.glob("exercises/*/*.ipynb"):
        (out / "labs" / path.name).write_bytes(path.read_bytes())
    bundle.write(ROOT, out / "first-order.zip")


def load_script(app):
    """The one script that every page loads."""
    static = Path(app.doctreedir) / "way_static"
    static.mkdir(parents=True, exist_ok=True)
    (static / "way.js").write_bytes((SCRIPTS / "way.js").read_bytes())
    app.config.html_static_path.append(str(static))
    app.add_js_file("way.js", loading_method="defer")


def setup(app):
    """Register with Sphinx."""
    app.add_transform(NameEquationsAndFigures)
    app.connect("builder-inited", load_script)
    app.connect("html-page-context", lead_on)
    app.connect("html-page-context", name_results)
    app.connect("build-finished", lay_out)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": False}
