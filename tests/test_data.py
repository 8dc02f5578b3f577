"""MNIST is found, downloaded and verified, whatever the network does.

The faults are played by a server on 127.0.0.1 with four tiny files; no other host is asked.
"""

import doctest
import gzip
import hashlib
import os
import re
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import numpy as np
import platformdirs
import pytest
from conftest import missing

from firstorder import data
from firstorder.data import DataUnavailable, load_mnist

SOURCES = data.SOURCES
REAL = os.environ.get("FIRSTORDER_DATA")
TRAIN_IMAGES = "train-images-idx3-ubyte.gz"


def idx(array):
    header = bytes([0, 0, 8, array.ndim]) + b"".join(n.to_bytes(4, "big") for n in array.shape)
    return gzip.compress(header + array.tobytes())


RANDOM = np.random.default_rng(1)
ARRAYS = {
    TRAIN_IMAGES: RANDOM.integers(0, 256, (6, 28, 28), dtype=np.uint8),
    "train-labels-idx1-ubyte.gz": RANDOM.integers(0, 10, 6, dtype=np.uint8),
    "t10k-images-idx3-ubyte.gz": RANDOM.integers(0, 256, (3, 28, 28), dtype=np.uint8),
    "t10k-labels-idx1-ubyte.gz": RANDOM.integers(0, 10, 3, dtype=np.uint8),
}
CONTENT = {name: idx(array) for name, array in ARRAYS.items()}


class Faulty(BaseHTTPRequestHandler):
    """Serves the tiny files; the first part of the path says what goes wrong."""

    def do_GET(self):
        _, fault, name = self.path.split("/")
        self.server.asked.append((fault, name))
        content = CONTENT[name]
        if fault.isdigit():
            return self.send_error(int(fault))
        if fault == "partial" and name != TRAIN_IMAGES:
            return self.send_error(404)
        if fault == "stalled":
            return self.server.over.wait(5)
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if fault == "wrong":
            content = content[:-1] + b"?"
        if fault in ("truncated", "midway"):
            content = content[:-9]
        for i in range(0, len(content), 1024):
            if fault == "slow":
                time.sleep(0.12)
            self.wfile.write(content[i : i + 1024])
        if fault == "midway":
            self.server.over.wait(5)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def server():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Faulty)
    server.daemon_threads = True
    server.over = threading.Event()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
    yield server
    server.over.set()
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def world(monkeypatch, tmp_path, server):
    """An empty cache, no named folder, four tiny files; `world.sources` says who serves them."""
    server.asked = []

    def sources(*faults):
        urls = tuple(f"http://127.0.0.1:{server.server_port}/{fault}/" for fault in faults)
        monkeypatch.setattr(data, "SOURCES", urls)

    sources()
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("FIRSTORDER_DATA", raising=False)
    monkeypatch.setattr(
        platformdirs, "user_cache_path", lambda project: tmp_path / "cache" / project
    )
    monkeypatch.setattr(data, "TIMEOUT", 0.5)
    sha256 = {name: hashlib.sha256(content).hexdigest() for name, content in CONTENT.items()}
    monkeypatch.setattr(data, "FILES", sha256)
    return SimpleNamespace(
        sources=sources, asked=server.asked, cache=tmp_path / "cache" / "firstorder"
    )


def fill(folder):
    folder.mkdir(parents=True)
    for name, content in CONTENT.items():
        (folder / name).write_bytes(content)
    return folder


def is_whole(result):
    return all(
        got.dtype == np.uint8 and np.array_equal(got, array)
        for got, array in zip(result, ARRAYS.values(), strict=True)
    )


def lies_in(folder):
    """What a folder holds, by name; {} if there is no folder."""
    return {path.name: path.read_bytes() for path in folder.glob("*")}


# Where the files come from


def test_a_named_folder_is_read_without_network_and_without_a_word(world, tmp_path, capsys):
    (fill(world.cache) / TRAIN_IMAGES).write_bytes(b"corrupt, but nobody asked")
    assert is_whole(load_mnist(fill(tmp_path / "mine")))
    assert capsys.readouterr() == ("", "")


