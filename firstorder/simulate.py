"""Running the rules: trajectories as arrays."""

import inspect
from typing import NamedTuple

import numpy as np

from .rules import get_rule


def _takes_step_number(grad):
    """Whether the gradient is a function of (w, k): has two positional parameters to be filled."""
    try:
        parameters = inspect.signature(grad).parameters.values()
    except ValueError:  # some functions written in C do not tell
        return False
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return sum(p.kind in positional and p.default is p.empty for p in parameters) == 2


def iterate(name, grad, w0, steps, *, project=None, **hyper):
    """Run a rule and return every iterate.

    w⁰ = w0, and (wᵏ⁺¹, stateᵏ⁺¹) = rule(wᵏ, ∇f, stateᵏ) for k = 0 … steps − 1.

    `w0` holds the n coordinates on its last axis; its other axes are independent runs.  A
    hyperparameter is a number, an array that broadcasts against `w0` (of shape (…, 1) for a sweep),
    or a function of the step number k = 0, 1, ….  `grad(w)` or `grad(w, k)` returns the gradient at
    points of the shape of w (a parameter with a default does not count: `lambda w, A=A: w @ A` is a
    function of w); `project(w)`, if given, returns the point to go on from after each step.
    Returns float64 of shape (steps + 1, *broadcast shape).  A run that diverges overflows to inf and
    then nan without a warning: divergence is a result here.
    Raises KeyError for an unknown rule, TypeError for an unknown hyperparameter, ValueError for
    shapes that do not fit or a negative number of steps.

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

    def at(k):
        return {n: value(k) if callable(value) else value for n, value in hyper.items()}

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
    state = rule.initial_state(w)
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
