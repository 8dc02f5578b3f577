"""Quadratics and landscapes."""

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from firstorder import iterate
from firstorder.problems import LANDSCAPES, Quadratic, rotation

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

    def test_its_javascript_computes_the_same(self, landscape, node):
        w = np.random.default_rng(0).uniform(-3, 3, (50, len(landscape.variables)))
        values, gradients, minimum = node(
            "return [data.map((w) => f.value(w)), data.map((w) => f.gradient(w)), f.minimum];",
            w.tolist(),
            f=landscape.javascript(),
        )
        np.testing.assert_allclose(values, landscape.value(w), rtol=1e-12)
        np.testing.assert_allclose(gradients, landscape.gradient(w), rtol=1e-12, atol=1e-12)
        assert tuple(minimum) == landscape.minimum

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
             f.from_eigenbasis(p, data.angles[i])]);""",
        {"points": points.tolist(), "spectra": spectra.tolist(), "angles": angles.tolist()},
        f=Quadratic.javascript(),
    )
    for js, w, spectrum, angle in zip(found, points, spectra, angles, strict=True):
        Q = rotation(angle)
        gradient = Quadratic.from_spectrum(spectrum, angle).gradient(w)
        np.testing.assert_allclose(js, [gradient, Q.T @ w, Q @ w], rtol=1e-12, atol=1e-12)
