"""Results as tables: for the instructor, for Canvas, for Moodle, for Gradescope; and similar answers.

Names, messages and code come from anywhere.  A cell that a spreadsheet would run is made text; a
page escapes everything.
"""

import csv
import io
import json
import re
import statistics
from collections import Counter
from dataclasses import dataclass
from html import escape
from itertools import combinations
from pathlib import Path

from .pages import page
from .results import number, printable, waiting

# ------------------------------------------------------------------------------------------- tables


# Where a formula could begin: at the start, or after what is a separator in some country.
_FORMULA = re.compile(r"(^|[;,])(\s*)([=+\-@＝＋－＠])")


def cell(value):
    """A value as a spreadsheet may have it: a ' goes before what it would take for a formula.

    >>> cell("=1+1"), cell("x; @y"), cell("Ada"), cell(-1)
    ("'=1+1", "x; '@y", 'Ada', -1)
    """
    if not isinstance(value, str):
        return value
    text = printable(value).replace("\n", " ").replace("\t", " ")
    return _FORMULA.sub(r"\1\2'\3", text)


def write_csv(path, rows):
    """A CSV file; text is always quoted, for a comma is not every spreadsheet's separator."""
    with Path(path).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
        writer.writerows([cell(value) for value in row] for row in rows)


def _in_order(results):
    return sorted(results, key=lambda r: (r["lab"], r["student"]))


def grades_csv(results, path):
    """One line for each result, one column for each question; a mark that is still missing is blank."""
    results = _in_order(results)
    questions = list(dict.fromkeys(q["id"] for r in results for q in r["questions"]))
    head = ["student", "lab", "status", "reason", "earned", "points", "submitted_at"]
    rows = [[*head, "late_days", "late_penalty", "to_mark_by_hand", *questions]]
    for r in results:
        late, open_ = r.get("late", {}), waiting(r)
        marks = {q["id"]: "" if q["id"] in open_ else q["earned"] for q in r["questions"]}
        rows.append(
            [
                *(r[name] if r.get(name) is not None else "" for name in head),
                late.get("days", 0),
                late.get("penalty", 0.0),
                len(open_),
                *(marks.get(id, "") for id in questions),
            ]
        )
    write_csv(path, rows)


def _one_lab(results):
    labs = sorted({r["lab"] for r in results})
    if len(labs) != 1:
        raise ValueError(
            f"one file holds one lab, so that no other grade is touched; got {', '.join(labs) or 'none'}"
        )
    return labs[0]


def canvas_csv(results, roster, path, assignment=None):
    """The file that Canvas's gradebook imports, for one lab; returns the students left out.

    Canvas finds a student by its ID, SIS User ID or SIS Login ID; whoever is not in the roster, or
    has none of the three there, is left out.  `assignment` is the column's name in Canvas, best with its
    number, "Lab 1 (12345)", as an export from Canvas shows it; without, the lab's own name, of
    which Canvas makes a new assignment.  (Canvas, lib/gradebook_importer.rb.)
    """
    lab = _one_lab(results)
    title = assignment or lab
    head = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", title]
    rows = [head, ["    Points Possible", "", "", "", "", max(r["points"] for r in results)]]
    left_out = []
    for r in _in_order(results):
        s = roster.get(r["student"])
        if s and (s.canvas_id or s.sis_user_id or s.sis_login_id):
            ids = [s.canvas_id, s.sis_user_id, s.sis_login_id, s.section]
            rows.append([s.name or s.student, *ids, r["earned"]])
        else:
            left_out.append(r["student"])
    write_csv(path, rows)
    return left_out


def moodle_csv(results, roster, path, assignment=None, by="email"):
    """The file that Moodle's grade import (CSV) takes, for one lab; returns the students left out.

    Moodle finds a student `by` "email" (Email address) or "moodle_id" (ID number).  Whoever has none
    is left out: Moodle gives a line without one to the student above.  `assignment` names the grade
    item.  (Moodle, grade/import/csv.)
    """
    headings = {"email": "Email address", "moodle_id": "ID number"}
    if by not in headings:
        raise ValueError(f'Moodle finds students by "email" or "moodle_id"; got {by!r}')
    title = assignment or _one_lab(results)
    rows, left_out = [[headings[by], title, f"{title} (Feedback)"]], []
    _one_lab(results)
    for r in _in_order(results):
        who = getattr(roster.get(r["student"]), by, "")
        if who:
            rows.append([who, r["earned"], in_a_line(r)])
        else:
            left_out.append(r["student"])
    write_csv(path, rows)
    return left_out


