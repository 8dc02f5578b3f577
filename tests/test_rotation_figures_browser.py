"""What the reader of chapter 7 discovers by turning a valley, in Reddi's lesson and at a cliff."""

import numpy as np
import pytest
from figure_pages import agree, choose, click, drag, full, press, state_of

import firstorder
from firstorder.clipping import clip_norm, clip_value
from firstorder.figures import Clipping, ReddisLesson, RotationTest
from firstorder.problems import LANDSCAPES, rotation

pytestmark = pytest.mark.browser


def ends(page, selector, index=0):
    """The first and the last place of a drawn path, in pixels."""
    d = page.locator(selector).nth(index).get_attribute("d")
    places = [tuple(map(float, place.split())) for place in d[1:].split("L")]
    return places[0], places[-1]


# ---------------------------------------------------------------------------------- rotation test


def test_adam_needs_24_435_645_and_698_iterations_and_gradient_descent_329_at_every_angle(show):
    page = show(RotationTest())
    for angle, needed in [(0, 24), (15, 435), (30, 645), (45, 698)]:
        click(page, f"{angle}°", wait=600)
        numbers = full(page)
        assert (numbers["descent"], numbers["other"]) == (329, needed)
        agree(page, RotationTest(angle=angle))


@pytest.mark.parametrize("method", ["momentum", "adagrad", "rmsprop", "adam"])
def test_the_count_at_each_angle_lies_on_the_methods_curve(show, method):
    page = show(RotationTest(angle=86))
    choose(page, "method", method)
    curve = RotationTest.spec()["counts"][method]
    for _ in range(5):  # to 90 and not beyond
        press(page, "angle", "ArrowRight")
        figure = state_of(page, RotationTest, method=method)
        agree(page, figure)
        assert full(page)["other"] == curve[round(figure.angle)]
    assert figure.angle == 90


def test_in_the_eigenbasis_gradient_descents_path_stands_still_and_adams_moves(show):
    page = show(RotationTest(angle=20))
    paths = page.locator(".fo-live svg svg .fo-lane")  # both of w, both of x, five curves
    before = [paths.nth(i).get_attribute("d") for i in range(4)]
    press(page, "angle", *["ArrowRight"] * 9)
    after = [paths.nth(i).get_attribute("d") for i in range(4)]
    assert [a != b for a, b in zip(before, after, strict=True)] == [True, True, False, True]


def test_the_path_in_the_weights_starts_where_the_turned_start_is(show):
    page = show(RotationTest(angle=0))
    scale = ends(page, ".fo-live svg svg .fo-lane")[0]
    press(page, "angle", *["ArrowRight"] * 10)
    across, down = (
        float(page.locator(".fo-panel-back").first.get_attribute(a)) for a in ("width", "height")
    )
    centre = (across / 2, down / 2)
    turned = rotation(np.radians(10)) @ [1.0, 1.0]
    unit = scale[0] - centre[0]
    expected = (centre[0] + unit * turned[0], centre[1] - unit * turned[1])
    assert ends(page, ".fo-live svg svg .fo-lane")[0] == pytest.approx(expected, abs=0.3)


# ---------------------------------------------------------------------------------- Reddi's lesson


def lesson(method, C, beta2, steps=1800):
    """A run on the slopes C, −1, −1, …, written out here once more."""
    slopes = lambda w, k: np.full_like(w, C if k % 3 == 0 else -1.0)  # noqa: E731
    return firstorder.iterate(
        method, slopes, [0.0], steps, project=lambda w: np.clip(w, -1, 1),
        alpha=lambda k: 0.1 / np.sqrt(k + 1), beta1=0, beta2=beta2,
    )[:, 0]  # fmt: skip


def test_adam_ends_at_plus_1_and_amsgrad_at_minus_1(show):
    page = show(ReddisLesson())
    numbers = full(page)
    assert numbers["adam"] == pytest.approx(1, abs=0.01)
    assert numbers["amsgrad"] == pytest.approx(-1, abs=0.01)
    assert numbers["adam"] == pytest.approx(lesson("adam", 3.0, 0.1)[-1])
    path = lesson("amsgrad", 3.0, 0.1)[:-1]
    losses = np.tile([3, -1, -1], 600) * (path + 1)
    assert numbers["amsgrad_regret"] == pytest.approx(losses.mean())
    agree(page, ReddisLesson())


def test_a_longer_memory_turns_adam_round(show):
    page = show(ReddisLesson(beta2=0.4))
    assert full(page)["adam"] > 0
    click(page, "β₂ = 0.5", wait=600)
    assert full(page)["adam"] < 0
    agree(page, ReddisLesson(beta2=0.5))
    click(page, "torch’s β₂ = 0.999", wait=600)
    assert full(page)["adam"] == pytest.approx(-1, abs=0.01)
    agree(page, ReddisLesson(beta2=0.999))


def test_for_each_slope_the_papers_beta_2_leads_adam_to_the_worst_place(show):
    page = show(ReddisLesson(C=2.5, beta2=0.9))
    for C in (2.5, 4.25, 6.0):
        page.locator("input[name=C]").fill(str(C))
        click(page, "β₂ = 1/(1 + C²)", wait=600)
        numbers = full(page)
        assert numbers["decay"] == pytest.approx(1 / (1 + C**2))
        assert numbers["adam"] == pytest.approx(1, abs=0.01)
        assert numbers["adam_regret"] == pytest.approx(2 * (C - 2) / 3, rel=0.1)
        assert numbers["amsgrad"] < -0.6
    press(page, "C", "Home")
    press(page, "beta2", "Home")
    agree(page, ReddisLesson(C=2, beta2=0))


