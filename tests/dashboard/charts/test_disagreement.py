from dataclasses import replace

import numpy as np
import pytest

from dashboard.charts import disagreement_heatmap
from pipeline.similarity.disagreement import disagreement
from pipeline.similarity.result import Counts, SimilarityResult

SCORES = np.linspace(0.1, 0.6, 6).reshape(2, 3)
CKA = SimilarityResult(
    scores=SCORES,
    measure="cka",
    estimator="debiased",
    chance=np.zeros((2, 3)),
    chance_sd=np.ones((2, 3)),
    model_a="<i>one</i>",
    model_b="other",
    layer_names_a=("0", "1"),
    layer_names_b=("0", "1", "2"),
    counts=Counts(rows=10, tokens=10, types=5, speakers=2, utterances=3, left_out=0),
    row_digest="0" * 64,
)
RESULTS = [CKA, replace(CKA, measure="rsa", estimator=None, scores=-SCORES)]


def test_cells_show_how_far_apart_the_ranks_are_and_hover_each_measure():
    figure = disagreement_heatmap(RESULTS, disagreement([SCORES, -SCORES]), selected=(0, 0))
    cells = figure.data[0]
    np.testing.assert_allclose(cells.z, [[1, 0.6, 0.2], [0.2, 0.6, 1]])
    assert (cells.zmin, cells.zmax) == (0, 1)
    assert cells.hovertext[0][0] == (
        "<b>Ranks 1.00 apart</b><br>&lt;i&gt;one&lt;/i&gt;: 0<br>other: 0<br>"
        "debiased linear CKA 0.1000 · higher than 0%<br>"
        "RSA (Spearman) \N{MINUS SIGN}0.1000 · higher than 100%"
    )


def test_a_cell_with_one_rank_is_grey():
    holed = SCORES.copy()
    holed[1, 2] = np.nan
    results = [CKA, replace(RESULTS[1], scores=holed)]
    found = disagreement([SCORES, holed])
    values, ground, *_ = disagreement_heatmap(results, found, selected=(0, 0)).data
    assert values.hovertext[1][2].startswith("<b>No two ranks</b>")
    assert np.isfinite(ground.z)[1, 2]


def test_a_cell_outside_is_refused():
    with pytest.raises(IndexError, match="outside the 2 x 3 layers"):
        disagreement_heatmap(RESULTS, disagreement([SCORES, -SCORES]), selected=(2, 0))
