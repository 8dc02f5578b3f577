"""What several test files need: a browser, the real digits, and the rule that CI skips neither."""

import json
import os
import shutil
import subprocess
import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from figure_pages import visit
from filelock import FileLock

from tools import browser

ROOT = Path(__file__).resolve().parents[1]


def pytest_collection_modifyitems(items):
    """First what others wait for, last what waits: one worker builds the book while the rest go on.

    Dask gives a thread of its own ten seconds to start, and with the objects of thousands of tests
    behind it a worker's garbage collector may take as long: its clusters come first, too.
    """
    needy = {item.path for item in items if "built_book" in getattr(item, "fixturenames", ())}
    early = {min(needy, default=None), ROOT / "tests" / "test_cluster.py"}
    items.sort(key=lambda item: 0 if item.path in early else 2 if item.path in needy else 1)


def missing(what: str, how: str):
    """Skip with a reason on a reader's machine; fail in CI, where nothing may be missing."""
    reason = f"{what} was not found: {how}"
    if os.environ.get("CI"):
        pytest.fail(f"{reason} (CI skips nothing)")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def chromium():
    """A running headless Chromium."""
    if browser.found() is None:
        missing("Chromium", f"{browser.HOW} to run the browser tests")
    with browser.running() as chromium:
        yield chromium


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
def built_figures():
    """The live figures, built from the present sources."""
    from firstorder.figures import build

    build.build()


@pytest.fixture
def show(built_figures, page, tmp_path):
    """Open a page with these figures on it, from a file, as a reader may: `show(Hero(), …)`."""
    from firstorder.figures.page import page as host
    from firstorder.figures.page import settle

    def open_page(*figures, fragment=""):
        path = tmp_path / "page.html"
        path.write_text(settle(host(*figures), tmp_path), encoding="utf-8")
        page.goto("about:blank")  # a new fragment alone would not load the page again
        page.goto(f"file://{path}{fragment}")
        if fragment:  # a link that leads to one of the figures
            page.wait_for_selector(".fo-live [data-key]")
        else:
            visit(page)
        return page

    return open_page


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


class Silent(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture(scope="session")
def server(built_book):
    """The address at which the built book is served on this machine."""
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), partial(Silent, directory=built_book))
    Thread(target=httpd.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{httpd.server_port}"
    httpd.shutdown()
    httpd.server_close()


@pytest.fixture
def node(tmp_path):
    """Run JavaScript in Node: `node(script, data, name=module source, …)` → what the script gives.

    The script is the body of a function of `data` and of the modules by their names; numbers come
    back as they are, infinite ones and nan too.
    """
    program = shutil.which(
        "node", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    )
    if program is None:
        missing("Node", "it comes with requirements.txt: pip install -r requirements.txt")

    def run(script, data, **modules):
        for name, source in modules.items():
            (tmp_path / f"{name}.mjs").write_text(source, encoding="utf-8")
        imports = "".join(f"import * as {name} from './{name}.mjs';\n" for name in modules)
        (tmp_path / "main.mjs").write_text(
            f"""{imports}import {{readFileSync}} from 'node:fs';
const data = JSON.parse(readFileSync(0, 'utf-8'));
const result = (() => {{ {script} }})();
const spelled = (_, x) => (typeof x === 'number' && !Number.isFinite(x) ? {{number: `${{x}}`}} : x);
console.log(JSON.stringify(result, spelled));""",
            encoding="utf-8",
        )
        done = subprocess.run(
            [program, tmp_path / "main.mjs"],
            input=json.dumps(data),
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(
            done.stdout, object_hook=lambda x: float(x["number"]) if "number" in x else x
        )

    return run


@pytest.fixture(scope="session")
def bubblewrap():
    """The grader's sandbox can be had."""
    if shutil.which("bwrap") is None:
        missing("bubblewrap", "install it (Debian: apt-get install bubblewrap) to test grading")


@pytest.fixture(scope="module")
def small(tmp_path_factory, bubblewrap):
    """A course with one lab of three small questions: its folder, the lab, and its supplies."""
    from classroom import small_course

    from firstorder.grading.grade import Lab

    folder = tmp_path_factory.mktemp("class")
    lab = Lab(small_course(folder))
    with lab.supplies() as packages:
        yield folder, lab, packages


@pytest.fixture(autouse=True)
def registry():
    """The registry of rules, put back after each test: a lab's answer may register one of its own."""
    from firstorder import rules

    before = dict(rules._RULES)
    yield rules.RULES
    rules._RULES.clear()
    rules._RULES.update(before)


@pytest.fixture
def double():
    """torch's default type is float64: torch.optim.NAdam keeps its product in that."""
    import torch

    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(before)
