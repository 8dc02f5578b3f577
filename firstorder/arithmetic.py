"""The few functions that NumPy, torch and SymPy spell differently, and printing as JavaScript.

A formula written with `+ - * / **`, `abs` and the functions here runs on all three, so it is written once.
"""

import numpy as np
import sympy
from array_api_compat import array_namespace, is_array_api_obj
from sympy.printing.jscode import JavascriptCodePrinter


def _spelled(name, symbolic):
    """The function called `name` in the array libraries and `symbolic` in SymPy."""

    def function(*arguments):
        arrays = [argument for argument in arguments if is_array_api_obj(argument)]
        if any(array.dtype == object for array in arrays):  # an array of SymPy expressions
            return np.frompyfunc(symbolic, len(arguments), 1)(*arguments)
        if any(isinstance(argument, sympy.Basic) for argument in arguments):
            return symbolic(*arguments)
        namespace = array_namespace(*arrays) if arrays else np
        return getattr(namespace, name)(*arguments)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"`{name}` of numbers, NumPy arrays, torch tensors or SymPy expressions."
    return function


sqrt = _spelled("sqrt", sympy.sqrt)
log = _spelled("log", sympy.log)
cos = _spelled("cos", sympy.cos)
sin = _spelled("sin", sympy.sin)
atan2 = _spelled("atan2", sympy.atan2)
ceil = _spelled("ceil", sympy.ceiling)
maximum = _spelled("maximum", sympy.Max)
minimum = _spelled("minimum", sympy.Min)
where = _spelled("where", lambda test, yes, no: sympy.Piecewise((yes, test), (no, True)))


class _Printer(JavascriptCodePrinter):
    """SymPy's printer, made strict: what it cannot print is an error, never a silent comment."""

    def _print_not_supported(self, expression):
        raise TypeError(
            f"{type(expression).__name__} has no JavaScript form: {expression}. "
            "Write the formula with arithmetic and the functions of firstorder.arithmetic."
        )

    emptyPrinter = _print_Sum = _print_Product = _print_not_supported
    _print_Integral = _print_Derivative = _print_not_supported


def javascript_expression(expression):
    """One SymPy expression as a JavaScript expression.

    Raises TypeError for what JavaScript cannot compute (an unevaluated sum, an unknown function).

    >>> x = sympy.Symbol("x", real=True)
    >>> javascript_expression(sympy.Max(0, x) + sympy.sqrt(x))
    'Math.sqrt(x) + Math.max(0, x)'
    """
    return _Printer().doprint(sympy.sympify(expression))


def javascript_block(outputs, prefix="s"):
    """JavaScript lines that compute each (name, expression) once, shared parts first.

    Returns a list of `const` declarations, without indentation.

    >>> a, b = sympy.symbols("a b")
    >>> javascript_block([("p", (a + b) ** 2), ("q", 1 / (a + b))])
    ['const s0 = a + b;', 'const p = Math.pow(s0, 2);', 'const q = 1/s0;']
    """
    names, expressions = zip(*outputs, strict=True)
    shared, reduced = sympy.cse(expressions, sympy.numbered_symbols(prefix), order="none")
    lines = [*shared, *zip(names, reduced, strict=True)]
    return [f"const {name} = {javascript_expression(value)};" for name, value in lines]


def javascript_function(signature, result):
    """The source of an exported JavaScript function, as a list of lines.

    `result` is the expression that it returns, or several, which it returns as an array.

    >>> a, b = sympy.symbols("a b")
    >>> print("\\n".join(javascript_function("turned([a, b])", [-b, a])))
    export function turned([a, b]) {
      const result0 = -b;
      const result1 = a;
      return [result0, result1];
    }
    """
    several = isinstance(result, (list, tuple, np.ndarray))
    names = [f"result{i}" for i in range(len(result))] if several else ["result"]
    lines = javascript_block(list(zip(names, result if several else [result], strict=True)))
    returned = f"[{', '.join(names)}]" if several else "result"
    return [
        f"export function {signature} {{",
        *(f"  {line}" for line in [*lines, f"return {returned};"]),
        "}",
    ]
