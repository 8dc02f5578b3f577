"""Formulas that cannot lie: the pages say what the proofs prove, and a misprint is found."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from firstorder.claims import EQUATIONS, KINDS, Claim, Definition, Statement, check_pages, prove
from firstorder.claims.pages import Equation, compare, equations_on_pages, read_equations, tokens
from firstorder.claims.registry import claim, define

ROOT = Path(__file__).resolve().parents[1]
CLAIMS = [equation for equation in EQUATIONS.values() if isinstance(equation, Claim)]
ON_PAGES, _ = equations_on_pages(ROOT)


@pytest.mark.parametrize("label", [c.label for c in CLAIMS])
def test_the_claim_is_proved(label):
    assert prove(label).startswith(f"{label}: proved (")


def test_every_page_says_what_was_proved():
    assert check_pages(ROOT) == []


def test_every_kind_of_proof_is_used_and_described():
    assert {c.kind for c in CLAIMS} == set(KINDS)
    assert all(equation.words.endswith(".") for equation in EQUATIONS.values())


# ------------------------------------------------------------------------ misprints on the page


def misprints(tex):
    """The TeX with one sign, relation, digit, or letter in a script or index turned, each in turn."""
    turned = {"+": "-", "-": "+", "=": r"\ne", "<": ">", ">": "<", r"\le": r"\ge", r"\ge": r"\le"}
    turned |= {"i": "j", "k": "n", "n": "k", r"\top": r"\star", r"\star": r"\top"}
    pieces = re.findall(r"\\[a-zA-Z]+|\\.|\s+|\S", tex)
    for position, piece in enumerate(pieces):
        other = str(int(piece) + 1) if piece.isdigit() else turned.get(piece)
        if other is not None:
            yield "".join([*pieces[:position], other, *pieces[position + 1 :]])


MISPRINTS = [
    pytest.param(Equation(equation.page, equation.label, wrong), id=f"{equation.label}-{number}")
    for equation in ON_PAGES
    for number, wrong in enumerate(misprints(equation.tex))
]


@pytest.mark.parametrize("equation", MISPRINTS)
def test_a_misprint_is_found(equation):
    complaint = compare(equation)
    assert complaint is not None
    assert equation.label in complaint


def test_every_equation_has_misprints():
    assert {equation.label for equation in ON_PAGES} == set(EQUATIONS)
    assert all(any(misprints(equation.tex)) for equation in ON_PAGES)


# --------------------------------------------------------------- mistakes in the statement itself

OTHER_RELATION = {ast.Lt: ast.Gt, ast.Gt: ast.Lt, ast.LtE: ast.GtE, ast.GtE: ast.LtE}


def next_to(node):
    return ast.BinOp(node, ast.Add(), ast.Constant(1))


def mistakes(node):
    """Edits that turn a sign, exponent, number, index or relation, or drop a transpose or inverse, here."""
    match node:
        case ast.BinOp(op=ast.Add() | ast.Sub()):
            yield lambda n: setattr(n, "op", ast.Sub() if isinstance(n.op, ast.Add) else ast.Add())
        case ast.BinOp(op=ast.Pow()):
            yield lambda n: setattr(n, "right", next_to(n.right))
        case ast.Constant():
            yield lambda n: setattr(n, "value", n.value + 1)
        case ast.Subscript(slice=ast.Tuple(elts=indices)):
            for which in range(len(indices)):
                yield lambda n, w=which: n.slice.elts.__setitem__(w, next_to(n.slice.elts[w]))
        case ast.Subscript():
            yield lambda n: setattr(n, "slice", next_to(n.slice))
        case ast.Call(func=ast.Name(id="T" | "inv")):  # twice is the same as not at all
            yield lambda n: setattr(n, "args", [ast.Call(n.func, n.args, [])])
        case ast.Call(func=ast.Name(id="abs")):
            yield lambda n: n.args.__setitem__(0, next_to(n.args[0]))
        case ast.Compare(ops=relations):
            for which, relation in enumerate(relations):
                if other := OTHER_RELATION.get(type(relation)):
                    yield lambda n, w=which, o=other: n.ops.__setitem__(w, o())


def mutants(statement):
    """The statement with one mistake in it, for each mistake that can be made."""
    size = len(list(ast.walk(ast.parse(statement.text))))
    for position in range(size):
        for edit in mistakes(list(ast.walk(ast.parse(statement.text)))[position]):
            tree = ast.parse(statement.text)
            edit(list(ast.walk(tree))[position])
            yield Statement(ast.unparse(ast.fix_missing_locations(tree)))


@pytest.mark.parametrize("claim", [pytest.param(c, id=c.label) for c in CLAIMS])
def test_no_mistake_in_a_statement_can_be_proved(claim):
    wrong = list(mutants(claim.statement))
    assert wrong
    for statement in wrong:
        # A proof refuses by NotProved, or cannot even be carried out; either way it does not pass.
        with pytest.raises(Exception):  # noqa: B017, PT011
            claim.proof(statement)


# ------------------------------------------------------------------------------ pages and printer


@pytest.mark.parametrize(
    "text",
    [
        "$$\na = b\n$$",
        "text $$a = b$$ text",
        "\\[ a = b \\]",
        "\\begin{align}\na &= b\n\\end{align}",
        "```{math}\na = b\n```",
        "```{math}\n:label: eq-gd\na = b\n```",
        ":::{math}\na = b\n:::",
        "$$\na = b\n$$ (two words)",
    ],
)
def test_a_display_equation_without_a_label_is_refused(text):
    equations, complaints = read_equations(f"Before.\n\n{text}\n\nAfter.\n", "page.md")
    assert equations == []
    assert complaints


def test_equations_in_code_are_not_equations():
    assert read_equations("```\n$$\na\n$$\n```\nand `$$x$$` in words\n", "page.md") == ([], [])


def test_an_unknown_label_is_refused():
    assert "neither a definition nor a claim" in compare(Equation("page.md", "eq-unknown", "a = b"))


def test_white_space_is_not_a_misprint_but_a_joined_command_is():
    assert tokens(r"\alpha x^2") == tokens("\\alpha\n  x ^ 2")
    assert tokens(r"\alpha x") != tokens(r"\alphax")


def pages(tmp_path, text):
    for folder in ("book", "notebooks"):
        (tmp_path / folder).mkdir()
    (tmp_path / "book" / "page.md").write_text(text, encoding="utf-8")
    return check_pages(tmp_path)


def test_a_label_that_stands_twice_is_refused(tmp_path):
    gd = f"$$\n{EQUATIONS['eq-gd'].statement.tex}\n$$ (eq-gd)\n\n"
    assert any("eq-gd stands on the pages 2 times" in c for c in pages(tmp_path, gd + gd))


def test_a_statement_on_no_page_is_refused(tmp_path):
    complaints = pages(tmp_path, "no equation")
    assert len([c for c in complaints if "stands on no page" in c]) == len(EQUATIONS)


def test_a_damaged_notebook_is_named(tmp_path):
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "broken.ipynb").write_text("{", encoding="utf-8")
    with pytest.raises(ValueError, match=r"broken\.ipynb is not a notebook"):
        check_pages(tmp_path)


@pytest.mark.parametrize(
    ("text", "tex"),
    [
        ("a - (b - c)", "a - (b - c)"),
        ("a - b - c", "a - b - c"),
        ("-(a + b)", "-(a + b)"),
        ("(a + b)*c", "(a + b) c"),
        ("a*(-b)", "a (-b)"),
        ("2*3", r"2 \cdot 3"),
        ("(a*b)**2", "(a b)^2"),
        ("a/b*c", r"\frac{a}{b} c"),
        ("(a/b)**2", r"\left( \frac{a}{b} \right)^2"),
        ("1/2*a", r"\tfrac{1}{2} a"),
        ("x[i, 0]**2", "(x_i^0)^2"),
        ("lam[i]**2", r"\lambda_i^2"),
        ("w[k+1]", "w^{k + 1}"),
        ("T(A*w)", r"(A w)^{\top}"),
        ("abs(a)**2", r"\lvert a \rvert^2"),
        ("log(a*b)", r"\ln (a b)"),
        ("sqrt(kappa)", r"\sqrt{\kappa}"),
        ("cost(a, b)", r"\operatorname{cost}(a, b)"),
    ],
)
def test_the_printer_prints(text, tex):
    assert tokens(Statement(text).tex) == tokens(tex)


def test_different_statements_print_differently():
    """Else a mistake could hide in the printing: every mutant of every statement looks different."""
    for equation in EQUATIONS.values():
        printed = [m.tex for m in mutants(equation.statement)]
        assert equation.statement.tex not in printed


@pytest.mark.parametrize("text", ["a % b", "a if b else c", "[a]", "not a"])
def test_what_has_no_tex_is_refused(text):
    with pytest.raises((TypeError, KeyError, AttributeError)):
        _ = Statement(text).tex


def test_labels_and_kinds_are_checked_when_registering():
    with pytest.raises(ValueError, match="two equations are labelled eq-gd"):
        define("eq-gd", "a rule", "a == b", "Twice.")
    with pytest.raises(ValueError, match="two equations are called best step size"):
        define("eq-new", "best step size", "a == b", "Another of that name.")
    with pytest.raises(ValueError, match="no kind of proof"):
        claim("eq-new", "a belief", "a == b", "belief", "No such kind.")


def test_definitions_are_not_called_proved():
    label = next(e.label for e in EQUATIONS.values() if isinstance(e, Definition))
    assert prove(label) == f"{label}: a definition"


def test_make_claims_fails_where_a_page_is_wrong(tmp_path):
    pages(tmp_path, "$$\nw^{k+1} = w^k + \\alpha \\nabla f(w^k)\n$$ (eq-gd)\n")
    command = [sys.executable, "-m", "firstorder.claims", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 1
    assert "eq-gd on the page is not what was stated" in done.stdout


def test_claims_says_where_it_must_run(tmp_path):
    command = [sys.executable, "-m", "firstorder.claims", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 2
    assert "at the top of the course's folder" in done.stdout
