"""The commands at the top, what authors run, and what a launch or a release takes along."""

import importlib.metadata
import os
import re
import shutil
import subprocess
import sys

import nbformat
import numpy as np
import pytest
from conftest import ROOT, missing
from packaging.specifiers import SpecifierSet

from firstorder import __main__ as command_line
from firstorder.figures import Hero
from firstorder.recorded import recorded
from tools import launch, record
from tools.normalise import normalise, text, tidy


@pytest.fixture(scope="module")
def launched(tmp_path_factory):
    return launch.launch(tmp_path_factory.mktemp("launch") / "folder", "owner/name")


def make(*arguments):
    command = ["make", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


# ------------------------------------------------------------------------------------ the commands


def test_make_alone_lists_the_commands():
    said = make().stdout
    for command in ("book", "test", "lab", "claims"):
        assert f"make {command}" in said


def test_an_old_python_is_refused_and_says_what_to_do(tmp_path):
    old = tmp_path / "python"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo Python 3.9.2\nexit 1\n')
    old.chmod(0o755)
    done = make("claims", f"PYTHON={old}", f"VENV={tmp_path / 'venv'}")
    assert done.returncode != 0
    assert "needs Python 3.11 or newer" in done.stdout
    assert "Python 3.9.2" in done.stdout
    assert "PYTHON=" in done.stdout


def test_the_readme_s_commands_exist():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for command in set(re.findall(r"\bmake ([a-z]+)", readme)):
        assert re.search(rf"^{command}:", makefile, re.MULTILINE), command


def test_the_readme_s_picture_is_what_the_hero_draws():
    stored = (ROOT / "book" / "picture.svg").read_text(encoding="utf-8")
    assert stored == Hero().still_svg(), "write it anew: make record"


def test_every_folder_is_on_the_readme_s_map():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    folders = {name.split("/")[0] for name in tracked.stdout.splitlines() if "/" in name}
    assert folders
    for folder in folders:
        assert folder.startswith(".") or f"`{folder}/`" in readme, folder


def test_lab_says_where_the_course_is_missing(tmp_path):
    with pytest.raises(SystemExit, match="holds no folder `notebooks`"):
        command_line.main(["lab", str(tmp_path)])


def test_lab_says_that_jupyterlab_is_missing(tmp_path, monkeypatch):
    (tmp_path / "notebooks").mkdir()
    monkeypatch.setattr(sys, "executable", "false")
    with pytest.raises(SystemExit, match="pip install jupyterlab"):
        command_line.main(["lab", str(tmp_path)])


def test_lab_opens_jupyterlab_in_the_course(tmp_path, monkeypatch):
    (tmp_path / "notebooks").mkdir()
    calls = tmp_path / "calls"
    fake = tmp_path / "python"
    fake.write_text(f'#!/bin/sh\necho "$@" >> "{calls}"\n')
    fake.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(fake))
    assert command_line.main(["lab", str(tmp_path)]) == 0
    assert calls.read_text().splitlines()[-1] == f"-m jupyter lab --notebook-dir {tmp_path}"


# -------------------------------------------------------------------------- what was measured once


def test_an_unknown_record_names_the_known_ones():
    with pytest.raises(KeyError, match="01_least_squares"):
        recorded("unknown")


@pytest.mark.data
@pytest.mark.parametrize("name", record.RECORDS)
def test_the_recorded_numbers_are_those_of_mnist(name):
    if "FIRSTORDER_DATA" not in os.environ:
        missing("MNIST", "set FIRSTORDER_DATA to a folder with its four files")
    stored, measured = recorded(name), record.RECORDS[name]()
    for quantity, value in measured.items():
        # The smallest eigenvalues are rounding away from zero: their fourth digit may differ.
        np.testing.assert_allclose(stored[quantity], value, rtol=1e-3, err_msg=quantity)
    assert stored.keys() - measured.keys() == {"versions", "made_by"}


# ------------------------------------------------------------------------------ normal notebooks


def notebook_of(*sources):
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])


def test_a_normal_notebook_is_run_and_keeps_words_but_no_pictures(tmp_path):
    path = tmp_path / "draws.ipynb"
    nbformat.write(
        notebook_of("import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()"), path
    )
    normalise(path)
    (cell,) = nbformat.read(path, as_version=4).cells
    assert (cell.id, cell.execution_count) == ("cell-001", 1)
    assert [list(output.data) for output in cell.outputs] == [["text/plain"]]
    once = path.read_text()
    normalise(path)
    assert path.read_text() == once


def test_a_notebook_that_fails_is_left_as_it_was(tmp_path):
    path = tmp_path / "fails.ipynb"
    nbformat.write(notebook_of("1 / 0"), path)
    before = path.read_bytes()
    with pytest.raises(Exception, match="ZeroDivisionError"):
        normalise(path)
    assert path.read_bytes() == before


def test_a_graded_cell_keeps_its_own_id():
    notebook = notebook_of("1")
    notebook.cells[0].metadata["nbgrader"] = {"grade_id": "best-step"}
    assert '"id": "best-step"' in text(tidy(notebook))


# --------------------------------------------------------------------------------- Binder and Colab


def test_the_launch_folder_holds_no_solution_and_no_test(launched):
    names = [path.relative_to(launched).as_posix() for path in launched.rglob("*")]
    assert not [
        name for name in names if re.search(r"solutions|(^|/)tests|bank|built/generated", name)
    ]
    assert [name for name in names if name.endswith(".mjs")]


