"""Audits of every page of the rendered book: whom it lets in, whether its HTML and links are right.

axe judges what assistive technology meets, a browser measures controls and motion, vnu reads the
HTML as the standard does, and every link inside the book is followed on the files themselves.
"""

import json
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import pytest
from book_pages import PAGES, pages, texts
from conftest import ROOT, missing
from figure_pages import visit
from filelock import FileLock
from fontTools.ttLib import TTFont

from firstorder.figures import build

sys.path.append(str(ROOT / "book" / "_ext"))

import slim_theme

TOOLS = ROOT / "tests" / "audit"
browser = pytest.mark.browser
every_page = pytest.mark.parametrize("name", PAGES)
every_width = pytest.mark.parametrize("width", [390, 1280])


@pytest.fixture
def opened(built_book, server, page):
    """Open a page of the book at a width, everything on it unfolded: `opened(name, width)`."""

    def open_page(name, width):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(f"{server}/{name}")
        visit(page)
        page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
        return page

    return open_page


def at_rest(page):
    """Without transitions: what is measured is what a reader sees once they are over."""
    page.add_style_tag(content="*, *::before, *::after { transition: none !important; }")


# -- axe -----------------------------------------------------------------------------------------

LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOUR_RULES = ["color-contrast", "link-in-text-block"]  # no other rule looks at a colour
# KaTeX draws a formula, hidden from assistive technology, in boxes that overlap, of which axe can
# say nothing; its MathML is judged.  So its colours are compared with those of the text around it.
AXE = """([part, rules]) => axe.run({include: [part], exclude: [".katex-html"]}, {runOnly: rules})
  .then((found) => found.violations.map((v) => [v.id, v.help, v.nodes.map((n) => n.html)]))"""
ODD_COLOURS = """() =>
  [...document.querySelectorAll(".katex-html, .katex-html [style*=color]")].filter((part) =>
    getComputedStyle(part).color !== getComputedStyle(part.closest(".katex").parentElement).color
  ).map((part) => part.outerHTML)"""


