"""The spelling of a formula, and its printing as JavaScript."""

import numpy as np
import pytest
import sympy
import torch

from firstorder import arithmetic
from firstorder.arithmetic import javascript_block, javascript_expression

x = sympy.Symbol("x", real=True)

FORMULAS = {
    "sqrt": lambda x: arithmetic.sqrt(x),
    "log": lambda x: arithmetic.log(x),
    "ceil": lambda x: arithmetic.ceil(x),
    "maximum with an array": lambda x: arithmetic.maximum(x, 2 * x - 1),
    "maximum with a number": lambda x: arithmetic.maximum(x, 0.75),
    "minimum with a number": lambda x: arithmetic.minimum(0.75, x),
    "where": lambda x: arithmetic.where(x < 1, x, 2 * x),
}


@pytest.mark.parametrize("formula", FORMULAS.values(), ids=FORMULAS.keys())
def test_a_formula_means_the_same_in_numpy_torch_and_sympy(formula):
    points = np.array([0.25, 0.8, 1.0, 3.7])
    numbers = formula(points)
    np.testing.assert_allclose(formula(torch.from_numpy(points)).numpy(), numbers, rtol=1e-15)
    symbols = formula(x)
    np.testing.assert_allclose([float(symbols.subs(x, p)) for p in points], numbers, rtol=1e-14)


# NumPy has no arrays of comparisons, which `where` would need.
@pytest.mark.parametrize("name", [name for name in FORMULAS if name != "where"])
def test_a_formula_takes_an_array_of_symbols_entry_by_entry(name):
    formula = FORMULAS[name]
    y = sympy.Symbol("y", real=True)
    assert formula(np.array([x, y])).tolist() == [formula(x), formula(y)]


def test_a_formula_of_plain_numbers_is_a_number():
    assert arithmetic.sqrt(4.0) == 2.0
    assert arithmetic.maximum(1, 2) == 2


def test_tensors_keep_their_precision_beside_a_root_of_a_plain_number():
    tensor = torch.ones(2, dtype=torch.float32)
    assert (arithmetic.sqrt(1 - 0.9**3) * tensor).dtype == torch.float32


def test_printed_formulas_compute_the_same_in_javascript(node):
    expressions = [formula(x) for formula in FORMULAS.values()]
    expressions += [abs(x - 1), x**3 / 7 + sympy.Rational(1, 3), 0.1 * x, sympy.exp(-x) * sympy.pi]
    source = "\n".join(
        f"export function f{i:02}(x) {{ return {javascript_expression(e)}; }}"
        for i, e in enumerate(expressions)
    )
    points = np.random.default_rng(0).uniform(0.01, 5, 50).tolist()
    found = node(
        "return data.map((x) => Object.keys(printed).map((name) => printed[name](x)));",
        points,
        printed=source,
    )
    # an ES module lists its exports in alphabetical order: f00, f01, …
    expected = np.array([sympy.lambdify(x, e)(np.array(points)) for e in expressions]).T
    np.testing.assert_allclose(found, expected, rtol=1e-12)


@pytest.mark.parametrize(
    "expression",
    [
        sympy.Sum(x, (x, 0, sympy.Symbol("n"))),
        sympy.Product(x, (x, 1, sympy.Symbol("n"))),
        sympy.Integral(sympy.exp(x**2), x),
        sympy.Derivative(sympy.Function("f")(x), x),
        sympy.Function("f")(x),
        sympy.DiracDelta(x),
    ],
    ids=["sum", "product", "integral", "derivative", "unknown function", "Dirac's delta"],
)
def test_what_javascript_cannot_compute_is_an_error_and_not_a_comment(expression):
    with pytest.raises(TypeError, match="has no JavaScript form"):
        javascript_expression(1 + expression)


def test_a_shared_part_is_computed_once():
    lines = javascript_block([("p", sympy.sqrt(x + 1)), ("q", 1 / sympy.sqrt(x + 1))])
    assert "\n".join(lines).count("Math.sqrt") == 1
