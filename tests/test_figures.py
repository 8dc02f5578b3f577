"""The live figures' Python side: traits, words, stills; no browser."""

import itertools
import json
import re
from html import unescape

import ipywidgets
import numpy as np
import pytest
import traitlets

import firstorder
from firstorder import theory
from firstorder.figures import (
    FIGURES,
    CounterExample,
    DampedSpring,
    Hero,
    LookaheadVectors,
    MomentumStack,
    StabilityPlane,
    StepSizeStack,
    TwinEigenPanels,
    TwoBalls,
    page,
)
from firstorder.problems import LANDSCAPES, Quadratic, rotation
from firstorder.theory import spectral_radius

KINDS = list(FIGURES.values())


def corners(kind):
    """Every combination of the ends of every range."""

    def of(trait):
        if "options" in trait.metadata.get("control", ()):
            return trait.values
        if "control" in trait.metadata:
            return (trait.min, trait.max)
        return tuple(zip(*trait.window, strict=True))

    ends = {name: of(trait) for name, trait in kind.moving().items()}
    return [dict(zip(ends, values, strict=True)) for values in itertools.product(*ends.values())]


@pytest.mark.parametrize(
    ("kind", "state"), [(kind, state) for kind in KINDS for state in corners(kind)]
)
def test_a_figure_has_numbers_and_words_at_both_ends_of_every_range(kind, state):
    figure = kind(**state)
    assert not any(np.isnan(value) for value in figure.numbers().values())
    assert len(figure.description) > 100
    assert not re.search(r"\b(nan|inf)\b", figure.description)


@pytest.mark.parametrize("kind", KINDS)
def test_a_still_draws_at_the_extremes_and_is_the_same_file_each_time(kind):
    for state in ({}, corners(kind)[0], corners(kind)[-1]):
        assert kind(**state).still_svg() == kind(**state).still_svg()


@pytest.mark.parametrize("kind", KINDS)
def test_a_value_out_of_range_is_refused_with_its_name(kind):
    for name, trait in kind.moving().items():
        if "window" in trait.metadata:
            wrong = (max(trait.window[0]) * 1.01, 0.0)
        else:
            wrong = "nonsense" if hasattr(trait, "values") else trait.max * 1.01
        with pytest.raises(traitlets.TraitError, match=name):
            kind(**{name: wrong})


@pytest.mark.parametrize("kind", KINDS)
def test_the_placeholder_is_deterministic_and_holds_state_and_description(kind):
    figure = kind()
    assert figure.html() == kind().html()
    state = re.search(r'data-state="([^"]*)"', figure.html()).group(1)
    assert kind(**json.loads(unescape(state))).state == figure.state
    assert figure.description in unescape(figure.html())


@pytest.mark.parametrize("kind", KINDS)
def test_a_cell_that_shows_a_figure_stores_its_words_beside_the_widget(kind):
    data, _ = kind()._repr_mimebundle_()
    again, _ = kind()._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    for kind_of_text in ("text/plain", "text/html"):
        assert data[kind_of_text] == again[kind_of_text]
        assert "0x" not in data[kind_of_text]


def test_a_slider_linked_to_a_figure_moves_it():
    figure, slider = StepSizeStack(), ipywidgets.FloatSlider(min=0, max=2.1, step=0.01)
    ipywidgets.link((slider, "value"), (figure, "alpha"))
    slider.value = 1.8
    assert figure.alpha == 1.8
    assert figure.numbers()["milestone1"] == 127
    figure.alpha = 1.0
    assert slider.value == 1.0


@pytest.mark.parametrize(
    ("alpha", "milestones"),
    [(1.9802, (116, 11, 116)), (1.8, (127, 12, 11)), (1.995, (115, 11, 460))],
)
def test_the_stack_reaches_one_per_cent_where_a_run_of_gradient_descent_does(alpha, milestones):
    eigenvalues = np.array([0.01, 0.1, 1.0])
    path = firstorder.iterate("gd", lambda w: eigenvalues * w, np.ones(3), 500, alpha=alpha)
    reached = np.argmax(path**2 <= 0.01, axis=0)
    numbers = StepSizeStack(alpha=alpha).numbers()
    assert tuple(reached) == milestones
    assert tuple(numbers[f"milestone{i}"] for i in (1, 2, 3)) == milestones