def axe(page, rules, part="html"):
    """What axe finds in a part of a page, as text."""
    if not page.evaluate("() => Boolean(window.axe)"):
        page.evaluate((ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8"))
    return json.dumps(page.evaluate(AXE, [part, rules]), indent=1)


def switch_to(page, scheme):
    page.evaluate("(scheme) => { document.documentElement.dataset.theme = scheme; }", scheme)


@browser
@every_width
@every_page
def test_axe_finds_nothing_on_any_page_in_light_and_dark(name, width, opened):
    page = opened(name, width)
    at_rest(page)
    for scheme, rules in ("light", LEVELS), ("dark", COLOUR_RULES):
        switch_to(page, scheme)
        assert axe(page, rules) == "[]", scheme
        assert page.evaluate(ODD_COLOURS) == [], scheme


@browser
@pytest.mark.parametrize("toggle", ["primary", "secondary"])
def test_axe_finds_nothing_in_a_telephone_s_sidebars(toggle, opened):
    page = opened("notebooks/01_gradient_descent.html", 390)
    at_rest(page)
    page.locator(f".{toggle}-toggle").click()
    sidebar = f"#pst-{toggle}-sidebar-modal"
    page.locator(sidebar).get_by_role("link").first.wait_for()
    for scheme, rules in ("light", LEVELS), ("dark", COLOUR_RULES):
        switch_to(page, scheme)
        assert axe(page, rules, sidebar) == "[]", scheme
    assert faults(page, sidebar) == []
    page.keyboard.press("Escape")
    assert not page.locator(sidebar).is_visible()


# -- controls --------------------------------------------------------------------------------------

# The faults of the controls inside a part of the page.  A link in a sentence is as high as its line
# (WCAG 2.5.8 exempts it); a label is part of its box's target.
CONTROLS = """(part) => {
  const looks = (control) => [control.parentElement, control, ...control.children].map((node) => {
    const s = getComputedStyle(node);
    const outline = s.outlineStyle !== "none" && s.outlineWidth !== "0px" && s.outlineColor;
    return [outline, s.boxShadow, s.backgroundColor, s.borderColor, s.stroke, s.strokeWidth];
  }).join();
  const inSentence = (control) => {
    const sentence = control.closest("p, td, dd, figcaption");
    return control.matches("a") && getComputedStyle(control).display === "inline" &&
      Boolean(sentence) && sentence.textContent.trim() !== control.textContent.trim();
  };
  const sizes = (control) => {
    const boxes = [control, ...(control.labels ?? [])].map((node) => node.getBoundingClientRect());
    return [Math.max(...boxes.map((b) => b.width)), Math.max(...boxes.map((b) => b.height))];
  };
  const faults = [];
  const controls = part.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']");
  for (const control of controls) {
    if (!control.checkVisibility({visibilityProperty: true, opacityProperty: true})) continue;
    const say = (fault) => faults.push([fault, control.outerHTML.slice(0, 200)]);
    const least = control.matches(".fo-handle") ? 44 : 24, size = sizes(control);
    if (Math.min(...size) < least - 0.01 && !inSentence(control)) say(`${size.join(" by ")} pixels`);
    document.activeElement.blur();
    const before = looks(control);
    control.focus({preventScroll: true});
    if (document.activeElement !== control) say("takes no focus");
    else if (looks(control) === before) say("shows no focus");
  }
  return faults;
}"""


def faults(page, part="html"):
    """The controls in a part of a page that are too small, or that show no focus."""
    page.keyboard.press("Tab")  # from now on focus is a keyboard's
    return page.evaluate(f"(part) => ({CONTROLS})(document.querySelector(part))", part)


@browser
@every_width
@every_page
def test_every_control_shows_its_focus_and_is_large_enough_to_hit(name, width, opened):
    page = opened(name, width)
    at_rest(page)
    assert faults(page) == []


# -- what is drawn, said ---------------------------------------------------------------------------


class Page(HTMLParser):
    """The tags of a page with their attributes, its ids, and what it leads to."""

    def __init__(self, text):
        super().__init__()
        self.tags = []
        self.feed(text)
        self.ids = [
            dict(attributes)["id"] for _, attributes in self.tags if "id" in dict(attributes)
        ]

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, attributes))

    def all(self, wanted):
        """The attributes of each tag of this name."""
        return [dict(attributes) for tag, attributes in self.tags if tag == wanted]

    def links(self):
        """Every address that the page names."""
        return [
            value
            for _, attributes in self.tags
            for name, value in attributes
            if name in ("href", "src", "action")
        ]


@pytest.fixture(scope="module")
def parsed(built_book):
    """Every page, parsed: its address → Page."""
    return {name: Page(text) for name, text in texts(built_book).items()}


def test_every_picture_is_described_in_words(parsed):
    pictures = [(name, image) for name, page in parsed.items() for image in page.all("img")]
    assert len(pictures) > 30
    for name, image in pictures:
        words = image.get("alt", "").split()
        assert len(words) > 2, (name, image)
        assert not re.search(r"\.(png|svg|jpe?g)$|/", words[-1]), (name, image)
        assert {"width", "height"} <= set(image), (name, image)  # its place is kept: no shift


def test_every_live_figure_is_described_before_and_after_it_comes_alive(built_book):
    captions = [
        caption
        for text in texts(built_book).values()
        for caption in re.findall(r'<figcaption class="fo-still">(.*?)</figcaption>', text, re.S)
    ]
    assert len(captions) == sum(
        text.count('class="fo-figure"') for text in texts(built_book).values()
    )
    for caption in captions:
        assert len(caption.split()) > 12, caption


@browser
@pytest.mark.parametrize(
    "name", [name for name in PAGES if name.startswith(("notebooks", "index"))]
)
def test_a_live_figure_has_a_name_and_says_in_text_what_it_shows(name, opened):
    page = opened(name, 1280)
    described = page.locator(".fo-live").evaluate_all("""(all) => all.map((figure) => [
      figure.getAttribute("role"), figure.getAttribute("aria-label"),
      document.getElementById(figure.getAttribute("aria-describedby")).textContent])""")
    for role, title, words in described:
        assert role == "group"
        assert len(title.split()) > 1
        assert len(words.split()) > 8, title


