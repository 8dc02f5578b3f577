"""Chapter 7: one step of a method after another, every number that it keeps laid open."""

import matplotlib.pyplot as plt
import numpy as np
import sympy

from .. import plotting
from ..problems import Quadratic, on_grid
from ..rules import RULES, step_parts, trace
from ..simulate import dissect
from .base import LiveFigure, Point, choice, control, in_words

EIGENVALUES = (1.0, 20.0)
VALLEY = Quadratic.from_spectrum(EIGENVALUES)
WINDOW = ((-2.4, 2.4), (-1.2, 1.2))
STEPS = 60
TITLES = {name: look.label for name, look in plotting.METHODS.items() if name != "gd"}
STEP_SIZES = {  # at which 60 steps come near the minimum; Adadelta's is its default
    "momentum": 0.02, "nesterov": 0.02, "adagrad": 0.5, "rmsprop": 0.05, "adadelta": 1.0,
}  # fmt: skip
HYPER = {
    name: {**RULES[name].hyper, "alpha": STEP_SIZES.get(name, 0.1)} for name in TITLES
}  # torch.optim's defaults, but for α
PARTS = {"numerator": "N", "denominator": "D"}  # and their letters in the formulas
WORDS = {  # what each row of the table holds
    "g": "gradient",
    "z": "buffer",
    "m": "mean of gradients",
    "s": "mean of squares",
    "u": "size",
    "d": "mean squared move",
    "top": "largest s so far",
    "t": "counter",
    "p": "product of all μ",
    "factor": "momentum μ",
    "numerator": "numerator",
    "denominator": "denominator",
    "move": "next move",
}
LETTERS = {
    "alpha": "α", "beta": "β", "beta1": "β₁", "beta2": "β₂", "rho": "ρ", "epsilon": "ε", "psi": "ψ",
    "decay": "decay",
}  # fmt: skip
SUM = {"adagrad": {"s": "sum of squares"}}  # the one s that is not a mean


def formulas(name):
    """How a rule's next state and the parts of its step are computed: name → (left, right side).

    SymPy expressions read off the rule; `m^+` is m after the step.  The last is the step itself, with
    the numerator N and the denominator D.

    >>> formulas("rmsprop")["denominator"]
    (D, epsilon + sqrt(s^+))
    """
    traced, parts = trace(name), step_parts(name)
    ((_, gradient),) = traced.queries
    rename = {traced.hyper["decay"]: 0} if "decay" in traced.hyper and not parts.outside else {}
    rename[gradient] = sympy.Symbol("g", real=True)
    after = {n: sympy.sympify(value).subs(rename) for n, value in traced.state_next.items()}
    new = {n: sympy.Symbol(f"{n}^+", real=True) for n in after}

    # Nadam's p is multiplied at each step; its factor, of this step and of the next, gets a letter.
    factors = {}
    for n in RULES[name].counters:
        if not (factor := after[n] / traced.state[n]).has(traced.state[n]):
            t = traced.state["t"]
            factors = {factor: sympy.Symbol("mu"), factor.subs(t, t + 1): sympy.Symbol("mu^+")}

    def lettered(expression):
        expression = sympy.sympify(expression).subs(rename)
        for factor, letter in factors.items():
            expression = expression.subs(factor, letter)
        return expression

    def short(expression, but=None):
        """With what the step has computed already called by its name, the largest first."""
        expression = lettered(expression)
        for n in sorted(after, key=lambda n: -after[n].count_ops()):
            if n != but:
                expression = expression.subs(lettered(after[n]), new[n])
        return expression

    N, D = (sympy.Symbol(letter) for letter in PARTS.values())
    factor = {"factor": (sympy.Symbol("mu"), next(iter(factors)))} if factors else {}
    step = sympy.Mul(traced.hyper["alpha"], N / D + parts.outside, evaluate=False)
    return {
        **{n: (new[n], short(value, but=n)) for n, value in after.items()},
        **{n: (left, value.subs(after["t"], new["t"])) for n, (left, value) in factor.items()},
        **{n: (sympy.Symbol(letter), short(getattr(parts, n))) for n, letter in PARTS.items()},
        "move": (sympy.Symbol("Delta") * traced.w, sympy.Mul(-1, step, evaluate=False)),
    }


def _mathml(left, right):
    sides = (sympy.printing.mathml(side, printer="presentation") for side in (left, right))
    row = "<mo>=</mo>".join(sides).replace("<mo>-</mo>", "<mo>−</mo>")
    row = row.replace("<mi>decay</mi><mo>&InvisibleTimes;</mo>", "<mi>decay</mi><mo>·</mo>")
    return f'<math displaystyle="true"><mrow>{row}</mrow></math>'


def rows(name):
    """The rows of a method's table: name, words, formula, and whether it is a buffer or one number."""
    rule, words = RULES[name], WORDS | SUM.get(name, {})
    lines = {"g": (sympy.Symbol("g"), sympy.Symbol("∇f")), **formulas(name)}
    return [
        {
            "name": n,
            "words": words[n],
            "math": _mathml(*sides),
            "state": n in rule.buffers,
            "single": n in rule.counters,
        }
        for n, sides in lines.items()
    ]


