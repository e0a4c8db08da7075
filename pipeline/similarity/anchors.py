"""Rows described by the few anchors they are most alike to (relative representations)."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int64, Real

from pipeline.similarity.centring import row_blocks
from pipeline.similarity.neighbours import MOST_PRODUCTS, unit_rows
from pipeline.similarity.processor import Processor

_DOUBLE = Processor(np, "float64")


@dataclass(frozen=True, eq=False)
class Descriptions:
    """What each row has in common with anchors; in common with all others it has nothing.

    Attributes
    ----------
    anchors : int64 array [shape=(rows, k)]
        Numbers of the anchors, in no order.
    weights : float64 array [shape=(rows, k)]
    """

    anchors: Int64[np.ndarray, "rows k"]
    weights: Float64[np.ndarray, "rows k"]

    def normalised(self) -> "Descriptions":
        """Return them with weights of length 1; weights that are all zero stay so."""
        return Descriptions(self.anchors, unit_rows(self.weights))


def describe(
    rows: Real[np.ndarray, "rows dim"], anchors: Real[np.ndarray, "anchors dim"], k: int, p: int
) -> Descriptions:
    """Keep each row's k largest inner products with the anchors, to the power of p.

    Of equal products at the limit, which are kept is left to the sorting, as by the authors.

    Parameters
    ----------
    rows, anchors : array
        Of one model's layer; products are computed in float64, a block of rows at a time a core.
    """
    columns = anchors.astype(np.float64).T
    nearest, weights = np.empty((len(rows), k), np.int64), np.empty((len(rows), k))

    def fill(block: slice) -> None:
        products = rows[block].astype(np.float64) @ columns
        nearest[block] = np.argpartition(-products, k - 1, axis=1)[:, :k]
        weights[block] = np.take_along_axis(products, nearest[block], axis=1) ** p

    with _DOUBLE.threads() as threads:
        blocks = row_blocks(len(rows), max(1, MOST_PRODUCTS // len(anchors)))
        list(threads.map(fill, blocks))  # raises what a thread has raised
    return Descriptions(nearest, weights)


class DescriptionIndex:
    """Candidates, found by the anchors that describe them.

    Parameters
    ----------
    candidates : Descriptions
    anchors : int
        How many anchors there are.
    """

    def __init__(self, candidates: Descriptions, anchors: int) -> None:
        rows, k = candidates.anchors.shape
        self._rows = rows
        order = np.argsort(candidates.anchors, axis=None, stable=True)
        self._candidates = order // max(k, 1)
        self._weights = candidates.weights.ravel()[order]
        counts = np.bincount(candidates.anchors.ravel(), minlength=anchors)
        self._ends = np.cumsum(counts)
        self._counts = counts

    def products(
        self, anchors: Int64[np.ndarray, " k"], weights: Float64[np.ndarray, " k"]
    ) -> Float64[np.ndarray, " candidates"]:
        """Return a description's inner products with those of all candidates."""
        counts = self._counts[anchors]
        # The entries of each of these anchors lie side by side, ending at its end.
        places = np.arange(counts.sum()) + np.repeat(
            self._ends[anchors] - np.cumsum(counts), counts
        )
        shares = np.repeat(weights, counts) * self._weights[places]
        products = np.bincount(self._candidates[places], shares, minlength=self._rows)
        return products.astype(np.float64)  # of nothing at all, bincount makes whole numbers
