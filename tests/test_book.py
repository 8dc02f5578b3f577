"""The rendered book: what a reader's browser is given, and what it is spared."""

import gzip
import re
import sys
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from book_pages import PAGES, pages, texts

from firstorder.claims import EQUATIONS, Claim, equations_on_pages
from firstorder.palette import TONES

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "book" / "_ext"))

import firstorder_book  # noqa: E402
import katex_math  # noqa: E402

# A third of what the stock theme loads for an empty page: 688 kB, gzipped, without fonts and text.
WEIGHT_LIMIT = 229_000
NOTEBOOKS = [str(path.relative_to(ROOT)) for path in sorted(ROOT.glob("notebooks/*.ipynb"))]


def test_the_first_page_is_the_welcome_page(built_book):
    front = (built_book / "index.html").read_text(encoding="utf-8")
    welcome = (ROOT / "book" / "welcome.md").read_text(encoding="utf-8")
    title = re.search(r"^# (.+)$", welcome, re.MULTILINE)[1]
    assert f"<h1>{title}<" in front
    assert 'http-equiv="refresh"' not in front
    assert "index.html" in (built_book / "book" / "welcome.html").read_text(encoding="utf-8")


def test_every_page_names_its_language_and_describes_itself(built_book):
    for name, text in texts(built_book).items():
        assert '<html lang="en"' in text, name
        if name not in ("search.html", "genindex.html"):
            assert '<meta name="description"' in text, name


@pytest.mark.browser
@pytest.mark.parametrize("home", ["http", "file"])
def test_a_page_asks_no_other_host_for_anything_and_nothing_goes_wrong(
    home, built_book, server, page
):
    root = server if home == "http" else built_book.as_uri()
    requests, failures = [], []
    page.on("request", lambda request: requests.append(request.url))
    # going on to the next page aborts what the last one had not needed yet, such as its icon
    page.on(
        "requestfailed",
        lambda request: request.failure == "net::ERR_ABORTED" or failures.append(request.url),
    )
    page.on("response", lambda answer: answer.status >= 400 and failures.append(answer.url))
    for name in pages(built_book):
        page.goto(f"{root}/{name}", wait_until="networkidle")
    strangers = [url for url in requests if not url.startswith((root + "/", "data:", "blob:"))]
    assert len(requests) > len(pages(built_book))
    assert not strangers
    assert not failures
    # the fixture `page` fails the test on any error in the console


@pytest.mark.browser
@pytest.mark.parametrize("home", ["http", "file"])
def test_the_search_finds_a_word_and_leads_to_its_page(home, built_book, server, page):
    root = server if home == "http" else built_book.as_uri()
    page.goto(f"{root}/index.html")
    page.get_by_role("button", name="Search", exact=True).first.click()
    page.keyboard.type("learning rate")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Notation").last.wait_for()
    page.locator("#search-results").get_by_role("link", name="Notation").click()
    page.wait_for_url("**/book/notation.html*")