def test_every_table_has_a_heading_for_each_column(built_book):
    found = 0
    for name, text in texts(built_book).items():
        for table in re.findall(r"<table\b.*?</table>", text, re.S):
            if "indextable" in table:  # Sphinx's index: two columns of a list, and no table at all
                continue
            found += 1
            heads = re.findall(r"<th\b[^>]*>(.*?)</th>", table, re.S)
            assert heads, (name, table[:300])
            assert all(re.sub(r"<[^>]*>", "", head).strip() for head in heads), (name, heads)
    assert found > 4


def test_every_formula_is_mathml_for_a_screen_reader_and_its_drawing_is_not(parsed):
    found = 0
    for name, page in parsed.items():
        spans = page.all("span")
        drawn = [s.get("aria-hidden") for s in spans if s.get("class") == "katex-html"]
        assert set(drawn) <= {"true"}, name
        read = [s for s in spans if s.get("class") == "katex-mathml"]
        assert len(read) == len(drawn) == len(page.all("math")), name
        found += len(read)
    assert found > 1000


# -- a narrow page, and a quiet one ------------------------------------------------------------------

# Content that its box cuts off for good (a box of one pixel is a text for screen readers only), and
# boxes that scroll sideways although they hold neither mathematics, nor code, nor a table, nor a
# picture of several panels (which WCAG's reflow excepts, as it does maps and diagrams).
CUT = """() => [...document.querySelectorAll("body *")].filter((box) => {
  const {overflowX} = getComputedStyle(box);
  const whole = box.clientWidth <= 1 || box.scrollWidth <= box.clientWidth + 1;
  if (overflowX === "visible" || whole) return false;
  const scrolls = !["hidden", "clip"].includes(overflowX);
  const may = ".fo-equation, pre, .pst-scrollable-table-container, .output, .fo-wide";
  return !(scrolls && box.closest(may));
}).map((box) => [box.clientWidth, box.scrollWidth, box.outerHTML.slice(0, 200)])"""


@browser
@every_page
def test_nothing_is_cut_off_at_320_pixels(name, opened):
    page = opened(name, 320)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert page.evaluate(CUT) == []


# What could move by itself or glide: running animations, and styles that would animate a change.
MOTION = """() => {
  const start = (node) => node.outerHTML.slice(0, 120);
  const faults = document.getAnimations().map((a) => [start(a.effect.target), "is animated"]);
  for (const node of document.querySelectorAll("*")) {
    for (const part of [null, "::before", "::after"]) {
      const s = getComputedStyle(node, part);
      const times = `${s.transitionDuration},${s.animationDuration}`.split(",").map(parseFloat);
      if (Math.max(...times) > 0.01 || s.scrollBehavior !== "auto")
        faults.push([start(node), part, times, s.scrollBehavior]);
    }
  }
  return faults.slice(0, 20);
}"""
PICTURES = "() => [...document.querySelectorAll('.fo-live')].map((figure) => figure.outerHTML)"


@browser
@pytest.mark.parametrize(
    "name", ["index.html", "notebooks/07_adaptive_methods.html", "search.html"]
)
def test_a_reader_who_asks_for_less_motion_gets_none(name, opened, page):
    page.emulate_media(reduced_motion="reduce")
    opened(name, 1280)
    assert page.evaluate(MOTION) == []
    before = page.evaluate(PICTURES)
    page.wait_for_timeout(400)
    assert page.evaluate(PICTURES) == before


# -- what the theme gets wrong, mended ------------------------------------------------------------


@browser
def test_the_search_button_s_name_is_what_it_shows(opened):
    button = opened("index.html", 1280).locator(".search-button-field")
    assert button.inner_text().strip() == "Search"
    assert button.get_attribute("aria-label") is None


def test_a_list_of_sources_is_a_list(parsed):
    roles = {a["role"] for a in parsed["book/bibliography.html"].all("div") if "role" in a}
    assert "list" in roles
    assert "listitem" in roles
    assert not roles & {"doc-biblioentry", "doc-bibliography"}


