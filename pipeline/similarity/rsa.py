"""Representational similarity analysis: do two layers order all pairs of words alike?"""

from typing import Literal

import numpy as np
from jaxtyping import Float64

from pipeline.similarity.centring import Layers
from pipeline.similarity.correlation import mean_ranks
from pipeline.similarity.pairing import paired_layers, sampled_rows

Dissimilarity = Literal["cosine", "correlation"]

# Rows that are equal must tie, though their products differ in the last digit.
_DECIMALS = 10
_FEWEST_ROWS = 3


def rsa(
    a: Layers,
    b: Layers,
    dissimilarity: Dissimilarity = "cosine",
    most_rows: int = 1500,
    seed: int = 0,
) -> Float64[np.ndarray, "layers_a layers_b"]:
    """Return Spearman's correlation of the dissimilarities of all pairs of rows.

    Parameters
    ----------
    a, b : sequence of array [shape=(rows, dim)]
        The layers of two models over the same rows, possibly memory-mapped; dims may differ.
    dissimilarity : {"cosine", "correlation"}
        1 minus the cosine of two rows, seen from the mean row; or 1 minus Pearson's correlation
        of two rows over their dimensions (Kriegeskorte et al. 2008), which depends on the axes.
    most_rows : int
        Of more rows, so many are drawn. A layer takes 4 · most_rows² bytes.
    seed : int
        Which rows are drawn.

    Returns
    -------
    float64 array [shape=(layers_a, layers_b)]
        Between -1 and 1; equal dissimilarities share their mean rank, and a vector without length
        has cosine 0 with all others. NaN where all dissimilarities of a layer are equal, as with
        fewer than 3 rows.

    Raises
    ------
    MatrixError
        The layers do not share their rows, or a value is not finite.
    """
    layers_a, layers_b = paired_layers(a, b)
    rows = sampled_rows(len(layers_a[0]), most_rows, seed)
    if len(rows) < _FEWEST_ROWS:
        return np.full((len(layers_a), len(layers_b)), np.nan)
    ranks_a, ranks_b = (
        np.stack([_ranks(_vectors(layer.values[rows], dissimilarity)) for layer in layers])
        for layers in (layers_a, layers_b)
    )
    return ranks_a @ ranks_b.T


def _vectors(values: np.ndarray, dissimilarity: Dissimilarity) -> Float64[np.ndarray, "rows dim"]:
    """Return vectors whose cosines are wanted: what is constant in them is exactly zero."""
    axis = 0 if dissimilarity == "cosine" else 1
    vectors = np.subtract(values, values.take([0], axis=axis), dtype=np.float64)
    return vectors - vectors.mean(axis=axis, keepdims=True)


def _ranks(vectors: Float64[np.ndarray, "rows dim"]) -> Float64[np.ndarray, " pairs"]:
    """Return the pairs' ranks, centred and of length 1; NaN where all are equal."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)
    pairs = np.triu_indices(len(unit), k=1)
    ranks = mean_ranks(np.round(1 - (unit @ unit.T)[pairs], _DECIMALS))
    ranks -= ranks.mean()
    return ranks / (np.linalg.norm(ranks) or np.nan)