@pytest.mark.browser
@pytest.mark.parametrize("width", [320, 390])
def test_no_page_is_wider_than_a_telephone(width, built_book, page):
    page.set_viewport_size({"width": width, "height": 800})
    for name in pages(built_book):
        page.goto(f"{built_book.as_uri()}/{name}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name


@pytest.mark.browser
@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_a_chapter_weighs_a_third_of_the_stock_theme_s_empty_page(notebook, server, page):
    loaded = {}

    def note(response):
        if response.request.resource_type in ("script", "stylesheet"):
            loaded[response.url] = len(gzip.compress(response.body()))

    page.on("response", note)
    page.goto(f"{server}/{notebook.replace('.ipynb', '.html')}", wait_until="networkidle")
    text = page.content()
    inline = "".join(re.findall(r"<(?:script|style)\b[^>]*>(.*?)</(?:script|style)>", text, re.S))
    weight = sum(loaded.values()) + len(gzip.compress(inline.encode()))
    print(f"{notebook}: {weight / 1000:.0f} kB of scripts and styles, gzipped")
    assert weight <= WEIGHT_LIMIT, loaded


def test_no_page_loads_a_script_that_the_book_does_not_use(built_book):
    unwanted = re.compile(
        r"mathjax|require\.js|html-manager|thebe|fontawesome\.js|widget-state", re.I
    )
    for name, text in texts(built_book).items():
        scripts = "".join(re.findall(r"<script\b[^>]*>", text))
        assert not unwanted.findall(scripts), name


def test_the_site_holds_the_pages_of_the_contents_and_no_solution(built_book):
    assert set(pages(built_book)) == set(PAGES)
    held = [file.relative_to(built_book).as_posix() for file in built_book.rglob("*")]
    assert not [file for file in held if re.search(r"solutions|exercises", file)]


def test_every_equation_of_a_source_is_rendered_on_its_page(built_book):
    for source in [*ROOT.glob("book/*.md"), *map(ROOT.joinpath, NOTEBOOKS)]:
        page = built_book / source.relative_to(ROOT).with_suffix(".html")
        if not page.exists():
            continue
        text = source.read_text(encoding="utf-8")
        if source.suffix == ".ipynb":
            cells = nbformat.reads(text, as_version=4).cells
            text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
        shown = page.read_text(encoding="utf-8")
        for label in re.findall(r"^\$\$ *\(([\w-]+)\)", text, re.MULTILINE):
            assert f'<div class="fo-equation notranslate" id="equation-{label}"' in shown, label
        body = re.sub(r"<(script|style|pre|code|annotation)\b.*?</\1>", "", shown, flags=re.S)
        words = re.sub(r"<[^>]*>", " ", body)
        assert not re.findall(r"\$\$|\\\(|\\\[|\\begin|\\frac", words), source


def test_an_equation_reads_aloud_and_links_to_itself(built_book):
    for name, text in texts(built_book).items():
        equations = re.findall(r'<div class="fo-equation.*?</div>', text, re.S)
        for equation in equations:
            assert "<math " in equation, name
            assert 'class="eqno"' in equation or 'tabindex="0"' in equation, name


def test_a_formula_holds_its_full_stop_and_an_invalid_one_fails_the_build_and_says_where(tmp_path):
    from sphinx.cmd.build import main

    (tmp_path / "conf.py").write_text(
        f"import sys\nsys.path.append({str(ROOT / 'book' / '_ext')!r})\n"
        "extensions = ['myst_parser', 'katex_math']\n"
        "myst_enable_extensions = ['dollarmath']\nhtml_math_renderer = 'katex'\n"
    )
    good, bad = "# Page\n\nA half, $\\frac12$.\n", "# Page\n\n$$\n\\frac{1}{\n$$\n"
    arguments = ["-q", "-W", "-b", "html", str(tmp_path), str(tmp_path / "out")]
    (tmp_path / "index.md").write_text(good)
    assert main(arguments) == 0
    # its full stop stays with a short formula, and does not begin the next line of a telephone
    assert "</span>.</span>" in (tmp_path / "out" / "index.html").read_text()
    (tmp_path / "index.md").write_text(bad)
    assert main([*arguments, "-w", str(tmp_path / "log")]) != 0
    assert re.search(r"index\.md:3:.*KaTeX parse error", (tmp_path / "log").read_text())


def test_only_the_fonts_that_browsers_use_are_named_and_shipped(built_book):
    katex = built_book / "_static" / "katex"
    named = set(re.findall(r"url\(([^)]*)\)", (katex / "katex.css").read_text()))
    shipped = {f"fonts/{file.name}" for file in (katex / "fonts").iterdir()}
    assert named == shipped
    assert all(name.endswith(".woff2") for name in named)
    assert katex_math.woff2_only('a,url(f.ttf) format("truetype")') == "a"


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_as_many_pictures_stand_on_a_page_as_its_cells_draw(notebook, built_book):
    cells = nbformat.read(ROOT / notebook, as_version=4).cells
    outputs = [out for cell in cells for out in cell.get("outputs", [])]
    # pictures are not stored, but the words that Jupyter keeps beside each one are
    drawn = [
        out for out in outputs if out.get("data", {}).get("text/plain", "").startswith("<Figure ")
    ]
    text = (built_book / notebook).with_suffix(".html").read_text(encoding="utf-8")
    assert drawn
    assert len(pictures(text)) == len(drawn)
    assert len(re.findall(r"<img\b[^>]*_images", text)) == 2 * len(drawn)
    undescribed = re.findall(r'alt="[^"]*\.(?:png|svg)"', text)
    assert not undescribed, 'say what is seen: cell metadata {"mystnb": {"image": {"alt": "…"}}}'


def test_the_page_of_claims_lists_each_of_them_in_the_order_of_the_book(built_book):
    text = (built_book / "book" / "claims.html").read_text(encoding="utf-8")
    on_pages, _ = equations_on_pages(ROOT)
    claims = [e.label for e in on_pages if isinstance(EQUATIONS[e.label], Claim)]
    assert re.findall(r"The code that proves (eq-[\w-]+)", text) == claims


def pictures(text):
    """The addresses of a page's still pictures, each for light paper and for dark."""
    both = r'<img class="only-light" src="([^"]*)"[^>]*><img class="only-dark" src="([^"]*)"'
    return re.findall(both, text)


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_a_picture_s_words_and_lines_have_the_book_s_colours_on_light_paper_and_on_dark(
    notebook, built_book
):
    page = (built_book / notebook).with_suffix(".html")
    for addresses in pictures(page.read_text(encoding="utf-8")):
        texts = [(page.parent / address).read_text(encoding="utf-8") for address in addresses]
        for svg, tones in zip(texts, zip(*TONES.values(), strict=True), strict=True):
            words = re.findall(r'<g id="text_\d+">\s*(?:<!--.*?-->\s*)?(<[^>]*>)', svg)
            assert words
            for word in words:  # what has no colour of its own is drawn in black
                assert re.findall("#[0-9a-f]{6}", word)[:1][0] in tones, word
        light, dark = (set(re.findall("#[0-9a-f]{6}", svg)) for svg in texts)
        assert not dark & {tone.light for tone in TONES.values()}
        assert {TONES["ink"].dark, TONES["paper"].dark} <= dark
        assert not light & {tone.dark for tone in TONES.values()}


def test_the_pages_style_sheet_holds_the_book_s_colours(built_book):
    css = (built_book / "_static" / "firstorder.css").read_text(encoding="utf-8")
    for mode in ("light", "dark"):
        block = re.search(rf'html\[data-theme="{mode}"\] \{{(.*?)\}}', css, re.S)[1]
        tokens = dict(re.findall(r"--fo-(\w+): (#\w{6});", block))
        assert tokens == {name: getattr(tone, mode) for name, tone in TONES.items()}


def configured(monkeypatch, repository):
    monkeypatch.setenv("FIRSTORDER_REPOSITORY", repository)
    config = SimpleNamespace(html_theme_options={})
    firstorder_book.launch_from_repository(None, config)
    return config.html_theme_options


def test_the_pages_offer_to_launch_only_where_the_deployment_names_its_repository(monkeypatch):
    assert configured(monkeypatch, "") == {}
    options = configured(monkeypatch, "owner/name")
    assert options["repository_url"] == "https://github.com/owner/name"
    assert options["repository_branch"] == "student"  # the repository's main branch holds solutions
    with pytest.raises(firstorder_book.ConfigError, match="owner/name"):
        configured(monkeypatch, "https://github.com/owner/name")


def test_every_erratum_says_what_is_right_and_leads_to_its_proof_and_no_proof_is_forgotten():
    errata = (ROOT / "book" / "errata.md").read_text(encoding="utf-8")
    sources, _ = errata.split("\n## This book's own errata\n")
    entries = re.split(r"^### ", sources, flags=re.MULTILINE)[1:]
    for entry in entries:
        parts = re.findall(r"^- \*\*(.+?):\*\* .", entry, re.MULTILINE)
        assert parts == ["It says", "Right", "Proved"], entry
        assert re.search(r"\*\*Proved:\*\*.*\{(eq|ref)\}`", entry), entry
    cells = nbformat.read(ROOT / "notebooks" / "A_errata.ipynb", as_version=4).cells
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    proofs = re.findall(r"^\((errata-[\w-]+)\)=$", text, re.MULTILINE)
    assert set(re.findall(r"<(errata-[\w-]+)>`", sources)) == set(proofs)
