from collections import Counter

import numpy as np
import pytest

from pipeline.errors import MatrixError
from pipeline.similarity.cka import cka
from pipeline.similarity.curves import curve_over_caps, curve_over_rows, merged
from pipeline.similarity.measure import MEASURES

RNG = np.random.default_rng(0)
A = [RNG.normal(size=(60, dim)) for dim in (4, 7)]
B = [A[0] + RNG.normal(size=(60, 4)), RNG.normal(size=(60, 300))]
WORDS = [f"w{number}" for number in np.minimum(RNG.geometric(0.3, size=60), 9)]


def row_numbers(a, b):
    """Stand in for a measure, to see which rows it was given."""
    del b
    return np.array([[float(number) for number in a[0][:, 0]]])


NUMBERS = [np.arange(60.0)[:, np.newaxis]]


def test_over_all_rows_a_curve_ends_at_the_value():
    (point,) = curve_over_rows(A, B, [60])
    assert (point.at, point.draw, point.rows) == (60, 0, 60)
    np.testing.assert_array_equal(point.scores, cka(A, B))


def test_points_are_the_similarity_of_samples_that_contain_one_another():
    points = curve_over_rows(NUMBERS, NUMBERS, [40, 5, 17], draws=2, seed=3, scores=row_numbers)
    assert [(point.at, point.draw) for point in points] == [
        (5, 0), (5, 1), (17, 0), (17, 1), (40, 0), (40, 1),
    ]  # fmt: skip
    for draw in (0, 1):
        samples = [set(point.scores[0].tolist()) for point in points if point.draw == draw]
        assert [len(sample) for sample in samples] == [5, 17, 40]
        assert samples[0] < samples[1] < samples[2]
    drawn = points[0].scores[0].astype(int)
    (found,) = curve_over_rows(A, B, [5], seed=3)
    np.testing.assert_array_equal(found.scores, cka([x[drawn] for x in A], [y[drawn] for y in B]))


def test_biased_values_fall_with_more_rows():
    points = curve_over_rows(A, B, [10, 30, 60], scores=MEASURES["cka"].function("biased"))
    falling = [point.scores[1, 1] for point in points]
    assert falling == sorted(falling, reverse=True)


def test_a_cap_limits_every_type():
    points = curve_over_caps(NUMBERS, NUMBERS, WORDS, [1, 3, 99], draws=2, scores=row_numbers)
    for point in points:
        of_type = Counter(WORDS[int(row)] for row in point.scores[0])
        expected = {word: min(point.at, count) for word, count in Counter(WORDS).items()}
        assert of_type == expected
        assert point.rows == sum(expected.values())
    assert not np.array_equal(points[2].scores, points[3].scores)
    np.testing.assert_array_equal(curve_over_caps(A, B, WORDS, [99])[0].scores, cka(A, B))


@pytest.mark.parametrize(
    "curve",
    [
        lambda at: curve_over_rows(A, B, at, draws=2, seed=1),
        lambda at: curve_over_caps(A, B, WORDS, at, draws=2, seed=1),
    ],
    ids=["rows", "caps"],
)
def test_points_computed_apart_are_those_computed_together(curve):
    together, apart = curve([2, 9, 20]), merged(curve([20, 2]), curve([9]), curve([2]))
    assert [(p.at, p.draw, p.rows) for p in apart] == [(p.at, p.draw, p.rows) for p in together]
    for one, other in zip(apart, together, strict=True):
        np.testing.assert_array_equal(one.scores, other.scores)


def test_curves_of_other_seeds_are_not_merged():
    with pytest.raises(MatrixError, match="two curves differ at 9, draw 0"):
        merged(curve_over_rows(A, B, [9]), curve_over_rows(A, B, [9], seed=1))


def test_points_that_cannot_be_are_refused():
    for size in (0, 61):
        with pytest.raises(MatrixError, match=f"there are 60 rows; no sample has {size}"):
            curve_over_rows(A, B, [size])
    with pytest.raises(MatrixError, match="at least 1 token of each type, found 0"):
        curve_over_caps(A, B, WORDS, [0])
    with pytest.raises(MatrixError, match="59 words for 60 rows"):
        curve_over_caps(A, B, WORDS[1:], [1])
