"""The book on paper and offline: what a reader holds who has printed it, or unpacked it at home."""

import re
import subprocess
import sys
import zipfile
from collections import Counter, defaultdict
from urllib.parse import unquote

import pypdf
import pytest
from book_pages import pages
from bs4 import BeautifulSoup
from conftest import ROOT, missing
from figure_pages import visit

from tools import browser, offline, pdf

MM = 96 / 25.4
# A4 is the narrower sheet, Letter the lower one: what fits both, less the margins of print.css.
WIDTH, HEIGHT = int((210 - 2 * 16) * MM), int((279.4 - 18 - 20) * MM)
BLOCKS = (
    ".fo-equation, .katex-base, pre, table, img, figure, figcaption, p, li, details, h1, h2, h3"
)
# What stands beyond the sheet's edge, or is cut off by a box around it, in words.
CUT_OFF = f"""() => {{
  const faults = [];
  const say = (element, what) => faults.push(
    `${{what}}: ${{element.tagName}}.${{element.className}} ${{element.textContent.trim().slice(0, 50)}}`);
  for (const element of document.querySelectorAll("{BLOCKS}")) {{
    if (element.closest(".katex-mathml")) continue;
    const box = element.getBoundingClientRect();
    if (box.width && (box.left < -1 || box.right > {WIDTH} + 1)) say(element, "beyond the edge");
  }}
  for (const element of document.querySelectorAll("main *")) {{
    if (element.closest(".katex, .fo-live")) continue;  // KaTeX hides the spare ends of its strokes
    const hides = getComputedStyle(element);
    if (hides.overflowX !== "visible" && element.scrollWidth > element.clientWidth + 1)
      say(element, "cut off at the side");
    if (hides.overflowY !== "visible" && element.scrollHeight > element.clientHeight + 1)
      say(element, "cut off below");
  }}
  for (const element of document.querySelectorAll("figure, .bd-article img, .fo-equation")) {{
    if (element.getBoundingClientRect().height > {HEIGHT}) say(element, "higher than a sheet");
    if (getComputedStyle(element).breakInside !== "avoid") say(element, "may be broken");
  }}
  if (document.documentElement.scrollWidth > {WIDTH} + 1) faults.push("the page is too wide");
  return faults;
}}"""


@pytest.fixture(scope="module")
def whole(built_book):
    """The joined page, as HTML."""
    return pdf.whole(built_book)


@pytest.fixture(scope="module")
def soup(whole):
    """The joined page, parsed."""
    return BeautifulSoup(whole, "html.parser")


@pytest.fixture(scope="module")
def paper(built_book, tmp_path_factory):
    """The PDF of the whole book."""
    if browser.found() is None:
        missing("Chromium", f"{browser.HOW} to print the book")
    file = tmp_path_factory.mktemp("paper") / "book.pdf"
    # in a process of its own: the browser of the other tests may be running in this one
    command = [sys.executable, "-m", "tools.pdf", file, built_book]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return pypdf.PdfReader(file)


@pytest.fixture(scope="module")
def sheets(paper):
    """The words on each sheet, without spaces: a PDF has none of its own."""
    return [squeezed(sheet.extract_text()) for sheet in paper.pages]


def squeezed(text):
    return re.sub(r"\s+", "", text)


def letters(formula):
    """How often each character that leaves ink stands in a formula."""
    return Counter(re.sub(r"[\s\u200b\u2061]", "", formula))


def mathematics(sheet):
    """The letters on a sheet that are set in KaTeX's fonts."""
    found = []

    def note(text, _matrix, _text_matrix, font, _size):
        if font and "KaTeX" in str(font.get("/BaseFont", "")):
            found.append(text)

    sheet.extract_text(visitor_text=note)
    return letters("".join(found))


# ---------------------------------------------------------------------------------------- on paper


