"""Running the rules: trajectories as arrays."""

import inspect
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

import numpy as np
import sympy

from .rules import get_rule, step_parts, trace


def _takes_step_number(grad):
    """Whether the gradient is a function of (w, k): has two positional parameters to be filled."""
    try:
        parameters = inspect.signature(grad).parameters.values()
    except ValueError:  # some functions written in C do not tell
        return False
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return sum(p.kind in positional and p.default is p.empty for p in parameters) == 2


def _number(value):
    """A hyperparameter in float64, whatever it was given in."""
    return np.asarray(value, float)[()]


def iterate(name, grad, w0, steps, *, project=None, state=None, **hyper):
    """Run a rule and return every iterate.

    w⁰ = w0, and (wᵏ⁺¹, stateᵏ⁺¹) = rule(wᵏ, ∇f, stateᵏ) for k = 0 … steps − 1.

    `w0` holds the n coordinates on its last axis; its other axes are independent runs.  A
    hyperparameter is a number, an array that broadcasts against `w0` (of shape (…, 1) for a sweep),
    or a function of the step number k = 0, 1, ….  `grad(w)` or `grad(w, k)` returns the gradient at
    points of the shape of w (a parameter with a default does not count: `lambda w, A=A: w @ A` is a
    function of w); `project(w)`, if given, returns the point to go on from after each step; `state`
    gives parts of the state, by name, another start than the rule's (Adagrad's sum in Keras: s = .1).
    Returns float64 of shape (steps + 1, *broadcast shape).  A run that diverges overflows to inf and
    then nan without a warning: divergence is a result here.
    Raises KeyError for an unknown rule or part of its state, TypeError for an unknown hyperparameter,
    ValueError for shapes that do not fit or a negative number of steps.

    >>> iterate("gd", lambda w: w, [8.0], 3, alpha=0.5).ravel()
    array([8., 4., 2., 1.])
    >>> alphas = np.array([[0.5], [2.0]])
    >>> iterate("gd", lambda w: w, [8.0], 2, alpha=alphas)[-1].ravel()
    array([2., 8.])
    """
    rule = get_rule(name)
    hyper = rule.hyperparameters(hyper)
    if steps < 0:
        raise ValueError(f"the number of steps must not be negative; got {steps}")

    schedules = {n: value for n, value in hyper.items() if callable(value)}
    constants = {n: _number(value) for n, value in hyper.items() if n not in schedules}

    def at(k):
        return constants | {n: _number(value(k)) for n, value in schedules.items()}

    w = np.asarray(w0, float)
    if w.ndim == 0:
        raise ValueError("w0 must have an axis of coordinates; write [w0] for a single number")
    shapes = {"w0": w.shape, **{n: np.shape(value) for n, value in at(0).items()}}
    try:
        shape = np.broadcast_shapes(*shapes.values())
    except ValueError:
        raise ValueError(f"these shapes do not broadcast together: {shapes}") from None
    numbered = _takes_step_number(grad)
    path = np.empty((steps + 1, *shape))
    w = path[0] = np.broadcast_to(w, shape)
    state = rule.initial_state(w, state)
    with np.errstate(over="ignore", invalid="ignore"):
        for k in range(steps):

            def gradient(point, k=k):
                return np.asarray(grad(point, k) if numbered else grad(point), float)

            w, state = rule(w, gradient, state, **at(k))
            w = w if project is None else np.asarray(project(w), float)
            if np.shape(w) != shape:
                raise ValueError(
                    "what grad, project and schedules return must keep the shape of the iterate, "
                    f"{shape}; after step {k} it became {np.shape(w)}"
                )
            path[k + 1] = w
    return path


class Tuned(NamedTuple):
    """A swept step size: the best one, and the score of each that was tried."""

    alpha: float
    scores: np.ndarray


