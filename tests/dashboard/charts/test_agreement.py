import numpy as np
import pytest

from dashboard.charts import agreement_map
from dashboard.charts.agreement import MOST_WITH_NUMBERS
from dashboard.charts.cells import SELECTED_CELL
from pipeline.cached_results import AgreementMap, CachedComparison, best_agreements
from pipeline.request import ComparisonRequest
from pipeline.similarity.result import Counts


def comparison(a, b, scores):
    scores = np.asarray(scores, dtype=np.float64)
    return CachedComparison(
        request=ComparisonRequest("demo", a, b),
        estimator="debiased",
        scores=scores,
        layer_names_a=tuple(f"{k}: of A" for k in range(scores.shape[0])),
        layer_names_b=tuple(f"{k}: of B" for k in range(scores.shape[1])),
        counts=Counts(rows=10, tokens=10, types=5, speakers=2, utterances=3, left_out=0),
        fingerprints=("", ""),
        stored_at_s=0.0,
    )


FOUND = best_agreements(
    [
        comparison("<b>z</b>", "b", [[0.1, 0.25], [0.2, 0.0]]),
        comparison("b", "c", [[np.nan]]),
    ]
)
NAMES = ("<b>z</b>", "b", "c")


def test_the_first_model_is_at_the_top_and_at_the_left():
    figure = agreement_map(FOUND)
    assert FOUND.models == NAMES
    np.testing.assert_array_equal(figure.data[0].z, FOUND.scores)
    first, last = figure.layout.yaxis.range
    assert first > last
    first, last = figure.layout.xaxis.range
    assert first < last
    assert (figure.data[0].zmin, figure.data[0].zmax) == (0.0, 1.0)


def test_a_cell_says_its_value_and_where_it_is_from():
    reading = agreement_map(FOUND).data[0].hovertext
    expected = "<b>CKA 0.2500</b><br>&lt;b&gt;z&lt;/b&gt;: 0: of A<br>b: 1: of B"
    assert reading[0][1] == reading[1][0] == expected
    assert reading[1][2].startswith("<b>No value</b>")
    assert reading[0][2] == "<b>Not computed</b><br>&lt;b&gt;z&lt;/b&gt;<br>c"


def test_names_cannot_smuggle_markup_into_the_axes():
    labels = agreement_map(FOUND).layout.xaxis.labelalias
    assert list(labels.values()) == ["&lt;b&gt;z&lt;/b&gt;", "b", "c"]


def test_what_is_not_computed_is_struck_out():
    strokes = agreement_map(FOUND).data[2]
    struck = set(zip(strokes.y, strokes.x, strict=True))
    assert struck == {(0, 0), (1, 1), (2, 2), (0, 2), (2, 0), (1, 2), (2, 1)}


def test_the_selected_cell_is_framed_and_must_exist():
    frames = agreement_map(FOUND, selected=(2, 1)).layout.shapes
    assert {(each.name, each.x0, each.y1) for each in frames} == {(SELECTED_CELL, 0.5, 2.5)}
    with pytest.raises(IndexError, match="outside the 3 x 3 models"):
        agreement_map(FOUND, selected=(0, 3))


@pytest.mark.parametrize(
    ("count", "written"), [(MOST_WITH_NUMBERS, True), (MOST_WITH_NUMBERS + 1, False)]
)
def test_numbers_are_written_where_there_is_room(count, written):
    scores = np.full((count, count), 0.5)
    found = AgreementMap(tuple(f"m{k:02}" for k in range(count)), scores, {})
    trace = agreement_map(found).data[0]
    assert (trace.texttemplate == "%{text}") == written
    assert trace.text[0][0] == "0.50"
