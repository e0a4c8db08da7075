"""Overlapping windows of a model that hears a fixed length, and which rows to take from each."""

from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True)
class Window:
    """One of several runs over a recording, in rows of the whole recording.

    Attributes
    ----------
    start : int
        The first row that the model gives in this window.
    first, end : int
        The rows that are taken from it, half-open.
    """

    start: int
    first: int
    end: int

    @property
    def taken(self) -> slice:
        """The rows to take, counted from the window's own first row."""
        return slice(self.first - self.start, self.end - self.start)


def central_windows(rows: int, longest: int) -> list[Window]:
    """Return windows that overlap by a third or more, each row in the one where it is most central.

    The last window ends with the recording, so that no window but a single one needs padding. A
    row as far from the middle of two windows is taken from the earlier.

    Parameters
    ----------
    rows : int
        Of the whole recording.
    longest : int
        How many rows the model gives for a window.

    Examples
    --------
    >>> [(window.start, window.first, window.end) for window in central_windows(20, 9)]
    [(0, 0, 8), (6, 8, 13), (11, 13, 20)]
    """
    last = max(0, rows - longest)
    starts = [*range(0, last, longest - longest // 3), last]
    borders = [(start + following + longest + 1) // 2 for start, following in pairwise(starts)]
    edges = pairwise([0, *borders, rows])
    return [Window(start, *edge) for start, edge in zip(starts, edges, strict=True)]
