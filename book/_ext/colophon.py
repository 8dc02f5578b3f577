"""What the book was made with, and how to cite it; both are read from where they are kept.

The versions are those of the environment that runs the notebooks and writes the pages; what the book
is called, by whom, and when, stands in CITATION.cff alone.
"""

import platform
import re
import textwrap
from importlib.metadata import version

import nbformat
import yaml
from docutils import nodes
from firstorder_book import ROOT
from sphinx.util.docutils import SphinxDirective

import firstorder

GROUPS = ("the package", "notebooks", "the book")  # the parts of requirements.txt that make a page
NAMED = {"numpy": "NumPy", "sympy": "SymPy", "matplotlib": "Matplotlib", "torch": "PyTorch"}


def packages():
    """The packages that the pages are made with, in the order of requirements.txt."""
    parts = (ROOT / "requirements.txt").read_text(encoding="utf-8").split("\n\n")
    wanted = [part for part in parts if part.startswith(tuple(f"# {name}" for name in GROUPS))]
    return [n for part in wanted for n in re.findall(r"^([\w.-]+)==", part, re.MULTILINE)]


def citation():
    """What CITATION.cff says."""
    return yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))


def authors(facts):
    """The authors' names, as BibTeX wants them; a name that is not a person's stays in one piece."""
    return " and ".join(
        f"{{{a['name']}}}" if "name" in a else f"{a['family-names']}, {a['given-names']}"
        for a in facts["authors"]
    )


def bibtex(kind, key, fields):
    """One entry of a bibliography.

    >>> print(bibtex("misc", "a1", {"title": "{A}", "year": 2026, "url": ""}))
    @misc{a1,
      title = {{A}},
      year = {2026}
    }
    """
    given = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
    lines = [
        textwrap.fill(line, 56, subsequent_indent="    ", break_on_hyphens=False) for line in given
    ]
    return f"@{kind}{{{key},\n" + ",\n".join(lines) + "\n}"


def book_entry(facts, address):
    """The whole book."""
    year = facts["date-released"].year
    fields = {"author": authors(facts), "title": f"{{{facts['title']}}}", "year": year}
    fields |= {"note": f"Version {facts['version']}", "url": address}
    return bibtex("misc", f"firstorder{year}", fields)


def chapters():
    """The chapters, as (slug, number, title)."""
    for path in sorted(ROOT.glob("notebooks/[0-9]*.ipynb")):
        first = nbformat.read(path, as_version=4).cells[0].source.splitlines()[0]
        number, title = re.fullmatch(r"# (\d+)\. (.+)", first).groups()
        yield path.stem, number, title


def chapter_entry(facts, address, slug, number, title):
    """One chapter."""
    year = facts["date-released"].year
    fields = {"author": authors(facts), "title": f"{{{title}}}"}
    fields |= {"booktitle": f"{{{facts['title']}}}", "chapter": number, "year": year}
    fields |= {"note": f"Version {facts['version']}"}
    fields |= {"url": address and f"{address}notebooks/{slug}.html"}
    return bibtex("incollection", f"firstorder{year}-{slug}", fields)


class Versions(SphinxDirective):
    """```{versions}``` lists what this book was made with."""

    def run(self):
        rows = [("First Order", firstorder.__version__), ("Python", platform.python_version())]
        rows += [(NAMED.get(name, name), version(name)) for name in packages()]
        self.env.note_dependency(str(ROOT / "requirements.txt"))
        table = "\n".join(f"| {name} | {number} |" for name, number in rows)
        return self.parse_text_to_nodes(f"| package | version |\n|---|---|\n{table}\n")


class HowToCite(SphinxDirective):
    """```{how-to-cite}``` gives the book as a citation, and the book and each chapter in BibTeX."""

    def run(self):
        facts, address = citation(), self.config.html_baseurl
        self.env.note_dependency(str(ROOT / "CITATION.cff"))
        who = re.sub(r"[{}]", "", authors(facts))
        said = f"{who} ({facts['date-released'].year}). *{facts['title']}* (version {facts['version']})."
        parts = [f"{said} {address}\n\n```bibtex\n{book_entry(facts, address)}\n```\n"]
        for slug, number, title in chapters():
            self.env.note_dependency(str(ROOT / "notebooks" / f"{slug}.ipynb"))
            entry = chapter_entry(facts, address, slug, number, title)
            parts.append(
                f"(cite-{number})=\nChapter {number}, {title}:\n\n```bibtex\n{entry}\n```\n"
            )
        return self.parse_text_to_nodes("\n".join(parts))


def foot(app, pagename, templatename, context, doctree):
    """The end of each chapter: what it was run with, and how to cite it."""
    if doctree is None or not pagename.startswith("notebooks/") or app.builder.format != "html":
        return
    wanted = ["numpy", "sympy", "matplotlib"]
    if any("import torch" in n.astext() for n in doctree.findall(nodes.literal_block)):
        wanted.append("torch")
    made = [f"Python {platform.python_version()}"]
    made += [f"{NAMED[name]} {version(name)}" for name in wanted]
    number = re.match(r"notebooks/0*(\d+)_", pagename)
    page = context["pathto"]("book/colophon")
    cite = f"#cite-{number[1]}" if number else "#how-to-cite"
    context["body"] += (
        f'<p class="fo-foot">Run with {", ".join(made)}: <a href="{page}">all versions</a>. '
        f'<a href="{page}{cite}">How to cite this page</a>.</p>\n'
    )


def setup(app):
    """Register with Sphinx."""
    app.add_directive("versions", Versions)
    app.add_directive("how-to-cite", HowToCite)
    app.connect("html-page-context", foot, priority=400)  # before the scripts of live figures
    return {"parallel_read_safe": True, "parallel_write_safe": True}
