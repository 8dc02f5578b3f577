"""The live figures in real Chromium: on a page opened from a file, and as a widget."""

import json
import re

import numpy as np
import pytest
from figure_pages import agree, full, hold, settle_frames, slider, sliders, state_of

from firstorder.figures import FIGURES, Hero, StepSizeStack, TwinEigenPanels
from firstorder.figures import build as figures_build
from firstorder.figures.base import built
from firstorder.figures.page import page as host
from firstorder.figures.page import settle

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("built_figures")]
KINDS = list(FIGURES.values())
CONTROLS = [(kind, c["name"]) for kind in KINDS for c in sliders(kind)]


@pytest.mark.parametrize("kind", KINDS)
def test_the_live_figure_replaces_the_still_one_and_says_what_numpy_says(show, kind):
    page = show(kind())
    assert page.locator("img.fo-still").is_hidden()
    agree(page, kind())


@pytest.mark.parametrize(("kind", "name"), CONTROLS)
def test_a_slider_moved_by_keyboard_moves_the_numbers_with_numpy(show, kind, name):
    page = show(kind())
    control = slider(page, name)
    control.focus()
    for key in ["ArrowRight"] * 3 + [
        "PageUp",
        "ArrowLeft",
        "Home",
        "ArrowRight",
        "End",
        "ArrowLeft",
    ]:
        before = control.input_value()
        page.keyboard.press(key)
        settle_frames(page)
        assert control.input_value() != before
        agree(page, state_of(page, kind))


@pytest.mark.parametrize(("kind", "name"), CONTROLS)
def test_a_slider_dragged_by_mouse_moves_the_numbers_with_numpy(show, kind, name):
    page = show(kind())
    control = slider(page, name)
    control.scroll_into_view_if_needed()
    box = control.bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.3, middle)
    page.mouse.down()
    seen = set()
    for part in (0.35, 0.5, 0.62):
        page.mouse.move(box["x"] + box["width"] * part, middle)
        hold(page)
        seen.add(control.input_value())
        agree(page, state_of(page, kind))
    page.mouse.up()
    assert len(seen) == 3


def test_while_a_hand_moves_the_numbers_change_ten_times_a_second_and_at_once_when_it_rests(show):
    page = show(TwinEigenPanels())
    page.evaluate("""() => {
      window.changes = [];
      const note = () => window.changes.push(performance.now());
      const watched = { subtree: true, characterData: true, childList: true };
      new MutationObserver(note).observe(document.querySelector(".fo-numbers"), watched);
    }""")
    box = slider(page, "kappa").bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.3, middle)
    page.mouse.down()
    for part in np.linspace(0.3, 0.7, 60):
        page.mouse.move(box["x"] + box["width"] * part, middle)
    moving = np.array(page.evaluate("window.changes"))
    page.mouse.up()
    settle_frames(page)
    assert 3 <= moving.size <= np.ptp(moving) / 100 + 3  # as the hand moved: 60 times
    agree(page, state_of(page, TwinEigenPanels))


@pytest.mark.parametrize(("kind", "grip"), [(Hero, 0), (TwinEigenPanels, 0), (TwinEigenPanels, 1)])
def test_the_start_can_be_dragged_by_mouse_and_moved_by_arrow_keys(show, kind, grip):
    page = show(kind())
    handle = page.locator(".fo-handle").nth(grip)

    def start():  # the handle of the trait's own coordinates is the last
        text = page.locator(".fo-handle").last.get_attribute("transform")
        values = [float(v) for v in re.findall(r"-?[\d.]+", text)]
        link = page.evaluate("() => location.hash")
        assert link == ""
        return values

    handle.scroll_into_view_if_needed()
    box = handle.locator(".fo-knob").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    first = start()
    page.mouse.move(x + 15, y + 15)  # within 22 pixels of the point: a finger is not a needle
    page.mouse.down()
    page.mouse.move(x - 25, y + 45, steps=4)
    page.mouse.up()
    settle_frames(page)
    dragged = start()
    assert np.hypot(*np.subtract(dragged, first)) == pytest.approx(np.hypot(40, 30), abs=2)
    handle.focus()
    page.keyboard.press("ArrowLeft")
    settle_frames(page)
    small = np.hypot(*np.subtract(start(), dragged))
    page.keyboard.press("Shift+ArrowLeft")
    settle_frames(page)
    assert np.hypot(*np.subtract(start(), dragged)) > 5 * small > 0
    page.get_by_role("button", name="Copy link").click()
    point = re.search(r"start=([-\d.]+),([-\d.]+)", page.evaluate("() => location.hash"))
    agree(page, kind(start=tuple(map(float, point.groups()))))


