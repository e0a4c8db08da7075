"""What the figures show, read from the figures themselves."""

from dataclasses import replace

import numpy as np
import pytest

from dashboard.charts import layer_profile, similarity_heatmap
from dashboard.charts.cells import SELECTED_CELL
from pipeline.analyses.cell_intervals import CellIntervals
from pipeline.analyses.cell_nulls import CellNulls
from pipeline.similarity.layer_axis import layer_ticks
from pipeline.similarity.result import Counts, SimilarityResult


def a_result(scores, **changes):
    scores = np.asarray(scores, dtype=np.float64)
    rows, columns = scores.shape
    result = SimilarityResult(
        scores=scores,
        estimator="debiased",
        chance=np.full(scores.shape, 0.01),
        chance_sd=np.full(scores.shape, 0.002),
        model_a="wav2vec2_base",
        model_b="bert-base",
        layer_names_a=tuple(f"block {k} of A" for k in range(rows)),
        layer_names_b=tuple(f"block {k} of B" for k in range(columns)),
        counts=Counts(rows=10, tokens=10, types=5, speakers=2, utterances=3, left_out=0),
        row_digest="0" * 64,
    )
    return replace(result, **changes)


def intervals_of(result):
    equal = np.full(result.scores.shape, 1 / result.scores.size)
    return CellIntervals(
        *(result.scores, result.scores - 0.02, result.scores + 0.03, equal, equal, equal),
        level=0.95,
        estimator="debiased",
        rows=10,
        types=5,
        speakers=2,
        draws=400,
        seed=0,
        row_digest="",
    )


THREE_BY_FOUR = a_result(np.linspace(0.06, 0.30, 12).reshape(3, 4))


def heatmap(result, *, selected=(0, 0), stretch=False, **more):
    return similarity_heatmap(result, selected=selected, stretch=stretch, **more)


def nulls_of(result, p_of_all):
    shape = result.scores.shape
    return CellNulls(
        values=result.scores,
        mean=np.full(shape, 0.05),
        sd=np.full(shape, 0.01),
        p=np.full(shape, 0.005),
        p_of_all=np.asarray(p_of_all),
        level=0.05,
        estimator="debiased",
        rows=10,
        types=5,
        permutations=200,
        seed=0,
        row_digest="",
    )


def frames(figure):
    return [shape for shape in figure.layout.shapes if shape.name == SELECTED_CELL]


def test_rows_are_layers_of_a_and_layer_0_is_at_the_bottom():
    figure = heatmap(THREE_BY_FOUR)
    np.testing.assert_array_equal(figure.data[0].z, THREE_BY_FOUR.scores)
    assert figure.layout.yaxis.title.text == "wav2vec2_base layer"
    assert figure.layout.xaxis.title.text == "bert-base layer"
    assert figure.layout.yaxis.range == pytest.approx((-0.53, 2.53))
    assert figure.layout.xaxis.range == pytest.approx((-0.53, 3.53))


@pytest.mark.parametrize(("stretch", "domain"), [(False, (0.0, 1.0)), (True, (0.05, 0.3))])
def test_the_colour_bar_says_which_values_its_colours_span(stretch, domain):
    trace = heatmap(THREE_BY_FOUR, stretch=stretch).data[0]
    assert (trace.zmin, trace.zmax) == domain
    expected = "scale 0.05 to 0.3 (stretched)" if stretch else "scale 0 to 1"
    assert trace.colorbar.title.text == f"debiased linear CKA · {expected}"


def test_hover_names_both_layers_and_gives_value_chance_and_z():
    reading = heatmap(THREE_BY_FOUR).data[0].hovertext[2][1]
    z = (THREE_BY_FOUR.scores[2, 1] - 0.01) / 0.002
    assert reading == (
        f"<b>CKA {THREE_BY_FOUR.scores[2, 1]:.4f}</b><br>wav2vec2_base: block 2 of A<br>"
        f"bert-base: block 1 of B<br>Chance 0.0100 ± 0.0020 · z {z:.1f}"
    )


def test_hover_has_no_z_where_permutations_do_not_differ():
    certain = replace(THREE_BY_FOUR, chance_sd=np.zeros((3, 4)))
    assert heatmap(certain).data[0].hovertext[0][0].endswith("Chance 0.0100 ± 0.0000")


