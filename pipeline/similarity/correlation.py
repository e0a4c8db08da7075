"""How alike two lists of numbers are, by their values or by their order."""

import math

import numpy as np
from jaxtyping import Float64


def pearson(x: Float64[np.ndarray, " values"], y: Float64[np.ndarray, " values"]) -> float:
    """Return Pearson's correlation; NaN where there is none, as of values that are all equal."""
    if not len(x) or np.ptp(x) == 0 or np.ptp(y) == 0:
        return math.nan
    return float(np.clip(_standardised(x) @ _standardised(y), -1.0, 1.0))


def spearman(x: Float64[np.ndarray, " values"], y: Float64[np.ndarray, " values"]) -> float:
    """Return the correlation of the ranks; NaN where there is none."""
    return pearson(mean_ranks(x), mean_ranks(y))


def mean_ranks(values: Float64[np.ndarray, " values"]) -> Float64[np.ndarray, " values"]:
    """Return the ranks of values, from 1 on; equal values share their mean.

    Examples
    --------
    >>> mean_ranks(np.array([0.3, 0.1, 0.3])).tolist()
    [2.5, 1.0, 2.5]
    """
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[inverse]


def _standardised(values: Float64[np.ndarray, " values"]) -> Float64[np.ndarray, " values"]:
    """Return values with mean 0 and norm 1, at whatever scale they differ."""
    differing = values - values.mean()
    differing = differing / np.abs(differing).max()
    differing = differing - differing.mean()
    return differing / np.linalg.norm(differing)
