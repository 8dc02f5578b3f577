"""The command line: `firstorder lab`, `check`, `release`, … (or `python -m firstorder lab` …)."""

import argparse
import importlib
import subprocess
import sys
from pathlib import Path

_ROOMS = {
    "release": "write exercises/ from solutions/, and pack what students get",
    "publish": "write grades, feedback and tables from what was graded",
}


def lab(folder="."):
    """Open the course in JupyterLab and return its exit status.

    Raises SystemExit, saying what to do, where the course or JupyterLab is missing.
    """
    folder = Path(folder).resolve()
    if not (folder / "notebooks").is_dir():
        raise SystemExit(f"{folder} holds no folder `notebooks`: run this in the course's folder")
    arguments = [sys.executable, "-m", "jupyter", "lab", "--notebook-dir", str(folder)]
    status = subprocess.run([*arguments, "--version"], capture_output=True, check=False).returncode
    if status:
        raise SystemExit("JupyterLab is missing: python -m pip install jupyterlab")
    return subprocess.run(arguments, check=False).returncode


def check(notebook):
    """Run a lab's visible checks; return 0 if all pass, 1 if some do not, 2 if there are none."""
    from .grading.submission import Damaged
    from .grading.visible import report, run_checks

    try:
        said = run_checks(notebook)
    except Damaged as damaged:
        print(damaged, file=sys.stderr)
        return 2
    print(report(said))
    return int(any(said.values()))


def grade(submissions, lab, out, *, roster=None, formats=(), unsafe=False, **how):
    """Grade a class.

    Returns 0 if every submission was graded, 1 if some could not be read, 2 if none was looked at.
    """
    from .grading.grade import grade_all
    from .grading.publish import publish
    from .grading.sandbox import UNSAFE, SandboxMissing
    from .grading.term import read_roster

    if unsafe:
        print(UNSAFE, file=sys.stderr)
    folder = lab if Path(lab, "checks.py").is_file() else Path("solutions", lab)
    try:
        known = read_roster(roster) if roster else None
        results = grade_all(submissions, folder, out, unsafe=unsafe, **how)
        print(publish(results, folder, out, roster=known, formats=formats))
    except (OSError, ValueError, SandboxMissing) as error:
        print(error, file=sys.stderr)
        return 2
    return int(any(result["status"] != "graded" for result in results))


def main(arguments=None):
    """Run one command; return its exit status."""
    parser = argparse.ArgumentParser(prog="firstorder", description="The course First Order.")
    commands = parser.add_subparsers(dest="command", required=True)

    opener = commands.add_parser("lab", help="open the course in JupyterLab")
    opener.add_argument("folder", nargs="?", default=".", help="the course's folder")

    checker = commands.add_parser("check", help="run the visible checks of a lab")
    checker.add_argument("notebook", help="the lab's notebook, as you have it")

    grader = commands.add_parser("grade", help="grade a class (Linux, with bubblewrap)")
    grader.add_argument("submissions", help="a folder with STUDENT/LAB/LAB.ipynb")
    grader.add_argument("--lab", required=True, help="the lab's name, as in 01_gradient_descent")
    grader.add_argument("--out", required=True, help="the folder for grades.csv and each result")
    grader.add_argument("--roster", help="CSV file of the class")
    grader.add_argument("--format", default="", help="besides grades.csv: canvas,moodle,gradescope")
    grader.add_argument("--workers", type=int, help="submissions at a time; by default one a core")
    grader.add_argument("--dask", metavar="ADDRESS", help="a Dask cluster to grade on instead")
    grader.add_argument("--seed", type=int, help="of the inputs; by default drawn, and kept in OUT")
    grader.add_argument("--variants", action="store_true", help="each student gets other inputs")
    grader.add_argument(
        "--unsafe-no-sandbox", action="store_true", help="run students' code as you"
    )

    # These two read their own arguments: `firstorder release --help` says which.
    for name, does in _ROOMS.items():
        commands.add_parser(name, help=does, add_help=False)

    given, rest = parser.parse_known_args(arguments)
    if hasattr(sys.stdout, "reconfigure"):  # a notebook's has no such method
        sys.stdout.reconfigure(errors="replace")  # a terminal without an α shows ? and goes on
    if given.command in _ROOMS:
        return importlib.import_module(f".grading.{given.command}", __package__).main(rest)
    if rest:
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    if given.command == "lab":
        return lab(given.folder)
    if given.command == "check":
        return check(given.notebook)
    return grade(
        given.submissions,
        given.lab,
        given.out,
        roster=given.roster,
        formats=[name for name in given.format.split(",") if name],
        unsafe=given.unsafe_no_sandbox,
        workers=given.workers,
        seed=given.seed,
        variants=given.variants,
        dask=given.dask,
    )


if __name__ == "__main__":
    sys.exit(main())