def test_the_environment_variable_names_a_folder_and_the_argument_goes_before_it(
    monkeypatch, tmp_path
):
    monkeypatch.setenv("FIRSTORDER_DATA", str(fill(tmp_path / "variable")))
    assert is_whole(load_mnist())
    (tmp_path / "variable" / TRAIN_IMAGES).write_bytes(b"never looked at")
    assert is_whole(load_mnist(fill(tmp_path / "argument")))


def test_the_cache_is_read_without_network(world):
    fill(world.cache)
    assert is_whole(load_mnist())


def test_a_download_fills_the_cache_so_that_the_next_load_needs_no_network(world, capsys):
    world.sources("good")
    assert is_whole(load_mnist())
    assert lies_in(world.cache) == CONTENT
    assert "Downloading MNIST" in capsys.readouterr().err
    world.sources()
    assert is_whole(load_mnist())


def test_a_download_that_takes_time_shows_its_progress(world, capsys):
    (fill(world.cache) / TRAIN_IMAGES).unlink()
    world.sources("slow")
    load_mnist()
    bar = capsys.readouterr().err
    assert re.search(rf"{TRAIN_IMAGES}: +[1-9]\d%", bar)
    assert f"{TRAIN_IMAGES}: 100%" in bar


def test_only_what_is_missing_is_downloaded(world):
    (fill(world.cache) / TRAIN_IMAGES).unlink()
    world.sources("good")
    assert is_whole(load_mnist())
    assert world.asked == [("good", TRAIN_IMAGES)]


def test_the_arrays_can_be_written_to(world):
    fill(world.cache)
    assert all(array.flags.writeable for array in load_mnist())


# Faults of the sources


