"""Every notebook is stored in its normal form.  (That its outputs are right, nbval says.)"""

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from tools.normalise import merge_streams, text, tidy

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted([*ROOT.glob("notebooks/*.ipynb"), *ROOT.glob("solutions/*/*.ipynb")])


def on_each(paths):
    return pytest.mark.parametrize("path", paths, ids=lambda path: path.stem)


def code_cells(path):
    return [cell for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]


USING_DATA = [path for path in NOTEBOOKS if "load_mnist" in path.read_text(encoding="utf-8")]


@on_each(NOTEBOOKS)
def test_it_is_stored_in_its_normal_form(path):
    stored = path.read_text(encoding="utf-8")
    normal = text(tidy(merge_streams(nbformat.read(path, 4))))
    assert stored == normal, f"run: python -m tools.normalise {path.relative_to(ROOT)}"


@on_each(NOTEBOOKS)
def test_it_was_run_from_top_to_bottom(path):
    counts = [cell.execution_count for cell in code_cells(path)]
    assert counts == list(range(1, len(counts) + 1))


@on_each(NOTEBOOKS)
def test_no_output_is_an_error_or_a_warning(path):
    for cell in code_cells(path):
        for output in cell.outputs:
            assert output.output_type != "error"
            assert output.get("name") != "stderr", output.text


@on_each(NOTEBOOKS)
def test_cells_are_short_and_install_nothing(path):
    for cell in code_cells(path):
        lines = [line for line in cell.source.splitlines() if line.strip()]
        checks_of_a_lab = cell.metadata.get("nbgrader", {}).get("locked")
        assert len(lines) <= 20 or checks_of_a_lab, cell.source
        assert not any(line.lstrip().startswith(("!", "%")) for line in lines), cell.source


@on_each(USING_DATA)
def test_it_says_the_same_where_mnist_cannot_be_had(path, tmp_path):
    """No files, an empty cache, no network: the stored outputs hold for the stand-in too."""
    nowhere = {"HTTPS_PROXY": "http://127.0.0.1:9", "XDG_CACHE_HOME": str(tmp_path)}
    environment = {n: v for n, v in os.environ.items() if n != "FIRSTORDER_DATA"} | nowhere
    command = [
        sys.executable,
        "-m",
        "pytest",
        "--nbval",
        "-p",
        "no:xdist",
        "-p",
        "no:cacheprovider",
    ]
    done = subprocess.run(
        [*command, "-o", "addopts=", str(path)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
