"""Quadratics and landscapes."""

import warnings

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from firstorder import iterate
from firstorder.problems import (
    LANDSCAPES,
    SIGNALS,
    Quadratic,
    Reddi,
    SmallNetwork,
    rotation,
    spirals,
)

angles = st.floats(-np.pi, np.pi)
points = st.tuples(st.floats(-5, 5), st.floats(-5, 5))


def central_differences(value, w, h=1e-5):
    steps = h * np.eye(w.shape[-1])
    return np.stack([(value(w + s) - value(w - s)) / (2 * h) for s in steps], axis=-1)


@given(angle=angles, w=points)
def test_a_point_survives_the_way_to_the_eigenbasis_and_back(angle, w):
    turned = Quadratic.from_spectrum([1.0, 30.0], angle)
    f = Quadratic(turned.A, [1.0, -2.0])
    there = f.from_eigenbasis(f.to_eigenbasis(w))
    np.testing.assert_allclose(there, w, atol=1e-12)


@given(w=st.tuples(st.floats(-5, 5), st.floats(-5, 5), st.floats(-5, 5)))
def test_the_value_above_the_minimum_is_half_the_weighted_squares_in_the_eigenbasis(w):
    # three coordinates: in two, the eigenvectors may form a symmetric matrix, and Q passes for Qᵀ
    f = Quadratic([[3.0, 1.0, 0.5], [1.0, 2.0, 0.0], [0.5, 0.0, 9.0]], [1.0, -2.0, 0.5], 3.0)
    x = f.to_eigenbasis(w)
    above = f.value(w) - f.value(f.minimum)
    assert above == pytest.approx((f.eigenvalues * x**2).sum() / 2, abs=1e-10)


@given(angle=angles, x0=points)
def test_rotation_leaves_gradient_descent_unchanged(angle, x0):
    straight, turned = (Quadratic.from_spectrum([1.0, 8.0], a) for a in (0.0, angle))
    plain = iterate("gd", straight.gradient, x0, 25, alpha=0.2)
    other = iterate("gd", turned.gradient, rotation(angle) @ x0, 25, alpha=0.2)
    np.testing.assert_allclose(other @ rotation(angle), plain, atol=1e-12)


def test_the_gradient_of_a_quadratic_is_its_slope_and_vanishes_at_the_minimum():
    f = Quadratic([[3.0, 1.0], [1.0, 2.0]], [1.0, -1.0], 0.5)
    w = np.random.default_rng(0).normal(size=(4, 5, 2))
    assert f.value(w).shape == (4, 5)
    np.testing.assert_allclose(f.gradient(w), central_differences(f.value, w), atol=1e-8)
    np.testing.assert_allclose(f.gradient(f.minimum), 0, atol=1e-15)


def test_eigenvalues_rise_and_their_ratio_is_the_condition_number():
    f = Quadratic.from_spectrum([0.5, 50.0], 0.7)
    np.testing.assert_allclose(f.eigenvalues, [0.5, 50.0])
    assert f.condition_number == pytest.approx(100)


def test_least_squares_has_the_solution_and_the_loss_of_numpy():
    random = np.random.default_rng(0)
    Z, d = random.normal(size=(30, 4)), random.normal(size=30)
    f = Quadratic.least_squares(Z, d)
    solution, residual, *_ = np.linalg.lstsq(Z, d)
    np.testing.assert_allclose(f.minimum, solution, rtol=1e-12)
    assert f.value(f.minimum) == pytest.approx(residual[0] / 2 / 30)
    w = random.normal(size=4)
    assert f.value(w) == pytest.approx(((Z @ w - d) ** 2).mean() / 2)


def test_least_squares_with_a_dead_feature_has_the_shortest_solution():
    random = np.random.default_rng(0)
    Z, d = random.normal(size=(30, 4)), random.normal(size=30)
    Z[:, 2] = 0
    f = Quadratic.least_squares(Z, d)
    np.testing.assert_allclose(f.minimum, np.linalg.lstsq(Z, d)[0], atol=1e-12)
    assert f.eigenvalues[0] == 0
    assert f.condition_number == np.inf


