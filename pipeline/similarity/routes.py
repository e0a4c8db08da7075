"""Inner products of all layers' Gram matrices, by two exact routes; the cheaper one is taken."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from typing import NamedTuple, TypeAlias

import numpy as np
from jaxtyping import Float64

from pipeline.similarity.centring import CentredLayer, row_blocks
from pipeline.similarity.processor import Array, Processor

# Of a tile: large enough for fast products, and small enough for a tile of each layer to stay in
# the processor's cache until they are multiplied with each other.
TILE_ROWS = 512
# Tiles on the diagonal are computed whole, though half would do: they are cut up to this size.
DIAGONAL_ROWS = 128
# Of a sum in float32, before it is added up in float64.
RUN = 2048
BLOCK_ROWS = 8192
# How many bytes of centred rows, or of sums, are held.
HELD_BYTES = 2**29


class InnerProducts(NamedTuple):
    """Inner products <K, L> of centred Gram matrices K of model a and L of model b."""

    between: Float64[np.ndarray, "layers_a layers_b"]
    within_a: Float64[np.ndarray, " layers_a"]
    within_b: Float64[np.ndarray, " layers_b"]


Route: TypeAlias = Callable[
    [Sequence[CentredLayer], Sequence[CentredLayer], Processor], InnerProducts
]


def by_gram_tiles(
    a: Sequence[CentredLayer], b: Sequence[CentredLayer], processor: Processor
) -> InnerProducts:
    """Sum over tiles of the Gram matrices; costs about rows² · (dims of a + dims of b).

    One tile of every layer is held at a time. Gram matrices are symmetric: the tiles below the
    diagonal are those above it.
    """
    layers = [*a, *b]
    rows_of = _rows_reader(layers, processor)
    runs = -(-(TILE_ROWS**2) // RUN)
    tiles = processor.zeros(len(layers), runs * RUN)
    total, left_rows, left = np.zeros((len(layers), len(layers))), slice(0, 0), []
    for upper, right_rows in triangle_tiles(0, len(layers[0])):
        if upper != left_rows:
            left_rows, left = upper, rows_of(upper)
        right = left if right_rows == upper else rows_of(right_rows)
        times = 1 if right_rows == upper else 2
        total += times * _products_of_tiles(left, right, tiles, processor)
    within = total.diagonal()
    return InnerProducts(total[: len(a), len(a) :], within[: len(a)], within[len(a) :])


def triangle_tiles(start: int, end: int) -> Iterator[tuple[slice, slice]]:
    """Yield the tiles that cover the diagonal of a square matrix and all above it, once each.

    Examples
    --------
    >>> [(rows.start, columns.start, columns.stop) for rows, columns in triangle_tiles(0, 200)]
    [(0, 0, 100), (0, 100, 200), (100, 100, 200)]
    """
    if end - start <= DIAGONAL_ROWS:
        yield slice(start, end), slice(start, end)
        return
    middle = (start + end + 1) // 2
    yield from triangle_tiles(start, middle)
    for rows, columns in product(_parts(start, middle), _parts(middle, end)):
        yield rows, columns
    yield from triangle_tiles(middle, end)


def _parts(start: int, end: int) -> list[slice]:
    """Cut rows into equal parts of at most a tile."""
    edges = np.linspace(start, end, -(-(end - start) // TILE_ROWS) + 1).astype(int).tolist()
    return [slice(*edge) for edge in zip(edges[:-1], edges[1:], strict=True)]


def _rows_reader(
    layers: Sequence[CentredLayer], processor: Processor
) -> Callable[[slice], list[Array]]:
    """Return what gives the centred rows of all layers: held, if there is room for all of them."""
    rows = len(layers[0])
    size_bytes = rows * sum(layer.dim for layer in layers) * np.dtype(processor.dtype).itemsize
    with ThreadPoolExecutor() as threads:

        def read(wanted: slice) -> list[Array]:
            return [layer.block(wanted, processor) for layer in layers]

        if size_bytes > HELD_BYTES:
            return read
        held = list(threads.map(lambda layer: layer.block(slice(0, rows), processor), layers))
    return lambda wanted: [layer[wanted] for layer in held]


def _products_of_tiles(
    left: Sequence[Array], right: Sequence[Array], tiles: Array, processor: Processor
) -> Float64[np.ndarray, "layers layers"]:
    """Return the inner products of all pairs of layers' tiles; `tiles` is room to work in."""
    rows, columns = len(left[0]), len(right[0])
    entries = rows * columns
    whole_runs = -(-entries // RUN) * RUN
    tiles[:, entries:whole_runs] = 0
    shaped = tiles[:, :entries].reshape(len(left), rows, columns)
    for x, y, tile in zip(left, right, shaped, strict=True):
        processor.library.matmul(x, y.T, out=tile)
    runs = tiles[:, :whole_runs].reshape(len(left), -1, RUN).swapaxes(0, 1)
    products = processor.library.matmul(runs, runs.swapaxes(1, 2))
    return processor.get(processor.added_up(products))


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
    )


def _squared_cross_products(
    a: Sequence[CentredLayer], b: Sequence[CentredLayer], processor: Processor
) -> Float64[np.ndarray, "layers_a layers_b"]:
    totals = [[processor.zeros(x.dim, y.dim, dtype="float64") for y in b] for x in a]
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
