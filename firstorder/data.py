"""MNIST: found, downloaded, verified; NumPy arrays."""

import gzip
import hashlib
import io
import math
import os
import sys
import tempfile
import zlib
from pathlib import Path

import numpy as np
import platformdirs

# The four original files, in the order of `load_mnist`'s result, and their SHA-256.
FILES = {
    "train-images-idx3-ubyte.gz": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    "train-labels-idx1-ubyte.gz": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    "t10k-images-idx3-ubyte.gz": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    "t10k-labels-idx1-ubyte.gz": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
}
# Their original host is gone.  These hold the same bytes; they are asked in this order.
SOURCES = (
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://raw.githubusercontent.com/fgnt/mnist/master/",
)
TIMEOUT = 10  # seconds without a byte, after which the next source is asked
STAND_IN_TRAIN = 1500  # of scikit-learn's 1797 digits


class DataUnavailable(OSError):
    """MNIST could not be had; the message says what was tried, what happened, and what to do."""


def load_mnist(folder=None, stand_in=False):
    """Load the MNIST digits as four NumPy arrays.

    Each file is taken from the first place that has it with the right SHA-256: `folder` if
    given, else the folder that the environment variable `FIRSTORDER_DATA` names; then the cache;
    then the sources on the network, in turn.  A file that is absent or corrupt in a folder that
    you named is reported and left as it is, and the search goes on.  A corrupt file in the cache
    is downloaded again.  Messages and progress go to standard error.

    Parameters
    ----------
    folder : path, optional
        Where the four original files lie, under their original names (ending in `.gz`).
    stand_in : bool
        Where MNIST cannot be had, say so and return scikit-learn's bundled digits in its place:
        1797 real digits of 8×8 pixels, in their own order, the first 1500 to train on.  A pixel
        becomes a block of 3×3 with a border of two around them, and 0…16 becomes 0…255.

    Returns
    -------
    train_images, train_labels, test_images, test_labels
        Writable uint8 arrays: images n×28×28, from 0 (paper) to 255 (ink), labels n digits 0…9.
        MNIST has 60,000 images to train on and 10,000 to test on.

    Raises
    ------
    DataUnavailable
        An `OSError` that lists each place, what happened there, and what to do.

    Source: LeCun, Bottou, Bengio and Haffner (1998), Gradient-based learning applied to document
    recognition.  The stand-in: Alpaydin and Kaynak (1998), Optical recognition of handwritten
    digits, through scikit-learn.

    Example
    -------
    >>> train_images, train_labels, test_images, test_labels = load_mnist(stand_in=True)
    >>> train_images.shape[1:], train_images.dtype.name
    ((28, 28), 'uint8')
    >>> len(train_images) == len(train_labels)
    True
    """
    named = folder if folder is not None else os.environ.get("FIRSTORDER_DATA") or None
    try:
        contents = _gather(None if named is None else Path(named).expanduser())
    except DataUnavailable as problem:
        if not stand_in:
            raise
        return _stand_in(problem)
    return tuple(_parse_idx(contents[name], 3 if "images" in name else 1) for name in FILES)


def _gather(named):
    """The bytes of the four files, verified, from the named folder, the cache or the network."""
    found, problems = {}, []
    if named is not None:
        found, corrupt = _look(named, FILES)
        problems = [f"{named / name} is corrupt (wrong SHA-256)" for name in corrupt] + [
            f"{named / name} is missing or cannot be read"
            for name in FILES
            if name not in {*found, *corrupt}
        ]
    if problems:
        _say("; ".join(problems) + ".  Put the original there; for now the search goes on.")

    cache = platformdirs.user_cache_path("firstorder")
    cached, corrupt = _look(cache, FILES.keys() - found.keys())
    found |= cached
    for name in corrupt:
        _say(f"{cache / name} is corrupt (wrong SHA-256): downloading it again.")

    wanted = [name for name in FILES if name not in found]
    if wanted:
        downloaded, failures = _download(wanted, cache)
        found |= downloaded
        if len(found) < len(FILES):
            raise DataUnavailable(_advice(problems + failures))
    return found


def _look(folder, names):
    """The bytes of those files in a folder whose SHA-256 is right, and the names of the corrupt."""
    found, corrupt = {}, []
    for name in names:
        try:
            content = (folder / name).read_bytes()
        except OSError:  # most often: it is not there
            continue
        if _is_right(content, name):
            found[name] = content
        else:
            corrupt.append(name)
    return found, corrupt