def test_turning_the_valley_changes_only_the_left_panel(show):
    page = show(TwinEigenPanels())
    pictures = "() => [...document.querySelectorAll('.fo-path, .fo-curve')].map((p) => p.getAttribute('d'))"
    before = page.evaluate(pictures)
    slider(page, "angle").focus()
    page.keyboard.press("PageUp")
    settle_frames(page)
    after = page.evaluate(pictures)
    assert [a == b for a, b in zip(before, after, strict=True)] == [False, True, True, True]


@pytest.mark.parametrize(
    ("kind", "button", "values"),
    [
        (Hero, "Fast", {"alpha": 0.04, "beta": 0.8}),
        (Hero, "Break it", {"alpha": 0.08, "beta": 0.8}),
        (TwinEigenPanels, "Best step", {"alpha": 20 / 11}),
        (TwinEigenPanels, "The edge, αL = 2", {"alpha": 2.0}),
        (TwinEigenPanels, "Break it", {"alpha": 2.05}),
        (StepSizeStack, "Best step", {"alpha": 1.9802}),
        (StepSizeStack, "Break it", {"alpha": 2.05}),
    ],
)
def test_a_preset_goes_where_it_says_and_reset_comes_back(show, kind, button, values):
    page = show(kind())
    page.get_by_role("button", name=button).click()
    page.wait_for_timeout(600)
    agree(page, kind(**values))
    page.get_by_role("button", name="Reset").click()
    page.wait_for_timeout(600)
    agree(page, kind())


def test_divergence_is_said_in_words(show):
    page = show(Hero(alpha=0.08), TwinEigenPanels(alpha=2.05), StepSizeStack(alpha=2.05))
    words = page.locator(".fo-numbers").all_inner_texts()
    assert "diverges" in words[0]
    assert "diverges" in words[1]
    assert "never" in words[2]
    k = Hero(alpha=0.08).numbers()["diverges"]
    assert page.get_by_text(f"diverges at iteration {k}").is_visible()
    for alpha, beta in [(0.08, 0.0), (0.05, 0.95), (0.05, 0.9)]:
        page = show(Hero(alpha=alpha, beta=beta))
        agree(page, Hero(alpha=alpha, beta=beta))


@pytest.mark.parametrize("kind", KINDS)
def test_a_link_restores_the_state(show, kind):
    page = show(kind())
    name = sliders(kind)[0]["name"]
    slider(page, name).focus()
    page.keyboard.press("PageUp")
    settle_frames(page)
    page.get_by_role("button", name="Copy link").click()
    page.wait_for_function("() => location.hash.length > 1")
    moved, fragment = full(page), page.evaluate("() => location.hash")
    page.goto("about:blank")
    page = show(kind(), fragment=fragment)
    settle_frames(page)
    assert full(page) == moved != kind().numbers()


def test_a_link_with_values_out_of_range_or_nonsense_is_ignored(show):
    page = show(StepSizeStack(), fragment="#figure=step_size_stack&alpha=7")
    agree(page, StepSizeStack())
    page = show(Hero(), fragment="#figure=hero&alpha=x&start=9,9,9&beta=")
    agree(page, Hero())


def test_the_same_figure_twice_moves_apart_and_each_has_its_own_link(show):
    page = show(StepSizeStack(), StepSizeStack(alpha=1.8))
    first, second = ".fo-figure >> nth=0 >>", ".fo-figure >> nth=1 >>"
    agree(page, StepSizeStack(), first)
    agree(page, StepSizeStack(alpha=1.8), second)
    slider(page, "alpha", second).focus()
    page.keyboard.press("End")
    settle_frames(page)
    agree(page, StepSizeStack(), first)
    agree(page, StepSizeStack(alpha=2.1), second)
    page.get_by_role("button", name="Copy link").nth(1).click()
    page.wait_for_function("() => location.hash.includes('step_size_stack-2')")
    ids = page.evaluate("() => [...document.querySelectorAll('[id]')].map((e) => e.id)")
    assert len(ids) == len(set(ids))


