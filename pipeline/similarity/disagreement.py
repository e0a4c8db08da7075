"""Where measures of similarity disagree: not by their values, whose scales differ, but by rank."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from pipeline.errors import MatrixError
from pipeline.similarity.correlation import mean_ranks, spearman


@dataclass(frozen=True, eq=False)
class Disagreement:
    """The cells of one comparison, ordered by several measures.

    Attributes
    ----------
    ranks : float64 array [shape=(measures, layers_a, layers_b)]
        From 0, the lowest cell of a measure, to 1, its highest; equal cells share the mean of
        their ranks. NaN where the measure has no value, and 0.5 where all its cells are equal.
    spread : float64 array [shape=(layers_a, layers_b)]
        The highest rank of a cell minus its lowest: 0 where all measures place it alike, 1 where
        one measure's best is another's worst. NaN with fewer than two ranks.
    spearman : float64 array [shape=(measures, measures)]
        Correlation of the ranks of two measures, over the cells that have a value by both.
    """

    ranks: Float64[np.ndarray, "measures layers_a layers_b"]
    spread: Float64[np.ndarray, "layers_a layers_b"]
    spearman: Float64[np.ndarray, "measures measures"]


def disagreement(
    scores: Sequence[Float64[np.ndarray, "layers_a layers_b"]],
) -> Disagreement:
    """Order the cells by each measure, and say where the orders differ.

    Parameters
    ----------
    scores : sequence of float64 array [shape=(layers_a, layers_b)]
        Of the same two models by each measure; NaN where the value does not exist.

    Raises
    ------
    MatrixError
        If there is none, or their shapes differ.
    """
    shapes = sorted({each.shape for each in scores})
    if len(shapes) != 1:
        raise MatrixError(f"expected scores of the same layers by each measure, found {shapes}")
    ranks = np.stack([_ranks(each) for each in scores])
    known = np.isfinite(ranks)
    highest = ranks.max(axis=0, where=known, initial=-np.inf)
    lowest = ranks.min(axis=0, where=known, initial=np.inf)
    spread = np.where(known.sum(axis=0) > 1, highest - lowest, np.nan)
    return Disagreement(ranks, spread, np.array([[_alike(x, y) for y in scores] for x in scores]))


def _ranks(
    scores: Float64[np.ndarray, "layers_a layers_b"],
) -> Float64[np.ndarray, "layers_a layers_b"]:
    known = np.isfinite(scores)
    ranks = np.full(scores.shape, np.nan)
    ranks[known] = (mean_ranks(scores[known]) - 1) / max(known.sum() - 1, 1)
    return ranks if known.sum() > 1 else np.where(known, 0.5, np.nan)


def _alike(
    x: Float64[np.ndarray, "layers_a layers_b"], y: Float64[np.ndarray, "layers_a layers_b"]
) -> float:
    both = np.isfinite(x) & np.isfinite(y)
    return spearman(x[both], y[both])
