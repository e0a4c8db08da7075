from dataclasses import FrozenInstanceError, replace

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra.numpy import arrays

from pipeline.errors import MatrixError
from pipeline.similarity.result import Counts, SimilarityResult
from pipeline.similarity.score_matrix import ScoreMatrix, cell_of_largest

MATRIX = ScoreMatrix(
    scores=np.array([[0.1, 0.2], [np.nan, 0.4], [0.5, 1.0]]),
    model_a="a",
    model_b="b",
    layer_names_a=("a0", "a1", "a2"),
    layer_names_b=("b0", "b1"),
    source="here.json",
)


def test_layer_names_that_do_not_fit_the_scores_are_refused():
    with pytest.raises(ValueError, match=r"shape \(3, 2\); the layers' names say \(2, 2\)"):
        replace(MATRIX, layer_names_a=("a0", "a1"))


def test_it_does_not_change():
    with pytest.raises(FrozenInstanceError):
        MATRIX.source = "elsewhere"


def test_the_scores_of_a_result_keep_their_labels():
    result = SimilarityResult(
        scores=MATRIX.scores,
        estimator="biased",
        chance=np.zeros((3, 2)),
        chance_sd=np.zeros((3, 2)),
        model_a="a",
        model_b="b",
        layer_names_a=("a0", "a1", "a2"),
        layer_names_b=("b0", "b1"),
        counts=Counts(rows=10, tokens=10, types=5, speakers=2, utterances=3, left_out=1),
        row_digest="ab" * 32,
    )
    expected = replace(MATRIX, row_digest="ab" * 32, rows=10)
    assert vars(ScoreMatrix.of(result, "here.json")) == vars(expected)
    sampled = replace(result, measure="rsa", measure_settings={"most_rows": 4, "seed": 0})
    assert ScoreMatrix.of(sampled, "").rows == 4
    assert vars(expected.transposed().transposed()).keys() == vars(expected).keys()
    assert (expected.transposed().row_digest, expected.without_first(1, 0).rows) == ("ab" * 32, 10)


def test_maximum_and_minimum_are_of_the_values_that_exist():
    assert (MATRIX.maximum_at, MATRIX.minimum_at) == ((2, 1), (0, 0))
    nothing = replace(MATRIX, scores=np.full((3, 2), np.nan))
    assert (nothing.maximum_at, nothing.minimum_at) == (None, None)


def test_rounding_does_not_move_the_maximum_along_a_diagonal_of_ones():
    ones = replace(MATRIX, scores=np.array([[1.0, 0.3], [0.3, 1.0 + 1e-15], [0.3 - 1e-16, 0.4]]))
    assert (ones.maximum_at, ones.minimum_at) == ((0, 0), (0, 1))


@given(arrays(np.float64, (3, 4), elements=st.sampled_from([-1.0, 0.0, 0.5]) | st.floats()))
def test_the_first_of_the_largest_is_found_as_by_a_walk(values):
    known = {cell: value for cell, value in np.ndenumerate(values) if np.isfinite(value)}
    assert cell_of_largest(values) == (max(known, key=known.get) if known else None)


def test_plain_values_count_from_1_and_name_the_layers():
    assert MATRIX.place_as_plain_values((2, 1)) == {
        "row": 3,
        "column": 2,
        "layer1": "a2",
        "layer2": "b1",
    }
    assert MATRIX.as_plain_values() == {
        "source": "here.json",
        "model1": "a",
        "model2": "b",
        "layers1": ["a0", "a1", "a2"],
        "layers2": ["b0", "b1"],
        "scores": [[0.1, 0.2], [None, 0.4], [0.5, 1.0]],
    }


def test_transposing_takes_the_labels_along():
    turned = MATRIX.transposed()
    for row in range(3):
        for column in range(2):
            np.testing.assert_equal(turned.scores[column, row], MATRIX.scores[row, column])
    assert (turned.model_a, turned.model_b) == ("b", "a")
    assert (turned.layer_names_a, turned.layer_names_b) == (("b0", "b1"), ("a0", "a1", "a2"))
    assert turned.source == "here.json"
    np.testing.assert_array_equal(turned.transposed().scores, MATRIX.scores)


def test_first_layers_are_left_out_with_their_names():
    rest = MATRIX.without_first(1, 1)
    np.testing.assert_array_equal(rest.scores, [[0.4], [1.0]])
    assert (rest.layer_names_a, rest.layer_names_b) == (("a1", "a2"), ("b1",))
    assert MATRIX.without_first(0, 0).layer_names_b == ("b0", "b1")


@pytest.mark.parametrize("counts", [(3, 0), (0, 2), (-1, 0), (0, -1)])
def test_some_layer_must_be_left(counts):
    with pytest.raises(MatrixError, match=r"here\.json: .* cannot be left out of 3 x 2"):
        MATRIX.without_first(*counts)
