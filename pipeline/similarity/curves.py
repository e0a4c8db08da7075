"""How similarity changes with the number of rows, and with how often a word type may come."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int64

from pipeline.errors import MatrixError
from pipeline.similarity.centring import Layers, check_both_finite
from pipeline.similarity.cka import cka
from pipeline.similarity.row_selection import at_most

Scores = Callable[[Layers, Layers], Float64[np.ndarray, "layers_a layers_b"]]


@dataclass(frozen=True, eq=False)
class CurvePoint:
    """Similarity over some of the rows.

    Attributes
    ----------
    at : int
        The number of rows, or the most tokens of a type.
    draw : int
        Which of several independent samples.
    rows : int
        How many rows it has.
    scores : float64 array [shape=(layers_a, layers_b)]
    """

    at: int
    draw: int
    rows: int
    scores: Float64[np.ndarray, "layers_a layers_b"]


Curve = tuple[CurvePoint, ...]


def curve_over_rows(
    a: Layers,
    b: Layers,
    sizes: Iterable[int],
    *,
    draws: int = 1,
    seed: int = 0,
    scores: Scores = cka,
) -> Curve:
    """Return the similarity over samples of several sizes.

    A point depends on the seed, its draw and its size alone: points computed apart, or later,
    belong to one curve. A larger sample of a draw holds the smaller ones.

    Parameters
    ----------
    a, b : sequence of array [shape=(rows, dim)]
        The layers of two models over the same rows, possibly memory-mapped.
    sizes : iterable of int
    draws : int
        How many independent samples of each size.
    seed : int
    scores : callable
        The function of a measure; debiased CKA by default.

    Raises
    ------
    MatrixError
        A size is not positive or more than the rows, a value is not finite, in whatever row, or the
        measure refuses the layers.
    """
    check_both_finite(a, b)
    count = len(a[0])
    points = []
    for at in sorted(set(sizes)):
        if not 0 < at <= count:
            raise MatrixError(f"there are {count} rows; no sample has {at}")
        for draw in range(draws):
            order = np.random.default_rng([seed, draw]).permutation(count)
            points.append(_point(a, b, at, draw, np.sort(order[:at]), scores))
    return tuple(points)


def curve_over_caps(  # noqa: PLR0913 (two models, their words, the points, how they are drawn)
    a: Layers,
    b: Layers,
    words: Sequence[str],
    caps: Iterable[int],
    *,
    draws: int = 1,
    seed: int = 0,
    scores: Scores = cka,
) -> Curve:
    """Return the similarity over samples with at most so many tokens of each word type.

    Parameters and errors are those of :func:`curve_over_rows`; `words` are those of the rows.
    """
    if len(words) != len(a[0]):
        raise MatrixError(f"{len(words)} words for {len(a[0])} rows; expected one a row")
    check_both_finite(a, b)
    points = []
    for at in sorted(set(caps)):
        if at < 1:
            raise MatrixError(f"expected at least 1 token of each type, found {at}")
        for draw in range(draws):
            kept = np.flatnonzero(at_most(words, at, [seed, draw]))
            points.append(_point(a, b, at, draw, kept, scores))
    return tuple(points)


def merged(*curves: Curve) -> Curve:
    """Return one curve with the points of all, in order.

    Raises
    ------
    MatrixError
        Two curves have other scores for the same point: they are of other layers or seeds.
    """
    found: dict[tuple[int, int], CurvePoint] = {}
    for point in (point for curve in curves for point in curve):
        known = found.setdefault((point.at, point.draw), point)
        if not np.array_equal(known.scores, point.scores, equal_nan=True):
            raise MatrixError(
                f"two curves differ at {point.at}, draw {point.draw}; merge only curves of the "
                "same layers, rows and seed"
            )
    return tuple(found[key] for key in sorted(found))


def _point(
    a: Layers,
    b: Layers,
    at: int,
    draw: int,
    rows: Int64[np.ndarray, " rows"],
    scores: Scores,
) -> CurvePoint:
    found = scores([layer[rows] for layer in a], [layer[rows] for layer in b])
    return CurvePoint(at, draw, len(rows), found)