def test_a_component_beyond_its_edge_never_reaches_its_milestone():
    assert StepSizeStack(alpha=2.05).numbers()["milestone3"] == np.inf
    assert "λ = 1 never" in StepSizeStack(alpha=2.05).description


def test_the_twin_panels_numbers_are_those_of_a_run_in_the_turned_valley():
    figure = TwinEigenPanels(kappa=50, angle=37, alpha=1.9, start=(0.4, -0.8))
    angle = np.radians(37)
    f = Quadratic.from_spectrum(figure.eigenvalues, angle)
    w = firstorder.iterate("gd", f.gradient, rotation(angle) @ figure.start, 100, alpha=1.9)
    x = np.abs(rotation(angle).T @ w[-1])
    numbers = figure.numbers()
    assert [numbers["x1"], numbers["x2"]] == pytest.approx(x, rel=1e-9)
    assert TwinEigenPanels(kappa=50, angle=80, alpha=1.9, start=(0.4, -0.8)).numbers() == numbers


def test_at_the_edge_the_steep_error_bounces_for_ever():
    numbers = TwinEigenPanels(alpha=2.0, start=(1, -0.7)).numbers()
    assert (numbers["factor2"], numbers["x2"]) == (1.0, 0.7)
    assert "never comes to rest" in TwinEigenPanels(alpha=2.0).description
    assert "does not move" in TwinEigenPanels(alpha=0.0).description


def test_the_hero_shows_slow_then_fast_then_divergence_as_the_step_grows():
    slow, fast = (Hero(alpha=a, beta=0.8).numbers()["loss"] for a in (0.005, 0.04))
    assert slow > 1e-2
    assert fast < 1e-6
    assert "diverges" in Hero(alpha=0.08, beta=0.8).numbers()


def test_the_heros_numbers_are_those_of_150_steps_of_momentum():
    valley = LANDSCAPES["banana"]
    end = firstorder.iterate(
        "momentum", valley.gradient, [-1.0, 0.5], 150, alpha=0.01, beta=0.7
    )[-1]  # fmt: skip
    numbers = Hero(alpha=0.01, beta=0.7, start=(-1.0, 0.5)).numbers()
    assert numbers["loss"] == pytest.approx(valley.value(end))
    assert numbers["distance"] == pytest.approx(np.hypot(*(end - 1)))


@pytest.mark.parametrize(
    ("alpha", "beta", "counts"),
    [
        (theory.best_momentum_step(0.01, 1.0), theory.best_momentum(100.0), (36, 55, 92)),
        (3.306, 0.669, (38, 59, 101)),
        (2.6, 0.74, (23, 48, 92)),
        (theory.best_step(0.01, 1.0), 0.0, (163, 336, 681)),
    ],
)
def test_the_momentum_stack_counts_the_iterations_of_a_run(alpha, beta, counts):
    eigenvalues = np.array([0.01, 0.1, 1.0])
    x = firstorder.iterate(
        "momentum", lambda w: eigenvalues * w, np.ones(3), 999, alpha=alpha, beta=beta
    )
    for tolerance, count in zip((1e-3, 1e-6, 1e-12), counts, strict=True):
        assert np.argmax((x**2).mean(axis=-1) < tolerance) == count
        figure = MomentumStack(alpha=alpha, beta=beta, tolerance=tolerance)
        assert figure.numbers()["momentum"] == count


def test_without_a_step_or_beyond_the_edge_the_tolerance_is_not_reached():
    for state in ({"alpha": 0.0}, {"alpha": 4.2, "beta": 0.5}):
        assert "momentum" not in MomentumStack(**state).numbers()
        assert "does not fall below 0.001 within 1000" in MomentumStack(**state).description


