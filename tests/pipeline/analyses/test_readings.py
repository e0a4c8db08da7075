import numpy as np
import pytest

from pipeline.analyses.cell_nulls import CellNulls
from pipeline.analyses.readings import cell_readings
from pipeline.similarity.result import Counts, SimilarityResult

RESULT = SimilarityResult(
    scores=np.array([[0.5, 0.25]]),
    estimator="biased",
    chance=np.array([[0.3, 0.25]]),
    chance_sd=np.array([[0.1, 0.0]]),
    model_a="a",
    model_b="b",
    layer_names_a=("0",),
    layer_names_b=("0", "1"),
    counts=Counts(rows=9, tokens=9, types=3, speakers=1, utterances=2, left_out=0),
    row_digest="",
)
NULLS = CellNulls(
    values=np.array([[0.5, 0.2]]),
    mean=np.array([[0.4, 0.2]]),
    sd=np.array([[0.05, 0.0]]),
    p=np.array([[0.01, 1.0]]),
    p_of_all=np.array([[0.02, 1.0]]),
    level=0.05,
    estimator="biased",
    rows=9,
    types=3,
    permutations=99,
    seed=0,
    row_digest="",
)


@pytest.mark.parametrize(
    ("reading", "nulls", "expected"),
    [
        ("score", None, [0.5, 0.25]),
        ("z over rows", None, [2.0, np.nan]),
        ("z over words", NULLS, [2.0, np.nan]),
        ("z over words", None, [np.nan, np.nan]),
    ],
)
def test_cells_read_as_their_score_or_as_standard_deviations_above_chance(reading, nulls, expected):
    np.testing.assert_allclose(cell_readings(RESULT, reading, nulls), [expected])


def test_a_cell_that_stands_out_of_all_is_not_masked():
    assert NULLS.mask.tolist() == [[True, False]]
