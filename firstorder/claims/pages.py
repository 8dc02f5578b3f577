"""The equations as they stand on the pages, compared with what was proved."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

from .registry import EQUATIONS

PAGES = ("book/*.md", "notebooks/*.ipynb", "solutions/*/*.ipynb")
_LABELLED = re.compile(
    r"^\$\$\n(?P<tex>.+?)\n\$\$ \((?P<label>[\w-]+)\)$", re.MULTILINE | re.DOTALL
)
_DISPLAYED = re.compile(
    r"\$\$|\\\[|\\begin\{(?:equation|align|alignat|gather|multline|eqnarray|displaymath)|^[:`]{3,}\{math\}",
    re.MULTILINE,
)
_FENCED_CODE = re.compile(
    r"^(?P<fence>`{3,}|~{3,})(?!\{math\}).*?^(?P=fence)\s*?$", re.MULTILINE | re.DOTALL
)
_INLINE_CODE = re.compile(r"(?P<ticks>`+)[^`\n]+?(?P=ticks)")


@dataclass(frozen=True)
class Equation:
    """A labelled display equation on a page."""

    page: str
    label: str
    tex: str


def markdown_of(path):
    """The Markdown of a page: a .md file whole, a notebook's text cells one after another.

    Raises ValueError for a notebook that is not readable JSON.
    """
    text = Path(path).read_text(encoding="utf-8")
    if Path(path).suffix != ".ipynb":
        return text
    try:
        cells = json.loads(text)["cells"]
    except (ValueError, KeyError) as error:
        raise ValueError(f"{path} is not a notebook: {error}") from error
    return "\n\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")


def tokens(tex):
    r"""TeX as a list of commands and characters, so that only white space may differ.

    >>> tokens(r"\alpha  x^2") == tokens(r"\alpha x^ 2")
    True
    >>> tokens(r"\alphax")
    ['\\alphax']
    """
    return re.findall(r"\\[a-zA-Z]+|\\.|\S", tex)


def read_equations(text, page):
    """The labelled display equations in a page's Markdown, and what is wrong with the others.

    Returns (equations, complaints).
    """
    text = _INLINE_CODE.sub("", _FENCED_CODE.sub("", text))
    equations = [Equation(page, m["label"], m["tex"]) for m in _LABELLED.finditer(text)]
    complaints = [
        f"{page}: a display equation without a label near {rest!r}; write it as\n"
        "    $$\n    …\n    $$ (eq-label)"
        for rest in (
            _LABELLED.sub("", text)[m.start() : m.start() + 60]
            for m in _DISPLAYED.finditer(_LABELLED.sub("", text))
        )
    ]
    return equations, complaints


def equations_on_pages(root):
    """Every labelled display equation under `root`, and complaints about unlabelled ones."""
    equations, complaints = [], []
    for path in sorted(path for pattern in PAGES for path in Path(root).glob(pattern)):
        found, wrong = read_equations(markdown_of(path), path.relative_to(root).as_posix())
        equations += found
        complaints += wrong
    return equations, complaints


def compare(equation):
    """What is wrong with one equation on a page, or None: its label and its text, token by token."""
    known = EQUATIONS.get(equation.label)
    if known is None:
        return f"{equation.page}: {equation.label} is neither a definition nor a claim of firstorder.claims"
    if tokens(equation.tex) != tokens(known.statement.tex):
        return (
            f"{equation.page}: {equation.label} on the page is not what was stated in firstorder.claims\n"
            f"    page:   {' '.join(equation.tex.split())}\n    stated: {known.statement.tex}"
        )
    return None


def check_pages(root):
    """All complaints about the equations on the pages under `root`; an empty list if there are none.

    A complaint is a display equation without a label, a label that is neither definition nor claim
    or that stands twice, a text that differs from the statement, or a statement on no page.
    """
    equations, complaints = equations_on_pages(root)
    labels = [equation.label for equation in equations]
    complaints += filter(None, map(compare, equations))
    complaints += [
        f"{label} stands on the pages {labels.count(label)} times"
        for label in sorted(set(labels))
        if labels.count(label) > 1
    ]
    complaints += [
        f"{label} is stated in firstorder.claims but stands on no page"
        for label in EQUATIONS
        if label not in labels
    ]
    return complaints
