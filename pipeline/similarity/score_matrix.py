"""Scores of all pairs of layers without their chance levels: what any study publishes."""

import math
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from jaxtyping import Float64

from pipeline.errors import MatrixError
from pipeline.similarity.result import SimilarityResult

Cell = tuple[int, int]

TIE: Final = 1e-9
"""Scores that differ by less are equal, as those of each layer with itself, 1 but for rounding."""


@dataclass(frozen=True, eq=False)
class ScoreMatrix:
    """Scores of all pairs of layers, and where they are from.

    Attributes
    ----------
    scores : float64 array [shape=(layers_a, layers_b)]
        NaN where the value does not exist.
    model_a, model_b : str
    layer_names_a, layer_names_b : tuple of str
    source : str
        The file, or what else the scores are from.
    row_digest : str or None
        Of the tokens that were compared; None where it is not known, as of a study's file.
    rows : int or None
        How many the scores are over.
    """

    scores: Float64[np.ndarray, "layers_a layers_b"]
    model_a: str
    model_b: str
    layer_names_a: tuple[str, ...]
    layer_names_b: tuple[str, ...]
    source: str
    row_digest: str | None = None
    rows: int | None = None

    def __post_init__(self) -> None:
        expected = (len(self.layer_names_a), len(self.layer_names_b))
        if self.scores.shape != expected:
            raise ValueError(
                f"scores has shape {self.scores.shape}; the layers' names say {expected}"
            )

    @classmethod
    def of(cls, result: SimilarityResult, source: str) -> "ScoreMatrix":
        """Return the scores of a result of one's own."""
        return cls(
            scores=result.scores,
            model_a=result.model_a,
            model_b=result.model_b,
            layer_names_a=result.layer_names_a,
            layer_names_b=result.layer_names_b,
            source=source,
            row_digest=result.row_digest,
            rows=result.rows_measured,
        )

    @property
    def maximum_at(self) -> Cell | None:
        """Where the largest score is, the first of equals row by row; None without any score."""
        return cell_of_largest(self.scores, TIE)

    @property
    def minimum_at(self) -> Cell | None:
        """Where the smallest score is, the first of equals row by row; None without any score."""
        return cell_of_largest(-self.scores, TIE)

    def transposed(self) -> "ScoreMatrix":
        """Return the same scores with the models in the other order."""
        return replace(
            self,
            scores=self.scores.T,
            model_a=self.model_b,
            model_b=self.model_a,
            layer_names_a=self.layer_names_b,
            layer_names_b=self.layer_names_a,
        )

    def without_first(self, of_a: int, of_b: int) -> "ScoreMatrix":
        """Return the scores without so many first layers of A and of B.

        The original study leaves the input of transformers out, which is layer 0 here.

        Raises
        ------
        MatrixError
            If no layer would be left.
        """
        rows, columns = self.scores.shape
        if not (0 <= of_a < rows and 0 <= of_b < columns):
            raise MatrixError(
                f"{self.source}: {of_a} and {of_b} first layers cannot be left out of {rows} x "
                f"{columns}; leave out fewer, and not less than none"
            )
        return replace(
            self,
            scores=self.scores[of_a:, of_b:],
            layer_names_a=self.layer_names_a[of_a:],
            layer_names_b=self.layer_names_b[of_b:],
        )

    def place_as_plain_values(self, cell: Cell) -> dict[str, Any]:
        """Return the place of a cell, counted from 1, with the names of its layers."""
        row, column = cell
        return {
            "row": row + 1,
            "column": column + 1,
            "layer1": self.layer_names_a[row],
            "layer2": self.layer_names_b[column],
        }

    def as_plain_values(self) -> dict[str, Any]:
        """Return the scores and their labels; null where no value exists."""
        return {
            "source": self.source,
            "model1": self.model_a,
            "model2": self.model_b,
            "layers1": list(self.layer_names_a),
            "layers2": list(self.layer_names_b),
            "scores": plain_rows(self.scores),
        }


def cell_of_largest(
    values: Float64[np.ndarray, "layers_a layers_b"], tie: float = 0.0
) -> Cell | None:
    """Return the first cell, row by row, whose value is at most `tie` below the largest.

    None if no value is finite.
    """
    known = np.isfinite(values)
    if not known.any():
        return None
    first = np.argmax(known & (values >= values[known].max() - tie))
    row, column = np.unravel_index(first, values.shape)
    return int(row), int(column)


def plain_rows(values: Float64[np.ndarray, "rows columns"]) -> list[list[float | None]]:
    """Return a table as lists; None where no value exists."""
    return [[value if math.isfinite(value) else None for value in row] for row in values.tolist()]
