"""A statement: one line of Python that is printed as TeX and evaluated as mathematics.

    Statement("x[i, k] == (1 - alpha*lam[i])**k * x[i, 0]")

The text on the page is printed from the line's syntax tree, in the order in which it is written, and
a proof evaluates the very same tree.  So what is displayed is what was proved.
"""

import ast
import re

import sympy

# Names that are not printed as they are written.
_TEX_NAMES = {
    "lam": r"\lambda",
    "Lam": r"\Lambda",
    "oo": r"\infty",
    "grad_f": r"\nabla f",
    "beta1": r"\beta_1",
    "beta2": r"\beta_2",
    **{
        name: rf"\{name}"
        for name in (
            *("alpha", "beta", "gamma", "delta", "Delta", "epsilon", "kappa", "mu", "psi", "rho"),
            *("sigma", "tau"),
        )
    },
}
# w[k] is the k-th iterate, printed as wᵏ; x[i, k] its i-th component; any other a[i] is aᵢ.
_SUPERSCRIPTED = {*"wyzvmgsduh", "Delta"}
_MARKS = {
    "star": "{}^{{\\star}}",
    "tilde": r"\tilde{{{}}}",
    "hat": r"\hat{{{}}}",
    "bar": r"\bar{{{}}}",
}
_RELATIONS = {
    ast.Eq: "=",
    ast.Lt: "<",
    ast.LtE: r"\le",
    ast.Gt: ">",
    ast.GtE: r"\ge",
}
_SUM, _PRODUCT, _POWER, _ATOM = range(1, 5)  # how tightly a piece of TeX binds


class Statement:
    """A mathematical statement, written as one Python expression.

    Raises SyntaxError if it is not one, and TypeError when TeX is asked of a form that has none.

    >>> Statement("x[i, k] == (1 - alpha*lam[i])**k * x[i, 0]").tex
    'x_i^k = (1 - \\\\alpha \\\\lambda_i)^k x_i^0'
    """

    def __init__(self, text):
        self.text = text
        self.tree = ast.parse(text, mode="eval").body

    def __repr__(self):
        return f"Statement({self.text!r})"

    @property
    def tex(self):
        """The statement as TeX, printed from its syntax tree."""
        return _Tex().visit(self.tree)[0]

    def evaluate(self, **names):
        """The statement's value where the names mean what the keywords say.

        Whole numbers are exact; `sqrt log abs max min sign` and `oo` are SymPy's unless given.
        """
        return _evaluate(self.tree, names)

    @property
    def relation(self):
        """The one relation between the two sides: "=", "<", … as TeX.

        Raises TypeError for a statement that is not a single relation.
        """
        if not (isinstance(self.tree, ast.Compare) and len(self.tree.ops) == 1):
            raise TypeError(f"{self.text} is not a relation between two sides")
        return _RELATIONS[type(self.tree.ops[0])]

    def sides(self, **names):
        """The values of both sides of an equation or inequality."""
        return self.left(**names), self.right(**names)

    def left(self, **names):
        """The value of the left-hand side."""
        self.relation  # noqa: B018  (refuses what has no sides)
        return _evaluate(self.tree.left, names)

    def right(self, **names):
        """The value of the right-hand side alone, where the left only names what is stated."""
        self.relation  # noqa: B018  (refuses what has no sides)
        return _evaluate(self.tree.comparators[0], names)


class _Exact(ast.NodeTransformer):
    """Makes Python's arithmetic the mathematics that is meant: exact numbers, chains as both."""

    def visit_Constant(self, node):
        return ast.Call(ast.Name("_integer", ast.Load()), [node], [])

    def visit_BinOp(self, node):
        self.generic_visit(node)
        if isinstance(node.op, ast.Mult):
            return ast.Call(ast.Name("_times", ast.Load()), [node.left, node.right], [])
        return node

    def visit_Compare(self, node):
        self.generic_visit(node)
        if len(node.ops) == 1:
            return node
        terms = [node.left, *node.comparators]
        pairs = [
            ast.Compare(a, [op], [b]) for a, op, b in zip(terms, node.ops, terms[1:], strict=False)
        ]
        return ast.Call(ast.Name("_all", ast.Load()), pairs, [])