def test_every_icon_on_a_page_has_its_rule_and_its_shape(parsed, built_book):
    shown = set()
    for page in parsed.values():
        for _, attributes in page.tags:
            names = (dict(attributes).get("class") or "").split()
            shown |= {name.removeprefix("fa-") for name in names if name.startswith("fa-")}
    shown -= {"solid", "lg"}  # the style and the size of the others
    assert "magnifying-glass" in shown
    static = built_book / "_static"
    css = (static / slim_theme.SHEET).read_text(encoding="utf-8")
    font = TTFont(static / f"{slim_theme.FONT}.woff").getBestCmap()
    for name in shown:
        rule = re.search(rf'\.fa-{name}:before[^{{]*\{{content:"\\([\da-f]+)', css)
        assert int(rule[1], 16) in font, name
    assert css.count("@font-face") == 1
    assert not list(static.rglob("fontawesome.js")) + list(static.rglob("fa-brands*"))


def test_the_theme_s_rules_are_those_that_pages_and_scripts_can_use(built_book):
    css = (built_book / "_static" / slim_theme.SHEET).read_text(encoding="utf-8")
    assert len(css) < 120_000  # of 311,000
    assert not re.search(r"\.(accordion|breadcrumb|fa-rocket)\b", css)  # on no page
    used = [".bd-sidebar-primary", ".tooltip-inner", "[data-theme=dark]", "@media print"]
    assert [name for name in [*used, *slim_theme.PUT_TOGETHER] if name not in css] == []


# -- HTML and links ----------------------------------------------------------------------------------


# SVG 2 has this property, and every browser in use; vnu knows the older SVG's only.
FALSE_ALARM = "CSS: “paint-order”: Property “paint-order” doesn't exist."


def judged(*files):
    """The errors that vnu finds in HTML or CSS files."""
    java = shutil.which("java")
    if java is None:
        missing("Java", "install it (Debian: apt-get install default-jre-headless) to check HTML")
    (ROOT / "build").mkdir(exist_ok=True)
    with FileLock(ROOT / "build" / "audit.lock"):  # two workers of one run may come here at once
        build.install(TOOLS)
    jar = TOOLS / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
    options = ["--errors-only", "--stdout", "--exit-zero-always", "--format", "json"]
    done = subprocess.run(
        [java, "-jar", jar, *options, "--also-check-css", *files],
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return [
        (m.get("url", "").rpartition("/")[2], m.get("lastLine"), m["message"], m.get("extract"))
        for m in json.loads(done.stdout)["messages"]
        if m["message"] != FALSE_ALARM
    ]


def test_vnu_finds_no_error_in_any_page_nor_in_the_book_s_own_styles(built_book):
    styles = [*ROOT.glob("book/_static/*.css"), build.HERE / "figure.css"]
    assert judged(*(built_book / name for name in pages(built_book)), *styles) == []


def test_vnu_does_find_an_error(tmp_path):
    (tmp_path / "page.html").write_text(
        "<!DOCTYPE html><html lang=en><title>A</title><p id=a><p id=a>"
    )
    (tmp_path / "style.css").write_text("p { colour: red }")
    messages = [message for _, _, message, _ in judged(*tmp_path.iterdir())]
    assert any("Duplicate ID" in message for message in messages)
    assert any("colour" in message for message in messages)


def broken(parsed, site):
    """The links of the pages that lead to no file or no place inside the site, and repeated ids."""
    faults = []
    for name, page in parsed.items():
        faults += [f"{name}: id {i} twice" for i in set(page.ids) if page.ids.count(i) > 1]
        for link in page.links():
            there = urlsplit(link or "")
            if there.scheme or there.netloc:
                continue
            place = (site / name).parent / unquote(there.path) if there.path else site / name
            target = place.resolve()
            if not target.is_file():
                faults.append(f"{name}: no file {link}")
                continue
            other = parsed.get(target.relative_to(site.resolve()).as_posix())
            where = unquote(there.fragment)
            if where and other and where not in other.ids and not where.startswith("figure="):
                faults.append(f"{name}: no place {link}")
    return faults


def test_no_link_inside_the_book_is_broken_and_no_id_is_given_twice(parsed, built_book):
    assert sum(len(page.links()) for page in parsed.values()) > 1000
    assert broken(parsed, built_book) == []


def test_a_broken_link_is_noticed(tmp_path):
    text = '<p id="a"><p id="a"><a href="#a"></a><a href="#b"></a><a href="c.html"></a>'
    (tmp_path / "page.html").write_text(text)
    faults = broken({"page.html": Page(text)}, tmp_path)
    assert faults == [
        "page.html: id a twice",
        "page.html: no place #b",
        "page.html: no file c.html",
    ]
