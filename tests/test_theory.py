"""Closed forms against runs, hand-known numbers, eigenvalues and JavaScript."""

import inspect

import numpy as np
import pytest
import sympy
from hypothesis import assume, given
from hypothesis import strategies as st

from firstorder import iterate, rules, theory
from firstorder.problems import Quadratic

positive = st.floats(0.01, 10)


@given(x0=st.floats(-5, 5), alpha=positive, lambda_=positive, steps=st.integers(0, 40))
def test_the_closed_form_is_what_the_run_gives(x0, alpha, lambda_, steps):
    path = iterate("gd", lambda w: lambda_ * w, [x0], steps, alpha=alpha)[:, 0]
    k = np.arange(steps + 1)
    scale = np.abs(x0) * np.maximum(1, np.abs(1 - alpha * lambda_)) ** k
    found = theory.component(x0, alpha, lambda_, k)
    assert np.all(np.abs(found - path) <= 1e-12 * scale + 1e-300)


@given(angle=st.floats(0, np.pi), alpha=st.floats(0.01, 0.7))
def test_the_loss_is_half_the_weighted_sum_of_squares_of_its_components(angle, alpha):
    f = Quadratic.from_spectrum([0.5, 3.0], angle)
    path = iterate("gd", f.gradient, [1.0, -2.0], 20, alpha=alpha)
    x0, k = f.to_eigenbasis(path[0]), np.arange(21)[:, None]
    predicted = theory.loss_component(x0, alpha, f.eigenvalues, k).sum(-1)
    np.testing.assert_allclose(f.value(path), predicted, rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize(
    ("alpha", "expected"),
    [(2 / 1.01, [116, 11, 116]), (1.8, [127, 12, 11]), (1.995, [115, 11, 460])],
    ids=["best step", "1.8", "1.995"],
)
def test_one_per_cent_of_the_loss_takes_the_book_s_number_of_iterations(alpha, expected):
    lambda_ = np.array([0.01, 0.1, 1.0])
    found = theory.iterations_to(0.01, (1 - alpha * lambda_) ** 2)
    assert found.tolist() == expected
    loss = theory.loss_component(1.0, alpha, lambda_, np.arange(500)[:, None])
    assert (loss <= 0.01 * loss[0]).argmax(0).tolist() == expected


@given(fraction=st.floats(1e-9, 0.9), factor=st.floats(0.01, 0.99))
def test_the_count_is_the_first_iteration_that_gets_there(fraction, factor):
    k = theory.iterations_to(fraction, factor)
    assert factor**k <= fraction * (1 + 1e-9)
    assert k == 1 or factor ** (k - 1) >= fraction * (1 - 1e-9)


@pytest.mark.parametrize(("factor", "count"), [(0.0, 1), (1.0, np.inf), (1.5, np.inf), (1e-9, 1)])
def test_a_count_is_at_least_one_and_infinite_where_nothing_shrinks(factor, count):
    assert theory.iterations_to(0.01, factor) == count


def test_the_best_step_has_the_least_rate():
    best = theory.best_step(1.0, 9.0)
    rates = theory.rate(best * np.array([0.99, 1.0, 1.01]), 1.0, 9.0)
    assert rates.argmin() == 1
    assert rates[1] == pytest.approx(theory.best_rate(9.0))


@pytest.mark.parametrize("lambda_max", [0.1, 1.0, 7.0])
def test_gradient_descent_bounces_for_ever_at_the_edge_and_diverges_beyond(lambda_max):
    edge = theory.edge(lambda_max)
    path = iterate("gd", lambda w: lambda_max * w, [1.0], 99, alpha=edge * np.array([[1], [1.01]]))
    assert abs(path[-1, 0, 0]) == pytest.approx(1)
    assert abs(path[-1, 1, 0]) > 2


def test_closed_forms_are_the_same_in_javascript(node):
    random = np.random.default_rng(1)
    calls = []
    for name, function in theory._CLOSED_FORMS.items():
        for _ in range(30):
            given = dict(zip(["fraction", "factor"], random.uniform(0.01, 0.99, 2), strict=True))
            given["k"] = int(random.integers(0, 60))
            arguments = [
                given.get(argument, random.uniform(0.1, 1.9))
                for argument in inspect.signature(function).parameters
            ]
            calls.append([name, arguments])
    calls += [["iterations_to", [0.01, factor]] for factor in (0, 1, 1.5, 1e-9)]
    found = node(
        "return data.map(([name, values]) => theory[name](...values));",
        calls,
        theory=theory.javascript(),
    )
    expected = [theory._CLOSED_FORMS[name](*arguments) for name, arguments in calls]
    np.testing.assert_allclose(found, np.array(expected, float), rtol=1e-12)
    assert np.isinf(found).sum() == 2


@pytest.mark.parametrize("name", ["gd", "momentum", "nesterov", "nesterov_lookahead"])
def test_the_spectral_radius_is_the_largest_eigenvalue(name):
    alpha, beta = np.linspace(0, 4.2, 60), np.linspace(0, 1, 40)[:, None]
    beta = 0.0 if name == "gd" else beta
    field = theory.spectral_radius(name, alpha, 1.5, beta)
    symbols = sympy.symbols("alpha beta lambda", positive=True)
    numeric = sympy.lambdify(symbols, rules.iteration_matrix(name))
    expected = np.vectorize(
        lambda a, b: np.abs(np.linalg.eigvals(numeric(a, b, 1.5))).max(), otypes=[float]
    )(alpha, beta)
    # at a double root the eigenvalues of a computed matrix are right to half the digits only
    np.testing.assert_allclose(field, expected, atol=1e-7)


@given(alpha=st.floats(0.001, 5), beta=st.floats(0.0, 0.999))
def test_momentum_is_stable_exactly_below_two_plus_two_beta(alpha, beta):
    assume(abs(alpha - (2 + 2 * beta)) > 1e-6)
    stable = theory.spectral_radius("momentum", alpha, 1.0, beta) < 1
    assert stable == (alpha < 2 + 2 * beta)


@given(beta=st.floats(0.01, 0.99), position=st.floats(0.01, 0.99))
def test_where_momentum_s_roots_are_complex_their_size_is_the_root_of_beta(beta, position):
    low, high = (1 - np.sqrt(beta)) ** 2, (1 + np.sqrt(beta)) ** 2
    alpha = low + position * (high - low)
    assert theory.spectral_radius("momentum", alpha, 1.0, beta) == pytest.approx(np.sqrt(beta))


def test_a_spectral_radius_of_numbers_is_a_number_and_arrays_broadcast():
    assert np.ndim(theory.spectral_radius("momentum", 1, 1, 0)) == 0
    assert theory.spectral_radius("nesterov", np.ones(3), 1.0, np.zeros((2, 1))).shape == (2, 3)


def test_a_matrix_larger_than_two_by_two_is_refused(registry):
    @rules.rule("Two buffers", "none", "none")
    def two_buffers(w, grad, y, z, *, alpha=0.1, beta=0.9):
        y = beta * y + grad(w)
        z = beta * z + y
        return w - alpha * z, y, z

    with pytest.raises(ValueError, match=r"two_buffers has a \(3, 3\) iteration matrix"):
        theory.spectral_radius("two_buffers", 0.1, 1.0, 0.9)


FORMS = ("momentum", "nesterov", "momentum_average")


@pytest.mark.parametrize("name", FORMS)
def test_the_largest_eigenvalue_by_closed_form_is_the_spectral_radius(name):
    a, b = np.linspace(0, 4.2, 43), np.linspace(0, 1, 21)[:, None]
    invariants = theory.half_trace_and_determinant(name, a, 1.0, b)
    parts = [theory.eigenvalue_real(*invariants, 1), theory.eigenvalue_imaginary(*invariants, 1)]
    other = [theory.eigenvalue_real(*invariants, -1), theory.eigenvalue_imaginary(*invariants, -1)]
    largest = np.maximum(np.hypot(*parts), np.hypot(*other))
    radius = theory.spectral_radius(name, a, 1.0, b)
    assert theory.largest_eigenvalue(*invariants) == pytest.approx(radius, abs=1e-14)
    assert largest == pytest.approx(radius, abs=1e-7)  # a double root is exact to √ε only


@pytest.mark.parametrize("name", FORMS)
def test_on_the_borders_an_eigenvalue_is_minus_one_or_both_meet(name):
    beta = np.linspace(0.05, 0.95, 19)
    half, determinant = theory.half_trace_and_determinant(
        name, theory.border(name, "edge", beta), 1.0, beta
    )
    assert theory.eigenvalue_real(half, determinant, -1) == pytest.approx(-1)
    for which, side in [("complex_from", 1e-3), ("complex_to", -1e-3)]:
        at = theory.border(name, which, beta)
        half, determinant = theory.half_trace_and_determinant(name, at, 1.0, beta)
        assert half**2 == pytest.approx(determinant, abs=1e-9)
        half, determinant = theory.half_trace_and_determinant(name, at * (1 + side), 1.0, beta)
        assert (half**2 < determinant).all()


@pytest.mark.parametrize("name", FORMS)
def test_the_figures_javascript_of_a_matrix_says_what_numpy_says(node, name):
    alpha, lambda_, beta = 0.7, 1.9, 0.6
    shown = node(
        """return [matrix.half_trace(...data), matrix.determinant(...data),
        ...[0.6, 1].flatMap((b) => [matrix.edge(b), matrix.complex_from(b), matrix.complex_to(b)])]""",
        [alpha, lambda_, beta],
        matrix=theory.matrix_javascript(name),
    )
    expected = theory.half_trace_and_determinant(name, alpha, lambda_, beta)
    borders = [theory.border(name, which, b) for b in (0.6, 1) for which in theory.borders(name)]
    assert shown == pytest.approx([*expected, *map(float, borders)])
