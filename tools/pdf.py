"""`python -m tools.pdf [FILE [SITE]]`: the whole built book as one PDF, printed by Chromium.

The pages are joined into one, in the order of `_toc.yml`, behind a cover and a table of contents;
every id gets its page's name in front, so that links between pages lead to their places.  It is
printed twice: only the first printing tells on which sheets the contents' entries fall.
"""

import posixpath
import re
import sys
import tempfile
import tomllib
from html import escape
from io import BytesIO
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit

import pypdf
import yaml
from bs4 import BeautifulSoup

from . import browser

ROOT = Path(__file__).resolve().parents[1]
SITE = ROOT / "_build" / "html"
FILE = ROOT / "build" / "first-order.pdf"
REFERRING = ("aria-labelledby", "aria-describedby", "for", "headers")


def contents(root=ROOT):
    """The book's parts: (caption, [page, …]), as `_toc.yml` orders them; pages as in the site."""
    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    parts = [(p["caption"], [f"{c['file']}.html" for c in p["chapters"]]) for p in toc["parts"]]
    return [("", ["index.html"]), *parts]


def anchor(page, fragment=""):
    """The id, in the joined page, of a place on a page of the book.

    >>> anchor("book/notation.html", "letters"), anchor("index.html")
    ('book-notation--letters', 'index')
    """
    name = page.removesuffix(".html").replace("/", "-")
    return f"{name}--{fragment}" if fragment else name


def joined(address, page, pages, site):
    """An address on a page of the site, as the joined page has to write it.

    None where the place is not on paper: a file to download, the index, the search.

    >>> joined("../book/notation.html#letters", "notebooks/a.html", {"book/notation.html"}, Path("/s"))
    '#book-notation--letters'
    """
    if urlsplit(address).scheme:
        return address
    path, fragment = urldefrag(address)
    path = (
        posixpath.normpath(posixpath.join(posixpath.dirname(page), unquote(path))) if path else page
    )
    path = "index.html" if path == "book/welcome.html" else path
    return f"#{anchor(path, fragment)}" if path in pages else None


def article(page, pages, site):
    """One page's text, with ids and addresses that hold in the joined page."""
    soup = BeautifulSoup((site / page).read_text(encoding="utf-8"), "html.parser")
    text = soup.find("article", class_="bd-article")
    for unwanted in text.find_all(["script", "form"]) + text.select("a.headerlink"):
        unwanted.decompose()
    for element in text.find_all(id=True):
        element["id"] = anchor(page, element["id"])
    for name in REFERRING:
        for element in text.find_all(attrs={name: True}):
            ids = element[name] if isinstance(element[name], list) else element[name].split()
            element[name] = " ".join(anchor(page, one) for one in ids)
    for image in text.find_all("img"):
        image["src"] = (site / posixpath.dirname(page) / unquote(image["src"])).resolve().as_uri()
    for link in text.find_all("a", href=True):
        address = joined(link["href"], page, pages, site)
        if address is None:
            del link["href"]
        else:
            link["href"] = address
    text["id"] = anchor(page)
    return text


def heading(element):
    """An entry of the contents: the heading's words, formulas as they look."""
    words = BeautifulSoup(str(element), "html.parser").contents[0]
    for link in words.find_all("a"):
        link.unwrap()
    return words.decode_contents()


def entry(place, words):
    """A line of the contents; the sheet is not known before the first printing."""
    return f'<a href="#{place}"><span>{words}</span><span data-sheet="{place}">000</span></a>'


def numbered(html, sheets):
    """The joined page, its contents with the sheets where their places turned out to be."""
    number = lambda place: f"{place[0].removesuffix('000')}{sheets[place[1]]}"  # noqa: E731
    return re.sub(r'data-sheet="([^"]+)">000', number, html)


def table(parts, articles):
    """The table of contents: parts, their pages, the chapters' sections."""
    lines = ['<nav class="fo-contents bd-article"><h1>Contents</h1><ol>']
    for caption, pages in parts:
        if caption:
            lines.append(f'<li class="fo-part">{escape(caption)}</li>')
        for page in pages:
            text = articles[page]
            sections = [
                f"<li>{entry(title.parent['id'], heading(title))}</li>"
                for title in text.find_all("h2")
                if title.parent.get("id") and page.startswith("notebooks/")
            ]
            inner = f"<ol>{''.join(sections)}</ol>" if sections else ""
            title = entry(anchor(page), heading(text.find("h1")))
            lines.append(f'<li class="fo-chapter">{title}{inner}</li>')
    return "\n".join([*lines, "</ol></nav>"])


