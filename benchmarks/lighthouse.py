"""Lighthouse on the welcome page and the heaviest chapter of the built book, as a telephone.

    python -m benchmarks.lighthouse [PAGE …]

Serves _build/html compressed, as a web host does, runs Lighthouse three times on each page with its
own settings (a mid-range telephone on a slow mobile network, simulated), and prints the medians of
its scores and times.  Then the time from a page's address to a live figure that can be moved, on
this machine, and with the processor throttled four times.  Run it on a calm machine.
"""

import gzip
import json
import os
import statistics
import sys
from functools import cache, partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from firstorder.figures import build
from tools import browser

SITE = build.ROOT / "_build" / "html"
TOOLS = build.ROOT / "tests" / "audit"
RUNS = 3
CATEGORIES = ["performance", "accessibility", "best-practices", "seo"]
TIMES = {
    "CLS": "cumulative-layout-shift",
    "FCP ms": "first-contentful-paint",
    "LCP ms": "largest-contentful-paint",
    "TBT ms": "total-blocking-time",
}
FLAGS = " ".join(["--headless=new", *browser.FLAGS])
# Goes to the first live figure; notes when it has drawn itself and its numbers, and can be moved.
WATCH = """
new MutationObserver(() => {
  if (!window.usable) document.querySelector(".fo-figure")?.scrollIntoView();
  if (document.querySelector(".fo-live [data-key]")) window.usable ??= performance.now();
}).observe(document, {childList: true, subtree: true});
"""
compressed = cache(lambda path: gzip.compress(path.read_bytes()))


class Compressing(SimpleHTTPRequestHandler):
    """Answers with a file of the folder, compressed."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path = Path(self.translate_path(self.path))
        if not path.is_file():
            return self.send_error(404)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(path))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(compressed(path))))
        self.end_headers()
        self.wfile.write(compressed(path))

    def log_message(self, *args):
        pass


def lighthouse(address):
    """One run of Lighthouse on a page: its report."""
    report = build.run(
        "lighthouse", address, "--output=json", "--output-path=stdout", "--quiet",
        "--no-enable-error-reporting", f"--chrome-flags={FLAGS}", folder=TOOLS,
    )  # fmt: skip
    return json.loads(report)


def short_of_full(report):
    """The audits of a report that cost a score, by their names, with what Lighthouse found."""
    weights = {
        audit["id"]: audit["weight"]
        for category in report["categories"].values()
        for audit in category["auditRefs"]
    }
    for name, audit in report["audits"].items():
        if audit["score"] is not None and audit["score"] < 0.9 and weights.get(name):
            yield f"{name} {audit['score']:.2f} ({audit.get('displayValue') or audit['title']})"


def usable(chromium, address, throttle):
    """Seconds from a page's address to its first live figure that can be moved; the median."""
    seconds = []
    for _ in range(RUNS):
        page = chromium.new_page(viewport={"width": 390, "height": 844})
        page.add_init_script(WATCH)
        devtools = page.context.new_cdp_session(page)
        devtools.send("Emulation.setCPUThrottlingRate", {"rate": throttle})
        page.goto(address)
        seconds.append(page.wait_for_function("window.usable").json_value() / 1000)
        page.close()
    return statistics.median(seconds)


def main():
    """Print one block of figures for each page."""
    build.install(TOOLS)
    path = browser.found(browser.WHOLE)
    os.environ["CHROME_PATH"] = path or sys.exit(f"Chromium is missing: {browser.HOW}")
    chapters = sorted(SITE.glob("notebooks/*.html"), key=lambda file: file.stat().st_size)
    heaviest = chapters[-1].relative_to(SITE).as_posix()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Compressing, directory=SITE))
    Thread(target=server.serve_forever, daemon=True).start()
    with browser.running(browser.WHOLE) as chromium:
        for name in sys.argv[1:] or ["index.html", heaviest]:
            address = f"http://127.0.0.1:{server.server_port}/{name}"
            reports = [lighthouse(address) for _ in range(RUNS)]
            print(name)
            for category in CATEGORIES:
                scores = [report["categories"][category]["score"] for report in reports]
                print(f"  {category:15s} {statistics.median(scores):.2f}   {scores}")
            for label, audit in TIMES.items():
                values = [report["audits"][audit]["numericValue"] for report in reports]
                print(f"  {label:15s} {statistics.median(values):.4g}")
            for fault in short_of_full(reports[-1]):
                print(f"  short of full: {fault}")
            for throttle in 1, 4:
                seconds = usable(chromium, address, throttle)
                print(f"  figure usable   {seconds:.2f} s, processor slowed {throttle} times")
    server.shutdown()


if __name__ == "__main__":
    main()
