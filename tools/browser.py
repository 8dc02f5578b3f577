"""The Chromium that tests and tools drive: where it is, and how it is started."""

import shutil

NAMES = ["chromium", "chromium-browser", "google-chrome"]
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


def found():
    """The path of the machine's Chromium, or None."""
    return next(filter(None, map(shutil.which, NAMES)), None)
