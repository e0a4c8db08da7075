"""CKA of rows that are drawn with replacement, whole word types and whole speakers at once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import numpy as np
from jaxtyping import Float, Float64, Int64

from pipeline.similarity.centring import row_blocks
from pipeline.similarity.cka import ZERO
from pipeline.similarity.processor import Processor
from pipeline.similarity.result import Estimator
from pipeline.similarity.row_transforms import Groups

# Single precision takes half of the time, and moves a value by less than a millionth.
KERNEL_TYPE: type[np.floating] = np.float32
_AT_ONCE = 500
_ROWS_AT_ONCE = 128

Kernel: TypeAlias = Float[np.ndarray, "rows rows"]


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
    if not (a and b):
        return np.empty((len(often[0]), len(a), len(b)))
    kernels_b = [_centred_kernel(layer, estimator) for layer in b]
    scores = [
        _scores(a, kernels_b, _counted_pairs(clusters, (often[0][some], often[1][some])), estimator)
        for some in row_blocks(len(often[0]), _AT_ONCE)
    ]
    return np.concatenate(scores)


@dataclass(frozen=True, eq=False)
class _Pairs:
    """Pairs of rows and how often each counts: the product of its rows' weights, if it is counted.

    Attributes
    ----------
    sign : {1, -1}
    rows : int64 array [shape=(some,)]
    counted : float array [shape=(some, some)]
        1 where the pair is counted, 0 where it is not.
    weights : float array [shape=(draws, some)]
    """

    sign: int
    rows: Int64[np.ndarray, " some"]
    counted: Float[np.ndarray, "some some"]
    weights: Float[np.ndarray, "draws some"]

    def sums(self, products: Kernel) -> Float64[np.ndarray, " draws"]:
        """Return what the products of the pairs add up to in each draw."""
        tile = products[self.rows[:, np.newaxis], self.rows] * self.counted
        return self.sign * _quadratic(tile, self.weights)


@dataclass(frozen=True, eq=False)
class _CountedPairs:
    """How often each pair of rows counts in each draw, whatever the layers are.

    Attributes
    ----------
    weights : float array [shape=(draws, rows)]
        How often each row is drawn: a pair counts as often as the product of both.
    within : sequence of _Pairs
        What that is too much, or too little, for pairs within a type or a speaker.
    """

    weights: Float[np.ndarray, "draws rows"]
    within: Sequence[_Pairs]

    def sums(self, kernel: Kernel, other: Kernel) -> Float64[np.ndarray, " draws"]:
        """Return the sum of both kernels' products over all pairs, divided by their number."""
        products = kernel * other
        total = _quadratic(products, self.weights)
        for pairs in self.within:
            total += pairs.sums(products)
        return total / len(products) ** 2


def _scores(
    a: Sequence[Float64[np.ndarray, "rows _"]],
    kernels_b: Sequence[Kernel],
    counted: _CountedPairs,
    estimator: Estimator,
) -> Float64[np.ndarray, "draws layers_a layers_b"]:
    draws = len(counted.weights)
    between, within_a = np.empty((draws, len(a), len(kernels_b))), np.empty((draws, len(a), 1))
    # A pair of layers a thread: its many small products would wait for each other otherwise.
    with Processor(np, "float32").threads() as executor:
        within_b = np.stack(list(executor.map(counted.sums, kernels_b, kernels_b)), axis=1)
        for row, layer in enumerate(a):
            kernel = _centred_kernel(layer, estimator)
            sums = executor.map(partial(counted.sums, kernel), (kernel, *kernels_b))
            within_a[:, row, 0], *of_b = sums
            between[:, row] = np.stack(of_b, axis=1)
    # Kernels have a mean square of 1.
    exists = (within_a > ZERO) & (within_b[:, np.newaxis] > ZERO)
    norm = np.sqrt(
        within_a * within_b[:, np.newaxis], where=exists, out=np.full(exists.shape, np.nan)
    )
    return between / norm


def _counted_pairs(
    clusters: tuple[Groups, Groups],
    often: tuple[Int64[np.ndarray, "draws types"], Int64[np.ndarray, "draws speakers"]],
) -> _CountedPairs:
    """Return how often each pair of rows counts.

    With u_t how often type t is drawn, a pair of types t and t' counts u_t u_t' - [t = t'] e_t
    times, where e_t = u_t² - u_t; likewise for speakers. The product of both has four terms.
    """
    types, speakers = clusters
    by_type, by_speaker = (
        counts[:, groups.group_of] for groups, counts in zip(clusters, often, strict=True)
    )
    too_often_types, too_often_speakers = (by * (by - 1) for by in (by_type, by_speaker))
    both = Groups.of(types.group_of * len(speakers.names) + speakers.group_of)
    within = (
        *_pairs_within(types, -1, by_speaker, too_often_types),
        *_pairs_within(speakers, -1, by_type, too_often_speakers),
        *_pairs_within(both, 1, np.ones_like(by_type), too_often_types * too_often_speakers),
    )
    return _CountedPairs((by_type * by_speaker).astype(KERNEL_TYPE), within)


def _pairs_within(
    groups: Groups,
    sign: int,
    weights: Int64[np.ndarray, "draws rows"],
    too_often: Int64[np.ndarray, "draws rows"],
) -> Iterator[_Pairs]:
    """Yield the pairs within groups, each as often as its rows' weights and its group say.

    Rows are taken some whole groups at once: of many small groups, one product is faster than many.
    """
    rooted = (weights * np.sqrt(too_often)).astype(KERNEL_TYPE)
    order = np.argsort(groups.group_of, stable=True)
    ends = np.cumsum(np.bincount(groups.group_of))
    start = 0
    for end in ends.tolist():
        if end - start < _ROWS_AT_ONCE and end < len(order):
            continue
        rows, start = order[start:end], end
        if too_often[:, rows].any():
            group = groups.group_of[rows]
            counted = (group == group[:, np.newaxis]).astype(KERNEL_TYPE)
            yield _Pairs(sign, rows, counted, np.ascontiguousarray(rooted[:, rows]))


def _centred_kernel(
    x: Float64[np.ndarray, "rows dim"], estimator: Estimator
) -> Float[np.ndarray, "rows rows"]:
    """Return the kernel centred as the estimator does, of mean square 1.

    U-centred (Székely and Rizzo 2014), the diagonal is 0 and rows still add up to 0.
    """
    # Of scale 1 before, so that single precision holds the products.
    rows = (x / np.sqrt(np.mean(np.vecdot(x, x)))).astype(KERNEL_TYPE)
    kernel = rows @ rows.T
    if estimator == "debiased":
        _u_centre(kernel)
    return kernel / KERNEL_TYPE(np.sqrt(np.mean(np.square(kernel), dtype=np.float64)))


def _u_centre(kernel: Float[np.ndarray, "rows rows"]) -> None:
    count = len(kernel)
    lengths = np.diagonal(kernel).copy()
    kernel += (lengths + lengths[:, np.newaxis]) / (count - 2)
    kernel -= lengths.sum() / ((count - 1) * (count - 2))
    np.fill_diagonal(kernel, 0)


def _quadratic(
    products: Float[np.ndarray, "rows rows"], weights: Float[np.ndarray, "draws rows"]
) -> Float64[np.ndarray, " draws"]:
    """Return w'Qw of each draw; rows' sums in single precision, their own sum in double."""
    return np.einsum("dr,dr->d", weights @ products, weights, dtype=np.float64)
