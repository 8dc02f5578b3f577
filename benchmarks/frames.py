"""Frame times of the live figures during a drag, the processor throttled four times.

    python -m benchmarks.frames [FIGURE …]

For each figure every slider and every handle is dragged with a real mouse in headless Chromium, one
move a frame.  A redraw is the browser's task for a frame in which the figure drew: the pointer's
event, the figure's script, style, layout, paint, and the hand-over to the compositor.  Two times of
it, each at the 95th percentile, against a budget of 16.7 ms:

- processor: how long the page's main thread worked on it, throttling included, which other programs
  lengthen only as far as they take the processor's caches and clock;
- wall: how long it took, with whatever else ran on the machine meanwhile, so run this on a calm one.

Each drag is done five times, one after the other, and its p95 is given as the least, the middle and
the most of the five: they differ by what the machine did meanwhile, which only ever adds.  The middle
is held against the budget.

How much of the budget is the browser's own differs from machine to machine: the first line of each
width is a slider that does nothing but write its value, and the others are compared with it.
"""

import statistics
import sys
import tempfile
from bisect import bisect
from contextlib import contextmanager
from pathlib import Path

from firstorder.figures import FIGURES, build
from firstorder.figures.page import page as host
from firstorder.figures.page import settle
from tools import browser

THROTTLE, MOVES, ROUNDS, BUDGET = 4, 120, 5, 16.7
REST = 2000  # milliseconds: so long a browser is still busy with a page that looks finished
# What the browser itself costs: a slider of its own and a number that it writes once a frame.
BARE = """<input type="range" min="0" max="1" step="0.001" style="width: 90vw"><p>0</p><script>
document.querySelector("input").addEventListener("input", ({target}) => requestAnimationFrame(() => {
  document.querySelector("p").textContent = target.value;
}));</script>"""
# When something was drawn.  A mark in the trace at each frame would cost two milliseconds itself; one
# at the start joins the page's clock to the trace's.
WATCH = """
const plain = window.requestAnimationFrame.bind(window);
window.drawn = [];
window.requestAnimationFrame = (callback) => plain((now) => {
  callback(now);
  drawn.push(performance.now());
});
"""
FRAME = "ProxyMain::BeginMainFrame"  # Chromium's name for a frame's task on the page's main thread


@contextmanager
def traced(chromium, page):
    """What the browser did meanwhile: a list that is filled when the block ends."""
    devtools, events, ended = chromium.new_browser_cdp_session(), [], []
    devtools.on("Tracing.dataCollected", lambda part: events.extend(part["value"]))
    devtools.on("Tracing.tracingComplete", lambda _: ended.append(True))
    categories = {"includedCategories": ["cc", "blink.user_timing"], "excludedCategories": ["*"]}
    devtools.send("Tracing.start", {"traceConfig": categories, "transferMode": "ReportEvents"})
    page.evaluate("drawn.length = 0; performance.mark('start')")
    yield events
    devtools.send("Tracing.end")
    while not ended:
        page.wait_for_timeout(50)
    devtools.detach()


def redraws(events, drawn):
    """The frames in which the page drew, as wall and processor times in milliseconds."""
    start = next(e for e in events if e["name"] == "start" and "blink.user_timing" in e["cat"])
    zero = start["ts"] - 1000 * start["args"]["data"]["startTime"]
    drawn = [zero + 1000 * at for at in drawn]
    wall, processor = [], []
    for event in events:
        complete = event["name"] == FRAME and event["ph"] == "X"  # begun and ended
        if not complete or (event["pid"], event["tid"]) != (start["pid"], start["tid"]):
            continue
        first = bisect(drawn, event["ts"])
        if first < len(drawn) and drawn[first] <= event["ts"] + event["dur"]:
            wall.append(event["dur"] / 1000)
            processor.append(event["tdur"] / 1000)
    return wall, processor


def drag(chromium, page, target, dx, dy):
    """Drag an element's middle there and back, one move a frame: wall and processor times.

    The moves are sent by DevTools: Playwright's own would run its listeners in the page at each.
    """
    devtools = page.context.new_cdp_session(page)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": THROTTLE})
    target.scroll_into_view_if_needed()
    box = target.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    with traced(chromium, page) as events:
        for move in range(MOVES):  # a move is answered with the frame that it belongs to
            part = 1 - abs(2 * move / MOVES - 1)
            at = {"x": x + dx * part * box["width"], "y": y + dy * part * box["height"]}
            devtools.send(
                "Input.dispatchMouseEvent",
                {"type": "mouseMoved", "button": "left", "buttons": 1, **at},
            )
    page.mouse.up()
    devtools.detach()
    return redraws(events, page.evaluate("drawn"))


def report(width, slug, name, rounds, bare=None):
    """One line of the table; the middle processor time, and how many times the bare slider's it is."""
    clocks = zip(*rounds, strict=True)  # wall, processor: a list for each round
    p95 = [sorted(statistics.quantiles(times, n=20)[-1] for times in clock) for clock in clocks]
    wall, processor = (f"{row[0]:5.1f} {row[len(row) // 2]:5.1f} {row[-1]:5.1f} ms" for row in p95)
    middle = [statistics.median(row) for row in p95]
    print(
        f"{width:5d} px  {slug:18s} {name:6s}  wall {wall}   processor {processor}, "
        f"{middle[1] / (bare or middle[1]):3.1f} bare sliders   "
        f"{'within' if max(middle) <= BUDGET else 'OVER'}",
        flush=True,
    )
    return middle[1]


def main():
    """Print one line per figure and thing dragged, after the browser's own cost: a bare slider."""
    build.build()
    with browser.running(browser.WHOLE) as chromium, tempfile.TemporaryDirectory() as folder:
        for width in (1280, 390):
            page = chromium.new_page(viewport={"width": width, "height": 900})
            page.add_init_script(WATCH)
            page.goto("about:blank")
            page.set_content(BARE)
            slider = page.locator("input")
            rounds = [drag(chromium, page, slider, 0.45, 0) for _ in range(ROUNDS)]
            bare = report(width, "a bare slider", "", rounds)
            page.close()
            for slug in sys.argv[1:] or FIGURES:
                kind = FIGURES[slug]
                path = Path(folder, f"{slug}.html")
                path.write_text(settle(host(kind()), folder), encoding="utf-8")
                page = chromium.new_page(viewport={"width": width, "height": 900})
                page.add_init_script(WATCH)
                page.goto(f"file://{path}")
                page.wait_for_selector(".fo-live [data-key]")
                page.wait_for_timeout(REST)
                targets = [(c["name"], page.locator(f"input[name={c['name']}]"), 0.45, 0)
                           for c in kind.spec()["controls"] if "options" not in c]  # fmt: skip
                targets += [("start", handle, 2, 1.5) for handle in page.locator(".fo-hit").all()]
                for name, target, dx, dy in targets:
                    rounds = [drag(chromium, page, target, dx, dy) for _ in range(ROUNDS)]
                    report(width, slug, name, rounds, bare)
                page.close()


if __name__ == "__main__":
    main()
