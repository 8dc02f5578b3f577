"""What the reader of chapter 3 discovers in its figures, found there with mouse and keyboard."""

import re

import numpy as np
import pytest
from figure_pages import agree, click, drag, full, press, settle_frames, slider, state_of

import firstorder
from firstorder import theory
from firstorder.figures import CounterExample, DampedSpring, MomentumStack
from firstorder.problems import LANDSCAPES

pytestmark = pytest.mark.browser
EIGENVALUES = np.array([0.01, 0.1, 1.0])


def iterations_to(tolerance, alpha, beta):
    """The first iterate of a run of momentum whose mean of xᵢ² is below the tolerance."""
    path = firstorder.iterate(
        "momentum", lambda x: EIGENVALUES * x, np.ones(3), 1000, alpha=alpha, beta=beta
    )
    return np.argmax((path**2).mean(axis=-1) < tolerance)


def number_of(page, selector, attribute):
    return float(page.locator(selector).first.get_attribute(attribute))


# --------------------------------------------------------------------------------- momentum stack


def test_the_best_momentum_needs_a_fraction_of_gradient_descents_iterations(show):
    page = show(MomentumStack())
    click(page, "Exact optimum", wait=600)
    best = theory.best_momentum_step(0.01, 1.0), theory.best_momentum(100.0)
    found = {}
    for tolerance, keys in [(1e-3, []), (1e-6, ["ArrowLeft"] * 12), (1e-12, ["Home"])]:
        press(page, "tolerance", *keys)
        numbers = full(page)
        found[tolerance] = numbers["momentum"], numbers["descent"]
        descent = iterations_to(tolerance, theory.best_step(0.01, 1.0), 0)
        assert found[tolerance] == (iterations_to(tolerance, *best), descent)
    assert found == {1e-3: (36, 163), 1e-6: (55, 336), 1e-12: (92, 681)}


def test_the_preset_without_momentum_is_gradient_descent_itself(show):
    page = show(MomentumStack())
    click(page, "Gradient descent", wait=600)
    for keys, count in [([], 163), (["ArrowLeft"] * 12, 336), (["Home"], 681)]:
        press(page, "tolerance", *keys)
        assert (full(page)["momentum"], full(page)["descent"]) == (count, count)


@pytest.mark.parametrize(("tolerance", "count"), [(1e-3, 38), (1e-6, 59), (1e-12, 101)])
def test_the_rounded_optimum_is_a_little_slower_than_the_exact_one(show, tolerance, count):
    link = f"#figure=momentum_stack&alpha=3.306&beta=0.669&tolerance={tolerance}"
    page = show(MomentumStack(), fragment=link)
    settle_frames(page)
    assert full(page)["momentum"] == count == iterations_to(tolerance, 3.306, 0.669)


def test_what_is_best_in_the_long_run_is_not_best_for_a_loose_tolerance(show):
    page = show(MomentumStack())
    counts = {}
    for name in ("Exact optimum", "(2.6, 0.74)"):
        click(page, name, wait=600)
        counts[name] = full(page)["momentum"]
    assert counts == {"Exact optimum": 36, "(2.6, 0.74)": 23}
    press(page, "tolerance", "End")
    loose = full(page)["momentum"]
    click(page, "Exact optimum", wait=600)
    assert 2 * loose < full(page)["momentum"]


def test_the_pad_s_point_is_dragged_in_step_and_momentum_at_once(show):
    page = show(MomentumStack())
    drag(page, page.locator(".fo-knob"), 60, -40)
    moved = [float(slider(page, name).input_value()) for name in ("alpha", "beta")]
    assert moved[0] > 1.2
    assert moved[1] > 0.6
    page.get_by_role("button", name="Copy link").click()
    page.wait_for_function("() => location.hash.length > 1")
    link = page.evaluate("() => location.hash")
    state = {key: float(value) for key, value in re.findall(r"(alpha|beta)=([\d.]+)", link)}
    agree(page, MomentumStack(**state))


