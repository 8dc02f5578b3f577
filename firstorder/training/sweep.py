"""Sweeps: many runs, one file, and nothing lost or done twice when interrupted."""

import json
import os
from itertools import product
from pathlib import Path


def grid(**choices):
    """Every combination of the choices, as a list of settings; the last name varies fastest.

    >>> grid(rule=["gd", "adam"], seed=range(2))[1]
    {'rule': 'gd', 'seed': 1}
    """
    return [dict(zip(choices, values, strict=True)) for values in product(*choices.values())]


def _key(setting):
    return json.dumps(setting, sort_keys=True)


def _whole_lines(path):
    """The file without half a line at its end, which a killed process left or a running one writes."""
    content = path.read_bytes() if path.exists() else b""
    return content[: content.rfind(b"\n") + 1]


def results(path):
    """What a sweep's file holds so far, as a list of (setting, result); the sweep may be running.

    Raises ValueError for a file that holds something else.

    >>> results("no such file yet")
    []
    """
    found = []
    for number, line in enumerate(_whole_lines(Path(path)).decode().splitlines(), 1):
        try:
            entry = json.loads(line)
            found.append((entry["setting"], entry["result"]))
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{path}, line {number} is no result of a sweep: {line!r}") from error
    return found


def sweep(path, run, settings):
    """Call `run(**setting)` for each setting that the file has no result of yet; return all results.

    Settings and results are what JSON can hold.  Each result is appended to the file, one line, as
    its run ends: a sweep that was interrupted goes on when called again.  One process at a time may
    write to a file; for many machines, hand `run` and parts of the settings to an engine of your own
    (Dask, a batch queue) with a file for each.
    Raises ValueError for a file that holds something else; what `run` raises ends the sweep.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     sweep(Path(folder, "s.jsonl"), lambda n: n * n, grid(n=[2, 3]))
    [4, 9]
    """
    path = Path(path)
    done = {_key(setting): result for setting, result in results(path)}
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.truncate(len(_whole_lines(path)))
        for setting in settings:
            if _key(setting) in done:
                continue
            result = run(**setting)
            line = json.dumps({"setting": setting, "result": result})
            file.write(line + "\n")
            file.flush()
            os.fsync(file.fileno())
            done[_key(setting)] = json.loads(line)["result"]
    return [done[_key(setting)] for setting in settings]
