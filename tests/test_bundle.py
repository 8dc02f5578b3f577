"""What students get: always the same bytes, all that they need, and nothing that gives an answer away."""

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile

import nbformat
import pytest
from conftest import ROOT

from firstorder.figures.build import build
from firstorder.grading import bundle, release

LABS = sorted(path for path in (ROOT / "solutions").glob("[0-9][0-9]_*") if path.is_dir())


@pytest.fixture(scope="module")
def packed(tmp_path_factory):
    build()
    path = tmp_path_factory.mktemp("bundle") / "first-order.zip"
    bundle.write(ROOT, path)
    return path


@pytest.fixture(scope="module")
def unpacked(packed):
    with zipfile.ZipFile(packed) as archive:
        archive.extractall(packed.parent / "unpacked")
    return packed.parent / "unpacked" / "first-order"


def names(path):
    with zipfile.ZipFile(path) as archive:
        return archive.namelist()


def copy_of_the_course(folder):
    """What the bundle is made from, with new times and other rights on the files."""
    for name in (*bundle.HELD, "requirements.txt"):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, copy_function=shutil.copyfile)
        else:
            shutil.copyfile(source, folder / name)
    for path in folder.rglob("*.py"):
        path.chmod(0o755)
        os.utime(path, (1, 1))
    return folder


def test_the_bundle_has_the_same_bytes_on_every_run(packed, tmp_path):
    bundle.write(copy_of_the_course(tmp_path / "course"), tmp_path / "again.zip")
    assert packed.read_bytes() == (tmp_path / "again.zip").read_bytes()


def test_the_bundle_holds_every_lab_and_chapter_the_package_and_its_figures(packed):
    held = names(packed)
    for lab in LABS:
        assert f"first-order/exercises/{lab.name}/{lab.name}.ipynb" in held
    for chapter in (ROOT / "notebooks").glob("*.ipynb"):
        assert f"first-order/notebooks/{chapter.name}" in held
    for name in ("BEGIN-HERE.md", "README.md", "requirements.txt", "firstorder/rules.py"):
        assert f"first-order/{name}" in held
    assert [name for name in held if name.endswith(".mjs")]


def test_the_bundle_holds_no_solution_no_test_and_no_check_of_a_lab(packed):
    forbidden = r"solutions|(^|/)tests/|bank|nbgrader_config|gradebook|/\.|__pycache__|generated"
    assert not [name for name in names(packed) if re.search(forbidden, name)]


def test_no_line_of_an_answer_or_of_a_hidden_check_is_in_the_bundle(unpacked):
    answers, checks = set(), set()
    for lab in LABS:
        notebook = nbformat.read(lab / f"{lab.name}.ipynb", as_version=4)
        answers |= {n for n in release.answer_lines(notebook) if len(n) > 30}
        lines = (lab / "checks.py").read_text(encoding="utf-8").splitlines()
        # A hint may stand in a visible check, too.
        code = [n.strip() for n in lines if not re.match(r'\s*(f?"|#|from|import)', n)]
        checks |= {n for n in code if len(n) > 45}
    # What a check takes over from the package, to have it where it is taken away, is no secret.
    own = [p for p in (ROOT / "firstorder").rglob("*.py") if p.parent.name != "grading"]
    checks -= {n.strip() for path in own for n in path.read_text(encoding="utf-8").splitlines()}
    assert len(answers) > 20
    assert len(checks) > 50
    for path in unpacked.rglob("*.*"):
        if not path.is_file():
            continue
        text, secret = path.read_text(encoding="utf-8"), checks
        if path.suffix == ".ipynb":
            text = "\n".join("".join(cell["source"]) for cell in json.loads(text)["cells"])
            secret = checks | answers  # the package may know an answer: the grader takes it away
        assert not [line for line in secret if line in text], path


def test_hidden_files_links_and_leavings_stay_behind(tmp_path):
    course = copy_of_the_course(tmp_path / "course")
    held = set(bundle.held(course))
    (course / "firstorder" / ".secret").write_text("x")
    (course / "exercises" / ".ipynb_checkpoints").mkdir()
    (course / "exercises" / ".ipynb_checkpoints" / "a.ipynb").write_text("x")
    (course / "firstorder" / "__pycache__").mkdir(exist_ok=True)
    (course / "firstorder" / "__pycache__" / "a.pyc").write_bytes(b"x")
    (course / "notebooks" / "link.ipynb").symlink_to(ROOT / "solutions")
    assert set(bundle.held(course)) == held


def test_the_labs_of_the_bundle_run_with_what_its_requirements_name(unpacked):
    program = """
import json, sys
from pathlib import Path

class OutOfReach:
    def find_spec(name, path=None, target=None):
        if name.split(".")[0] in ("torch", "nbgrader", "copydetect", "dask", "tests", "tools"):
            raise ImportError(f"{name} is out of reach")

sys.meta_path.insert(0, OutOfReach)
for path in sorted(Path("exercises").glob("*/*.ipynb")):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    code = [c for c in cells if c["cell_type"] == "code"]
    names = {}
    exec("".join(code[0]["source"]), names)
    for cell in code:
        if cell["metadata"].get("nbgrader", {}).get("solution"):
            exec("".join(cell["source"]), names)
    print(path.stem)
"""
    environment = {**os.environ, "PYTHONPATH": str(unpacked)}
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=unpacked,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [lab.name for lab in LABS]


def test_the_bundle_s_requirements_are_the_course_s_pins_without_what_grades(unpacked):
    wanted = (unpacked / "requirements.txt").read_text().split("\n")
    packages = {line.split("==")[0] for line in wanted}
    assert {"numpy", "jupyterlab"} <= packages
    assert not {"torch", "nbgrader", "copydetect", "pytest"} & packages


# --------------------------------------------------------------------------------------- the command


@pytest.fixture
def course(tmp_path, monkeypatch):
    build()
    copy_of_the_course(tmp_path)
    for lab in LABS:
        (tmp_path / "solutions" / lab.name).mkdir(parents=True)
        for path in (*lab.glob("*.py"), *lab.glob("*.ipynb")):
            shutil.copyfile(path, tmp_path / "solutions" / lab.name / path.name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_releasing_writes_the_labs_and_then_the_bundle(course, packed, capsys):
    lab = course / "exercises" / LABS[0].name / f"{LABS[0].name}.ipynb"
    lab.write_text("edited by hand")
    assert release.main(["--bundle", "out.zip"]) == 0
    assert "out.zip written" in capsys.readouterr().out
    assert (course / "out.zip").read_bytes() == packed.read_bytes()


def test_nothing_is_packed_while_a_stranger_lies_among_the_labs(course, capsys):
    (course / "exercises" / LABS[0].name / "checks.py").write_text("answers = 42\n")
    assert release.main(["--bundle", "out.zip"]) == 1
    assert not (course / "out.zip").exists()


def test_nothing_is_packed_without_built_figures(course, capsys):
    shutil.rmtree(course / "firstorder" / "figures" / "built")
    assert release.main(["--bundle", "out.zip"]) == 1
    assert "make book" in capsys.readouterr().err
    assert not (course / "out.zip").exists()