def in_a_line(result):
    """The points of each question in one line; nothing that the student wrote is in it.

    >>> in_a_line({"status": "graded", "questions": [
    ...     {"id": "best-step", "earned": 1, "points": 2, "manual": False}]})
    'best-step 1/2'
    """
    if result["status"] != "graded":
        return f"The submission could not be graded ({result['status']})."
    open_ = waiting(result)
    return ", ".join(
        f"{q['id']} still to be marked"
        if q["id"] in open_
        else f"{q['id']} {number(q['earned'])}/{number(q['points'])}"
        for q in result["questions"]
    )


def gradescope_json(result, path):
    """The results.json that Gradescope's autograder interface expects.

    One test for each question, with the messages of the properties that failed.
    (gradescope-autograders.readthedocs.io, "Autograder specifications".)
    """
    late, open_ = result.get("late", {}), waiting(result)
    words = [printable(result["reason"])] if result["reason"] else []
    if late.get("penalty"):
        words.append(f"{late['days']} days late: {number(late['penalty'])} points less.")
    content = {
        "score": result["earned"],
        "output": "\n".join(words),
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "extra_data": {k: result.get(k) for k in ("seed", "submission_sha256", "versions")},
        "tests": [_test(q, q["id"] in open_) for q in result["questions"]],
    }
    Path(path).write_text(json.dumps(content, indent=1), encoding="utf-8")


def _test(question, open_):
    messages = [o["message"] for o in question["outcomes"] if o["message"]]
    comment = question.get("mark", {}).get("comment", "")
    words = [question["reason"], *messages, comment]
    if open_:
        words.append("A person marks this question.")
    passed = question["earned"] >= question["points"]
    return {
        "name": question["id"],
        "score": question["earned"],
        "max_score": question["points"],
        **({} if open_ else {"status": "passed" if passed else "failed"}),
        "output": printable("\n\n".join(filter(None, words))),
        "output_format": "text",
        "visibility": "visible",
    }


def summary_table(results):
    """What an instructor wants to know first, as text for a terminal.

    How many were graded, the middle of the class, each question's average and the property most often
    lost in it, and who could not be graded, with the reason.
    """
    results, out = _in_order(results), io.StringIO()
    graded = [r for r in results if r["status"] == "graded"]
    print(f"{len(results)} submissions, {len(graded)} graded.", file=out)
    if graded:
        earned = [r["earned"] for r in graded]
        print(
            f"Total: median {number(statistics.median(earned))}, mean {number(statistics.mean(earned))}, "
            f"from {number(min(earned))} to {number(max(earned))} "
            f"of {number(max(r['points'] for r in graded))}.",
            file=out,
        )
        ids = dict.fromkeys(q["id"] for r in graded for q in r["questions"])
        width = max(len(id) for id in [*ids, "question"])
        print(f"\n{'question':{width}}  points  mean  full marks  most often lost", file=out)
        for id in ids:
            print(
                _line(id, [q for r in graded for q in r["questions"] if q["id"] == id], width),
                file=out,
            )
    for r in results:
        if r["status"] != "graded":
            line = f"{r['student']}: {r['status']}: {r['reason']}"
            print(printable(line).replace("\n", " "), file=out)
    return out.getvalue().rstrip()


def _line(id, questions, width):
    marked = [q for q in questions if not q["manual"] or "mark" in q]
    points = number(max(q["points"] for q in questions))
    if not marked:
        return f"{id:{width}}  {points:>6}  to be marked by hand"
    lost = Counter(
        o["property"] for q in marked for o in q["outcomes"] if o["earned"] < o["points"]
    )
    mean = number(statistics.mean(q["earned"] for q in marked))
    full = sum(q["earned"] >= q["points"] for q in marked) / len(marked)
    most = "{} ({})".format(*lost.most_common(1)[0]) if lost else ""
    return f"{id:{width}}  {points:>6}  {mean:>4}  {full:>10.0%}  {most}".rstrip()


# ------------------------------------------------------------------------------------ similar answers

RUN = 25  # the shortest run of characters, once names are alike, that counts as the same