@pytest.mark.browser
def test_nothing_is_cut_off_on_any_page_that_a_reader_prints(built_book, page):
    page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
    page.emulate_media(media="print")
    measured = 0
    for name in pages(built_book):
        page.goto(f"{built_book.as_uri()}/{name}")
        assert page.evaluate(CUT_OFF) == [], name
        measured += page.locator(BLOCKS).count()
    assert measured > 1000


@pytest.mark.browser
def test_nothing_is_cut_off_in_the_whole_book(whole, page, tmp_path):
    (tmp_path / "book.html").write_text(whole, encoding="utf-8")
    page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
    page.emulate_media(media="print")
    page.goto((tmp_path / "book.html").as_uri())
    assert page.evaluate(CUT_OFF) == []


@pytest.mark.browser
def test_paper_shows_the_text_alone_its_answers_open_and_each_figure_s_picture_and_words(
    built_book, page
):
    page.goto(f"{built_book.as_uri()}/notebooks/03_momentum.html")
    visit(page)
    page.emulate_media(media="print")
    seen = "all => all.filter((e) => e.checkVisibility()).map((e) => e.textContent)"
    assert page.locator("nav, button, input, select, .headerlink").evaluate_all(seen) == []
    assert page.locator("article h1").count() == 1
    assert page.locator("article h1").is_visible()
    for kind in ("details p", "img.fo-still", "figcaption.fo-still"):
        parts = page.locator(f"article {kind}")
        assert parts.count() > 2
        assert len(parts.evaluate_all(seen)) == parts.count(), kind
    assert page.locator("article details p").first.bounding_box()["height"] > 10


@pytest.mark.browser
def test_a_reader_in_the_dark_prints_in_light_colours(built_book, page):
    page.emulate_media(color_scheme="dark")
    page.goto(f"{built_book.as_uri()}/notebooks/01_gradient_descent.html")
    paint = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(paint)
    page.evaluate(f"addEventListener('beforeprint', () => {{ window.printed = {paint}; }})")
    page.pdf()
    printed = page.evaluate("window.printed")
    assert all(int(channel) > 250 for channel in re.findall(r"\d+", printed))
    assert page.evaluate(paint) == dark != printed


def test_the_joined_page_has_no_id_twice_and_no_link_that_leads_nowhere(soup):
    ids = Counter(element["id"] for element in soup.find_all(id=True))
    assert [name for name, times in ids.items() if times > 1] == []
    links = [link["href"] for link in soup.find_all("a", href=True)]
    inside = [unquote(link[1:]) for link in links if link.startswith("#")]
    assert len(inside) > 300
    assert set(inside) <= set(ids)
    assert all(link.startswith(("#", "https://", "http://", "mailto:")) for link in links)


@pytest.mark.browser
def test_every_page_is_in_the_pdf_where_its_contents_say(paper, sheets, soup):
    places = paper.named_destinations
    marks = {mark.title: mark for mark in paper.outline if not isinstance(mark, list)}
    marks = {squeezed(title): paper.get_destination_page_number(m) for title, m in marks.items()}
    articles = soup.select("main article.bd-article")
    assert len(articles) == sum(len(pages) for _, pages in pdf.contents())
    front = "".join(sheets[: paper.get_destination_page_number(places["/index"])])
    for article in articles:
        title = squeezed(article.h1.get_text())
        sheet = paper.get_destination_page_number(places[f"/{article['id']}"])
        assert title in sheets[sheet]
        assert f"{title}{sheet + 1}" in front
        assert marks[title] == sheet
    assert "FirstOrder" in sheets[0]
    assert "Version" in sheets[0]
    assert "CCBY4.0" in sheets[0]


@pytest.mark.browser
def test_every_labelled_equation_is_in_the_pdf_with_its_number(paper, sheets, soup):
    places, expected = paper.named_destinations, defaultdict(Counter)
    equations = [box for box in soup.select(".fo-equation[id]") if box.select_one(".eqno")]
    assert len(equations) > 100
    for equation in equations:
        sheet = paper.get_destination_page_number(places[f"/{equation['id']}"])
        assert equation.select_one(".eqno").get_text() in sheets[sheet], equation["id"]
        expected[sheet] += letters(equation.select_one(".katex-html").get_text())
    # A formula's letters lie scattered in a PDF: those of all a sheet's equations are counted.
    for sheet, wanted in expected.items():
        lost = wanted - mathematics(paper.pages[sheet])
        assert not lost, (sheet + 1, lost)


