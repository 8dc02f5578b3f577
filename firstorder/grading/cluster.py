"""Grading on more machines than this one: one submission a task, handed to a Dask cluster.

Who does what and when, and trying again where a worker died, is Dask's.  A worker does what a thread of
`firstorder grade` does, in a sandbox on its own machine.
"""

import atexit
import functools
import platform
from concurrent.futures import CancelledError
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Event, Thread

from .grade import Lab, grade_submission

SECONDS = 20  # for the scheduler to answer, and for a first worker to come


class ClusterMissing(OSError):
    """No cluster can be had; the text says why and what to do."""


@contextmanager
def tasks(lab, address):
    """`submit(folder, seed, how)` for a cluster, and what its future raises where workers died of it.

    `submit` hands one submission over; `how` is what `grade_submission` is given by name.
    Raises ClusterMissing.
    """
    try:
        from distributed import Client, KilledWorker
    except ImportError as error:
        raise ClusterMissing(
            "--dask needs the package distributed: python -m pip install distributed"
        ) from error
    with ExitStack() as stack:
        try:
            client = Client(address, timeout=SECONDS, set_as_default=False, loop=_loop())
            stack.enter_context(client)
            client.wait_for_workers(1, timeout=SECONDS)
        except (OSError, ValueError) as error:
            raise ClusterMissing(f"no Dask cluster with a worker at {address}: {error}") from error
        pool = client.get_executor(pure=False)
        stack.callback(pool.shutdown, wait=False)
        try:
            yield functools.partial(pool.submit, _grade, lab.folder, lab.version), (KilledWorker,)
        except CancelledError as error:
            raise ClusterMissing(
                f"the Dask scheduler at {address} went away: what was graded is kept; start a "
                "cluster and grade again, and it goes on from there"
            ) from error


@functools.cache
def _loop():
    """The event loop of this process's clients, run by a thread as long as the process lives.

    Dask would start one for each, but allows it ten seconds and fails without a word after them, which
    a busy machine may need.
    """
    from tornado.ioloop import IOLoop

    loop, started = IOLoop(make_current=False), Event()
    loop.add_callback(started.set)
    Thread(target=loop.start, daemon=True).start()
    started.wait()
    return loop


def _grade(lab, version, folder, seed, how):
    """What a worker does: the same as a thread, with the lab read from the course's folder there.

    Raises FileNotFoundError and ValueError where it does not see the files that we see: a submission
    must not pass for missing because a folder is.
    """
    if not Path(folder).is_dir():
        raise FileNotFoundError(f"the worker on {platform.node()} sees no folder {folder}")
    lab, packages = _supplied(lab, version)
    return grade_submission(folder, lab, seed, packages, **how)


@functools.lru_cache(maxsize=1)
def _supplied(folder, version):
    """A lab and its supplies, kept in the worker for the next submission."""
    lab = Lab(folder)
    if lab.version != version:
        raise ValueError(f"the worker on {platform.node()} has other checks in {folder}")
    stack = ExitStack()
    atexit.register(stack.close)
    return lab, stack.enter_context(lab.supplies())
