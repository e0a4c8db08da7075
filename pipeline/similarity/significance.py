"""What CKA gives by chance: mean and spread over all permutations of one model's rows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import sqrt
from types import MappingProxyType

import numpy as np
from jaxtyping import Float64

from pipeline.similarity.cka import debiased_cka
from pipeline.similarity.cross_statistics import FEWEST_ROWS, CrossStatistics, GramProducts
from pipeline.similarity.result import Estimator


@dataclass(frozen=True, eq=False)
class Chance:
    """Mean and standard deviation of a score over all n! permutations of the rows of b.

    Attributes
    ----------
    mean, sd : float64 array [shape=(layers_a, layers_b)]
        NaN where the score does not exist, and with fewer than 4 rows.
    """

    mean: Float64[np.ndarray, "layers_a layers_b"]
    sd: Float64[np.ndarray, "layers_a layers_b"]


def chance(statistics: CrossStatistics, estimator: Estimator) -> Chance:
    """Return the chance level of every cell, exactly and without permuting anything.

    Permutations P never mix the three parts of
    :class:`~pipeline.similarity.cross_statistics.GramProducts`. The first part does not move. In
    the others, of dimension n - 1 and n (n - 3) / 2, the mean of <K, PLP'> is 0 and, by Schur's
    lemma, its variance is <K, K> <L, L> / dimension. The biased estimator sums all parts, which
    gives the mean and variance of Kazi-Aoual et al. (1995, Comput. Statist. Data Anal. 20); the
    debiased one is the last part alone.
    """
    if statistics.rows < FEWEST_ROWS:
        unknown = np.full_like(statistics.between.product, np.nan)
        return Chance(unknown, unknown)
    return _CHANCES[estimator](statistics)


def _debiased_chance(statistics: CrossStatistics) -> Chance:
    exists = np.isfinite(debiased_cka(statistics))
    sd = sqrt(1 / _u_centred_dimension(statistics.rows))
    return Chance(np.where(exists, 0.0, np.nan), np.where(exists, sd, np.nan))


def _biased_chance(statistics: CrossStatistics) -> Chance:
    mean, diagonal, debiased = (
        np.outer(share_a, share_b)
        for share_a, share_b in zip(
            _shares(statistics.within_a), _shares(statistics.within_b), strict=True
        )
    )
    rows = statistics.rows
    variance = diagonal / (rows - 1) + debiased / _u_centred_dimension(rows)
    return Chance(np.sqrt(mean), np.sqrt(variance))


def _u_centred_dimension(rows: int) -> float:
    return rows * (rows - 3) / 2


def _shares(within: GramProducts) -> list[Float64[np.ndarray, " layers"]]:
    """Return each part's share of <K, K>; NaN where all rows are equal."""
    total = np.where(within.product == 0, np.nan, within.product)
    parts = (within.mean_part, within.diagonal_part, within.debiased)
    return [np.maximum(part / total, 0) for part in parts]


_CHANCES: Mapping[Estimator, Callable[[CrossStatistics], Chance]] = MappingProxyType(
    {"debiased": _debiased_chance, "biased": _biased_chance}
)