def test_hover_says_when_chance_is_not_known():
    unknown = replace(THREE_BY_FOUR, chance_sd=np.full((3, 4), np.nan))
    assert heatmap(unknown).data[0].hovertext[0][0].endswith("Chance level not known")


def test_standard_deviations_above_chance_have_a_scale_from_0_that_holds_them_all():
    trace = heatmap(THREE_BY_FOUR, reading="z over rows").data[0]
    np.testing.assert_allclose(trace.z, (THREE_BY_FOUR.scores - 0.01) / 0.002)
    assert (trace.zmin, trace.zmax) == (0, 150)
    assert trace.colorbar.title.text == "z over rows of debiased linear CKA · 0 to 150"
    assert trace.hovertext[0][0] == heatmap(THREE_BY_FOUR).data[0].hovertext[0][0]


def test_what_words_give_by_chance_is_said_on_hover_where_it_is_known():
    nulls = nulls_of(THREE_BY_FOUR, np.full((3, 4), 0.02))
    figure = heatmap(THREE_BY_FOUR, reading="z over words", nulls=nulls)
    np.testing.assert_allclose(figure.data[0].z, (THREE_BY_FOUR.scores - 0.05) / 0.01)
    assert (
        figure.data[0]
        .hovertext[2][3]
        .endswith("Words 0.0500 ± 0.0100 · z 25.0 · p 0.005, of all cells 0.020")
    )


def test_without_nulls_no_cell_says_how_far_it_is_above_words():
    values, ground, _ = heatmap(THREE_BY_FOUR, reading="z over words").data
    assert np.isnan(values.z).all()
    assert (ground.z == 0).all()


def test_cells_that_are_struck_out_are_crossed_and_no_others():
    struck = np.zeros((3, 4), dtype=bool)
    struck[1, 2] = struck[2, 3] = True
    nulls = nulls_of(THREE_BY_FOUR, np.full((3, 4), 0.5))
    _, crosses = heatmap(THREE_BY_FOUR, nulls=nulls, struck=struck).data
    assert (list(crosses.x), list(crosses.y), crosses.hoverinfo) == ([2, 3], [1, 2], "skip")
    assert len(heatmap(THREE_BY_FOUR, nulls=nulls).data) == 1


def test_a_cell_that_shows_no_number_is_not_crossed():
    unvaried = replace(nulls_of(THREE_BY_FOUR, np.full((3, 4), 0.5)), sd=np.zeros((3, 4)))
    everywhere = {"nulls": unvaried, "struck": np.ones((3, 4), dtype=bool)}
    *_, crosses = heatmap(THREE_BY_FOUR, reading="z over words", **everywhere).data
    assert list(crosses.x) == []


def test_the_interval_is_said_on_hover_where_it_is_known():
    reading = heatmap(THREE_BY_FOUR, intervals=intervals_of(THREE_BY_FOUR)).data[0].hovertext[2][1]
    low, high = THREE_BY_FOUR.scores[2, 1] - 0.02, THREE_BY_FOUR.scores[2, 1] + 0.03
    assert reading.endswith(f"<br>95% interval {low:.4f} to {high:.4f} · best in 8%")


def test_chance_words_and_interval_are_said_together_where_all_are_known():
    nulls = nulls_of(THREE_BY_FOUR, np.full((3, 4), 0.02))
    known = {"nulls": nulls, "intervals": intervals_of(THREE_BY_FOUR)}
    lines = heatmap(THREE_BY_FOUR, **known).data[0].hovertext[0][0].split("<br>")
    assert [line.partition(" ")[0] for line in lines[3:]] == ["Chance", "Words", "95%"]


def test_other_measures_say_their_name():
    result = replace(THREE_BY_FOUR, measure="rsa", estimator=None)
    trace = heatmap(result).data[0]
    assert trace.hovertext[0][0].startswith("<b>RSA 0.0600</b>")
    assert trace.colorbar.title.text == "RSA (Spearman) · scale 0 to 1"


def test_names_cannot_smuggle_markup_into_the_chart():
    figure = heatmap(a_result([[0.5]], model_a="<b>bold</b>"))
    assert "&lt;b&gt;bold" in figure.data[0].hovertext[0][0]
    assert figure.layout.yaxis.title.text.startswith("&lt;b&gt;bold")


