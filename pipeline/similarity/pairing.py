"""Two models' layers over the same rows: all of them, or a sample drawn with a seed."""

import numpy as np
from jaxtyping import Float64, Int64

from pipeline.similarity.centring import CentredLayer, Layers, centred_layers
from pipeline.similarity.cross_statistics import check_rows


def paired_layers(a: Layers, b: Layers) -> tuple[list[CentredLayer], list[CentredLayer]]:
    """Centre both models' layers, and check that they share their rows.

    Raises
    ------
    MatrixError
        The layers do not share their rows, or a value is not finite.
    """
    centred_a, centred_b = centred_layers(a, "a"), centred_layers(b, "b")
    check_rows(centred_a, centred_b)
    return centred_a, centred_b


def sampled_rows(rows: int, most_rows: int, seed: int) -> Int64[np.ndarray, " sampled"]:
    """Return all row numbers, or `most_rows` of them drawn without replacement, in order.

    Examples
    --------
    >>> sampled_rows(4, 10, seed=0).tolist()
    [0, 1, 2, 3]
    >>> len(sampled_rows(1000, 10, seed=0))
    10
    """
    if rows <= most_rows:
        return np.arange(rows)
    return np.sort(np.random.default_rng(seed).choice(rows, most_rows, replace=False))


def paired_samples(
    a: Layers, b: Layers, most_rows: int, seed: int
) -> tuple[list[Float64[np.ndarray, "sampled _"]], list[Float64[np.ndarray, "sampled _"]]]:
    """Return the same rows of all layers in float64, their columns centred on the sample.

    Raises
    ------
    MatrixError
        The layers do not share their rows, or a value is not finite, in whatever row.
    """
    layers_a, layers_b = paired_layers(a, b)
    rows = sampled_rows(len(layers_a[0]), most_rows, seed)
    sample_a, sample_b = (
        [_centred(layer, rows) for layer in layers] for layers in (layers_a, layers_b)
    )
    return sample_a, sample_b


def _centred(
    layer: CentredLayer, rows: Int64[np.ndarray, " sampled"]
) -> Float64[np.ndarray, "sampled dim"]:
    # The first row goes first, as in CentredLayer: a constant column becomes exactly zero.
    values = np.subtract(layer.values[rows], layer.first, dtype=np.float64)
    values -= values.mean(axis=0)
    return values