def tune(name, f, w0, steps, alphas, *, last=25, within=np.inf, **hyper):
    """The best of some step sizes: the one with the lowest mean loss over the `last` iterates.

    The score of α is the mean of f(wᵏ) for the last k ≤ steps; the mean keeps one lucky iterate from
    winning.  A run with a coordinate that ever exceeds `within` is out: its score is infinite.
    All the step sizes run at once, from the one start `w0`; `f` has `value` and `gradient`, as the
    landscapes have.  Raises ValueError where every run is out.

    >>> from firstorder.problems import LANDSCAPES
    >>> tune("gd", LANDSCAPES["parabola"], [1.0], 9, [0.5, 1.0, 1.5], last=1).alpha
    1.0
    """
    alphas = np.asarray(alphas, float)
    with np.errstate(over="ignore", invalid="ignore"):
        path = iterate(name, f.gradient, w0, steps, alpha=alphas[:, None], **hyper)
        scores = f.value(path[-last:]).mean(axis=0)
        inside = (np.abs(path) <= within).all(axis=(0, -1)) & np.isfinite(scores)
    if not inside.any():
        raise ValueError(
            f"{name} leaves with every step size from {alphas.min():g} to {alphas.max():g}"
        )
    scores = np.where(inside, scores, np.inf)
    return Tuned(float(alphas[scores.argmin()]), scores)


def answers(name, gradients, *, state=None, **hyper):
    """The steps with which a rule answers given gradients, whatever the iterate: −(w⁺ − w)/α.

    `gradients` holds one number per step.  The iterate stays at zero, so that small steps are not
    lost beside it; hyperparameters broadcast, and `state` starts parts of the state, as in `iterate`.
    Returns float64 of shape (steps, *broadcast shape of the hyperparameters).
    Raises KeyError and TypeError as `iterate` does.

    >>> answers("momentum", [1.0, 1.0, 0.0], beta=np.array([0.0, 0.5]))
    array([[1.  , 1.  ],
           [1.  , 1.5 ],
           [0.  , 0.75]])
    """
    rule = get_rule(name)
    hyper = {n: _number(value) for n, value in rule.hyperparameters(hyper).items()}
    w = np.zeros(np.broadcast_shapes(*(np.shape(value) for value in hyper.values())))
    state, steps = rule.initial_state(w, state), []
    for gradient in gradients:
        after, state = rule(w, lambda point, g=gradient: point + g, state, **hyper)
        steps.append((w - after) / hyper["alpha"])
    return np.array(steps)


class Anatomy(NamedTuple):
    """The parts of each step of a run, one row per step: w⁺ = w + jump + correction."""

    w: np.ndarray
    jump: np.ndarray
    query: np.ndarray
    correction: np.ndarray


def anatomy(name, grad, w0, steps, **hyper):
    """Take each step of a rule apart: where it jumps by itself, and how the gradient corrects that.

    The jump is the step that the rule would take on level ground (∇f = 0); the correction is the
    rest; the query is the point at which the rule asks for its gradient.  Hyperparameters are
    numbers; each part has the shape (steps, *shape of w0).  Raises KeyError and TypeError as
    `iterate` does, ValueError where there is no step to take apart.

    >>> first, second = anatomy("nesterov_lookahead", lambda w: w, [8.0], 2, alpha=0.5, beta=0.5).query
    >>> float(first[0]), float(second[0])  # from 8 to 4; the next jump, of −2, ends at 2
    (8.0, 2.0)
    """
    rule = get_rule(name)
    hyper = rule.hyperparameters(hyper)
    if steps < 1:
        raise ValueError(f"there must be a step to take apart; got steps = {steps}")
    w = np.asarray(w0, float)
    state, parts = rule.initial_state(w), []
    for _ in range(steps):
        asked = []

        def gradient(point, asked=asked):
            asked.append(point)
            return np.asarray(grad(point), float)

        level, _ = rule(w, np.zeros_like, state, **hyper)
        following, state = rule(w, gradient, state, **hyper)
        parts.append((w, level - w, asked[0], following - level))
        w = following
    return Anatomy(*map(np.array, zip(*parts, strict=True)))


