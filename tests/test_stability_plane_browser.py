"""What the reader of chapter 3 discovers on the plane of stability, with real controls."""

import re

import numpy as np
import pytest
from figure_pages import agree, choose, full, hold, press, settle_frames, slider, state_of

from firstorder.figures import StabilityPlane
from firstorder.figures.stability_plane import METHODS, WORDS
from firstorder.theory import spectral_radius

pytestmark = pytest.mark.browser


def words(page):
    return page.locator(".fo-numbers").inner_text().replace("\u00a0", " ")


def stems(page):
    """The heights of the stems in pixels, as they are drawn."""
    ends = re.findall(r"M\S+ (\S+)L\S+ (\S+?)(?=M|$)", page.locator(".fo-stems").get_attribute("d"))
    return np.array([abs(float(end) - float(start)) for start, end in ends])


def test_among_complex_pairs_the_largest_eigenvalue_is_root_beta_whatever_the_step(show):
    page = show(StabilityPlane(alpha_lambda=0.5, beta=0.8))
    real_parts = set()
    for keys in (["ArrowRight"] * 5, ["PageUp"], ["PageUp"] * 3, ["ArrowLeft"]):
        press(page, "alpha_lambda", *keys)
        numbers = full(page)
        real_parts.add(numbers["real"])
        assert numbers["largest"] == pytest.approx(np.sqrt(0.8), abs=1e-14)
        assert "= √β whatever αλ is" in words(page)
        agree(page, state_of(page, StabilityPlane))
    assert len(real_parts) == 4
    press(page, "beta", "ArrowLeft")
    assert full(page)["largest"] == pytest.approx(np.sqrt(0.795), abs=1e-14)


def test_beyond_two_plus_two_beta_heavy_ball_diverges_and_the_stems_grow(show):
    page = show(StabilityPlane(alpha_lambda=2.99, beta=0.5))
    assert full(page)["edge"] == 3
    assert full(page)["largest"] < 1
    inside = stems(page)
    assert len(inside) == 61
    assert inside[60] < inside[20]
    press(page, "alpha_lambda", "ArrowRight", "ArrowRight")
    assert full(page)["largest"] == pytest.approx(1)
    assert words(page).startswith("On the edge")
    press(page, "alpha_lambda", "ArrowRight", "ArrowRight")
    outside = stems(page)
    assert full(page)["largest"] > 1
    assert words(page).startswith("Divergence")
    assert page.get_by_text("diverges", exact=True).is_visible()
    assert outside[60] > outside[20] > outside[4]
    assert abs(full(page)["last"]) > 1


def test_nesterovs_edge_lies_below_gradient_descents(show):
    page = show(StabilityPlane(alpha_lambda=1.4, beta=0.9))
    assert full(page)["largest"] < 1
    choose(page, "method", "nesterov")
    assert full(page)["edge"] == pytest.approx(3.8 / 2.8)
    assert "(2β + 2)/(2β + 1) = 1.3571" in words(page)
    assert full(page)["largest"] > 1
    press(page, "alpha_lambda", *["ArrowLeft"] * 8)  # 1.36
    assert full(page)["largest"] > 1
    press(page, "alpha_lambda", "ArrowLeft")  # 1.355
    assert full(page)["largest"] < 1
    press(page, "beta", "Home")
    assert full(page)["edge"] == 2  # without momentum all are gradient descent


def test_beside_nesterovs_edge_stands_the_heavy_balls(show):
    page = show(StabilityPlane(method="nesterov", beta=0.9))
    assert full(page)["heavy_ball_edge"] == pytest.approx(3.8)
    assert spectral_radius("momentum", 3.8, 1.0, 0.9) == pytest.approx(1)
    line = page.locator(".fo-curve.fo-second.fo-dashed")
    box = page.locator(".fo-panel-back").first.bounding_box()
    points = np.array(re.findall(r"([\d.]+) ([\d.]+)", line.get_attribute("d")), float)
    a, b = points[:, 0] / box["width"] * 4.2, 1 - points[:, 1] / box["height"]
    assert np.ptp(b) == pytest.approx(1, abs=0.01)
    below = b < 0.98  # at β = 1 the inside is an edge too
    assert np.all(spectral_radius("momentum", a - 0.02, 1.0, b)[below] < 1)
    assert np.all(spectral_radius("momentum", a + 0.02, 1.0, b) > 1)
    choose(page, "method", "momentum")
    assert line.get_attribute("d") == ""
    assert "heavy_ball_edge" not in full(page)


def test_the_averaging_form_is_stable_beyond_the_picture(show):
    page = show(StabilityPlane(alpha_lambda=4.2, beta=0.9))
    assert full(page)["largest"] > 1
    choose(page, "method", "momentum_average")
    assert full(page)["largest"] < 1
    assert full(page)["edge"] == pytest.approx(38)
    assert "38, beyond this picture" in words(page)


@pytest.mark.parametrize(("alpha_lambda", "beta"), [(0.04, 0.64), (0.25, 0.25), (0.01, 0.81)])
def test_at_critical_damping_the_two_eigenvalues_coincide(show, alpha_lambda, beta):
    page = show(StabilityPlane(alpha_lambda=alpha_lambda, beta=beta + 0.01))
    assert "imaginary" in full(page)
    press(page, "beta", "ArrowLeft", "ArrowLeft")
    numbers = full(page)
    assert numbers["sigma1"] == pytest.approx(numbers["sigma2"], abs=1e-6)
    assert numbers["largest"] == pytest.approx(1 - np.sqrt(alpha_lambda), abs=1e-6)
    assert words(page).startswith("Critical damping")
    press(page, "beta", "ArrowLeft")
    numbers = full(page)
    assert numbers["sigma1"] - numbers["sigma2"] > 0.01
    assert words(page).startswith("Monotone")


