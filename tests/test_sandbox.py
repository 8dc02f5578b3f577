"""The sandbox: no attack earns a point that it did not earn, each ends in time, and nothing is harmed."""

import json
import os
import socket
import time
from contextlib import suppress
from pathlib import Path

import pytest
from classroom import write_notebook
from hostile import ATTACKS

from firstorder.grading import sandbox
from firstorder.grading.grade import grade_submission
from firstorder.grading.sandbox import Limits

LIMITS = Limits(call=1, question=2, cell=2, grace=1, total=20)


@pytest.fixture(scope="module")
def surroundings(small):
    """What the attacks reach for: a file, another student's notebook, a server, this process."""
    folder = small[0]
    secret, other = folder / "gradebook", folder / "submissions" / "other" / "small" / "small.ipynb"
    secret.write_text("secret")
    write_notebook(other, ["half = lambda x: x / 2"])
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_UNIX) as local:
        port = server.getsockname()[1]
        local.bind(f"\0firstorder-test-{port}")
        local.listen()
        os.environ["CANARY"] = "1"
        yield {"secret": secret, "other": other, "port": port, "pid": os.getpid()}
        del os.environ["CANARY"]


def earned(small, student, cells, limits=LIMITS):
    """The result of a notebook with these cells."""
    folder, lab, packages = small
    home = folder / "submissions" / student
    write_notebook(home / "small" / "small.ipynb", cells)
    hide = (folder,)
    return grade_submission(home, lab, 1, packages, limits=limits, hide=hide)


def survivors(packages):
    """The processes that an attack left behind: sandboxes of this lab, and what they started."""
    marks = [b"31536000.7", str(packages["double"]).encode()]
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            words = path.read_bytes()
            found += [words for mark in marks if mark in words]
    return found


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_an_attack_earns_nothing_ends_in_time_and_costs_no_other_question(
    small, surroundings, attack
):
    source = attack.source
    for word, value in surroundings.items():
        source = source.replace(f"@{word}@", str(value))
    before = {p: p.read_bytes() for p in (surroundings["secret"], surroundings["other"])}
    cells = ["half = lambda x: x / 2", source, "triple = lambda x: 3 * x"]
    begun = time.monotonic()
    result = earned(small, "mallory", cells)
    assert time.monotonic() - begun < LIMITS.total + 10
    questions = {q["id"]: q for q in result["questions"]}
    assert {id for id, q in questions.items() if q["earned"]} - attack.may_earn == attack.earns
    status, reason = (questions["double"][key] for key in ("status", "reason"))
    assert status in attack.status
    assert bool(reason) == (status != "ok")
    assert len(json.dumps(result)) < 20_000
    assert {p: p.read_bytes() for p in before} == before
    assert sorted(p.name for p in small[0].iterdir()) == ["gradebook", "solutions", "submissions"]
    assert not survivors(small[2])


def test_the_bank_holds_more_than_forty_attacks_all_different():
    assert len(ATTACKS) > 40
    assert not any("double" in attack.earns | attack.may_earn for attack in ATTACKS)
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS)
    assert len({attack.source for attack in ATTACKS}) == len(ATTACKS)


def _first_message(result):
    return result["questions"][0]["outcomes"][0]["message"]


def test_what_is_hidden_is_not_seen_even_inside_the_python_installation(
    small, monkeypatch, tmp_path
):
    course, lab, packages = small
    real = sandbox._installation
    monkeypatch.setattr(sandbox, "_installation", lambda: [course, *real()])
    course.chmod(0o755)
    others = course / "solutions"
    cells = [f"import os\nseen = os.listdir({str(others)!r})", "half = lambda x: len(seen)"]
    write_notebook(tmp_path / "ada" / "small" / "small.ipynb", cells)
    said = [
        _first_message(
            grade_submission(tmp_path / "ada", lab, 1, packages, limits=LIMITS, hide=hide)
        )
        for hide in [(others,), ()]
    ]
    assert " returned 0." in said[0]
    assert " returned 1." in said[1]  # so the test would notice
