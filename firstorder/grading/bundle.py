"""The course as students get it: no solution, no check of a lab, no test, and no torch.

One list says what goes out; the bundle (`firstorder release --bundle FILE`) and
the folder for Binder and Colab (`tools.launch`) are both made from it.
"""

import zipfile
from pathlib import Path

HELD = (
    "firstorder",
    "notebooks",
    "exercises",
    "pyproject.toml",
    "README.md",
    "LICENSE",
    "LICENSE-text.md",
    "constraints.txt",
)
_FORGET = {"__pycache__", "generated"}
_GROUPS = ("# the package", "# notebooks")
_WITHOUT = ("torch",)  # Binder's machines could not hold it, and no lab asks for it

_START = """\
# Begin here

You need Python 3.11 or newer. In this folder, type once

    python -m venv .venv
    .venv/bin/python -m pip install -r requirements.txt

(on Windows `.venv\\Scripts\\python`), and then, each time,

    .venv/bin/python -m firstorder lab

which opens the course in JupyterLab. The chapters are in `notebooks`, the labs in `exercises`.
Hand in the lab's notebook under the name that it has.
"""


def requirements(root):
    """The pins of the package and the notebooks, from the course's own requirements."""
    groups = (Path(root) / "requirements.txt").read_text(encoding="utf-8").split("\n\n")
    wanted = [group for group in groups if group.startswith(_GROUPS)]
    lines = [line for group in wanted for line in group.splitlines() if not line.startswith("#")]
    kept = [line for line in lines if line.split("==")[0] not in _WITHOUT]
    return "\n".join(["-c constraints.txt", *kept, "-e ."]) + "\n"


def held(root):
    """What goes out, as {path: bytes}, in the order of the paths.

    Raises FileNotFoundError if the live figures are not built or something on the list is missing.
    """
    root = Path(root)
    if not list((root / "firstorder" / "figures" / "built").glob("*.mjs")):
        raise FileNotFoundError("the live figures are not built: run `make book` first")
    files = {}
    for name in HELD:
        top = root / name
        found = [top] if top.is_file() else [path for path in top.rglob("*") if path.is_file()]
        if not found:
            raise FileNotFoundError(f"{top} is missing; run this in the course's folder")
        for path in found:
            inside = path.relative_to(root)
            hidden = any(part.startswith(".") for part in inside.parts)
            if not (hidden or _FORGET & set(inside.parts) or path.is_symlink()):
                files[inside.as_posix()] = path.read_bytes()
    files["requirements.txt"] = requirements(root).encode()
    return dict(sorted(files.items()))


def write(root, path):
    """Write the bundle, a zip file whose bytes depend on nothing but what is in it."""
    pack({**held(root), "BEGIN-HERE.md": _START.encode()}, path, "first-order")


def pack(files, path, folder):
    """Write {name: bytes} as a zip file that unpacks into one folder; the same files, the same bytes.

    Nothing is compressed: what compressing gives depends on the machine's zlib.
    """
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as packed:
        for name in sorted(files):
            entry = zipfile.ZipInfo(f"{folder}/{name}", (1980, 1, 1, 0, 0, 0))
            entry.create_system = 3  # Unix, on every system
            entry.external_attr = 0o100644 << 16
            packed.writestr(entry, files[name])
