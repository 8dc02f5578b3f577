"""The live figures' Python side: traits, words, stills; no browser."""

import itertools
import json
import re
from html import unescape

import ipywidgets
import numpy as np
import pytest
import sympy
import traitlets
from PIL import Image

import firstorder
from firstorder import plotting, theory
from firstorder.figures import (
    FIGURES,
    Clipping,
    CounterExample,
    DampedSpring,
    Hero,
    LandscapeRace,
    LookaheadVectors,
    MomentumStack,
    ReddisLesson,
    RotationTest,
    SignalBench,
    StabilityPlane,
    StateSteps,
    StepSizeStack,
    TrainingCurves,
    TwinEigenPanels,
    TwoBalls,
    page,
)
from firstorder.figures.state_steps import HYPER, TITLES, formulas
from firstorder.figures.training_curves import EPOCHS, MEASURES, RULES, rates
from firstorder.problems import LANDSCAPES, Quadratic, rotation
from firstorder.recorded import recorded
from firstorder.theory import spectral_radius

KINDS = list(FIGURES.values())


def corners(kind):
    """Every combination of the ends of every range."""

    def of(trait):
        if "options" in trait.metadata.get("control", ()):
            return trait.values
        if "control" in trait.metadata:
            return (trait.min, trait.max)
        if "drawing" in trait.metadata:
            return ([trait.low] * trait.count, [trait.high] * trait.count)
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
        elif "drawing" in trait.metadata:
            wrong = [trait.high * 1.01] * trait.count
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


def test_the_path_of_the_rotation_test_is_that_of_its_method_in_the_turned_valley():
    f, turned = Quadratic.from_spectrum([1.0, 100.0], np.radians(37)), rotation(np.radians(37))
    expected = firstorder.iterate("adam", f.gradient, turned @ [1, 1], 700, alpha=0.05)
    path = RotationTest(angle=37).path("adam")
    np.testing.assert_allclose(path, expected[: len(path)])
    assert f.value(path[-1]) < 1e-4 <= f.value(path[:-1]).min()


@pytest.mark.parametrize("method", ["momentum", "adagrad", "rmsprop", "adam"])
def test_the_rotation_tests_curves_count_the_iterations_of_each_angles_run(method):
    counts = RotationTest.spec()["counts"]
    for angle in (0, 1, 17, 45, 89, 90):
        numbers = RotationTest(angle=angle, method=method).numbers()
        assert (numbers["descent"], numbers["other"]) == (329, counts[method][angle])
    adaptive = method in ("adagrad", "rmsprop", "adam")
    assert (len(set(counts[method])) == 1) != adaptive


def test_the_most_that_adam_can_lose_on_the_lesson_is_what_staying_at_plus_1_costs():
    n = ReddisLesson(C=4.0, beta2=1 / 17).numbers()
    assert 0.8 * 4 / 3 < n["adam_regret"] < 4 / 3
    assert n["decay"] == 1 / 17


def test_a_run_that_the_cliff_has_thrown_away_comes_home_late_and_a_clipped_one_soon():
    reached = {clip: Clipping(clip=clip).numbers()["reached"] for clip in ("none", "norm", "value")}
    assert reached == {"none": 37, "norm": 11, "value": 11}
    assert "reached" not in Clipping(limit=0.1, alpha=0.05).numbers()


def test_the_race_is_what_eleven_runs_with_torchs_step_sizes_are():
    figure, f = LandscapeRace(landscape="canyon", rates="defaults", k=60), LANDSCAPES["canyon"]
    alphas = dict.fromkeys(("gd", "momentum", "nesterov", "adam", "adamw", "amsgrad"), 1e-3)
    alphas |= {"adamax": 2e-3, "nadam": 2e-3, "adagrad": 1e-2, "rmsprop": 1e-2, "adadelta": 1.0}
    losses = {
        name: f.value(firstorder.iterate(name, f.gradient, (-2.8, -2.5), 60, alpha=alpha)[-1])
        for name, alpha in alphas.items()
    }
    assert figure.numbers() == {
        "k": 60, **{f"loss_{name}": pytest.approx(loss, abs=1e-9) for name, loss in losses.items()}
    }  # fmt: skip
    assert figure.ranking(60) == sorted(losses, key=losses.get)


def test_with_torchs_step_size_adam_moves_an_eighth_in_125_steps_down_a_bowl():
    path, _ = LandscapeRace(landscape="bowl", rates="defaults").run("adam")
    np.testing.assert_allclose(path[-1] - path[0], 125 * 1e-3, rtol=0.01)


