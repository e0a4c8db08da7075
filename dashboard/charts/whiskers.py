"""Intervals as whiskers at the points of a line."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from pipeline.analyses.cell_intervals import CellIntervals
from pipeline.similarity.score_matrix import Cell


def whiskers(
    intervals: CellIntervals, cells: Sequence[Cell], values: Iterable[float]
) -> dict[str, Any]:
    """Return how far the intervals of cells reach above and below their values.

    Intervals may be of a sample of the rows, whose value is not quite that of all: none is drawn
    the wrong way round.
    """
    at = np.array(list(values))
    high, low = (
        np.array([table[cell] for cell in cells]) for table in (intervals.high, intervals.low)
    )
    return {
        "type": "data",
        "symmetric": False,
        "array": np.maximum(high - at, 0),
        "arrayminus": np.maximum(at - low, 0),
        "thickness": 1.2,
        "width": 0,
    }
