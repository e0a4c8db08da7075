import tracemalloc

import numpy as np
import pytest
import torch

from pipeline.similarity.centring import centred_layers
from pipeline.similarity.processor import Processor
from pipeline.similarity.routes import (
    by_features,
    by_gram_tiles,
    cheaper_route,
    triangle_tiles,
)

DOUBLE = Processor(np, "float64")
# What a GPU would do, done by torch on the CPU; and on a GPU where there is one.
OTHERS = [Processor(np, "float32"), Processor(torch, "float64"), Processor(torch, "float32")]
if torch.cuda.is_available():
    OTHERS += [Processor(torch, "float64", "cuda"), Processor(torch, "float32", "cuda")]


def random_layers(rows, dims, seed=0):
    rng = np.random.default_rng(seed)
    return centred_layers([rng.normal(size=(rows, dim)) for dim in dims], "a")


def fields_of(found, expected):
    return zip(vars(found).values(), vars(expected).values(), strict=True)


def centred_gram(layer):
    rows = layer[0 : len(layer)]
    return rows @ rows.T


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("rows", [1, 6, 7, 14, 40])
def test_products_are_those_of_whole_gram_matrices(route, rows):
    a, b = random_layers(rows, [3, 9]), random_layers(rows, [5, 1, 50], seed=1)
    grams_a, grams_b = ([centred_gram(layer) for layer in layers] for layers in (a, b))
    found = route(a, b, DOUBLE)
    expected = [[np.sum(K * L) for L in grams_b] for K in grams_a]
    np.testing.assert_allclose(found.between, expected, rtol=1e-11, atol=1e-11)
    for grams, within, diagonal in (
        (grams_a, found.within_a, found.diagonal_a),
        (grams_b, found.within_b, found.diagonal_b),
    ):
        np.testing.assert_allclose(within, [np.sum(K**2) for K in grams], rtol=1e-12)
        np.testing.assert_allclose(diagonal, [np.diag(K) for K in grams], rtol=1e-12, atol=1e-12)


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("processor", OTHERS, ids=lambda p: f"{p.library.__name__} {p.dtype}")
def test_other_processors_give_the_same_as_far_as_their_numbers_go(route, processor):
    a, b = random_layers(40, [3, 9]), random_layers(40, [5, 1, 50], seed=1)
    tolerance = 1e-11 if processor.dtype == "float64" else 1e-5
    for found, expected in fields_of(route(a, b, processor), route(a, b, DOUBLE)):
        np.testing.assert_allclose(found, expected, rtol=tolerance, atol=10 * tolerance)


@pytest.mark.usefixtures("small_blocks")
def test_rows_that_are_too_many_to_be_held_are_read_again(monkeypatch):
    a, b = random_layers(40, [3, 9]), random_layers(40, [5], seed=1)
    held = by_gram_tiles(a, b, DOUBLE)
    monkeypatch.setattr("pipeline.similarity.routes.HELD_BYTES", 1)
    for route in (by_gram_tiles, by_features):
        for found, expected in fields_of(route(a, b, DOUBLE), held):
            np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-11)


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("workers", [2, 5])
def test_what_workers_find_over_parts_of_the_tiles_adds_up(workers):
    a, b = random_layers(40, [3, 9]), random_layers(40, [5, 1, 50], seed=1)
    tiles = triangle_tiles(40)
    assert len(tiles) > workers
    first, *others = (
        by_gram_tiles(a, b, DOUBLE, tiles[number::workers]) for number in range(workers)
    )
    for found, expected in fields_of(sum(others, first), by_features(a, b, DOUBLE)):
        np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize("rows", [1, 2, 504, 505, 1500])
def test_tiles_cover_the_diagonal_and_all_above_it_once(rows):
    covered = np.zeros((rows, rows), dtype=int)
    for left, right in triangle_tiles(rows):
        covered[left, right] += 1
        assert left == right or left.stop <= right.start
    np.testing.assert_array_equal(np.triu(covered), np.triu(np.ones_like(covered)))


def test_memory_does_not_grow_with_the_rows(route, monkeypatch):
    for name in ("TILE_ROWS", "BLOCK_ROWS"):
        monkeypatch.setattr(f"pipeline.similarity.routes.{name}", 64)
    monkeypatch.setattr("pipeline.similarity.routes.HELD_BYTES", 2**16)
    peaks = []
    for rows in (3000, 6000):
        layers = random_layers(rows, [64, 64])
        tracemalloc.start()
        route(layers, layers, DOUBLE)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    # The diagonals alone, and the list of tiles, are as long as the rows are many.
    assert peaks[1] - peaks[0] < layers[0].values.nbytes / 8


@pytest.mark.parametrize(
    ("rows", "dims", "expected"),
    [(100, [768] * 13, by_gram_tiles), (50_000, [768] * 13, by_features), (100, [2], by_features)],
)
def test_the_route_fits_the_shapes(rows, dims, expected):
    layers = centred_layers([np.broadcast_to(np.float32(0), (rows, dim)) for dim in dims], "a")
    assert cheaper_route(layers, layers) is expected
