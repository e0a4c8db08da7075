"""Which cells of a heatmap stand out, given that the best of many cells is looked at."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64

from pipeline.errors import SettingsError
from pipeline.similarity.result import Estimator
from pipeline.similarity.type_null import TypeNulls, Within
from pipeline.similarity.type_permutations import PRECISION


@dataclass(frozen=True, eq=False)
class FamilyWise:
    """How rarely chance makes any cell as extreme as each one is.

    Attributes
    ----------
    p : float64 array [shape=(layers_a, layers_b)]
        For all cells at once; NaN where a cell has no value, or does not vary by chance.
    level : float
        The largest probability of marking any cell where no cell is alike.
    estimator : {"debiased", "biased"}
    rows, types, permutations, seed : int
        Those of the null.
    within : {"all", "frequency"}
        Which types exchanged their vectors.
    """

    p: Float64[np.ndarray, "layers_a layers_b"]
    level: float
    estimator: Estimator
    rows: int
    types: int
    permutations: int
    seed: int
    within: Within = "all"

    @property
    def mask(self) -> Bool[np.ndarray, "layers_a layers_b"]:
        """Where a cell stands out."""
        return self.p <= self.level


def family_wise(nulls: TypeNulls, level: float = 0.05) -> FamilyWise:
    """Compare each cell with the distribution of the largest one (Westfall and Young 1993).

    Cells differ in their chance level and spread: each is standardised first, by the mean and
    standard deviation of its permuted values and the observed one together, so that what is
    observed is treated as one more permutation. The largest standardised cell of each permutation
    is what a cell has to exceed.

    Raises
    ------
    SettingsError
        The level is no probability, or so low that these permutations cannot reach it.
    """
    permutations = len(nulls.permuted)
    if not 1 / (1 + permutations) <= level < 1:
        raise SettingsError(
            f"expected a level below 1 that {permutations} permutations can reach, so at least "
            f"{1 / (1 + permutations):.4g}; found {level}: permute more often"
        )
    draws = np.concatenate([nulls.values[np.newaxis], nulls.permuted])
    spread = draws.std(axis=0)
    spread = np.where(spread > PRECISION, spread, np.nan)
    standardised = (draws - draws.mean(axis=0)) / spread
    exists = np.isfinite(standardised[0])
    largest = standardised.max(axis=(1, 2), where=exists, initial=-np.inf)
    least = standardised[0] - PRECISION / spread
    reached = np.sum(largest[:, np.newaxis, np.newaxis] >= least, axis=0)
    p = np.where(exists, reached / len(draws), np.nan)
    counts = (nulls.rows, nulls.types, permutations, nulls.seed)
    return FamilyWise(p, level, nulls.estimator, *counts, nulls.within)
