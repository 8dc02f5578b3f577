"""Finding one's way in the rendered book: names, index, search, previews, map, downloads, citing."""

import doctest
import gzip
import json
import platform
import re
import sys
import tomllib
from importlib.metadata import version
from types import SimpleNamespace

import matplotlib.image
import nbformat
import numpy as np
import pytest
import yaml
from conftest import ROOT
from docutils import nodes
from pybtex.database import parse_string

from firstorder.claims import EQUATIONS
from firstorder.figures import FIGURES
from firstorder.grading import bundle

sys.path.append(str(ROOT / "book" / "_ext"))

import colophon
import concept_map
import social
import wayfinding

CHAPTERS = sorted(path.stem for path in ROOT.glob("notebooks/[0-9]*.ipynb"))
PAGES = [*CHAPTERS, "A_errata"]
HEADS = ["What you will do.", "What you will learn.", "What you need.", "How long it takes."]
each_chapter = pytest.mark.parametrize("slug", CHAPTERS)
each_page = pytest.mark.parametrize("slug", PAGES)


def opening(slug):
    """A chapter's first cell: {"What you need.": its text, …}, in the order of the page."""
    first = nbformat.read(ROOT / "notebooks" / f"{slug}.ipynb", as_version=4).cells[0].source
    parts = re.split(r"^\*\*(.+?)\*\*\n", first, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def html(built_book, slug):
    return (built_book / "notebooks" / f"{slug}.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("module", [colophon, concept_map, social, wayfinding])
def test_the_examples_in_the_extensions_hold(module):
    assert doctest.testmod(module).failed == 0


# ----------------------------------------------------------------------- how a chapter begins and ends


@each_page
def test_a_chapter_begins_with_what_it_does_teaches_needs_and_takes(slug):
    parts = opening(slug)
    assert list(parts) == HEADS
    assert all(len(text.split()) > 3 for text in parts.values())


WHOLE = {"half an hour": 30, "an hour": 60, "two hours": 120}
MORE = {"": 0, " and a quarter": 15, " and a half": 30}


@each_page
def test_the_time_counted_is_less_than_the_author_s_for_reading_and_playing(slug, built_book):
    counted = int(re.search(r"About (\d+) minutes to read", html(built_book, slug))[1])
    said = opening(slug)["How long it takes."].lower()
    whole, more = re.match(
        rf"(?:about )?({'|'.join(WHOLE)})((?: and a quarter| and a half)?)\b", said
    ).groups()
    expected = WHOLE[whole] + MORE[more]
    assert expected / 6 < counted < expected


def test_the_reading_time_counts_words_formulas_code_and_pictures():
    cell = nodes.container(classes=["cell_input"])
    cell += nodes.literal_block("", "x = 1\n\ny = 2")
    page = nodes.document(None, None)
    page += nodes.paragraph("", "", nodes.Text("word " * 4000), nodes.math("", "x y z"))
    page += [nodes.math_block("", "a = b + c"), cell, nodes.image(), nodes.image()]
    page += nodes.raw("", '<figure class="fo-figure" data-figure="hero">many words</figure>')
    read = {"word": 4000, "formula": 1, "equation": 1, "line of code": 2, "picture": 3}
    assert wayfinding.counts(page) == read
    # 20 minutes of words, and 2 + 15 + 2·3 + 3·30 = 113 seconds: from twenty on, to five minutes
    assert wayfinding.minutes(page) == 20
    assert wayfinding.minutes(nodes.document(None, None)) == 1


@each_page
def test_a_chapter_ends_with_the_versions_that_ran_it_and_how_to_cite_it(slug, built_book):
    foot = re.search(r'<p class="fo-foot">.*?</p>', html(built_book, slug))[0]
    assert f"Python {platform.python_version()}, NumPy {version('numpy')}," in foot
    assert (f"PyTorch {version('torch')}" in foot) == (
        slug in ("09_mnist_training", "10_mnist_sweeps")
    )
    cite = re.search(r'href="\.\./book/colophon\.html#([\w-]+)"', foot)[1]
    assert f'id="{cite}"' in (built_book / "book" / "colophon.html").read_text(encoding="utf-8")


def test_the_colophon_lists_the_versions_of_what_makes_a_page(built_book):
    page = (built_book / "book" / "colophon.html").read_text(encoding="utf-8")
    rows = dict(re.findall(r"<tr[^>]*><td><p>(.*?)</p></td>\s*<td><p>(.*?)</p></td>", page))
    assert {"numpy", "sympy", "torch", "jupyter-book", "sphinx", "ipykernel"} < set(
        colophon.packages()
    )
    assert not {"pytest", "nbgrader"} & set(colophon.packages())
    assert rows["Python"] == platform.python_version()
    assert rows["NumPy"] == version("numpy")
    assert rows["jupyter-book"] == version("jupyter-book")
    assert len(rows) == 2 + len(colophon.packages())


def test_the_book_and_each_chapter_can_be_cited(built_book):
    page = (built_book / "book" / "colophon.html").read_text(encoding="utf-8")
    blocks = [re.sub(r"<[^>]*>", "", b) for b in re.findall(r"<pre>.*?</pre>", page, re.S)]
    entries = parse_string("\n".join(blocks), "bibtex").entries
    facts = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert len(entries) == 1 + len(CHAPTERS)
    for entry in entries.values():
        (author,) = entry.persons["author"]
        assert str(author) == f"{{{facts['authors'][0]['name']}}}"
        assert entry.fields["year"] == str(facts["date-released"].year)
        assert facts["version"] in entry.fields["note"]
        assert "url" not in entry.fields  # no address is known here
    momentum = next(e for e in entries.values() if e.fields.get("chapter") == "3")
    assert momentum.fields["title"] == "{Momentum and its two-by-two matrix}"
    assert momentum.fields["booktitle"] == f"{{{facts['title']}}}"


def test_a_citation_names_people_and_the_address_where_they_are_known():
    facts = colophon.citation()
    facts["authors"] = [{"family-names": "Doe", "given-names": "Jane"}, {"name": "A Group"}]
    assert colophon.authors(facts) == "Doe, Jane and {A Group}"
    entry = colophon.chapter_entry(facts, "https://example.org/", "03_momentum", "3", "Momentum")
    assert "url = {https://example.org/notebooks/03_momentum.html}" in entry


def test_version_citation_and_errata_speak_of_the_same_version():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert colophon.citation()["version"] == project["version"]
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    released = re.findall(r"^## (\d\S*)", changes, re.MULTILINE)
    own = (
        (ROOT / "book" / "errata.md")
        .read_text(encoding="utf-8")
        .split("## This book's own errata")[1]
    )
    assert project["version"] in released
    assert re.findall(r"^### Version (\S+)", own, re.MULTILINE) == released


# ------------------------------------------------------------------- from a chapter to what belongs to it


@each_page
def test_a_chapter_offers_its_notebook_its_lab_and_the_course(slug, built_book):
    block = re.search(r'<div class="fo-way.*?</div>', html(built_book, slug), re.S)[0]
    found = dict(re.findall(r'<a href="\.\./([^"#]*)" download="([^"]*)">', block))
    lab = ROOT / "exercises" / slug / f"{slug}.ipynb"
    assert lab.exists() == (slug != "A_errata")
    expected = {f"_sources/notebooks/{slug}.ipynb": ROOT / "notebooks" / f"{slug}.ipynb"}
    if lab.exists():
        expected[f"labs/{slug}.ipynb"] = lab
    assert set(found) == {*expected, "first-order.zip"}
    assert len(set(found.values())) == len(found)  # none overwrites another in a reader's folder
    for address, source in expected.items():
        assert (built_book / address).read_bytes() == source.read_bytes()
    assert "binder" not in block


def test_the_site_s_zip_file_is_what_students_get(built_book, tmp_path):
    bundle.write(ROOT, tmp_path / "bundle.zip")
    assert (built_book / "first-order.zip").read_bytes() == (tmp_path / "bundle.zip").read_bytes()
    held = {file.name for file in (built_book / "labs").iterdir()}
    assert held == {f"{slug}.ipynb" for slug in CHAPTERS}


def offered(slug, repository):
    found = wayfinding.links(
        f"notebooks/{slug}", f"notebooks/{slug}.ipynb", repository, lambda name, _: f"../{name}"
    )
    return {words: address for words, address, _ in found}


def test_binder_and_colab_open_the_students_branch_where_the_deployment_names_it():
    found = offered("01_gradient_descent", "https://github.com/owner/name")
    inside = "notebooks/01_gradient_descent.ipynb"
    colab = "https://colab.research.google.com/github/owner/name/blob/student"
    assert found["This chapter on Colab"] == f"{colab}/{inside}"
    binder = "https://mybinder.org/v2/gh/owner/name/student?urlpath=lab/tree"
    assert found["This chapter on Binder"] == f"{binder}/{inside}"
    lab = "exercises/01_gradient_descent/01_gradient_descent.ipynb"
    assert found["Its lab on Binder"] == f"{binder}/{lab}"
    assert found["Its lab on Colab"] == f"{colab}/{lab}"
    assert set(offered("01_gradient_descent", None)) == {
        "Download this notebook", "Download its lab", "The whole course, zipped"
    }  # fmt: skip


def test_binder_is_not_offered_for_what_needs_torch():
    found = offered("09_mnist_training", "https://github.com/owner/name")
    assert "This chapter on Colab" in found
    assert "This chapter on Binder" not in found


@pytest.mark.browser
@each_page
@pytest.mark.parametrize("width", [1280, 390])
def test_next_previous_and_the_page_s_contents_are_at_hand(slug, width, built_book, page):
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{built_book.as_uri()}/notebooks/{slug}.html")
    for way in (".left-prev", ".right-next"):
        link = page.locator(way)
        assert link.is_visible()
        assert (built_book / "notebooks" / link.get_attribute("href")).resolve().exists()
    contents = page.locator(".bd-sidebar-secondary nav.page-toc, dialog nav.page-toc").first
    if width == 390:
        assert not contents.is_visible()
        page.locator("button.secondary-toggle").click()
    contents.wait_for(state="visible")
    last = contents.get_by_role("link").last
    name = last.get_attribute("href")
    last.click()
    page.wait_for_function("id => scrollY > 500 && location.hash === id", arg=name)


# --------------------------------------------------------------------------- index, glossary, search


def test_each_equation_and_each_live_figure_stands_in_the_index_and_leads_to_its_place(built_book):
    index = (built_book / "genindex.html").read_text(encoding="utf-8")
    named = {}  # a name may lead to several places: the first bears it, the others a number
    for entry in re.findall(r"<li>(.*?)(?=<li>|<ul>|</li>|</ul>)", index, re.S):
        links = re.findall(r'<a href="([^"]+)">(.*?)</a>', entry)
        if links:
            words = re.sub(r"<[^>]*>", "", links[0][1]).replace("&#39;", "'")
            named.setdefault(words, set()).update(address for address, _ in links)
    shown = 0
    for page in built_book.glob("notebooks/*.html"):
        text = page.read_text(encoding="utf-8")
        for label in re.findall(r'id="equation-(eq-[\w-]+)"', text):
            place = f"notebooks/{page.name}#equation-{label}"
            assert place in named[EQUATIONS[label].name]
            shown += 1
        for slug in re.findall(r'<figure class="fo-figure" data-figure="(\w+)"', text):
            place = f"notebooks/{page.name}#{nodes.make_id(f'figure-{slug}')}"
            assert place in index, FIGURES[slug].title
            assert f'id="{place.split("#")[1]}"' in text
    assert shown == len(EQUATIONS)
    assert "live figures" in index


def test_the_search_knows_the_index_of_pages_that_were_not_written_again():
    entries = {
        "old": [("single", "best step size", "equation-eq-best-step", "main", None)],
        "new": [("single", "momentum", "term-momentum", "main", None)],
    }
    indexer = SimpleNamespace(_index_entries={"new": ["what Sphinx has put there"]})
    app = SimpleNamespace(
        builder=SimpleNamespace(indexer=indexer),
        env=SimpleNamespace(get_domain=lambda _: SimpleNamespace(entries=entries)),
    )
    assert wayfinding.keep_index(app) == []
    assert indexer._index_entries == {
        "old": [("best step size", "equation-eq-best-step", "main")],
        "new": ["what Sphinx has put there"],
    }


def test_the_contents_lead_to_the_index_and_the_glossary(built_book):
    front = (built_book / "index.html").read_text(encoding="utf-8")
    for name in ("genindex.html", "book/glossary.html"):
        assert f'<a class="reference internal" href="{name}">' in front


def test_each_word_of_the_glossary_is_defined_with_its_place():
    text = (ROOT / "book" / "glossary.md").read_text(encoding="utf-8")
    entries = re.findall(r"^(\S.*)\n((?:  .+\n?)+)", text.split(":sorted:")[1], re.MULTILINE)
    assert 40 <= len(entries) <= 60
    everyday = {"first-order method", "iterate", "spectral radius"}  # words, not results
    for term, definition in entries:
        assert len(definition.split()) >= 5, term
        assert (term in everyday) != bool(re.search(r"\{(eq|doc|term)\}`", definition)), term


@pytest.mark.browser
@pytest.mark.parametrize("home", ["http", "file"])
@pytest.mark.parametrize(
    ("query", "words", "place"),
    [
        ("best step size", "1. Gradient descent and its eigenvectors > best step size",
         "notebooks/01_gradient_descent.html#equation-eq-best-step"),
        ("condition number", "condition number",
         "notebooks/01_gradient_descent.html#equation-eq-condition-number"),
        ("bias correction", "Glossary > bias correction",
         "book/glossary.html#term-bias-correction"),
        ("critical damping", "critical damping",
         "notebooks/03_momentum.html#equation-eq-critical"),
        ("damped spring", "mass on a damped spring",
         "notebooks/03_momentum.html#figure-damped-spring"),
    ],
)  # fmt: skip
def test_the_search_finds_a_formula_s_name(query, words, place, home, built_book, server, page):
    root = server if home == "http" else built_book.as_uri()
    page.goto(f"{root}/search.html?q={query.replace(' ', '+')}")
    page.get_by_text("Search finished").wait_for()
    first = page.locator("#search-results li a")
    hits = [first.nth(i) for i in range(min(3, first.count()))]
    (found,) = [hit for hit in hits if hit.get_attribute("href").endswith(place)]
    assert words in found.inner_text()
    found.click()
    page.wait_for_url(f"**/{place}")
    assert page.locator(":target").count() == 1


@pytest.mark.browser
def test_a_found_equation_is_shown_in_words(server, page):
    page.goto(f"{server}/search.html?q=best+step+size")
    said = EQUATIONS["eq-best-step"].words
    page.locator("#search-results li").first.get_by_text(said[:40]).wait_for()


# ------------------------------------------------------------------------------------ previews


CARD = "#fo-card"
EQUATION = "a[href$='#equation-eq-unrolled']:not(.eqno), a[href$='#equation-eq-modulus']:not(.eqno)"


def test_the_script_of_every_page_is_small():
    script = (ROOT / "book" / "_static" / "way.js").read_bytes()
    assert len(gzip.compress(script)) <= 3000


@pytest.mark.browser
@pytest.mark.parametrize("home", ["http", "file"])
def test_pointing_at_a_reference_shows_what_it_leads_to(home, built_book, server, page):
    root = server if home == "http" else built_book.as_uri()
    page.goto(f"{root}/notebooks/03_momentum.html")
    link = page.locator(EQUATION).first
    link.hover()
    page.locator(CARD).wait_for()
    place = link.get_attribute("href").split("#")[1]
    shown = page.locator(f"{CARD} math").evaluate("e => e.outerHTML")
    assert shown == page.locator(f"#{place} math").first.evaluate("e => e.outerHTML")
    assert link.get_attribute("aria-describedby") == "fo-card"
    page.locator(CARD).hover()  # it may be pointed at …
    page.wait_for_timeout(500)
    assert page.locator(CARD).is_visible()
    page.keyboard.press("Escape")  # … and be dismissed without moving the pointer
    assert page.locator(CARD).count() == 0
    page.mouse.move(5, 5)
    link.hover()
    page.locator(CARD).wait_for()
    page.mouse.move(5, 5)
    page.locator(CARD).wait_for(state="detached")
    assert link.get_attribute("aria-describedby") is None


@pytest.mark.browser
def test_the_keyboard_shows_it_too_and_moving_on_hides_it(server, page):
    page.goto(f"{server}/notebooks/03_momentum.html")
    link = page.locator(EQUATION).first
    link.scroll_into_view_if_needed()
    link.evaluate("e => e.focus({focusVisible: true})")
    page.locator(CARD).wait_for()
    page.wait_for_timeout(500)
    assert page.locator(CARD).is_visible()
    page.keyboard.press("Escape")
    assert page.locator(CARD).count() == 0
    assert link.evaluate("e => e === document.activeElement")
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    page.locator(CARD).wait_for()
    link.evaluate("e => e.blur()")
    page.locator(CARD).wait_for(state="detached")


@pytest.mark.browser
@pytest.mark.parametrize(
    ("start", "link", "seen"),
    [
        ("book/glossary", "a[href$='#equation-eq-best-step']", f"{CARD} math"),
        ("book/glossary", "a[href$='#term-step-size']:not(.headerlink)", f"{CARD} dd"),
        ("book/errata", "a[href*='bibliography.html#']", f"{CARD} .citation"),
        ("genindex", "a[href$='#figure-damped-spring']", f"{CARD} img.fo-still"),
    ],
)
def test_a_card_shows_what_stands_on_another_page(start, link, seen, server, page):
    page.goto(f"{server}/{start}.html")
    page.locator(link).first.hover()
    page.locator(seen).wait_for()
    box, width = page.locator(CARD).bounding_box(), page.viewport_size["width"]
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    if "img" in seen:
        assert page.locator(seen).evaluate("e => e.decode().then(() => e.naturalWidth)") > 0
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)")
    assert len(ids) == len(set(ids))
    assert page.locator(f"{CARD} a[href]").count() == 0


@pytest.mark.browser
def test_from_a_file_another_page_is_not_shown_and_nothing_goes_wrong(built_book, page):
    page.goto(f"{built_book.as_uri()}/book/glossary.html")
    page.locator("a[href$='#equation-eq-best-step']").hover()
    page.wait_for_timeout(600)
    assert page.locator(CARD).count() == 0


@pytest.mark.browser
def test_a_finger_just_goes_there(server, chromium):
    context = chromium.new_context(viewport={"width": 390, "height": 800}, has_touch=True)
    page = context.new_page()
    page.goto(f"{server}/notebooks/03_momentum.html")
    link = page.locator(EQUATION).first
    link.dispatch_event("pointerenter", {"pointerType": "touch"})  # a finger that rests on it
    page.wait_for_timeout(600)
    assert page.locator(CARD).count() == 0
    link.tap()
    page.wait_for_timeout(600)
    assert page.locator(CARD).count() == 0
    assert page.url.endswith(link.get_attribute("href"))
    context.close()


# ------------------------------------------------------------------------- where one left off


@pytest.mark.browser
@pytest.mark.parametrize("home", ["http", "file"])
def test_the_first_page_leads_back_to_where_one_left_off(home, built_book, server, page):
    root = server if home == "http" else built_book.as_uri()
    page.goto(f"{root}/index.html")
    assert not page.locator(".fo-resume").is_visible()
    page.goto(f"{root}/notebooks/03_momentum.html#critical-damping")
    page.wait_for_function("scrollY > 500")
    page.goto(f"{root}/index.html")
    link = page.locator(".fo-resume a")
    assert link.inner_text() == "3. Momentum and its two-by-two matrix – Critical damping"
    link.click()
    page.wait_for_url("**/notebooks/03_momentum.html#critical-damping")


@pytest.mark.browser
def test_a_browser_that_keeps_nothing_loses_only_that(server, chromium):
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    context.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new Error('denied'); }})"
    )
    page, errors = context.new_page(), []
    page.on("pageerror", lambda error: errors.append(error.stack))
    page.goto(f"{server}/notebooks/03_momentum.html")
    page.locator(EQUATION).first.hover()
    page.locator(CARD).wait_for()
    page.evaluate("dispatchEvent(new Event('pagehide'))")
    page.goto(f"{server}/index.html")
    assert not page.locator(".fo-resume").is_visible()
    assert not [error for error in errors if "way.js" in error]  # the theme's scripts do complain
    context.close()


