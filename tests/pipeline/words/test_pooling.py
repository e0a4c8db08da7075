import numpy as np
import pytest

from pipeline.words.pooling import POOLINGS, pool_words

ROWS = np.array([[0, 9], [1, 8], [2, 7], [3, 6], [4, 5], [50, 4], [6, 3]], dtype=np.float32)


@pytest.mark.parametrize(
    ("pooling", "expected"),
    [
        ("mean", [66 / 7, 6]),
        ("middle third", [3, 6]),
        ("centre", [3, 6]),
        ("first", [0, 9]),
        ("last", [6, 3]),
        ("max", [50, 9]),
    ],
)
def test_poolings_by_hand(pooling, expected):
    np.testing.assert_allclose(POOLINGS[pooling](ROWS), expected, rtol=1e-6)


@pytest.mark.parametrize("pooling", POOLINGS)
def test_one_row_pools_to_itself(pooling):
    np.testing.assert_array_equal(POOLINGS[pooling](ROWS[2:3]), ROWS[2])


def test_the_middle_third_leaves_equally_much_on_both_sides():
    for count in range(1, 13):
        rows = np.arange(count, dtype=np.float32)[:, None]
        assert POOLINGS["middle third"](rows)[0] == pytest.approx((count - 1) / 2)


def test_the_mean_of_many_rows_is_summed_in_float64():
    rows = np.full((100_000, 1), 16_777_217 / 3, dtype=np.float32)
    assert POOLINGS["mean"](rows)[0] == rows[0, 0]


def test_every_layer_and_word_is_pooled_from_its_own_rows():
    layers = [ROWS, 10 * ROWS]
    vectors = pool_words(layers, np.array([[0, 2], [2, 7]]), "mean")
    assert vectors.shape == (2, 2, 2)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(vectors[0], [[0.5, 8.5], [13, 5]])
    np.testing.assert_allclose(vectors[1], 10 * vectors[0])
