# ruff: noqa: E501 (an attack is easier to read in one line)
"""Submissions that attack the grader, and what each may earn.

Each stands between two honest cells, which answer `half` and `triple` rightly.  It defines `double`,
and answers it rightly only where its attack has worked: so what `double` earns tells whether it did.
`@secret@` is a file of the grader's, `@other@` another student's notebook, `@port@` a server on this
machine, `@pid@` the grader's process.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Attack:
    """An attack in one cell: `status` is how `double` ended, `earns` what is earned all the same.

    `may_earn` names what is earned or lost with the attack's luck; never is it `double`.
    """

    name: str
    source: str
    status: frozenset[str] = frozenset({"ok"})
    earns: frozenset[str] = frozenset({"half", "triple"})
    may_earn: frozenset[str] = frozenset()


ATTACKS = []

# What most attacks end with: a right answer if `worked` is true.
_THEN = "\ndouble = lambda x: 2 * x if worked else 0\n"


def attack(name, source, status="ok", earns="half triple", may_earn=""):
    """An attack that sets `worked`, or defines `double` itself."""
    source = source.strip("\n")
    if "worked" in source:
        source = f"worked = False\n{source}{_THEN}"
    words = (frozenset(words.split()) for words in (status, earns, may_earn))
    ATTACKS.append(Attack(name, source, *words))


def tries(name, source, **more):
    """An attack whose source gives a true value of `worked`, or raises where it fails."""
    body = "\n".join(f"    {line}" for line in source.strip("\n").split("\n"))
    attack(name, f"try:\n{body}\nexcept BaseException:\n    pass", **more)


# ------------------------------------------------------------------------------------ time and memory

attack("loops for ever in a cell", "double = lambda x: 0\nwhile True: pass")
attack("loops for ever in the function", "def double(x):\n    while True: pass", "timeout")
attack(
    "loops for ever and swallows every interrupt",
    """
def double(x):
    while True:
        try:
            while True: pass
        except BaseException: pass
""",
    "timeout",
)
attack(
    "swallows every interrupt in a cell",
    """
double = lambda x: 0
while True:
    try:
        while True: pass
    except BaseException: pass
""",
    "ok missing",
)
attack(
    "switches the alarm off",
    """
import signal, time
def double(x):
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, signal.SIG_IGN)
    time.sleep(3600)
""",
    "timeout",
)
attack(
    "blocks every signal",
    """
import signal, time
def double(x):
    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
    time.sleep(3600)
""",
    "timeout",
)
attack(
    "computes a number of a billion digits",
    "def double(x):\n    return 9 ** 9 ** 9 ** 9",
    "timeout",
)
attack(
    "takes nine gigabytes",
    "import numpy as np\ndef double(x):\n    return np.ones(9 * 10**9 // 8)",
    "memory",
)
attack(
    "takes memory bit by bit",
    "def double(x):\n    a = []\n    while True: a.append(bytearray(10**7))",
    "memory timeout",
)
attack(
    "takes memory in a cell",
    "double = lambda x: 0\nhog = []\nwhile True: hog.append(bytearray(10**7))",
    "ok missing",
)
attack(
    "takes memory in many processes",
    """
import os, time
def double(x):
    for _ in range(4):
        if not os.fork():
            hog = b"x" * 800_000_000
            time.sleep(3600)
    time.sleep(3600)
""",
    "memory timeout",
)
attack("recurses without end", "def double(x):\n    return double(x)", "error")
attack(
    "recurses in C",
    "import sys\nsys.setrecursionlimit(10**9)\ndef double(x):\n    return double(x)",
    "error killed timeout",
)
attack(
    "crashes the interpreter", "import ctypes\ndef double(x):\n    ctypes.string_at(1)", "killed"
)

# ------------------------------------------------------------------------------------------ processes

attack("leaves the function by os._exit", "import os\ndef double(x):\n    os._exit(0)", "killed")
attack("leaves a cell by os._exit", "double = lambda x: 0\nimport os\nos._exit(0)", "missing")
attack("leaves a cell by sys.exit", "double = lambda x: 0\nimport sys\nsys.exit(0)")
attack(
    "kills its parent",
    "import os, signal\ndef double(x):\n    os.kill(os.getppid(), signal.SIGKILL)\n    return 0",
    "killed",
)
attack(
    "kills itself in a cell",
    "double = lambda x: 0\nimport os, signal\nos.kill(os.getpid(), signal.SIGKILL)",
    "missing",
)
attack(
    "kills every process it can",
    "import os, signal\ndef double(x):\n    os.kill(-1, signal.SIGKILL)",
    "killed",
)
tries("kills the grader", "import os, signal\nos.kill(@pid@, signal.SIGTERM)\nworked = True")
tries(
    "kills the sandbox's first process",
    "import os, signal, time\nos.kill(1, signal.SIGKILL)\ntime.sleep(0.2)\nworked = False",
)
attack(
    "forks without end",
    """