@pytest.mark.parametrize(
    ("beta", "word"), [(0.8, "Overdamped"), (0.81, "Critically damped"), (0.82, "Underdamped")]
)
def test_the_spring_is_critically_damped_at_one_momentum_only(beta, word):
    assert DampedSpring(alpha=0.01, beta=beta).regime == word


def test_an_undamped_spring_swings_for_ever_and_passes_through_zero_itself():
    numbers = DampedSpring(alpha=1.0, beta=1.0).numbers()  # 1, 0, −1, −1, 0, 1, 1, 0, …
    assert numbers["changes"] == 33
    assert "settled" not in numbers


def test_from_every_start_tuned_momentum_converges_or_falls_into_the_same_cycle():
    cycles = 0
    for start in np.linspace(-4, 4, 401):
        figure = CounterExample(start=start)
        if figure.cycle:
            assert figure.cycle == pytest.approx((-1.802449, 2.115918, 0.646531), abs=1e-6)
            cycles += 1
        else:
            assert abs(figure.path("momentum")[-1]) < 1e-9
        assert abs(figure.path("nesterov")[-1]) < 1e-9
    assert 40 < cycles < 60  # about one start in eight


@pytest.mark.parametrize("method", ["momentum", "nesterov", "momentum_average"])
@pytest.mark.parametrize(("alpha_lambda", "beta"), [(0.3, 0.2), (1.2, 0.9), (1.9, 0.1), (4.2, 0.5)])
def test_the_planes_eigenvalues_are_those_of_the_iteration_matrix(method, alpha_lambda, beta):
    matrix = firstorder.iteration_matrix(method)
    at = dict(zip(("alpha", "lambda", "beta"), (alpha_lambda, 1, beta), strict=True))
    values = np.array(matrix.subs({s: at[s.name] for s in matrix.free_symbols}), float)
    expected = sorted(np.linalg.eigvals(values), key=lambda s: (s.real, s.imag))
    n = StabilityPlane(method=method, alpha_lambda=alpha_lambda, beta=beta).numbers()
    if "real" in n:
        shown = [complex(n["real"], -n["imaginary"]), complex(n["real"], n["imaginary"])]
    else:
        shown = [n["sigma2"], n["sigma1"]]
    assert shown == pytest.approx(expected)
    assert n["largest"] == pytest.approx(np.abs(expected).max())


@pytest.mark.parametrize("method", ["momentum", "nesterov", "momentum_average"])
@pytest.mark.parametrize("beta", [0.0, 0.3, 0.9])
def test_the_largest_eigenvalue_is_below_1_inside_the_planes_edge_and_above_it_outside(
    method, beta
):
    edge = StabilityPlane(method=method, beta=beta).numbers()["edge"]
    inside, outside = spectral_radius(method, edge * np.array([0.999, 1.001]), 1.0, beta)
    assert inside < 1 < outside


@pytest.mark.parametrize(
    ("state", "regime"),
    [
        ((0.2, 0.2), "monotone"),
        ((0.04, 0.64), "critical damping"),
        ((0.25, 0.25), "critical damping"),
        ((0.2, 0.9), "ripples"),
        ((2.7, 0.38), "oscillation"),
        ((3.9, 0.9), "divergence"),
        ((3.8, 0.9), "edge"),
        ((2.0, 1.0), "edge"),
        ((0.0, 0.5), "edge"),
        ((1.0, 0.0), "at once"),
    ],
)
def test_each_region_of_the_plane_of_heavy_ball_has_its_name(state, regime):
    assert StabilityPlane(alpha_lambda=state[0], beta=state[1]).regime == regime


def test_the_averaging_form_is_stable_far_beyond_the_plane():
    figure = StabilityPlane(method="momentum_average", beta=0.9)
    assert figure.numbers()["edge"] == pytest.approx(38)
    assert "(2β + 2)/(1 − β) = 38" in figure.description


