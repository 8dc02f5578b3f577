"""What the reader of chapter 7 finds with given gradients and step by step, with mouse and keyboard."""

import re

import numpy as np
import pytest
from figure_pages import agree, choose, click, drag, full, settle_frames, slider, state_of, strike

import firstorder
from firstorder.figures import SignalBench, StateSteps
from firstorder.figures.state_steps import TITLES
from firstorder.problems import SIGNALS

pytestmark = pytest.mark.browser
METHODS = SignalBench.class_traits()["method"].values


# ---------------------------------------------------------------------------------- signal bench


@pytest.mark.parametrize("method", METHODS)
def test_every_method_answers_every_signal_as_in_numpy(show, method):
    page = show(SignalBench(t=217))
    choose(page, "method", method)
    for signal in [*SIGNALS, "drawn"]:
        choose(page, "signal", signal)
        agree(page, SignalBench(method=method, signal=signal, t=217))


def test_scrubbing_shows_the_steps_that_a_run_takes(show):
    page = show(SignalBench(signal="rectangles", method="momentum"))
    g = SIGNALS["rectangles"].values
    slider(page, "t").focus()
    strike(page, "Home", *["ArrowRight"] * 22)
    numbers = full(page)
    assert (numbers["t"], numbers["g"]) == (22, -1)
    for i, beta in enumerate((0.25, 0.9, 0.975), 1):
        w = firstorder.iterate(
            "momentum", lambda w, k: w * 0 + g[k], [0.0], 23, alpha=1.0, beta=beta
        )
        assert numbers[f"step{i}"] == pytest.approx(w[22, 0] - w[23, 0])
    assert numbers["step1"] < 0 < numbers["step2"] < numbers["step3"]  # the longer the memory …


def test_adagrad_has_one_picture_and_the_others_three(show):
    page = show(SignalBench())
    panels = page.locator(".fo-stage > svg > g:visible")
    assert panels.count() == 4
    choose(page, "method", "adagrad")
    assert panels.count() == 2
    agree(page, SignalBench(method="adagrad"))
    choose(page, "method", "nadam")
    assert panels.count() == 4


def knots(page):
    """What is drawn, read from the link."""
    click(page, "Copy link")
    link = page.evaluate("() => new URLSearchParams(location.hash.slice(1)).get('knots')")
    return [float(height) for height in link.split(",")]


def test_the_reader_draws_a_signal_with_the_mouse(show):
    page = show(SignalBench(method="adam"))
    paper = page.locator(".fo-surface")
    assert paper.is_hidden()  # the given signals cannot be drawn over
    choose(page, "signal", "drawn")
    before, box = knots(page), paper.bounding_box()

    def at(t, g):
        top, bottom = box["y"] + 5, box["y"] + box["height"] - 5
        return box["x"] + t / 300 * box["width"], bottom + (g + 2) / 4 * (top - bottom)

    page.mouse.move(*at(100, 1.5))
    page.mouse.down()
    page.mouse.move(*at(150, -1.0))  # in one jump: the knots between are drawn through
    page.mouse.move(*at(200, -1.0))
    page.mouse.up()
    settle_frames(page)
    drawn = knots(page)
    assert drawn[:10] == before[:10]
    assert drawn[21:] == before[21:]
    assert drawn[10:16] == pytest.approx([1.5, 1.0, 0.5, 0.0, -0.5, -1.0], abs=0.06)
    assert drawn[15:21] == pytest.approx([-1.0] * 6, abs=0.06)
    agree(page, SignalBench(method="adam", signal="drawn", knots=drawn, t=200))


def test_the_reader_draws_a_signal_with_the_keyboard(show):
    page = show(SignalBench(signal="drawn", t=60))
    before = knots(page)
    page.locator(".fo-surface").focus()
    strike(page, "ArrowRight", "ArrowUp", "ArrowUp", "Shift+ArrowRight", "Shift+ArrowDown")
    drawn = knots(page)
    expected = list(before)
    expected[7] += 0.2
    expected[12] -= 0.5
    assert drawn == pytest.approx(expected)
    agree(page, SignalBench(signal="drawn", knots=drawn, t=120))
    page.locator(".fo-surface").focus()
    strike(page, *["Shift+ArrowRight"] * 9, *["Shift+ArrowUp"] * 9)
    assert full(page)["t"] == 299
    assert knots(page)[30] == 2.0


