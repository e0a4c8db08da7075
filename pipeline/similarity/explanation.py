"""Why two layers are alike: how much of their alignment each token, or each word type, makes up."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from jaxtyping import Float64, Int64, Real

from pipeline.errors import MatrixError
from pipeline.similarity.centring import BLOCK_ROWS, CentredLayer, row_blocks
from pipeline.similarity.cka import ESTIMATORS
from pipeline.similarity.cross_statistics import CrossStatistics, cross_statistics
from pipeline.similarity.pairing import paired_layers
from pipeline.similarity.result import Estimator
from pipeline.similarity.row_transforms import Groups, Labels


@dataclass(frozen=True, eq=False)
class Shares:
    """What each word type contributes to CKA; the shares add up to its value.

    Attributes
    ----------
    names : tuple
        Of the types, in order.
    counts : int64 array [shape=(types,)]
        How many tokens each has.
    shares : float64 array [shape=(types,)]
        The part of CKA of the pairs of tokens in which a type takes part, each pair divided
        equally between its two tokens. Negative where a type is near in one layer to what it is
        far from in the other. NaN where CKA does not exist.
    """

    names: tuple[Hashable, ...]
    counts: Int64[np.ndarray, " types"]
    shares: Float64[np.ndarray, " types"]

    @property
    def per_token(self) -> Float64[np.ndarray, " types"]:
        """A type's share divided by its number of tokens: what is high for more than its count."""
        return self.shares / self.counts


def type_shares(
    a: Real[np.ndarray, "rows_a dim_a"],
    b: Real[np.ndarray, "rows_b dim_b"],
    words: Labels,
    estimator: Estimator = "debiased",
) -> Shares:
    """Divide CKA of two layers among word types, or among speakers or any other groups.

    Parameters
    ----------
    a, b : array [shape=(rows, dim)]
        One layer of each model over the same rows, possibly memory-mapped.
    words : sequence [shape=(rows,)]
        What each row belongs to.
    estimator : {"debiased", "biased"}

    Raises
    ------
    MatrixError
        The layers and words do not share their rows, or a value is not finite.
    """
    return grouped(row_shares(a, b, estimator), words)


def grouped(shares: Float64[np.ndarray, " rows"], words: Labels) -> Shares:
    """Add up the rows' shares by what each row belongs to.

    Raises
    ------
    MatrixError
        There is not one word a row.
    """
    if len(words) != len(shares):
        raise MatrixError(f"{len(words)} words for {len(shares)} rows; expected one a row")
    groups = Groups.of(words)
    return Shares(groups.names, np.bincount(groups.group_of), np.bincount(groups.group_of, shares))


def row_shares(
    a: Real[np.ndarray, "rows_a dim_a"],
    b: Real[np.ndarray, "rows_b dim_b"],
    estimator: Estimator = "debiased",
) -> Float64[np.ndarray, " rows"]:
    """Divide CKA of two layers among the rows, in closed form and without an n x n matrix.

    With K and L the kernels as the estimator centres them, row i's part of <K, L> is the sum of
    K_ij L_ij over j. Parameters and errors are those of :func:`type_shares`.
    """
    (x,), (y,) = paired_layers([a], [b])
    statistics = cross_statistics([a], [b])
    if np.isnan(ESTIMATORS[estimator](statistics)).any():
        return np.full(len(x), np.nan)
    return _PARTS[estimator](_row_sums(x, y)) / _scale(statistics, estimator)


def _scale(statistics: CrossStatistics, estimator: Estimator) -> float:
    own = [
        within.debiased if estimator == "debiased" else within.product
        for within in (statistics.within_a, statistics.within_b)
    ]
    return float(np.sqrt(own[0] * own[1])[0])


@dataclass(frozen=True, eq=False)
class _RowSums:
    """Sums over j for each row i, K and L being the Gram matrices of centred rows.

    Attributes
    ----------
    diagonal_k, diagonal_l : float64 array [shape=(rows,)]
        K_ii and L_ii.
    kl : float64 array [shape=(rows,)]
        Sums of K_ij L_ij.
    k_weighted, l_weighted : float64 array [shape=(rows,)]
        Sums of K_ij L_jj, and of K_jj L_ij.
    """

    diagonal_k: Float64[np.ndarray, " rows"]
    diagonal_l: Float64[np.ndarray, " rows"]
    kl: Float64[np.ndarray, " rows"]
    k_weighted: Float64[np.ndarray, " rows"]
    l_weighted: Float64[np.ndarray, " rows"]


def _row_sums(x: CentredLayer, y: CentredLayer) -> _RowSums:
    diagonal_k, diagonal_l = x.squared_lengths(), y.squared_lengths()
    across, from_x, from_y = np.zeros((x.dim, y.dim)), np.zeros(x.dim), np.zeros(y.dim)
    for rows in row_blocks(len(x), BLOCK_ROWS):
        left, right = x[rows], y[rows]
        across += left.T @ right
        from_x += diagonal_l[rows] @ left
        from_y += diagonal_k[rows] @ right
    kl, k_weighted, l_weighted = np.empty((3, len(x)))
    for rows in row_blocks(len(x), BLOCK_ROWS):
        left, right = x[rows], y[rows]
        kl[rows] = np.vecdot(left @ across, right)
        k_weighted[rows], l_weighted[rows] = left @ from_x, right @ from_y
    return _RowSums(diagonal_k, diagonal_l, kl, k_weighted, l_weighted)


def _biased_parts(sums: _RowSums) -> Float64[np.ndarray, " rows"]:
    return sums.kl


def _debiased_parts(sums: _RowSums) -> Float64[np.ndarray, " rows"]:
    """Sum over j ≠ i the products of U-centred kernels (Székely and Rizzo 2014).

    U-centred, K_ij gains (K_ii + K_jj) / (n - 2) - tr K / ((n - 1) (n - 2)), since rows of K add
    up to 0. Rows of the result add up to 0 off the diagonal, so that of what L gains, only L_jj
    counts.
    """
    n, own = len(sums.kl), sums.diagonal_k * sums.diagonal_l
    others_l = sums.diagonal_l.sum() - sums.diagonal_l
    constant = sums.diagonal_k.sum() / (n - 1)
    with_l = sums.kl - own + (sums.l_weighted - 2 * own + constant * sums.diagonal_l) / (n - 2)
    with_diagonal = sums.k_weighted - own
    with_diagonal += (sums.diagonal_k * others_l + own.sum() - own - constant * others_l) / (n - 2)
    return with_l + with_diagonal / (n - 2)


_PARTS: Mapping[Estimator, Callable[[_RowSums], Float64[np.ndarray, " rows"]]] = MappingProxyType(
    {"debiased": _debiased_parts, "biased": _biased_parts}
)