def test_arrow_keys_move_the_pad_s_point_by_a_part_of_each_side(show):
    page = show(MomentumStack())
    page.locator(".fo-handle").focus()
    for key in ("ArrowRight", "ArrowUp", "Shift+ArrowUp"):
        page.keyboard.press(key)
    settle_frames(page)
    agree(page, MomentumStack(alpha=1.021, beta=0.555))


def test_beyond_the_edge_momentum_diverges_and_never_reaches_the_tolerance(show):
    page = show(MomentumStack())
    assert page.locator(".fo-warning").text_content() == ""
    click(page, "Break it", wait=600)
    assert page.get_by_text("diverges", exact=True).is_visible()
    assert "not within 1000 iterations" in page.locator(".fo-numbers").inner_text()
    assert "momentum" not in full(page)
    press(page, "beta", "PageUp")  # the edge 2 + 2β moves away: the same step converges again
    assert page.locator(".fo-warning").text_content() == ""
    agree(page, state_of(page, MomentumStack))


# ---------------------------------------------------------------------------------- damped spring


def test_at_critical_damping_the_error_is_k_times_a_power(show):
    page = show(DampedSpring())
    click(page, "Critical", wait=600)
    assert page.locator(".fo-numbers").inner_text().startswith("Critically damped")
    assert full(page)["critical"] == pytest.approx(0.81)
    run = firstorder.iterate("momentum", lambda x: x, [1.0], 100, alpha=0.01, beta=0.81)[:, 0]
    for key in ["ArrowRight"] * 3 + ["PageUp"] * 4 + ["End"]:
        press(page, "k", key)
        numbers = full(page)
        k = int(numbers["k"])
        assert numbers["x"] == pytest.approx((1 + 0.1 * k) * 0.9**k) == run[k]
    assert k == 100
    line, reference = (
        page.locator(kind).get_attribute("d") for kind in (".fo-path", "path.fo-curve")
    )
    assert line == reference


def test_the_spring_settles_soonest_near_critical_damping(show):
    page = show(DampedSpring())
    seen = {}
    for name in ("Underdamped", "Critical", "Overdamped"):
        click(page, name, wait=600)
        words = page.locator(".fo-numbers").inner_text()
        seen[name] = (words.split(":")[0], full(page))
    assert [word for word, _ in seen.values()] == ["Underdamped", "Critically damped", "Overdamped"]
    under, critical, over = (numbers for _, numbers in seen.values())
    assert under["ratio"] < 1 < over["ratio"]
    assert under["changes"] >= 2
    assert critical["changes"] == over["changes"] == 0
    assert critical["settled"] < min(under["settled"], over["settled"])
    run = firstorder.iterate("momentum", lambda x: x, [1.0], 2000, alpha=0.01, beta=0.95)[:, 0]
    assert under["changes"] == np.count_nonzero(np.diff(np.sign(run[:101])))
    assert under["settled"] == np.flatnonzero(abs(run) > 0.01)[-1] + 1


def test_the_mass_hangs_where_its_iterate_is(show):
    page = show(DampedSpring())
    seen = set()
    for key in ("Home", "PageUp", "PageUp", "PageUp"):
        press(page, "k", key)
        middle = number_of(page, ".fo-mass", "y") + number_of(page, ".fo-mass", "height") / 2
        assert middle == pytest.approx(number_of(page, ".fo-now", "cy"), abs=0.2)
        seen.add(middle)
    assert len(seen) == 4