def test_a_finger_draws_and_the_page_stays_where_it_is(chromium, tmp_path, built_figures):
    from firstorder.figures.page import page as host
    from firstorder.figures.page import settle

    path = tmp_path / "page.html"
    path.write_text(settle(host(SignalBench(signal="drawn")), tmp_path), encoding="utf-8")
    context = chromium.new_context(
        viewport={"width": 390, "height": 700}, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    page.goto(f"file://{path}")
    page.wait_for_selector(".fo-live [data-key]")
    assert page.evaluate("() => document.documentElement.scrollHeight") > 1000  # room to scroll
    before, box = full(page), page.locator(".fo-surface").bounding_box()
    devtools = context.new_cdp_session(page)
    for step in range(7):
        finger = {"x": box["x"] + 60 + 12 * step, "y": box["y"] + 110 - 15 * step}
        kind = "touchMove" if step else "touchStart"
        devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [finger]})
    devtools.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    settle_frames(page)
    assert full(page) != before
    assert page.evaluate("() => scrollY") == 0
    context.close()


def test_drawing_goes_on_from_the_signal_that_is_shown(show):
    page = show(SignalBench(signal="rectangles", t=35))
    click(page, "Draw on from here", wait=600)
    drawn = knots(page)
    assert drawn[:6] == [1, 1, -1, -1, 1, 1]
    agree(page, SignalBench(signal="drawn", knots=drawn, t=35))
    slider(page, "t").focus()
    strike(page, "ArrowRight")
    agree(page, SignalBench(signal="drawn", knots=drawn, t=36))


def test_a_drawn_signal_travels_by_link(show):
    page = show(SignalBench(signal="drawn"))
    page.locator(".fo-surface").focus()
    strike(page, *["Shift+ArrowDown"] * 3)
    drawn, fragment = knots(page), page.evaluate("() => location.hash")
    page = show(SignalBench(), fragment=fragment)
    settle_frames(page)
    agree(page, SignalBench(signal="drawn", knots=drawn))
    for nonsense in ("1,2", ",".join(["9"] * 31), ",".join(["x"] * 31)):
        page = show(SignalBench(), fragment=f"#figure=signal_bench&signal=drawn&knots={nonsense}")
        agree(page, SignalBench(signal="drawn"))


def test_a_short_memory_of_squares_lets_adam_explode_between_rare_gradients(show):
    page = show(SignalBench())
    click(page, "Rare gradients: Adam", wait=600)
    numbers = full(page)
    assert numbers["g"] == 0
    assert numbers["step1"] > 1e5
    assert max(numbers["step2"], numbers["step3"]) < 0.1


def test_the_picture_shows_the_steps_that_the_numbers_say(show):
    """The curve's height at t, read from its path, is the number."""
    page = show(SignalBench(method="rmsprop", signal="rectangles", t=100))
    numbers = full(page)
    d = page.locator(".fo-stage > svg > g:nth-of-type(2) .fo-curve.fo-first").get_attribute("d")
    heights = np.array([float(place.split()[1]) for place in d[1:].split("L")])
    steps = SignalBench(method="rmsprop", signal="rectangles").answers()[0]
    slope, level = np.polyfit(steps, heights, 1)
    assert numbers["step1"] == pytest.approx((heights[100] - level) / slope, abs=0.01)
    assert np.abs(slope * steps + level - heights).max() < 0.1


# ------------------------------------------------------------------------------ state, step by step


@pytest.mark.parametrize("method", TITLES)
def test_every_methods_table_holds_the_numbers_of_its_run(show, method):
    page = show(StateSteps())
    choose(page, "method", method)
    agree(page, StateSteps(method=method))
    for k in (1, 2, 3):
        click(page, "Next step")
        agree(page, StateSteps(method=method, k=k))
    slider(page, "k").focus()
    strike(page, "End")
    agree(page, StateSteps(method=method, k=60))
    rows = page.locator(".fo-table tbody tr")
    math = rows.locator("math").count()
    assert math == rows.count() == len(StateSteps.spec()["methods"][method]["rows"])


