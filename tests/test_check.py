"""The student's side: the last cell of a lab, and `firstorder check` where nothing is Linux."""

import os
import subprocess
import sys
import types

import IPython
import nbformat
import pytest
from conftest import ROOT
from nbclient import NotebookClient

from firstorder.grading import check_saved, saved, visible

LAB = "01_gradient_descent"
AUTHORED = ROOT / "solutions" / LAB / f"{LAB}.ipynb"
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}


def answered(wrong=()):
    """The released lab with the authors' answers in place, those in `wrong` replaced by nonsense."""
    answers = {c.id: c.source for c in nbformat.read(AUTHORED, as_version=4).cells}
    notebook = nbformat.read(ROOT / "exercises" / LAB / f"{LAB}.ipynb", as_version=4)
    for cell in notebook.cells:
        if cell.id.endswith("-answer"):
            nonsense = cell.source.replace("raise NotImplementedError()", "return None")
            cell.source = nonsense if cell.id in wrong else answers[cell.id]
    return notebook


@pytest.fixture
def in_a_notebook(monkeypatch):
    """What the cell finds in Jupyter: IPython at work."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setattr(IPython, "get_ipython", object)


def test_the_last_cell_of_a_lab_counts_the_visible_checks_of_the_saved_file(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    saved_file = answered(wrong=["closed-form-answer", "challenge-answer"])
    nbformat.write(saved_file, tmp_path / f"{LAB}.ipynb")
    shown = nbformat.v4.new_notebook(cells=saved_file.cells[-1:])  # a kernel that ran nothing else
    NotebookClient(shown, resources={"metadata": {"path": str(tmp_path)}}).execute()
    said = shown.cells[0].outputs[0].text
    assert "visible checks passed: 5 of 7; hidden checks decide the rest" in said
    assert "closed-form: error_after(x0=8, alpha=0.5, lambda_=1, k=3) returned None" in said


def test_a_notebook_that_is_not_saved_under_its_name_is_said(
    tmp_path, monkeypatch, capsys, in_a_notebook
):
    monkeypatch.chdir(tmp_path)
    check_saved(f"{LAB}.ipynb")
    assert f"{LAB}.ipynb cannot be read" in capsys.readouterr().out


def test_what_goes_wrong_in_the_checking_itself_is_shown(capsys, monkeypatch, in_a_notebook):
    monkeypatch.setattr(sys, "executable", "no-such-python")
    with pytest.raises(FileNotFoundError):
        check_saved(f"{LAB}.ipynb")


def test_a_notebook_without_end_is_stopped(tmp_path, monkeypatch, capsys, in_a_notebook):
    monkeypatch.setattr(saved, "SECONDS", 2)
    notebook = answered()
    notebook.cells.insert(1, nbformat.v4.new_code_cell("while True: pass"))
    nbformat.write(notebook, tmp_path / "lab.ipynb")
    monkeypatch.chdir(tmp_path)
    check_saved("lab.ipynb")
    assert "stopped after 2 seconds" in capsys.readouterr().out


def test_in_colab_the_notebook_of_the_page_is_checked(tmp_path, monkeypatch, capsys, in_a_notebook):
    def blocking_request(kind, request, timeout_sec):
        assert kind == "get_ipynb"
        return {"ipynb": answered()}

    colab = types.ModuleType("google.colab")
    colab._message = types.SimpleNamespace(blocking_request=blocking_request)
    monkeypatch.setitem(sys.modules, "google.colab", colab)
    monkeypatch.setitem(sys.modules, "google", types.ModuleType("google"))
    monkeypatch.chdir(tmp_path)
    check_saved(f"{LAB}.ipynb")
    assert "visible checks passed: 7 of 7" in capsys.readouterr().out


def test_the_cell_starts_nothing_where_the_lab_is_being_checked_or_graded(tmp_path, monkeypatch):
    def started(*arguments, **named):
        raise AssertionError("a check within a check")

    monkeypatch.setattr(subprocess, "run", started)
    nbformat.write(answered(), tmp_path / "lab.ipynb")
    assert set(visible.run_checks(tmp_path / "lab.ipynb").values()) == {""}
    last = answered().cells[-1].source
    assert "check_saved(" in last
    exec(last, {})


# ----------------------------------------------------------------------------------- other systems

# What Windows lacks, taken away once Python's and others' modules are there: they have ways of their own.
ELSEWHERE = """
import os, shutil, signal, subprocess, sys
import matplotlib.pyplot, numpy, platformdirs, requests, sympy, tqdm

for name in ("fcntl", "grp", "pty", "pwd", "resource", "termios"):
    sys.modules[name] = None
for name in ("SIGALRM", "SIGKILL", "setitimer", "ITIMER_REAL"):
    delattr(signal, name)
for name in ("fork", "geteuid", "getuid", "killpg", "memfd_create", "pidfd_open", "sysconf"):
    delattr(os, name)

from firstorder.__main__ import main

status = main(["check", sys.argv[1]])
assert not {"firstorder.grading.sandbox", "firstorder.grading.seccomp"} & set(sys.modules)
sys.exit(status)
"""


def elsewhere(path, **environment):
    """`firstorder check` on a system without what only Linux has; the process when it has ended."""
    return subprocess.run(
        [sys.executable, "-c", ELSEWHERE, path],
        env={**ENVIRONMENT, **environment},
        capture_output=True,
        check=False,
    )


def test_firstorder_check_needs_nothing_that_only_linux_has(tmp_path):
    nbformat.write(answered(), tmp_path / "lab.ipynb")
    done = elsewhere(tmp_path / "lab.ipynb")
    assert done.returncode == 0, done.stderr.decode()
    assert b"visible checks passed: 7 of 7" in done.stdout


def test_a_terminal_and_a_system_without_greek_letters_cost_no_check(tmp_path):
    notebook = answered(wrong=["closed-form-answer"])
    for cell in notebook.cells:
        if cell.id.endswith("-answer"):
            cell.source = f"print('αλ')\n{cell.source}"
    nbformat.write(notebook, tmp_path / "lab.ipynb")
    western = {"PYTHONIOENCODING": "cp1252", "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"}
    done = elsewhere(tmp_path / "lab.ipynb", **western, PYTHONUTF8="0")
    assert done.returncode == 1, done.stderr.decode()
    assert b"visible checks passed: 6 of 7" in done.stdout
