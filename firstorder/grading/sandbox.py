"""A place to run code that nobody has read: bubblewrap, resource limits, and a capped pipe.

In the sandbox there are the Python installation and the package as the lab leaves it, read-only, a
small private /tmp, and nothing else: no network, no home, no other submission, no gradebook.  It runs
without capabilities, in a session and namespaces of its own, and dies with this process.  What comes
out is text through one pipe; whoever reads it decides what it means.
"""

import itertools
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from . import driver, seccomp
from .supplies import PACKAGE

UNSAFE = (
    "WARNING: --unsafe-no-sandbox. Students' code runs as you, on this machine, with your files and "
    "your network.\nIt can read the solutions, other students' work and your keys, change or delete "
    "what you can change, and go on running afterwards.\nOnly time, memory and output are limited. "
    "Use it only for code that you have read."
)
_NO_BWRAP = (
    "No sandbox: bubblewrap (the command bwrap) was not found, so students' code is not run. "
    "It needs Linux; Debian and Ubuntu: apt-get install bubblewrap; Fedora: dnf install bubblewrap. "
    "On macOS and Windows, grade in a Linux virtual machine. "
    "--unsafe-no-sandbox would run their code as you, with your files and your network."
)
_COUNTER = itertools.count()


class SandboxMissing(Exception):
    """No sandbox can be had; the text says why and what to do."""


@dataclass(frozen=True)
class Limits:
    """What one submission may use: seconds, bytes, counts.

    `cell` and `call` ring an alarm in the process; `grace` later it is killed from outside.
    `total` bounds the whole submission, restarts included.
    """

    call: float = 5.0
    question: float = 15.0
    cell: float = 10.0
    start: float = 30.0
    total: float = 120.0
    grace: float = 2.0
    memory: int = 1_500_000_000  # each process's address space
    together: int = 2_000_000_000  # what all processes of the sandbox hold in memory
    processes: int = 16
    file: int = 32_000_000
    folder: int = 64_000_000
    open_files: int = 128
    line: int = 200_000
    output: int = 8_000_000

    def job(self, sandboxed):
        """What the driver has to know."""
        resources = {
            "AS": self.memory,
            "CPU": int(self.total) + 1,
            "FSIZE": self.file,
            "NOFILE": self.open_files,
            "CORE": 0,
        }
        if sandboxed:  # outside of a user's own namespace it would count all their processes
            resources["NPROC"] = self.processes
        return {"call": self.call, "cell": self.cell, "resources": resources}


# -------------------------------------------------------------------------------- the command line


def _installation():
    """The folders that this Python needs, shortest first."""
    folders = {Path(p).resolve() for p in (sys.prefix, sys.base_prefix)}
    folders |= {Path(sys.prefix), Path(sys.base_prefix), Path(sys.executable).parent, Path("/usr")}
    folders |= {Path(sysconfig.get_path(name)) for name in ("stdlib", "platlib", "purelib")}
    return sorted((f for f in folders if f.exists()), key=lambda path: len(path.parts))


def _within(path, folders):
    return any(path.is_relative_to(folder) for folder in folders)


def _bwrap(package, limits, hide, calls):
    """The words before the driver's own command."""
    bwrap = shutil.which("bwrap")
    if not sys.platform.startswith("linux") or bwrap is None:
        raise SandboxMissing(_NO_BWRAP)
    words = [bwrap, "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts"]
    words += ["--unshare-cgroup-try", "--die-with-parent", "--new-session", "--clearenv"]
    words += ["--seccomp", str(calls)] if seccomp.program() else []
    words += ["--hostname", "sandbox", "--proc", "/proc", "--dev", "/dev"]
    for folder in ("/tmp", "/dev/shm"):
        words += ["--perms", "1777", "--size", str(limits.folder), "--tmpfs", folder]
    needed, bound = _installation(), []
    for folder in needed:
        if not _within(folder, bound):
            for parent in reversed(folder.parents[:-1]):  # else those of root would be root's alone
                words += ["--perms", "0755", "--dir", str(parent)]
            words += ["--ro-bind", str(folder), str(folder)]
            bound.append(folder)
    # What must not be seen is covered where it lies inside a folder that is bound; and Python, where
    # it lies inside what was covered, is bound again.
    covered = [p for p in map(Path, (PACKAGE, *hide)) if p.is_dir() and _within(p, bound)]
    for path in covered:
        words += ["--perms", "0755", "--tmpfs", str(path)]
    for folder in needed:
        if _within(folder, covered):
            words += ["--ro-bind", str(folder), str(folder)]
    for path in covered:
        words += ["--remount-ro", str(path)]
    for name in ("bin", "sbin", "lib", "lib32", "lib64", "libx32"):
        path = Path("/", name)
        if path.is_symlink():
            words += ["--symlink", os.readlink(path), str(path)]
        elif path.exists():
            words += ["--ro-bind", str(path), str(path)]
    for path in ("/etc/ld.so.cache", "/etc/alternatives", "/etc/localtime"):
        words += ["--ro-bind-try", path, path]
    words += ["--ro-bind", str(package), "/course"]
    words += ["--perms", "1777", "--dir", "/tmp/home", "--chdir", "/tmp/home"]
    words += ["--remount-ro", "/dev", "--remount-ro", "/"]
    for name, value in _environment("/tmp/home").items():
        words += ["--setenv", name, value]
    if os.geteuid():
        return [*words, "--unshare-user", "--disable-userns", "--cap-drop", "ALL"]
    # Root's processes cannot be counted, so the driver becomes a user whom nobody else is.
    user = str(2_000_000_000 + os.getpid() % 1_000_000 * 100 + next(_COUNTER) % 100)
    words += ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    drop = ["setpriv", "--reuid", user, "--regid", user, "--clear-groups"]
    return [*words, *drop, "--inh-caps=-all", "--ambient-caps=-all"]


