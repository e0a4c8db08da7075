"""Layers read block by block: float64 rows whose columns have mean zero."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from jaxtyping import Float64, Real

from pipeline.errors import MatrixError

Layers: TypeAlias = Sequence[Real[np.ndarray, "..."]] | Real[np.ndarray, "..."]

BLOCK_ROWS = 2048


@dataclass(frozen=True, eq=False)
class CentredLayer:
    """One layer; slices of it are centred, in float64, and read only when asked for.

    Attributes
    ----------
    values : array [shape=(rows, dim)]
        As stored, possibly memory-mapped.
    first : float64 array [shape=(dim,)]
        The first row. It is subtracted before the mean, so that a constant column becomes
        exactly zero and a large offset costs no digits.
    mean : float64 array [shape=(dim,)]
        Column means of ``values - first``.
    """

    values: Real[np.ndarray, "rows dim"]
    first: Float64[np.ndarray, " dim"]
    mean: Float64[np.ndarray, " dim"]

    def __getitem__(self, rows: slice) -> Float64[np.ndarray, "block dim"]:
        block = np.subtract(self.values[rows], self.first, dtype=np.float64)
        block -= self.mean
        return block

    def __len__(self) -> int:
        return len(self.values)

    @property
    def dim(self) -> int:
        """Length of a row."""
        return self.values.shape[1]

    def squared_lengths(self) -> Float64[np.ndarray, " rows"]:
        """Return the squared length of every centred row: the diagonal of the Gram matrix."""
        blocks = [self[rows] for rows in row_blocks(len(self), BLOCK_ROWS)]
        return np.concatenate([np.vecdot(block, block) for block in blocks])


def row_blocks(rows: int, size: int) -> Iterator[slice]:
    """Yield the slices that cut `rows` rows into blocks of at most `size`.

    Examples
    --------
    >>> list(row_blocks(5, 2))
    [slice(0, 2, None), slice(2, 4, None), slice(4, 5, None)]
    """
    return (slice(start, min(start + size, rows)) for start in range(0, rows, size))


def centred_layers(layers: Layers, name: str) -> list[CentredLayer]:
    """Centre the columns of all layers of one model.

    Parameters
    ----------
    layers : sequence of array [shape=(rows, dim)]
        One array a layer, or one array of shape (layers, rows, dim).
    name : str
        What errors call the model.

    Raises
    ------
    MatrixError
        There is no layer, a layer has no row or is not a matrix, or a value is not finite.
    """
    if not len(layers):
        raise MatrixError(f"{name} has no layers; expected at least one (rows, dim) array")
    return [_centred(layer, f"layer {index} of {name}") for index, layer in enumerate(layers)]


def _centred(values: Real[np.ndarray, "..."], name: str) -> CentredLayer:
    if values.ndim != 2 or not len(values):  # noqa: PLR2004 (a matrix has two axes)
        raise MatrixError(
            f"{name} has shape {values.shape}; expected (rows, dim) with at least one row "
            "(a single layer is given as a list of one array)"
        )
    first = values[0].astype(np.float64)
    total = np.zeros_like(first)
    for rows in row_blocks(len(values), BLOCK_ROWS):
        check_finite(values[rows], rows.start, name)
        total += np.subtract(values[rows], first, dtype=np.float64).sum(axis=0)
    return CentredLayer(values, first, total / len(values))


def check_finite(block: Real[np.ndarray, "block dim"], start: int, name: str) -> None:
    """Raise MatrixError if a value is not finite; `start` is the number of the first row."""
    finite = np.isfinite(block).all(axis=1)
    if not finite.all():
        row = start + int(np.argmin(finite))
        raise MatrixError(
            f"{name}, row {row} (counted from 0) holds a value that is not finite; leave the "
            "row out or compute it again"
        )