def test_who_is_there_ranks_by_when_it_came_to_stay_and_before_all_others():
    figure = LandscapeRace(landscape="plateau", k=125)
    numbers, ranking = figure.numbers(), figure.ranking(125)
    since = [numbers.get(f"since_{name}", np.inf) for name in ranking]
    assert since == sorted(since)
    assert ranking[:2] == ["adagrad", "rmsprop"]
    assert set(ranking[-4:]) == {"adadelta", "gd", "momentum", "nesterov"}
    for name in ranking[:-4]:
        losses, first = figure.run(name)[1], numbers[f"since_{name}"]
        assert losses[first - 1] > 1e-3 >= losses[first:].max()


def test_who_has_passed_the_minimum_and_left_it_again_is_not_there():
    figure = LandscapeRace(landscape="bowl")
    losses = figure.run("nesterov")[1]
    assert losses[10] < 1e-3 < losses[11]
    assert [figure.standings(k)["nesterov"][1] for k in (9, 10, 11, 12)] == [np.inf, 10, np.inf, 12]


def test_a_run_that_is_lost_is_last_and_its_loss_is_infinite():
    figure = LandscapeRace(landscape="rosenbrock", rates="defaults", k=125)
    assert set(figure.ranking(125)[-3:]) == {"gd", "momentum", "nesterov"}
    assert figure.numbers()["loss_gd"] == np.inf
    assert "Gradient descent, loss ∞" in figure.description


@pytest.mark.parametrize("landscape", LandscapeRace.landscape.values)
def test_a_tuned_method_stays_in_the_picture_and_no_rate_of_the_sweep_does_better(landscape):
    figure, f = LandscapeRace(landscape=landscape), LANDSCAPES[landscape]
    for name in figure.ranking(125):
        path, losses = figure.run(name)
        assert np.abs(path).max() <= 3.5
        for exponent in range(-15, 10, 5):
            alpha = 10 ** (exponent / 3)
            other = firstorder.iterate(name, f.gradient, figure.start, 125, alpha=alpha)
            if np.abs(other).max() <= 3.5:
                assert losses[-25:].mean() <= f.value(other[-25:]).mean() + 1e-9


def test_no_two_methods_look_alike_even_without_colour():
    letters = [look.letters for look in plotting.METHODS.values()]
    assert len(set(letters)) == len(letters)
    assert len({look.light for look in plotting.METHODS.values()}) == len(letters)


def test_a_film_of_the_race_has_a_frame_for_every_step_asked_for(tmp_path):
    path = tmp_path / "race.gif"
    LandscapeRace(k=20).save(path, every=5)
    with Image.open(path) as film:
        assert (film.format, film.n_frames) == ("GIF", 5)


def test_a_film_in_a_form_that_is_not_known_or_cannot_be_made_is_refused(tmp_path, monkeypatch):
    with pytest.raises(ValueError, match=r"as \.gif or \.mp4, not as .*race\.webm"):
        LandscapeRace().save(tmp_path / "race.webm")
    monkeypatch.setattr("matplotlib.animation.writers.is_available", lambda name: name != "ffmpeg")
    with pytest.raises(RuntimeError, match=r"needs ffmpeg on this machine; save race\.gif instead"):
        LandscapeRace().save(tmp_path / "race.mp4")
    assert list(tmp_path.iterdir()) == []


METHODS = SignalBench.class_traits()["method"].values


@pytest.mark.parametrize("method", METHODS)
def test_the_bench_answers_as_a_run_of_the_rule_on_these_gradients_steps(method):
    figure = SignalBench(method=method, signal="very_noisy_sine", t=217)
    g = figure.gradients
    rule, state = ("adadelta", {"d": 1.0}) if method == "adadelta_large" else (method, {})
    decays = {"momentum": "beta", "momentum_average": "beta", "nesterov": "beta", "rmsprop": "rho",
              "adadelta": "rho", "adadelta_large": "rho"}  # fmt: skip
    for i, gamma in enumerate((0.25, 0.9, 0.975), 1):
        given = {} if method == "adagrad" else {decays.get(method, "beta2"): gamma}
        w = firstorder.iterate(
            rule, lambda w, k: w * 0 + g[k], [0.0], 300, state=state, alpha=1.0, **given
        )[:, 0]
        if method != "adagrad" or i == 1:
            assert figure.numbers()[f"step{i}"] == pytest.approx(w[217] - w[218], rel=1e-6)
    assert (len(figure.numbers()) == 3) == (method == "adagrad")


def test_a_drawn_signal_is_straight_between_its_knots():
    knots = np.random.default_rng(0).uniform(-2, 2, 31)
    g = SignalBench(signal="drawn", knots=knots.tolist()).gradients
    np.testing.assert_allclose(g, np.interp(np.arange(300), np.arange(31) * 10, knots), atol=1e-14)


def test_a_drawn_signal_of_another_length_is_refused():
    with pytest.raises(traitlets.TraitError, match="31 numbers between -2"):
        SignalBench(knots=[0.0, 1.0])