@pytest.mark.parametrize("stretch", [False, True])
def test_negative_values_clamp_in_colour_but_never_in_hover(stretch):
    trace = heatmap(a_result([[-0.0123, 0.2]]), stretch=stretch).data[0]
    assert trace.zmin == 0
    assert trace.z[0, 0] == -0.0123
    assert "CKA \N{MINUS SIGN}0.0123" in trace.hovertext[0][0]
    assert "z \N{MINUS SIGN}11.2" in trace.hovertext[0][0]


def test_a_cell_without_a_value_is_grey_and_its_hover_says_why():
    values, ground, strokes = heatmap(a_result([[0.1, np.nan], [0.2, 0.3]])).data
    assert values.hovertext[0][1].startswith("<b>No value</b><br>wav2vec2_base: block 0 of A")
    assert values.hovertext[0][1].endswith("gives every token the same vector")
    np.testing.assert_array_equal(np.isfinite(ground.z), [[False, True], [False, False]])
    assert (list(strokes.x), list(strokes.y)) == ([1], [0])
    assert ground.hoverinfo == strokes.hoverinfo == "skip"


def test_a_full_heatmap_has_nothing_grey():
    assert len(heatmap(THREE_BY_FOUR).data) == 1


def test_a_result_without_any_value_still_has_a_scale():
    trace = heatmap(a_result(np.full((2, 2), np.nan)), stretch=True).data[0]
    assert (trace.zmin, trace.zmax) == (0, 1)


def test_the_selected_cell_is_framed_in_light_and_dark():
    figure = heatmap(THREE_BY_FOUR, selected=(2, 1))
    light, dark = frames(figure)
    for frame in (light, dark):
        assert (frame.x0, frame.x1, frame.y0, frame.y1) == (0.5, 1.5, 1.5, 2.5)
    assert (light.line.color, dark.line.color) == ("white", "#14171F")
    assert light.line.width > dark.line.width


@pytest.mark.parametrize("draw", [heatmap, layer_profile])
@pytest.mark.parametrize("selected", [(3, 0), (0, 4), (-1, 0)])
def test_a_cell_outside_the_result_is_an_error(draw, selected):
    with pytest.raises(IndexError, match="outside the 3 x 4 layers of wav2vec2_base and bert-base"):
        draw(THREE_BY_FOUR, selected=selected)


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        (1, [0]),
        (13, list(range(13))),
        (24, list(range(24))),
        (25, list(range(0, 25, 2))),
        (49, list(range(0, 49, 4))),
    ],
)
def test_ticks_are_whole_layers_that_thin_out(layers, expected):
    figure = heatmap(a_result(np.zeros((layers, 2))))
    assert list(figure.layout.yaxis.tickvals) == expected == layer_ticks(layers)


@pytest.mark.parametrize("shape", [(1, 13), (13, 1), (1, 1), (13, 25), (49, 49)])
def test_few_layers_make_a_strip_and_many_fill_the_plot(shape):
    layout = heatmap(a_result(np.zeros(shape))).layout
    for layers, axis in zip(shape, (layout.yaxis, layout.xaxis), strict=True):
        bottom, top = axis.domain
        assert top - bottom == pytest.approx(0.16 if layers == 1 else 1.0)
        assert bottom + top == pytest.approx(1.0)


def test_zoom_is_kept_between_selections_but_not_between_models():
    def revision(result, selected):
        return heatmap(result, selected=selected).layout.uirevision

    assert revision(THREE_BY_FOUR, (0, 0)) == revision(THREE_BY_FOUR, (2, 3))
    assert revision(THREE_BY_FOUR, (0, 0)) != revision(
        replace(THREE_BY_FOUR, model_b="gpt2"), (0, 0)
    )


def test_a_long_model_name_is_cut_on_the_axis_only():
    figure = heatmap(a_result([[0.5]], model_a="m" * 60))
    assert figure.layout.yaxis.title.text == "m" * 39 + "… layer"
    assert "m" * 60 in figure.data[0].hovertext[0][0]


def test_downloads_are_named_after_the_models():
    figure = heatmap(a_result([[0.5]], model_a="hub:org/model x"))
    assert figure.layout.meta["file_name"] == "similarity_hub-org-model-x_bert-base"


