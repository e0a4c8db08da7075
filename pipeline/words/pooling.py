"""The frames of words become vectors, of all words and layers at once, where the layers are."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float32, Int64
from torch.nn.functional import embedding_bag

from pipeline.settings import Pooling

Rows = Int64[np.ndarray, " words"]
Span = tuple[Rows, Rows]
"""The first row of every word, and the one after its last."""


def whole(starts: Rows, ends: Rows) -> Span:
    """Take every row."""
    return starts, ends


def middle_third(starts: Rows, ends: Rows) -> Span:
    """Take the middle third of the rows, at least one, and leave equally many on both sides."""
    left_out = (ends - starts) // 3
    return starts + left_out, ends - left_out


def centre(starts: Rows, ends: Rows) -> Span:
    """Take the middle row; of an even number, the earlier of the two."""
    middle = (starts + ends - 1) // 2
    return middle, middle + 1


def first(starts: Rows, _ends: Rows) -> Span:
    """Take the first row."""
    return starts, starts + 1


def last(_starts: Rows, ends: Rows) -> Span:
    """Take the last row."""
    return ends - 1, ends


POOLINGS: Mapping[Pooling, Callable[[Rows, Rows], Span]] = {
    "mean": whole,
    "middle third": middle_third,
    "centre": centre,
    "first": first,
    "last": last,
    "max": whole,
}
"""Which of a word's rows are taken: their mean, or of "max" the largest value a dimension."""


@dataclass(frozen=True, eq=False)
class TakenRows:
    """Which rows each word is pooled from, one word after the other.

    Attributes
    ----------
    rows : int64 array [shape=(taken,)]
    counts : int64 array [shape=(words,)]
        How many of them are each word's, none of them 0.
    weights : int64 array [shape=(taken,)] or None
        How much each counts in the mean of its word; None: all the same.
    largest : bool
        Whether the largest value is taken, and not the mean.
    """

    rows: Int64[np.ndarray, " taken"]
    counts: Int64[np.ndarray, " words"]
    weights: Int64[np.ndarray, " taken"] | None = None
    largest: bool = False


def taken_rows(
    spans: Int64[np.ndarray, "words 2"],
    pooling: Pooling,
    weights: Sequence[Int64[np.ndarray, " _"]] | None = None,
) -> TakenRows:
    """Return the rows that words are pooled from.

    Parameters
    ----------
    spans : int64 array [shape=(words, 2)]
        Half-open row ranges, none of them empty.
    pooling : str
        A name of `POOLINGS`.
    weights : sequence of int64 array [shape=(end - begin,)] or None
        How much each row of a word counts in its mean; no other pooling heeds them.

    Raises
    ------
    ValueError
        If the weights are not those of the words.

    Examples
    --------
    >>> taken_rows(np.array([[0, 3], [5, 11]]), "middle third").rows
    array([1, 7, 8])
    """
    starts, ends = POOLINGS[pooling](spans[:, 0], spans[:, 1])
    counts = ends - starts
    before = np.cumsum(counts) - counts
    rows = np.repeat(starts - before, counts) + np.arange(counts.sum())
    if pooling != "mean" or weights is None:
        return TakenRows(rows, counts, largest=pooling == "max")
    if [len(each) for each in weights] != counts.tolist():
        raise ValueError(f"weights for {len(weights)} words are not those of {len(spans)} spans")
    return TakenRows(rows, counts, np.concatenate([*weights, rows[:0]]))


def pool(
    layers: Sequence[torch.Tensor], taken: TakenRows
) -> Float32[torch.Tensor, "layers words dim"]:
    """Return a vector for each layer and word, on the device of the layers.

    Means are summed in float64, word by word and in the order of the rows, so that every run gives
    the same bits.

    Parameters
    ----------
    layers : sequence of float32 tensor [shape=(rows, dim)]
    """
    words, dim = len(taken.counts), layers[0].shape[1]
    if not words:
        return layers[0].new_empty((len(layers), 0, dim))
    device, number = layers[0].device, len(taken.rows)
    rows = torch.from_numpy(taken.rows).to(device)
    # The rows of all layers as one table, in which each word of each layer is a bag.
    table = torch.stack([layer.index_select(0, rows) for layer in layers]).flatten(0, 1)
    firsts = torch.from_numpy(np.cumsum(taken.counts) - taken.counts).to(device)
    bags = (number * torch.arange(len(layers), device=device)[:, None] + firsts).flatten()
    entries = torch.arange(len(table), device=device)
    if taken.largest:
        return embedding_bag(entries, table, bags, mode="max").view(len(layers), words, dim)
    weights, totals = None, taken.counts
    if taken.weights is not None:
        totals = np.add.reduceat(taken.weights, np.cumsum(taken.counts) - taken.counts)
        weights = torch.from_numpy(taken.weights).to(device).double().repeat(len(layers))
    sums = embedding_bag(entries, table.double(), bags, mode="sum", per_sample_weights=weights)
    divisors = torch.from_numpy(totals).to(device)[:, None]
    return (sums.view(len(layers), words, dim) / divisors).float()
