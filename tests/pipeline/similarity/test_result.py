from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest

from pipeline.errors import SettingsError
from pipeline.similarity.result import Counts, SimilarityResult, select_layers

RESULT = SimilarityResult(
    scores=np.array([[0.1, 0.2], [np.nan, np.nan], [0.5, 1.0]]),
    estimator="debiased",
    chance=np.zeros((3, 2)),
    chance_sd=np.full((3, 2), 0.01),
    model_a="a",
    model_b="b",
    layer_names_a=("0", "1", "2"),
    layer_names_b=("0", "1"),
    counts=Counts(rows=10, tokens=10, types=5, speakers=2, utterances=3, left_out=1),
    row_digest="ab" * 32,
)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ({"layer_names_a": ("0", "1")}, r"\(2, 2\)"),
        ({"layer_names_b": ("0", "1", "2")}, r"\(3, 3\)"),
    ],
)
def test_layer_names_that_do_not_fit_the_scores_are_refused(names, expected):
    message = rf"scores has shape \(3, 2\); the layers' names say {expected}"
    with pytest.raises(ValueError, match=message):
        replace(RESULT, **names)


def test_scores_that_do_not_exist_are_allowed():
    assert np.isnan(RESULT.scores[1]).all()


def test_z_counts_standard_deviations_above_chance():
    level = {"chance": np.full((3, 2), 0.1), "chance_sd": np.full((3, 2), 0.02)}
    level["chance_sd"][2, 1] = 0
    expected = [[0, 5], [np.nan, np.nan], [20, np.nan]]
    np.testing.assert_allclose(replace(RESULT, **level).z, expected, atol=1e-12)


def test_a_result_does_not_change():
    with pytest.raises(FrozenInstanceError):
        RESULT.estimator = "biased"


def test_results_without_provenance_do_not_share_one():
    assert RESULT.provenance == {}
    assert replace(RESULT, provenance={"corpus": "x"}).provenance == {"corpus": "x"}


@pytest.mark.parametrize(
    ("layers_a", "layers_b", "scores"),
    [
        ([2], [1], [[1.0]]),
        ([0], None, [[0.1, 0.2]]),
        (None, [1], [[0.2], [np.nan], [1.0]]),
        ([0, 2], [1], [[0.2], [1.0]]),
    ],
)
def test_selected_layers_keep_their_names(layers_a, layers_b, scores):
    selected = select_layers(RESULT, layers_a, layers_b)
    np.testing.assert_array_equal(selected.scores, scores)
    assert selected.chance.shape == selected.chance_sd.shape == np.shape(scores)
    assert selected.layer_names_a == tuple(map(str, layers_a or range(3)))
    assert selected.layer_names_b == tuple(map(str, layers_b or range(2)))


@pytest.mark.parametrize(
    ("layer_a", "layer_b", "expected"),
    [([3], None, "a has layers 0 to 2; there is no 3"), (None, [0, -1], "b has layers 0 to 1")],
)
def test_a_layer_that_is_not_there_is_refused(layer_a, layer_b, expected):
    with pytest.raises(SettingsError, match=expected):
        select_layers(RESULT, layer_a, layer_b)