def _environment(home):
    threads = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    return {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "HOME": home,
        "LANG": "C.UTF-8",
        "MPLBACKEND": "Agg",
        **dict.fromkeys(threads, "1"),
    }


# ------------------------------------------------------------------------------------- running a job


@dataclass
class Run:
    """A driver at work: read its lines with `line`, then look at `why`.

    `why` says why no further line came: "ended", "late" (past a deadline), "output" (too much of
    it), "memory" (too much of it in all processes together).
    """

    process: subprocess.Popen
    limits: Limits
    why: str = ""
    _buffer: bytearray = field(default_factory=bytearray)
    _seen: int = 0

    def line(self, deadline):
        """The next line as bytes, or None; `deadline` as time.monotonic tells it."""
        while not self.why:
            end = self._buffer.find(b"\n")
            if end >= 0:
                line = bytes(self._buffer[:end])
                del self._buffer[: end + 1]
                return line
            self._read(deadline)
        return None

    def said(self):
        """What the process wrote to its standard error, once it has ended: why it did not start."""
        if self.why != "ended":
            return ""
        return self.process.stderr.read(2000).decode(errors="replace").strip()

    def _read(self, deadline):
        left = deadline - time.monotonic()
        if left <= 0:
            self.why = "late"
            return
        pipe = self.process.stdout.fileno()
        if not select.select([pipe], [], [], min(left, 0.25))[0]:
            if _memory(self.process.pid) > self.limits.together:
                self.why = "memory"
            return
        data = os.read(pipe, 65536)
        self._buffer += data
        self._seen += len(data)
        if not data:
            self.why = "ended"
        elif len(self._buffer) > self.limits.line + 65536 or self._seen > self.limits.output:
            self.why = "output"


def _children(pid):
    """The children of a process, as far as can be seen."""
    found = []
    with suppress(OSError):  # it has just ended, or this system has no /proc
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/children") as file:
                found += map(int, file.read().split())
    return found


def _memory(pid):
    """The bytes that a process and all its descendants hold in memory, as far as can be seen."""
    pages, pids = 0, [pid]
    while pids:
        pid = pids.pop()
        pids += _children(pid)
        with suppress(OSError), open(f"/proc/{pid}/statm") as file:
            pages += int(file.read().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


@contextmanager
def _sealed(data):
    """A file descriptor that holds the data, and in which nobody can change it."""
    if hasattr(os, "memfd_create"):
        import fcntl

        file = os.fdopen(os.memfd_create("firstorder", os.MFD_ALLOW_SEALING), "r+b")
        seals = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL
    else:  # not Linux, so there is no sandbox either
        file, seals = tempfile.TemporaryFile(), 0  # noqa: SIM115
    with file:
        file.write(data)
        file.flush()
        os.lseek(file.fileno(), 0, os.SEEK_SET)
        if seals:
            fcntl.fcntl(file.fileno(), fcntl.F_ADD_SEALS, seals)
        yield file.fileno()


def _kill(process):
    """Kill a process and all it has started, and wait until they are gone.

    bubblewrap's child is the first process of a namespace: when it has ended, so has all within.
    """
    handles = []
    if hasattr(os, "pidfd_open"):
        for child in _children(process.pid):
            with suppress(OSError):
                handles.append(os.pidfd_open(child))
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    for handle in handles:
        with suppress(OSError):
            signal.pidfd_send_signal(handle, signal.SIGKILL)
        select.select([handle], [], [], 10)
        os.close(handle)
    process.wait()


@contextmanager
def start(job, package, limits, *, hide=(), unsafe=False):
    """Run the driver on a job and give the Run; on leaving, everything it started is dead.

    `package` is the folder that `supplies.supply` wrote; `hide` names folders that must not be seen
    even where they lie inside the Python installation.  Raises SandboxMissing.
    """
    place = str(package) if unsafe else "/course"
    job = {**job, "limits": limits.job(not unsafe), "package": place, "sandboxed": not unsafe}
    script = Path(driver.__file__).read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as home, _sealed(seccomp.program()) as calls:
        words = [] if unsafe else _bwrap(package, limits, hide, calls)
        with _sealed(json.dumps(job).encode()) as given:
            process = subprocess.Popen(
                [*words, sys.executable, "-I", "-c", script],
                stdin=given,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                # bwrap's own environment can be read inside, in /proc/1/environ
                env=_environment(home) if unsafe else {},
                cwd=home,
                start_new_session=True,
                pass_fds=[calls],
            )
        try:
            yield Run(process, limits)
        finally:
            _kill(process)
            process.stdout.close()
            process.stderr.close()
