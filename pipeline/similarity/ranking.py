"""How often the right type comes first, or among the first five."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64, Int64


@dataclass(frozen=True)
class Accuracy:
    """How many of the held-out tokens were named rightly; NaN of no tokens.

    Attributes
    ----------
    top1, top5 : float
        Share of the tokens whose word type is the best candidate, or among the best five types.
    macro_top1, macro_top5 : float
        The same as a mean over word types.
    seen_top1, unseen_top1 : float
        Of the tokens whose type is among the anchors, and of the others.
    """

    top1: float
    top5: float
    macro_top1: float
    macro_top5: float
    seen_top1: float
    unseen_top1: float


def rank_of(best: Float64[np.ndarray, " types"], right: int) -> float:
    """Return how many types come before the right one; of equal scores, the first type's does.

    Infinite where the right one has no score, that is minus infinity.
    """
    if best[right] == -np.inf:
        return np.inf
    return float(np.sum(best > best[right]) + np.sum(best[:right] == best[right]))


def accuracy(
    ranks: Sequence[float], right: Int64[np.ndarray, " tokens"], seen: Bool[np.ndarray, " types"]
) -> Accuracy:
    """Sum up the ranks of tokens.

    Parameters
    ----------
    ranks : sequence of float
        Of each token's right type.
    right : int64 array [shape=(tokens,)]
        Which type that is.
    seen : bool array [shape=(types,)]
        Whether a type is among the anchors.
    """
    top1, top5 = (np.less(ranks, most) for most in (1, 5))
    return Accuracy(
        top1=_mean(top1),
        top5=_mean(top5),
        macro_top1=_macro(top1, right),
        macro_top5=_macro(top5, right),
        seen_top1=_mean(top1[seen[right]]),
        unseen_top1=_mean(top1[~seen[right]]),
    )


def _mean(hits: Bool[np.ndarray, " tokens"]) -> float:
    return float(hits.mean()) if len(hits) else np.nan


def _macro(hits: Bool[np.ndarray, " tokens"], types: Int64[np.ndarray, " tokens"]) -> float:
    _, group, counts = np.unique(types, return_inverse=True, return_counts=True)
    return float(np.mean(np.bincount(group, hits) / counts))
