"""Scores of all pairs of layers without their chance levels: what any study publishes."""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float64

from pipeline.errors import MatrixError
from pipeline.similarity.result import SimilarityResult


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
    """

    scores: Float64[np.ndarray, "layers_a layers_b"]
    model_a: str
    model_b: str
    layer_names_a: tuple[str, ...]
    layer_names_b: tuple[str, ...]
    source: str

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
        )

    def transposed(self) -> "ScoreMatrix":
        """Return the same scores with the models in the other order."""
        return ScoreMatrix(
            scores=self.scores.T,
            model_a=self.model_b,
            model_b=self.model_a,
            layer_names_a=self.layer_names_b,
            layer_names_b=self.layer_names_a,
            source=self.source,
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
