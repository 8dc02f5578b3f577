"""Reading live figures off a page, and holding them against NumPy."""

import numpy as np
import pytest


def full(page, root=".fo-figure"):
    """The numbers on the page, in full precision."""
    spans = page.locator(f"{root} [data-key]")
    return dict(
        spans.evaluate_all("all => all.map((s) => [s.dataset.key, Number(s.dataset.value)])")
    )


def printed(page, key, root=".fo-figure"):
    """A number as it is printed on the page, and one unit of its last digit."""
    text = page.locator(f"{root} [data-key={key}]").inner_text()
    if text in ("never", "∞"):
        return np.inf, 0
    raised = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
    mantissa, _, exponent = text.replace("−", "-").partition("×10")
    scale = 10.0 ** int(exponent.translate(raised) or 0)
    decimals = len(mantissa.partition(".")[2])
    return float(mantissa) * scale, 10.0**-decimals * scale


def agree(page, figure, root=".fo-figure"):
    """The page says what NumPy says for the same state: in full, and as printed."""
    shown, expected = full(page, root), figure.numbers()
    assert set(shown) == set(expected)
    for key in expected:
        assert shown[key] == pytest.approx(expected[key], rel=1e-8, abs=1e-300), key
        value, unit = printed(page, key, root)
        if np.isfinite(expected[key]):
            assert abs(value - expected[key]) <= 0.51 * max(unit, abs(value) * 1e-15), key


def sliders(kind):
    """The figure's controls that are sliders."""
    return [control for control in kind.spec()["controls"] if "options" not in control]


def slider(page, name, root=".fo-figure"):
    return page.locator(f"{root} input[name={name}]")


def state_of(page, kind, root=".fo-figure", **known):
    """The figure with the state that the controls on the page show."""
    values = {}
    for control in sliders(kind):
        at = float(slider(page, control["name"], root).input_value())
        values[control["name"]] = float(f"{10**at:.6g}") if control["scale"] == "log" else at
    return kind(**{**values, **known})


def visit(page):
    """Go to each live figure of a page, as its reader does, until it is drawn; and back to the top."""
    for place in page.locator(".fo-figure").all():
        place.scroll_into_view_if_needed()
        place.locator("[data-key]").first.wait_for(state="attached")
    page.evaluate("scrollTo(0, 0)")


def settle_frames(page):
    page.evaluate("() => new Promise((f) => requestAnimationFrame(() => requestAnimationFrame(f)))")


def hold(page):
    """Hold still in the middle of a drag: the numbers follow a moving hand ten times a second."""
    page.wait_for_timeout(150)
    settle_frames(page)


def strike(page, *keys):
    """Press keys on what has the focus."""
    for key in keys:
        page.keyboard.press(key)
    settle_frames(page)


def press(page, name, *keys):
    """Press keys on a slider."""
    slider(page, name).focus()
    strike(page, *keys)


def choose(page, name, value):
    """Choose from a list as a reader does."""
    page.locator(f"select[name={name}]").select_option(value)
    settle_frames(page)


def click(page, name, wait=0):
    """Click a button; a preset's motion takes a while."""
    page.get_by_role("button", name=name, exact=True).click()
    page.wait_for_timeout(wait)
    settle_frames(page)


def drag(page, knob, dx, dy):
    """Drag a handle by so many pixels."""
    knob.scroll_into_view_if_needed()
    box = knob.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + dx, y + dy, steps=4)
    page.mouse.up()
    settle_frames(page)