import os
def double(x):
    while True:
        try: os.fork()
        except OSError: return 0
""",
    "ok timeout",
)
attack(
    "counts how many processes it can have",
    """
import os, time
count = 0
try:
    while count < 200:
        if not os.fork(): time.sleep(3600)
        count += 1
except OSError: pass
worked = count > 64
""",
)
attack(
    "starts threads without end",
    """
import threading, time
count = 0
try:
    while count < 200:
        threading.Thread(target=time.sleep, args=(3600,), daemon=True).start()
        count += 1
except RuntimeError: pass
worked = count > 64
""",
)
attack(
    "leaves a thread running",
    "import threading, time\nthreading.Thread(target=time.sleep, args=(3600,)).start()\ndouble = lambda x: 0",
)
attack(
    "leaves a daemon behind",
    """
import os
if not os.fork():
    os.setsid()
    if not os.fork(): os.execv("/bin/sleep", ["sleep", "31536000.7"])
    os._exit(0)
double = lambda x: 0
""",
)
attack(
    "answers again when it ends",
    """
import atexit, os
for fd in range(3, 64):
    atexit.register(lambda fd=fd: os.write(fd, b'["answer", "double", 0, {"value": 2}]\\n'))
double = lambda x: 0
""",
)
tries(
    "traces another process", "import ctypes\nworked = ctypes.CDLL(None).ptrace(16, 1, 0, 0) == 0"
)

# -------------------------------------------------------------------------------------- files and folders

tries("reads a file of the grader's", "worked = open('@secret@').read()")
tries("reads another student's notebook", "worked = open('@other@').read()")
tries("deletes another student's notebook", "import os\nos.remove('@other@')\nworked = True")
tries(
    "rewrites a gradebook",
    "import sqlite3\ndb = sqlite3.connect('@secret@.db')\ndb.execute('create table g (x)')\ndb.commit()\nworked = True",
)
tries(
    "reads the solutions",
    "import glob\nworked = glob.glob('/**/solutions', recursive=True) or glob.glob('/**/bank.py', recursive=True)",
)
tries(
    "reads its checks",
    "import glob\nworked = [p for p in glob.glob('/**/checks.py', recursive=True) if 'QUESTIONS = ' in open(p).read()]",
)
tries("imports the lab's checks", "import checks\nworked = True")
tries("imports the grader", "import firstorder.grading.grade\nworked = True")
tries(
    "looks for homes",
    "import os\nworked = [p for p in ('/home', '/root/.ssh', '/root/.bashrc', '/etc/passwd', '/etc/shadow', '/var', '/mnt', '/sys/kernel') if os.path.exists(p)]",
)
tries("looks into its home", "import os\nworked = os.listdir(os.path.expanduser('~'))")
tries(
    "writes into the Python installation",
    "import os, numpy\nopen(os.path.join(os.path.dirname(numpy.__file__), 'evil.py'), 'w')\nworked = True",
)
tries(
    "writes into the course's package",
    "import firstorder\nopen(firstorder.__file__, 'a')\nworked = True",
)
tries("writes into the root folder", "open('/evil', 'w')\nworked = True")
tries("writes into /dev", "open('/dev/evil', 'w')\nworked = True")
tries(
    "follows a symlink to the grader's file",
    "import os\nos.symlink('@secret@', '/tmp/link')\nworked = open('/tmp/link').read()",
)
tries(
    "reads a file through the first process's root", "worked = open('/proc/1/root@secret@').read()"
)
tries(
    "reads the first process's working folder",
    "import os\nworked = os.listdir('/proc/1/cwd/..') and os.path.exists('/proc/1/cwd@secret@')",
)
tries(
    "finds names of files in the first process's arguments",
    "worked = 'submissions' in open('/proc/1/cmdline').read()",
)
attack(
    "writes a huge file",
    "double = lambda x: 0\nwith open('/tmp/huge', 'wb') as f:\n    while True: f.write(bytes(10**7))",
    "ok",
)
tries(
    "writes more than its folder holds",
    "for i in range(40):\n    open(f'/tmp/{i}', 'wb').write(bytes(5 * 10**6))\nworked = True",
)
tries(
    "writes more than shared memory holds",
    "for i in range(40):\n    open(f'/dev/shm/{i}', 'wb').write(bytes(5 * 10**6))\nworked = True",
)
attack(
    "makes files without end",
    "double = lambda x: 0\ni = 0\nwhile True:\n    i += 1\n    open(f'/tmp/{i}', 'w').close()",
)
tries("opens more files than allowed", "worked = [open('/dev/null') for _ in range(1000)]")
tries(
    "leaves a file for the next submission",
    "import os\nworked = os.path.exists('/tmp/left')\nopen('/tmp/left', 'w').close()",
)

# --------------------------------------------------------------------------- network, environment, kernel

tries(
    "talks to a server on this machine",
    "import socket\nworked = socket.create_connection(('127.0.0.1', @port@), 1)",
)
tries(
    "talks to an abstract socket",
    "import socket\ns = socket.socket(socket.AF_UNIX)\ns.connect('\\0firstorder-test-@port@')\nworked = True",
)
tries(
    "has a network interface besides loopback",
    "import socket\nworked = [name for _, name in socket.if_nameindex() if name != 'lo']",
)
tries(
    "reads the environment",
    "import os\nworked = 'CANARY' in os.environ or b'CANARY' in open('/proc/1/environ', 'rb').read()",
)
tries("becomes root", "import os\nos.setuid(0)\nworked = os.getuid() == 0")
tries(
    "has capabilities",
    "status = dict(l.split(':\\t') for l in open('/proc/self/status').read().strip().split('\\n') if ':\\t' in l)\nworked = int(status['CapEff'], 16) or int(status['CapPrm'], 16) or int(status['CapInh'], 16) or int(status['CapAmb'], 16)",
)
tries("may gain privileges", "worked = 'NoNewPrivs:\\t1' not in open('/proc/self/status').read()")
tries(
    "mounts a file system",
    "import ctypes\nworked = ctypes.CDLL(None).mount(b'none', b'/tmp', b'tmpfs', 0, None) == 0",
)
tries(
    "makes / writable again",
    "import ctypes\nworked = ctypes.CDLL(None).mount(b'none', b'/', None, 32 | 4096, None) == 0",
)
tries(
    "makes a user namespace", "import ctypes\nworked = ctypes.CDLL(None).unshare(0x10000000) == 0"
)
tries(
    "loads a program into the kernel",
    "import ctypes\nworked = ctypes.CDLL(None).syscall(321, 5, ctypes.create_string_buffer(128), 128) >= 0",
)
tries(
    "types into the terminal",
    "import fcntl, termios, os\nfd = os.open('/dev/tty', os.O_RDWR)\nfcntl.ioctl(fd, termios.TIOCSTI, b'x')\nworked = True",
)
tries(
    "raises its limits",
    "import resource\nresource.setrlimit(resource.RLIMIT_AS, (2**40, 2**40))\nworked = True",
)
tries("changes the host's name", "import socket\nsocket.sethostname('evil')\nworked = True")
tries(
    "writes to the kernel's settings",
    "open('/proc/sys/kernel/core_pattern', 'w').write('|/bin/sh')\nworked = True",
)
tries(
    "reads a disk",
    "import glob\nworked = glob.glob('/dev/sd*') + glob.glob('/dev/vd*') + glob.glob('/dev/nvme*') or open('/dev/mem', 'rb')",
)

# --------------------------------------------------------------------------------- output and the pipe

attack(
    "prints two hundred megabytes", "double = lambda x: 0\nfor _ in range(200): print('x' * 10**6)"
)
attack(
    "floods stderr",
    "import sys\ndouble = lambda x: 0\nfor _ in range(200): sys.stderr.write('x' * 10**6)",
)
attack("returns a huge string", "double = lambda x: 'x' * 10**8", "error timeout")
attack("returns a huge list", "double = lambda x: [2.0 * x] * 10**7", "error timeout")
_PIPE = """
import os, stat, json
pipes = []
for fd in range(3, 100):
    try:
        if stat.S_ISFIFO(os.fstat(fd).st_mode): pipes.append(fd)
    except OSError: pass
