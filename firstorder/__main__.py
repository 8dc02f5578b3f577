"""The command line: `firstorder lab` (or `python -m firstorder lab`)."""

import argparse
import subprocess
import sys
from pathlib import Path


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


def main(arguments=None):
    """Run one command; return its exit status."""
    parser = argparse.ArgumentParser(prog="firstorder", description="The course First Order.")
    commands = parser.add_subparsers(dest="command", required=True)
    opener = commands.add_parser("lab", help="open the course in JupyterLab")
    opener.add_argument("folder", nargs="?", default=".", help="the course's folder")
    return lab(parser.parse_args(arguments).folder)


if __name__ == "__main__":
    sys.exit(main())
