"""Frame times of the live figures during a drag, on a processor four times slower than this one.

    python -m benchmarks.frames [FIGURE …]

For each figure every slider and every handle is dragged with a real mouse in headless Chromium, one
move a frame.  A redraw is the browser's task for a frame in which the figure drew: the pointer's
event, the figure's script, style, layout, paint, and the hand-over to the compositor.  Its time at
the 95th percentile is held against a budget of 16.7 ms, in two ways:

- times four: how long the page's main thread worked on it, unthrottled, multiplied by four; this
  varies the less of the two;
- throttled: how long it took by the clock with Chromium's throttle at four, and whatever else the
  machine did meanwhile, so run this on a calm one.  The throttle works by interruptions,
  and slows some work by more than it was asked to, some by less: the first line says what it makes
  of a layout.

Each drag is done three times for each, one after the other, and given as the least, the middle and
the most of the three.  How much of it is the browser's own is shown by a slider that does nothing
but write its value: the first line of each width.
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

SLOWER, MOVES, ROUNDS, BUDGET = 4, 120, 3, 16.7
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
# Milliseconds for a hundred layouts of a page of words.
LAYOUTS = """() => {
  document.body.innerHTML = "<p>" + "some <b>words</b> and more ".repeat(400);
  const start = performance.now();
  for (let i = 0; i < 100; i += 1) {
    document.body.style.width = `${300 + (i % 2) * 50}px`;
    document.body.offsetHeight;
  }
  return performance.now() - start;
}"""
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


def throttle(page, rate):
    """Let the page's processor seem so many times slower."""
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": rate})


def slowdown(chromium):
    """How many times as long a layout takes under the throttle."""
    page = chromium.new_page()
    page.evaluate(LAYOUTS)  # the first is slower in any case
    plain = page.evaluate(LAYOUTS)
    throttle(page, SLOWER)
    throttled = page.evaluate(LAYOUTS)
    page.close()
    return throttled / plain


def drag(chromium, page, target, dx, dy):
    """Drag an element's middle there and back, one move a frame: wall and processor times.

    The moves are sent by DevTools: Playwright's own would run its listeners in the page at each.
    """
    devtools = page.context.new_cdp_session(page)
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


def measure(chromium, page, name, target, dx=0.45, dy=0.0, bare=None):
    """Drag it, unthrottled and throttled; print one line, and return the middle of "times four"."""

    def p95(rate, clock):
        """The least, the middle and the most of the rounds."""
        throttle(page, rate)
        rounds = [drag(chromium, page, target, dx, dy)[clock] for _ in range(ROUNDS)]
        return sorted(statistics.quantiles(times, n=20)[-1] for times in rounds)

    worked = [SLOWER * time for time in p95(1, clock=1)]
    columns = {"times four": worked, "throttled": p95(SLOWER, clock=0)}
    middle = worked[ROUNDS // 2]
    print(
        f"{page.viewport_size['width']:5d} px  {name:25s}",
        *(
            f"{title} {'  '.join(f'{time:5.1f}' for time in row)} ms"
            f" {'within' if row[ROUNDS // 2] <= BUDGET else 'OVER  '}  "
            for title, row in columns.items()
        ),
        f"{middle / (bare or middle):3.1f} bare sliders",
        flush=True,
    )
    return middle


def main():
    """Print one line per figure and thing dragged, after the browser's own cost: a bare slider."""
    build.build()
    with browser.running(browser.WHOLE) as chromium, tempfile.TemporaryDirectory() as folder:
        print(f"Asked for {SLOWER}, the throttle slows layouts {slowdown(chromium):.1f} times.")
        for width in (1280, 390):
            page = chromium.new_page(viewport={"width": width, "height": 900})
            page.add_init_script(WATCH)
            page.goto("about:blank")
            page.set_content(BARE)
            bare = measure(chromium, page, "a bare slider", page.locator("input"))
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
                for control in kind.spec()["controls"]:
                    if "options" not in control:
                        name = control["name"]
                        slider = page.locator(f"input[name={name}]")
                        measure(chromium, page, f"{slug} {name}", slider, bare=bare)
                for handle in page.locator(".fo-hit").all():
                    measure(chromium, page, f"{slug} handle", handle, 2, 1.5, bare=bare)
                page.close()


if __name__ == "__main__":
    main()
