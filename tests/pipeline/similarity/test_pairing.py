import numpy as np
import pytest

from pipeline.errors import MatrixError
from pipeline.similarity.pairing import paired_layers, paired_samples, sampled_rows


def normal(rows, dim, seed=0):
    return np.random.default_rng(seed).normal(size=(rows, dim))


@pytest.mark.parametrize("most_rows", [1, 7, 20, 99])
def test_a_sample_has_every_row_at_most_once_in_order_and_comes_again(most_rows):
    rows = sampled_rows(20, most_rows, seed=3)
    assert len(rows) == min(most_rows, 20)
    assert (np.diff(rows) > 0).all()
    assert set(rows.tolist()) <= set(range(20))
    np.testing.assert_array_equal(rows, sampled_rows(20, most_rows, seed=3))


def test_another_seed_draws_other_rows():
    assert sampled_rows(1000, 10, seed=0).tolist() != sampled_rows(1000, 10, seed=1).tolist()


def test_all_layers_are_sampled_at_the_same_rows_and_centred_there():
    number = np.arange(50.0)[:, np.newaxis]
    (x, y), (z,) = paired_samples([number, 2 * number], [number + 1e6], most_rows=9, seed=0)
    expected = sampled_rows(50, 9, seed=0) - sampled_rows(50, 9, seed=0).mean()
    for found in (x, y / 2, z):
        np.testing.assert_allclose(found[:, 0], expected, atol=1e-9)


def test_float16_and_memory_maps_are_read_in_float64(tmp_path):
    values = normal(30, 3).astype(np.float16)
    np.save(tmp_path / "layer.npy", values)
    stored = np.load(tmp_path / "layer.npy", mmap_mode="r")
    (x,), _ = paired_samples([stored], [values], most_rows=30, seed=0)
    exact = values.astype(np.float64)
    np.testing.assert_allclose(x, exact - exact.mean(axis=0), atol=1e-15)


def test_a_constant_column_is_exactly_zero():
    values = np.full((50, 2), 0.1, dtype=np.float32)
    (x,), _ = paired_samples([values], [values], most_rows=9, seed=0)
    assert not x.any()


def test_layers_that_do_not_share_their_rows_are_refused():
    with pytest.raises(MatrixError, match="layer 1 of b has 7 rows, but layer 0 of a has 8"):
        paired_layers([normal(8, 2)], [normal(8, 2), normal(7, 2)])


def test_a_value_that_is_not_finite_is_named_though_its_row_is_not_drawn():
    values = normal(50, 2)
    row = next(row for row in range(50) if row not in sampled_rows(50, 5, seed=0))
    values[row, 1] = np.nan
    with pytest.raises(MatrixError, match=rf"layer 0 of b, row {row} \(counted from 0\)"):
        paired_samples([normal(50, 2)], [values], most_rows=5, seed=0)