def _times(left, right):
    """The product; an inner product of columns (wᵀw, or wᵀAw) is a number, not a 1×1 matrix."""
    result = left * right
    return (
        result[0, 0] if isinstance(result, sympy.MatrixBase) and result.shape == (1, 1) else result
    )


def _evaluate(tree, names):
    copy = ast.parse(ast.unparse(tree), mode="eval")
    known = {
        "_integer": sympy.Integer,
        "_times": _times,
        "_all": sympy.And,
        "sqrt": sympy.sqrt,
        "log": sympy.log,
        "abs": sympy.Abs,
        "max": sympy.Max,
        "min": sympy.Min,
        "sign": sympy.sign,
        "limit": sympy.limit,
        "oo": sympy.oo,
        "T": lambda matrix: matrix.T,
        "inv": lambda matrix: matrix.inv(),
    }
    code = compile(ast.fix_missing_locations(_Exact().visit(copy)), "<statement>", "eval")
    return eval(code, {"__builtins__": {}, **known, **names})


def _group(tex):
    """Parentheses, tall enough for what they hold."""
    tall = re.search(r"\\frac|\\sum|\\dfrac", tex)
    return rf"\left( {tex} \right)" if tall else f"({tex})"


def _script(tex):
    return tex if len(tex) == 1 or re.fullmatch(r"\\[a-zA-Z]+", tex) else f"{{{tex}}}"


