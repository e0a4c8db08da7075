"""The numbers that a heatmap's cells may show: scores, or how far they are above chance."""

from typing import Literal

import numpy as np
from jaxtyping import Float64

from pipeline.analyses.cell_nulls import CellNulls
from pipeline.similarity.result import SimilarityResult

Reading = Literal["score", "z over rows", "z over words"]


def cell_readings(
    result: SimilarityResult, reading: Reading, nulls: CellNulls | None = None
) -> Float64[np.ndarray, "layers_a layers_b"]:
    """Return what each cell shows; NaN where it is not known.

    Parameters
    ----------
    result : SimilarityResult
    reading : {"score", "z over rows", "z over words"}
        The score itself; how many standard deviations it is above the mean over all permutations
        of the rows; or above that over permutations of word types, as far as `nulls` know.
    nulls : CellNulls, optional
    """
    if reading == "score":
        return result.scores
    if reading == "z over rows":
        return result.z
    return np.full_like(result.scores, np.nan) if nulls is None else nulls.z
