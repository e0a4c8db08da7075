"""Inner products of all layers' Gram matrices, by two exact routes; the cheaper one is taken."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from itertools import accumulate, combinations_with_replacement, pairwise
from operator import add
from typing import TypeAlias

import numpy as np
from jaxtyping import Float64

from pipeline.similarity.centring import CentredLayer, row_blocks
from pipeline.similarity.processor import Array, Processor

# Of a tile at most: large enough for fast products, and small enough for a tile of each layer to
# stay in the processor's cache until they are multiplied with each other. Tiles of 512 rows, whose
# columns lie a power of two apart, are mirrored slowly.
TILE_ROWS = 504
# What divides the rows of a tile; products are made in steps of so many.
STEP = 8
# Of a sum in float32, before it is added up in float64.
RUN = 2048
BLOCK_ROWS = 8192
# Centred at once, in the cache, before they are held.
CENTRED_ROWS = 256
# How many bytes of centred rows, or of sums, are held.
HELD_BYTES = 2**29


Tile: TypeAlias = tuple[slice, slice]


@dataclass(frozen=True, eq=False)
class InnerProducts:
    """Inner products <K, L> of centred Gram matrices K of model a and L of model b.

    Or sums over some tiles of them: these add up.
    """

    between: Float64[np.ndarray, "layers_a layers_b"]
    within_a: Float64[np.ndarray, " layers_a"]
    within_b: Float64[np.ndarray, " layers_b"]
    diagonal_a: Float64[np.ndarray, "layers_a rows"]
    diagonal_b: Float64[np.ndarray, "layers_b rows"]

    def __add__(self, other: "InnerProducts") -> "InnerProducts":
        """Return the sums over the tiles of both, which share none."""
        return InnerProducts(*map(add, vars(self).values(), vars(other).values()))


Route: TypeAlias = Callable[
    [Sequence[CentredLayer], Sequence[CentredLayer], Processor], InnerProducts
]


def by_gram_tiles(
    a: Sequence[CentredLayer],
    b: Sequence[CentredLayer],
    processor: Processor,
    tiles: Sequence[Tile] | None = None,
) -> InnerProducts:
    """Sum over tiles of the Gram matrices; costs about rows² · (dims of a + dims of b).

    One tile of every layer is held at a time by each thread.
    Gram matrices are symmetric: the tiles below the diagonal are those above it.

    Parameters
    ----------
    a, b : sequence of CentredLayer
    processor : Processor
    tiles : sequence of pair of slice, optional
        Some of :func:`triangle_tiles`, all if not given. What is found over disjoint sets of them,
        perhaps by several workers, adds up to the whole.
    """
    layers, rows, split = [*a, *b], len(a[0]), len(a)
    # Those on the diagonal, which take half the time, last: all threads end at about the same time.
    taken = triangle_tiles(rows) if tiles is None else tiles
    ordered = sorted(taken, key=lambda tile: tile[0] == tile[1])
    hands = [ordered[first :: processor.thread_count] for first in range(processor.thread_count)]
    diagonal = np.zeros((len(layers), rows))
    with processor.threads() as threads:
        rows_of = _rows_reader(layers, processor, threads)
        work = partial(_products_of_tiles, rows_of, diagonal, processor)
        sums = np.sum(list(threads.map(work, hands)), axis=0)
    within = sums.diagonal()
    return InnerProducts(
        sums[:split, split:], within[:split], within[split:], diagonal[:split], diagonal[split:]
    )


def triangle_tiles(rows: int) -> list[Tile]:
    """Return the tiles that cover the diagonal of a square matrix and all above it, once each.

    Examples
    --------
    >>> [(tile[0].start, tile[1].start, tile[1].stop) for tile in triangle_tiles(1000)]
    [(0, 0, 504), (0, 504, 1000), (504, 504, 1000)]
    """
    return list(combinations_with_replacement(row_blocks(rows, _tile_rows(rows)), 2))


def _tile_rows(rows: int) -> int:
    """Return how many rows make tiles that are about equal, and whole steps of the products."""
    tiles = -(-rows // TILE_ROWS)
    return -(-rows // (tiles * STEP)) * STEP


def _rows_reader(
    layers: Sequence[CentredLayer], processor: Processor, threads: Executor
) -> Callable[[slice], list[Array]]:
    """Return what gives the centred rows of all layers: held, if there is room for all of them."""
    rows, dims = len(layers[0]), [layer.dim for layer in layers]
    if rows * sum(dims) * np.dtype(processor.dtype).itemsize > HELD_BYTES:
        return lambda wanted: [layer.block(wanted, processor) for layer in layers]
    # In one piece, which the system gives in larger pages, and so twice as fast.
    room = processor.empty(rows * sum(dims))
    edges = pairwise(accumulate(dims, initial=0))
    held = [room[rows * start : rows * end].reshape(rows, -1) for start, end in edges]
    list(threads.map(partial(_write_centred, processor), layers, held))
    return lambda wanted: [layer[wanted] for layer in held]


def _write_centred(processor: Processor, layer: CentredLayer, room: Array) -> None:
    for rows in row_blocks(len(layer), CENTRED_ROWS):
        room[rows] = layer.block(rows, processor)


def _products_of_tiles(
    rows_of: Callable[[slice], list[Array]],
    diagonal: Float64[np.ndarray, "layers rows"],
    processor: Processor,
    tiles: Sequence[Tile],
) -> Float64[np.ndarray, "layers layers"]:
    """Return the inner products of all layers over some tiles; fill the diagonal in them."""
    layers, library = len(diagonal), processor.library
    sums = np.zeros((layers, layers))
    room = processor.empty(layers, _whole_runs(_tile_rows(diagonal.shape[1]) ** 2))
    for rows, columns in tiles:
        left = rows_of(rows)
        right = left if columns == rows else rows_of(columns)
        shape = len(left[0]), len(right[0])
        entries = shape[0] * shape[1]
        grams = room[:, :entries].reshape(layers, *shape)
        for x, y, gram in zip(left, right, grams, strict=True):
            library.matmul(x, y.T, out=gram)
        if columns == rows:
            diagonal[:, rows] = processor.get(grams.diagonal(0, 1, 2))
        whole_runs = _whole_runs(entries)
        room[:, entries:whole_runs] = 0
        runs = room[:, :whole_runs].reshape(layers, -1, RUN).swapaxes(0, 1)
        products = processor.sum(runs @ runs.swapaxes(1, 2))
        sums += products if columns == rows else 2 * products
    return sums


def _whole_runs(entries: int) -> int:
    return -(-entries // RUN) * RUN


def by_features(
    a: Sequence[CentredLayer], b: Sequence[CentredLayer], processor: Processor
) -> InnerProducts:
    """Use <K, L> = ||X'Y||² (Frobenius); costs about 2 · rows · dims of a · dims of b.

    As many layers of a are taken at once as there is room for their sums.
    """
    layers, split = [*a, *b], len(a)
    widest = max(layer.dim for layer in a)
    size_bytes = 8 * widest * sum(layer.dim for layer in b)
    at_once = max(1, HELD_BYTES // size_bytes)
    groups = [a[first : first + at_once] for first in range(0, len(a), at_once)]
    with processor.threads() as threads:
        between = [_squared_cross_products(group, b, processor, threads) for group in groups]
        within = np.array(list(threads.map(partial(_squared_product, processor), layers)))
        diagonal = np.stack(list(threads.map(CentredLayer.squared_lengths, layers)))
    return InnerProducts(
        np.concatenate(between), within[:split], within[split:], diagonal[:split], diagonal[split:]
    )


def _squared_cross_products(
    a: Sequence[CentredLayer], b: Sequence[CentredLayer], processor: Processor, threads: Executor
) -> Float64[np.ndarray, "layers_a layers_b"]:
    totals = [[processor.zeros(x.dim, y.dim) for x in a] for y in b]
    for rows in row_blocks(len(a[0]), BLOCK_ROWS):
        left = list(threads.map(partial(_centred, processor, rows), a))
        list(threads.map(partial(_add_products, processor, rows, left), b, totals))
    squares = [[_squared_norm(total, processor) for total in of_y] for of_y in totals]
    return np.array(squares, dtype=np.float64).T


def _centred(processor: Processor, rows: slice, layer: CentredLayer) -> Array:
    return layer.block(rows, processor)


def _add_products(
    processor: Processor, rows: slice, left: list[Array], layer: CentredLayer, totals: list[Array]
) -> None:
    right = layer.block(rows, processor)
    for index, x in enumerate(left):
        totals[index] += x.T @ right


def _squared_product(processor: Processor, layer: CentredLayer) -> float:
    """Return ||X'X||² of one layer."""
    total = processor.zeros(layer.dim, layer.dim)
    for rows in row_blocks(len(layer), BLOCK_ROWS):
        block = layer.block(rows, processor)
        total += block.T @ block
    return _squared_norm(total, processor)


def _squared_norm(total: Array, processor: Processor) -> float:
    return float(processor.get((total * total).sum()))


def cheaper_route(a: Sequence[CentredLayer], b: Sequence[CentredLayer]) -> Route:
    """Return the route that needs fewer floating-point operations for these shapes."""
    rows = len(a[0])
    dims_a, dims_b = (np.array([layer.dim for layer in model], dtype=float) for model in (a, b))
    tiles = rows**2 * (dims_a.sum() + dims_b.sum() + len(a) * len(b))
    features = 2 * rows * (dims_a.sum() * dims_b.sum() + (dims_a**2).sum() + (dims_b**2).sum())
    return by_gram_tiles if tiles < features else by_features