def test_a_complex_pair_has_the_size_that_the_plane_says():
    for method in ("momentum", "momentum_average"):
        n = StabilityPlane(method=method, alpha_lambda=0.7, beta=0.6).numbers()
        assert n["largest"] == pytest.approx(np.sqrt(0.6))
    n = StabilityPlane(method="nesterov", alpha_lambda=0.7, beta=0.6).numbers()
    assert n["largest"] == pytest.approx(np.sqrt(0.6 * 0.3))


@pytest.mark.parametrize(
    ("ball", "method"), [("classical", "momentum_velocity"), ("nesterov", "nesterov_lookahead")]
)
def test_a_balls_place_jump_and_correction_are_those_of_its_rule(ball, method):
    alpha, beta, k = 0.3, 0.8, 7
    w = firstorder.iterate(method, lambda w: w, [1.5], k + 1, alpha=alpha, beta=beta)[:, 0]
    n = TwoBalls(alpha=alpha, beta=beta, start=1.5, k=k).numbers()
    jump = beta * (w[k] - w[k - 1])
    query = w[k] + (jump if ball == "nesterov" else 0)
    assert n[f"w_{ball}"] == pytest.approx(w[k])
    assert n[f"velocity_{ball}"] == pytest.approx(w[k] - w[k - 1])
    assert n[f"jump_{ball}"] == pytest.approx(jump)
    assert n[f"query_{ball}"] == pytest.approx(query)
    assert n[f"correction_{ball}"] == pytest.approx(-alpha * query)
    assert n[f"overshoot_{ball}"] == pytest.approx(-w[: k + 1].min())


@pytest.mark.parametrize("beta", [0.5, 0.8, 0.95])
@pytest.mark.parametrize("alpha", [0.1, 0.2, 0.6, 1.0])
def test_the_ball_that_looks_ahead_overshoots_less(alpha, beta):
    n = TwoBalls(alpha=alpha, beta=beta, k=40).numbers()
    assert n["overshoot_nesterov"] < n["overshoot_classical"]


def test_at_alpha_1_nesterovs_ball_stops_dead_and_beyond_its_edge_only_it_diverges():
    n = TwoBalls(alpha=1.0, k=1).numbers()
    assert n["w_nesterov"] == TwoBalls(alpha=1.0, k=40).numbers()["w_nesterov"] == 0
    assert n["velocity_nesterov"] == 1.8  # and yet it stays: the next correction undoes the jump
    n = TwoBalls(alpha=1.45, k=40).numbers()
    assert n["overshoot_nesterov"] > 100 > 2.2 > n["overshoot_classical"]


def test_the_angle_is_that_between_the_gradients_at_both_ends_of_the_jump():
    figure = LookaheadVectors(alpha=0.2, beta=0.7, k=5, start=(1.0, -0.5))
    A = Quadratic.from_spectrum([1 / 30, 1.0], np.radians(25)).A
    w = firstorder.iterate(
        "nesterov_lookahead", lambda w: w @ A, figure.start, 5, alpha=0.2, beta=0.7
    )
    here, there = w[5] @ A, (w[5] + 0.7 * (w[5] - w[4])) @ A
    cosine = here @ there / np.linalg.norm(here) / np.linalg.norm(there)
    n = figure.numbers()
    assert np.cos(np.radians(n["angle"])) == pytest.approx(cosine)
    assert n["gradient_here"] == pytest.approx(np.linalg.norm(here))
    assert n["gradient_ahead"] == pytest.approx(np.linalg.norm(there))
    assert n["jump"] == pytest.approx(0.7 * np.linalg.norm(w[5] - w[4]))


def test_without_momentum_both_gradients_are_one():
    n = LookaheadVectors(beta=0.0, k=9).numbers()
    assert n["angle"] == n["jump"] == 0
    assert n["gradient_here"] == n["gradient_ahead"]
    assert n["distance_nesterov"] == n["distance_classical"]


def test_a_page_without_figures_loads_nothing(tmp_path):
    assert page.settle("<p>words</p>", tmp_path) == "<p>words</p>"
    assert list(tmp_path.iterdir()) == []
