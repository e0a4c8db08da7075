"""How well two matrices of scores agree, cell by cell: one published, say, and one of one's own."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float64

from pipeline.errors import MatrixError
from pipeline.similarity.correlation import pearson, spearman
from pipeline.similarity.score_matrix import Cell, ScoreMatrix, cell_of_largest, plain_rows


@dataclass(frozen=True, eq=False)
class Agreement:
    """Two matrices of scores and what differs; only cells that have a value in both are compared.

    Cells are (layer of A, layer of B), counted from 0.

    Attributes
    ----------
    one, other : ScoreMatrix
    difference : float64 array [shape=(layers_a, layers_b)]
        `one` minus `other`; NaN where either has no value.
    compared, left_out : int
        How many cells have a value in both, and how many have not.
    largest : float
        Largest absolute difference; NaN where nothing is compared, as all that follows.
    largest_at : (int, int) or None
    mean_absolute : float
    pearson, spearman : float
        Correlation over the cells, of their values and of their ranks (equal values share the mean
        of their ranks); NaN where either matrix has the same value in all of them.
    """

    one: ScoreMatrix
    other: ScoreMatrix
    difference: Float64[np.ndarray, "layers_a layers_b"]
    compared: int
    left_out: int
    largest: float
    largest_at: Cell | None
    mean_absolute: float
    pearson: float
    spearman: float

    @property
    def layers_apart(self) -> tuple[int, int] | None:
        """How many layers of A, and of B, the two maxima are apart; None without either."""
        at, other_at = self.one.maximum_at, self.other.maximum_at
        if at is None or other_at is None:
            return None
        return abs(at[0] - other_at[0]), abs(at[1] - other_at[1])

    @property
    def other_rows(self) -> str:
        """Say that the two are over other rows; empty if they are not, or if it is not known.

        Either the tokens differ, or how many of them the scores are over.
        """
        one, other = self.one, self.other
        if one.rows is None or other.rows is None:
            return ""
        if one.row_digest is None or other.row_digest is None:
            return ""
        if (one.row_digest, one.rows) == (other.row_digest, other.rows):
            return ""
        return f"over other rows: {one.rows:,} and {other.rows:,}"

    def as_plain_values(self) -> dict[str, Any]:
        """Return all of it as plain values; places are counted from 1, null is no value."""
        numbers = {
            "largest": self.largest,
            "mean_absolute": self.mean_absolute,
            "pearson": self.pearson,
            "spearman": self.spearman,
        }
        return {
            "one": self.one.as_plain_values(),
            "other": self.other.as_plain_values(),
            "difference": plain_rows(self.difference),
            "other_rows": self.other_rows or None,
            "compared": self.compared,
            "left_out": self.left_out,
            **{name: value if math.isfinite(value) else None for name, value in numbers.items()},
            "largest_at": _place(self.one, self.largest_at),
            "maximum_one_at": _place(self.one, self.one.maximum_at),
            "maximum_other_at": _place(self.other, self.other.maximum_at),
            "layers_apart": self.layers_apart,
        }


def agreement(one: ScoreMatrix, other: ScoreMatrix) -> Agreement:
    """Compare two matrices of scores.

    Models and layers may be called differently, and are matched by their place: whether they are
    the same is for the caller to know.

    Raises
    ------
    MatrixError
        If their shapes differ, or if one has the other's models the other way round.
    """
    _check_comparable(one, other)
    difference = one.scores - other.scores
    both = np.isfinite(difference)
    x, y, distance = one.scores[both], other.scores[both], np.abs(difference)
    largest_at = cell_of_largest(distance)
    return Agreement(
        one=one,
        other=other,
        difference=difference,
        compared=len(x),
        left_out=both.size - len(x),
        largest=math.nan if largest_at is None else float(distance[largest_at]),
        largest_at=largest_at,
        mean_absolute=float(distance[both].mean()) if len(x) else math.nan,
        pearson=pearson(x, y),
        spearman=spearman(x, y),
    )


def _check_comparable(one: ScoreMatrix, other: ScoreMatrix) -> None:
    exchanged = (one.model_a, one.model_b) == (other.model_b, other.model_a)
    if exchanged and one.model_a != one.model_b:
        raise MatrixError(
            f"{one.source} has {one.model_a} in its rows and {one.model_b} in its columns, "
            f"{other.source} has them the other way round; transpose one of them"
        )
    if one.scores.shape != other.scores.shape:
        raise MatrixError(
            f"expected as many layers in both: {_described(one)}, but {_described(other)}; "
            "transpose one, or leave out the first layers that the other has not (layer 0 is the "
            "input of a transformer, which the original study leaves out)"
        )


def _described(matrix: ScoreMatrix) -> str:
    rows, columns = matrix.scores.shape
    return (
        f"{matrix.source} has {rows} of {matrix.model_a} in its rows and {columns} of "
        f"{matrix.model_b} in its columns"
    )


def _place(matrix: ScoreMatrix, cell: Cell | None) -> dict[str, Any] | None:
    return None if cell is None else matrix.place_as_plain_values(cell)
