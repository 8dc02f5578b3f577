"""Grading on a Dask cluster: the same marks, and a worker that dies loses nobody's."""

import os
import signal
import sys

import pytest
from classroom import RIGHT, small_course, write_notebook
from conftest import ROOT
from distributed import LocalCluster

from firstorder.__main__ import main
from firstorder.grading import cluster as hands
from firstorder.grading.cluster import ClusterMissing
from firstorder.grading.grade import grade_all, read_result
from firstorder.grading.sandbox import Limits

LIMITS = Limits(call=1, question=2, cell=2, grace=1, total=20)


@pytest.fixture(scope="module")
def dask(bubblewrap):
    """A cluster of two workers on this machine."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        cluster = LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",
        )
        with cluster:
            yield cluster


@pytest.fixture
def course(tmp_path):
    """A course with the small lab."""
    small_course(tmp_path)
    return tmp_path


def hand_in(course, student, *sources):
    write_notebook(course / "submissions" / student / "small" / "small.ipynb", sources)


def grade(course, out="out", **more):
    more = {"seed": 1, "limits": LIMITS, **more}
    return grade_all(course / "submissions", course / "solutions" / "small", course / out, **more)


def test_a_cluster_without_a_worker_is_said(course, monkeypatch):
    hand_in(course, "ada", *RIGHT)
    monkeypatch.setattr(hands, "SECONDS", 1)
    with (
        LocalCluster(n_workers=0, host="127.0.0.1", dashboard_address="127.0.0.1:0") as empty,
        pytest.raises(ClusterMissing, match="no Dask cluster with a worker"),
    ):
        grade(course, dask=empty.scheduler_address)


def test_a_cluster_that_goes_away_is_said_and_what_was_graded_is_kept(course):
    for n in range(6):
        hand_in(course, f"s{n}", *RIGHT)
    with LocalCluster(
        n_workers=1, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0"
    ) as short:
        address = short.scheduler_address
        with pytest.raises(ClusterMissing, match="went away: what was graded is kept"):
            grade(course, dask=address, each=lambda result: short.close())
    assert list((course / "out").glob("*/small/results.json"))
    assert [r["earned"] for r in grade(course)] == [3] * 6


def test_a_cluster_gives_the_results_of_one_worker(course, dask):
    for n in range(8):
        hand_in(course, f"s{n}", *[s if n >> i & 1 else "1 / 0" for i, s in enumerate(RIGHT)])
    (course / "submissions" / "empty").mkdir()
    one = grade(course, workers=1, variants=True)
    several = grade(course, "of-the-cluster", dask=dask.scheduler_address, variants=True)
    assert several == one
    assert sorted(r["earned"] for r in several) == [0, 0, 1, 1, 1, 2, 2, 2, 3]
    for result in several:
        path = course / "of-the-cluster" / result["student"] / "small" / "results.json"
        assert read_result(path) == result


def test_no_thread_of_dasks_own_is_waited_for(course, dask, monkeypatch):
    """Dask gives it ten seconds, and a busy machine may need more."""
    monkeypatch.setattr("distributed.utils._CollectErrorThread", None)  # what a LoopRunner starts
    hand_in(course, "ada", *RIGHT)
    assert [r["earned"] for r in grade(course, dask=dask.scheduler_address)] == [3]


def test_begun_again_a_cluster_grades_only_what_is_new_and_by_the_checks_of_now(course, dask):
    hand_in(course, "ada", *RIGHT)
    grade(course, dask=dask.scheduler_address)
    hand_in(course, "bob", *RIGHT)
    seen = []

    def again():
        seen.clear()
        results = grade(course, dask=dask.scheduler_address, each=lambda r: seen.append(r))
        return [r["student"] for r in seen], [r["earned"] for r in results]

    assert again() == (["bob"], [3, 3])
    checks = course / "solutions" / "small" / "checks.py"
    checks.write_text(checks.read_text().replace('("triple", 3)', '("triple", 4)'))
    students, earned = again()
    assert (sorted(students), earned) == (["ada", "bob"], [2, 2])


# ------------------------------------------------------------------------------------ no such cluster


def command(course, address):
    return main(
        ["grade", str(course / "submissions"), "--lab", str(course / "solutions" / "small"),
         "--out", str(course / "out"), "--dask", address]
    )  # fmt: skip


def test_without_the_package_the_reason_says_what_to_install(course, monkeypatch, capsys):
    hand_in(course, "ada", *RIGHT)
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert command(course, "127.0.0.1:1") == 2
    assert "python -m pip install distributed" in capsys.readouterr().err


@pytest.mark.parametrize("address", ["127.0.0.1:1", "nowhere"])
def test_an_address_that_does_not_answer_is_said_in_one_line(course, monkeypatch, capsys, address):
    hand_in(course, "ada", *RIGHT)
    monkeypatch.setattr(hands, "SECONDS", 1)
    assert command(course, address) == 2
    assert f"no Dask cluster with a worker at {address}: " in capsys.readouterr().err
    assert not list((course / "out").glob("*/*/results.json"))


def test_a_worker_that_sees_other_files_than_we_do_grades_nothing(course):
    lab = course / "solutions" / "small"
    with pytest.raises(FileNotFoundError, match="sees no folder"):
        hands._grade(lab, "", course / "submissions" / "ada", 1, {})
    hand_in(course, "ada", *RIGHT)
    with pytest.raises(ValueError, match="has other checks"):
        hands._grade(lab, "another version", course / "submissions" / "ada", 1, {})


def test_what_goes_wrong_on_a_worker_stops_the_run_and_says_why(course, dask, monkeypatch):
    hand_in(course, "ada", *RIGHT)
    monkeypatch.setattr("firstorder.grading.grade.students_in", lambda folder: [folder / "x"])
    with pytest.raises(FileNotFoundError, match="sees no folder"):
        grade(course, dask=dask.scheduler_address)


# ------------------------------------------------------------------------- workers that are killed
# Last, for they start anew beside whatever runs then.


def test_a_worker_that_is_killed_loses_no_submission(course, dask):
    for n in range(6):
        hand_in(course, f"s{n}", *RIGHT, "import time\ntime.sleep(0.5)")

    killed = []

    def kill_one(result):
        if not killed:
            killed.append(next(iter(dask.workers.values())).pid)
            os.kill(killed[0], signal.SIGKILL)

    results = grade(course, dask=dask.scheduler_address, each=kill_one)
    assert killed
    assert [r["earned"] for r in results] == [3] * 6


def test_a_submission_that_kills_every_worker_ends_with_a_reason_and_the_others_with_marks(
    course, dask, monkeypatch
):
    monkeypatch.setattr(dask.scheduler, "allowed_failures", 0)
    for student in ("ada", "bob"):
        hand_in(course, student, *RIGHT)
    hand_in(course, "eve", "import os\nos.kill(os.getppid(), 9)", *RIGHT)
    ada, bob, eve = grade(course, dask=dask.scheduler_address, unsafe=True)
    assert (eve["status"], eve["earned"], eve["points"]) == ("lost", 0, 3)
    assert "the process that graded it died" in eve["reason"]
    hand_in(course, "eve", *RIGHT)
    results = grade(course, dask=dask.scheduler_address, unsafe=True)
    assert [r["earned"] for r in results] == [3, 3, 3], (ada["status"], bob["status"])
