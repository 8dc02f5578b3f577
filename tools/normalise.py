"""`python -m tools.normalise NOTEBOOK…`: run a notebook afresh and store it in its normal form.

Normal form: executed from top to bottom, cell ids from positions (a graded cell keeps its own), text
and LaTeX outputs stored, pictures and widget views not; nor the outputs of cells that are tagged
nbval-ignore-output, for they depend on the machine.  nbval then compares what matters, and diffs stay
small.
"""

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

STORED = ("text/plain", "text/latex", "text/html", "text/markdown")
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def tidy(notebook):
    """The notebook in its normal form, but for running it: ids, metadata and what is stored."""
    for number, cell in enumerate(notebook.cells, start=1):
        cell.id = cell.metadata.get("nbgrader", {}).get("grade_id") or f"cell-{number:03}"
        cell.source = cell.source.rstrip()
        for moment in ("execution", "collapsed", "scrolled"):
            cell.metadata.pop(moment, None)
        if "nbval-ignore-output" in cell.metadata.get("tags", ()):
            cell.outputs = []
        for output in cell.get("outputs", []):
            output.get("metadata", {}).clear()
            if "data" in output:
                output.data = {mime: output.data[mime] for mime in STORED if mime in output.data}
    notebook.metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return notebook


def merge_streams(notebook):
    """One output for each run of text on the same stream, however the kernel cut it."""
    for cell in notebook.cells:
        merged = []
        for output in cell.get("outputs", []):
            same = merged and output.output_type == "stream" == merged[-1].output_type
            if same and output.name == merged[-1].name:
                merged[-1].text += output.text
            else:
                merged.append(output)
        if "outputs" in cell:
            cell.outputs = merged
    return notebook


def read(path):
    """The notebook in a file, as version 4."""
    return nbformat.read(path, as_version=4)


def text(notebook):
    """The text of a notebook's file."""
    return nbformat.writes(notebook).rstrip("\n") + "\n"


def normalise(path):
    """Run the notebook in the file afresh and store it in its normal form.

    Raises nbclient's CellExecutionError where a cell fails; the file is then left as it was.
    """
    notebook = read(path)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    NotebookClient(notebook, timeout=600, resources={"metadata": {"path": path.parent}}).execute()
    path.write_text(text(tidy(merge_streams(notebook))), encoding="utf-8")


if __name__ == "__main__":
    for name in sys.argv[1:]:
        normalise(Path(name))
        print(f"{name} was run and stored")