@pytest.mark.parametrize("method", TITLES)
def test_on_a_phone_no_formula_hangs_over_into_the_numbers(show, page, method):
    page.set_viewport_size({"width": 390, "height": 800})
    show(StateSteps(method=method, k=12))
    over = page.evaluate(
        """() => [...document.querySelectorAll(".fo-table tbody th")].map((th) =>
           th.querySelector("math").getBoundingClientRect().right - th.getBoundingClientRect().right)"""
    )
    assert max(over) <= 1


def cell(page, key):
    return float(page.locator(f"[data-key={key}]").get_attribute("data-value"))


def test_adams_first_move_has_the_same_length_in_both_coordinates(show):
    page = show(StateSteps(method="momentum", k=9))
    click(page, "Adam’s first step", wait=600)
    numbers = full(page)
    assert abs(numbers["g2"] / numbers["g1"]) == 10
    assert [numbers["move1"], numbers["move2"]] == pytest.approx([0.1, -0.1])
    click(page, "RMSprop’s first step", wait=600)
    numbers = full(page)
    assert [numbers["move1"], numbers["move2"]] == pytest.approx([0.5, -0.5])  # ten times its α


def test_the_numbers_on_the_page_make_the_move(show):
    """Numerator over denominator, read off the table, is the step that a run takes."""
    page = show(StateSteps(method="amsgrad", k=30))
    w = firstorder.iterate("amsgrad", lambda w: w * [1, 20], (-2, 1), 31, alpha=0.1)
    for i in (1, 2):
        move = -0.1 * cell(page, f"numerator{i}") / cell(page, f"denominator{i}")
        assert move == pytest.approx((w[31] - w[30])[i - 1])
        assert cell(page, f"top{i}") >= cell(page, f"s{i}")
        assert cell(page, f"top_was{i}") <= cell(page, f"top{i}")


def test_a_bar_has_the_length_of_its_number(show):
    page = show(StateSteps(method="adagrad", k=10))
    run = StateSteps(method="adagrad").run()
    most = np.abs([row.after["s"] for row in run]).max()
    bars = page.locator(".fo-table tbody tr").nth(1).locator(".fo-bar")
    for i in (0, 1):
        length = float(
            re.search(r"scale\((\S+) 1\)", bars.nth(i).get_attribute("transform")).group(1)
        )
        assert length == pytest.approx(run[10].after["s"][i] / most, abs=1e-4)


def test_the_start_is_dragged_and_every_number_of_the_step_moves(show):
    page = show(StateSteps(method="nadam", k=3))
    drag(page, page.locator(".fo-knob"), 130, 40)
    click(page, "Copy link")
    point = page.evaluate("() => new URLSearchParams(location.hash.slice(1)).get('start')")
    start = tuple(map(float, point.split(",")))
    assert start[0] > -1.5
    agree(page, state_of(page, StateSteps, method="nadam", start=start))


def test_play_takes_the_steps_and_who_wants_no_motion_gets_steps_alone(show, page):
    show(StateSteps())
    click(page, "Play", wait=1100)
    click(page, "Pause")
    k = full(page)["k"]
    assert 2 <= k <= 6
    agree(page, StateSteps(k=k))
    page.emulate_media(reduced_motion="reduce")
    show(StateSteps())
    assert page.get_by_role("button", name="Play").count() == 0
    click(page, "Next step")
    agree(page, StateSteps(k=1))


def test_a_screen_reader_finds_a_table_with_heads_for_rows_and_columns(show):
    page = show(StateSteps(method="rmsprop"))
    assert (
        page.get_by_role("table", name="RMSprop with α = 0.05, ρ = 0.99, ε = 1×10⁻⁸").count() == 1
    )
    assert page.get_by_role("columnheader").all_inner_texts() == [
        "formula",
        "w₁ (flat)",
        "w₂ (steep)",
    ]
    assert page.get_by_role("rowheader").count() == 5