def _is_right(content, name):
    return hashlib.sha256(content).hexdigest() == FILES[name]


def _download(names, cache):
    """What the sources gave, by name (the cache keeps it too), and a line for each failure."""
    _say(f"Downloading MNIST ({', '.join(names)}).")
    found, failures = {}, []
    for source in SOURCES:
        for name in (name for name in names if name not in found):
            try:
                found[name] = _fetch(source + name, name)
            except (OSError, ValueError) as error:  # the network failed; the wrong thing came
                failures.append(f"{source}{name}: {error}")
                break  # and do not wait for this source again
            _keep(found[name], cache / name)
    return found, failures


def _fetch(url, name):
    """Download one file into memory, with a progress bar; ValueError if its SHA-256 is wrong."""
    import requests  # with tqdm a tenth of a second, which only a download needs
    from tqdm import tqdm

    content = io.BytesIO()
    # The file is a gzip file: nobody on the way may unpack it for us.
    headers = {"Accept-Encoding": "identity"}
    with requests.get(url, stream=True, timeout=TIMEOUT, headers=headers) as response:
        response.raise_for_status()
        size = int(response.headers.get("Content-Length", 0)) or None
        with tqdm(desc=name, total=size, unit="B", unit_scale=True, delay=0.3) as bar:
            for chunk in response.iter_content(1024):
                content.write(chunk)
                bar.update(len(chunk))
    if not _is_right(content.getvalue(), name):
        raise ValueError(f"its {content.tell()} bytes are not the file's (wrong SHA-256)")
    return content.getvalue()


def _keep(content, path):
    """Put a file into the cache: it appears there whole, or not at all."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent) as private:
            part = Path(private, path.name)
            part.write_bytes(content)
            part.replace(path)  # atomic, whatever another process does meanwhile
    except OSError as error:
        _say(f"{path} could not be kept for the next time: {error}")


def _parse_idx(content, dimensions):
    """The array in a gzipped IDX file of unsigned bytes; ValueError if it is no such file.

    The format: two zero bytes, 8 for unsigned bytes, the number of dimensions; the dimensions as
    big-endian 32-bit integers; the entries, last index fastest.
    """
    try:
        data = gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"not a whole gzip file: {error}") from error
    magic = bytes([0, 0, 8, dimensions])
    if data[:4] != magic:
        raise ValueError(f"the IDX magic number is {data[:4].hex()}, expected {magic.hex()}")
    start = 4 + 4 * dimensions
    shape = tuple(int.from_bytes(data[i : i + 4], "big") for i in range(4, start, 4))
    if len(data) - start != math.prod(shape):
        raise ValueError(f"{len(data) - start} entries for an IDX array of shape {shape}")
    # A copy can be written to: torch.from_numpy warns about arrays that cannot.
    return np.frombuffer(data, np.uint8, offset=start).reshape(shape).copy()


def _stand_in(problem):
    """scikit-learn's digits, enlarged, in a fixed split, and a sentence that says so."""
    try:
        from sklearn.datasets import load_digits
    except ImportError as error:
        raise DataUnavailable(
            f"{problem}\nThe stand-in digits come with scikit-learn, which is not installed: "
            "pip install scikit-learn."
        ) from error
    _say(
        "MNIST could not be had, so these are not MNIST: scikit-learn's 1797 smaller digits "
        "(8×8 pixels) stand in, enlarged to 28×28, and numbers will differ from the book's.  "
        "load_mnist() without stand_in says why, and what to do."
    )
    digits = load_digits()
    grey = np.rint(digits.images * (255 / 16)).astype(np.uint8)
    images = np.pad(grey.repeat(3, axis=1).repeat(3, axis=2), ((0, 0), (2, 2), (2, 2)))
    labels = digits.target.astype(np.uint8)
    n = STAND_IN_TRAIN
    return images[:n], labels[:n], images[n:], labels[n:]


def _advice(problems):
    return "\n".join(
        [
            "MNIST could not be had.  What was tried:",
            *(f"  - {problem}" for problem in problems),
            "Try again later, or put the four original files",
            *(f"  {name}" for name in FILES),
            "into a folder and set the environment variable FIRSTORDER_DATA to it.",
        ]
    )


def _say(sentence):
    print(sentence, file=sys.stderr)
