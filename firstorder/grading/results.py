"""What every report of a result shares: its total, and text that is safe to show.

A result is the plain dictionary that grading one submission gives: its schema is in
`firstorder.grading.grade`.
"""

import unicodedata


def total(result):
    """The result with `earned` and `points` summed from its questions, less a penalty if it was late.

    >>> total({"questions": [{"earned": 2, "points": 3}], "late": {"penalty": 0.5}})["earned"]
    1.5
    """
    earned = sum(q["earned"] for q in result["questions"])
    earned -= result.get("late", {}).get("penalty", 0.0)
    points = sum(q["points"] for q in result["questions"]) or result.get("points", 0.0)
    return {**result, "earned": max(0.0, round(earned, 6)), "points": points}


def waiting(result):
    """The ids of the questions that a person has still to mark; none where nothing could be read.

    >>> waiting({"status": "graded", "questions": [{"id": "in-words", "manual": True}]})
    ['in-words']
    """
    if result["status"] != "graded":
        return []
    return [q["id"] for q in result["questions"] if q["manual"] and "mark" not in q]


def number(value):
    """Points as text, to two decimals.

    >>> number(2.0), number(1 / 3)
    ('2', '0.33')
    """
    return f"{round(value, 2):.10g}"


def printable(text):
    r"""Text from anywhere, safe for a page, a table or a terminal.

    What is not to be seen (control characters, terminal escapes, changes of direction, halves of
    surrogate pairs) becomes �; newlines and tabs stay.

    >>> printable("a\x1b[2Jb\u202ec\n")
    'a�[2Jb�c\n'
    """
    return "".join(
        "�" if unicodedata.category(c) in ("Cc", "Cf", "Cs") and c not in "\n\t" else c
        for c in str(text)
    )