# --------------------------------------------------------------------------------- the map


IDEAS = concept_map.concepts()


def named(slug):
    """The chapters that a chapter says it needs."""
    return set(re.findall(r"<(\d\d_\w+)>`", opening(slug)["What you need."]))


def all_behind(slug):
    """The chapters that those need, too."""
    return named(slug).union(*(all_behind(before) for before in named(slug)))


def test_every_idea_stands_after_what_it_needs():
    seen = []
    for listed in IDEAS.values():
        for key, idea in listed.items():
            assert key not in seen
            assert not set(idea["needs"]) - set(seen), key
            seen.append(key)
    assert list(IDEAS) == CHAPTERS


@each_chapter
def test_the_map_leads_back_to_the_chapters_that_a_chapter_says_it_needs(slug):
    home = {key: chapter for chapter, listed in IDEAS.items() for key in listed}
    used = {home[need] for idea in IDEAS[slug].values() for need in idea["needs"]} - {slug}
    assert used <= all_behind(slug)
    assert named(slug) <= used


def test_every_place_on_the_map_exists_and_the_picture_and_the_list_say_the_same(built_book):
    page = (built_book / "book" / "map.html").read_text(encoding="utf-8")
    for slug, listed in IDEAS.items():
        text = html(built_book, slug)
        for idea in listed.values():
            address = re.search(r'href="\.\./notebooks/(.*?)"', concept_map.link(slug, idea))[1]
            assert f'id="{address.split("#")[1]}"' in text, idea
    picture = re.search(r'<svg class="fo-map".*?</svg>', page, re.S)[0]
    words = re.search(r'<ul class="fo-map-words">.*', page, re.S)[0]
    needs = [need for listed in IDEAS.values() for i in listed.values() for need in i["needs"]]
    assert picture.count("<path ") == len(needs)
    for listed in IDEAS.values():
        for idea in listed.values():
            assert f">{idea['name']}</text>" in picture
            assert f">{idea['name']}</a>" in words


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1280])
def test_the_map_s_words_are_legible_and_none_is_cut_off(width, built_book, page):
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{built_book.as_uri()}/book/map.html")
    cut = page.evaluate(
        """() => { const svg = document.querySelector(".fo-map"), frame = svg.getBoundingClientRect();
        return [...svg.querySelectorAll("text")].filter(
          (t) => t.getBoundingClientRect().right > frame.right).map((t) => t.textContent); }"""
    )
    assert not cut
    high = page.locator(".fo-map text").nth(1).bounding_box()["height"]
    assert high >= 12


