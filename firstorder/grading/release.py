"""The labs as students get them: `firstorder release` writes exercises/ from solutions/.

nbgrader's own preprocessors do the work, so that its commands make the same notebook.  Ours is to
refuse: a marker that is nearly one lets an answer go out, and nbgrader would not notice.
"""

import argparse
import difflib
import re
import sys
from pathlib import Path

import nbformat
from nbgrader.nbgraderformat import ValidationError
from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearHiddenTests,
    ClearMarkScheme,
    ClearOutput,
    ClearSolutions,
    ComputeChecksums,
    LockCells,
    NbGraderPreprocessor,
)

from . import bundle
from .checks import load

# nbgrader's GenerateAssignment, in its order, without what needs its gradebook or a kernel.
_PREPROCESSORS = (
    LockCells,
    ClearSolutions,
    ClearOutput,
    CheckCellMetadata,
    ClearHiddenTests,
    ClearMarkScheme,
    ComputeChecksums,
    CheckCellMetadata,
)

_REGIONS = ("SOLUTION", "HIDDEN TESTS", "MARK SCHEME")
_MARKERS = [f"### {edge} {region}" for region in _REGIONS for edge in ("BEGIN", "END")]
_BARE = [re.sub("[^a-z]", "", marker.lower()) for marker in _MARKERS]
_RESEMBLES = re.compile(
    r"\b(begin|end|start|stop)[\s_-]*(the[\s_-]*)?(solution|answer|hidden[\s_-]*test|mark[\s_-]*scheme)"
    r"|^[\s#]*(@title\s*)?to[\s_-]*(be[\s_-]*)?remove",
    re.IGNORECASE,
)


class ReleaseError(Exception):
    """A lab that must not go out; its text names the cell, the line, and what to do."""


def _near_marker(line):
    """Whether a line that is no marker looks like one.

    >>> [_near_marker(s) for s in ("# BEGIN SOLUTION", "###BEGN SOLUTON", "# solve for the end")]
    [True, True, False]
    """
    bare = re.sub("[^a-z]", "", line.lower())
    return bool(_RESEMBLES.search(line) or difflib.get_close_matches(bare, _BARE, 1, cutoff=0.8))


def _split(cell):
    """The lines of a cell outside and inside its regions.  Raises ReleaseError for a bad marker."""
    outside, inside, opened = [], [], None
    for number, line in enumerate(cell.source.split("\n"), 1):
        where = f"cell {cell.id!r}, line {number}: {line.strip()!r}"
        if line.strip() in _MARKERS:
            edge, region = line.split()[1], line.strip().split(" ", 2)[2]
            if (edge == "BEGIN") != (opened is None) or opened not in (None, region):
                raise ReleaseError(
                    f"{where} has no partner. Each BEGIN needs its END, and none may lie in another."
                )
            opened = region if edge == "BEGIN" else None
        elif _near_marker(line):
            raise ReleaseError(
                f"{where} looks like a marker and is none, so an answer could go out. Write exactly "
                f"{_MARKERS[0]!r} and {_MARKERS[1]!r} on lines of their own, or other words."
            )
        else:
            (inside if opened else outside).append(line)
    if opened:
        raise ReleaseError(f"cell {cell.id!r}: BEGIN {opened} has no END {opened}")
    return outside, inside


def answer_lines(notebook):
    """The lines of the answers that are long enough to give something away, stripped, as a set.

    Those in solution regions, and in answers marked by hand.
    """
    lines = set()
    for cell in notebook.cells:
        outside, inside = _split(cell)
        by_hand = cell.cell_type == "markdown" and cell.metadata.get("nbgrader", {}).get("solution")
        lines.update(line.strip() for line in (outside if by_hand else inside))
    return {line for line in lines if len(line) > 15}


def _refuse(notebook, questions):
    """Raise ReleaseError for what nbgrader would let pass."""
    cells = [c for c in notebook.cells if c.metadata.get("nbgrader")]
    seen, points = set(), {}
    for cell in cells:
        meta = cell.metadata.nbgrader
        name = f"cell {cell.id!r}"
        if meta.grade_id in seen:
            raise ReleaseError(f"{name}: the grade_id {meta.grade_id!r} is used twice")
        seen.add(meta.grade_id)
        if meta.grade and not (isinstance(meta.get("points"), int | float) and meta.points > 0):
            raise ReleaseError(
                f"{name}: a graded cell needs points above 0; got {meta.get('points')}"
            )
        if cell.cell_type == "code" and meta.solution and not _split(cell)[1]:
            raise ReleaseError(
                f"{name}: a solution cell without {_MARKERS[0]!r} and {_MARKERS[1]!r} around an answer"
            )
        if cell.cell_type == "code" and meta.grade:
            points[meta.grade_id] = meta.points
    expected = {question.id: question.points for question in questions}
    if points != expected:
        raise ReleaseError(
            f"the notebook's points {points} are not those of checks.py, {expected}. "
            "A question's id is the grade_id of its check cell."
        )
    ids = [cell.id for cell in notebook.cells]
    if len(ids) != len(set(ids)):
        raise ReleaseError("two cells have the same id")


