"""The directive `claims`: every displayed equation of the book, with what kind of proof it has."""

import inspect

from sphinx.util.docutils import SphinxDirective

from firstorder.claims import EQUATIONS, KINDS, Claim


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


class Claims(SphinxDirective):
    """```{claims}``` lists the claims; ```{claims} definitions``` the definitions."""

    optional_arguments = 1

    def run(self):
        wants_claims = not self.arguments
        listed = [e for e in EQUATIONS.values() if isinstance(e, Claim) == wants_claims]
        return self.parse_text_to_nodes("\n".join(map(entry, listed)))


def setup(app):
    """Register with Sphinx."""
    app.add_directive("claims", Claims)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
