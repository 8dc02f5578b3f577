"""Running rules: shapes, schedules, projections, divergence, errors."""

from functools import partial
from itertools import pairwise

import numpy as np
import pytest

from firstorder import RULES, iterate
from firstorder.problems import LANDSCAPES, Quadratic
from firstorder.simulate import anatomy, answers, dissect, first_within, tune, with_restarts

bowl = Quadratic.from_spectrum([1.0, 4.0], 0.3)
everywhere = pytest.mark.parametrize("name", sorted(RULES))


@everywhere
def test_no_step_is_the_start_alone(name):
    path = iterate(name, bowl.gradient, [3, 4], 0)
    assert path.dtype == np.float64
    assert path.tolist() == [[3.0, 4.0]]


@everywhere
def test_whole_numbers_run_as_well_as_decimal_ones(name):
    found = iterate(name, bowl.gradient, np.array([3, 4]), 10, alpha=np.float32(0.125))
    np.testing.assert_array_equal(found, iterate(name, bowl.gradient, [3.0, 4.0], 10, alpha=0.125))


@everywhere
def test_a_sweep_of_step_sizes_and_starts_is_each_run_by_itself(name):
    alphas, starts = np.array([0.01, 0.1, 0.3]), np.random.default_rng(0).normal(size=(4, 2))
    sweep = iterate(name, bowl.gradient, starts, 20, alpha=alphas[:, None, None])
    assert sweep.shape == (21, 3, 4, 2)
    for i, alpha in enumerate(alphas):
        for j, start in enumerate(starts):
            alone = iterate(name, bowl.gradient, start, 20, alpha=alpha)
            np.testing.assert_allclose(sweep[:, i, j], alone, rtol=1e-13, atol=1e-13)


def test_several_hyperparameters_broadcast_to_a_plane():
    alpha, beta = np.linspace(0.1, 1, 5)[:, None, None], np.linspace(0, 0.9, 4)[:, None]
    plane = iterate("momentum", bowl.gradient, [1.0, 1.0], 7, alpha=alpha, beta=beta)
    assert plane.shape == (8, 5, 4, 2)
    alone = iterate("momentum", bowl.gradient, [1, 1], 7, alpha=alpha[2, 0, 0], beta=beta[1, 0])
    np.testing.assert_allclose(plane[:, 2, 1], alone, rtol=1e-13)


def test_a_hyperparameter_may_be_a_function_of_the_step_number():
    path = iterate("gd", lambda w: np.ones_like(w), [0.0], 4, alpha=lambda k: 1 / (k + 1))
    np.testing.assert_allclose(path[:, 0], -np.cumsum([0, 1, 1 / 2, 1 / 3, 1 / 4]))


def test_a_gradient_may_depend_on_the_step_number():
    path = iterate("gd", lambda w, k: k + 0 * w, [0.0, 0.0], 4, alpha=1)
    assert path[:, 0].tolist() == [0, 0, -1, -3, -6]


def slope(A, w):
    return w @ A


class Slope:
    def __call__(self, w):
        return w @ bowl.A


@pytest.mark.parametrize(
    "grad",
    [
        lambda w, A=bowl.A: w @ A,
        lambda *points: points[0] @ bowl.A,
        lambda w, *, A=bowl.A: w @ A,
        partial(slope, bowl.A),
        Slope(),
        lambda w: (w @ bowl.A).tolist(),
    ],
    ids=["default", "starred", "keyword", "partial", "object", "list"],
)
def test_whatever_takes_a_point_is_a_gradient_of_the_point_alone(grad):
    expected = iterate("momentum", bowl.gradient, [1.0, 2.0], 9, alpha=0.1)
    np.testing.assert_allclose(iterate("momentum", grad, [1.0, 2.0], 9, alpha=0.1), expected)


def test_numpy_s_own_functions_are_gradients_too():
    found = iterate("gd", np.sin, [1.0], 1, alpha=1.0)
    assert found[1, 0] == 1 - np.sin(1)


def test_a_projection_is_applied_after_each_step():
    path = iterate(
        "gd", lambda w: -np.ones_like(w), [0.0], 5, alpha=1, project=lambda w: w.clip(-2, 2)
    )
    assert path[:, 0].tolist() == [0, 1, 2, 2, 2, 2]


