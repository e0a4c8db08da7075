"""Inner products of all layers' Gram matrices, by two exact routes; the cheaper one is taken."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
from jaxtyping import Float64

from pipeline.similarity.centring import BLOCK_ROWS, CentredLayer, row_blocks

TILE_ROWS = 384


class InnerProducts(NamedTuple):
    """Inner products <K, L> of centred Gram matrices K of model a and L of model b."""

    between: Float64[np.ndarray, "layers_a layers_b"]
    within_a: Float64[np.ndarray, " layers_a"]
    within_b: Float64[np.ndarray, " layers_b"]


Route: TypeAlias = Callable[[Sequence[CentredLayer], Sequence[CentredLayer]], InnerProducts]


def by_gram_tiles(a: Sequence[CentredLayer], b: Sequence[CentredLayer]) -> InnerProducts:
    """Sum over tiles of the Gram matrices; costs about rows² · (dims of a + dims of b).

    One tile of every layer is held at a time. Gram matrices are symmetric: the tiles below the
    diagonal are those above it.
    """
    layers = [*a, *b]
    blocks = list(row_blocks(len(layers[0]), TILE_ROWS))
    between, within = np.zeros((len(a), len(b))), np.zeros(len(layers))
    for index, rows in enumerate(blocks):
        left = [layer[rows] for layer in layers]
        for other in blocks[index:]:
            tiles = _tiles(left, left if other == rows else (layer[other] for layer in layers))
            times = 1 if other == rows else 2
            between += times * (tiles[: len(a)] @ tiles[len(a) :].T)
            within += times * np.vecdot(tiles, tiles)
    return InnerProducts(between, within[: len(a)], within[len(a) :])


def _tiles(
    left: Iterable[Float64[np.ndarray, "..."]], right: Iterable[Float64[np.ndarray, "..."]]
) -> Float64[np.ndarray, "layers tile"]:
    """Return each layer's tile of the Gram matrix, laid out as one row."""
    return np.stack([(x @ y.T).ravel() for x, y in zip(left, right, strict=True)])


def by_features(a: Sequence[CentredLayer], b: Sequence[CentredLayer]) -> InnerProducts:
    """Use <K, L> = ||X'Y||² (Frobenius); costs about 2 · rows · dims of a · dims of b."""
    return InnerProducts(
        np.array([[_squared_cross_product(x, y) for y in b] for x in a]),
        np.array([_squared_cross_product(x, x) for x in a]),
        np.array([_squared_cross_product(y, y) for y in b]),
    )


def _squared_cross_product(x: CentredLayer, y: CentredLayer) -> float:
    total = np.zeros((x.dim, y.dim))
    for rows in row_blocks(len(x), BLOCK_ROWS):
        left = x[rows]
        total += left.T @ (left if y is x else y[rows])
    return float(np.vdot(total, total))


def cheaper_route(a: Sequence[CentredLayer], b: Sequence[CentredLayer]) -> Route:
    """Return the route that needs fewer floating-point operations for these shapes."""
    rows = len(a[0])
    dims_a, dims_b = (np.array([layer.dim for layer in model], dtype=float) for model in (a, b))
    tiles = rows**2 * (dims_a.sum() + dims_b.sum() + len(a) * len(b))
    features = rows * (2 * dims_a.sum() * dims_b.sum() + (dims_a**2).sum() + (dims_b**2).sum())
    return by_gram_tiles if tiles < features else by_features
