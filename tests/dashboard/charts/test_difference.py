"""What the figure of two matrices' differences shows, read from the figure itself."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from plotly.colors import unlabel_rgb

from dashboard.charts import difference_heatmap, similarity_heatmap
from dashboard.charts.cells import SELECTED_CELL
from dashboard.charts.difference import colour_limit
from pipeline.similarity.agreement import agreement
from pipeline.similarity.result import Counts, SimilarityResult
from pipeline.similarity.score_matrix import ScoreMatrix


def a_matrix(scores, source="first.json"):
    scores = np.asarray(scores, dtype=np.float64)
    rows, columns = scores.shape
    return ScoreMatrix(
        scores=scores,
        model_a="wav2vec2_base",
        model_b="bert-base",
        layer_names_a=tuple(f"block {k} of A" for k in range(rows)),
        layer_names_b=tuple(f"block {k} of B" for k in range(columns)),
        source=source,
    )


def compared(one, other):
    return agreement(a_matrix(one), a_matrix(other, "folder/second.json"))


FOUND = compared([[0.10, 0.20, 0.30], [0.40, 0.50, np.nan]], [[0.31, 0.2, 0.1], [0.4, 0.3, 0.2]])


def frames(figure):
    return [shape for shape in figure.layout.shapes if shape.name == SELECTED_CELL]


def test_cells_are_the_first_minus_the_second():
    trace = difference_heatmap(FOUND).data[0]
    np.testing.assert_allclose(trace.z, [[-0.21, 0, 0.2], [0, 0.2, np.nan]], atol=1e-15)


def test_axes_and_layout_are_those_of_the_heatmap_of_the_same_pair():
    result = SimilarityResult(
        scores=FOUND.one.scores,
        estimator="biased",
        chance=np.zeros((2, 3)),
        chance_sd=np.ones((2, 3)),
        model_a=FOUND.one.model_a,
        model_b=FOUND.one.model_b,
        layer_names_a=FOUND.one.layer_names_a,
        layer_names_b=FOUND.one.layer_names_b,
        counts=Counts(rows=10, tokens=10, types=5, speakers=2, utterances=3, left_out=0),
        row_digest="0" * 64,
    )
    expected = similarity_heatmap(result, selected=(1, 2), stretch=False).layout
    found = difference_heatmap(FOUND, selected=(1, 2)).layout
    assert found.meta["file_name"] == "difference_wav2vec2_base_bert-base"
    assert found.update(meta=expected.meta) == expected


def test_the_scale_is_symmetric_about_white_and_says_its_limits():
    trace = difference_heatmap(FOUND).data[0]
    assert (trace.zmin, trace.zmax) == (-0.25, 0.25)
    assert trace.colorbar.title.text == ("First minus second · scale \N{MINUS SIGN}0.25 to 0.25")
    places, colours = zip(*trace.colorscale, strict=True)
    rgb = np.array([unlabel_rgb(colour) for colour in colours])
    assert places[len(places) // 2] == 0.5
    assert rgb[len(rgb) // 2].min() > 240
    # Less in the first is blue, more is red: in both the other is dark.
    (red, _, blue), (last_red, _, last_blue) = rgb[0], rgb[-1]
    assert blue > 90
    assert last_red > 90
    assert max(red, last_blue) < 35


@given(
    arrays(np.float64, (3, 4), elements=st.floats(-1, 1) | st.just(np.nan)),
    arrays(np.float64, (3, 4), elements=st.floats(-1, 1) | st.just(np.nan)),
)
def test_every_difference_has_a_colour_and_noise_does_not_fill_them(one, other):
    difference = one - other
    largest = max((abs(value) for value in difference.ravel() if not np.isnan(value)), default=0)
    limit = colour_limit(difference)
    assert max(largest, 0.01) - 1e-9 <= limit <= max(1.5 * largest, 0.01) + 0.01
    trace = difference_heatmap(compared(one, other)).data[0]
    assert (trace.zmin, trace.zmax) == (-limit, limit)


def test_hover_names_both_layers_both_values_and_where_they_are_from():
    hovertext = difference_heatmap(FOUND).data[0].hovertext
    assert hovertext[0][0] == (
        "<b>Difference \N{MINUS SIGN}0.2100</b><br>wav2vec2_base: block 0 of A<br>"
        "bert-base: block 0 of B<br>First 0.1000 · first.json<br>Second 0.3100 · second.json"
    )
    assert hovertext[0][2].startswith("<b>Difference +0.2000</b>")
    assert hovertext[0][1].startswith("<b>Difference 0.0000</b>")


def test_a_cell_without_a_value_in_either_is_grey_and_says_in_which():
    values, ground, strokes = difference_heatmap(FOUND).data
    assert values.hovertext[1][2] == (
        "<b>No value</b><br>wav2vec2_base: block 1 of A<br>bert-base: block 2 of B<br>"
        "First no value · first.json<br>Second 0.2000 · second.json"
    )
    np.testing.assert_array_equal(np.isfinite(ground.z), [[False] * 3, [False, False, True]])
    assert (list(strokes.x), list(strokes.y)) == ([2], [1])


def test_nothing_to_compare_still_has_a_scale():
    trace = difference_heatmap(compared([[np.nan]], [[0.2]])).data[0]
    assert (trace.zmin, trace.zmax) == (-0.01, 0.01)


def test_a_cell_is_framed_only_where_one_is_selected():
    assert frames(difference_heatmap(FOUND)) == []
    light, dark = frames(difference_heatmap(FOUND, selected=(1, 2)))
    for frame in (light, dark):
        assert (frame.x0, frame.x1, frame.y0, frame.y1) == (1.5, 2.5, 0.5, 1.5)


@pytest.mark.parametrize("selected", [(2, 0), (0, 3), (-1, 0)])
def test_a_cell_outside_the_matrices_is_an_error(selected):
    with pytest.raises(IndexError, match="outside the 2 x 3 layers of wav2vec2_base and bert-base"):
        difference_heatmap(FOUND, selected=selected)


def test_names_cannot_smuggle_markup_into_the_chart():
    hostile = replace(
        FOUND.one,
        model_a="<b>model</b>",
        layer_names_b=("<i>layer</i>",) * 3,
        source="<a href='x'>file",
    )
    figure = difference_heatmap(agreement(hostile, hostile))
    hover = figure.data[0].hovertext[0][0]
    for name in ("&lt;b&gt;model", "&lt;i&gt;layer", "&lt;a href"):
        assert name in hover
    assert hover.replace("<br>", "").replace("<b>Difference 0.0000</b>", "").count("<") == 0
    assert figure.layout.yaxis.title.text.startswith("&lt;b&gt;model")


def test_ticks_are_the_numbers_that_the_layers_have_in_the_first():
    study = replace(
        FOUND.one,
        layer_names_a=("layer 1", "layer 2"),
        layer_names_b=("1: block 1", "2: block 2", "the third"),
    )
    layout = difference_heatmap(agreement(study, FOUND.other)).layout
    assert layout.yaxis.labelalias == {"0": "1", "1": "2"}
    assert layout.xaxis.labelalias == {"0": "1", "1": "2", "2": "2"}
    assert layout.xaxis.ticktext is None  # the browser leaves ticks out, and would shift these


def test_long_names_are_cut():
    long = replace(FOUND.one, source="f" * 60, model_b="m" * 60)
    figure = difference_heatmap(agreement(long, long))
    assert f"First 0.1000 · {'f' * 39}…<br>" in figure.data[0].hovertext[0][0]
    assert figure.layout.xaxis.title.text == f"{'m' * 39}… layer"
