"""`python -m tools.offline [FILE]`: the built book as a zip file that opens from a folder.

Its pages ask no other site for anything, so nothing is changed: whoever unpacks it opens
`first-order-offline/index.html`, and every figure moves.
"""

import sys
from pathlib import Path

from firstorder.grading.bundle import pack

ROOT = Path(__file__).resolve().parents[1]
SITE = ROOT / "_build" / "html"
FILE = ROOT / "build" / "first-order-offline.zip"


def held(site):
    """The site's files, as {path: bytes}, without those that only the next build reads."""
    files = {path.relative_to(site): path for path in site.rglob("*") if path.is_file()}
    return {
        name.as_posix(): path.read_bytes()
        for name, path in files.items()
        if not any(part.startswith(".") for part in name.parts)
    }


def make(file, site=SITE):
    """Write the zip file.  Raises FileNotFoundError if the book is not built."""
    if not (site / "index.html").exists():
        raise FileNotFoundError(f"{site} holds no book: run `make book` first")
    file.parent.mkdir(parents=True, exist_ok=True)
    pack(held(site), file, "first-order-offline")
    return file


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else FILE
    print(f"wrote {make(target)}")
