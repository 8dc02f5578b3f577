"""Calling a student's function, and what came back as plain JSON values.

This is all that has to run next to the student's code; nothing here knows an expected value.
"""

import numpy as np


def arrays(arguments):
    """The arguments as the student's function gets them: lists as float64 arrays, the rest as is.

    Fresh arrays each time, so a function that changes its arguments changes only its own.

    >>> arrays([[1, 2], 0.5, "loss"])
    [array([1., 2.]), 0.5, 'loss']
    """
    return [np.array(a, float) if isinstance(a, list) else a for a in arguments]


def plain(value):
    """The value as numbers, strings, None and nested lists of them.

    Arrays, NumPy numbers and tensors become lists and numbers; tuples become lists.
    Raises TypeError for anything else.

    >>> plain((np.float32(0.5), np.arange(2)))
    [0.5, [0, 1]]
    """
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise TypeError(f"the function returned a {type(value).__name__}, which is not made of numbers")


def answer(function, arguments):
    """What the function answers: `{"value": …}`, or `{"error": "…"}` where it raised.

    >>> answer(lambda x: 1 / x, [2.0]), answer(lambda x: 1 / x, [0])
    ({'value': 0.5}, {'error': 'ZeroDivisionError: division by zero'})
    """
    try:
        return {"value": plain(function(*arrays(arguments)))}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}".rstrip(": ")}