def release(notebook, questions):
    """The notebook as students get it: answers and outputs cleared, cells locked, checksums set.

    `questions` are the lab's, from its checks.py.  The notebook given is left as it is.
    Raises ReleaseError where an answer could go out or the points do not agree.
    """
    answers = answer_lines(notebook)
    _refuse(notebook, questions)
    released, resources = nbformat.from_dict(notebook), {}
    for preprocessor in _PREPROCESSORS:
        try:
            released, resources = preprocessor().preprocess(released, resources)
        except (RuntimeError, ValidationError) as error:
            raise ReleaseError(f"{preprocessor.__name__} of nbgrader says: {error}") from error
    for cell in released.cells:
        for line in cell.source.split("\n"):
            if line.strip() in answers:
                raise ReleaseError(
                    f"cell {cell.id!r} holds a line of an answer: {line.strip()!r}. "
                    "If it is none there, write it in another way."
                )
    return released


_CHECK_TEXT = """\
## All visible checks at once

Save the notebook (Ctrl+S), then run this cell before you hand in.
It runs the saved file from the top, in a Python of its own, and counts the visible checks that pass.
The hidden checks decide the rest."""
_CHECK_CODE = """\
from firstorder.grading import check_saved

check_saved("{name}.ipynb")"""


class AddCheckCell(NbGraderPreprocessor):
    """Ends a lab with the cell that runs all its visible checks."""

    def preprocess(self, nb, resources):
        """The notebook with two cells more; `resources` names it, as nbgrader's do."""
        code = _CHECK_CODE.format(name=resources["nbgrader"]["notebook"])
        nb.cells.append(nbformat.v4.new_markdown_cell(_CHECK_TEXT, id="check-saved-text"))
        nb.cells.append(nbformat.v4.new_code_cell(code, id="check-saved"))
        return nb, resources


def released_files(root):
    """What exercises/ should hold: {path relative to `root`: its text}, one notebook for each lab.

    Raises ReleaseError, naming the lab.
    """
    labs = sorted(path for path in (Path(root) / "solutions").glob("[0-9][0-9]_*") if path.is_dir())
    if not labs:
        raise ReleaseError(
            f"no lab under {Path(root) / 'solutions'}; run this in the course's folder"
        )
    files = {}
    for lab in labs:
        source = lab / f"{lab.name}.ipynb"
        try:
            notebook = nbformat.read(source, as_version=4)
            released = release(notebook, load(lab, "checks").QUESTIONS)
            AddCheckCell().preprocess(released, {"nbgrader": {"notebook": lab.name}})
        except (ReleaseError, OSError) as error:
            raise ReleaseError(f"{source}: {error}") from error
        files[f"exercises/{lab.name}/{lab.name}.ipynb"] = nbformat.writes(released) + "\n"
    return files


def main(arguments=None):
    """Write exercises/, or with --check only say what would change; returns the exit status.

    With --bundle FILE, what students get is packed into FILE as well, once exercises/ is as it should be.
    """
    parser = argparse.ArgumentParser(prog="firstorder release", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if it would")
    parser.add_argument(
        "--bundle", metavar="FILE", help="also pack what students get, as a zip file"
    )
    given = parser.parse_args(arguments)
    check = given.check
    root = Path.cwd()
    try:
        files = released_files(root)
    except ReleaseError as error:
        print(error, file=sys.stderr)
        return 1
    present = {
        p.relative_to(root).as_posix() for p in (root / "exercises").rglob("*") if p.is_file()
    }
    strangers = sorted(name for name in present - set(files) if ".ipynb_checkpoints" not in name)
    for name in strangers:
        print(f"{name} does not come from solutions/; remove it", file=sys.stderr)
    changed = [
        name
        for name, text in files.items()
        if name not in present or (root / name).read_bytes() != text.encode()
    ]
    for name in changed:
        print(f"{name} {'would change' if check else 'written'}")
        if not check:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(files[name].encode())
    if strangers or (check and changed):
        return 1
    if given.bundle:
        try:
            bundle.write(root, given.bundle)
        except OSError as error:
            print(f"the bundle was not written: {error}", file=sys.stderr)
            return 1
        print(f"{given.bundle} written")
    return 0
