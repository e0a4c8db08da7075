from dataclasses import replace

import numpy as np
import pytest

from dashboard.charts import Panel, best_lines, score_panel, shared_domain
from pipeline.analyses.cell_intervals import CellIntervals
from pipeline.analyses.cell_nulls import CellNulls
from pipeline.similarity.result import Counts, SimilarityResult
from pipeline.similarity.score_matrix import ScoreMatrix


def matrix(scores, source="one"):
    scores = np.asarray(scores, dtype=float)
    names = (tuple(map(str, range(count))) for count in scores.shape)
    return ScoreMatrix(scores, "model <a>", "model b", *names, source)


def intervals_of(scores):
    return CellIntervals(
        *(scores, scores - 0.05, scores + 0.1, scores, scores, scores),
        level=0.95, estimator="debiased", rows=9, types=4, speakers=2, draws=9, seed=0,
        row_digest="",
    )  # fmt: skip


ONE = Panel("1", matrix([[0.1, 0.4], [0.3, 0.2], [np.nan, np.nan]]))
OTHER = Panel("2", matrix([[0.72, 0.5]]))


def test_all_panels_have_the_colours_of_all_values():
    domain = shared_domain([ONE, OTHER], stretch=True)
    assert domain[0] <= 0.1
    assert domain[1] >= 0.72
    for panel in (ONE, OTHER):
        cells = score_panel(panel, domain).data[0]
        assert (cells.zmin, cells.zmax) == domain
        np.testing.assert_array_equal(cells.z, panel.scores.scores)
    assert shared_domain([ONE, OTHER], stretch=False) == (0, 1)


def test_hover_says_the_score_and_the_layers_as_text():
    cells = score_panel(ONE, (0, 1)).data[0]
    assert cells.hovertext[0][1] == "<b>0.4000</b><br>model &lt;a&gt;: 0<br>model b: 1"
    assert cells.hovertext[2][0].startswith("<b>No value</b>")


def test_hover_says_what_is_known_of_a_comparison_beside_its_score():
    scores = np.array([[0.1, 0.4], [0.3, np.nan]])
    result = SimilarityResult(
        *(scores, "debiased", np.zeros((2, 2)), np.full((2, 2), 0.01)),
        *("a", "b", ("0", "1"), ("0", "1"), Counts(9, 9, 4, 2, 3, 0), ""),
    )
    nulls = CellNulls(
        *(scores, scores - 0.1, np.full((2, 2), 0.05), scores, scores),
        level=0.05, estimator="debiased", rows=9, types=4, permutations=9, seed=0, row_digest="",
    )  # fmt: skip
    panel = Panel("1", matrix(scores), result, nulls, intervals_of(scores))
    hover = score_panel(panel, (0, 1)).data[0].hovertext
    assert hover[0][1].split("<br>")[3:] == [
        "Chance 0.0000 ± 0.0100 · z 40.0",
        "Words 0.3000 ± 0.0500 · z 2.0 · p 0.400, of all cells 0.400",
        "95% interval 0.3500 to 0.5000 · best in 40%",
    ]
    assert hover[1][1] == "<b>No value</b><br>model &lt;a&gt;: 1<br>model b: 1"


def test_a_line_is_the_best_score_of_each_layer_that_has_one():
    line, other = best_lines([ONE, OTHER]).data
    assert (list(line.x), list(line.y)) == ([0, 1], [0.4, 0.3])
    assert (list(other.x), list(other.y)) == ([0], [0.72])
    assert np.argmax(line.marker.size) == 0
    assert line.line.dash != other.line.dash


def test_whiskers_are_the_intervals_of_the_best_pairs():
    intervals = intervals_of(ONE.scores.scores)
    line = best_lines([replace(ONE, intervals=intervals)]).data[0]
    assert list(line.error_y.array) == pytest.approx([0.1, 0.1])
    assert list(line.error_y.arrayminus) == pytest.approx([0.05, 0.05])
    assert best_lines([ONE]).data[0].error_y.array is None


def test_a_matrix_without_values_has_a_line_without_points():
    nothing = Panel("3", matrix(np.full((2, 2), np.nan)))
    assert list(best_lines([nothing]).data[0].x) == []