@pytest.mark.parametrize(
    ("A", "b", "message"),
    [
        ([[1.0, 2.0], [0.0, 1.0]], [0.0, 0.0], "not symmetric"),
        ([[1.0, 0.0], [0.0, -1.0]], [0.0, 0.0], "smallest eigenvalue is -1"),
        ([[1.0, 0.0], [0.0, 0.0]], [0.0, 1.0], "b is not in its range"),
        ([[1.0, 0.0], [0.0, 1.0]], [0.0], "A must be n×n"),
        ([[1.0, 0.0]], [0.0], "A must be n×n"),
        ([1.0], 2.0, "A must be n×n"),
    ],
)
def test_what_is_no_convex_quadratic_is_refused(A, b, message):
    with pytest.raises(ValueError, match=message):
        Quadratic(A, b)


@pytest.mark.parametrize("landscape", LANDSCAPES.values(), ids=LANDSCAPES.keys())
class TestEveryLandscape:
    def test_its_gradient_is_its_slope(self, landscape):
        w = np.random.default_rng(0).uniform(-2, 2, (6, 7, len(landscape.variables)))
        assert landscape.value(w).shape == (6, 7)
        slopes = central_differences(landscape.value, w)
        np.testing.assert_allclose(landscape.gradient(w), slopes, rtol=1e-6, atol=1e-6)

    def test_it_is_nowhere_lower_than_at_its_minimum(self, landscape):
        w = np.random.default_rng(0).uniform(-4, 4, (10_000, len(landscape.variables)))
        assert landscape.value(w).min() >= landscape.value(landscape.minimum)
        np.testing.assert_allclose(landscape.gradient(landscape.minimum), 0, atol=1e-12)

    def test_it_rises_on_every_side_of_its_minimum(self, landscape):
        sides = np.random.default_rng(0).normal(size=(200, len(landscape.variables)))
        sides /= np.linalg.norm(sides, axis=-1, keepdims=True)
        for distance in (1e-6, 1e-4, 1e-2, 0.1):
            around = landscape.value(landscape.minimum + distance * sides)
            assert (around > landscape.value(landscape.minimum)).all()

    def test_its_javascript_computes_the_same(self, landscape, node):
        w = np.random.default_rng(0).uniform(-3, 3, (50, len(landscape.variables)))
        w[0] = 0.0
        values, gradients, minimum = node(
            "return [data.map((w) => f.value(w)), data.map((w) => f.gradient(w)), f.minimum];",
            w.tolist(),
            f=landscape.javascript(),
        )
        np.testing.assert_allclose(values, landscape.value(w), rtol=1e-12)
        np.testing.assert_allclose(gradients, landscape.gradient(w), rtol=1e-12, atol=1e-12)
        assert tuple(minimum) == landscape.minimum

    def test_its_gradient_is_defined_on_the_axes_too(self, landscape):
        side = np.linspace(-3, 3, 13)
        w = np.stack(np.meshgrid(*len(landscape.variables) * [side]), axis=-1)
        assert np.isfinite(landscape.gradient(w)).all()

    def test_its_latex_is_that_of_its_expression(self, landscape):
        assert landscape.latex == sympy.latex(landscape.expression)

    def test_points_with_the_wrong_number_of_coordinates_are_refused(self, landscape):
        for w in (1.0, [1.0] * (len(landscape.variables) + 1)):
            with pytest.raises(ValueError, match="coordinates on the last axis"):
                landscape.value(w)
            with pytest.raises(ValueError, match="coordinates on the last axis"):
                landscape.gradient(w)


def test_the_turned_valley_of_the_live_figure_is_the_one_of_numpy(node):
    rng = np.random.default_rng(0)
    spectra, angles = rng.uniform(0.01, 3, (20, 2)), rng.uniform(-2, 2, 20)
    points = rng.normal(size=(20, 2))
    found = node(
        """return data.points.map((p, i) => [
             f.gradient(p, data.spectra[i], data.angles[i]),
             f.to_eigenbasis(p, data.angles[i]),
             f.from_eigenbasis(p, data.angles[i]),
             f.value(p, data.spectra[i], data.angles[i])]);""",
        {"points": points.tolist(), "spectra": spectra.tolist(), "angles": angles.tolist()},
        f=Quadratic.javascript(),
    )
    for js, w, spectrum, angle in zip(found, points, spectra, angles, strict=True):
        Q = rotation(angle)
        f = Quadratic.from_spectrum(spectrum, angle)
        np.testing.assert_allclose(js[:3], [f.gradient(w), Q.T @ w, Q @ w], rtol=1e-12, atol=1e-12)
        assert js[3] == pytest.approx(f.value(w))


# ------------------------------------------------------------------------------- Reddi's lesson


