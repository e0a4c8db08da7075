import numpy as np
import pytest

from pipeline.exports.drawing import LARGEST_CELL_IN, TALLEST_CELLS_IN, WIDTHS_IN, draw, geometry


@pytest.mark.parametrize("width", list(WIDTHS_IN))
@pytest.mark.parametrize(
    ("rows", "columns"), [(1, 1), (7, 13), (13, 7), (1, 49), (49, 1), (49, 49)]
)
def test_cells_are_square_and_everything_is_on_the_paper(rows, columns, width):
    at = geometry(rows, columns, width, title_lines=2)
    assert at.width_in == WIDTHS_IN[width]
    cell_in = at.cells[2] / columns
    assert at.cells[3] / rows == pytest.approx(cell_in)
    assert cell_in <= LARGEST_CELL_IN
    assert at.cells[3] <= TALLEST_CELLS_IN
    for left, bottom, across, up in (at.cells, at.bar):
        assert 0 < left < left + across < at.width_in
        assert 0 < bottom < bottom + up < at.height_in
    assert at.cells[0] + at.cells[2] < at.bar[0]


def test_titles_name_both_models_and_the_ticks_their_layers(shown):
    figure = draw(shown)
    lines = [text.get_text().splitlines() for text in figure.texts]
    assert lines == [
        ['hf:<b>"x"&amp;</b>/$y_1$ --> é layer'],
        ["untrained:wav2vec2-", "base layer"],
        ["debiased linear CKA"],
    ]
    cells, bar = figure.axes
    assert [tick.get_text() for tick in cells.get_yticklabels()] == ["0", "1", "2"]
    assert bar.get_ylim() == (0, 1)


def test_colours_are_those_of_the_values(shown):
    (mesh,) = draw(shown).axes[0].collections
    np.testing.assert_array_equal(mesh.get_array().filled(np.nan), shown.result.scores)
    assert mesh.get_clim() == (0, 1)
    assert mesh.get_cmap().name == "viridis"
