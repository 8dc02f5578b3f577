"""Runs a student's cells and calls their functions; the only code of ours inside the sandbox.

It knows no expected value.  It reads one job, `{"cells": {index: source}, "questions": [{"id",
"function", "calls"}], "limits": {…}}`, from standard input, and writes what happens to its standard
output, one JSON list a line:

    ["ready"]                     before any code of the student's
    ["cell", index]               a cell begins
    ["ran", index, error]         it ended; error is "" or what it raised
    ["question", id]              a question begins, in a process of its own
    ["answer", id, call, answer]  what one call gave (firstorder.grading.values.answer)
    ["done", id, how]             the question ended: "" or how its process died

The code that runs here can write such lines too.  It wins nothing: whoever reads them
(firstorder.grading.grade) takes values from them, and judges these elsewhere.
"""

import contextlib
import importlib.util
import json
import os
import re
import signal
import sys
import types
from pathlib import Path

_MAGIC = re.compile(r"^(\s*)(?:[\w.,\s]+=\s*)?(?:[%!?].*|[\w.]+\?{1,2}\s*)$")
_WHOLE_CELLS = {"time", "timeit", "capture", "prun"}  # cell magics whose body is Python
MAX_ANSWER = 100_000  # characters
_dumps, _write = json.dumps, os.write  # whatever a cell puts into their places


class OutOfTime(BaseException):
    """Raised by the alarm; not an Exception, so that `except Exception` does not swallow it."""


class _Harmless:
    """Stands for what only a notebook has: any attribute, any call, nothing happens."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *arguments, **named):
        return None


def python_of(source):
    """A cell's source as plain Python: IPython's magics, shell lines and help do nothing.

    >>> python_of("%matplotlib inline\\nx = 1\\n!ls")
    'pass\\nx = 1\\npass'
    >>> python_of("%%html\\n<b>"), python_of("%%time\\nx = 2")
    ('', '\\nx = 2')
    """
    if source.lstrip().startswith("%%"):
        magic, _, body = source.lstrip().partition("\n")
        source = f"\n{body}" if magic[2:].split(" ")[0] in _WHOLE_CELLS else ""
    try:
        compile(source, "cell", "exec")
        return source
    except (SyntaxError, ValueError):
        return "\n".join(_MAGIC.sub(r"\1pass", line) for line in source.split("\n"))


def _said(error):
    """What an exception says, whatever its own code does."""
    try:
        return f"{type(error).__name__}: {error}".rstrip(": ")[:2000]
    except BaseException:
        return "an error that cannot be shown"


def notebook_namespace():
    """The namespace in which a notebook's cells run."""
    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    module.display = module.get_ipython = _Harmless()
    module.get_ipython = lambda: _Harmless()
    return vars(module)


def run_cell(source, name, namespace):
    """Run one cell; return "" or what it raised.  `sys.exit` ends the cell, not the run."""
    try:
        exec(compile(python_of(source), name, "exec"), namespace)
    except OutOfTime:
        raise
    except BaseException as error:
        return _said(error)
    return ""


# ------------------------------------------------------------------------------ inside the sandbox


@contextlib.contextmanager
def _alarm(seconds):
    """Raise OutOfTime in the block after some seconds, and again until it takes notice."""

    def ring(*_):
        raise OutOfTime

    signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds, 0.2)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _limit(limits):
    """Set the limits that hold for each process; none of them can be raised again."""
    import resource

    for name, value in limits["resources"].items():
        kind = getattr(resource, f"RLIMIT_{name}")
        hard = resource.getrlimit(kind)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        # An exceeded CPU limit first sends a signal, then, a second later, kills.
        resource.setrlimit(kind, (value, value + 1 if name == "CPU" else value))


def _values():
    """firstorder.grading.values without the package around it, which takes long to import."""
    path = Path(importlib.util.find_spec("firstorder").origin).parent / "grading" / "values.py"
    spec = importlib.util.spec_from_file_location("firstorder_values", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _answer_all(question, namespace, limits, answer, tell):
    """Call a question's function on each input, in this process."""
    function = namespace.get(question["function"])
    for number, arguments in enumerate(question["calls"]):
        try:
            with _alarm(limits["call"]):
                result = answer(function, arguments)
                text = _dumps(result)
        except OutOfTime:
            result = {"error": f"took longer than {limits['call']:g} seconds", "late": True}
        except BaseException as error:
            result = {"error": _said(error)}
        else:
            if len(text) > MAX_ANSWER:
                result = {"error": f"returned more than {MAX_ANSWER} characters"}
        tell("answer", question["id"], number, result)


def _in_child(work):
    """Do the work in a process of its own; return "" or how it died."""
    try:
        child = os.fork()
    except OSError:  # the cells left so many threads that there is no place for another process
        work()
        return ""
    if not child:
        try:
            work()
        finally:
            os._exit(0)
    status = os.waitpid(child, 0)[1]
    if os.WIFSIGNALED(status):
        return f"was killed by signal {os.WTERMSIG(status)}"
    return ""


def main():
    """Do the job that standard input describes."""
    job = json.loads(sys.stdin.buffer.read())
    limits = job["limits"]
    results = os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):  # what students print goes nowhere, however much it is
        os.dup2(nothing, stream)
    sys.path.insert(0, job["package"])
    answer = _values().answer
    _limit(limits)

    def tell(*line):
        data = f"{_dumps(line)}\n".encode()
        while data:
            data = data[_write(results, data) :]

    tell("ready")
    namespace = notebook_namespace()
    for index, source in job["cells"]:
        tell("cell", index)
        try:
            with _alarm(limits["cell"]):
                error = run_cell(source, f"<cell {index}>", namespace)
        except OutOfTime:
            error = f"took longer than {limits['cell']:g} seconds"
        tell("ran", index, error)
    for question in job["questions"]:
        tell("question", question["id"])
        if job["sandboxed"]:
            with contextlib.suppress(OSError):
                os.kill(-1, signal.SIGKILL)  # what cells left running; this process is spared
        if not callable(namespace.get(question["function"])):
            tell("done", question["id"], "missing")
            continue
        how = _in_child(lambda q=question: _answer_all(q, namespace, limits, answer, tell))
        tell("done", question["id"], how)
    os._exit(0)  # whatever threads and exit handlers were left


if __name__ == "__main__":
    main()
