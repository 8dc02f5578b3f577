"""What several test files need: a browser, the real digits, and the rule that CI skips neither."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

ROOT = Path(__file__).resolve().parents[1]
CHROMIUM_FLAGS = [
    "--no-sandbox",  # CI runs as root, where Chromium's own sandbox refuses to start
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def missing(what: str, how: str):
    """Skip with a reason on a reader's machine; fail in CI, where nothing may be missing."""
    reason = f"{what} was not found: {how}"
    if os.environ.get("CI"):
        pytest.fail(f"{reason} (CI skips nothing)")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def chromium():
    """A running headless Chromium."""
    path = next(
        filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome"])), None
    )
    if path is None:
        missing(
            "Chromium", "install it (Debian: apt-get install chromium) to run the browser tests"
        )
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium):
    """A fresh page, 1280 pixels wide; an error in its console fails the test."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    page, errors = context.new_page(), []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: message.type == "error" and errors.append(message.text))
    yield page
    context.close()
    assert not errors, f"errors in the browser's console: {errors}"


@pytest.fixture(scope="session")
def built_book(tmp_path_factory):
    """The folder of the book's pages, built once for all workers of a run, warnings as errors."""
    shared = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        shared = shared.parent  # the workers' folders lie side by side in the run's
    html, log = shared / "book" / "_build" / "html", shared / "book.log"
    with FileLock(shared / "book.lock"):
        if not log.exists():
            jupyter_book = Path(sys.executable).with_name("jupyter-book")
            command = [jupyter_book, "build", ROOT, "--path-output", shared / "book"]
            done = subprocess.run(
                [*command, "-W", "-n", "--keep-going"],
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
            )
            log.write_text(f"{done.returncode}\n{done.stdout}", encoding="utf-8")
    code, output = log.read_text(encoding="utf-8").split("\n", 1)
    assert code == "0", f"the book does not build:\n{output}"
    return html