class _Tex(ast.NodeVisitor):
    """Prints a syntax tree as (TeX, how tightly it binds)."""

    def generic_visit(self, node):
        raise TypeError(f"no TeX is known for {ast.unparse(node)}")

    def at_least(self, node, level):
        tex, binding = self.visit(node)
        return tex if binding >= level else _group(tex)

    def arguments(self, node):
        return ", ".join(self.visit(argument)[0] for argument in node.args)

    def visit_Constant(self, node):
        return str(node.value), _ATOM

    def visit_Name(self, node):
        name, *marks = node.id.split("_") if node.id not in _TEX_NAMES else [node.id]
        tex = _TEX_NAMES.get(name, name)
        for mark in marks:
            tex = _MARKS[mark].format(tex)
        return tex, _ATOM if "star" not in marks else _POWER

    def visit_Compare(self, node):
        parts = [self.visit(node.left)[0]]
        for relation, side in zip(node.ops, node.comparators, strict=True):
            parts += [_RELATIONS[type(relation)], self.visit(side)[0]]
        return " ".join(parts), 0

    def visit_UnaryOp(self, node):
        if not isinstance(node.op, ast.USub):
            self.generic_visit(node)
        return f"-{self.at_least(node.operand, _PRODUCT)}", _SUM

    def visit_BinOp(self, node):
        print_as = {
            ast.Add: self.sum,
            ast.Sub: self.sum,
            ast.Mult: self.product,
            ast.Div: self.quotient,
            ast.Pow: self.power,
        }
        return print_as[type(node.op)](node)

    def sum(self, node):
        minus = isinstance(node.op, ast.Sub)
        right = self.at_least(node.right, _PRODUCT if minus else _SUM)
        return f"{self.at_least(node.left, _SUM)} {'-' if minus else '+'} {right}", _SUM

    def product(self, node):
        negative = isinstance(node.left, ast.UnaryOp)  # −a·b needs no parentheses about −a
        left = self.visit(node.left)[0] if negative else self.at_least(node.left, _PRODUCT)
        right = self.at_least(node.right, _PRODUCT)
        dot = r" \cdot " if right[0].isdigit() else " "
        return f"{left}{dot}{right}", _SUM if negative else _PRODUCT

    def quotient(self, node):
        over, under = self.visit(node.left)[0], self.visit(node.right)[0]
        small = over.isdigit() and under.isdigit()
        return rf"\{'tfrac' if small else 'frac'}{{{over}}}{{{under}}}", _PRODUCT

    def power(self, node):
        base, exponent = self.at_least(node.left, _ATOM), self.visit(node.right)[0]
        return f"{base}^{_script(exponent)}", _POWER

    def visit_Subscript(self, node):
        base = self.visit(node.value)[0]
        if isinstance(node.slice, ast.Tuple):
            component, iterate = (_script(self.visit(index)[0]) for index in node.slice.elts)
            return f"{base}_{component}^{iterate}", _POWER
        index = _script(self.visit(node.slice)[0])
        name, *_ = getattr(node.value, "id", "").split("_")
        return (f"{base}^{index}", _POWER) if name in _SUPERSCRIPTED else (f"{base}_{index}", _ATOM)

    def visit_Call(self, node):
        name = node.func.id
        special = getattr(self, f"call_{name}", None)
        if special:
            return special(node)
        tex = self.visit(node.func)[0]
        tex = tex if len(name) == 1 or tex.startswith("\\") else rf"\operatorname{{{tex}}}"
        return f"{tex}({self.arguments(node)})", _POWER

    def call_T(self, node):
        return rf"{self.at_least(node.args[0], _ATOM)}^{{\top}}", _POWER

    def call_inv(self, node):
        return f"{self.at_least(node.args[0], _ATOM)}^{{-1}}", _POWER

    def call_abs(self, node):
        return rf"\lvert {self.arguments(node)} \rvert", _ATOM

    def call_norm(self, node):
        return rf"\lVert {self.arguments(node)} \rVert", _ATOM

    def call_sqrt(self, node):
        return rf"\sqrt{{{self.arguments(node)}}}", _ATOM

    def call_log(self, node):
        tex, binding = self.visit(node.args[0])
        return rf"\ln {tex if binding == _ATOM else _group(tex)}", _PRODUCT

    def call_max(self, node):
        return rf"\max{_group(self.arguments(node))}", _POWER

    def call_max_over(self, node):
        body, index = node.args
        return rf"\max_{_script(self.visit(index)[0])} {self.at_least(body, _PRODUCT)}", _PRODUCT

    def call_sum_over(self, node):
        body, index, first, last = (self.visit(argument)[0] for argument in node.args)
        body = self.at_least(node.args[0], _PRODUCT)
        return rf"\sum_{{{index}={first}}}^{_script(last)} {body}", _PRODUCT

    def call_limit(self, node):
        body, variable, target = node.args
        under = rf"{self.visit(variable)[0]} \to {self.visit(target)[0]}"
        return rf"\lim_{{{under}}} {self.at_least(body, _PRODUCT)}", _PRODUCT

    def call_det(self, node):
        return rf"\det{_group(self.arguments(node))}", _PRODUCT

    def call_diff(self, node):
        over, variable = node.args
        under = self.visit(variable)[0]
        return rf"\frac{{\partial}}{{\partial {under}}} {self.at_least(over, _ATOM)}", _PRODUCT

    def call_exp(self, node):
        return rf"e^{_script(self.arguments(node))}", _POWER

    def call_min(self, node):
        return rf"\min{_group(self.arguments(node))}", _POWER

    def call_dot(self, node):
        return rf"\dot{{{self.arguments(node)}}}", _ATOM

    def call_ddot(self, node):
        return rf"\ddot{{{self.arguments(node)}}}", _ATOM

    def call_Matrix(self, node):
        rows = (" & ".join(self.visit(entry)[0] for entry in row.elts) for row in node.args[0].elts)
        return r"\begin{pmatrix} " + r" \\ ".join(rows) + r" \end{pmatrix}", _ATOM

    def call_both(self, node):
        return r" \quad\text{and}\quad ".join(self.visit(side)[0] for side in node.args), 0

    def call_iff(self, node):
        left, right = (self.visit(argument)[0] for argument in node.args)
        return rf"{left} \iff {right}", 0
