import tracemalloc

import numpy as np
import pytest

from pipeline.similarity.centring import centred_layers
from pipeline.similarity.routes import by_features, by_gram_tiles, cheaper_route


def random_layers(rows, dims, seed=0):
    rng = np.random.default_rng(seed)
    return centred_layers([rng.normal(size=(rows, dim)) for dim in dims], "a")


def centred_gram(layer):
    rows = layer[0 : len(layer)]
    return rows @ rows.T


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("rows", [1, 6, 7, 14, 40])
def test_products_are_those_of_whole_gram_matrices(route, rows):
    a, b = random_layers(rows, [3, 9]), random_layers(rows, [5, 1, 50], seed=1)
    grams_a, grams_b = map(centred_gram, a), [centred_gram(layer) for layer in b]
    found = route(a, b)
    expected = [[np.sum(K * L) for L in grams_b] for K in grams_a]
    np.testing.assert_allclose(found.between, expected, rtol=1e-11, atol=1e-11)
    for layers, within in ((a, found.within_a), (b, found.within_b)):
        expected = [np.sum(centred_gram(layer) ** 2) for layer in layers]
        np.testing.assert_allclose(within, expected, rtol=1e-12)


def test_memory_does_not_grow_with_the_rows(route, monkeypatch):
    monkeypatch.setattr("pipeline.similarity.routes.TILE_ROWS", 64)
    monkeypatch.setattr("pipeline.similarity.routes.BLOCK_ROWS", 64)
    layers = random_layers(3000, [64, 64])
    tracemalloc.start()
    route(layers, layers)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < layers[0].values.nbytes / 2


@pytest.mark.parametrize(
    ("rows", "dims", "expected"),
    [(100, [768] * 13, by_gram_tiles), (50_000, [768] * 13, by_features), (100, [2], by_features)],
)
def test_the_route_fits_the_shapes(rows, dims, expected):
    layers = centred_layers([np.broadcast_to(np.float32(0), (rows, dim)) for dim in dims], "a")
    assert cheaper_route(layers, layers) is expected
