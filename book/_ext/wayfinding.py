"""Finding one's way: names for equations and figures, and from each chapter to what belongs to it.

Each labelled equation and each live figure gets an entry in the index, which the search reads too.
Each chapter says how long it is to read, and leads to its notebook, its lab and the whole course.
`book/_static/way.js`, on every page, previews references and remembers where the reader left off.
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

CHAPTERS = "notebooks/"

# ---------------------------------------------------------------------------------- the index


def entry(name, target):
    """A place in the index: its name, and the id that it leads to."""
    return addnodes.index(entries=[("single", name, target, "main", None)])


def place_of(figure):
    """The id of the place of a live figure."""
    return nodes.make_id(f"figure-{figure.slug}")


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
        target = nodes.target(ids=[place_of(figure)])
        title = re.sub(
            r"^(A|The) ", "", figure.title
        )  # else half of them would stand under A and T
        both = addnodes.index(
            entries=[
                ("single", name, target["ids"][0], "main", None)
                for name in (title, f"live figures; {title}")
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
        block = (ROOT / "book" / "_templates" / "resume.html").read_text(encoding="utf-8")
    else:
        return
    title, rest = context["body"].split("</h1>", 1)
    context["body"] = f"{title}</h1>\n{block}{rest}"


def keep_index(app):
    """Give the search the whole index: Sphinx forgets that of pages that need no writing again."""
    held = app.builder.indexer._index_entries
    for docname, listed in app.env.get_domain("index").entries.items():
        held.setdefault(docname, [(n, t, main) for _, n, t, main, _ in listed if ";" not in n])
    return []  # no pages of our own


def in_script(data):
    """Data as JavaScript that may stand inside a page's <script>."""
    return json.dumps(data, ensure_ascii=False).replace("</", "<\\/")


def name_results(app, pagename, templatename, context, doctree):
    """Give the search page the index's own names for what it finds."""
    if pagename == "search":
        script = (ROOT / "book" / "_ext" / "search_names.js").read_text(encoding="utf-8")
        words = {f"#equation-{label}": equation.words for label, equation in EQUATIONS.items()}
        words |= {f"#{place_of(f)}": f"A live figure: {f.title}." for f in FIGURES.values()}
        held = f"const NAMES = {in_script(names(app.env))}, WORDS = {in_script(words)};"
        app.add_js_file(None, body=f"{held}\n{script}", priority=900)


def lay_out(app, exception):
    """Lay the labs, and the course as students get it, beside the pages."""
    if exception or app.builder.format != "html":
        return
    out = Path(app.outdir)
    (out / "labs").mkdir(exist_ok=True)
    for path in ROOT.glob("exercises/*/*.ipynb"):
        (out / "labs" / path.name).write_bytes(path.read_bytes())
    bundle.write(ROOT, out / "first-order.zip")


def setup(app):
    """Register with Sphinx."""
    app.add_js_file("way.js", loading_method="defer")
    app.add_transform(NameEquationsAndFigures)
    app.connect("html-page-context", lead_on)
    app.connect("html-page-context", name_results)
    app.connect("html-collect-pages", keep_index)
    app.connect("build-finished", lay_out)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": False}