def forge(text):
    for fd in pipes: os.write(fd, text.encode())
"""
attack("floods the result pipe in a cell", f"{_PIPE}\nwhile True: forge('x' * 10**5)", "missing")
attack(
    "floods the result pipe in the function",
    f"{_PIPE}\ndef double(x):\n    while True: forge('[]\\n' * 10**4)",
    "output timeout",
)
attack(
    "claims full marks on the pipe",
    f"""{_PIPE}
forge('["result", "double", 1.0]\\n["outcome", "double", "doubles", 1, 1]\\n["earned", "double", 1]\\n')
forge('{{"id": "double", "earned": 1.0, "points": 1.0, "status": "ok"}}\\n')
double = lambda x: 0""",
)
attack(
    "claims that the property holds in its answer",
    """
def double(x):
    return {"earned": 1, "property": "doubles"}
""",
    "error",
)
attack(
    "forges the step of a cell",
    f"""{_PIPE}
forge('["ran", 99, ""]\\n["cell", 99]\\n["done", "double", ""]\\n')
double = lambda x: 0""",
)
attack(
    "reaches for the record through the kind of a line",
    f"""{_PIPE}
forge('["_init__", {{"cells": [], "questions": []}}]\\n["_class__"]\\n["take", "x"]\\n["begin"]\\n')
double = lambda x: 0""",
)
attack(
    "writes lines that are no JSON, and JSON that is no line",
    f"""{_PIPE}
