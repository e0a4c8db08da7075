"""All that is shown of two models' layers, from one pass over their vectors."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from pipeline.similarity.centring import Layers
from pipeline.similarity.cka import biased_cka, debiased_cka
from pipeline.similarity.cross_statistics import cross_statistics
from pipeline.similarity.significance import chance


@dataclass(frozen=True, eq=False)
class LayerSimilarities:
    """Both estimators of linear CKA with their chance levels, for all pairs of layers.

    Attributes
    ----------
    debiased, biased : float64 array [shape=(layers_a, layers_b)]
        NaN where the value does not exist.
    chance_biased, chance_sd_biased : float64 array [shape=(layers_a, layers_b)]
        Mean and standard deviation over all permutations of one model's rows.
    chance_sd_debiased : float64 array [shape=(layers_a, layers_b)]
        The mean of the debiased value is 0.
    rows : int
        Number of rows compared.
    """

    debiased: Float64[np.ndarray, "layers_a layers_b"]
    biased: Float64[np.ndarray, "layers_a layers_b"]
    chance_biased: Float64[np.ndarray, "layers_a layers_b"]
    chance_sd_biased: Float64[np.ndarray, "layers_a layers_b"]
    chance_sd_debiased: Float64[np.ndarray, "layers_a layers_b"]
    rows: int


def similarity_of_layers(a: Layers, b: Layers, device: str = "cpu") -> LayerSimilarities:
    """Compare every layer of one model with every layer of another.

    Parameters
    ----------
    a, b : sequence of array [shape=(rows, dim)]
        The layers of two models over the same rows, possibly memory-mapped.
    device : str
        Where products are formed: ``"cpu"``, or a device of torch.

    Raises
    ------
    MatrixError
        The layers do not share their rows, or a value is not finite.
    """
    statistics = cross_statistics(a, b, device=device)
    biased = chance(statistics, "biased")
    return LayerSimilarities(
        debiased=debiased_cka(statistics),
        biased=biased_cka(statistics),
        chance_biased=biased.mean,
        chance_sd_biased=biased.sd,
        chance_sd_debiased=chance(statistics, "debiased").sd,
        rows=statistics.rows,
    )