@pytest.mark.parametrize(
    "name", [name for name, rule in RULES.items() if "epsilon" not in rule.hyper]
)
@pytest.mark.filterwarnings("error")
def test_divergence_is_a_result_and_not_a_warning(name):
    path = iterate(name, LANDSCAPES["banana"].gradient, [2.0, -3.0], 60, alpha=5.0)
    assert np.isfinite(path[:2]).all()
    assert not np.isfinite(path[-1]).any()


def test_the_start_is_left_as_it_was():
    start = np.ones(2)
    iterate("gd", bowl.gradient, start, 3, alpha=0.5)
    assert start.tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    ("error", "message", "change"),
    [
        (KeyError, "no rule is called 'sgd'; the rules are gd", {"name": "sgd"}),
        (TypeError, "gd has no hyperparameter lr; it has alpha", {"lr": 0.1}),
        (ValueError, "must not be negative; got -1", {"steps": -1}),
        (ValueError, "must have an axis of coordinates", {"w0": 1.0}),
        (ValueError, "do not broadcast together", {"alpha": np.ones(3)}),
        (ValueError, "must keep the shape", {"grad": lambda w: np.ones((5, 1)) * w}),
        (ValueError, "must keep the shape", {"project": lambda w: w[:1]}),
        (ValueError, "must keep the shape", {"alpha": lambda k: 1.0 if k < 2 else np.ones((3, 1))}),
    ],
)
def test_a_mistake_is_told_clearly(error, message, change):
    arguments = {"name": "gd", "grad": bowl.gradient, "w0": [1.0, 2.0], "steps": 4, **change}
    with pytest.raises(error, match=message):
        iterate(**arguments)


def test_the_first_iterate_within_a_tolerance_is_the_first_that_is_down_to_it():
    alphas = np.array([[0.5], [1.5], [2.0], [2.5]])  # halved, halved and bounced, kept, diverging
    path = iterate("gd", lambda w: w, [3.0, 4.0], 2000, alpha=alphas)
    np.testing.assert_array_equal(first_within(path, 2.0**-5), [5, 5, np.inf, np.inf])
    np.testing.assert_array_equal(first_within(path, 0.03), [6, 6, np.inf, np.inf])
    assert first_within(path[:, 0], 1.0) == 0


@everywhere
def test_the_parts_of_each_step_add_up_to_the_path(name):
    path = iterate(name, bowl.gradient, [3.0, 4.0], 12, alpha=0.1)
    parts = anatomy(name, bowl.gradient, [3.0, 4.0], 12, alpha=0.1)
    np.testing.assert_array_equal(parts.w, path[:-1])
    np.testing.assert_allclose(parts.w + parts.jump + parts.correction, path[1:], rtol=1e-12)


@pytest.mark.parametrize(
    ("name", "looks_ahead"), [("momentum_velocity", False), ("nesterov_lookahead", True)]
)
def test_both_forms_jump_by_the_velocity_and_only_nesterovs_asks_where_the_jump_ends(
    name, looks_ahead
):
    w, jump, query, correction = anatomy(name, bowl.gradient, [3.0, 4.0], 12, alpha=0.1, beta=0.8)
    np.testing.assert_allclose(jump[1:], 0.8 * np.diff(w, axis=0), rtol=1e-12)
    np.testing.assert_array_equal(jump[0], 0)
    np.testing.assert_allclose(query, w + jump if looks_ahead else w, rtol=1e-12)
    np.testing.assert_allclose(correction, -0.1 * bowl.gradient(query), rtol=1e-9, atol=1e-12)


def test_without_a_step_there_is_nothing_to_take_apart():
    with pytest.raises(ValueError, match="there must be a step"):
        anatomy("gd", bowl.gradient, [3.0, 4.0], 0)


@pytest.mark.parametrize("name", ["momentum", "momentum_velocity", "nesterov_lookahead"])
def test_a_restart_is_the_first_step_of_a_new_run(name):
    def run(w0, steps, beta):
        return iterate(name, lambda w: np.array([1.0, 4.0]) * w, w0, steps, alpha=0.2, beta=beta)

    whole = run([3.0, -2.0], 12, with_restarts(0.9, [5]))
    np.testing.assert_array_equal(whole[:6], run([3.0, -2.0], 5, 0.9))
    np.testing.assert_allclose(whole[5:], run(whole[5], 7, 0.9), rtol=1e-15)