forge('garbage\\n\\x00\\xff\\n[]\\n[[]]\\n{{}}\\n["cell"]\\n["cell", []]\\n["answer", [], {{}}, 1]\\nnull\\n1e999\\n')
double = lambda x: 0""",
)
attack("sends nesting without end", f"{_PIPE}\nforge('[' * 10**5 + '\\n')\ndouble = lambda x: 0")
attack(
    "sends an integer of a hundred thousand digits",
    f"{_PIPE}\nforge('[\"answer\", \"double\", 0, {{\"value\": ' + '9' * 10**5 + '}}]\\n')\ndouble = lambda x: 0",
)
attack(
    "answers twice, wrongly first",
    f"""{_PIPE}
def double(x):
    forge('["answer", "double", 0, {{"value": 0}}]\\n["answer", "double", 1, {{"value": 0}}]\\n')
    return 2 * x""",
)
attack(
    "closes the result pipe",
    "import os\ndef double(x):\n    os.closerange(3, 100)\n    return 0",
    "killed",
)
attack(
    "closes the result pipe in a cell",
    "double = lambda x: 0\nimport os\nos.closerange(3, 100)",
    "missing",
)
attack(
    "writes half a line and stops",
    f'{_PIPE}\ndef double(x):\n    forge(\'["answer", "double"\')\n    os._exit(0)',
    "killed",
)
attack(
    "answers another question",
    f"""{_PIPE}
def double(x):
    forge('["done", "double", ""]\\n["question", "half"]\\n["answer", "half", 0, {{"value": 0}}]\\n')
    return 0""",
    "killed",
)
attack(
    "puts a pickle where results are read",
    f"""{_PIPE}
import pickle
class Evil:
    def __reduce__(self): return os.system, ("touch @secret@.owned",)
os.write(pipes[0], pickle.dumps(Evil()) + b"\\n") if pipes else None
double = lambda x: Evil()""",
    "error",
)

# -------------------------------------------------------------------------------- values and comparisons

_VALUES = {
    "NaN": "float('nan')",
    "infinity": "float('inf')",
    "a huge integer": "10 ** 5000",
    "a small huge integer": "10 ** 400",
    "None": "None",
    "True": "True",
    "a complex number": "2j * x",
    "a set": "{2 * x}",
    "text": "str(2 * x)",
    "bytes": "b'2'",
    "a generator": "(2 * x for _ in range(9))",
    "itself": "double",
    "a number in a list": "[2 * x]",
}
for _what, _value in _VALUES.items():
    _status = (
        "error"
        if _value
        in ("2j * x", "{2 * x}", "b'2'", "(2 * x for _ in range(9))", "double", "10 ** 5000")
        else "ok"
    )
    attack(f"returns {_what}", f"def double(x):\n    return {_value}", _status)
attack(
    "returns an object that equals everything",
    """