def cover():
    """The front sheet: title, version, licence; every word from the files that say it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    licence = (ROOT / "LICENSE-text.md").read_text(encoding="utf-8").splitlines()
    about = next(line for line in licence if line and not line.startswith("#"))
    picture = (ROOT / "book" / "picture.svg").as_uri()
    return (
        f'<section class="fo-cover bd-article"><h1>{escape(config["title"])}</h1>'
        f"<p>{escape(project['description'].partition(': ')[2])}</p>"
        f'<img src="{picture}" alt="The iterates of momentum in a banana-shaped valley.">'
        f"<p>{escape(config['author'])}, {config['copyright']}. Version {project['version']}.</p>"
        f"<p>{escape(about)} Code: {escape(project['license'])}.</p></section>"
    )


def whole(site):
    """The joined page's HTML."""
    parts = contents()
    order = [page for _, pages in parts for page in pages]
    front = BeautifulSoup((site / "index.html").read_text(encoding="utf-8"), "html.parser")
    styles = [link["href"] for link in front.find_all("link", rel="stylesheet")]
    links = "".join(
        f'<link rel="stylesheet" href="{(site / style.partition("?")[0]).as_uri()}">'
        for style in dict.fromkeys(styles)
    )
    articles = {page: article(page, set(order), site) for page in order}
    return (
        '<!doctype html><html lang="en" data-theme="light"><head><meta charset="utf-8">'
        f"<title>{escape(front.title.string)}</title>{links}</head>"
        f'<body class="fo-whole">{cover()}{table(parts, articles)}'
        f'<main class="bd-main"><div class="bd-content">{"".join(map(str, articles.values()))}'
        "</div></main></body></html>"
    )


def places_in(reader):
    """The places that some link leads to, by their ids in the joined page."""
    return {unquote(n.lstrip("/")): place for n, place in reader.named_destinations.items()}


def sheets_of(pdf):
    """On which sheet each place that some link leads to stands, counted from one."""
    reader = pypdf.PdfReader(BytesIO(pdf))
    places = places_in(reader).items()
    return {name: reader.get_destination_page_number(place) + 1 for name, place in places}


def bookmarked(pdf, html):
    """The PDF with its table of contents as bookmarks.

    Chromium's own bookmarks say some headings twice, and lose spaces where a heading is broken.
    """
    writer = pypdf.PdfWriter(clone_from=BytesIO(pdf))
    places, sheets = places_in(pypdf.PdfReader(BytesIO(pdf))), sheets_of(pdf)

    def mark(link, parent=None):
        for twice in link.select(".katex-html, annotation"):
            twice.decompose()
        name, words = link["href"].removeprefix("#"), " ".join(link.span.get_text().split())
        fit = pypdf.generic.Fit.xyz(top=places[name].top)
        return writer.add_outline_item(words, sheets[name] - 1, parent=parent, fit=fit)

    contents = BeautifulSoup(html, "html.parser").find("nav", class_="fo-contents")
    for chapter in contents.find_all("li", class_="fo-chapter"):
        title, *sections = chapter.find_all("a")
        parent = mark(title)
        for section in sections:
            mark(section, parent)
    written = BytesIO()
    writer.write(written)
    return written.getvalue()


def printed(html, final=True):
    """The joined page as a PDF; the final one with tags for screen readers.

    Raises SystemExit without Chromium.
    """
    with browser.running() as chromium, tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "book.html"
        file.write_text(html, encoding="utf-8")
        page = chromium.new_page()
        page.set_default_timeout(300_000)  # milliseconds: two hundred sheets on a busy machine
        page.goto(file.as_uri())
        return page.pdf(format="A4", print_background=True, tagged=final)


def make(file, site=SITE):
    """Write the PDF.  Raises FileNotFoundError if the book is not built."""
    if not (site / "index.html").exists():
        raise FileNotFoundError(f"{site} holds no book: run `make book` first")
    html = whole(site)
    html = numbered(html, sheets_of(printed(html, final=False)))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(bookmarked(printed(html), html))
    return file


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else FILE
    print(f"wrote {make(target, *map(Path, sys.argv[2:3]))}")
