"""`python -m tools.versions lowest|newest|changed`: the course with other versions than it pins.

- `lowest` prints requirements with the oldest versions that pyproject.toml allows, and the pins of
  what the package's own tests need besides;
- `newest` prints requirements without pins, but for those that are held on purpose;
- `changed` prints which packages of the running environment differ from the pins.

`make lowest` and `make newest` use them.  Needs nothing but Python.
"""

import importlib.metadata
import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

# A range of torch takes gigabytes of CUDA packages; Jupyter Book 2 is another program.
HELD = {"torch": "torch==2.13.0", "jupyter-book": "jupyter-book<2"}
GROUPS = ("# live figures", "# notebooks", "# tests")


def pins(text):
    """{name: version} of every line `name==version`.

    >>> pins("# tests\\npytest==9.2.0")
    {'pytest': '9.2.0'}
    """
    return dict(re.findall(r"^([\w.-]+)==(\S+)$", text, re.MULTILINE))


def lowest(project, requirements):
    """The bounds of pyproject.toml as pins, and the tests' own pins.

    >>> project = {"dependencies": ["numpy>=2.0"], "optional-dependencies": {"training": ["torch>=2.6"]}}
    >>> lowest(project, "# the package\\nnumpy==2.4.6\\n\\n# tests\\npytest==9.2.0\\n")
    ['numpy==2.0', 'torch==2.13.0', 'pytest==9.2.0']
    """
    extras = [bound for extra in project["optional-dependencies"].values() for bound in extra]
    bounds = [bound.split(">=") for bound in project["dependencies"] + extras]
    groups = [g for g in requirements.split("\n\n") if g.startswith(GROUPS)]
    tests = [f"{name}=={version}" for g in groups for name, version in pins(g).items()]
    return [HELD.get(name, f"{name}=={version}") for name, version in bounds] + tests


def newest(requirements):
    """The names of requirements.txt without their pins.

    >>> newest("-c constraints.txt\\n\\n# the book\\njupyter-book==1.0.4.post1\\nsphinx==7.4.7\\n")
    ['jupyter-book<2', 'sphinx']
    """
    return [HELD.get(name, name) for name in pins(requirements)]


def changed(pinned, installed):
    """Lines of Markdown: what is installed in another version than the one pinned.

    >>> changed({"numpy": "2.4.6", "PyYAML": "6.0.3"}, {"numpy": "3.0", "pyyaml": "6.0.3"})
    ['- numpy: 2.4.6 → 3.0']
    """
    plain = {re.sub(r"[-_.]+", "-", name).lower(): now for name, now in installed.items()}
    was = {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in pinned.items()}
    moved = {name: now for name, now in sorted(plain.items()) if was.get(name, now) != now}
    return [f"- {name}: {was[name]} → {now}" for name, now in moved.items()]


def main(wanted):
    requirements = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    if wanted == "lowest":
        with (ROOT / "pyproject.toml").open("rb") as file:
            lines = lowest(tomllib.load(file)["project"], requirements)
    elif wanted == "newest":
        lines = newest(requirements)
    else:
        constraints = (ROOT / "constraints.txt").read_text(encoding="utf-8")
        there = {d.name: d.version for d in importlib.metadata.distributions()}
        lines = changed(pins(constraints) | pins(requirements), there)
    print("\n".join(lines))


if __name__ == "__main__":
    if sys.argv[1:] not in (["lowest"], ["newest"], ["changed"]):
        sys.exit(__doc__)
    main(sys.argv[1])
