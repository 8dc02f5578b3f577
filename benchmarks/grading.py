"""Submissions a minute: our grader on a class, and nbgrader's autograde on some of the same.

    python -m benchmarks.grading [--class 300] [--nbgrader 12] [--workers 2]

The class is made from lab 1's bank of right and wrong answers, put into the released notebook; five in
a hundred are damaged.  nbgrader takes so long that it gets the first few sound submissions only, and
runs as it comes: one process, no sandbox.
"""

import argparse
import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from firstorder.grading.checks import load
from firstorder.grading.grade import grade_all

ROOT = Path(__file__).resolve().parents[1]
LAB = "01_gradient_descent"
DAMAGE = (b"", b"{", b"[1]", b'{"nbformat": 3}', "ü".encode("latin-1"))


def write_class(folder, size):
    """Write a class's submissions; every twentieth is damaged."""
    released = json.loads((ROOT / "exercises" / LAB / f"{LAB}.ipynb").read_text(encoding="utf-8"))
    banks = {
        id: itertools.cycle(s) for id, s in load(ROOT / "solutions" / LAB, "bank").BANK.items()
    }
    for number in range(size):
        path = folder / f"student-{number:03}" / LAB / f"{LAB}.ipynb"
        path.parent.mkdir(parents=True)
        if number % 20 == 19:
            path.write_bytes(DAMAGE[number // 20 % len(DAMAGE)])
            continue
        for cell in released["cells"]:
            id = cell["metadata"].get("nbgrader", {}).get("grade_id", "").removesuffix("-answer")
            if cell["metadata"].get("nbgrader", {}).get("solution") and id in banks:
                cell["source"] = next(banks[id]).source
        path.write_text(json.dumps(released), encoding="utf-8")


def ours(submissions, out, workers):
    """Seconds for the class, and its results."""
    begun = time.monotonic()
    results = grade_all(submissions, ROOT / "solutions" / LAB, out, workers=workers, seed=1)
    return time.monotonic() - begun, results


def nbgraders(submissions, folder, count):
    """Seconds of `nbgrader autograde` for the first sound submissions."""
    shutil.copytree(ROOT / "solutions" / LAB, folder / "source" / LAB)
    sound = [p for n, p in enumerate(sorted(submissions.iterdir())) if n % 20 != 19][:count]
    for path in sound:
        shutil.copytree(path, folder / "submitted" / path.name)
    (folder / "nbgrader_config.py").write_text("c = get_config()\n")

    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # it calls alembic

    def run(*words):
        begun = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-m", "nbgrader", *words, LAB],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(done.stderr[:6000])
        return time.monotonic() - begun

    run("generate_assignment")
    return run("autograde"), len(sound)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--class", dest="size", type=int, default=300)
    parser.add_argument("--nbgrader", type=int, default=12)
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as room:
        room = Path(room)
        write_class(room / "class", given.size)
        seconds, results = ours(room / "class", room / "out", given.workers)
        damaged = sum(r["status"] == "damaged" for r in results)
        rate = 60 * given.size / seconds
        print(f"ours: {given.size} submissions, {damaged} of them damaged, {given.workers} workers")
        print(f"      {seconds:.1f} s, {rate:.0f} a minute")
        if given.nbgrader:
            seconds, count = nbgraders(room / "class", room / "nbgrader", given.nbgrader)
            print(
                f"nbgrader autograde: {count} of them, {seconds:.1f} s, {60 * count / seconds:.0f} a minute"
            )
            print(
                f"ratio {rate / (60 * count / seconds):.1f}; load average {os.getloadavg()[0]:.1f}"
            )


if __name__ == "__main__":
    main()