# ------------------------------------------------------------------------------ the social card


def test_a_page_describes_itself_where_it_is_linked_to(built_book):
    page = html(built_book, "03_momentum")
    found = dict(re.findall(r'<meta property="(og:[\w:]+)" content="([^"]*)" />', page))
    assert found["og:title"] == "3. Momentum and its two-by-two matrix"
    assert found["og:description"].startswith("What you will do. Give the iterate a memory")
    assert "og:image" not in found  # a picture needs a whole address, and none is known here


def test_where_the_deployment_names_its_address_each_page_has_a_picture(monkeypatch, tmp_path):
    config = SimpleNamespace(html_baseurl="")
    monkeypatch.setenv("FIRSTORDER_ADDRESS", "https://example.org/book")
    social.say_where(None, config)
    assert config.html_baseurl == "https://example.org/book/"
    tags = social.tags("T", "W", "S", "notebooks/a.html", config.html_baseurl)
    assert '"og:url" content="https://example.org/book/notebooks/a.html"' in tags
    assert '"og:image" content="https://example.org/book/card.png"' in tags
    assert "summary_large_image" in tags
    monkeypatch.setenv("FIRSTORDER_ADDRESS", "example.org")
    with pytest.raises(social.ConfigError, match=r"example\.org"):
        social.say_where(None, config)
    social.draw_card(tmp_path / "card.png")
    card = matplotlib.image.imread(tmp_path / "card.png")
    assert card.shape[:2] == (630, 1200)
    assert len(np.unique(card.reshape(-1, card.shape[-1]), axis=0)) > 100  # something is drawn


def test_the_first_page_s_own_address_is_that_of_the_page_and_not_of_the_signpost():
    app = SimpleNamespace(
        builder=SimpleNamespace(format="html", get_target_uri=lambda name: "index.html"),
        config=SimpleNamespace(html_baseurl="https://example.org/", project="First Order"),
    )
    context = {"title": "First Order", "metatags": "", "pageurl": "…/book/welcome.html"}
    social.describe(app, "book/welcome", "page.html", context, nodes.document(None, None))
    assert context["pageurl"] == "https://example.org/index.html"
    assert '"og:url" content="https://example.org/index.html"' in context["metatags"]


def test_the_workflow_says_where_the_book_lies():
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "book.yml").read_text("utf-8"))
    assert json.dumps(workflow["jobs"]["build"]["env"]).count("FIRSTORDER_ADDRESS") == 1
