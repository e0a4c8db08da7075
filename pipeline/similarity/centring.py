"""Layers read block by block: rows whose columns have mean zero."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from jaxtyping import Float64, Real

from pipeline.errors import MatrixError
from pipeline.similarity.processor import Array, Processor

Layers: TypeAlias = Sequence[Real[np.ndarray, "..."]] | Real[np.ndarray, "..."]

BLOCK_ROWS = 256
_DOUBLE = Processor(np, "float64")


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
        block: Float64[np.ndarray, "block dim"] = self.block(rows, _DOUBLE)
        return block

    def block(self, rows: slice, processor: Processor) -> Array:
        """Return centred rows where, and in the type in which, they are multiplied."""
        if processor.dtype == "float32":
            # In one step: what the sum loses is the same for all rows.
            return processor.less(self.values[rows], self.first + self.mean)
        block = processor.less(self.values[rows], self.first)
        block -= processor.put(self.mean)
        return block

    def __len__(self) -> int:
        return len(self.values)

    @property
    def dim(self) -> int:
        """Length of a row."""
        return self.values.shape[1]

    def squared_lengths(self) -> Float64[np.ndarray, " rows"]:
        """Return the squared length of every centred row: the diagonal of the Gram matrix."""
        blocks = (self[rows] for rows in row_blocks(len(self), BLOCK_ROWS))
        return np.concatenate([np.vecdot(block, block) for block in blocks])


def row_blocks(rows: int, size: int) -> Iterator[slice]:
    """Yield the slices that cut `rows` rows into blocks of at most `size`.

    Examples
    --------
    >>> list(row_blocks(5, 2))
    [slice(0, 2, None), slice(2, 4, None), slice(4, 5, None)]
    """
    return (slice(start, min(start + size, rows)) for start in range(0, rows, size))


def centred_layers(layers: Layers, name: str, dtype: str = "float64") -> list[CentredLayer]:
    """Centre the columns of all layers of one model.

    Parameters
    ----------
    layers : sequence of array [shape=(rows, dim)]
        One array a layer, or one array of shape (layers, rows, dim).
    name : str
        What errors call the model.
    dtype : {"float64", "float32"}
        In which the rows of a block are added up; blocks always are in float64. Float32 is enough
        for products in float32, and several times as fast: what is left of the mean is the same for
        all rows, and meets rows of the other model that add up to nothing.

    Raises
    ------
    MatrixError
        There is no layer, a layer has no row or is not a matrix, or a value is not finite.
    """
    if not len(layers):
        raise MatrixError(f"{name} has no layers; expected at least one (rows, dim) array")
    named = [(layer, f"layer {index} of {name}", dtype) for index, layer in enumerate(layers)]
    with ThreadPoolExecutor() as threads:
        return list(threads.map(_centred, *zip(*named, strict=True)))


def _centred(values: Real[np.ndarray, "..."], name: str, dtype: str) -> CentredLayer:
    if values.ndim != 2 or not len(values):  # noqa: PLR2004 (a matrix has two axes)
        raise MatrixError(
            f"{name} has shape {values.shape}; expected (rows, dim) with at least one row "
            "(a single layer is given as a list of one array)"
        )
    first = values[0].astype(np.float64)
    total, start = np.zeros_like(first), first.astype(dtype)
    with np.errstate(invalid="ignore", over="ignore"):
        for rows in row_blocks(len(values), BLOCK_ROWS):
            total += np.subtract(values[rows], start, dtype=dtype).sum(axis=0)
    if np.isfinite(total).all():
        return CentredLayer(values, first, total / len(values))
    check_rows_finite(values, name)
    raise MatrixError(f"{name} holds values too large for sums in {dtype}; scale it down")


def check_layers_finite(layers: Layers, name: str) -> None:
    """Raise MatrixError if a value of any row of a model's layers is not finite.

    For what then takes only some of the rows: the error's number is of all of them.
    """
    for index, layer in enumerate(layers):
        check_rows_finite(layer, f"layer {index} of {name}")


def check_both_finite(a: Layers, b: Layers) -> None:
    """Raise MatrixError if a value of any row of either model's layers is not finite."""
    check_layers_finite(a, "a")
    check_layers_finite(b, "b")


def check_rows_finite(layer: Real[np.ndarray, "rows dim"], name: str) -> None:
    """Raise MatrixError if a value is not finite, reading the rows a block at a time."""
    for rows in row_blocks(len(layer), BLOCK_ROWS):
        check_finite(layer[rows], rows.start, name)


def check_finite(block: Real[np.ndarray, "block dim"], start: int, name: str) -> None:
    """Raise MatrixError if a value is not finite; `start` is the number of the first row."""
    finite = np.isfinite(block).all(axis=1)
    if not finite.all():
        row = start + int(np.argmin(finite))
        raise MatrixError(
            f"{name}, row {row} (counted from 0) holds a value that is not finite; leave the "
            "row out or compute it again"
        )
