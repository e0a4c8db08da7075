import math
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from pipeline.words.pooling import POOLINGS, pool, taken_rows

ROWS = np.array([[0, 9], [1, 8], [2, 7], [3, 6], [4, 5], [50, 4], [6, 3]], dtype=np.float32)


def pooled(layers, spans, pooling, weights=None):
    taken = taken_rows(np.array(spans), pooling, weights)
    return pool([torch.from_numpy(layer) for layer in layers], taken).numpy()


def pooled_word(rows, pooling, weights=None):
    return pooled([rows], [[0, len(rows)]], pooling, weights and [np.array(weights)])[0, 0]


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
    np.testing.assert_allclose(pooled_word(ROWS, pooling), expected, rtol=1e-6)


@pytest.mark.parametrize("pooling", POOLINGS)
def test_one_row_pools_to_itself(pooling):
    np.testing.assert_array_equal(pooled_word(ROWS[2:3], pooling), ROWS[2])


def test_the_middle_third_leaves_equally_much_on_both_sides():
    for count in range(1, 13):
        rows = np.arange(count, dtype=np.float32)[:, None]
        assert pooled_word(rows, "middle third")[0] == pytest.approx((count - 1) / 2)


def test_the_mean_of_many_rows_is_summed_in_float64():
    rows = np.full((100_000, 1), 16_777_217 / 3, dtype=np.float32)
    assert pooled_word(rows, "mean")[0] == rows[0, 0]


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
    np.testing.assert_allclose(pooled_word(rows, pooling), expected, rtol=1e-7, atol=1e-11)


@given(ROWS_OF_A_WORD, st.data())
def test_the_weighted_mean_is_its_definition_in_fractions(rows, data):
    count = len(rows)
    weights = data.draw(st.lists(st.integers(1, 10**7), min_size=count, max_size=count))
    expected = [
        float(sum(w * value for w, value in zip(weights, values, strict=True)) / sum(weights))
        for values in exact(rows)
    ]
    np.testing.assert_allclose(pooled_word(rows, "mean", weights), expected, rtol=1e-7, atol=1e-11)


def test_the_weighted_mean_of_many_rows_is_summed_in_float64():
    rows = np.full((100_000, 1), 16_777_217 / 3, dtype=np.float32)
    assert pooled_word(rows, "mean", list(range(1, 100_001)))[0] == rows[0, 0]


def test_weights_enter_the_mean_of_their_word_and_no_other_pooling():
    spans, weights = [[0, 2], [1, 4]], [np.array([3, 1]), np.array([1, 1, 2])]
    weighted = pooled([ROWS], spans, "mean", weights)
    assert weighted.dtype == np.float32
    np.testing.assert_allclose(weighted[0], [[0.25, 8.75], [2.25, 6.75]])
    for pooling in set(POOLINGS) - {"mean"}:
        np.testing.assert_array_equal(
            pooled([ROWS], spans, pooling, weights), pooled([ROWS], spans, pooling)
        )


@pytest.mark.parametrize("weights", [[[3, 1]], [[3, 1], [1, 1]], [[3, 1, 1], [1, 1]]])
def test_weights_of_other_words_are_refused(weights):
    with pytest.raises(ValueError, match="not those of 2 spans"):
        pooled([ROWS], [[0, 2], [1, 4]], "mean", [np.array(each) for each in weights])


def one_by_one(layers, spans, pooling):
    """Pool as one would write it down for one word of one layer."""
    takes = {
        "mean": lambda rows: rows.mean(axis=0, dtype=np.float64),
        "middle third": lambda rows: middle(rows).mean(axis=0, dtype=np.float64),
        "centre": lambda rows: rows[(len(rows) - 1) // 2],
        "first": lambda rows: rows[0],
        "last": lambda rows: rows[-1],
        "max": lambda rows: rows.max(axis=0),
    }
    return np.stack(
        [
            [takes[pooling](layer[begin:end]).astype(np.float32) for begin, end in spans]
            for layer in layers
        ]
    )


@pytest.mark.parametrize("pooling", POOLINGS)
def test_all_words_of_all_layers_at_once_are_what_each_is_alone(pooling):
    generator = np.random.default_rng(0)
    layers = generator.standard_normal((5, 60, 8), dtype=np.float32)
    begins = generator.integers(0, 50, size=40)
    # They overlap, leave rows out and are in no order.
    spans = np.stack([begins, begins + generator.integers(1, 10, size=40)], axis=1)
    found = pooled(layers, spans, pooling)
    np.testing.assert_allclose(found, one_by_one(layers, spans.tolist(), pooling), rtol=1e-6)
    assert found.tobytes() == pooled(layers, spans, pooling).tobytes()
    # Nor do the bits of a word depend on the words beside it.
    assert found[:, 7:8].tobytes() == pooled(layers, spans[7:8], pooling).tobytes()


@pytest.mark.parametrize("pooling", POOLINGS)
@pytest.mark.parametrize("rows", [0, 4])
def test_no_words_have_no_vectors(pooling, rows):
    layers = [np.zeros((rows, 3), dtype=np.float32)] * 2
    spans = np.zeros((0, 2), dtype=np.int64)
    assert pooled(layers, spans, pooling).shape == (2, 0, 3)
    assert pooled(layers, spans, pooling, []).shape == (2, 0, 3)