class Dissection(NamedTuple):
    """One step in all its numbers: w⁺ = w − α(numerator/denominator + outside)."""

    w: np.ndarray
    gradient: np.ndarray
    before: Mapping[str, np.ndarray]
    after: Mapping[str, np.ndarray]
    numerator: np.ndarray
    denominator: np.ndarray
    outside: np.ndarray
    w_next: np.ndarray


@cache
def _fraction(name):
    """A NumPy function of (w, g, state…, hyper…) for the parts of a rule's step."""
    traced, parts = trace(name), step_parts(name)
    ((_, gradient),) = traced.queries
    arguments = [traced.w, gradient, *traced.state.values(), *traced.hyper.values()]
    return sympy.lambdify(arguments, list(parts), "numpy"), parts.outside.has(traced.w)


def dissect(name, grad, w0, steps, **hyper):
    """Every number of each step of a run: state before and after, and `rules.step_parts`.

    `gradient` is what the rule's averages see: ∇f, with decay·w where the rule adds that to it.
    Hyperparameters are numbers.  Returns a list of `steps` dissections.
    Raises KeyError and TypeError as `iterate` does, ValueError as `step_parts` does.

    >>> first = dissect("adam", lambda w: 20 * w, [1.0, -0.01], 1, alpha=0.1)[0]
    >>> (first.numerator / first.denominator).round(6)  # whatever the size of the gradient
    array([ 1., -1.])
    """
    rule, (fraction, decoupled) = get_rule(name), _fraction(name)
    hyper = rule.hyperparameters(hyper)
    w, rows = np.asarray(w0, float), []
    state = rule.initial_state(w)
    for _ in range(steps):
        gradient = np.asarray(grad(w), float)
        w_next, after = rule(w, lambda _, g=gradient: g, state, **hyper)
        if not decoupled:
            gradient = gradient + hyper.get("decay", 0.0) * w
        parts = fraction(w, gradient, *state.values(), *hyper.values())
        parts = (np.broadcast_to(part, w.shape) for part in parts)
        rows.append(Dissection(w, gradient, state, after, *parts, w_next))
        w, state = w_next, after
    return rows


def with_restarts(beta, restarts):
    """The momentum as a function of the step number: 0 at the steps in `restarts`, else `beta`.

    A step with β = 0 forgets what the state remembers.  For the rules "momentum",
    "momentum_velocity" and "nesterov_lookahead" it is the first step of a new run; the others use β
    in their first step already.

    >>> schedule = with_restarts(0.9, [2])
    >>> [schedule(k) for k in range(4)]
    [0.9, 0.9, 0.0, 0.9]
    """
    restarts = frozenset(restarts)
    return lambda k: 0.0 if k in restarts else beta


def worst_factor(step_sizes, lambda_min, lambda_max):
    """What N given steps of gradient descent multiply the error by, in the worst case.

    max |(1 − α₁λ)(1 − α₂λ)…(1 − α_Nλ)| for λ₁ ≤ λ ≤ λₙ, run on 4001 eigenvalues at equal distances.

    >>> float(worst_factor([0.5, 0.5], 1.0, 3.0))
    0.25
    """
    lambdas = np.linspace(lambda_min, lambda_max, 4001)
    path = iterate(
        "gd",
        lambda w: lambdas * w,
        np.ones_like(lambdas),
        len(step_sizes),
        alpha=lambda k: step_sizes[k],
    )
    return abs(path[-1]).max()


def first_within(path, tolerance):
    """The first k at which the iterate is down to `tolerance` times its first length.

    ‖wᵏ‖ ≤ tolerance·‖w⁰‖, with the minimum at the origin.  `path` is what `iterate` returns, of shape
    (steps + 1, …, n); the answer has the shape (…), and is infinite where no iterate gets there.

    >>> first_within(iterate("gd", lambda w: w, [8.0], 9, alpha=np.array([[0.5], [2.0]])), 0.25)
    array([ 2., inf])
    """
    with np.errstate(over="ignore", invalid="ignore"):  # a run that diverges never gets there
        lengths = np.linalg.norm(path, axis=-1)
    there = lengths <= tolerance * lengths[0]
    return np.where(there.any(0), there.argmax(0), np.inf)[()]
