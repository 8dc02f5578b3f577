"""Numbers that were measured once, on data or on machines that a reader may not have.

Each file says what made it: `versions`, and `device` where that matters.
"""

import json
from importlib.resources import files


def recorded(name):
    """The recorded numbers of that name, as a dict.

    Raises KeyError with the names there are.

    >>> recorded("01_least_squares")["images"]
    60000
    """
    folder = files(__name__)
    names = sorted(
        file.name.removesuffix(".json") for file in folder.iterdir() if file.name.endswith(".json")
    )
    if name not in names:
        raise KeyError(f"nothing was recorded under {name!r}; there are {', '.join(names)}")
    return json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))


def is_recorded(name):
    """Whether there are recorded numbers of that name: a page shows a GPU's only where there are.

    >>> is_recorded("01_least_squares"), is_recorded("02_dreamt")
    (True, False)
    """
    return (files(__name__) / f"{name}.json").is_file()
