"""Linear CKA of all pairs of layers, against a loop over pairs and against matrix products."""

from collections.abc import Iterator

import numpy as np
from jaxtyping import Float32, Float64

from benchmarks.ratio import Ratio, best_seconds
from pipeline.similarity.grid import similarity_of_layers

Model = list[Float32[np.ndarray, "rows dim"]]

PRODUCT_SIZE = 1536


def ratios() -> Iterator[Ratio]:
    """Time both routes: few rows (Gram tiles) and many (features)."""
    yield from _few_rows(layers=13, rows=2000, dim=768)
    yield from _many_rows(layers=4, rows=20_000, dim=256)


def _few_rows(layers: int, rows: int, dim: int) -> Iterator[Ratio]:
    a, b = _random_model(0, layers, rows, dim), _random_model(1, layers, rows, dim)
    np.testing.assert_allclose(
        similarity_of_layers(a[:1], b).debiased[0], _one_by_one(a[0], b), atol=1e-8
    )
    name = f"{layers} x {layers} layers, {rows} words, {dim} dims"
    ours, loop, product = best_seconds(
        lambda: similarity_of_layers(a, b), lambda: _one_by_one(a[0], b), _matrix_product
    )
    yield Ratio(name, ours, f"closed form, pair by pair ({layers} pairs timed)", loop * layers)
    operations = rows**2 * 2 * layers * dim
    yield Ratio(name, ours, "matrix product of as many operations", _scaled(product, operations))


def _many_rows(layers: int, rows: int, dim: int) -> Iterator[Ratio]:
    a, b = _random_model(0, layers, rows, dim), _random_model(1, layers, rows, dim)
    name = f"{layers} x {layers} layers, {rows} words, {dim} dims"
    ours, product = best_seconds(lambda: similarity_of_layers(a, b), _matrix_product)
    operations = 2 * rows * dim**2 * (layers**2 + layers)
    yield Ratio(name, ours, "matrix product of as many operations", _scaled(product, operations))


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


_FACTOR = np.random.default_rng(2).standard_normal((2, PRODUCT_SIZE, PRODUCT_SIZE))


def _matrix_product() -> Float64[np.ndarray, "size size"]:
    return _FACTOR[0] @ _FACTOR[1]


def _scaled(product_seconds: float, operations: int) -> float:
    """Return how long matrix products of this many operations would take."""
    return product_seconds * operations / (2 * PRODUCT_SIZE**3)
