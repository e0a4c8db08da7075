import numpy as np
import pytest
import torch

from pipeline.similarity.cka import cka
from pipeline.similarity.processor import processor_for


def layers(dtype, rows=100, dim=8):
    return [np.zeros((rows, dim), dtype)] * 2


@pytest.mark.parametrize(
    ("dtype", "rows", "expected"),
    [
        (np.float32, 100, "float64"),
        (np.float32, 20_000, "float32"),
        (np.float16, 20_000, "float32"),
        (np.float64, 20_000, "float64"),
        (np.int32, 20_000, "float64"),
    ],
)
def test_products_are_in_float32_only_where_there_are_many_of_such_numbers(dtype, rows, expected):
    processor = processor_for(layers(dtype, rows))
    assert (processor.library, processor.dtype) == (np, expected)


def test_a_device_of_torch_is_torch_s():
    assert processor_for(layers(np.float32), "cuda").library is torch


def test_many_products_in_float32_agree_with_float64():
    """Unrelated layers, and related ones, one far from the origin and with long rows."""
    rng = np.random.default_rng(0)
    base = rng.standard_normal((1500, 200))
    x = [base, 30 + base @ rng.standard_normal((200, 150)), rng.standard_normal((1500, 300))]
    y = [base * np.where(np.arange(1500) % 100, 1, 20)[:, None], rng.standard_t(3, (1500, 100))]
    a, b = ([layer.astype(np.float32) for layer in model] for model in (x, y))
    assert processor_for([*a, *b]).dtype == "float32"
    doubled = [[layer.astype(np.float64) for layer in model] for model in (a, b)]
    for estimator in ("debiased", "biased"):
        expected = cka(*doubled, estimator=estimator)
        np.testing.assert_allclose(cka(a, b, estimator), expected, rtol=0, atol=2e-6)