def test_where_beta1_is_above_the_root_of_beta2_adam_explodes_between_rare_gradients():
    steps = SignalBench(method="adam", signal="spikes").answers()
    assert steps[0].max() > 1e5
    assert steps[1:].max() <= 1


def test_on_a_constant_gradient_adadelta_never_forgets_its_start():
    given = {"signal": "drawn", "knots": [1.0] * 31}
    from_one = SignalBench(method="adadelta_large", **given).answers()
    assert from_one[:, -1] == pytest.approx(1 / np.sqrt([0.75, 0.1, 0.025]), rel=1e-3)
    assert SignalBench(method="adadelta", **given).answers().max() < 0.03


@pytest.mark.parametrize("method", TITLES)
def test_the_state_steps_numbers_are_those_of_a_run(method):
    figure = StateSteps(method=method, k=20, start=(1.5, -0.5))
    w = firstorder.iterate(
        method, lambda w: w * [1, 20], (1.5, -0.5), 21, alpha=HYPER[method]["alpha"]
    )
    n = figure.numbers()
    for i in (1, 2):
        assert n[f"w{i}"] == pytest.approx(w[20, i - 1], rel=1e-9)
        assert n[f"move{i}"] == pytest.approx((w[21] - w[20])[i - 1], rel=1e-9)
        fraction = n[f"numerator{i}"] / n[f"denominator{i}"]
        if method != "adamw":
            assert n[f"move{i}"] == pytest.approx(-HYPER[method]["alpha"] * fraction)


@pytest.mark.parametrize("method", TITLES)
def test_the_formulas_beside_the_state_compute_the_step(method):
    """Line by line from the numbers before the step, as a reader with pencil and paper would."""
    figure, lines = StateSteps(method=method, k=7), formulas(method)
    n, before = figure.numbers(), figure.run()[7].before
    known = {"g": n["g2"], "w": n["w2"], **HYPER[method]}
    known |= {name: float(np.ravel(value)[-1]) for name, value in before.items()}

    def compute(expression):
        return float(expression.subs({s: known[s.name] for s in expression.free_symbols}))

    if "factor" in lines:  # Nadam's: of this step, the eighth, and of the next
        (t,) = (s for s in lines["factor"][1].free_symbols if s.name == "t^+")
        known |= {
            name: compute(lines["factor"][1].subs(t, k)) for name, k in {"mu": 8, "mu^+": 9}.items()
        }
    for name, (left, right) in lines.items():
        if name != "factor":
            known[str(left)] = compute(sympy.sympify(right))
            expected = n[name] if name in n else n[f"{name}2"]
            assert known[str(left)] == pytest.approx(expected, rel=1e-9), name


def test_methods_keep_their_order_and_an_unknown_one_is_refused_by_name():
    assert TrainingCurves(methods=["adam", "gd"]).methods == ["gd", "adam"]
    with pytest.raises(
        traitlets.TraitError, match=r"'methods' has no 'muon'; there are gd, momentum"
    ):
        TrainingCurves(methods=["gd", "muon"])


def test_the_recorded_trainings_are_whole():
    runs = recorded("10_sweeps")["methods"]
    seeds = {run["seed"] for run in runs}
    assert {(run["rule"], run["seed"]) for run in runs} == set(itertools.product(RULES, seeds))
    assert all(len(run[measure]) == EPOCHS for run in runs for measure in MEASURES)
    assert len(rates()) == len({(run["rule"], run["alpha"]) for run in runs})  # one for all seeds
    assert not any(run["diverged"] for run in runs)


def test_the_best_recorded_method_has_the_greatest_mean_accuracy_or_the_least_mean_loss():
    for measure, best in {"test_accuracy": max, "test_loss": min, "epoch_loss": min}.items():
        for epoch in range(1, EPOCHS + 1):
            figure = TrainingCurves(methods=RULES, measure=measure, epoch=epoch)
            means = {rule: figure.numbers()[f"mean_{rule}"] for rule in RULES}
            assert figure.ranking()[0] == best(means, key=means.get)


def test_the_figures_of_a_page_share_one_engine(built_figures, tmp_path):
    body = page.settle(page.page(Hero(), StepSizeStack(), Hero(alpha=0.001)), tmp_path)
    scripts = re.findall(r'<script defer src="_figures/(\w+)\.js\?v=[0-9a-f]{8}">', body)
    assert scripts == ["engine", "hero", "step_size_stack"]
    texts = {name: (tmp_path / "_figures" / f"{name}.js").read_text("utf-8") for name in scripts}
    assert [name for name in scripts if ".fo-live" in texts[name]] == ["engine"]  # its style


def test_a_page_without_figures_loads_nothing(tmp_path):
    assert page.settle("<p>words</p>", tmp_path) == "<p>words</p>"
    assert list(tmp_path.iterdir()) == []
