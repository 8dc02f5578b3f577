"""The last cell of a lab: all its visible checks at once, on the notebook that will be handed in."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

SECONDS = 120  # as long as the grader gives a submission


def check_saved(notebook):
    """Run `firstorder check` on a saved notebook, in a Python of its own, and print what it says.

    The saved file is checked, from its first cell on; nothing of the kernel's state counts.  In Colab,
    where the notebook is no file of this machine, it is asked of the page.
    Does nothing outside a notebook: there `firstorder check` or the grader runs the lab's cells already.
    """
    ipython = sys.modules.get("IPython")
    if ipython is None or ipython.get_ipython() is None:
        return
    with tempfile.TemporaryDirectory() as room:
        path = _from_colab(Path(room, notebook)) if "google.colab" in sys.modules else notebook
        words = [sys.executable, "-X", "utf8", "-m", "firstorder", "check", str(path)]
        try:
            done = subprocess.run(
                words,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                timeout=SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            print(f"The checks were stopped after {SECONDS} seconds: is there a cell without end?")
        else:
            print(f"{done.stdout}{done.stderr}".rstrip())


def _from_colab(path):
    """Write the notebook that Colab's page shows to `path`; returns the path."""
    from google.colab import _message

    shown = _message.blocking_request("get_ipynb", request="", timeout_sec=30)
    path.write_text(json.dumps(shown["ipynb"]), encoding="utf-8")
    return path
