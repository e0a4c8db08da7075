"""A short cut through the intervals of TextGrids in the layout that nearly all files have.

It reads what it knows word for word, as the tokens in :mod:`pipeline.alignments.textgrid` would be
read, and leaves everything else to them.
"""

import re
from typing import NamedTuple

from pipeline.alignments.alignment import Mark

_SECONDS = r"([0-9]{1,9}(?:\.[0-9]{1,20})?+)"
_INTERVAL = (
    rf"\s*+intervals \[[0-9]++\]:\s++xmin = {_SECONDS}\s++xmax = {_SECONDS}\s++"
    r'text = "([^"]*+(?:""[^"]*+)*+)"(?=\s|\Z)'
)
_ONE = re.compile(_INTERVAL)
_MANY = re.compile(f"(?:{_INTERVAL})*+")


class Intervals(NamedTuple):
    """The intervals of a tier, and where the text of the last one starts."""

    marks: tuple[Mark, ...]
    last_text: int


def long_intervals(text: str, position: int, count: int) -> Intervals | None:
    """Return the `count` intervals that follow a position, if they are in the known layout.

    Parameters
    ----------
    text : str
        A TextGrid.
    """
    many = _MANY.match(text, position)
    found = list(_ONE.finditer(text, position, many.end())) if many else []
    if len(found) != count or not found:
        return None
    marks = tuple(
        Mark(float(start), float(stop), label.replace('""', '"'))
        for start, stop, label in (each.groups() for each in found)
    )
    if any(mark.start > mark.end for mark in marks):
        return None
    return Intervals(marks, found[-1].start(3) - 1)