def test_the_sign_flips_at_each_step_only_from_one_plus_root_beta_squared(show):
    page = show(StabilityPlane(alpha_lambda=1.5, beta=0.25))
    assert full(page)["flips"] < 45  # although αλ > 1, where gradient descent's sign flips
    press(page, "alpha_lambda", *["PageUp"], *["ArrowRight"] * 64)  # 2.24
    assert float(slider(page, "alpha_lambda").input_value()) == 2.24
    assert full(page)["flips"] < 60
    press(page, "alpha_lambda", "ArrowRight", "ArrowRight")  # 2.25 = (1 + √¼)²
    assert full(page)["flips"] == 60
    page = show(StabilityPlane(alpha_lambda=1.005, beta=0.0))
    assert full(page)["flips"] == 60


@pytest.mark.parametrize("method", METHODS)
def test_choosing_a_method_moves_the_numbers_with_numpy(show, method):
    page = show(StabilityPlane(alpha_lambda=0.4, beta=0.7))
    hills = page.locator(".fo-hill").first.get_attribute("d")
    choose(page, "method", "nesterov" if method == "momentum" else method)
    assert page.locator(".fo-hill").first.get_attribute("d") != hills
    choose(page, "method", method)
    for keys in ([], ["PageUp"], ["End"], ["ArrowLeft"], ["Home"]):
        press(page, "alpha_lambda", *keys)
        agree(page, state_of(page, StabilityPlane, method=method))
    for keys in (["PageUp"], ["End"], ["ArrowLeft"], ["Home"]):
        press(page, "beta", *keys)
        agree(page, state_of(page, StabilityPlane, method=method))


def test_the_point_can_be_dragged_over_the_plane_and_moved_by_arrow_keys(show):
    page = show(StabilityPlane())
    knob = page.locator(".fo-knob")
    knob.scroll_into_view_if_needed()
    box = knob.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x + 15, y + 10)  # within 22 pixels of the point: a finger is not a needle
    page.mouse.down()
    for dx, dy in ((60, 30), (150, 90), (240, 200)):
        page.mouse.move(x + 15 + dx, y + 10 + dy)
        hold(page)
        agree(page, state_of(page, StabilityPlane))
    page.mouse.up()
    before = state_of(page, StabilityPlane)
    assert before.alpha_lambda > 2
    assert before.beta < 0.4
    page.locator(".fo-handle").focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Shift+ArrowUp")
    settle_frames(page)
    after = state_of(page, StabilityPlane)
    assert after.alpha_lambda == pytest.approx(before.alpha_lambda - 0.02)
    assert after.beta == pytest.approx(before.beta + 0.05)
    agree(page, after)


def test_the_level_lines_of_the_picture_are_where_numpy_has_them(show):
    page = show(StabilityPlane(method="nesterov"))
    levels = StabilityPlane.constants["levels"]
    box = page.locator(".fo-panel-back").first.bounding_box()
    for node, level in zip(page.locator(".fo-hill").all(), levels, strict=True):
        points = np.array(re.findall(r"([\d.]+) ([\d.]+)", node.get_attribute("d")), float)
        a = points[:, 0] / box["width"] * 4.2
        b = 1 - points[:, 1] / box["height"]
        inner = (a > 0.1) & (a < 4.1) & (b > 0.05) & (b < 0.95)  # not along the frame
        found = spectral_radius("nesterov", a[inner], 1.0, b[inner])
        assert np.quantile(abs(found - level), 0.9) < 0.02


@pytest.mark.parametrize(
    ("button", "state"),
    [
        ("Monotone", {"alpha_lambda": 0.2, "beta": 0.2}),
        ("Ripples", {"alpha_lambda": 0.2, "beta": 0.9}),
        ("Critical damping", {"alpha_lambda": 0.04, "beta": 0.64}),
        ("Oscillation", {"alpha_lambda": 2.7, "beta": 0.38}),
        ("Break it", {"alpha_lambda": 3.7, "beta": 0.8}),
    ],
)
def test_a_preset_shows_the_regime_that_it_is_named_after(show, button, state):
    page = show(StabilityPlane(method="nesterov"))
    page.get_by_role("button", name=button).click()
    page.wait_for_timeout(600)
    figure = StabilityPlane(**state)
    agree(page, figure)
    assert words(page).startswith(WORDS[figure.regime])
    assert figure.regime == {"Break it": "divergence"}.get(button, button.lower())


def test_a_link_restores_the_method_and_ignores_one_that_does_not_exist(show):
    page = show(StabilityPlane())
    choose(page, "method", "nesterov")
    page.get_by_role("button", name="Copy link").click()
    page.wait_for_function("() => location.hash.includes('method=nesterov')")
    fragment = page.evaluate("() => location.hash")
    agree(show(StabilityPlane(), fragment=fragment), StabilityPlane(method="nesterov"))
    page = show(StabilityPlane(), fragment=fragment.replace("nesterov", "adam"))
    agree(page, StabilityPlane())
