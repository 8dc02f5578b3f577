"""What the reader of chapter 4 discovers in its figures, found there with mouse and keyboard."""

import numpy as np
import pytest
from figure_pages import agree, click, drag, full, press, settle_frames, state_of

import firstorder
from firstorder.figures import LookaheadVectors, TwoBalls
from firstorder.problems import Quadratic

pytestmark = pytest.mark.browser
METHODS = {"classical": "momentum_velocity", "nesterov": "nesterov_lookahead"}


def places(alpha, beta, start=-1.8, steps=40):
    """The iterates of both forms on f = w²/2."""
    return {
        ball: firstorder.iterate(rule, lambda w: w, [start], steps, alpha=alpha, beta=beta)[:, 0]
        for ball, rule in METHODS.items()
    }


# -------------------------------------------------------------------------------------- two balls


def test_step_by_step_nesterovs_ball_overshoots_half_as_far(show):
    page = show(TwoBalls(k=0))
    runs = places(0.2, 0.9)
    for k in range(1, 9):
        click(page, "Next step")
        numbers = full(page)
        assert numbers["k"] == k
        for ball, w in runs.items():
            assert numbers[f"w_{ball}"] == pytest.approx(w[k])
            assert numbers[f"overshoot_{ball}"] == pytest.approx(max(0, w[: k + 1].max()))
    agree(page, TwoBalls(k=8))
    assert numbers["overshoot_nesterov"] < numbers["overshoot_classical"] / 2
    click(page, "Previous step")
    agree(page, TwoBalls(k=7))


def test_the_steps_end_where_the_slider_ends(show):
    page = show(TwoBalls())
    press(page, "k", "End")
    click(page, "Next step")
    agree(page, TwoBalls(k=40))
    press(page, "k", "Home")
    click(page, "Previous step")
    agree(page, TwoBalls(k=0))


def test_at_alpha_1_over_lambda_nesterovs_ball_stops_dead_in_one_step(show):
    page = show(TwoBalls(k=40))
    click(page, "Exactly α = 1/λ", wait=600)
    numbers = full(page)
    assert numbers["w_nesterov"] == numbers["overshoot_nesterov"] == 0
    assert numbers["w_classical"] == pytest.approx(places(1.0, 0.9)["classical"][40])
    assert abs(numbers["w_classical"]) > 0.2


def test_too_long_a_look_throws_nesterovs_ball_out_and_not_the_classical_one(show):
    page = show(TwoBalls(k=40))
    click(page, "Too long a look, α = 1.45", wait=600)
    numbers, runs = full(page), places(1.45, 0.9)
    assert numbers["w_nesterov"] == pytest.approx(runs["nesterov"][40])
    assert abs(numbers["w_nesterov"]) > 1000
    assert abs(numbers["w_classical"]) < 1
    assert page.get_by_text("out of the picture: Nesterov", exact=True).is_visible()


def test_without_momentum_the_two_balls_are_one(show):
    page = show(TwoBalls(k=5))
    click(page, "No momentum", wait=600)
    numbers = full(page)
    for part in ("w", "velocity", "query", "correction"):
        assert numbers[f"{part}_nesterov"] == numbers[f"{part}_classical"] != 0
    assert numbers["jump_nesterov"] == numbers["jump_classical"] == 0


def test_the_start_is_dragged_along_the_valley_and_the_sliders_follow(show):
    page = show(TwoBalls())
    drag(page, page.locator(".fo-knob"), 150, 0)  # sideways: the point follows the curve down
    start = float(page.locator(".fo-handle").get_attribute("aria-valuenow"))
    assert -1.2 < start < -0.2
    agree(page, TwoBalls(start=start))
    dragged = start
    page.locator(".fo-handle").focus()
    page.keyboard.press("Shift+ArrowLeft")
    settle_frames(page)
    start = float(page.locator(".fo-handle").get_attribute("aria-valuenow"))
    agree(page, TwoBalls(start=start))
    assert start == pytest.approx(dragged - 0.22, abs=1e-4)
    press(page, "alpha", *["ArrowRight"] * 5)
    press(page, "beta", *["ArrowLeft"] * 7)
    agree(page, TwoBalls(alpha=0.25, beta=0.83, start=start))