def settings(name):
    """A method's hyperparameters in words; a decay of 0 is left out.

    >>> settings("rmsprop")
    'α = 0.05, ρ = 0.99, ε = 1×10⁻⁸'
    """
    given = {LETTERS[n]: value for n, value in HYPER[name].items() if n != "decay" or value}
    return ", ".join(f"{letter} = {in_words(value)}" for letter, value in given.items())


class StateSteps(LiveFigure):
    """A method on the valley f = (w₁² + 20w₂²)/2, and every number of its next step.

    Hyperparameters are torch.optim's defaults, but for α, which is such that 60 steps come near the
    minimum (Adadelta's stays 1).  w⁺ = w − α(numerator/denominator), or for AdamW
    w⁺ = w − α(numerator/denominator + decay·w), with `rules.step_parts`.

    >>> round(StateSteps(method="adam", k=0).numbers()["move2"], 6)
    -0.1
    """

    slug = "state_steps"
    title = "A method's state, step by step"
    constants = {  # noqa: RUF012
        "steps": STEPS,
        "rate": 3,  # steps a second when played
        "eigenvalues": list(EIGENVALUES),
        "levels": [0.1, 0.5, 1.5, 4.0, 8.0, 14.0],
    }

    @classmethod
    def spec(cls):
        """As for every figure, with each method's table, which takes a while to derive."""
        methods = {
            name: {
                "title": title,
                "hyper": HYPER[name],
                "settings": settings(name),
                "rows": rows(name),
            }
            for name, title in TITLES.items()
        }
        return {**super().spec(), "methods": methods}

    method = choice("adam", TITLES, "method")
    k = control(0.0, 0, STEPS, "step k", step=1, digits=".0f")
    start = Point((-2.0, 1.0), WINDOW)

    def run(self):
        """The 61 steps from the start, each with all its numbers."""
        return dissect(
            self.method, VALLEY.gradient, self.start, STEPS + 1, **HYPER[self.method]
        )  # fmt: skip

    def numbers(self):
        """Of step k, by coordinate: place, gradient, state before and after, parts, and the move."""
        k = round(self.k)
        row = self.run()[k]
        numbers, pairs = {"k": k}, {"w": row.w, "g": row.gradient}
        for name, value in row.after.items():
            if name in RULES[self.method].counters:
                numbers[name] = float(value)
            else:
                pairs |= {name: value, f"{name}_was": row.before[name]}
        pairs |= {"numerator": row.numerator, "denominator": row.denominator}
        pairs |= {"move": row.w_next - row.w}
        return numbers | {
            f"{n}{i}": float(pair[i - 1]) + 0.0 for n, pair in pairs.items() for i in (1, 2)
        }

    @property
    def description(self):
        """What the picture shows, in words."""
        n = self.numbers()

        def both(name):
            return f"({in_words(n[name + '1'])}, {in_words(n[name + '2'])})"

        state = ", ".join(
            f"{name} = {in_words(n[name]) if name in n else both(name)}"
            for name in RULES[self.method].state_names
        )
        return (
            f"{TITLES[self.method]} in the valley f = (w₁² + 20w₂²)/2 with "
            f"{settings(self.method)}, its path, and the numbers of its next step. "
            f"At k = {n['k']} the iterate is {both('w')} and the gradient {both('g')}. After the step the "
            f"state is {state}. The step's numerator is {both('numerator')}, its denominator "
            f"{both('denominator')}, and the move is {both('move')}."
        )

    def still(self):
        """The path in the valley with the next move, and the formulas with their numbers."""
        n, run = self.numbers(), self.run()
        k, w = n["k"], np.array([row.w for row in run])
        lines = formulas(self.method)
        with plotting.style():
            figure, (valley, table) = plt.subplots(
                2, 1, figsize=(7.2, 7), height_ratios=[1.2, 1], layout="constrained"
            )
            plotting.contours(valley, *on_grid(VALLEY.value, *WINDOW), self.constants["levels"])
            plotting.path(valley, w[: k + 1])
            plotting.vectors(valley, w[[k]], [run[k].w_next - w[k]], plotting.INK, "next move")
            plotting.minimum(valley, VALLEY.minimum)
            valley.set(title=f"{TITLES[self.method]}, step {k}", xlabel="w₁", ylabel="w₂")
            valley.set(xlim=WINDOW[0], ylim=WINDOW[1])
            for i, (name, (left, right)) in enumerate(lines.items()):
                height = len(lines) - i
                formula = f"${sympy.latex(left)} = {sympy.latex(right)}$"
                plotting.names(table, {formula: (0, height)})
                for x, key in ((0.6, name), (0.6, f"{name}1"), (0.8, f"{name}2")):
                    if key in n:
                        plotting.names(table, {in_words(n[key]): (x, height)})
            heads = {"w₁ (flat)": (0.6, len(lines) + 1), "w₂ (steep)": (0.8, len(lines) + 1)}
            plotting.names(table, heads)
            table.set(xlim=(0, 1), ylim=(0, len(lines) + 2))
            table.axis("off")
            plt.close(figure)
        return figure
