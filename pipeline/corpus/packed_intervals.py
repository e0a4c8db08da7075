"""Many intervals as a few arrays, from which each is made when it is looked at."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar, cast, overload

import numpy as np
from jaxtyping import Float64, Int32

from cache.record import Arrays
from pipeline.time_axis import Interval

MaybeInterval_co = TypeVar("MaybeInterval_co", bound=Interval | None, covariant=True)


@dataclass(frozen=True, eq=False)
class Table:
    """Intervals, one a row; an interval that is None has a start that is no number.

    Attributes
    ----------
    vocabulary : sequence of str
    labels : int32 array [shape=(rows,)]
        Positions in the vocabulary.
    start, end, confidence : float64 array [shape=(rows,)]
        Seconds; a confidence that is not known is no number.
    """

    vocabulary: Sequence[str]
    labels: Int32[np.ndarray, " rows"]
    start: Float64[np.ndarray, " rows"]
    end: Float64[np.ndarray, " rows"]
    confidence: Float64[np.ndarray, " rows"]

    @classmethod
    def of(cls, intervals: Iterable[Interval | None]) -> "Table":
        """Pack intervals."""
        rows = list(intervals)
        codes: dict[str, int] = {}
        labels = [codes.setdefault(it.label if it else "", len(codes)) for it in rows]
        start, end, confidence = (
            # NumPy makes a number that is none of None.
            np.array(column, dtype=np.float64)
            for column in (
                [it.start if it else None for it in rows],
                [it.end if it else None for it in rows],
                [it.confidence if it else None for it in rows],
            )
        )
        return cls(list(codes), np.array(labels, dtype=np.int32), start, end, confidence)

    def arrays(self, name: str) -> dict[str, np.ndarray]:
        """Return the columns, for a record."""
        columns = ("labels", "start", "end", "confidence")
        return {f"{name}_{column}": getattr(self, column) for column in columns}

    @classmethod
    def from_arrays(cls, arrays: Arrays, name: str, vocabulary: Sequence[str]) -> "Table":
        """Return what `arrays` described."""
        columns = ("labels", "start", "end", "confidence")
        # Views of memory-mapped arrays cost more when they are cut, and there are many cuts.
        found = (np.asarray(arrays[f"{name}_{column}"]) for column in columns)
        return cls(vocabulary, *found)

    def part(self, first: int, end: int) -> "Table":
        """Return some rows, with the labels that they need."""
        rows = slice(first, end)
        codes, labels = np.unique(self.labels[rows], return_inverse=True)
        columns = (np.array(each[rows]) for each in (self.start, self.end, self.confidence))
        vocabulary = [self.vocabulary[code] for code in codes]
        return Table(vocabulary, labels.astype(np.int32), *columns)

    def digest(self, first: int, end: int) -> str:
        """Return the SHA-256 of what some rows say: labels, starts and ends, bit for bit."""
        labels = [self.vocabulary[code] for code in self.labels[first:end].tolist()]
        content = hashlib.sha256(json.dumps(labels).encode())
        for column in (self.start, self.end):
            content.update(column[first:end].astype("<f8").tobytes())
        return content.hexdigest()

    def __getitem__(self, row: int) -> Interval | None:
        start = float(self.start[row])
        if np.isnan(start):
            return None
        confidence = float(self.confidence[row])
        return Interval(
            self.vocabulary[self.labels[row]],
            start,
            float(self.end[row]),
            None if np.isnan(confidence) else confidence,
        )


@dataclass(frozen=True, eq=False)
class PackedIntervals(Sequence[MaybeInterval_co], Generic[MaybeInterval_co]):
    """Some rows of a table, as a sequence of intervals."""

    table: Table
    first: int
    end: int

    def __len__(self) -> int:
        return self.end - self.first

    @overload
    def __getitem__(self, index: int) -> MaybeInterval_co: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[MaybeInterval_co]: ...
    def __getitem__(self, index: int | slice) -> MaybeInterval_co | Sequence[MaybeInterval_co]:
        rows = range(self.first, self.end)[index]
        if isinstance(rows, range):
            return tuple(cast("MaybeInterval_co", self.table[row]) for row in rows)
        return cast("MaybeInterval_co", self.table[rows])

    def __iter__(self) -> Iterator[MaybeInterval_co]:
        return iter(self[:])

    def __reduce__(self) -> tuple[type, tuple[Table, int, int]]:
        """Take along to another process what is needed, not the intervals of the whole corpus."""
        return type(self), (self.table.part(self.first, self.end), 0, len(self))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and self[:] == tuple(other)

    def __hash__(self) -> int:
        return hash(self[:])


def digest_of(intervals: Sequence[Interval | None]) -> str:
    """Return the SHA-256 of labels, starts and ends, the same whether they are packed or not.

    Examples
    --------
    >>> words = [Interval("so", 0.1, 0.3), None]
    >>> digest_of(words) == digest_of(PackedIntervals(Table.of([None, *words]), 1, 3))
    True
    """
    if isinstance(intervals, PackedIntervals):
        return intervals.table.digest(intervals.first, intervals.end)
    return Table.of(intervals).digest(0, len(intervals))


def durations_s(intervals: Sequence[Interval | None]) -> Float64[np.ndarray, " rows"]:
    """Return how long each interval is, in seconds, and no number where there is none.

    Examples
    --------
    >>> durations_s([Interval("so", 0.5, 0.75), None])
    array([0.25,  nan])
    """
    packed = _packed(intervals)
    rows = slice(packed.first, packed.end)
    return packed.table.end[rows] - packed.table.start[rows]


def ends_s(intervals: Sequence[Interval | None]) -> Float64[np.ndarray, " rows"]:
    """Return when each interval ends, in seconds, and no number where there is none.

    Examples
    --------
    >>> ends_s([Interval("so", 0.5, 0.75), None])
    array([0.75,  nan])
    """
    packed = _packed(intervals)
    return packed.table.end[packed.first : packed.end]


def _packed(intervals: Sequence[Interval | None]) -> PackedIntervals[Interval | None]:
    if isinstance(intervals, PackedIntervals):
        return intervals
    return PackedIntervals(Table.of(intervals), 0, len(intervals))
