"""The Chromium that tests, tools and benchmarks drive: where it is, and how it is started."""

import shutil
import sys
from contextlib import contextmanager

WHOLE = ("chromium", "chromium-browser", "google-chrome")  # what readers have: for measurements
NAMES = ("chromium-headless-shell", *WHOLE)  # the same engine without windows, in 3/5 of the time
HOW = "install it (Debian: apt-get install chromium)"
FLAGS = [
    "--no-sandbox",  # CI runs as root, where Chromium's own sandbox refuses to start
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def found(names=NAMES):
    """The path of the first of these browsers that the machine has, or None."""
    return next(filter(None, map(shutil.which, names)), None)


@contextmanager
def running(names=NAMES):
    """A running Chromium.  Raises SystemExit without one."""
    path = found(names)
    if path is None:
        sys.exit(f"this needs Chromium, which was not found: {HOW}")
    from playwright.sync_api import sync_playwright  # slow to import, and the tests all come here

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()