def lesson_run(name, lesson, steps=3000, **hyper):
    hyper = {"alpha": lesson.step_size, **hyper}
    return iterate(name, lesson.gradient, [0.0], steps, project=lesson.project, **hyper)[:, 0]


@pytest.mark.parametrize("C", [2.5, 3, 4, 6])
def test_adam_goes_to_the_worst_place_of_reddis_lesson_and_amsgrad_to_the_best(C):
    lesson = Reddi(C)
    adam, amsgrad = (
        lesson_run(name, lesson, 9000, beta1=0, beta2=lesson.decay) for name in ("adam", "amsgrad")
    )
    np.testing.assert_array_equal(adam[5000:].round(1), 1)
    np.testing.assert_array_equal(amsgrad[8000:].round(1), -1)
    assert lesson.regret(adam) > 0.8 * 2 * (C - 2) / 3  # what staying at +1 costs
    assert lesson.regret(amsgrad[-3001:]) < 0.1


def test_adam_goes_wrong_with_the_papers_conventions_too():
    # The paper corrects no bias and has no ε: a counter far along leaves nothing to correct.
    lesson = Reddi(3.0)
    for name, end in [("adam", 1), ("amsgrad", -1)]:
        paper = {"beta1": 0, "beta2": lesson.decay, "epsilon": 0, "state": {"t": 10**6}}
        torchs = lesson_run(name, lesson, beta1=0, beta2=lesson.decay)
        assert lesson_run(name, lesson, **paper)[-1] == pytest.approx(end, abs=0.01)
        assert torchs[-1] == pytest.approx(end, abs=0.01)
    rmsprop = lesson_run("rmsprop", lesson, rho=lesson.decay)  # Adam without m and correction
    assert rmsprop[-1] == pytest.approx(1, abs=0.01)


def test_with_torchs_default_of_beta_2_adam_goes_the_right_way():
    assert lesson_run("adam", Reddi(3.0), beta1=0)[-1] == pytest.approx(-1, abs=0.01)


def test_with_C_of_2_all_places_are_alike_and_with_less_the_lesson_is_another():
    lesson = Reddi(2.0)
    for place in (-1.0, 0.3, 1.0):
        assert lesson.regret(np.full(301, place)) == pytest.approx(0)
    with pytest.raises(ValueError, match="at least 2"):
        Reddi(1.9)


def test_regret_is_what_the_run_paid_less_what_staying_at_minus_1_would_have():
    lesson, path = Reddi(4.0), np.random.default_rng(0).uniform(-1, 1, (8, 2, 1))
    c = [4, -1, -1, 4, -1, -1, 4]
    paid = sum(slope * w for slope, w in zip(c, path[:-1], strict=True))
    stayed = sum(slope * -1 for slope in c)
    np.testing.assert_allclose(lesson.regret(path), (paid - stayed) / 7)


def test_the_live_figures_lesson_is_the_one_of_numpy(node):
    lesson, w = Reddi(3.3), np.random.default_rng(0).uniform(-2, 2, 9)
    found = node(
        """return [data.map((w, k) => f.slope(k, 3.3)), data.map(f.project),
             data.map((_, k) => f.step_size(k)), data.map((w, k) => f.lost(w, k, 3.3)), f.decay(3.3)];""",
        w.tolist(),
        f=Reddi.javascript(),
    )
    slopes = [lesson.gradient(np.zeros(1), k)[0] for k in range(9)]
    np.testing.assert_allclose(found[0], slopes)
    np.testing.assert_allclose(found[1], lesson.project(w))
    np.testing.assert_allclose(found[2], [lesson.step_size(k) for k in range(9)])
    np.testing.assert_allclose(np.mean(found[3]), lesson.regret([*w, 0]))
    assert found[4] == pytest.approx(lesson.decay)


def test_each_signal_is_what_its_words_say():
    t, g = np.arange(300), {name: signal.values for name, signal in SIGNALS.items()}
    assert np.flatnonzero(g["spikes"]).tolist() == [0, 60, 120, 180, 240]
    assert g["rectangles"].reshape(-1, 20).std(axis=1).max() == 0
    assert g["rectangles"][::20].tolist() == [1, -1] * 7 + [1]
    for name, sine in (("noisy_sine", np.sin(t / 20)), ("very_noisy_sine", np.sin(t / 20) / 5)):
        noise = g[name] - sine
        assert np.abs(noise).max() <= 0.5005
        assert noise.std() == pytest.approx(1 / np.sqrt(12), rel=0.1)
        assert abs(noise.mean()) < 0.05
    np.testing.assert_allclose(g["sawtooth"][:80], np.arange(80) % 20 / 5)
    np.testing.assert_allclose(g["sawtooth"][80:], np.arange(220) % 20 / 20)
    assert g["on_off"].tolist() == [float(k % 80 < 40) for k in range(300)]
    assert all(
        signal.values.tolist() == np.round(signal.values, 3).tolist() for signal in SIGNALS.values()
    )


