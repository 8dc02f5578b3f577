"""`python -m tools.launch FOLDER`: the folder that Binder and Colab open.

It holds the package with its built figures, the chapters, the labs as released, and pins for what
those need; no solution, no test, and no torch, which Binder's machines could not hold.  A cell that
installs the package is put before each notebook, because Colab opens a notebook alone.
"""

import os
import shutil
import sys
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parents[1]
HELD = (
    "firstorder",
    "notebooks",
    "exercises",
    "pyproject.toml",
    "README.md",
    "LICENSE",
    "LICENSE-text.md",
)
GROUPS = ("# the package", "# notebooks")
WITHOUT = ("torch", "nbgrader")
BRANCH = "student"


def requirements():
    """The pins of the package and the notebooks, from the course's own requirements."""
    groups = (ROOT / "requirements.txt").read_text(encoding="utf-8").split("\n\n")
    wanted = [group for group in groups if group.startswith(GROUPS)]
    lines = [line for group in wanted for line in group.splitlines() if not line.startswith("#")]
    kept = [line for line in lines if line.split("==")[0] not in WITHOUT]
    return "\n".join(["-c constraints.txt", *kept, "-e ."]) + "\n"


def installing(notebook, repository):
    """The notebook with a first cell that installs the package where it is missing."""
    source = f'%pip install --quiet "firstorder[stand-in] @ git+https://github.com/{repository}@{BRANCH}"'
    cell = nbformat.v4.new_code_cell(source, id="install", metadata={"tags": ["colab"]})
    notebook.cells.insert(0, cell)
    return notebook


def launch(folder, repository=None):
    """Write the folder.  `repository` is owner/name; without it no installing cell is put in.

    Raises FileExistsError if the folder exists, FileNotFoundError if the figures are not built.
    """
    folder = Path(folder)
    if not list((ROOT / "firstorder" / "figures" / "built").glob("*.mjs")):
        raise FileNotFoundError("the live figures are not built: run `make book` first")
    folder.mkdir(parents=True)
    forget = shutil.ignore_patterns("__pycache__", "generated", ".ipynb_checkpoints")
    for name in HELD:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=forget)
        else:
            shutil.copy(source, folder / name)
    shutil.copy(ROOT / "constraints.txt", folder)
    (folder / "requirements.txt").write_text(requirements(), encoding="utf-8")
    (folder / "runtime.txt").write_text("python-3.11\n", encoding="utf-8")  # what the pins are for
    if repository:
        for path in [*folder.glob("notebooks/*.ipynb"), *folder.glob("exercises/*/*.ipynb")]:
            notebook = installing(nbformat.read(path, as_version=4), repository)
            nbformat.write(notebook, path)
    return folder


if __name__ == "__main__":
    print(f"wrote {launch(sys.argv[1], os.environ.get('FIRSTORDER_REPOSITORY'))}")
