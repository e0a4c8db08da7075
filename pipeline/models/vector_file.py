"""A text file of word vectors: one word and its numbers a line, looked up without loading it.

GloVe writes no header, word2vec a first line ``WORDS DIMENSIONS``. A word may hold spaces (GloVe's
"840B" has some), so a line is parted from its end.
"""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Float32, Int64

from pipeline.errors import ModelError

_FIRST_LINES = 100
_HEADER_FIELDS = 2


class Layout(NamedTuple):
    """How many numbers a line has, and whether the first line is a header."""

    dims: int
    has_header: bool


def read_layout(file: Path) -> Layout:
    """Return the layout, from the first lines.

    Raises
    ------
    ModelError
        If these are no vectors.
    """
    with file.open("rb") as opened:
        fields = [line.split() for line in islice(opened, _FIRST_LINES)]
    has_header = bool(fields) and len(fields[0]) == _HEADER_FIELDS and _are_counts(fields[0])
    # A word that holds spaces makes a line longer, never shorter.
    dims = min((len(line) - 1 for line in fields[has_header:]), default=0)
    if dims < 1:
        raise ModelError(
            f"{file}: expected a word and its numbers in each line, parted by spaces, found "
            f"{b' '.join(fields[0])[:40]!r}"
            if fields
            else f"{file}: the file is empty"
        )
    if has_header and int(fields[0][1]) != dims:
        raise ModelError(
            f"{file}, line 1: announces {int(fields[0][1])} dimensions, but its lines have {dims}"
        )
    return Layout(dims, has_header)


def _are_counts(fields: list[bytes]) -> bool:
    return all(field.isdigit() for field in fields)


class VectorFile:
    """Finds the vectors of words; it keeps where each line begins, not what it says.

    Parameters
    ----------
    file : Path

    Raises
    ------
    ModelError
        If a line has too few numbers.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self.layout = read_layout(file)
        hashes, offsets = [], []
        for word, offset in self._lines():
            hashes.append(hash(word))
            offsets.append(offset)
        unsorted = np.array(hashes, dtype=np.int64)
        # Of two lines for one word, the first counts.
        order = np.argsort(unsorted, kind="stable")
        self._hashes: Int64[np.ndarray, " words"] = unsorted[order]
        self._offsets: Int64[np.ndarray, " words"] = np.array(offsets, dtype=np.int64)[order]

    def _lines(self) -> Iterator[tuple[bytes, int]]:
        offset = 0
        with self._file.open("rb") as opened:
            for number, line in enumerate(opened, start=1):
                if number > 1 or not self.layout.has_header:
                    yield self._word(line, number), offset
                offset += len(line)

    def _word(self, line: bytes, number: int) -> bytes:
        spaces = line.rstrip().count(b" ")
        if spaces < self.layout.dims:
            raise ModelError(
                f"{self._file}, line {number}: expected a word and {self.layout.dims} numbers, "
                f"found {spaces} of them; download the file again"
            )
        word, _, _ = line.partition(b" ")
        return (
            word if spaces == self.layout.dims else line.rstrip().rsplit(b" ", self.layout.dims)[0]
        )

    def find(self, word: str) -> Float32[np.ndarray, " dims"] | None:
        """Return the vector of a word, None where the file has none.

        Raises
        ------
        ModelError
            If its line is damaged.
        """
        wanted = word.encode()
        first = int(np.searchsorted(self._hashes, hash(wanted)))
        with self._file.open("rb") as opened:
            while first < len(self._hashes) and self._hashes[first] == hash(wanted):
                opened.seek(int(self._offsets[first]))
                found, *numbers = opened.readline().rstrip().rsplit(b" ", self.layout.dims)
                if found == wanted:
                    return self._vector(word, numbers)
                first += 1
        return None

    def _vector(self, word: str, numbers: list[bytes]) -> Float32[np.ndarray, " dims"]:
        try:
            vector = np.array([float(number) for number in numbers], dtype=np.float32)
        except ValueError as error:
            raise ModelError(
                f"{self._file}: the vector of {word!r} is damaged ({error})"
            ) from error
        if not np.isfinite(vector).all():
            raise ModelError(f"{self._file}: the vector of {word!r} is not finite")
        return vector
