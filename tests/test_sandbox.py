"""The sandbox: no attack earns a point that it did not earn, each ends in time, and nothing is harmed."""

import json
import os
import shutil
import socket
import time
from contextlib import ExitStack
from pathlib import Path

import pytest
from conftest import missing
from hostile import ATTACKS
from test_labs import BANKS, LABS

from firstorder.grading.grade import Lab, grade_submission
from firstorder.grading.sandbox import Limits

LIMITS = Limits(call=1, question=2, cell=2, grace=1, total=20)
# Two questions that everybody answers, and one between them that is attacked.
SMALL_LAB = """
from firstorder.grading.checks import Property, Question, close


def question(id, times):
    says = Property(id + "s", 1, "multiply x", "multiply.", lambda value, x: close(value, times * x))
    inputs = lambda rng: [(float(x),) for x in rng.integers(1, 9, 3)]
    return Question(id, id + "(x)", inputs, (says,))


QUESTIONS = (question("half", 0.5), question("double", 2), question("triple", 3))
TAKEN_AWAY = ("firstorder.rules", "firstorder.theory", "firstorder.problems", "firstorder.simulate")
"""


def write_notebook(path, sources):
    """A notebook of code cells, as a student hands it in."""
    cells = [
        {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": s}
        for s in sources
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    )


@pytest.fixture(scope="session")
def bubblewrap():
    """The sandbox's own program."""
    if shutil.which("bwrap") is None:
        missing("bubblewrap", "install it (Debian: apt-get install bubblewrap)")


@pytest.fixture(scope="module")
def small(tmp_path_factory, bubblewrap):
    """A lab of three questions, its supplies, and things that no submission may touch."""
    folder = tmp_path_factory.mktemp("class")
    (folder / "solutions" / "small").mkdir(parents=True)
    (folder / "solutions" / "small" / "checks.py").write_text(SMALL_LAB)
    write_notebook(folder / "solutions" / "small" / "small.ipynb", [])
    lab = Lab(folder / "solutions" / "small")
    with lab.supplies() as packages:
        yield folder, lab, packages


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


def survivors():
    """The processes that an attack left behind."""
    marks = [b"31536000.7", b"firstorder_values"]
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if any(mark in words for mark in marks):
            found.append(folder.name)
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
    assert {id for id, q in questions.items() if q["earned"]} == attack.earns
    status, reason = (questions["double"][key] for key in ("status", "reason"))
    assert status in attack.status
    assert bool(reason) == (status != "ok")
    assert len(json.dumps(result)) < 20_000
    assert {p: p.read_bytes() for p in before} == before
    assert sorted(p.name for p in small[0].iterdir()) == ["gradebook", "solutions", "submissions"]
    assert not survivors()


def test_the_bank_holds_more_than_forty_attacks_all_different():
    assert len(ATTACKS) > 40
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS)
    assert len({attack.source for attack in ATTACKS}) == len(ATTACKS)


# ------------------------------------------------------------------ every lab's bank in the sandbox

BANK_ROWS = [
    (lab, row)
    for lab in LABS
    for row in range(max(len(samples) for samples in BANKS[lab].values()))
]


@pytest.fixture(scope="module")
def supplied(bubblewrap):
    """Each lab with the folder of its supplies, made once."""
    with ExitStack() as stack:
        labs = {path: Lab(path) for path in LABS}
        yield {path: (lab, stack.enter_context(lab.supplies())) for path, lab in labs.items()}


@pytest.mark.parametrize(
    ("path", "row"), BANK_ROWS, ids=lambda value: getattr(value, "name", str(value))
)
def test_each_answer_of_a_bank_loses_in_the_sandbox_exactly_what_it_misses(
    supplied, tmp_path, path, row
):
    lab, packages = supplied[path]
    samples = {id: bank[row % len(bank)] for id, bank in BANKS[path].items()}
    notebook = tmp_path / "ada" / lab.name / f"{lab.name}.ipynb"
    write_notebook(notebook, [sample.source for sample in samples.values()])
    result = grade_submission(tmp_path / "ada", lab, row, packages)
    for question in [q for q in result["questions"] if not q["manual"]]:
        sample = samples[question["id"]]
        lost = {o["property"] for o in question["outcomes"] if o["earned"] < o["points"]}
        assert lost == sample.loses, (sample.name, question["reason"])


@pytest.mark.parametrize("path", LABS, ids=lambda path: path.name)
def test_the_authors_own_lab_earns_every_point_in_the_sandbox(supplied, tmp_path, path):
    lab, packages = supplied[path]
    (tmp_path / "ada" / lab.name).mkdir(parents=True)
    shutil.copy(path / f"{path.name}.ipynb", tmp_path / "ada" / lab.name)
    result = grade_submission(tmp_path / "ada", lab, 1, packages)
    assert [
        (q["id"], q["reason"]) for q in result["questions"] if not q["manual"] and q["reason"]
    ] == []
    by_hand = sum(q["points"] for q in result["questions"] if q["manual"])
    assert result["earned"] == result["points"] - by_hand
