"""Linear centred kernel alignment (CKA) of all pairs of two models' layers."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from jaxtyping import Float64

from pipeline.similarity.centring import Layers
from pipeline.similarity.cross_statistics import CrossStatistics, cross_statistics
from pipeline.similarity.result import Estimator

# Rounding leaves up to 1e-12 of a value that is exactly zero (by features; float32 rows 1e-13).
ZERO = 1e-10


def cka(
    a: Layers, b: Layers, estimator: Estimator = "debiased"
) -> Float64[np.ndarray, "layers_a layers_b"]:
    """Compare every layer of one model with every layer of another.

    Parameters
    ----------
    a, b : sequence of array [shape=(rows, dim)]
        The layers of two models over the same rows, possibly memory-mapped; dims may differ.
    estimator : {"debiased", "biased"}
        Debiased values are 0 on average for unrelated models, and may be negative; biased ones
        grow as rows become few beside dimensions (Murphy et al. 2024).

    Returns
    -------
    float64 array [shape=(layers_a, layers_b)]
        1 where two layers agree up to rotation, scale and translation. NaN where there is no
        value: see :func:`biased_cka` and :func:`debiased_cka`.

    Raises
    ------
    MatrixError
        The layers do not share their rows, or a value is not finite.

    Examples
    --------
    >>> x = np.array([[0.0, 1.0], [2.0, 0.0], [3.0, 1.0], [7.0, 5.0], [4.0, 4.0]])
    >>> cka([x, x[:, :1]], [10 - 3 * x]).round(3).tolist()
    [[1.0], [0.932]]
    """
    return ESTIMATORS[estimator](cross_statistics(a, b))


def biased_cka(statistics: CrossStatistics) -> Float64[np.ndarray, "layers_a layers_b"]:
    """Return ||X'Y||² / (||X'X|| ||Y'Y||) of centred X and Y (Kornblith et al. 2019, eq. 5).

    NaN where all rows of a layer are equal.
    """
    return _ratio(
        statistics.between.product,
        _unless(statistics.within_a.product == 0, statistics.within_a.product),
        _unless(statistics.within_b.product == 0, statistics.within_b.product),
    )


def debiased_cka(statistics: CrossStatistics) -> Float64[np.ndarray, "layers_a layers_b"]:
    """Return the ratio of unbiased HSICs (Song et al. 2012; Kornblith et al. 2019's notebook).

    NaN with fewer than 4 rows, and where a layer's HSIC with itself is zero: all rows are
    equal, or all are at the same distance from each other.
    """
    a, b = statistics.within_a, statistics.within_b
    return _ratio(
        statistics.between.debiased,
        _unless(a.debiased <= ZERO * a.product, a.debiased),
        _unless(b.debiased <= ZERO * b.product, b.debiased),
    )


ESTIMATORS: Mapping[
    Estimator, Callable[[CrossStatistics], Float64[np.ndarray, "layers_a layers_b"]]
] = MappingProxyType({"debiased": debiased_cka, "biased": biased_cka})


def _unless(missing: np.ndarray, values: Float64[np.ndarray, "..."]) -> Float64[np.ndarray, "..."]:
    return np.where(missing, np.nan, values)


def _ratio(
    between: Float64[np.ndarray, "layers_a layers_b"],
    within_a: Float64[np.ndarray, " layers_a"],
    within_b: Float64[np.ndarray, " layers_b"],
) -> Float64[np.ndarray, "layers_a layers_b"]:
    return between / np.outer(np.sqrt(within_a), np.sqrt(within_b))
