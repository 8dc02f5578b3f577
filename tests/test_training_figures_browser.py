"""The recorded trainings, replayed in a browser with mouse and keyboard."""

import numpy as np
import pytest
from figure_pages import agree, click, full, hold, settle_frames, slider

from firstorder.figures import TrainingCurves
from firstorder.figures.training_curves import MEASURES, RULES
from firstorder.plotting import METHODS
from firstorder.recorded import recorded

pytestmark = pytest.mark.browser


def tick(page, rule):
    page.get_by_role("checkbox", name=METHODS[rule].label, exact=True).click()
    settle_frames(page)


def measure(page, name):
    page.locator("select[name=measure]").select_option(name)
    settle_frames(page)


def ticked(page):
    boxes = page.locator("input[type=checkbox]")
    return boxes.evaluate_all("all => all.filter((b) => b.checked).map((b) => b.value)")


def shown(page, kind):
    """How many nodes of a kind are to be seen."""
    return page.locator(f".fo-stage {kind}").evaluate_all(
        "all => all.filter((node) => node.getAttribute('display') !== 'none').length"
    )


def named(page):
    """The methods in the order in which the line names them."""
    keys = [key for key in full(page) if key.startswith("mean_")]
    return [key.removeprefix("mean_") for key in keys]


@pytest.mark.parametrize("name", MEASURES)
def test_every_method_has_the_mean_and_the_spread_of_its_recorded_seeds(show, name):
    page = show(TrainingCurves(methods=RULES, measure=name, epoch=2))
    agree(page, TrainingCurves(methods=RULES, measure=name, epoch=2))
    numbers = full(page)
    for rule in RULES:
        runs = [r[name][1] for r in recorded("10_sweeps")["methods"] if r["rule"] == rule]
        scale = 100 if name == "test_accuracy" else 1
        assert numbers[f"mean_{rule}"] == pytest.approx(scale * np.mean(runs))
        assert numbers[f"low_{rule}"] == pytest.approx(scale * min(runs))
        assert numbers[f"high_{rule}"] == pytest.approx(scale * max(runs))


@pytest.mark.parametrize("name", MEASURES)
def test_the_line_names_the_best_first(show, name):
    page = show(TrainingCurves(methods=RULES, measure=name, epoch=5))
    means = [full(page)[f"mean_{rule}"] for rule in named(page)]
    assert means == sorted(means, reverse=name == "test_accuracy")
    assert named(page) == TrainingCurves(methods=RULES, measure=name, epoch=5).ranking()


def test_a_ticked_method_gets_its_curve_and_its_numbers_and_an_unticked_one_loses_them(show):
    page = show(TrainingCurves(epoch=5))
    for rule in ("adagrad", "momentum"):
        tick(page, rule)
    assert ticked(page) == ["gd", "adagrad", "adam"]
    agree(page, TrainingCurves(methods=["gd", "adagrad", "adam"], epoch=5))
    for kind in (".fo-spread", ".fo-lane:not(.fo-thin)", ".fo-runner"):
        assert shown(page, kind) == 3
    for rule in ("gd", "adagrad", "adam"):
        tick(page, rule)
    assert page.get_by_text("choose a method below").is_visible()
    assert "no method is chosen" in page.locator(".fo-numbers").inner_text()
    click(page, "All methods", wait=500)
    agree(page, TrainingCurves(methods=RULES, epoch=5))


@pytest.mark.parametrize("epoch", range(1, 6))
def test_no_two_discs_overlap_and_all_stand_in_the_picture(show, epoch):
    page = show(TrainingCurves(methods=RULES, epoch=epoch))
    places = page.locator(".fo-stage .fo-runner").evaluate_all(
        "all => all.map((disc) => Number(disc.getAttribute('transform').split(',')[1].slice(0, -1)))"
    )
    assert len(places) == 10
    assert np.diff(sorted(places)).min() > 19.8
    assert min(places) > 0
    assert max(places) < 300
    best = [named(page).index(rule) for rule in RULES]
    assert np.argsort(places).tolist() == np.argsort(best).tolist()


