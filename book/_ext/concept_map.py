"""The directive `concept-map`: which idea needs which, as a picture and as a list, from one file.

The picture is a column of words in the order of reading, with an arc from each idea up to every
earlier one that it rests on.  It fits a telephone, and its colours are the book's own.
"""

from html import escape

import yaml
from colophon import chapters
from docutils import nodes
from firstorder_book import ROOT
from sphinx.util.docutils import SphinxDirective

CONCEPTS = ROOT / "book" / "concepts.yml"
COLOURS = ("blue", "orange", "green", "purple", "red")
ROW, TEXT, WIDTH = 24, 120, 420  # heights of a row, where the words begin, and the picture's width


def concepts():
    """The ideas by chapter: {slug: {key: {name, at, needs}}}."""
    return yaml.safe_load(CONCEPTS.read_text(encoding="utf-8"))


def arc(above, below):
    """An arc on the left of the words, the wider the further it reaches."""
    wide = min(TEXT - 16, 14 + (below - above) / 7)
    x = TEXT - 10
    return f"M{x} {below}C{x - wide:.0f} {below} {x - wide:.0f} {above} {x} {above}"


def picture(ideas, titles):
    """The map as SVG."""
    rows, arcs, place, y = [], [], {}, 0
    for index, (slug, listed) in enumerate(ideas.items()):
        y += ROW + 8
        number, title = titles[slug]
        rows.append(f'<text class="fo-map-chapter" x="{TEXT}" y="{y + 5}">{number}. {title}</text>')
        colour = f' style="--arc: var(--fo-{COLOURS[index % len(COLOURS)]})"'
        for key, idea in listed.items():
            y += ROW
            place[key] = y
            rows.append(f'<circle cx="{TEXT - 8}" cy="{y}" r="3"{colour} />')
            rows.append(f'<text x="{TEXT}" y="{y + 5}">{escape(idea["name"])}</text>')
            arcs += [f'<path d="{arc(place[need], y)}"{colour} />' for need in idea["needs"]]
    return (
        f'<svg class="fo-map" viewBox="0 0 {WIDTH} {y + ROW}" role="img" '
        'aria-label="Arcs lead from each idea to those that it needs; the list below says the same.">'
        f"{''.join(arcs)}{''.join(rows)}</svg>"
    )


def link(slug, idea):
    """An idea as a link to its place."""
    place = f"equation-{idea['at']}" if idea["at"].startswith("eq-") else idea["at"]
    return f'<a href="../notebooks/{slug}.html#{place}">{escape(idea["name"])}</a>'


def in_words(ideas, titles):
    """The map as a list of lists."""
    links = {key: link(slug, idea) for slug, all_ in ideas.items() for key, idea in all_.items()}
    parts = []
    for slug, listed in ideas.items():
        items = (
            f"<li>{links[key]}"
            + (
                f" needs {', '.join(links[need] for need in idea['needs'])}"
                if idea["needs"]
                else ""
            )
            + "</li>"
            for key, idea in listed.items()
        )
        number, title = titles[slug]
        head = f'<a href="../notebooks/{slug}.html">{number}. {title}</a>'
        parts.append(f"<li>{head}<ul>{''.join(items)}</ul></li>")
    return f'<ul class="fo-map-words">{"".join(parts)}</ul>'


class ConceptMap(SphinxDirective):
    """```{concept-map}``` draws the map and lists it in words."""

    def run(self):
        self.env.note_dependency(str(CONCEPTS))
        ideas = concepts()
        titles = {
            slug: (number, escape(title.replace("'", "’"))) for slug, number, title in chapters()
        }
        html = picture(ideas, titles) + in_words(ideas, titles)
        return [nodes.raw("", html, format="html")]


def setup(app):
    """Register with Sphinx."""
    app.add_directive("concept-map", ConceptMap)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
