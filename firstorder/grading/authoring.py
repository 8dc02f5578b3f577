"""What the authors of labs share: drawing inputs that a message can show, and writing banks."""

from textwrap import indent

import numpy as np

from .checks import Sample

_IMPORTS = "import math\n\nimport numpy as np\n"


def significant(value, digits=3):
    """The number to so many significant digits.

    >>> significant(0.012345)
    0.0123
    """
    return float(f"{value:.{digits}g}")


def between(rng, low, high, digits=2):
    """A number between two, with so many decimals.

    >>> between(np.random.default_rng(1), 0.4, 0.5)
    0.45
    """
    return round(float(rng.uniform(low, high)), digits)


def signed(rng, n=2, low=1.0, high=5.0):
    """n numbers of either sign, none nearer to zero than `low`, with one decimal.

    >>> signed(np.random.default_rng(1))
    [-3.0, -4.8]
    """
    return (rng.uniform(low, high, n).round(1) * rng.choice([-1, 1], n)).tolist()


def definite_matrix(rng, n):
    """A symmetric, positive definite n×n matrix of whole numbers.

    >>> definite_matrix(np.random.default_rng(1), 2).tolist()
    [[6, 1], [1, 6]]
    """
    lower = np.tril(rng.integers(-2, 3, (n, n)), -1)
    return lower + lower.T + np.diag(rng.integers(4, 7, n) + n)


def spectrum(rng, n):
    """n eigenvalues, 3 or more, of which neither the first nor the last is an extreme one.

    >>> spectrum(np.random.default_rng(1), 3)
    [3.74, 1.12, 19.31, 3.74]
    """
    low, high = rng.uniform(0.2, 2), rng.uniform(6, 20)
    inner = rng.uniform(low, high, n - 2)
    return np.array([inner[0], low, high, *inner[1:], inner[0]]).round(2).tolist()


class Bank:
    """Answers to a lab's questions as students write them, wrong and right.

    `samples` maps each question's id to its samples.  Each is given as the body of the function,
    with `np` and `math` imported as in the lab; `given` is what else the lab's first cell has that
    an answer may use.

    >>> from .checks import Property, Question
    >>> halves = Property("halves", 1, "", "", lambda value, x: value == x / 2)
    >>> bank = Bank([Question("half", "half(x)", None, (halves,))])
    >>> bank.wrong("half", "doubles", "all", "return 2 * x")
    >>> bank.samples["half"][0].loses
    frozenset({'halves'})
    """

    def __init__(self, questions, given=""):
        self._head = f"{_IMPORTS}{given}"
        self._questions = {question.id: question for question in questions}
        self.samples = {id: [] for id in self._questions}

    def wrong(self, question, mistake, loses, body):
        """Add a wrong answer, named after its mistake.

        `loses` lists the ids of the properties that it loses, or is "all".  Raises ValueError for
        an id that the question does not have.
        """
        asked = self._questions[question]
        known = {p.id for p in asked.properties}
        lost = known if loses == "all" else set(loses.split())
        if not lost <= known:
            raise ValueError(f"{question}, {mistake}: no property is called {lost - known}")
        source = f"{self._head}\n\ndef {asked.signature}:\n{indent(body.strip(), '    ')}\n"
        self.samples[question].append(Sample(mistake, source, frozenset(lost)))

    def wrong_ends(self, question, path, body):
        """Add the wrong answers that return a path without its start, its end, or all but its end.

        `body(first=…, last=…)` writes a function's body that begins with the line `path = [w0]`,
        appends each w, and ends with the line `return path`; `path` lists the properties that are
        lost where only the end is missing.
        """
        self.wrong(question, "returns the last iterate only", "all", body(last="return w"))
        self.wrong(question, "leaves out the start", "all", body(first="path = []"))
        self.wrong(question, "leaves out the end", path, body(last="return path[:-1]"))

    def right(self, question, way, body):
        """Add a right answer, written in another way than ours."""
        self.wrong(question, way, "", body)
