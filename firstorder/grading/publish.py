"""From results to what goes out: `firstorder publish OUT --lab LAB …`.

Grading writes results.json and nothing else reads or changes a submission.  This puts hand marks and
lateness on top of the results, and writes feedback and tables.  It changes no result, so it may be
run again and again, after every correction and every mark.
"""

import argparse
import sys
from html import escape
from pathlib import Path

from . import feedback, reports, submission, term
from .grade import read_result
from .pages import page
from .results import number, printable, waiting

FORMATS = ("canvas", "moodle", "gradescope")


def read_results(outs, rules, marks):
    """The results that count, of all labs: from one or more folders that `firstorder grade` wrote.

    With several folders, one for each round of handing in, `rules.keep` says which result of a student
    counts in each lab.  Marks and lateness are put on first, so that the best is the best after all.
    """
    kept = {}
    for out in outs:
        found = map(read_result, sorted(Path(out).glob("*/*/results.json")))
        marked = [term.apply_marks(result, marks) for result in found if result]
        for result in term.settle(marked, rules.due, rules.late, rules.extensions):
            kept.setdefault((result["student"], result["lab"]), []).append(result)
    chosen = [term.choose_submission(results, rules.keep) for results in kept.values()]
    # Free days are for what counts: they are given out anew among the chosen ones.
    return term.settle(chosen, rules.due, rules.late, rules.extensions)


def publish(results, lab, out, *, roster=None, rules=None, formats=()):
    """Write grades.csv, the feedback and the wanted formats of one lab into `out`; returns what to say.

    `results` are those of `read_results`, `lab` is the lab's folder under solutions/.
    """
    lab, out, rules, said = Path(lab), Path(out), rules or term.Term(), []
    mine = [r for r in results if r["lab"] == lab.name]
    if not mine:
        raise FileNotFoundError(f"no result of {lab.name}: run firstorder grade first")
    out.mkdir(parents=True, exist_ok=True)
    reports.grades_csv(mine, out / "grades.csv")
    hints = feedback.Hints(lab)
    for result in mine:
        folder = out / result["student"] / lab.name
        feedback.write(result, folder, hints)
        if "gradescope" in formats:
            reports.gradescope_json(result, folder / "gradescope.json")
    for name, write, titles in (
        ("canvas", reports.canvas_csv, rules.canvas),
        ("moodle", reports.moodle_csv, rules.moodle),
    ):
        if name in formats:
            left_out = write(mine, roster or {}, out / f"{name}.csv", titles.get(lab.name))
            if left_out:
                said.append(
                    f"{name}.csv leaves out, for the roster does not say who they are there:"
                )
                said += [f"  {student}" for student in left_out]
    strangers = sorted({r["student"] for r in mine} - set(roster)) if roster else []
    absent = sorted(set(roster) - {r["student"] for r in mine}) if roster else []
    said += [f"not in the roster: {student}" for student in strangers]
    said += [f"handed in nothing: {student}" for student in absent]
    return "\n".join([reports.summary_table(mine), *map(printable, said)])


def similar(submissions, lab, exercises, path):
    """Write the page of similar answers for a class's submissions; returns the pairs."""
    released = Path(exercises, lab, f"{lab}.ipynb").read_bytes()
    given = [s for _, kind, s, _ in submission.read_notebook(released) if kind == "code"]
    sources = {}
    for folder in sorted(p for p in Path(submissions).iterdir() if p.is_dir()):
        try:
            cells = submission.read_notebook(submission.fetch(folder, lab).data)
        except submission.Damaged:
            continue
        sources[folder.name] = reports.own_code([s for _, k, s, _ in cells if k == "code"], given)
    return reports.similarity(sources, path, "\n\n".join(given))


def to_mark(submissions, results, out):
    """Write to_mark.html, the answers that wait for a person, and to_mark.csv, the list to fill in.

    Returns how many answers wait.  The list has the columns that `term.read_marks` reads.
    """
    rows, sections = [["lab", "student", "question", "earned", "comment", "marker"]], []
    for result in (r for r in results if waiting(r)):
        answers = _answers(Path(submissions, result["student"]), result["lab"])
        points = {q["id"]: q["points"] for q in result["questions"]}
        for id in waiting(result):
            rows.append([result["lab"], result["student"], id, "", "", ""])
            text = answers.get(id, "")
            said = f"<pre>{escape(printable(text))}</pre>" if text.strip() else "<p>No answer.</p>"
            name = escape(printable(f"{result['student']}: {id}, {number(points[id])} points"))
            sections.append(f"<section><h2>{name}</h2>{said}</section>")
    reports.write_csv(Path(out, "to_mark.csv"), rows)
    body = f"<h1>{len(sections)} answers to mark</h1>{''.join(sections)}"
    Path(out, "to_mark.html").write_text(page("To mark", body), encoding="utf-8")
    return len(sections)


def _answers(folder, lab):
    """{grade_id: text} of what a student handed in; {} if it cannot be read."""
    try:
        cells = submission.read_notebook(submission.fetch(folder, lab).data)
    except submission.Damaged:
        return {}
    return {
        meta["grade_id"]: text for *_, text, meta in cells if isinstance(meta.get("grade_id"), str)
    }


def main(arguments=None):
    """Run the command; returns the exit status."""
    parser = argparse.ArgumentParser(prog="firstorder publish", description=__doc__)
    add = parser.add_argument
    add("out", nargs="+", help="what `firstorder grade` wrote; the reports go into the last one")
    add("--lab", required=True, help="the lab's name, as in 01_gradient_descent")
    add("--roster", help="CSV file of the class")
    add("--term", help="TOML file with deadlines, late days and names in Canvas and Moodle")
    add("--marks", help="CSV file of the marks given by hand")
    add("--format", default="", help=f"besides grades.csv, some of {','.join(FORMATS)}")
    add("--submissions", help="also write to_mark.html and similar.html from what was handed in")
    add("--since", metavar="OLD_OUT", help="also say what changed for whom since these results")
    given = parser.parse_args(arguments)
    formats = [name for name in given.format.split(",") if name]
    if unknown := set(formats) - set(FORMATS):
        parser.error(f"no format is called {sorted(unknown)[0]!r}; known: {', '.join(FORMATS)}")
    lab = Path("solutions", given.lab)
    try:
        rules = term.read_term(given.term) if given.term else term.Term()
        roster = term.read_roster(given.roster) if given.roster else None
        marks = term.read_marks(given.marks) if given.marks else []
        results = read_results(given.out, rules, marks)
        print(publish(results, lab, given.out[-1], roster=roster, rules=rules, formats=formats))
        if given.submissions:
            out = Path(given.out[-1])
            mine = [r for r in results if r["lab"] == given.lab]
            print(f"{to_mark(given.submissions, mine, out)} answers to mark are in to_mark.html")
            pairs = similar(given.submissions, given.lab, "exercises", out / "similar.html")
            print(f"{len(pairs)} pairs share code; the most alike are in similar.html")
        if given.since:
            old = read_results([given.since], rules, marks)
            labs = [[r for r in rs if r["lab"] == given.lab] for rs in (old, results)]
            print(term.changes_table(term.compare(*labs)))
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0