# ---------------------------------------------------------------------------------- a small network


def small_network():
    """Three spirals' points, and three networks at once, biases and all."""
    f = SmallNetwork(*spirals(seed=1, per_class=7), hidden=5)
    w = np.stack([f.start(seed) for seed in range(3)])
    return f, w + np.random.default_rng(0).normal(0, 0.5, w.shape)


@pytest.mark.parametrize("rows", [slice(None), [4, 11, 19, 2]], ids=["all", "a batch"])
def test_a_small_networks_loss_and_gradient_are_those_of_torch(rows):
    torch = pytest.importorskip("torch")
    f, w = small_network()
    for one, value, slope in zip(w, f.value(w, rows), f.gradient(w, rows), strict=True):
        W1, b1, W2, b2 = leaves = [torch.tensor(p, requires_grad=True) for p in f.parts(one)]
        outputs = (torch.tensor(f.inputs[rows]) @ W1 + b1).relu() @ W2 + b2
        loss = torch.nn.functional.cross_entropy(outputs, torch.tensor(f.labels[rows]))
        slopes = torch.autograd.grad(loss, leaves)
        assert value == pytest.approx(loss.item(), rel=1e-12)
        np.testing.assert_allclose(
            slope, torch.cat([s.ravel() for s in slopes]), rtol=1e-9, atol=1e-14
        )


def test_many_small_networks_at_once_are_each_of_them_alone():
    f, w = small_network()
    np.testing.assert_allclose(f.value(w), [f.value(one) for one in w], rtol=1e-12)
    np.testing.assert_allclose(f.gradient(w), [f.gradient(one) for one in w], atol=1e-14)
    alone = [f.accuracy(one, f.inputs, f.labels) for one in w]
    assert f.accuracy(w, f.inputs, f.labels).tolist() == alone


def test_spirals_turn_by_four_radians_on_their_way_out_a_third_of_a_circle_apart():
    points, labels = spirals(seed=0, per_class=4, noise=0)
    r = np.array([1, 3, 5, 7]) / 8
    for c in range(3):
        turned = points[labels == c] @ rotation(2 * np.pi * c / 3)
        np.testing.assert_allclose(turned, np.stack([r * np.cos(4 * r), r * np.sin(4 * r)], axis=1))
    off = np.linalg.norm(spirals(seed=0, noise=0.15)[0] - spirals(seed=0, noise=0)[0], axis=1)
    assert (off > 0).all()
    assert off.mean() < 0.1


def test_a_small_network_begins_without_biases_and_learns_the_spirals():
    points, labels = spirals(seed=3)
    f = SmallNetwork(points, labels, hidden=30)
    w = f.start(seed=0)
    W1, b1, W2, b2 = f.parts(w)
    assert not np.any([*b1, *b2])
    assert W1.std() == pytest.approx(1, rel=0.2)  # √(2/2)
    assert W2.std() == pytest.approx(np.sqrt(2 / 30), rel=0.2)
    after = iterate("adam", f.gradient, w, 500, alpha=0.03)[-1]
    assert f.accuracy(w, points, labels) < 0.6 < 0.95 < f.accuracy(after, points, labels)


def test_a_network_that_has_run_away_says_so_without_a_warning():
    f, w = small_network()
    with warnings.catch_warnings(action="error"):
        assert not np.isfinite(f.value(1e200 * w)).any()
        assert not np.isfinite(f.gradient(1e200 * w)).all()


@pytest.mark.parametrize(
    ("inputs", "labels"), [([[1.0]], [0, 1]), ([1.0, 2.0], [0, 1]), (np.zeros((0, 2)), [])]
)
def test_a_network_needs_as_many_labels_as_inputs(inputs, labels):
    with pytest.raises(ValueError, match="a network needs inputs"):
        SmallNetwork(inputs, labels, hidden=2)


def test_a_network_takes_only_vectors_of_its_own_length():
    f, w = small_network()
    with pytest.raises(ValueError, match=r"w must hold 33 numbers; got shape \(3, 32\)"):
        f.value(w[:, 1:])
