"""`python -m tools.launch FOLDER`: the folder that Binder and Colab open.

It holds the package with its built figures, the chapters, the labs as released, and pins for what
those need; no solution, no test, and no torch, which Binder's machines could not hold: the chapters
on training are for Colab, which has it.  A cell that installs the package is put before each notebook,
because Colab opens a notebook alone.
"""

import os
import sys
from pathlib import Path

import nbformat

from firstorder.grading import bundle

ROOT = Path(__file__).resolve().parents[1]
BRANCH = "student"


def installing(notebook, repository):
    """The notebook with a first cell that installs the package where it is missing."""
    trains = any("import torch" in cell.source for cell in notebook.cells)
    wanted = "firstorder[stand-in,training]" if trains else "firstorder[stand-in]"
    source = f'%pip install --quiet "{wanted} @ git+https://github.com/{repository}@{BRANCH}"'
    cell = nbformat.v4.new_code_cell(source, id="install", metadata={"tags": ["colab"]})
    notebook.cells.insert(0, cell)
    return notebook


def launch(folder, repository=None):
    """Write the folder.  `repository` is owner/name; without it no installing cell is put in.

    Raises FileExistsError if the folder exists, FileNotFoundError if the figures are not built.
    """
    folder = Path(folder)
    files = bundle.held(ROOT)
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    (folder / "runtime.txt").write_text("python-3.11\n", encoding="utf-8")  # what the pins are for
    if repository:
        for path in [*folder.glob("notebooks/*.ipynb"), *folder.glob("exercises/*/*.ipynb")]:
            notebook = installing(nbformat.read(path, as_version=4), repository)
            nbformat.write(notebook, path)
    return folder


if __name__ == "__main__":
    print(f"wrote {launch(sys.argv[1], os.environ.get('FIRSTORDER_REPOSITORY'))}")