def test_the_measure_and_the_epoch_are_chosen_with_the_keyboard(show):
    page = show(TrainingCurves(epoch=5))
    measure(page, "epoch_loss")
    slider(page, "epoch").focus()
    page.keyboard.press("ArrowLeft")
    settle_frames(page)
    agree(page, TrainingCurves(measure="epoch_loss", epoch=4))
    page.keyboard.press("Home")
    settle_frames(page)
    agree(page, TrainingCurves(measure="epoch_loss", epoch=1))


def test_a_press_on_the_picture_shows_the_epoch_below_it_and_a_drag_goes_on(show):
    page = show(TrainingCurves(epoch=5))
    box = page.locator(".fo-stage > svg .fo-panel-edge").bounding_box()

    def place(epoch):
        return box["x"] + (box["width"] - 22) * (epoch - 0.8) / 4.4, box["y"] + box["height"] / 2

    page.mouse.move(*place(2.1))
    page.mouse.down()
    hold(page)
    agree(page, TrainingCurves(epoch=2))
    page.mouse.move(*place(3.8))
    hold(page)
    agree(page, TrainingCurves(epoch=4))
    page.mouse.move(*place(9))
    page.mouse.up()
    settle_frames(page)
    agree(page, TrainingCurves(epoch=5))


def player(page):
    return page.locator(".fo-buttons button").first.inner_text()


def test_a_replay_starts_pauses_continues_and_stops_as_in_the_panel(show):
    page = show(TrainingCurves(epoch=5))
    assert player(page) == "Start"
    click(page, "Start", wait=300)
    assert full(page)["epoch"] == 1
    page.wait_for_function("Number(document.querySelector('[data-key=epoch]').dataset.value) >= 2")
    click(page, "Pause")
    at = full(page)["epoch"]
    assert player(page) == "Continue"
    page.wait_for_timeout(1200)
    assert full(page)["epoch"] == at < 5
    click(page, "Continue")
    page.wait_for_function(
        f"Number(document.querySelector('[data-key=epoch]').dataset.value) > {at}"
    )
    click(page, "Stop", wait=600)
    agree(page, TrainingCurves(epoch=5))
    assert player(page) == "Start"


def test_a_replay_ends_by_itself_at_the_last_epoch(show):
    page = show(TrainingCurves(epoch=4))
    assert player(page) == "Continue"
    click(page, "Continue", wait=1500)
    agree(page, TrainingCurves(epoch=5))
    assert player(page) == "Start"


def test_who_wants_no_motion_goes_epoch_by_epoch(show, page):
    page.emulate_media(reduced_motion="reduce")
    show(TrainingCurves(epoch=1))
    click(page, "Next step")
    agree(page, TrainingCurves(epoch=2))


def test_a_link_brings_the_chosen_methods_back(show):
    page = show(TrainingCurves(epoch=5))
    tick(page, "nadam")
    click(page, "Copy link")
    fragment = page.evaluate("location.hash")
    assert "methods=gd,momentum,adam,nadam" in fragment
    page = show(TrainingCurves(epoch=5), fragment=fragment)
    settle_frames(page)
    assert ticked(page) == ["gd", "momentum", "adam", "nadam"]
    click(page, "Reset", wait=600)
    page = show(TrainingCurves(epoch=5), fragment="#figure=training_curves&methods=adam,nonsense")
    settle_frames(page)
    assert ticked(page) == ["adam"]


def test_reset_brings_the_first_methods_back(show):
    page = show(TrainingCurves(methods=["adam"], epoch=2))
    tick(page, "gd")
    tick(page, "adagrad")
    click(page, "Reset", wait=600)
    agree(page, TrainingCurves(methods=["adam"], epoch=2))


def test_the_page_says_that_the_runs_are_recorded_and_what_made_them(show):
    page = show(TrainingCurves(epoch=5))
    words = page.locator(".fo-numbers").inner_text()
    record = recorded("10_sweeps")
    seeds = len({run["seed"] for run in record["methods"]})
    assert f"Recorded runs, nothing is trained here: {seeds} seeds of each method" in words
    for fact in (record["device"], f"PyTorch {record['versions']['torch']}"):
        assert fact in words
    assert page.locator(".fo-title").text_content() == "Recorded runs: test accuracy, %"