class Equal(float):
    def __eq__(self, other): return True
    __lt__ = __le__ = __gt__ = __ge__ = __eq__
    def __hash__(self): return 0
    def __sub__(self, other): return 0.0
    __rsub__ = __sub__
    def __abs__(self): return 0.0
    def __float__(self): return 2.0
double = lambda x: Equal(0)
""",
)
attack(
    "returns an array that equals everything",
    """
import numpy as np
class Equal(np.ndarray):
    def __array_ufunc__(self, *a, **k): return np.True_
    def tolist(self): return Equal
double = lambda x: np.zeros(1).view(Equal)
""",
    "error",
)
attack(
    "returns an object that shows itself as a right answer",
    """
class Shown(float):
    def __repr__(self): return "[2.0"
    __str__ = __repr__
double = lambda x: Shown(0)
""",
)
attack(
    "returns a list that changes while it is read",
    """
class Changing(list):
    def __iter__(self):
        while True: yield 1
double = lambda x: Changing([1])
""",
    "timeout",
)
attack(
    "raises an error that cannot be shown",
    """
class Evil(Exception):
    def __str__(self): raise SystemExit
def double(x): raise Evil
""",
    "error",
)
attack("raises what is no Exception", "def double(x): raise KeyboardInterrupt", "error")
attack("is no function", "double = 2", "missing")

# -------------------------------------------------------------------------------- patches of what is shared

attack(
    "patches numpy's comparisons",
    "import numpy as np\nnp.allclose = np.isclose = np.array_equal = lambda *a, **k: True\nnp.testing.assert_allclose = lambda *a, **k: None\ndouble = lambda x: 0",
)
attack(
    "patches the package's checks",
    "import firstorder.grading.checks as c\nc.close = c.grade_values = lambda *a, **k: True\nc.check = lambda *a, **k: None\ndouble = lambda x: 0",
)
attack(
    "patches builtins",
    "import builtins\nbuiltins.abs = lambda x: 0\nbuiltins.all = builtins.isinstance = lambda *a: True\ndouble = lambda x: 0",
    "missing",
)
attack(
    "patches json",
    'import json\njson.dumps = lambda *a, **k: \'["earned", "double", 1]\'\ndouble = lambda x: 0',
    "ok",
)
attack(
    "patches os.write",
    "import os\ndouble = lambda x: 0\nos.write = lambda fd, data: len(data)",
    "ok",
)
attack(
    "patches the driver's own functions",
    """
import sys, gc, types
for f in gc.get_objects():
    if isinstance(f, types.FunctionType) and f.__name__ in ("answer", "tell", "_answer_all"):
        f.__code__ = (lambda *a, **k: {"value": 2}).__code__
double = lambda x: 0
""",
    "killed missing",
    earns="",
    may_earn="half triple",  # where the cell is stopped before it finds the driver
)
attack(
    "hooks every import",
    "import builtins, sys\nreal = builtins.__import__\nbuiltins.__import__ = lambda *a, **k: real(*a, **k)\nclass Finder:\n    def find_spec(self, *a): raise ImportError('mine')\nsys.meta_path.insert(0, Finder())\ndouble = lambda x: 0",
)
attack(
    "registers a transformer of cells",
    "get_ipython().ast_transformers.append(1)\nget_ipython().input_transformers_post.append(1)\ndouble = lambda x: 0",
)
attack("replaces the namespace", "globals().clear()\ndouble = lambda x: 0", earns="triple")
attack(
    "traces the driver",
    "import sys, threading\nsys.settrace(lambda *a: None)\nsys.setprofile(lambda *a: None)\nthreading.settrace(lambda *a: None)\ndouble = lambda x: 0",
)
attack(
    "reads the inputs of its own job, which is no secret, and knows no answer",
    """
import gc
worked = any("QUESTIONS" in str(o)[:200] or "TAKEN_AWAY" in str(o)[:200] for o in gc.get_objects() if type(o) is dict and "judge" in o)
""",
)
tries(
    "uses what the lab took away",
    "import firstorder\nworked = firstorder.iterate('gd', lambda w: w, [1.0], 1)",
)
tries(
    "digs for what the lab took away",
    "import glob\nworked = [p for p in glob.glob('/**/*.py', recursive=True) if 'def loss_component' in open(p, errors='ignore').read()]",
)
