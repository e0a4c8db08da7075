"""Orthogonal Procrustes similarity of all pairs of two models' layers."""

from itertools import product

import numpy as np
from jaxtyping import Float64

from pipeline.similarity.centring import CentredLayer, Layers, row_blocks
from pipeline.similarity.pairing import paired_layers
from pipeline.similarity.processor import Processor

# So many that adding products up takes little beside forming them, and few enough to hold.
BLOCK_ROWS = 2048
_DOUBLE = Processor(np, "float64")


def orthogonal_procrustes(a: Layers, b: Layers) -> Float64[np.ndarray, "layers_a layers_b"]:
    """Return the cosine of X and Y, centred, after the rotation of X that is best for it.

    That is ||X'Y||_* / (||X|| ||Y||), with the nuclear norm above. Its arc cosine is the angular
    shape metric of Williams et al. (2021; netrep's ``LinearMetric(alpha=1)``), and
    sqrt(2 - 2 cosine) the distance of Ding et al. (2021; ReSi's
    ``OrthogonalProcrustesCenteredAndNormalized``).

    Parameters
    ----------
    a, b : sequence of array [shape=(rows, dim)]
        The layers of two models over the same rows, possibly memory-mapped; dims may differ.

    Returns
    -------
    float64 array [shape=(layers_a, layers_b)]
        1 where two layers agree up to rotation, scale and translation. Like every biased measure,
        it grows as rows become few beside dimensions. NaN where all rows of a layer are equal.

    Raises
    ------
    MatrixError
        The layers do not share their rows, or a value is not finite.
    """
    layers_a, layers_b = paired_layers(a, b)
    lengths_a, lengths_b = (
        np.array([np.sqrt(layer.squared_lengths().sum()) or np.nan for layer in layers])
        for layers in (layers_a, layers_b)
    )
    with _DOUBLE.threads() as threads:
        pairs = zip(*product(layers_a, layers_b), strict=True)
        norms = np.array(list(threads.map(_nuclear_norm, *pairs)))
    return norms.reshape(len(a), len(b)) / np.outer(lengths_a, lengths_b)


def _nuclear_norm(x: CentredLayer, y: CentredLayer) -> float:
    return float(np.linalg.norm(_cross_product(x, y), "nuc"))


def _cross_product(x: CentredLayer, y: CentredLayer) -> Float64[np.ndarray, "dim_a dim_b"]:
    total = np.zeros((x.dim, y.dim))
    for rows in row_blocks(len(x), BLOCK_ROWS):
        total += x[rows].T @ y[rows]
    return total
