"""The landscape race, run in a browser with mouse and keyboard, against NumPy's runs."""

import numpy as np
import pytest
from figure_pages import choose, click, drag, full, settle_frames, slider

from firstorder.figures import LandscapeRace
from firstorder.plotting import METHODS

pytestmark = pytest.mark.browser


def agree(page, figure):
    """The line says what NumPy says; a loss is rounded to nine decimals, whose last may differ."""
    shown, expected = full(page), figure.numbers()
    assert set(shown) == set(expected)
    for key, value in expected.items():
        assert shown[key] == pytest.approx(value, rel=1e-8, abs=2e-9), key


def table(page):
    """The rows of the ranking, from top to bottom: letters, name, α, loss, since when there."""
    rows = page.locator(".fo-stage > svg > g > g:has(.fo-name)").evaluate_all(
        """rows => rows.filter((row) => row.getBoundingClientRect().width).map((row) =>
          [row.getBoundingClientRect().top, [...row.querySelectorAll('text')].map((t) => t.textContent)])"""
    )
    return [texts for _, texts in sorted(rows)]


def ranked(figure):
    """The names in their order, as the table spells them."""
    return [METHODS[name].label for name in figure.ranking(round(figure.k))]


@pytest.mark.parametrize("rates", ["tuned", "defaults"])
def test_on_every_landscape_every_method_runs_as_numpys_does(show, rates):
    page = show(LandscapeRace(k=40))
    choose(page, "rates", rates)
    for landscape in LandscapeRace.landscape.values:
        choose(page, "landscape", landscape)
        figure = LandscapeRace(landscape=landscape, rates=rates, k=40)
        agree(page, figure)
        rows = table(page)
        assert [row[1] for row in rows] == ranked(figure), landscape
        assert [row[0] for row in rows] == [METHODS[m].letters for m in figure.ranking(40)]


def test_the_table_says_with_which_step_size_and_since_when_who_is_there(show):
    page = show(LandscapeRace(k=125))
    rows = {name: rest for _, name, *rest in table(page)}
    assert rows["Adagrad"] == ["1", "0.916", "25"]
    assert rows["Gradient descent"] == ["0.1", "0.916", "39"]
    choose(page, "rates", "defaults")
    rows = {name: rest for _, name, *rest in table(page)}
    assert rows["Gradient descent"][::2] == ["0.001", "–"]
    assert rows["Adadelta"][::2] == ["1", "–"]
    choose(page, "landscape", "rosenbrock")
    rows = {name: rest for _, name, *rest in table(page)}
    assert rows["Gradient descent"] == ["0.001", "∞", "out"]


def test_step_by_step_the_order_is_that_of_numpy(show):
    page = show(LandscapeRace(landscape="canyon", k=0))
    agree(page, LandscapeRace(landscape="canyon", k=0))
    for k in range(1, 6):
        click(page, "Next step")
        figure = LandscapeRace(landscape="canyon", k=k)
        agree(page, figure)
        assert [row[1] for row in table(page)] == ranked(figure)
    click(page, "Previous step")
    agree(page, LandscapeRace(landscape="canyon", k=4))
    slider(page, "k").focus()
    page.keyboard.press("End")
    settle_frames(page)
    agree(page, LandscapeRace(landscape="canyon", k=125))


def test_the_start_is_dragged_and_all_run_again_from_there(show):
    page = show(LandscapeRace(landscape="bowl", k=20))
    drag(page, page.locator(".fo-knob"), 90, -60)
    click(page, "Copy link")
    point = page.evaluate("() => new URLSearchParams(location.hash.slice(1)).get('start')")
    start = tuple(map(float, point.split(",")))
    assert start[0] > -1.5
    assert start[1] > -2
    agree(page, LandscapeRace(landscape="bowl", k=20, start=start))
    page.locator(".fo-handle").focus()
    page.keyboard.press("Shift+ArrowUp")
    settle_frames(page)
    moved = float(
        page.locator(".fo-handle").get_attribute("aria-valuetext").split(", ")[1].replace("−", "-")
    )
    assert moved == pytest.approx(start[1] + 0.34, abs=0.01)


def test_a_chosen_group_runs_alone(show):
    page = show(LandscapeRace())
    choose(page, "methods", "momentum")
    figure = LandscapeRace(methods="momentum")
    agree(page, figure)
    assert [row[1] for row in table(page)] == ranked(figure)
    assert len(table(page)) == 3
    visible = "all => all.filter((lane) => lane.getBoundingClientRect().width).length"
    assert page.locator(".fo-lane").evaluate_all(visible) == 3


def test_the_race_is_played_and_paused(show):
    page = show(LandscapeRace(k=0))
    click(page, "Play", wait=900)
    click(page, "Pause")
    k = full(page)["k"]
    assert 4 <= k <= 30
    agree(page, LandscapeRace(k=k))
    page.wait_for_timeout(300)
    assert full(page)["k"] == k
    click(page, "To the end", wait=600)
    agree(page, LandscapeRace(k=125))


def test_who_wants_no_motion_races_step_by_step(show, page):
    page.emulate_media(reduced_motion="reduce")
    show(LandscapeRace(k=124))
    assert page.get_by_role("button", name="Play").count() == 0
    click(page, "Next step")
    click(page, "Next step")
    agree(page, LandscapeRace(k=125))


def test_each_path_ends_at_its_methods_letters_where_numpy_says(show):
    check_letters(show, LandscapeRace(landscape="two_minimums", k=9))


def test_a_path_that_leaves_for_ever_does_not_disturb_the_others(show):
    check_letters(show, LandscapeRace(landscape="rosenbrock", rates="defaults", k=9))


def check_letters(show, figure):
    page = show(figure)
    side = float(page.locator(".fo-panel-edge").get_attribute("width"))
    discs = page.locator(".fo-live svg svg .fo-runner").evaluate_all(
        "all => all.map((g) => [g.textContent, g.getAttribute('transform')])"
    )
    found = dict(discs)
    for name, look in METHODS.items():
        w = figure.run(name)[0][9]
        if not np.abs(w).max() <= 3.5:  # far away, or no number: nothing is to be seen
            continue
        place = np.array([w[0] + 3.5, 3.5 - w[1]]) / 7 * side
        numbers = found[look.letters].removeprefix("translate(").rstrip(")").split()
        np.testing.assert_allclose(np.array(numbers, float), place, atol=0.6)


@pytest.mark.parametrize("width", [390, 1280])
def test_everything_fits_on_the_page(show, page, width):
    page.set_viewport_size({"width": width, "height": 900})
    show(LandscapeRace(landscape="rosenbrock", rates="defaults", k=125))
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    frame = page.locator(".fo-stage").bounding_box()
    for text in page.locator(".fo-stage > svg > g > g text").all():
        box = text.bounding_box()
        if box and box["width"]:
            assert box["x"] >= frame["x"] - 1
            assert box["x"] + box["width"] <= frame["x"] + frame["width"] + 1
