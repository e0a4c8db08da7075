"""Linear CKA of all pairs of layers, against a loop over pairs and against matrix products."""

from collections.abc import Iterator

import numpy as np
from jaxtyping import Float32, Float64

from benchmarks.ratio import Ratio, best_seconds
from pipeline.similarity.grid import similarity_of_layers

Model = list[Float32[np.ndarray, "rows dim"]]

LAYERS, DIM = 13, 768
PRODUCT_SIZE = 1536


def ratios() -> Iterator[Ratio]:
    """Time two models of usual size over two numbers of rows."""
    a, b = _random_model(0, 1, 500, 64), _random_model(1, 3, 500, 64)
    np.testing.assert_allclose(
        similarity_of_layers(a, b).debiased[0], _one_by_one(a[0], b), atol=1e-8
    )
    yield from _of_size(2000, with_loop=True)
    yield from _of_size(6000)


def _of_size(rows: int, *, with_loop: bool = False) -> Iterator[Ratio]:
    a, b = _random_model(0, LAYERS, rows, DIM), _random_model(1, LAYERS, rows, DIM)
    name = f"{LAYERS} x {LAYERS} layers, {rows} words, {DIM} dims"
    ours, product = best_seconds(lambda: similarity_of_layers(a, b), _matrix_product)
    operations = min(rows**2 * 2 * LAYERS * DIM, 2 * rows * DIM**2 * (LAYERS**2 + 2 * LAYERS))
    yield Ratio(name, ours, "float32 products of as many operations", _scaled(product, operations))
    if with_loop:
        (loop,) = best_seconds(lambda: _one_by_one(a[0], b[:2]), repeats=1)
        yield Ratio(name, ours, "float64, pair by pair (2 pairs timed)", loop / 2 * LAYERS**2)


def _random_model(seed: int, layers: int, rows: int, dim: int) -> Model:
    rng = np.random.default_rng(seed)
    return [rng.standard_normal((rows, dim), dtype=np.float32) for _ in range(layers)]


def _one_by_one(x: Float32[np.ndarray, "rows dim"], layers: Model) -> list[float]:
    return [_debiased(x, y) for y in layers]


def _debiased(x: Float32[np.ndarray, "rows dim_x"], y: Float32[np.ndarray, "rows dim_y"]) -> float:
    """Return one pair's value as one would write it down for two matrices."""
    X, Y = (values - values.mean(axis=0, dtype=np.float64) for values in (x, y))
    return float(_hsic(X, Y) / np.sqrt(_hsic(X, X) * _hsic(Y, Y)))


def _hsic(X: Float64[np.ndarray, "rows dim_x"], Y: Float64[np.ndarray, "rows dim_y"]) -> float:
    n = len(X)
    k, l = (X**2).sum(axis=1), (Y**2).sum(axis=1)  # noqa: E741 (as in the papers)
    total = k.sum() * l.sum() / ((n - 1) * (n - 2)) - n / (n - 2) * (k @ l)
    return float((np.linalg.norm(X.T @ Y) ** 2 + total) / (n * (n - 3)))


_FACTOR = np.random.default_rng(2).standard_normal((2, PRODUCT_SIZE, PRODUCT_SIZE), np.float32)


def _matrix_product() -> Float32[np.ndarray, "size size"]:
    return _FACTOR[0] @ _FACTOR[1]


def _scaled(product_seconds: float, operations: int) -> float:
    """Return how long matrix products of this many operations would take."""
    return product_seconds * operations / (2 * PRODUCT_SIZE**3)