def test_the_launch_requirements_are_the_course_s_pins_without_torch(launched):
    wanted = (launched / "requirements.txt").read_text().split("\n")
    pins = (ROOT / "requirements.txt").read_text().split("\n")
    assert {"numpy", "sympy", "ipykernel", "jupyterlab"} <= {line.split("==")[0] for line in wanted}
    assert all(line in [*pins, "-e ."] for line in wanted)
    assert not [line for line in wanted if line.startswith("torch")]
    assert (launched / "constraints.txt").exists()


def test_a_launched_notebook_installs_the_package_first(launched):
    for path in launched.rglob("*.ipynb"):
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
        first = notebook.cells[0].source
        assert first.startswith("%pip install")
        assert "owner/name@student" in first


def test_every_pin_installs_on_the_oldest_python_that_the_readme_promises():
    """Python 3.11.0, older than the one that this runs on: Debian 12 still has 3.11.2."""
    for file in ("requirements.txt", "constraints.txt"):
        for name in re.findall(r"^([\w.-]+)==", (ROOT / file).read_text(), re.MULTILINE):
            asks = importlib.metadata.metadata(name).get("Requires-Python", "")
            assert SpecifierSet(asks).contains("3.11.0"), f"{name} asks for Python {asks}"


@pytest.mark.parametrize("name", ["01_gradient_descent", "09_mnist_training"])
def test_a_launched_chapter_installs_what_it_needs(launched, name):
    first = nbformat.read(launched / "notebooks" / f"{name}.ipynb", as_version=4).cells[0].source
    assert ("training" in first) == (name == "09_mnist_training")


@pytest.fixture(scope="module")
def package_alone(tmp_path_factory):
    """A folder that holds the package and nothing else of the course."""
    folder = tmp_path_factory.mktemp("installed")
    shutil.copytree(
        ROOT / "firstorder",
        folder / "firstorder",
        ignore=shutil.ignore_patterns("__pycache__", "generated"),
    )
    return folder


def test_a_launched_notebook_is_the_one_that_is_downloaded_but_for_its_first_cell(launched):
    paths = [*launched.glob("notebooks/*.ipynb"), *launched.glob("exercises/*/*.ipynb")]
    assert len(paths) > 10
    for path in paths:
        ours = nbformat.read(ROOT / path.relative_to(launched), as_version=4)
        theirs = nbformat.read(path, as_version=4)
        assert theirs.cells[1:] == ours.cells


def test_each_chapter_runs_alone_in_an_empty_folder(package_alone, tmp_path):
    """With the package, and with scikit-learn and the course's other rooms out of reach; and torch,
    but for the chapters that import it, which come last.
    """
    program = """
import json, os, sys, tempfile
from pathlib import Path
import matplotlib; matplotlib.use("agg")

out_of_reach = {"torch", "nbgrader", "sklearn", "tools", "tests"}

class OutOfReach:
    def find_spec(name, path=None, target=None):
        if name.split(".")[0] in out_of_reach:
            raise ImportError(f"{name} is out of reach")

sys.meta_path.insert(0, OutOfReach)

def code(path):
    cells = json.loads(Path(path).read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]

def trains(path):
    return any("import torch" in source for source in code(path))

for path in sorted(sys.argv[1:], key=trains):
    if trains(path):
        out_of_reach -= {"torch", "sklearn"}  # torch itself asks whether that is there
    sources, names = code(path), {}
    with tempfile.TemporaryDirectory() as empty:
        os.chdir(empty)
        for source in sources:
            exec(source, names)
        os.chdir("/")
    print("ran", Path(path).stem, names.get("agree"))
"""
    chapters = sorted(ROOT.glob("notebooks/*.ipynb"))
    environment = {**os.environ, "PYTHONPATH": str(package_alone)}
    done = subprocess.run(
        [sys.executable, "-c", program, *map(str, chapters)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    ran = dict(re.findall(r"^ran (\S+) (\S+)$", done.stdout, re.MULTILINE))
    assert ran.keys() == {path.stem for path in chapters}
    assert ran["04_nesterov"] == "True"  # the prediction and the run


@pytest.mark.parametrize("path", sorted(ROOT.glob("exercises/*/*.ipynb")), ids=lambda p: p.stem)
def test_each_lab_runs_alone_up_to_its_questions_and_its_last_cell_says_so(
    path, package_alone, tmp_path
):
    """Its last cell runs `firstorder check`; every question is unanswered, and nothing else fails."""
    shutil.copy(path, tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "firstorder", "check", path.name],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(package_alone)},
        capture_output=True,
        text=True,
        check=False,
    )
    *questions, _, last = done.stdout.splitlines()
    cells = nbformat.read(path, as_version=4).cells
    asked = [cell for cell in cells if re.search(r"^check\(", cell.source, re.MULTILINE)]
    assert {line.split(": ")[1] for line in questions} == {"NotImplementedError"}, done.stdout
    assert last.startswith(f"visible checks passed: 0 of {len(questions)};"), done.stdout
    assert len(questions) == len(asked)
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_a_launch_without_built_figures_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(launch, "ROOT", tmp_path)
    with pytest.raises(FileNotFoundError, match="make book"):
        launch.launch(tmp_path / "folder")
