"""Reading what was handed in, whatever it is.  Nothing here runs it or changes it."""

import hashlib
import json
import os
import re
import stat
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

MAX_BYTES = 50_000_000
MAX_CODE = 1_000_000  # characters of code in all cells together


class Damaged(Exception):
    """A submission that cannot be graded; the text says why in plain words."""


@dataclass(frozen=True)
class Submission:
    """What was handed in: the code cells in order as (index, source), and what was odd about it."""

    cells: tuple[tuple[int, str], ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class HandedIn:
    """A file as it was found: its bytes are read once, so that what is hashed is what is graded."""

    data: bytes
    submitted_at: str
    notes: tuple[str, ...] = ()

    @property
    def sha256(self):
        return hashlib.sha256(self.data).hexdigest()


def fetch(folder, lab):
    """The notebook that a student handed in for a lab, from SUBMISSIONS/STUDENT.

    It should be LAB/LAB.ipynb; another single notebook in that folder (or beside it) counts, with a
    note.  Raises Damaged where there is none, more than one, or something that is no plain file.
    """
    folder, notes = Path(folder), ()
    path = folder / lab / f"{lab}.ipynb"
    if not os.path.lexists(path):
        rooms = [room for room in (folder / lab, folder) if room.is_dir() and not room.is_symlink()]
        found = [
            sorted(p for p in room.iterdir() if p.suffix.lower() == ".ipynb") for room in rooms
        ]
        found = next(filter(None, found), [])
        if not found:
            raise Damaged("no notebook was handed in")
        if len(found) > 1:
            names = ", ".join(p.name for p in found[:5])
            raise Damaged(
                f"none of the notebooks is called {lab}.ipynb, and there are several: {names}"
            )
        path = found[0]
        where = path.relative_to(folder).as_posix()
        notes = (f"the notebook was found as {where}, not as {lab}/{lab}.ipynb",)
    data, changed = _bytes(folder, path)
    return HandedIn(data, datetime.fromtimestamp(changed, UTC).isoformat(timespec="seconds"), notes)


def _bytes(folder, path):
    """The bytes of a plain file and the time of its last change."""
    if any(p.is_symlink() for p in (path, path.parent, folder)):
        raise Damaged(f"{path.name} is a link and not a file; hand in the notebook itself")
    try:
        handle = os.open(
            path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        )
    except OSError as error:
        raise Damaged(f"{path.name} cannot be read: {error.strerror}") from error
    about = os.fstat(handle)
    if not stat.S_ISREG(about.st_mode):
        os.close(handle)
        raise Damaged(f"{path.name} is not a plain file")
    with os.fdopen(handle, "rb") as file:
        if about.st_size > MAX_BYTES:
            raise Damaged(
                f"the file has {about.st_size / 1e6:.0f} MB, and {MAX_BYTES / 1e6:.0f} are allowed: "
                "clear the outputs and hand it in again"
            )
        return file.read(MAX_BYTES + 1), about.st_mtime


def read_notebook(data):
    """The cells in a notebook's bytes, as [(number, kind, source, nbgrader's notes)], in order.

    Raises Damaged with a plain reason.
    """
    if not data.strip():
        raise Damaged("the file is empty")
    try:
        notebook = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise Damaged("the file is not a notebook: it is no UTF-8 text") from None
    except (ValueError, RecursionError) as error:
        where = f"line {error.lineno}" if isinstance(error, json.JSONDecodeError) else "somewhere"
        raise Damaged(
            f"the file is not a notebook, or was cut off on its way: it is not JSON ({where})"
        ) from None
    if not isinstance(notebook, dict):
        raise Damaged("the file is JSON, but not a notebook")
    if notebook.get("nbformat") != 4:
        raise Damaged(
            f"the notebook's format is {str(notebook.get('nbformat'))[:20]}, not 4: "
            "open it in a current Jupyter, save it and hand it in again"
        )
    language = _language(notebook)
    if language not in (None, "python", "ipython"):
        raise Damaged(f"the notebook is written in {language[:30]}, and the lab in Python")
    cells = notebook.get("cells")
    if not isinstance(cells, list) or not all(isinstance(cell, dict) for cell in cells):
        raise Damaged("the notebook has no list of cells")
    return [
        (number, cell.get("cell_type"), _source(cell, number), _nbgrader(cell))
        for number, cell in enumerate(cells, 1)
    ]


def parse(data, lab, functions, notes=()):
    """The Submission in a notebook's bytes.  Raises Damaged with a plain reason.

    `functions` are the names that the lab asks for: a notebook that holds none of them is of another
    lab.
    """
    cells = read_notebook(data)
    code = tuple((number, source) for number, kind, source, _ in cells if kind == "code")
    text = "\n".join(source for _, source in code)
    if len(text) > MAX_CODE:
        raise Damaged(f"the notebook holds more than {MAX_CODE} characters of code")
    if not any(re.search(rf"\b{re.escape(name)}\b", text) for name in functions):
        raise Damaged(f"this seems to be another notebook: it has none of the functions of {lab}")
    ids = [meta.get("grade_id") for *_, meta in cells]
    doubled = sorted({i for i in ids if isinstance(i, str) and ids.count(i) > 1})
    if doubled:
        notes += (
            f"cells that occur more than once (the last one counts): {', '.join(doubled)[:200]}",
        )
    return Submission(code, notes)


def _source(cell, number):
    source = cell.get("source", "")
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str):
        raise Damaged(f"cell {number} of the notebook holds no text")
    return source.encode("utf-8", "replace").decode()  # lone surrogates cannot be sent on


def _nbgrader(cell):
    """What nbgrader noted about a cell, or an empty dict."""
    metadata = cell.get("metadata")
    noted = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    return noted if isinstance(noted, dict) else {}


def _language(notebook):
    """The language that the notebook names, or None."""
    metadata = notebook.get("metadata")
    for room, key in (("language_info", "name"), ("kernelspec", "language")):
        inner = metadata.get(room) if isinstance(metadata, dict) else None
        name = inner.get(key) if isinstance(inner, dict) else None
        if isinstance(name, str) and name:
            return name.lower()
    return None
