"""What of the package a student's code finds in the sandbox: all but what the lab asks for.

A lab's checks.py may say

    TAKEN_AWAY = ("firstorder.theory", "firstorder.simulate.iterate")
    TAKEN_AWAY_FROM = {"first-question": ("firstorder.rules",)}
    INSTEAD = {"firstorder.simulate.worst_factor": worst_factor}

The first holds for all questions, the second for some.  A name, a module or a package with all its
modules that is taken away imports as before, and raises, saying why, when it is used; its code is not
there.  INSTEAD gives a
function of checks.py (of NumPy as `np` alone) in the place of one that needs what was taken away.
"""

import ast
import compileall
import inspect
import textwrap
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
# Of this room only what labs import; the grader itself stays outside.
_GRADING = {"__init__.py", "checks.py", "saved.py", "values.py"}

_MISSING = '''
class Missing:
    """Stands for something that this lab asks the student to write."""

    def __init__(self, name):
        self.__name__ = name

    def _refuse(self, *arguments, **named):
        raise NotImplementedError(
            f"{self.__name__} is not at hand in this lab: a question asks you to write it"
        )

    __call__ = __getitem__ = __iter__ = __len__ = __contains__ = _refuse

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        self._refuse()
'''
_NAME = "from firstorder._missing import Missing\n{name} = Missing({full!r})"
_MODULE = """
from firstorder._missing import Missing


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    return Missing(f"{__name__}.{name}")
"""


def _names(statement):
    """The names that a top-level statement defines."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return {statement.name}
    if isinstance(statement, ast.Assign):
        return {t.id for t in statement.targets if isinstance(t, ast.Name)}
    return set()


def without(source, module, names, instead):
    """A module's source in which `names` raise when used and `instead` replaces functions.

    Raises ValueError where the module defines no such name.
    """
    tree = ast.parse(source)
    known = set().union(*map(_names, tree.body))
    if strange := (names | set(instead)) - known:
        raise ValueError(f"{module} defines no {', '.join(sorted(strange))}; nothing to take away")
    body = []
    for statement in tree.body:
        here = _names(statement)
        for name in here & names:
            body += ast.parse(_NAME.format(name=name, full=f"{module}.{name}")).body
        for name in here & set(instead):
            (function,) = ast.parse(textwrap.dedent(inspect.getsource(instead[name]))).body
            function.name = name
            body.append(function)
        if not here & (names | set(instead)):
            body.append(statement)
    tree.body = body
    return ast.unparse(tree)


def _module(path):
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def supply(folder, taken_away=(), instead=None):
    """Write the package as the lab leaves it into `folder`, compiled.

    Raises ValueError where something to be taken away does not exist.
    """
    instead = instead or {}
    sources = {_module(p): p for p in sorted(PACKAGE.rglob("*.py"))}
    names = [name for name in taken_away if name not in sources]
    if strange := [n for n in [*names, *instead] if n.rpartition(".")[0] not in sources]:
        raise ValueError(f"{', '.join(strange)}: there is no such module to take from")
    for module, path in sources.items():
        if path.parent.name == "grading" and path.name not in _GRADING:
            continue
        taken = {n.rpartition(".")[2] for n in names if n.rpartition(".")[0] == module}
        given = {
            n.rpartition(".")[2]: f for n, f in instead.items() if n.rpartition(".")[0] == module
        }
        source = path.read_text(encoding="utf-8")
        if any(module == name or module.startswith(f"{name}.") for name in taken_away):
            source = _MODULE
        elif taken or given:
            source = without(source, module, taken, given)
        target = Path(folder) / path.relative_to(PACKAGE.parent)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(source, encoding="utf-8")
    (Path(folder) / "firstorder" / "_missing.py").write_text(_MISSING, encoding="utf-8")
    compileall.compile_dir(folder, quiet=1)
    Path(folder).chmod(
        0o755
    )  # a temporary folder is its owner's alone; the sandbox is someone else
