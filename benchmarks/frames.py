"""Frame times of the live figures during a drag, the processor throttled four times.

    python benchmarks/frames.py [FIGURE …]

For each figure every slider and every handle is dragged with a real mouse in headless Chromium, one
move a frame.  Two times of a frame, each at the 95th percentile, against a budget of 16.7 ms:

- wall: from the start of its script to the end of its layout and paint (a message posted during the
  frame arrives after it); it counts whatever else runs on the machine, so run this on a calm one;
- processor: what the page's main thread worked, throttling included, from one frame to the next
  (input, script, style, layout, paint), which other programs cannot lengthen.
"""

import itertools
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from firstorder.figures import FIGURES, build
from firstorder.figures.page import page as host
from firstorder.figures.page import settle

THROTTLE, MOVES, BUDGET = 4, 120, 16.7
# What the browser itself costs: a slider of its own and a number that it writes once a frame.
BARE = """<input type="range" min="0" max="1" step="0.001" style="width: 90vw"><p>0</p><script>
document.querySelector("input").addEventListener("input", ({target}) => requestAnimationFrame(() => {
  document.querySelector("p").textContent = target.value;
}));</script>"""
WATCH = """
window.frames_ms = [];
const plain = window.requestAnimationFrame.bind(window), channel = new MessageChannel();
let began = 0;
channel.port1.onmessage = () => { window.frames_ms.push(performance.now() - began); };
window.requestAnimationFrame = (callback) => plain((now) => {
  began = performance.now();
  callback(now);
  channel.port2.postMessage(0);
});
"""


def worked(devtools):
    """Milliseconds that the page's main thread has worked so far, DevTools' own work left out."""
    metrics = devtools.send("Performance.getMetrics")["metrics"]
    seconds = {metric["name"]: metric["value"] for metric in metrics}
    return 1000 * (seconds["TaskDuration"] - seconds["DevToolsCommandDuration"])


def drag(page, devtools, target, dx, dy):
    """Drag an element's middle there and back, one move a frame: wall and processor times."""
    target.scroll_into_view_if_needed()
    box = target.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.evaluate("window.frames_ms.length = 0")
    marks = [worked(devtools)]
    for move in range(MOVES):  # a move is answered with the frame that it belongs to
        part = 1 - abs(2 * move / MOVES - 1)
        page.mouse.move(x + dx * part * box["width"], y + dy * part * box["height"])
        marks.append(worked(devtools))
    page.mouse.up()
    return page.evaluate("window.frames_ms"), [b - a for a, b in itertools.pairwise(marks)]


def throttled(page):
    """DevTools of a page, its processor slowed down."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("Performance.enable", {"timeDomain": "threadTicks"})
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": THROTTLE})
    return devtools


def report(width, slug, name, wall, processor):
    """One line of the table."""
    p95 = [statistics.quantiles(times, n=20)[-1] for times in (wall, processor)]
    print(
        f"{width:5d} px  {slug:18s} {name:6s} {len(wall):4d} frames   wall {p95[0]:5.1f} ms   "
        f"processor {p95[1]:5.1f} ms   {'within' if max(p95) <= BUDGET else 'OVER'}",
        flush=True,
    )


def main():
    """Print one line per figure and thing dragged, after the browser's own cost: a bare slider."""
    build.build()
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        for width in (1280, 390):
            page = chromium.new_page(viewport={"width": width, "height": 900})
            page.add_init_script(WATCH)
            page.goto("about:blank")
            page.set_content(BARE)
            slider = page.locator("input")
            report(width, "a bare slider", "", *drag(page, throttled(page), slider, 0.45, 0))
            page.close()
            for slug in sys.argv[1:] or FIGURES:
                kind = FIGURES[slug]
                path = Path(folder, f"{slug}.html")
                path.write_text(settle(host(kind()), folder), encoding="utf-8")
                page = chromium.new_page(viewport={"width": width, "height": 900})
                page.add_init_script(WATCH)
                page.goto(f"file://{path}")
                page.wait_for_selector(".fo-live [data-key]")
                devtools = throttled(page)
                targets = [(c["name"], page.locator(f"input[name={c['name']}]"), 0.45, 0)
                           for c in kind.spec()["controls"] if "options" not in c]  # fmt: skip
                targets += [("start", handle, 2, 1.5) for handle in page.locator(".fo-hit").all()]
                for name, target, dx, dy in targets:
                    report(width, slug, name, *drag(page, devtools, target, dx, dy))
                page.close()
        chromium.close()


if __name__ == "__main__":
    main()
