"""The pages of the built book, for the tests that go through all of them."""

from tools.pdf import contents

# Every address that a reader can come to; test_book.py shows that the site holds these pages only.
PAGES = [*(page for _, pages in contents() for page in pages), "search.html"]


def pages(built_book):
    """The addresses of every page in the book, without the signpost that leads to its index."""
    files = sorted(built_book.rglob("*.html"))
    named = [file.relative_to(built_book).as_posix() for file in files]
    return [n for n in named if not n.startswith("_static/") and n != "book/welcome.html"]


def texts(built_book):
    """Every page's HTML, by its address."""
    return {name: (built_book / name).read_text(encoding="utf-8") for name in pages(built_book)}
