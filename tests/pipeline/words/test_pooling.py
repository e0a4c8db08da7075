import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from pipeline.words.pooling import POOLINGS, pool_words, weighted_mean

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


def middle(values):
    third = len(values) // 3
    return values[third : len(values) - third]


# Of the exact values of one dimension; floats of these sizes are fractions without an error.
DEFINITIONS = {
    "mean": lambda values: sum(values) / len(values),
    "middle third": lambda values: sum(middle(values)) / len(middle(values)),
    "centre": lambda values: values[math.ceil(len(values) / 2) - 1],
    "first": lambda values: values[0],
    "last": lambda values: values[-1],
    "max": max,
}
ROWS_OF_A_WORD = npst.arrays(
    np.float32,
    st.tuples(st.integers(1, 30), st.just(3)),
    elements=st.floats(-1000, 1000, width=32),
)


def exact(rows):
    return [[Fraction(value) for value in column] for column in rows.T.tolist()]


def test_every_pooling_has_a_definition_here():
    assert set(DEFINITIONS) == set(POOLINGS)


@pytest.mark.parametrize("pooling", POOLINGS)
@given(ROWS_OF_A_WORD)
def test_a_pooling_is_its_definition_in_fractions(pooling, rows):
    expected = [float(DEFINITIONS[pooling](values)) for values in exact(rows)]
    # float32, and what float64 loses where values cancel.
    np.testing.assert_allclose(POOLINGS[pooling](rows), expected, rtol=1e-7, atol=1e-11)


@given(ROWS_OF_A_WORD, st.data())
def test_the_weighted_mean_is_its_definition_in_fractions(rows, data):
    count = len(rows)
    weights = data.draw(st.lists(st.integers(1, 10**7), min_size=count, max_size=count))
    expected = [
        float(sum(w * value for w, value in zip(weights, values, strict=True)) / sum(weights))
        for values in exact(rows)
    ]
    np.testing.assert_allclose(
        weighted_mean(rows, np.array(weights)), expected, rtol=1e-7, atol=1e-11
    )


def test_the_weighted_mean_of_many_rows_is_summed_in_float64():
    rows = np.full((100_000, 1), 16_777_217 / 3, dtype=np.float32)
    assert weighted_mean(rows, np.arange(1, 100_001))[0] == rows[0, 0]


def test_weights_enter_the_mean_of_their_word_and_no_other_pooling():
    spans, weights = np.array([[0, 2], [1, 4]]), [np.array([3, 1]), np.array([1, 1, 2])]
    weighted = pool_words([ROWS], spans, "mean", weights)
    assert weighted.dtype == np.float32
    np.testing.assert_allclose(weighted[0], [[0.25, 8.75], [2.25, 6.75]])
    for pooling in set(POOLINGS) - {"mean"}:
        np.testing.assert_array_equal(
            pool_words([ROWS], spans, pooling, weights), pool_words([ROWS], spans, pooling)
        )


def test_weights_of_other_words_are_refused():
    with pytest.raises(ValueError, match="argument 2 is shorter"):
        pool_words([ROWS], np.array([[0, 2], [1, 4]]), "mean", [np.array([3, 1])])


def test_every_layer_and_word_is_pooled_from_its_own_rows():
    layers = [ROWS, 10 * ROWS]
    vectors = pool_words(layers, np.array([[0, 2], [2, 7]]), "mean")
    assert vectors.shape == (2, 2, 2)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(vectors[0], [[0.5, 8.5], [13, 5]])
    np.testing.assert_allclose(vectors[1], 10 * vectors[0])
