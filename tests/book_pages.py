"""The pages of the built book, for the tests that go through all of them."""

from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]


def contents():
    """The sources of the book's pages in their order, without endings, as _toc.yml lists them."""
    parts = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))["parts"]
    return [chapter["file"] for part in parts for chapter in part["chapters"]]


# Every address that a reader can come to; test_book.py shows that the site holds these pages only.
PAGES = ["index.html", *(f"{file}.html" for file in contents()), "search.html"]


def pages(built_book):
    """The addresses of every page in the book, without the signpost that leads to its index."""
    files = sorted(built_book.rglob("*.html"))
    named = [file.relative_to(built_book).as_posix() for file in files]
    return [n for n in named if not n.startswith("_static/") and n != "book/welcome.html"]


def texts(built_book):
    """Every page's HTML, by its address."""
    return {name: (built_book / name).read_text(encoding="utf-8") for name in pages(built_book)}
