import json
import math
from dataclasses import replace

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra.numpy import arrays
from scipy import stats

from pipeline.commands.scores_text import agreement_lines
from pipeline.errors import MatrixError
from pipeline.similarity.agreement import agreement
from pipeline.similarity.matrix_file import open_scores
from pipeline.similarity.score_matrix import ScoreMatrix


def a_matrix(scores, source="one.json", models=("A", "B")):
    scores = np.asarray(scores, dtype=np.float64)
    rows, columns = scores.shape
    return ScoreMatrix(
        scores=scores,
        model_a=models[0],
        model_b=models[1],
        layer_names_a=tuple(f"a{k}" for k in range(rows)),
        layer_names_b=tuple(f"b{k}" for k in range(columns)),
        source=source,
    )


def compared(one, other):
    return agreement(a_matrix(one), a_matrix(other, "other.json"))


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        (("a", 4242), ("b", 3000), "over other rows: 4,242 and 3,000"),
        (("a", 4242), ("a", 3000), "over other rows: 4,242 and 3,000"),
        (("a", 9), ("b", 9), "over other rows: 9 and 9"),
        (("a", 9), ("a", 9), ""),
        ((None, None), ("a", 9), ""),
        ((None, 9), ("a", 8), ""),
    ],
)
def test_it_is_said_when_two_matrices_are_over_other_rows(one, other, said):
    first, second = (
        replace(a_matrix([[0.5, 0.1]]), row_digest=digest, rows=rows)
        for digest, rows in (one, other)
    )
    found = agreement(first, second)
    assert found.other_rows == said
    assert found.as_plain_values()["other_rows"] == (said or None)
    assert (said in list(agreement_lines(found))) == bool(said)


# Worked out with paper and pencil.
ONE = [[0.1, 0.2, 0.3], [0.4, 0.5, np.nan]]
OTHER = [[0.2, 0.2, 0.1], [0.5, np.nan, 0.9]]


def test_the_example_gives_what_paper_and_pencil_give():
    found = compared(ONE, OTHER)
    np.testing.assert_allclose(found.difference, [[-0.1, 0, 0.2], [-0.1, np.nan, np.nan]])
    assert (found.compared, found.left_out) == (4, 2)
    assert (found.largest, found.largest_at) == (pytest.approx(0.2), (0, 2))
    assert found.mean_absolute == pytest.approx(0.1)
    # deviations from the means: -.15 -.05 .05 .15 and -.05 -.05 -.15 .25
    assert found.pearson == pytest.approx(0.04 / math.sqrt(0.05 * 0.09))
    # ranks 1 2 3 4 and 2.5 2.5 1 4, so deviations -1.5 -.5 .5 1.5 and 0 0 -1.5 1.5
    assert found.spearman == pytest.approx(1.5 / math.sqrt(5 * 4.5))
    assert (found.one.maximum_at, found.other.maximum_at) == ((1, 1), (1, 2))
    assert found.layers_apart == (0, 1)


few = st.sampled_from([-1.0, -0.25, 0.0, 0.1, 0.3, 1.0])
scores = arrays(np.float64, (3, 4), elements=few | st.floats(-1, 1, width=16) | st.just(np.nan))


@given(scores, scores)
def test_everything_equals_a_walk_over_the_cells(one, other):
    found = compared(one, other)
    cells = [(row, column) for row in range(3) for column in range(4)]
    pairs = {
        cell: (float(one[cell]), float(other[cell]))
        for cell in cells
        if not (math.isnan(one[cell]) or math.isnan(other[cell]))
    }
    assert (found.compared, found.left_out) == (len(pairs), 12 - len(pairs))
    if pairs:
        distances = {cell: abs(x - y) for cell, (x, y) in pairs.items()}
        assert found.largest_at == max(distances, key=distances.get)
        assert found.largest == max(distances.values())
        assert found.mean_absolute == pytest.approx(math.fsum(distances.values()) / len(pairs))
    else:
        assert found.largest_at is None
        assert math.isnan(found.largest)
        assert math.isnan(found.mean_absolute)


@given(scores, scores)
def test_correlations_are_those_of_scipy(one, other):
    both = np.isfinite(one) & np.isfinite(other)
    x, y = one[both], other[both]
    found = compared(one, other)
    if len(np.unique(x)) < 2 or len(np.unique(y)) < 2:
        assert math.isnan(found.pearson)
        assert math.isnan(found.spearman)
    else:
        assert found.pearson == pytest.approx(stats.pearsonr(x, y)[0], abs=1e-12)
        assert found.spearman == pytest.approx(stats.spearmanr(x, y)[0], abs=1e-12)


