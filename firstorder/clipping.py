"""Clipping a gradient before a rule takes it: by its norm, or value by value.

A clipped gradient is a function of the gradient, so any rule takes it as it is:

    iterate("gd", lambda w: clip_norm(f.gradient(w), 1.0), w0, steps, alpha=0.05)

Written once over arithmetic, as the rules are.  A norm couples the coordinates, so the JavaScript is
printed for two of them, from an array of two symbols.
"""

import numpy as np
import sympy

from .arithmetic import javascript_function, maximum, minimum, sqrt


def clip_norm(g, limit):
    """The gradient, shortened to the length `limit` where it is longer; its direction stays.

    g·limit/max(‖g‖, limit), with the coordinates on the last axis; `limit` > 0 is a number, or
    broadcasts against g (shape (…, 1)).
    Pascanu, Mikolov and Bengio (2013), algorithm 1.  Keras's `clipnorm` does so with each weight
    tensor by itself, `global_clipnorm` and torch's `clip_grad_norm_` with all of them as one vector;
    torch divides by ‖g‖ + 10⁻⁶, so its clipped gradient is shorter by the factor ‖g‖/(‖g‖ + 10⁻⁶).

    >>> clip_norm(np.array([[3.0, 4.0], [0.3, 0.4]]), 1.0)
    array([[0.6, 0.8],
           [0.3, 0.4]])
    """
    norm = sqrt((g * g).sum(-1, keepdims=True))
    return g * (limit / maximum(norm, limit))


def clip_value(g, limit):
    """The gradient, each coordinate cut off at ±`limit`; where one is cut, the direction turns.

    max(−limit, min(g, limit)), of any shape; Keras's `clipvalue` and torch's `clip_grad_value_`.

    >>> clip_value(np.array([3.0, -0.4]), 1.0)
    array([ 1. , -0.4])
    """
    return maximum(-limit, minimum(g, limit))


def javascript():
    """Both for gradients of two coordinates, as the source of an ES module.

    >>> print("\\n".join(javascript().splitlines()[7:]))
    export function clip_value([g1, g2], limit) {
      const s0 = -limit;
      const result0 = Math.max(s0, Math.min(g1, limit));
      const result1 = Math.max(s0, Math.min(g2, limit));
      return [result0, result1];
    }
    """
    g = np.array(sympy.symbols("g1 g2", real=True))
    limit = sympy.Symbol("limit", positive=True)
    lines = ["// Clipping in two variables: printed from firstorder.clipping"]
    for function in (clip_norm, clip_value):
        lines += javascript_function(f"{function.__name__}([g1, g2], limit)", function(g, limit))
    return "\n".join(lines)
