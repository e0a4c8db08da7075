import numpy as np

from dashboard.charts import word_maps
from pipeline.analyses.row_map import RowMap

A = np.array([[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]])
FOUND = RowMap(
    utterances=["u1", "u1", "u2"],
    indices=np.array([0, 1, 0], dtype=np.int32),
    words=["the", "<b>cat</b>", "the"],
    speakers=["ada", "ada", "ben"],
    start_s=np.zeros(3),
    end_s=np.ones(3),
    a=A,
    b=-A,
    explained_a=np.array([0.5, 0.25]),
    explained_b=np.array([np.nan, np.nan]),
    sampled_from=3,
    method="pca",
    row_digest="",
)


def test_either_model_has_its_map_and_points_carry_their_row():
    left, right = word_maps(FOUND, ("one", "two"), None).data
    np.testing.assert_array_equal(np.column_stack([left.x, left.y]), A)
    np.testing.assert_array_equal(np.column_stack([right.x, right.y]), -A)
    assert (left.xaxis, right.xaxis) == ("x", "x2")
    assert [list(each) for each in left.customdata] == [[0, 0], [1, 0], [2, 0]]


def test_a_chosen_word_is_marked_in_both_with_the_other_tokens_of_its_type():
    figure = word_maps(FOUND, ("one", "two"), 2)
    for marked, chosen, points in (
        (figure.data[1], figure.data[2], A),
        (figure.data[4], figure.data[5], -A),
    ):
        np.testing.assert_array_equal(np.column_stack([marked.x, marked.y]), points[[0, 2]])
        np.testing.assert_array_equal(np.column_stack([chosen.x, chosen.y]), points[[2]])
        assert list(chosen.text) == ["the"]


def test_axes_say_the_model_and_how_much_of_the_variance_they_show_where_it_is_known():
    layout = word_maps(FOUND, ("<i>one</i>", "two"), None).layout
    assert layout.xaxis.title.text == "&lt;i&gt;one&lt;/i&gt; · 50% and 25% of the variance"
    assert layout.xaxis2.title.text == "two"


def test_words_cannot_smuggle_markup_into_the_chart():
    figure = word_maps(FOUND, ("one", "two"), 1)
    assert figure.data[0].hovertext[1].startswith("<b>&lt;b&gt;cat&lt;/b&gt;</b>")
    assert list(figure.data[2].text) == ["&lt;b&gt;cat&lt;/b&gt;"]
