"""Singular vector canonical correlation analysis of all pairs of two models' layers."""

import numpy as np
from jaxtyping import Float64

from pipeline.similarity.canonical import Fitting, Groups, mean_correlations
from pipeline.similarity.centring import Layers

DEFAULT = Fitting(kept_variance=0.99)


def svcca(
    a: Layers, b: Layers, fitting: Fitting = DEFAULT, groups: Groups | None = None
) -> Float64[np.ndarray, "layers_a layers_b"]:
    """Return the mean canonical correlation of the layers' leading principal components.

    ``Fitting(kept_variance=0.99, folds=None)`` is the measure of Raghu et al. (2017), which
    judges directions by the rows they were fitted to; by default the rows are held out in turn.
    With ``kept_variance=1.0`` as well it is mean CCA, as in the original study (of 3,000 rows).
    Parameters, result and errors are those of
    :func:`pipeline.similarity.canonical.mean_correlations`.
    """
    return mean_correlations(a, b, fitting, groups, _equal)


def _equal(loadings: Float64[np.ndarray, "components dim"]) -> Float64[np.ndarray, " components"]:
    return np.ones(len(loadings))