@dataclass(frozen=True)
class Pair:
    """Two students and how much of each one's own code stands in the other's (0 to 1)."""

    first: str
    second: str
    share_first: float
    share_second: float


def own_code(submitted, released):
    """What a student wrote: the code cells handed in, as texts, that are not cells of the released lab.

    >>> own_code(["import math", "x = 1 "], ["import math"])
    'x = 1'
    """
    given = {source.strip() for source in released}
    return "\n\n".join(s.strip() for s in submitted if s.strip() and s.strip() not in given)


def similarity(sources, path, skeleton="", common=10, shown=30):
    """Write a page of the most similar pairs; returns all pairs that share anything, most alike first.

    `sources` maps a student to their code.  Names of variables, comments and spaces do not count
    (copydetect, after Schleimer, Wilkerson and Aiken 2003).  Left out is what stands in `skeleton`,
    the released code, and what more than `common` students have: that is how one writes it.
    """
    from copydetect.detector import compare_files

    prints = _fingerprints(sources, skeleton, common)
    found = []
    for a, b in combinations(sorted(prints), 2):
        if prints[a].hashes.isdisjoint(prints[b].hashes):
            continue
        _, shares, slices = compare_files(prints[a], prints[b])
        found.append((Pair(a, b, *(min(1.0, float(s)) for s in shares)), slices))
    found.sort(key=lambda f: (-max(f[0].share_first, f[0].share_second), f[0].first, f[0].second))
    details = [_details(pair, slices, prints) for pair, slices in found[:shown]]
    Path(path).write_text(_similarity_page(found[:shown], details, len(sources)), encoding="utf-8")
    return [pair for pair, _ in found]


def _fingerprints(sources, skeleton, common):
    """{student: fingerprint}, without what is the skeleton's or common; students without code left out.

    A window of one keeps every run: a larger one chooses by Python's hash, which differs from one
    process to the next.
    """
    from copydetect.detector import CodeFingerprint
    from copydetect.utils import get_token_coverage

    def fingerprint(code):
        return CodeFingerprint("lab.py", RUN, 1, fp=io.StringIO(printable(code)))

    prints = {s: fingerprint(code) for s, code in sources.items() if code.strip()}
    often = Counter(h for p in prints.values() for h in p.hashes)
    drop = {h for h, n in often.items() if n > common}
    drop |= fingerprint(skeleton).hashes if skeleton.strip() else set()
    for p in prints.values():
        p.hashes -= drop
        p.hash_idx = {h: at for h, at in p.hash_idx.items() if h not in drop}
        p.token_coverage = get_token_coverage(p.hash_idx, p.k, len(p.filtered_code))
    return {s: p for s, p in prints.items() if p.hashes}


def _details(pair, slices, prints):
    from copydetect.utils import highlight_overlap

    sides = [
        (s, highlight_overlap(prints[s].raw_code, at, "<mark>", "</mark>", escape_html=True)[0])
        for s, at in zip((pair.first, pair.second), slices, strict=True)
    ]
    return "".join(f"<h3>{_safe(s)}</h3><pre><code>{code}</code></pre>" for s, code in sides)


def _safe(text):
    return escape(printable(text))


def _similarity_page(found, details, students):
    rows = "".join(
        f'<tr><th scope="row"><a href="#pair-{i}">{_safe(p.first)} and {_safe(p.second)}</a></th>'
        f"<td>{p.share_first:.0%}</td><td>{p.share_second:.0%}</td></tr>"
        for i, (p, _) in enumerate(found, 1)
    )
    sections = "".join(
        f'<section><h2 id="pair-{i}">{i}. {_safe(p.first)} and {_safe(p.second)}</h2>{text}</section>'
        for i, ((p, _), text) in enumerate(zip(found, details, strict=True), 1)
    )
    return page(
        "Similar answers",
        "<h1>Similar answers</h1>"
        f"<p>{students} submissions were compared, the released code left out. "
        "What follows is where to look, not proof of anything: short answers to the same question "
        "are alike. Read both before you ask anybody.</p>"
        "<table><caption>The most similar pairs, and how much of each one's own code the other has"
        '</caption><thead><tr><th scope="col">Students</th><th scope="col">of the first</th>'
        f'<th scope="col">of the second</th></tr></thead><tbody>{rows}</tbody></table>{sections}',
    )