def test_the_profile_is_the_column_and_the_row_of_the_selected_cell():
    of_a, of_b = layer_profile(THREE_BY_FOUR, selected=(2, 1)).data[:2]
    np.testing.assert_array_equal(of_a.y, THREE_BY_FOUR.scores[:, 1])
    np.testing.assert_array_equal(of_b.y, THREE_BY_FOUR.scores[2, :])
    assert (of_a.name, of_b.name) == ("A layers vs B 1", "B layers vs A 2")
    assert [list(cell) for cell in of_a.customdata] == [[0, 1], [1, 1], [2, 1]]
    assert [list(cell) for cell in of_b.customdata] == [[2, 0], [2, 1], [2, 2], [2, 3]]


def test_the_selected_points_are_the_largest():
    of_a, of_b = layer_profile(THREE_BY_FOUR, selected=(2, 1)).data[:2]
    assert np.argmax(of_a.marker.size) == 2
    assert np.argmax(of_b.marker.size) == 1


def test_chance_is_a_dotted_line_in_a_band_of_two_standard_deviations():
    chance = np.linspace(0.01, 0.12, 12).reshape(3, 4)
    result = replace(THREE_BY_FOUR, chance=chance)
    lower, upper, line, *of_b = layer_profile(result, selected=(2, 1)).data[2:]
    np.testing.assert_allclose(lower.y, chance[:, 1] - 0.004)
    np.testing.assert_allclose(upper.y, chance[:, 1] + 0.004)
    np.testing.assert_allclose(line.y, chance[:, 1])
    np.testing.assert_allclose(of_b[2].y, chance[2, :])
    assert (upper.fill, line.line.dash) == ("tonexty", "dot")


def test_intervals_are_whiskers_at_the_points_and_within_the_axis():
    wide = replace(intervals_of(THREE_BY_FOUR), high=THREE_BY_FOUR.scores + 0.4)
    figure = layer_profile(THREE_BY_FOUR, selected=(2, 1), intervals=wide)
    of_a, of_b = figure.data[:2]
    np.testing.assert_allclose(of_a.error_y.array, [0.4] * 3)
    np.testing.assert_allclose(of_b.error_y.arrayminus, [0.02] * 4)
    assert figure.layout.yaxis.range[1] > 0.7


def test_an_interval_of_a_sample_that_does_not_hold_the_value_points_one_way():
    above = replace(intervals_of(THREE_BY_FOUR), low=THREE_BY_FOUR.scores + 0.01)
    of_a = layer_profile(THREE_BY_FOUR, selected=(0, 0), intervals=above).data[0]
    np.testing.assert_array_equal(of_a.error_y.arrayminus, np.zeros(3))


def test_only_the_lines_and_chance_once_are_in_the_legend():
    figure = layer_profile(THREE_BY_FOUR, selected=(0, 0))
    named = [trace.name for trace in figure.data if trace.showlegend is not False]
    assert named == ["A layers vs B 0", "B layers vs A 0", "Chance ± 2 sd"]


def test_a_model_with_one_layer_is_a_marker_with_its_chance():
    figure = layer_profile(a_result(np.full((1, 13), 0.2)), selected=(0, 5))
    of_a, _, _, _, chance = figure.data[:5]
    assert (list(of_a.x), list(of_a.y)) == ([0], [0.2])
    assert "markers" in of_a.mode
    assert (chance.x[0], chance.x[-1]) == (-0.4, 0.4)
    assert list(figure.layout.xaxis.tickvals) == list(range(13))


def test_the_profile_starts_at_zero_or_below_and_does_not_move_with_the_selection():
    def value_range(result, selected):
        return layer_profile(result, selected=selected).layout.yaxis.range

    low, high = value_range(THREE_BY_FOUR, (0, 0))
    assert low == 0
    assert 0.30 < high < 0.35
    assert value_range(THREE_BY_FOUR, (2, 3)) == (low, high)
    negative, _ = value_range(a_result([[-0.2, 0.4]]), (0, 1))
    assert -0.3 < negative < -0.2


def test_a_profile_without_values_has_an_axis():
    nothing = np.full((2, 2), np.nan)
    result = a_result(nothing, chance=nothing, chance_sd=nothing)
    assert layer_profile(result, selected=(0, 0)).layout.yaxis.range == (0, 1)


def test_the_profile_labels_fewer_layers_for_it_is_narrower():
    figure = layer_profile(a_result(np.zeros((25, 13))), selected=(0, 0))
    assert list(figure.layout.xaxis.tickvals) == list(range(0, 25, 2))
