"""Which rows are near which, in one layer or in two."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64, Int64, Real

from pipeline.errors import MatrixError
from pipeline.similarity.centring import BLOCK_ROWS, check_finite, row_blocks

# Rows that are equal must tie, though their products differ in the last digit.
_DECIMALS = 12
# Held at once, 64 MB.
MOST_PRODUCTS = 2**23


def unit_rows(values: Real[np.ndarray, "rows dim"]) -> Float64[np.ndarray, "rows dim"]:
    """Return the rows in float64 with length 1; a row of zeros stays as it is."""
    rows = values.astype(np.float64)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)


def nearest_rows(unit: Float64[np.ndarray, "rows dim"], k: int) -> Int64[np.ndarray, "rows k"]:
    """Return the k other rows with the largest cosine to each row, the nearest first.

    Of rows at the same cosine (to 12 decimals), the one that comes first is nearer.

    Parameters
    ----------
    unit : float64 array [shape=(rows, dim)]
        Rows of length 1, or of zeros.

    Raises
    ------
    MatrixError
        There are not k other rows.
    """
    check_neighbours(len(unit), k)
    found = np.empty((len(unit), k), dtype=np.int64)
    for rows in row_blocks(len(unit), max(1, MOST_PRODUCTS // len(unit))):
        products = np.round(unit[rows] @ unit.T, _DECIMALS)
        products[np.arange(len(products)), np.arange(rows.start, rows.stop)] = -np.inf
        found[rows] = _largest(products, k)
    return found


def check_neighbours(rows: int, k: int) -> None:
    """Raise MatrixError unless every row has k neighbours, and k is positive."""
    if not 0 < k < rows:
        raise MatrixError(
            f"{rows} rows have no {k} neighbours each; choose between 1 and {rows - 1}, or take "
            "more rows"
        )


def _largest(products: Float64[np.ndarray, "block rows"], k: int) -> Int64[np.ndarray, "block k"]:
    return np.argsort(-products, axis=1, stable=True)[:, :k]


def shared_neighbours(
    a: Int64[np.ndarray, "rows k"], b: Int64[np.ndarray, "rows k"]
) -> Bool[np.ndarray, "rows k"]:
    """Return for each neighbour in a whether it is one in b too."""
    return (a[:, :, np.newaxis] == b[:, np.newaxis, :]).any(axis=2)


@dataclass(frozen=True, eq=False)
class Neighbourhood:
    """The nearest rows of one row, in two layers.

    Attributes
    ----------
    nearest_a, nearest_b : int64 array [shape=(k,)]
        Row numbers, the nearest first.
    cosines_a, cosines_b : float64 array [shape=(k,)]
    """

    nearest_a: Int64[np.ndarray, " k"]
    nearest_b: Int64[np.ndarray, " k"]
    cosines_a: Float64[np.ndarray, " k"]
    cosines_b: Float64[np.ndarray, " k"]

    @property
    def shared(self) -> Int64[np.ndarray, " shared"]:
        """The rows that are near in both, in a's order."""
        return self.nearest_a[np.isin(self.nearest_a, self.nearest_b)]

    @property
    def overlap(self) -> float:
        """The share of the k neighbours that both layers have."""
        return len(self.shared) / len(self.nearest_a)


def neighbourhood(
    a: Real[np.ndarray, "rows_a dim_a"], b: Real[np.ndarray, "rows_b dim_b"], row: int, k: int = 10
) -> Neighbourhood:
    """Return the k nearest other rows of `row` in a layer of each model.

    For word types in place of tokens, give the layers' type means
    (:func:`pipeline.similarity.row_transforms.group_means`).

    Raises
    ------
    MatrixError
        There are not k other rows, the layers do not share their rows, or a value is not finite.
    """
    if len(a) != len(b):
        raise MatrixError(f"a has {len(a)} rows and b {len(b)}; they must hold the same words")
    check_neighbours(len(a), k)
    nearest_a, cosines_a = _nearest_to(a, row, k, "a")
    nearest_b, cosines_b = _nearest_to(b, row, k, "b")
    return Neighbourhood(nearest_a, nearest_b, cosines_a, cosines_b)


def _nearest_to(
    layer: Real[np.ndarray, "rows dim"], row: int, k: int, name: str
) -> tuple[Int64[np.ndarray, " k"], Float64[np.ndarray, " k"]]:
    (query,) = unit_rows(layer[row : row + 1])
    cosines = np.empty(len(layer))
    for rows in row_blocks(len(layer), BLOCK_ROWS):
        check_finite(layer[rows], rows.start, name)
        cosines[rows] = unit_rows(layer[rows]) @ query
    others = np.round(cosines, _DECIMALS)
    others[row] = -np.inf
    (nearest,) = _largest(others[np.newaxis], k)
    return nearest, cosines[nearest]