def test_motion_is_left_out_where_the_reader_asks_for_that(show):
    page = show(StepSizeStack())
    watch = """() => new Promise((done) => {
      const seen = new Set(), input = document.querySelector(".fo-live input"), began = performance.now();
      [...document.querySelectorAll("button")].find((b) => b.textContent === "Break it").click();
      const look = () => { seen.add(input.value);
        performance.now() - began < 700 ? requestAnimationFrame(look) : done(seen.size); };
      requestAnimationFrame(look);
    })"""
    assert page.evaluate(watch) > 4
    page.emulate_media(reduced_motion="reduce")
    page = show(StepSizeStack())
    assert page.evaluate(watch) <= 2


def test_screen_readers_hear_the_numbers_once_after_a_drag(show):
    page = show(StepSizeStack())
    page.evaluate(
        """() => { window.heard = 0; new MutationObserver(() => { window.heard += 1; })
        .observe(document.querySelector("output"), {childList: true}); }"""
    )
    slider(page, "alpha").focus()
    for _ in range(8):
        page.keyboard.press("ArrowRight")
    page.wait_for_timeout(1000)
    assert page.evaluate("() => window.heard") == 1
    spoken = page.locator("output").text_content()
    assert spoken == page.locator(".fo-numbers").text_content()


def test_without_scripts_the_still_picture_and_its_words_are_there(chromium, tmp_path):
    path = tmp_path / "page.html"
    path.write_text(settle(host(*(kind() for kind in KINDS)), tmp_path), encoding="utf-8")
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"file://{path}")
    for index, kind in enumerate(KINDS):
        place = page.locator(".fo-figure").nth(index)
        assert place.locator("img").bounding_box()["height"] > 100
        assert place.get_by_text(kind().description).is_visible()
    context.close()


def test_print_shows_the_still_picture(show):
    page = show(Hero())
    page.emulate_media(media="print")
    assert page.locator("img.fo-still").is_visible()
    assert page.locator(".fo-live").is_hidden()


@pytest.mark.parametrize("width", [320, 390])
def test_on_a_phone_nothing_is_wider_than_the_screen_and_fingers_have_room(show, page, width):
    page.set_viewport_size({"width": width, "height": 800})
    show(*(kind() for kind in KINDS))
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    # A checkbox is hit by its label, which it lies in.
    for what in ("button", "input:not([type=checkbox])", "label:has(input)", "select", ".fo-hit"):
        for box in page.locator(f".fo-live {what}").all():
            size = box.bounding_box()
            assert size["height"] >= 44
            assert size["width"] >= 44


def test_a_figure_is_drawn_when_its_reader_comes_near_and_has_its_place_from_the_start(
    built_figures, page, tmp_path
):
    path = tmp_path / "page.html"
    far = '<p style="height: 4000px">A long way.</p>'
    body = host(Hero(), TwinEigenPanels(kappa=50)).replace("</figure>", f"</figure>{far}", 1)
    path.write_text(settle(body, tmp_path), encoding="utf-8")
    page.goto(f"file://{path}")
    near, distant = page.locator(".fo-live").all()
    near.locator("[data-key]").first.wait_for()
    settle_frames(page)
    assert distant.locator("[data-key]").count() == 0
    assert distant.locator(".fo-path").first.get_attribute("d") is None
    assert distant.get_by_role("slider").count() == 3  # the handles have no value yet
    assert float(distant.locator("input[name=kappa]").input_value()) == 1.7  # log₁₀ 50
    before = page.evaluate("document.documentElement.scrollHeight")
    distant.scroll_into_view_if_needed()
    distant.locator("[data-key]").first.wait_for()
    assert distant.locator(".fo-path").first.get_attribute("d")
    assert distant.get_by_role("slider").count() == 5
    numbers = distant.locator(".fo-numbers").bounding_box()["height"]  # all that may grow
    assert 0 <= page.evaluate("document.documentElement.scrollHeight") - before < numbers