def test_the_spring_plays_its_iterates_pauses_and_ends_at_the_last(show):
    page = show(DampedSpring())
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("() => document.querySelector('[data-key=k]').dataset.value > 4")
    page.get_by_role("button", name="Pause").click()
    settle_frames(page)
    paused = full(page)["k"]
    agree(page, DampedSpring(k=paused))
    page.wait_for_timeout(300)
    assert full(page)["k"] == paused == int(paused)
    press(page, "k", "End", "ArrowLeft", "ArrowLeft")
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("() => document.querySelector('[data-key=k]').dataset.value === '100'")
    assert page.get_by_role("button", name="Play").is_visible()
    page.get_by_role("button", name="Play").click()  # from the last iterate it begins again
    page.wait_for_function("() => document.querySelector('[data-key=k]').dataset.value < 50")
    press(page, "beta", "ArrowLeft")  # the reader's hand ends the motion
    assert page.get_by_role("button", name="Play").is_visible()


def test_who_asks_for_no_motion_steps_through_the_iterates(show, page):
    page.emulate_media(reduced_motion="reduce")
    show(DampedSpring())
    assert page.get_by_role("button", name="Play").count() == 0
    for k in (1, 2):
        page.get_by_role("button", name="Next step").click()
        page.wait_for_timeout(200)
        assert full(page)["k"] == k


# -------------------------------------------------------------------------------- counter-example


def runs_from(start):
    """Tuned momentum and Nesterov's method for curvatures from 1 to 25, 300 iterations."""
    gradient = LANDSCAPES["lessard"].gradient
    momentum = firstorder.iterate("momentum", gradient, [start], 300, alpha=1 / 9, beta=4 / 9)
    nesterov = firstorder.iterate("nesterov", gradient, [start], 300, alpha=1 / 25, beta=2 / 3)
    return momentum[:, 0], nesterov[:, 0]


def test_from_3_3_tuned_momentum_cycles_through_three_values_and_nesterov_converges(show):
    page = show(CounterExample(start=1.5))
    click(page, "From 3.3", wait=600)
    numbers = full(page)
    cycle = [numbers[f"cycle{i}"] for i in (1, 2, 3)]
    assert cycle == pytest.approx([-1.802, 2.116, 0.647], abs=5e-4)
    momentum, nesterov = runs_from(3.3)
    assert sorted(cycle) == pytest.approx(sorted(momentum[-3:]))
    assert abs(nesterov[-1]) < 1e-12
    assert page.get_by_text("momentum cycles", exact=True).is_visible()
    assert page.get_by_text("Nesterov converges", exact=True).is_visible()


@pytest.mark.parametrize("start", [3, 3.5, 1.5])
def test_from_other_starts_tuned_momentum_converges(show, start):
    page = show(CounterExample())
    click(page, f"From {start}", wait=600)
    assert page.get_by_text("momentum converges", exact=True).is_visible()
    for name, run in zip(("momentum", "nesterov"), runs_from(start), strict=True):
        assert full(page)[name] == np.flatnonzero(abs(run) > 0.01)[-1] + 1


def test_the_start_is_dragged_along_the_curve(show):
    page = show(CounterExample())
    first = full(page)
    drag(page, page.locator(".fo-knob"), -70, 0)  # sideways: the point follows the curve down
    start = number_of(page, ".fo-handle", "aria-valuenow")
    assert start < 2.5
    assert full(page) != first
    agree(page, CounterExample(start=start))
    text = page.locator(".fo-handle").get_attribute("aria-valuetext").replace("−", "-")
    height = float(text.split(", ")[1])
    assert height == pytest.approx(LANDSCAPES["lessard"].value([start]), abs=0.01)
    page.locator(".fo-handle").focus()
    page.keyboard.press("ArrowLeft")
    settle_frames(page)
    agree(page, CounterExample(start=round(start - 0.04, 6)))


def test_sliding_the_start_from_3_3_down_leaves_the_cycle_and_comes_back_to_it(show):
    page = show(CounterExample())
    fates = []
    for _ in range(6):
        press(page, "start", *["ArrowLeft"] * 10)
        agree(page, state_of(page, CounterExample))
        fates.append("cycle1" in full(page))
    assert fates == [True, True, False, True, True, False]
