"""CKA after the word types of one model have exchanged their vectors, without moving a row.

Row i has type t(i); write y_i = m_t(i) + r_i, the mean vector of its type and what is the token's
own. A permutation π of the types makes it m_π(t(i)) + r_i: each type gets another's mean vector,
each token keeps its residual, its type and its row in the other model. So how often each type
comes, which tokens share a type and all that tokens share apart from it (speaker, context) stay as
they are; only which vector belongs to which type is lost. Residuals cannot travel with the means,
since types have different numbers of tokens.

As residuals of a type add up to zero, all sums that CKA needs are over types, not over rows, but
for the rows' lengths. With S the type sums of centred X, and M_π the permuted means,
X'Y_π = S'M_π + X'R and Y_π'Y_π = M_π' diag(counts) M_π + R'R.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float64, Int64

from pipeline.similarity.centring import row_blocks
from pipeline.similarity.cka import ESTIMATORS
from pipeline.similarity.cross_statistics import CrossStatistics, GramProducts
from pipeline.similarity.result import Estimator
from pipeline.similarity.row_transforms import Groups

Rows = Float64[np.ndarray, "rows _"]

# Products of both models' vectors, reordered for each permutation, are where the time goes; in
# single precision it is half, and moves a value by less than PRECISION.
GRAM_TYPE: type[np.floating] = np.float32
PRECISION = 1e-6
TILE_TYPES = 128


@dataclass(frozen=True, eq=False)
class _Fixed:
    """A layer of the model that stays as it is.

    Attributes
    ----------
    rows : float64 array [shape=(rows, dim)]
        Centred.
    sums : float64 array [shape=(types, dim)]
        Of each type's rows.
    lengths : float64 array [shape=(rows,)]
        Squared.
    """

    rows: Float64[np.ndarray, "rows dim"]
    sums: Float64[np.ndarray, "types dim"]
    lengths: Float64[np.ndarray, " rows"]


@dataclass(frozen=True, eq=False)
class _Exchanged:
    """A layer of the model whose types exchange their mean vectors.

    Attributes
    ----------
    means : float64 array [shape=(types, dim)]
    residuals : float64 array [shape=(rows, dim)]
    gram : float64 array [shape=(types, types)]
        Inner products of the means.
    onto_means : float64 array [shape=(rows, types)]
        Inner products of residuals and means.
    """

    means: Float64[np.ndarray, "types dim"]
    residuals: Float64[np.ndarray, "rows dim"]
    gram: Float64[np.ndarray, "types types"]
    onto_means: Float64[np.ndarray, "rows types"]


def permuted_type_scores(
    a: Sequence[Rows],
    b: Sequence[Rows],
    types: Groups,
    orders: Int64[np.ndarray, "permutations types"],
    estimator: Estimator,
) -> Float64[np.ndarray, "permutations layers_a layers_b"]:
    """Return the similarity of all pairs of layers under each permutation of b's type means.

    Parameters
    ----------
    a, b : sequence of float64 array [shape=(rows, dim)]
        The layers of two models over the same rows, columns centred, of a scale near 1.
    types : Groups
        Which rows are of one word type.
    orders : int64 array [shape=(permutations, types)]
        ``orders[p, t]`` is the type whose mean vector type t gets.
    estimator : {"debiased", "biased"}

    Returns
    -------
    float64 array [shape=(permutations, layers_a, layers_b)]
        NaN where the value does not exist. Takes 4 · types² bytes for each layer of a.
    """
    counts = np.bincount(types.group_of)
    fixed = [_Fixed(x, _sums(x, types), np.vecdot(x, x)) for x in a]
    grams = np.stack([_upper(layer.sums @ layer.sums.T) for layer in fixed])
    within_a = _within(fixed)
    scores = np.empty((len(orders), len(a), len(b)))
    for index, y in enumerate(b):
        exchanged = _exchanged(y, types, counts)
        within_b, lengths = _after_exchange(exchanged, types, counts, orders)
        between = _between(fixed, lengths, _products(fixed, grams, exchanged, orders))
        statistics = CrossStatistics(between, within_a, within_b)
        scores[:, :, index] = ESTIMATORS[estimator](statistics).T
    return scores


def _sums(x: Float64[np.ndarray, "rows dim"], types: Groups) -> Float64[np.ndarray, "types dim"]:
    order = np.argsort(types.group_of, stable=True)
    starts = np.searchsorted(types.group_of[order], np.arange(len(types.names)))
    return np.add.reduceat(x[order], starts, axis=0)


def _exchanged(
    y: Float64[np.ndarray, "rows dim"], types: Groups, counts: Int64[np.ndarray, " types"]
) -> _Exchanged:
    # Each type's first row goes first: a type whose rows are equal has no residual at all.
    first = y[types.first]
    less_first = y - first[types.group_of]
    offset = _sums(less_first, types) / counts[:, np.newaxis]
    means, residuals = first + offset, less_first - offset[types.group_of]
    return _Exchanged(means, residuals, means @ means.T, residuals @ means.T)


def _within(fixed: Sequence[_Fixed]) -> GramProducts:
    product = [np.sum(np.square(_smaller_gram(layer.rows))) for layer in fixed]
    lengths = np.stack([layer.lengths for layer in fixed])
    return _products_of_lengths(np.array(product), lengths)


def _smaller_gram(x: Float64[np.ndarray, "rows dim"]) -> Float64[np.ndarray, "size size"]:
    return x.T @ x if x.shape[0] > x.shape[1] else x @ x.T


def _products_of_lengths(
    product: Float64[np.ndarray, " sets"], lengths: Float64[np.ndarray, "sets rows"]
) -> GramProducts:
    """Return each set of rows with itself."""
    uneven = lengths - lengths.mean(axis=1, keepdims=True)
    traces = lengths.sum(axis=1) ** 2
    return GramProducts(lengths.shape[1], product, traces, np.vecdot(uneven, uneven))


def _after_exchange(
    y: _Exchanged,
    types: Groups,
    counts: Int64[np.ndarray, " types"],
    orders: Int64[np.ndarray, "permutations types"],
) -> tuple[GramProducts, Float64[np.ndarray, "permutations rows"]]:
    """Return the permuted layers, each with itself, and the squared lengths of their rows.

    The permuted rows no longer have mean zero; with z their mean, <z, m> and <z, r> centre them.
    """
    rows = len(types.group_of)
    often = np.empty(orders.shape)
    np.put_along_axis(often, orders, counts[np.newaxis, :].astype(np.float64), axis=1)
    mean_onto_means, mean_onto_residuals = (often @ y.gram / rows, often @ y.onto_means.T / rows)
    mean_squared = np.vecdot(mean_onto_means, often)[:, np.newaxis] / rows

    uncentred = np.vecdot(often @ y.gram**2, often)
    uncentred += 2 * often @ np.sum(y.onto_means**2, axis=0)
    uncentred += np.sum(np.square(_smaller_gram(y.residuals)))
    along_mean = np.vecdot(often, mean_onto_means**2)
    along_mean += np.vecdot(mean_onto_residuals, mean_onto_residuals)
    product = uncentred - 2 * rows * along_mean + (rows * mean_squared[:, 0]) ** 2

    given = orders[:, types.group_of]
    lengths = np.diagonal(y.gram)[given] + 2 * y.onto_means[np.arange(rows), given]
    lengths += np.vecdot(y.residuals, y.residuals)
    lengths -= 2 * (np.take_along_axis(mean_onto_means, given, axis=1) + mean_onto_residuals)
    lengths += mean_squared
    return _products_of_lengths(product, lengths), lengths


def _products(
    fixed: Sequence[_Fixed],
    grams: Float[np.ndarray, "layers_a types types"],
    y: _Exchanged,
    orders: Int64[np.ndarray, "permutations types"],
) -> Float64[np.ndarray, "layers_a permutations"]:
    """Return ||S'M_π + X'R||² for each layer of a and each permutation."""
    means, residuals = y.means.astype(GRAM_TYPE), y.residuals.astype(GRAM_TYPE)
    mixed, own = np.empty((len(fixed), len(orders))), np.empty((len(fixed), 1))
    for index, layer in enumerate(fixed):
        across = layer.rows.astype(GRAM_TYPE).T @ residuals
        own[index] = np.sum(np.square(across), dtype=np.float64)
        onto_means = layer.sums.astype(GRAM_TYPE) @ across @ means.T
        mixed[index] = onto_means[np.arange(len(means)), orders].sum(axis=1, dtype=np.float64)
    of_means = _reordered(grams, y.gram.astype(GRAM_TYPE), orders)
    return of_means + 2 * mixed + own


def _reordered(
    grams: Float[np.ndarray, "layers_a types types"],
    other: Float[np.ndarray, "types types"],
    orders: Int64[np.ndarray, "permutations types"],
) -> Float64[np.ndarray, "layers_a permutations"]:
    """Return <gram, other reordered> = ||S'M_π||² for each, from the upper triangles of grams."""
    products = np.zeros((len(grams), len(orders)))
    blocks = list(row_blocks(len(other), TILE_TYPES))
    for index, order in enumerate(orders):
        for rows in blocks:
            # Types exist, so nothing is clipped; it spares checking them.
            tile = other.take(order[rows], axis=0, mode="clip")
            tile = tile.take(order[rows.start :], axis=1, mode="clip")
            part = np.vecdot(grams[:, rows, rows.start :], tile)
            products[:, index] += part.sum(axis=1, dtype=np.float64)
    return products


def _upper(gram: Float64[np.ndarray, "types types"]) -> Float[np.ndarray, "types types"]:
    """Return a triangle whose product with a symmetric matrix is that of the whole."""
    return (np.triu(gram) + np.triu(gram, 1)).astype(GRAM_TYPE)


def _between(
    fixed: Sequence[_Fixed],
    lengths: Float64[np.ndarray, "permutations rows"],
    product: Float64[np.ndarray, "layers_a permutations"],
) -> GramProducts:
    own = np.stack([layer.lengths for layer in fixed])
    uneven = own - own.mean(axis=1, keepdims=True)
    traces = np.outer(own.sum(axis=1), lengths.sum(axis=1))
    return GramProducts(lengths.shape[1], product, traces, uneven @ lengths.T)