def test_correlation_does_not_depend_on_how_little_values_differ():
    tiny = 0.25 + np.array([[0, 1, 2, 4]]) * 2.0**-52
    assert compared(tiny, [[0.0, 0.1, 0.2, 0.4]]).pearson == pytest.approx(1, abs=1e-12)
    smallest = np.array([[0.0, 5e-324]])
    assert compared(smallest, [[1.0, 0.0]]).pearson == pytest.approx(-1)


def test_a_matrix_agrees_with_itself():
    found = compared(ONE, ONE)
    assert (found.largest, found.mean_absolute, found.left_out) == (0, 0, 1)
    assert found.pearson == pytest.approx(1)
    assert found.spearman == pytest.approx(1)
    assert found.layers_apart == (0, 0)


def test_swapping_the_two_changes_the_sign_only():
    found, swapped = compared(ONE, OTHER), compared(OTHER, ONE)
    np.testing.assert_array_equal(found.difference, -swapped.difference)
    for name in ("largest", "largest_at", "mean_absolute", "pearson", "spearman", "layers_apart"):
        assert getattr(found, name) == pytest.approx(getattr(swapped, name))


def test_rounding_does_not_move_the_maximum_along_a_diagonal_of_ones():
    diagonal = np.diag([1.0, 1.0, 1.0 + 1e-15])
    assert compared(np.eye(3), diagonal).layers_apart == (0, 0)


def test_nothing_in_common_gives_no_value_and_still_has_maxima():
    found = compared([[0.1, np.nan]], [[np.nan, 0.2]])
    assert found.compared == 0
    assert found.largest_at is None
    assert found.layers_apart == (0, 1)
    nothing = compared([[np.nan]], [[0.2]])
    assert nothing.layers_apart is None


def test_shapes_that_differ_are_told_with_what_to_do():
    message = (
        r"one\.json has 13 of A in its rows and 12 of B in its columns, but other\.json has 12 of "
        "A in its rows and 12 of B in its columns; transpose one, or leave out the first layers"
    )
    with pytest.raises(MatrixError, match=message):
        compared(np.zeros((13, 12)), np.zeros((12, 12)))


@pytest.mark.parametrize("shape", [(2, 2), (2, 3)])
def test_models_the_other_way_round_are_not_turned_silently(shape):
    one = a_matrix(np.random.default_rng(0).random(shape))
    turned = replace(one.transposed(), source="other.json")
    with pytest.raises(MatrixError, match=r"other\.json has them the other way round; transpose"):
        agreement(one, turned)
    assert agreement(one, turned.transposed()).largest == 0


def test_a_model_with_itself_is_no_other_way_round():
    matrix = a_matrix(np.eye(2), models=("A", "A"))
    assert agreement(matrix, matrix).largest == 0


def test_plain_values_are_strict_json_and_hold_all_numbers():
    found = compared(ONE, OTHER)
    values = json.loads(json.dumps(found.as_plain_values(), allow_nan=False))
    one, other = values.pop("one"), values.pop("other")
    assert (one["source"], one["scores"]) == ("one.json", [[0.1, 0.2, 0.3], [0.4, 0.5, None]])
    assert (other["source"], other["layers2"]) == ("other.json", ["b0", "b1", "b2"])
    difference = np.array(values.pop("difference"), dtype=np.float64)
    np.testing.assert_array_equal(difference, found.difference)
    assert values == {
        "compared": 4,
        "left_out": 2,
        "largest": found.largest,
        "mean_absolute": found.mean_absolute,
        "pearson": found.pearson,
        "spearman": found.spearman,
        "largest_at": {"row": 1, "column": 3, "layer1": "a0", "layer2": "b2"},
        "other_rows": None,
        "maximum_one_at": {"row": 2, "column": 2, "layer1": "a1", "layer2": "b1"},
        "maximum_other_at": {"row": 2, "column": 3, "layer1": "a1", "layer2": "b2"},
        "layers_apart": [0, 1],
    }
    nothing = compared([[np.nan]], [[0.2]]).as_plain_values()
    assert (nothing["largest"], nothing["pearson"], nothing["largest_at"]) == (None, None, None)


def test_the_study_peaks_at_the_same_relative_depth_in_base_and_large(shared):
    folder = shared / "thesis"
    base = folder / "cka_wav2vec2_bert-base-uncased.json"
    if not base.exists():
        pytest.skip("needs the matrices of the original study")
    large = open_scores(folder / "cka_wav2vec2_large_960_bert-base-uncased.json")
    every_second = replace(
        large, scores=large.scores[:, ::2], layer_names_b=large.layer_names_b[::2]
    )
    found = agreement(open_scores(base), every_second)
    # layer 7 of 12, and layer 13 of 24: the seventh of those kept
    assert (found.one.maximum_at, found.layers_apart) == ((3, 6), (0, 0))
