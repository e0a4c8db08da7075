"""The few sums over the rows from which every estimator and its chance level follow."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from pipeline.errors import MatrixError
from pipeline.similarity.centring import CentredLayer, Layers, centred_layers
from pipeline.similarity.processor import processor_for
from pipeline.similarity.routes import Route, cheaper_route

FEWEST_ROWS = 4


@dataclass(frozen=True, eq=False)
class GramProducts:
    """Inner products <K, L> of centred Gram matrices, and what splits them into three parts.

    The rows' permutations act on centred symmetric matrices through three subspaces that they
    never mix: multiples of the centring matrix, what the diagonal decides, and the U-centred
    matrices (zero diagonal, zero row sums). Each part of <K, L> is the product of K's and L's
    parts there.

    Attributes
    ----------
    rows : int
        Number of rows, n.
    product : float64 array [shape=(...)]
        <K, L> = ||X'Y||² for centred X and Y.
    traces : float64 array [shape=(...)]
        tr K · tr L.
    spread : float64 array [shape=(...)]
        Sum of (k_i - mean k)(l_i - mean l) over the diagonals k and l.
    """

    rows: int
    product: Float64[np.ndarray, "*pairs"]
    traces: Float64[np.ndarray, "*pairs"]
    spread: Float64[np.ndarray, "*pairs"]

    @property
    def mean_part(self) -> Float64[np.ndarray, "*pairs"]:
        """The mean of <K, PLP'> over all permutations P (n >= 2)."""
        return self.traces / (self.rows - 1)

    @property
    def diagonal_part(self) -> Float64[np.ndarray, "*pairs"]:
        """What the rows' lengths decide (n >= 3)."""
        return self.spread * (self.rows / (self.rows - 2))

    @property
    def debiased(self) -> Float64[np.ndarray, "*pairs"]:
        """The U-centred part: n (n - 3) times the unbiased HSIC; NaN with fewer than 4 rows.

        Equal to the U-statistic of Song et al. (2012, JMLR 13, eq. 5) on Gram matrices whose
        diagonal is removed.
        """
        if self.rows < FEWEST_ROWS:
            return np.full_like(self.product, np.nan)
        return self.product - self.mean_part - self.diagonal_part


@dataclass(frozen=True, eq=False)
class CrossStatistics:
    """Two models' layers: every pair's products, and each layer's with itself.

    Attributes
    ----------
    between : GramProducts [shape=(layers_a, layers_b)]
    within_a : GramProducts [shape=(layers_a,)]
    within_b : GramProducts [shape=(layers_b,)]
    """

    between: GramProducts
    within_a: GramProducts
    within_b: GramProducts

    @property
    def rows(self) -> int:
        """Number of rows."""
        return self.between.rows


def cross_statistics(
    a: Layers, b: Layers, route: Route | None = None, device: str = "cpu"
) -> CrossStatistics:
    """Compute all sums, in bounded memory.

    Products of layers in float32 are formed in float32 where there are many, and added up in
    float64.

    Parameters
    ----------
    a, b : sequence of array [shape=(rows, dim)]
        The layers of two models over the same rows; dims may differ from layer to layer.
    route : callable, optional
        How products are formed (:mod:`pipeline.similarity.routes`); the cheaper one if not given.
    device : str
        Where they are: ``"cpu"``, or a device of torch.

    Raises
    ------
    MatrixError
        The layers do not share their rows, or a value is not finite.
    """
    processor = processor_for([*a, *b], device)
    centred_a = centred_layers(a, "a", processor.dtype)
    centred_b = centred_layers(b, "b", processor.dtype)
    check_rows(centred_a, centred_b)
    taken = route or cheaper_route(centred_a, centred_b)
    products = taken(centred_a, centred_b, processor)
    diagonal_a, diagonal_b = products.diagonal_a, products.diagonal_b
    trace_a, trace_b = diagonal_a.sum(axis=1), diagonal_b.sum(axis=1)
    residual_a, residual_b = _less_mean(diagonal_a), _less_mean(diagonal_b)
    rows = diagonal_a.shape[1]
    return CrossStatistics(
        GramProducts(rows, products.between, np.outer(trace_a, trace_b), residual_a @ residual_b.T),
        GramProducts(rows, products.within_a, trace_a**2, np.vecdot(residual_a, residual_a)),
        GramProducts(rows, products.within_b, trace_b**2, np.vecdot(residual_b, residual_b)),
    )


def _less_mean(
    diagonals: Float64[np.ndarray, "layers rows"],
) -> Float64[np.ndarray, "layers rows"]:
    return diagonals - diagonals.mean(axis=1, keepdims=True)


def check_rows(a: list[CentredLayer], b: list[CentredLayer]) -> None:
    """Raise MatrixError unless all layers have the same number of rows."""
    expected = len(a[0])
    for name, layers in (("a", a), ("b", b)):
        for index, layer in enumerate(layers):
            if len(layer) != expected:
                raise MatrixError(
                    f"layer {index} of {name} has {len(layer)} rows, but layer 0 of a has "
                    f"{expected}; every layer must hold the same words in the same order"
                )
