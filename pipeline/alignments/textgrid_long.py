"""A short cut through the intervals of TextGrids in the layout that nearly all files have.

It reads what it knows word for word, as the tokens in :mod:`pipeline.alignments.textgrid` would be
read, and leaves everything else to them.
"""

import re
from itertools import islice
from typing import NamedTuple

from pipeline.alignments.alignment import Mark

_SECONDS = r"([0-9]{1,9}(?:\.[0-9]{1,20})?+)"
_INTERVAL = re.compile(
    rf"\s*+intervals \[[0-9]++\]:\s++xmin = {_SECONDS}\s++xmax = {_SECONDS}\s++"
    r'text = "([^"]*+(?:""[^"]*+)*+)"(?=\s|\Z)'
)


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
    marks, end, last_text = [], position, 0
    for found in islice(_INTERVAL.finditer(text, position), count):
        start, stop, label = found.groups()
        mark = Mark(float(start), float(stop), label.replace('""', '"'))
        if found.start() != end or mark.start > mark.end:
            return None
        marks.append(mark)
        end, last_text = found.end(), found.start(3) - 1
    return Intervals(tuple(marks), last_text) if len(marks) == count > 0 else None