def test_with_C_of_2_nothing_is_lost_anywhere(show):
    page = show(ReddisLesson())
    click(page, "C = 2: nothing to learn", wait=600)
    numbers = full(page)
    assert abs(numbers["adam_regret"]) < 0.01
    assert abs(numbers["amsgrad_regret"]) < 0.01


def test_the_drawn_runs_end_where_the_numbers_say(show):
    page = show(ReddisLesson())
    heights = [ends(page, ".fo-live svg svg .fo-lane", i)[1][1] for i in (0, 1)]
    levels = page.locator(".fo-live svg svg .fo-rest").get_attribute("d")
    worst, best = (float(part.split("H")[0].split()[1]) for part in levels[1:].split("M"))
    assert heights == pytest.approx([worst, best], abs=1)


@pytest.mark.parametrize(("line", "method"), [(0, "adam"), (1, "amsgrad")])
def test_what_is_drawn_of_a_run_reaches_as_far_up_and_down_as_its_iterates(show, line, method):
    page = show(ReddisLesson(C=6.0, beta2=0.01))
    frame = page.locator(".fo-panel-back")
    width, height = (float(frame.get_attribute(side)) for side in ("width", "height"))
    d = page.locator(".fo-live svg svg .fo-lane").nth(line).get_attribute("d")
    drawn = np.array([place.split() for place in d[1:].split("L")], float)
    path = lesson(method, 6.0, 0.01)
    x = width * np.log(np.arange(1, 1802)) / np.log(1801)
    y = height * (1.15 - path) / 2.3
    for left in range(200, 700, 20):  # pixels
        seen, there = (
            h[(left <= at) & (at < left + 20)] for at, h in [(drawn[:, 0], drawn[:, 1]), (x, y)]
        )
        assert [seen.min(), seen.max()] == pytest.approx([there.min(), there.max()], abs=0.3)


# ---------------------------------------------------------------------------------------- clipping


def test_by_norm_the_gradient_keeps_its_direction_by_value_it_turns(show):
    page = show(Clipping(clip="none"))
    g = LANDSCAPES["cliff"].gradient([1.7, 0.5])
    numbers = full(page)
    assert numbers["clipped"] == numbers["norm"] == pytest.approx(np.linalg.norm(g))
    click(page, "By norm, 1", wait=600)
    numbers = full(page)
    assert numbers["clipped"] == pytest.approx(1)
    assert numbers["turned"] == pytest.approx(0, abs=1e-6)
    assert numbers["step"] == pytest.approx(0.25)
    click(page, "By value, 1", wait=600)
    numbers = full(page)
    assert numbers["clipped"] == pytest.approx(np.sqrt(2))
    assert numbers["turned"] == pytest.approx(45 - np.degrees(np.arctan2(g[1], g[0])))
    agree(page, Clipping(clip="value"))


def test_unclipped_the_cliff_throws_the_run_out_of_the_picture_and_costs_it_many_iterations(show):
    page = show(Clipping())
    clipped = full(page)
    assert not page.get_by_text("out of the picture").is_visible()
    choose(page, "clip", "none")
    numbers = full(page)
    f = LANDSCAPES["cliff"]
    path = firstorder.iterate("gd", f.gradient, [1.7, 0.5], 150, alpha=0.25)
    assert numbers["farthest"] == pytest.approx(np.linalg.norm(path, axis=-1).max())
    assert numbers["reached"] == np.argmax(f.value(path) < 0.01) > 3 * clipped["reached"]
    assert page.get_by_text("out of the picture, 7.6 from the minimum", exact=True).is_visible()


def test_a_limit_that_is_too_tight_makes_every_step_short(show):
    page = show(Clipping())
    loose = full(page)["reached"]
    click(page, "Too tight, 0.1", wait=600)
    assert full(page)["reached"] > 5 * loose
    agree(page, Clipping(limit=0.1))
    press(page, "limit", "End")
    assert full(page)["clipped"] == full(page)["norm"]
    press(page, "alpha", "Home")
    agree(page, state_of(page, Clipping, clip="norm"))


@pytest.mark.parametrize(("how", "clip"), [("norm", clip_norm), ("value", clip_value)])
def test_the_start_is_dragged_and_its_gradient_is_clipped_there(show, how, clip):
    page = show(Clipping(clip=how))
    drag(page, page.locator(".fo-knob"), 60, -90)
    click(page, "Copy link", wait=600)
    point = page.evaluate("() => new URLSearchParams(location.hash.slice(1)).get('start')")
    start = tuple(map(float, point.split(",")))
    assert start[0] > 1.9
    assert start[1] > 0.9
    g = LANDSCAPES["cliff"].gradient(start)
    assert full(page)["norm"] == pytest.approx(np.linalg.norm(g))
    assert full(page)["clipped"] == pytest.approx(np.linalg.norm(clip(g, 1.0)))
    agree(page, Clipping(clip=how, start=start))


def test_no_arrow_that_is_used_is_longer_than_the_limit_allows(show):
    page = show(Clipping(clip="none"))

    def longest():
        d = page.locator(".fo-wind.fo-first").get_attribute("d")
        shafts = d.split("M")[1::2]  # every other part is an arrow's head
        tips = np.array([[place.split() for place in shaft.split("L")] for shaft in shafts], float)
        return np.linalg.norm(tips[:, 1] - tips[:, 0], axis=-1).max()

    wild = longest()
    click(page, "By norm, 1", wait=600)
    cell = longest()
    assert wild > 8 * cell
    click(page, "By value, 1", wait=600)
    assert longest() == pytest.approx(np.sqrt(2) * cell, rel=0.02)