def test_play_takes_the_steps_one_after_another_and_pause_stops_them(show):
    page = show(TwoBalls(k=0))
    click(page, "Play", wait=1100)
    click(page, "Pause")
    k = full(page)["k"]
    assert 2 <= k <= 6
    page.wait_for_timeout(500)
    assert full(page)["k"] == k
    agree(page, TwoBalls(k=k))


def test_who_wants_no_motion_gets_steps_and_no_play(show, page):
    page.emulate_media(reduced_motion="reduce")
    show(TwoBalls(k=0))
    assert page.get_by_role("button", name="Play").count() == 0
    click(page, "Next step")
    agree(page, TwoBalls(k=1))
    assert page.get_by_role("button", name="Next step").count() == 1


def ends(page, selector):
    """The ends of the arrows: x of the tail and of the head, in pixels."""
    paths = page.locator(selector).evaluate_all("all => all.map((p) => p.getAttribute('d'))")
    tips = [d.split("M")[1].split("L") for d in paths]
    return [[float(place.split()[0]) for place in tip] for tip in tips]


def test_each_lanes_arrows_join_the_place_the_jump_and_the_next_place(show):
    page = show(TwoBalls(k=2))
    jumps, corrections = ends(page, ".fo-vector.fo-third"), ends(page, ".fo-vector.fo-fourth")
    scale = None
    for (tail, tip), (again, end), w in zip(
        jumps, corrections, places(0.2, 0.9).values(), strict=True
    ):
        assert tip == again
        scale = (end - tail) / (w[3] - w[2])  # pixels a unit
        assert tip - tail == pytest.approx(0.9 * (w[2] - w[1]) * scale, abs=0.2)
    assert scale > 50


# ------------------------------------------------------------------------------ look-ahead vectors


def test_the_slope_ahead_brakes_while_the_slope_here_still_drives(show):
    page = show(LookaheadVectors(k=0))
    press(page, "k", "ArrowRight", "ArrowRight")
    numbers = full(page)
    A = Quadratic.from_spectrum([1 / 30, 1.0], np.radians(25)).A
    w = firstorder.iterate(
        "nesterov_lookahead", lambda w: w @ A, LookaheadVectors().start, 2, alpha=0.3, beta=0.9
    )
    here, jump = w[2] @ A, 0.9 * (w[2] - w[1])
    there = (w[2] + jump) @ A
    assert here @ jump < 0 < there @ jump  # downhill here, uphill where the jump ends
    turned = np.arccos(here @ there / np.linalg.norm(here) / np.linalg.norm(there))
    assert numbers["angle"] == pytest.approx(np.degrees(turned))
    assert numbers["angle"] > 150


def test_where_alpha_L_is_1_the_steep_error_and_its_velocity_are_gone_after_two_steps(show):
    page = show(LookaheadVectors(k=2))
    click(page, "αL = 1", wait=600)
    numbers = full(page)
    assert numbers["k"] == 2
    assert numbers["angle"] < 1e-6  # both gradients point along the valley
    press(page, "k", *["ArrowRight"] * 3)
    numbers = full(page)
    assert numbers["distance_nesterov"] < numbers["distance_classical"] / 2


def test_the_start_is_dragged_and_every_number_moves_with_numpy(show):
    page = show(LookaheadVectors())
    before = full(page)
    drag(page, page.locator(".fo-knob"), 120, -30)
    assert full(page) != before
    click(page, "Copy link")
    point = page.evaluate("() => new URLSearchParams(location.hash.slice(1)).get('start')")
    start = tuple(map(float, point.split(",")))
    assert start[0] > -0.8
    agree(page, state_of(page, LookaheadVectors, start=start))
    press(page, "beta", "Home")
    assert full(page)["angle"] == 0
    agree(page, state_of(page, LookaheadVectors, start=start))


def test_too_long_a_look_leaves_the_valley(show):
    page = show(LookaheadVectors(k=60))
    click(page, "Too long a look", wait=600)
    numbers = full(page)
    assert numbers["distance_nesterov"] > 2 > numbers["distance_classical"]
    assert page.get_by_text("step 60 is out of the picture", exact=True).is_visible()