FAULTS = {
    "403": "403 Client Error",
    "404": "404 Client Error",
    "429": "429 Client Error",
    "500": "500 Server Error",
    "truncated": "Incomplete",
    "wrong": "wrong SHA-256",
    "stalled": "timed out",
    "midway": "timed out",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_after_a_source_that_fails_the_next_one_serves(world, fault):
    world.sources(fault, "good")
    assert is_whole(load_mnist())
    # It was asked once, so that there is one wait and not one for each file.
    assert [asked for asked in world.asked if asked[0] == fault] == [(fault, TRAIN_IMAGES)]
    assert lies_in(world.cache) == CONTENT


def test_when_all_sources_fail_the_error_lists_each_and_says_what_to_do(world):
    world.sources(*FAULTS)
    with pytest.raises(DataUnavailable) as caught:
        load_mnist()
    lines = str(caught.value).splitlines()
    for fault, reason in FAULTS.items():
        assert any(f"/{fault}/{TRAIN_IMAGES}: " in line and reason in line for line in lines)
    assert "FIRSTORDER_DATA" in lines[-1]
    assert isinstance(caught.value, OSError)
    assert lies_in(world.cache) == {}


def test_what_a_source_gave_before_it_failed_is_kept(world):
    world.sources("partial", "good")
    assert is_whole(load_mnist())
    assert [name for fault, name in world.asked if fault == "good"] == list(CONTENT)[1:]


def test_a_refused_connection_is_a_source_that_fails(monkeypatch, world):
    world.sources("good")
    monkeypatch.setattr(data, "SOURCES", ("http://127.0.0.1:1/", *data.SOURCES))
    assert is_whole(load_mnist())


def test_the_sources_are_three_hosts_spoken_to_over_https():
    assert all(url.startswith("https://") and url.endswith("/") for url in SOURCES)
    assert len({url.split("/")[2] for url in SOURCES}) >= 3


def test_every_request_checks_certificates_has_a_timeout_and_takes_the_file_as_it_is(
    monkeypatch, world
):
    seen = []

    def get(url, **options):
        seen.append(options)
        raise OSError("no network in this test")

    monkeypatch.setattr("requests.get", get)
    world.sources("good")
    with pytest.raises(DataUnavailable, match="no network in this test"):
        load_mnist()
    (options,) = seen
    assert options.get("verify", True) is True
    assert options["timeout"] == data.TIMEOUT
    assert options["headers"] == {"Accept-Encoding": "identity"}


# Corrupt files


def test_a_corrupt_file_in_the_cache_is_repaired_with_a_message(world, capsys):
    (fill(world.cache) / TRAIN_IMAGES).write_bytes(CONTENT[TRAIN_IMAGES][:-1])
    world.sources("good")
    assert is_whole(load_mnist())
    assert lies_in(world.cache) == CONTENT
    assert f"{TRAIN_IMAGES} is corrupt" in capsys.readouterr().err


def test_a_corrupt_file_in_the_cache_is_never_returned(world):
    (fill(world.cache) / TRAIN_IMAGES).write_bytes(CONTENT["t10k-images-idx3-ubyte.gz"])
    with pytest.raises(DataUnavailable):
        load_mnist()


@pytest.mark.parametrize("how", ["argument", "variable"])
def test_a_corrupt_file_of_yours_is_named_and_kept_byte_for_byte(
    monkeypatch, world, tmp_path, capsys, how
):
    mine = fill(tmp_path / "mine")
    (mine / TRAIN_IMAGES).write_bytes(b"mine")
    before = lies_in(mine)
    world.sources("good")
    if how == "variable":
        monkeypatch.setenv("FIRSTORDER_DATA", str(mine))
    assert is_whole(load_mnist(mine if how == "argument" else None))
    assert lies_in(mine) == before
    message = capsys.readouterr().err
    assert f"{mine / TRAIN_IMAGES} is corrupt" in message
    assert "Put the original there" in message
    assert world.asked == [("good", TRAIN_IMAGES)]


def test_a_folder_of_yours_that_lacks_files_is_reported_and_the_search_goes_on(
    world, tmp_path, capsys
):
    fill(world.cache)
    assert is_whole(load_mnist(tmp_path / "misspelt"))
    assert f"{tmp_path / 'misspelt' / TRAIN_IMAGES} is missing" in capsys.readouterr().err
    assert not (tmp_path / "misspelt").exists()


def test_the_final_error_lists_your_folder_too(tmp_path):
    with pytest.raises(DataUnavailable, match="misspelt"):
        load_mnist(tmp_path / "misspelt")


# The cache under stress


def test_where_the_cache_cannot_be_written_the_digits_still_come_and_the_reason_is_told(
    world, capsys
):
    world.cache.parent.write_text("a file where the folder should be")
    world.sources("good")
    assert is_whole(load_mnist())
    assert "could not be kept for the next time" in capsys.readouterr().err


def test_where_the_disk_fills_up_no_half_file_is_left(monkeypatch, world):
    def full(path, content):
        with open(path, "wb") as file:
            file.write(content[:9])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", full)
    world.sources("good")
    assert is_whole(load_mnist())
    assert lies_in(world.cache) == {}


def another_process(world):
    """The same load in a process of its own, with the same cache and the same sources."""
    program = (
        "import pathlib, platformdirs\n"
        f"platformdirs.user_cache_path = lambda project: pathlib.Path({str(world.cache)!r})\n"
        "from firstorder import data\n"
        f"data.FILES, data.SOURCES = {data.FILES!r}, {data.SOURCES!r}\n"
        "print(data.load_mnist()[0].sum())\n"
    )
    return subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_two_processes_that_load_at_once_do_not_disturb_each_other(world):
    world.sources("good")
    processes = [another_process(world) for _ in range(2)]
    for process in processes:
        output, errors = process.communicate(timeout=20)
        assert output.split() == [str(ARRAYS[TRAIN_IMAGES].sum())], errors
    assert lies_in(world.cache) == CONTENT


def test_a_download_that_is_killed_leaves_nothing_under_the_final_name(world):
    world.sources("midway")
    process = another_process(world)
    while not world.asked:
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    time.sleep(0.2)  # until most of the file has arrived
    process.kill()
    process.communicate()
    assert TRAIN_IMAGES not in lies_in(world.cache)
    world.sources("good")
    assert is_whole(load_mnist())


# The stand-in


def test_the_stand_in_comes_when_mnist_cannot_be_had_and_says_that_it_is_not_mnist(world, capsys):
    world.sources("404")
    train_images, train_labels, test_images, test_labels = load_mnist(stand_in=True)
    assert train_images.shape == (1500, 28, 28)
    assert test_images.shape == (297, 28, 28)
    assert train_labels.shape == (1500,)
    assert test_labels.shape == (297,)
    for array in (train_images, train_labels, test_images, test_labels):
        assert array.dtype == np.uint8
    assert (train_images.min(), train_images.max()) == (0, 255)
    assert set(train_labels) == set(test_labels) == set(range(10))
    out, err = capsys.readouterr()
    assert out == ""
    assert "these are not MNIST: scikit-learn's 1797" in err


def test_the_stand_in_is_scikit_learns_digits_pixel_by_pixel_and_in_their_order():
    from sklearn.datasets import load_digits

    digits = load_digits()
    train_images, train_labels, test_images, test_labels = load_mnist(stand_in=True)
    images = np.concatenate([train_images, test_images])
    assert np.array_equal(np.concatenate([train_labels, test_labels]), digits.target)
    for row, column in [(1, 1), (0, 2), (2, 0)]:  # every pixel of a 3×3 block
        block = images[:, 2 + row : 26 : 3, 2 + column : 26 : 3]
        assert np.abs(block * (16 / 255) - digits.images).max() < 0.04  # rounding: 8/255
    border = np.ones((28, 28), bool)
    border[2:26, 2:26] = False
    assert not images[:, border].any()


def test_the_stand_in_is_the_same_each_time():
    first, again = load_mnist(stand_in=True), load_mnist(stand_in=True)
    assert all(np.array_equal(*pair) for pair in zip(first, again, strict=True))


def test_the_stand_in_does_not_come_when_mnist_is_there(world, capsys):
    fill(world.cache)
    assert is_whole(load_mnist(stand_in=True))
    assert capsys.readouterr() == ("", "")


def test_without_scikit_learn_the_error_says_how_to_get_the_stand_in(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(DataUnavailable, match="pip install scikit-learn"):
        load_mnist(stand_in=True)


def test_the_example_in_the_docstring_runs(world):
    fill(world.cache)
    result = doctest.testmod(data)
    assert result.attempted
    assert not result.failed


# The file format


TINY = gzip.decompress(CONTENT[TRAIN_IMAGES])
NO_IDX = {
    "a web page": (b"<html>log in</html>", "not a whole gzip file"),
    "half a gzip file": (CONTENT[TRAIN_IMAGES][:-9], "not a whole gzip file"),
    "labels": (CONTENT["t10k-labels-idx1-ubyte.gz"], "number is 00000801, expected 00000803"),
    "nothing": (gzip.compress(b""), "magic number"),
    "half a header": (gzip.compress(TINY[:6]), "entries for an IDX array"),
    "a byte too few": (gzip.compress(TINY[:-1]), r"4703 entries .* of shape \(6, 28, 28\)"),
    "a byte too many": (gzip.compress(TINY + b"?"), r"4705 entries .* of shape \(6, 28, 28\)"),
}


@pytest.mark.parametrize("what", NO_IDX)
def test_what_is_not_an_idx_file_of_images_is_refused_with_the_reason(what):
    content, complaint = NO_IDX[what]
    with pytest.raises(ValueError, match=complaint):
        data._parse_idx(content, 3)


# The real digits


@pytest.mark.data
def test_the_four_real_files_are_mnist(monkeypatch):
    if not REAL:
        missing("MNIST", "set FIRSTORDER_DATA to a folder that holds its four files")
    monkeypatch.undo()  # back to the real checksums
    monkeypatch.setattr(data, "SOURCES", ())
    train_images, train_labels, test_images, test_labels = load_mnist(REAL)
    assert train_images.shape == (60000, 28, 28)
    assert test_images.shape == (10000, 28, 28)
    assert train_labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert test_labels[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    assert round(train_images.mean() / 255, 4) == 0.1307  # the mean that everyone normalises by