def test_the_start_can_be_dragged_by_touch_and_the_page_stays_where_it_is(chromium, tmp_path):
    path = tmp_path / "page.html"
    path.write_text(settle(host(Hero()), tmp_path), encoding="utf-8")
    context = chromium.new_context(
        viewport={"width": 390, "height": 420}, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    page.goto(f"file://{path}")
    page.wait_for_selector(".fo-live [data-key]")
    before = full(page)
    assert page.evaluate("() => document.documentElement.scrollHeight") > 500  # room to scroll
    box = page.locator(".fo-knob").bounding_box()
    finger = {"x": box["x"] + 20, "y": box["y"] + 12}
    devtools = context.new_cdp_session(page)
    devtools.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [finger]})
    for step in range(1, 6):
        moved = {"x": finger["x"] + 12 * step, "y": finger["y"] - 10 * step}
        devtools.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [moved]})
    devtools.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    settle_frames(page)
    assert full(page) != before
    assert page.evaluate("() => scrollY") == 0
    context.close()


def test_a_page_asks_no_other_host_for_anything(show, page):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    show(*(kind() for kind in KINDS))
    assert len(asked) > 3
    assert all(url.startswith(("file:", "data:")) for url in asked)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_the_figures(show, page, scheme):
    page.emulate_media(color_scheme=scheme)
    show(*(kind() for kind in KINDS))
    page.add_script_tag(path=figures_build.ROOT / "node_modules" / "axe-core" / "axe.min.js")
    found = page.evaluate("() => axe.run('main').then((r) => r.violations)")
    assert not found, json.dumps(
        [(v["id"], v["help"], [n["html"][:120] for n in v["nodes"]]) for v in found], indent=1
    )


WIDGET = """(source) => new Promise(async (ready) => {
  const module = await import(URL.createObjectURL(new Blob([source], {type: "text/javascript"})));
  const values = JSON.parse(document.body.dataset.state), listeners = {};
  window.model = {
    saved: [], pending: {},
    get: (name) => values[name],
    set(name, value) { this.pending[name] = values[name] = value; },
    save_changes() { this.saved.push(this.pending); this.pending = {}; },
    on(event, listener) { (listeners[event] ||= []).push(listener); },
    off(event, listener) { listeners[event] = listeners[event].filter((l) => l !== listener); },
    python(name, value) { values[name] = value; for (const l of listeners[`change:${name}`]) l(); },
    listening: () => Object.values(listeners).flat().length,
  };
  window.cleanup = module.default.render({model: window.model, el: document.body});
  ready();
})"""


@pytest.mark.parametrize("kind", KINDS)
def test_in_jupyter_the_same_module_synchronises_both_ways(page, kind):
    figure = kind()
    assert figure._esm == built(f"{kind.slug}.mjs")
    state = json.dumps(figure.state).replace('"', "&quot;")
    page.set_content(f'<!doctype html><body data-state="{state}"></body>')
    page.evaluate(WIDGET, figure._esm)
    page.wait_for_selector("[data-key]")
    agree(page, figure, "body")
    assert page.get_by_role("button", name="Copy link").count() == 0

    control = sliders(kind)[0]
    slider(page, control["name"], "body").focus()
    page.keyboard.press("PageUp")
    settle_frames(page)
    saved = page.evaluate("() => window.model.saved.at(-1)")
    assert set(saved) == {control["name"]}
    figure.set_state(saved)
    agree(page, figure, "body")

    name, middle = control["name"], 0.5 * control["max"]
    setattr(figure, name, middle)
    page.evaluate("([name, value]) => window.model.python(name, value)", [name, middle])
    settle_frames(page)
    agree(page, figure, "body")
    page.evaluate("() => window.cleanup()")
    assert page.evaluate("() => window.model.listening()") == 0
    assert page.locator(".fo-live").count() == 0


def test_a_second_build_finds_nothing_to_do():
    figures_build.build()
    assert figures_build.build() is False
