"""The student's side: the visible checks of a lab, run where the student works."""

import contextlib
import os
import sys
from pathlib import Path

from .driver import notebook_namespace, run_cell
from .submission import Damaged, read_notebook


def run_checks(path):
    """Run a notebook's cells in order; what each visible check said: {its id: "" or why it failed}.

    The cells run in this process, as they would in Jupyter; what they print is not shown.
    Raises Damaged, with a plain reason, for what is no notebook or has no checks.
    """
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise Damaged(
            f"{path} cannot be read: {error.strerror}. Is the notebook saved here, under this name?"
        ) from error
    cells = [cell for cell in read_notebook(data) if cell[1] == "code"]
    checks = {number: meta.get("grade_id") for number, _, _, meta in cells if meta.get("grade")}
    if not checks:
        raise Damaged(f"{path} holds no visible checks: is it a lab of this course?")
    ours, said, broken = sys.modules["__main__"], {}, ""
    backend = os.environ.get("MPLBACKEND")
    os.environ["MPLBACKEND"] = "Agg"  # pictures are drawn, and not shown
    namespace = notebook_namespace()
    try:
        for number, _, source, _ in cells:
            error = _quietly(source, f"<cell {number}>", namespace)
            if number in checks:
                said[checks[number]] = error + broken * error.startswith("NameError")
            elif error and not broken:
                broken = f"\n(Before it, cell {number} raised {error})"
    finally:
        sys.modules["__main__"] = ours
        if backend is None:
            del os.environ["MPLBACKEND"]
        else:
            os.environ["MPLBACKEND"] = backend
    return said


def _quietly(source, name, namespace):
    with (
        open(os.devnull, "w", encoding="utf-8", errors="replace") as nowhere,
        contextlib.redirect_stdout(nowhere),
        contextlib.redirect_stderr(nowhere),
    ):
        return run_cell(source, name, namespace).removeprefix("AssertionError: ")


def report(said):
    """What `firstorder check` prints."""
    lines = [f"{id}: {error or 'passed'}" for id, error in said.items()]
    passed = sum(not error for error in said.values())
    count = f"visible checks passed: {passed} of {len(said)}; hidden checks decide the rest"
    return "\n".join([*lines, "", count])
