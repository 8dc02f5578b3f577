"""The directive `claims`: every displayed equation of the book, with what kind of proof it has."""

import inspect
import re
from itertools import groupby
from pathlib import Path

from sphinx.util.docutils import SphinxDirective

from firstorder.claims import EQUATIONS, KINDS, Claim, Definition, equations_on_pages
from firstorder.claims.pages import markdown_of


def entry(equation):
    """One equation as Markdown: where it stands, its name, in words, in symbols, and its proof."""
    words = f"{{eq}}`{equation.label}` **{equation.name}**: {equation.words}"
    head = f"{words}\n\n$$\n{equation.statement.tex}\n$$\n"
    if not isinstance(equation, Claim):
        return head
    return (
        f"{head}\nProof: *{equation.kind}* ({KINDS[equation.kind]}).\n\n"
        f'<details class="fo-proof">\n<summary>'
        f"The code that proves {equation.label}</summary>\n\n"
        f"```python\n{inspect.getsource(equation.proof)}```\n\n</details>\n"
    )


def chapters(root, kind):
    """The equations of one kind in the order of the book, under their chapters' titles, as Markdown."""
    on_pages, _ = equations_on_pages(root)
    listed = [e for e in on_pages if isinstance(EQUATIONS.get(e.label), kind)]
    for page, equations in groupby(listed, key=lambda equation: equation.page):
        title = re.search(r"^# (.+)$", markdown_of(Path(root, page)), re.MULTILINE)[1]
        yield f"### {title}\n"
        yield from (entry(EQUATIONS[equation.label]) for equation in equations)


class Claims(SphinxDirective):
    """```{claims}``` lists the claims; ```{claims} definitions``` the definitions."""

    optional_arguments = 1

    def run(self):
        kind = Definition if self.arguments else Claim
        for notebook in Path(self.env.srcdir).glob("notebooks/*.ipynb"):
            self.env.note_dependency(notebook)
        text = "\n".join(chapters(self.env.srcdir, kind))
        return self.parse_text_to_nodes(text, allow_section_headings=True)


def setup(app):
    """Register with Sphinx."""
    app.add_directive("claims", Claims)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