def test_the_tuned_step_size_of_gradient_descent_on_a_bowl_is_the_best_one_of_the_sweep():
    # rate max(|1 − α|, |1 − 4α|): least at α = 2/(1 + 4)
    alphas = np.linspace(0.05, 0.5, 10)
    alpha, scores = tune("gd", bowl, [1.0, 2.0], 200, alphas)
    assert alpha == pytest.approx(0.4)
    assert scores.argmin() == 7


@everywhere
def test_each_score_of_a_sweep_is_the_mean_loss_of_the_last_iterates_of_a_run_alone(name):
    alphas = [1e-3, 1e-2, 0.1]
    _, scores = tune(name, bowl, [1.0, 2.0], 40, alphas, last=7)
    for alpha, score in zip(alphas, scores, strict=True):
        path = iterate(name, bowl.gradient, [1.0, 2.0], 40, alpha=alpha)
        assert score == pytest.approx(np.mean([bowl.value(w) for w in path[34:]]))


def test_a_step_size_with_which_a_run_leaves_does_not_win():
    # from (−2.8, −2.5) Adagrad's first step is α in each coordinate
    f, start = LANDSCAPES["bowl"], [-2.8, -2.5]
    anywhere, inside = (
        tune("adagrad", f, start, 125, [1.0, 215.0], within=w) for w in (np.inf, 3.5)
    )
    assert (anywhere.alpha, inside.alpha) == (215.0, 1.0)
    assert inside.scores[1] == np.inf > anywhere.scores[1]


def test_a_run_that_overflows_does_not_win_and_is_no_warning():
    alpha, scores = tune("gd", LANDSCAPES["rosenbrock"], [-2.8, -2.5], 125, [1e-5, 1.0])
    assert (alpha, scores[1]) == (1e-5, np.inf)
    with pytest.raises(ValueError, match="every step size from 1 to 9"):
        tune("gd", LANDSCAPES["rosenbrock"], [-2.8, -2.5], 125, [1.0, 9.0])


FRACTIONS = (  # the rules whose step is a multiple of α
    "gd", "momentum", "momentum_average", "nesterov",
    "adagrad", "rmsprop", "adadelta", "adam", "adamw", "amsgrad", "adamax", "nadam",
)  # fmt: skip


@pytest.mark.parametrize("name", FRACTIONS)
@pytest.mark.parametrize("decay", [None, 0.1])
def test_numerator_over_denominator_is_the_step(name, decay):
    given = {"alpha": 0.05}
    if decay and "decay" in RULES[name].hyper:
        given["decay"] = decay
    rows = dissect(name, bowl.gradient, [3.0, -4.0], 50, **given)
    path = iterate(name, bowl.gradient, [3.0, -4.0], 50, **given)
    for row, (w, after) in zip(rows, pairwise(path), strict=True):
        np.testing.assert_array_equal(row.w, w)
        np.testing.assert_array_equal(row.w_next, after)
        step = row.numerator / row.denominator + row.outside
        np.testing.assert_allclose(w - 0.05 * step, after, rtol=1e-12, atol=1e-12)
        assert (row.denominator > 0).all()


def test_only_the_decoupled_decay_passes_by_the_fraction():
    for name in FRACTIONS:
        (row,) = dissect(name, bowl.gradient, [3.0, -4.0], 1)
        assert row.outside.tolist() == ([0.03, -0.04] if name == "adamw" else [0, 0])


def test_a_dissection_hands_the_state_from_step_to_step():
    rows = dissect("amsgrad", bowl.gradient, [3.0, -4.0], 9, alpha=0.3)
    for row, following in pairwise(rows):
        for part in ("m", "s", "top", "t"):
            np.testing.assert_array_equal(row.after[part], following.before[part])


@pytest.mark.parametrize("name", FRACTIONS)
def test_answers_are_the_steps_of_a_run_on_the_same_gradients(name):
    gradients = np.random.default_rng(0).normal(size=40)
    given = {"decay": 0.0} if "decay" in RULES[name].hyper else {}
    path = iterate(name, lambda w, k: w * 0 + gradients[k], [0.0], 40, alpha=0.1, **given)
    found = answers(name, gradients, alpha=0.1, **given)
    np.testing.assert_allclose(found, -np.diff(path[:, 0]) / 0.1, rtol=1e-9, atol=1e-12)


def test_answers_begin_from_another_state_where_asked():
    first = answers("adadelta", [1.0], rho=0.9, epsilon=0.0, state={"d": 1.0})
    assert first == pytest.approx(1 / np.sqrt(0.1))