@pytest.mark.browser
def test_the_pdf_s_links_work_and_a_screen_reader_can_read_it(paper):
    places, inside = set(paper.named_destinations), 0
    for sheet in paper.pages:
        for annotation in sheet.get("/Annots", []):
            link = annotation.get_object()
            if "/Dest" in link:
                inside += 1
                assert link["/Dest"] in places
            else:
                assert link["/A"]["/URI"].startswith(("http", "mailto:"))
    assert inside > 300
    assert paper.root_object["/MarkInfo"]["/Marked"]
    assert paper.root_object["/Lang"] == "en"


def test_without_chromium_or_a_built_book_the_pdf_says_what_is_missing(monkeypatch, tmp_path):
    monkeypatch.setattr(browser, "found", lambda names: None)
    with pytest.raises(SystemExit, match="Chromium, which was not found: install it"):
        pdf.printed("<p>text</p>")
    with pytest.raises(FileNotFoundError, match="make book"):
        pdf.make(tmp_path / "book.pdf", tmp_path)


# ----------------------------------------------------------------------------------------- offline


@pytest.fixture(scope="module")
def unpacked(built_book, tmp_path_factory):
    folder = tmp_path_factory.mktemp("home") / "Bücher für später"
    folder.mkdir()
    with zipfile.ZipFile(offline.make(folder / "book.zip", built_book)) as packed:
        packed.extractall(folder)
    return folder / "first-order-offline"


def test_the_same_site_packs_to_the_same_bytes(built_book, tmp_path):
    once, again = (offline.make(tmp_path / name, built_book) for name in ("a.zip", "b.zip"))
    assert once.read_bytes() == again.read_bytes()
    with pytest.raises(FileNotFoundError, match="make book"):
        offline.make(tmp_path / "c.zip", tmp_path)


@pytest.mark.browser
def test_unpacked_every_page_opens_and_every_figure_answers_to_its_slider(unpacked, page):
    requests, moved = [], 0
    page.on("request", lambda request: requests.append(request.url))
    for name in pages(unpacked):
        page.goto(f"{unpacked.as_uri()}/{name}")
        visit(page)
        for figure in page.locator(".fo-figure").all():
            numbers = "e => [...e.querySelectorAll('[data-key]')].map((s) => s.textContent)"
            before = figure.evaluate(numbers)
            slide(page, figure.locator("input[type=range]").first)
            page.wait_for_timeout(50)
            assert figure.evaluate(numbers) != before, (name, figure.get_attribute("data-figure"))
            moved += 1
    assert moved > 10
    root = unpacked.as_uri() + "/"
    assert [url for url in requests if not url.startswith((root, "data:", "blob:"))] == []


def slide(page, control):
    """Drag a slider's thumb to the other half of its track."""
    control.scroll_into_view_if_needed()
    box = control.bounding_box()
    at = control.evaluate("e => (e.value - e.min) / (e.max - e.min)")
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 8 + at * (box["width"] - 16), middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * (0.25 if at > 0.5 else 0.75), middle, steps=3)
    page.mouse.up()


def test_the_downloads_that_the_book_names_are_those_that_the_tools_write_and_the_site_carries():
    names = ("first-order.pdf", "first-order-offline.zip")
    page = (ROOT / "book" / "how-to-use.md").read_text(encoding="utf-8")
    workflow = (ROOT / ".github" / "workflows" / "book.yml").read_text(encoding="utf-8")
    for name, tool in zip(names, (pdf, offline), strict=True):
        assert ROOT / "build" / name == tool.FILE
        assert f"`build/{name}`" in page
        assert f'href="../{name}"' in page
        assert re.search(rf"^ +cp .*build/{name}.* _build/html/$", workflow, re.MULTILINE)
