"""CKA of rows that are drawn with replacement, whole word types and whole speakers at once."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float32, Float64, Int64

from pipeline.similarity.centring import row_blocks
from pipeline.similarity.cka import ZERO
from pipeline.similarity.result import Estimator
from pipeline.similarity.row_transforms import Groups

_AT_ONCE = 500


def resampled_cka(
    a: Sequence[Float64[np.ndarray, "rows _"]],
    b: Sequence[Float64[np.ndarray, "rows _"]],
    clusters: tuple[Groups, Groups],
    often: tuple[Int64[np.ndarray, "draws types"], Int64[np.ndarray, "draws speakers"]],
    estimator: Estimator,
) -> Float64[np.ndarray, "draws layers_a layers_b"]:
    """Return CKA of all pairs of layers, of rows drawn by types and speakers.

    CKA is a ratio of sums over pairs of rows, of products of kernels centred as the estimator
    centres them. They stay centred on all rows: that their mean moves with a draw changes the sums
    to the second order only, since centred kernels add up to 0 over either row of a pair.

    A pair of two types counts as often as one is drawn times as often as the other is. Copies of a
    type that is drawn twice are not two types: only pairs within the same copy count, so that a
    pair within a type counts as often as the type is drawn, not as the square of that. Otherwise
    copies would look like words that both models represent alike. The same holds of speakers
    (as with pairs of the same condition in Schütt et al. 2023, doi:10.7554/eLife.82566).

    Parameters
    ----------
    a, b : sequence of float64 array [shape=(rows, dim)]
        Columns centred; CKA of all rows exists. Takes 4 · rows² bytes a layer of b.
    clusters : (types, speakers)
    often : (int64 array [shape=(draws, types)], int64 array [shape=(draws, speakers)])
        How often each is drawn.
    estimator : {"debiased", "biased"}

    Returns
    -------
    float64 array [shape=(draws, layers_a, layers_b)]
        NaN where the value does not exist.
    """
    kernels_b = [_centred_kernel(layer, estimator) for layer in b]
    within_b = [_sums_of_draws(np.square(kernel), clusters, often) for kernel in kernels_b]
    scores = np.full((len(often[0]), len(a), len(b)), np.nan)
    for row, layer in enumerate(a):
        kernel = _centred_kernel(layer, estimator)
        within = _sums_of_draws(np.square(kernel), clusters, often)
        for column, (other, within_other) in enumerate(zip(kernels_b, within_b, strict=True)):
            between = _sums_of_draws(kernel * other, clusters, often)
            # Kernels have a mean square of 1.
            exists = (within > ZERO) & (within_other > ZERO)
            norm = np.sqrt(within * within_other, where=exists, out=np.full_like(within, np.nan))
            scores[:, row, column] = between / norm
    return scores


def _centred_kernel(
    x: Float64[np.ndarray, "rows dim"], estimator: Estimator
) -> Float32[np.ndarray, "rows rows"]:
    """Return the kernel centred as the estimator does, of mean square 1.

    U-centred (Székely and Rizzo 2014), the diagonal is 0 and rows still add up to 0.
    """
    # Of scale 1 before, so that single precision holds the products.
    rows = (x / np.sqrt(np.mean(np.vecdot(x, x)))).astype(np.float32)
    kernel = rows @ rows.T
    if estimator == "debiased":
        _u_centre(kernel)
    return kernel / np.float32(np.sqrt(np.mean(np.square(kernel), dtype=np.float64)))


def _u_centre(kernel: Float32[np.ndarray, "rows rows"]) -> None:
    count = len(kernel)
    lengths = np.diagonal(kernel).copy()
    kernel += (lengths + lengths[:, np.newaxis]) / (count - 2)
    kernel -= lengths.sum() / ((count - 1) * (count - 2))
    np.fill_diagonal(kernel, 0)


def _sums_of_draws(
    products: Float32[np.ndarray, "rows rows"],
    clusters: tuple[Groups, Groups],
    often: tuple[Int64[np.ndarray, "draws types"], Int64[np.ndarray, "draws speakers"]],
) -> Float64[np.ndarray, " draws"]:
    types, speakers = often
    blocks = row_blocks(len(types), _AT_ONCE)
    sums = [_sums_over_pairs(products, clusters, (types[some], speakers[some])) for some in blocks]
    return np.concatenate(sums)


def _sums_over_pairs(
    products: Float32[np.ndarray, "rows rows"],
    clusters: tuple[Groups, Groups],
    often: tuple[Int64[np.ndarray, "draws types"], Int64[np.ndarray, "draws speakers"]],
) -> Float64[np.ndarray, " draws"]:
    """Return the sum of products over pairs of rows, each as often as it counts, per row pair.

    With u_t how often type t is drawn, a pair of types t and t' counts u_t u_t' - [t = t'] e_t
    times, where e_t = u_t² - u_t; likewise for speakers. The product of both has four terms.
    """
    types, speakers = clusters
    by_type, by_speaker = (
        counts[:, groups.group_of].astype(np.float32)
        for groups, counts in zip(clusters, often, strict=True)
    )
    surplus_types, surplus_speakers = (counts * (counts - 1) for counts in often)
    both = Groups.of(types.group_of * len(speakers.names) + speakers.group_of)
    surplus = surplus_types[:, types.group_of[both.first]]
    surplus = surplus * surplus_speakers[:, speakers.group_of[both.first]]
    total = _quadratic(products, by_type * by_speaker)
    total -= _within(products, types, by_speaker, surplus_types)
    total -= _within(products, speakers, by_type, surplus_speakers)
    total += _within(products, both, np.ones_like(by_type), surplus)
    return total / len(products) ** 2


def _within(
    products: Float32[np.ndarray, "rows rows"],
    groups: Groups,
    weights: Float32[np.ndarray, "draws rows"],
    surplus: Int64[np.ndarray, "draws groups"],
) -> Float64[np.ndarray, " draws"]:
    """Return the sum over pairs within each group, times what the group counts too often."""
    sizes = np.bincount(groups.group_of)
    alone = groups.first[sizes == 1]
    total = np.square(weights[:, alone]) * surplus[:, sizes == 1] @ np.diagonal(products)[alone]
    total = total.astype(np.float64)
    order = np.argsort(groups.group_of, stable=True)
    ends = np.cumsum(sizes)
    for group in np.flatnonzero((sizes > 1) & surplus.any(axis=0)).tolist():
        rows = order[ends[group] - sizes[group] : ends[group]]
        total += surplus[:, group] * _quadratic(products[np.ix_(rows, rows)], weights[:, rows])
    return total


def _quadratic(
    products: Float32[np.ndarray, "rows rows"], weights: Float32[np.ndarray, "draws rows"]
) -> Float64[np.ndarray, " draws"]:
    """Return w'Qw of each draw; rows' sums in single precision, their own sum in double."""
    return np.einsum("dr,dr->d", weights @ products, weights, dtype=np.float64)
