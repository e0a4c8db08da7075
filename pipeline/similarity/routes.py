"""Inner products of all layers' Gram matrices, by two exact routes; the cheaper one is taken."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from functools import partial
from itertools import combinations_with_replacement, pairwise
from typing import NamedTuple, TypeAlias

import numpy as np
from jaxtyping import Float64

from pipeline.similarity.centring import CentredLayer, row_blocks
from pipeline.similarity.processor import Array, Processor

# Of a tile: large enough for fast products, and small enough for a tile of each layer to stay in
# the processor's cache until they are multiplied with each other.
TILE_ROWS = 512
# Of a sum in float32, before it is added up in float64.
RUN = 2048
BLOCK_ROWS = 8192
# How many bytes of centred rows, or of sums, are held.
HELD_BYTES = 2**29


Tile: TypeAlias = tuple[slice, slice]


class InnerProducts(NamedTuple):
    """Inner products <K, L> of centred Gram matrices K of model a and L of model b."""

    between: Float64[np.ndarray, "layers_a layers_b"]
    within_a: Float64[np.ndarray, " layers_a"]
    within_b: Float64[np.ndarray, " layers_b"]
    diagonal_a: Float64[np.ndarray, "layers_a rows"]
    diagonal_b: Float64[np.ndarray, "layers_b rows"]


Route: TypeAlias = Callable[
    [Sequence[CentredLayer], Sequence[CentredLayer], Processor], InnerProducts
]


def by_gram_tiles(
    a: Sequence[CentredLayer], b: Sequence[CentredLayer], processor: Processor
) -> InnerProducts:
    """Sum over tiles of the Gram matrices; costs about rows² · (dims of a + dims of b).

    One tile of every layer is held at a time by each thread. Gram matrices are symmetric: the tiles
    below the diagonal are those above it.
    """
    layers, rows = [*a, *b], len(a[0])
    # Those on the diagonal, which take half the time, last: all threads end at about the same time.
    tiles = sorted(triangle_tiles(rows), key=lambda tile: tile[0] == tile[1])
    hands = [tiles[first :: processor.thread_count] for first in range(processor.thread_count)]
    diagonal = np.empty((len(layers), rows))
    with processor.threads() as threads:
        rows_of = _rows_reader(layers, processor, threads)
        work = partial(_products_of_tiles, rows_of, diagonal, len(a), processor)
        parts = list(threads.map(work, hands))
    between, within = (np.sum(each, axis=0) for each in zip(*parts, strict=True))
    return InnerProducts(
        between, within[: len(a)], within[len(a) :], diagonal[: len(a)], diagonal[len(a) :]
    )


def triangle_tiles(rows: int) -> list[Tile]:
    """Return the tiles that cover the diagonal of a square matrix and all above it, once each.

    Examples
    --------
    >>> [(tile[0].start, tile[1].start, tile[1].stop) for tile in triangle_tiles(1000)]
    [(0, 0, 500), (0, 500, 1000), (500, 500, 1000)]
    """
    edges = np.linspace(0, rows, -(-rows // TILE_ROWS) + 1).astype(int).tolist()
    return list(combinations_with_replacement([slice(*edge) for edge in pairwise(edges)], 2))


def _rows_reader(
    layers: Sequence[CentredLayer], processor: Processor, threads: Executor
) -> Callable[[slice], list[Array]]:
    """Return what gives the centred rows of all layers: held, if there is room for all of them."""
    rows = len(layers[0])
    size_bytes = rows * sum(layer.dim for layer in layers) * np.dtype(processor.dtype).itemsize
    if size_bytes > HELD_BYTES:
        return lambda wanted: [layer.block(wanted, processor) for layer in layers]
    held = list(threads.map(lambda layer: layer.block(slice(0, rows), processor), layers))
    return lambda wanted: [layer[wanted] for layer in held]


def _products_of_tiles(
    rows_of: Callable[[slice], list[Array]],
    diagonal: Float64[np.ndarray, "layers rows"],
    layers_a: int,
    processor: Processor,
    tiles: Sequence[Tile],
) -> tuple[Float64[np.ndarray, "layers_a layers_b"], Float64[np.ndarray, " layers"]]:
    """Return the inner products between the models and within layers over some tiles.

    Fills the part of the diagonal that lies in them.
    """
    layers, library = len(diagonal), processor.library
    between, within = np.zeros((layers_a, layers - layers_a)), np.zeros(layers)
    room = processor.empty(layers, -(-(TILE_ROWS**2) // RUN) * RUN)
    for rows, columns in tiles:
        left = rows_of(rows)
        right = left if columns == rows else rows_of(columns)
        shape = len(left[0]), len(right[0])
        entries = shape[0] * shape[1]
        shaped = room[:, :entries].reshape(layers, *shape)
        for x, y, tile in zip(left, right, shaped, strict=True):
            library.matmul(x, y.T, out=tile)
        if columns == rows:
            diagonal[:, rows] = processor.get(shaped.diagonal(0, 1, 2))
        whole_runs = -(-entries // RUN) * RUN
        room[:, entries:whole_runs] = 0
        runs = room[:, :whole_runs].reshape(layers, -1, RUN).swapaxes(0, 1)
        of_a, of_b = runs[:, :layers_a], runs[:, layers_a:]
        times = 1 if columns == rows else 2
        between += times * processor.sum(library.matmul(of_a, of_b.swapaxes(1, 2)))
        within += times * processor.sum(library.einsum("rlk,rlk->rl", runs, runs))
    return between, within


def by_features(
    a: Sequence[CentredLayer], b: Sequence[CentredLayer], processor: Processor
) -> InnerProducts:
    """Use <K, L> = ||X'Y||² (Frobenius); costs about 2 · rows · dims of a · dims of b.

    As many layers of a are taken at once as there is room for their sums.
    """
    widest = max(layer.dim for layer in a)
    size_bytes = 8 * widest * sum(layer.dim for layer in b)
    at_once = max(1, HELD_BYTES // size_bytes)
    groups = [a[first : first + at_once] for first in range(0, len(a), at_once)]
    return InnerProducts(
        np.concatenate([_squared_cross_products(group, b, processor) for group in groups]),
        np.array([_squared_cross_products([x], [x], processor)[0, 0] for x in a]),
        np.array([_squared_cross_products([y], [y], processor)[0, 0] for y in b]),
        np.stack([layer.squared_lengths() for layer in a]),
        np.stack([layer.squared_lengths() for layer in b]),
    )


def _squared_cross_products(
    a: Sequence[CentredLayer], b: Sequence[CentredLayer], processor: Processor
) -> Float64[np.ndarray, "layers_a layers_b"]:
    totals = [[processor.zeros(x.dim, y.dim) for y in b] for x in a]
    for rows in row_blocks(len(a[0]), BLOCK_ROWS):
        left = [layer.block(rows, processor) for layer in a]
        for index, y in enumerate(b):
            right = left[0] if y is a[0] else y.block(rows, processor)
            for x, of_x in zip(left, totals, strict=True):
                of_x[index] += x.T @ right
    squares = [[processor.get((total * total).sum()) for total in of_x] for of_x in totals]
    return np.array(squares, dtype=np.float64)


def cheaper_route(a: Sequence[CentredLayer], b: Sequence[CentredLayer]) -> Route:
    """Return the route that needs fewer floating-point operations for these shapes."""
    rows = len(a[0])
    dims_a, dims_b = (np.array([layer.dim for layer in model], dtype=float) for model in (a, b))
    tiles = rows**2 * (dims_a.sum() + dims_b.sum() + len(a) * len(b))
    features = 2 * rows * (dims_a.sum() * dims_b.sum() + (dims_a**2).sum() + (dims_b**2).sum())
    return by_gram_tiles if tiles < features else by_features
