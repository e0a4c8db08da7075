"""A word's frames become one vector."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np
from jaxtyping import Float32, Int64

from pipeline.settings import Pooling

Rows = Float32[np.ndarray, "rows dim"]
Vector = Float32[np.ndarray, " dim"]


def mean(rows: Rows) -> Vector:
    """Return the mean row, summed in float64."""
    return rows.mean(axis=0, dtype=np.float64).astype(np.float32)


def weighted_mean(rows: Rows, weights: Int64[np.ndarray, " rows"]) -> Vector:
    """Return the mean row where each counts as much as its weight, summed in float64."""
    return np.average(rows.astype(np.float64), axis=0, weights=weights).astype(np.float32)


def middle_third(rows: Rows) -> Vector:
    """Return the mean of the middle third of the rows, at least one."""
    return mean(rows[len(rows) // 3 : len(rows) - len(rows) // 3])


def centre(rows: Rows) -> Vector:
    """Return the middle row; of an even number, the earlier of the two."""
    return rows[(len(rows) - 1) // 2]


def first(rows: Rows) -> Vector:
    """Return the first row."""
    return rows[0]


def last(rows: Rows) -> Vector:
    """Return the last row."""
    return rows[-1]


def maximum(rows: Rows) -> Vector:
    """Return the largest value of each dimension."""
    return np.asarray(rows.max(axis=0), dtype=np.float32)


POOLINGS: Mapping[Pooling, Callable[[Rows], Vector]] = {
    "mean": mean,
    "middle third": middle_third,
    "centre": centre,
    "first": first,
    "last": last,
    "max": maximum,
}


def pool_words(
    layers: Sequence[Float32[np.ndarray, "rows dim"]],
    spans: Int64[np.ndarray, "words 2"],
    pooling: Pooling,
    weights: Sequence[Int64[np.ndarray, " _"]] | None = None,
) -> Float32[np.ndarray, "layers words dim"]:
    """Return one vector for each layer and word.

    Parameters
    ----------
    layers : sequence of float32 array [shape=(rows, dim)]
    spans : int64 array [shape=(words, 2)]
        Half-open row ranges, none of them empty.
    pooling : str
        A name of `POOLINGS`.
    weights : sequence of int64 array [shape=(end - begin,)] or None
        How much each row of a word counts in its mean; no other pooling heeds them.
    """
    pools: Sequence[Callable[[Rows], Vector]] = [POOLINGS[pooling]] * len(spans)
    if weights is not None and pooling == "mean":
        pools = [partial(weighted_mean, weights=of_word) for of_word in weights]
    vectors = np.empty((len(layers), len(spans), layers[0].shape[1]), dtype=np.float32)
    for layer_index, layer in enumerate(layers):
        words = zip(spans.tolist(), pools, strict=True)
        for word_index, ((begin, end), pool) in enumerate(words):
            vectors[layer_index, word_index] = pool(layer[begin:end])
    return vectors
