"""Projection-weighted canonical correlation analysis of all pairs of two models' layers."""

import numpy as np
from jaxtyping import Float64

from pipeline.similarity.canonical import Fitting, Groups, mean_correlations
from pipeline.similarity.centring import Layers

DEFAULT = Fitting()


def pwcca(
    a: Layers, b: Layers, fitting: Fitting = DEFAULT, groups: Groups | None = None
) -> Float64[np.ndarray, "layers_a layers_b"]:
    """Return the mean canonical correlation, weighted by how much of a goes each way.

    The weight of a canonical variate h of a is the sum over a's columns x of |<h, x>|, on the
    fitted rows; ``Fitting(folds=None)`` is the measure of Morcos et al. (2018), which judges
    directions by the rows they were fitted to. By default the rows are held out in turn. Weights
    are a's alone, so exchanging a and b gives another value; among variates whose correlations
    tie, they are not determined. Parameters, result and errors are
    those of :func:`pipeline.similarity.canonical.mean_correlations`.
    """
    return mean_correlations(a, b, fitting, groups, _projections)


def _projections(
    loadings: Float64[np.ndarray, "components dim"],
) -> Float64[np.ndarray, " components"]:
    return np.abs(loadings).sum(axis=1)
