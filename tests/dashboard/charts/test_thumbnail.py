from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from plotly.colors import sample_colorscale, unlabel_rgb

from dashboard.charts import thumbnail
from dashboard.charts.thumbnail import SIZE_PX

WIDTH, HEIGHT = SIZE_PX
SCORES = np.linspace(0.02, 0.98, 12 * 8).reshape(12, 8)


def pixels(scores, framed=None, *, domain=(0.0, 1.0)):
    picture = Image.open(BytesIO(thumbnail(scores, framed, domain=domain)))
    assert picture.size == SIZE_PX
    return np.asarray(picture.convert("RGBA")).astype(int)


def centre_of(cell, shape):
    """Where a cell is if cells fill the picture and the first row is the lowest."""
    (row, column), (rows, columns) = cell, shape
    return int((rows - row - 0.5) / rows * HEIGHT), int((column + 0.5) / columns * WIDTH)


def viridis(share):
    return np.array(unlabel_rgb(sample_colorscale("Viridis", share)[0]))


@pytest.mark.parametrize("domain", [(0.0, 1.0), (0.0, 0.5), (-3.0, 3.0)])
def test_every_cell_has_the_colour_that_the_large_heatmap_gives_it(domain):
    scores = SCORES / 2
    low, high = domain
    found = pixels(scores, domain=domain)
    for cell, score in np.ndenumerate(scores):
        expected = viridis((score - low) / (high - low))
        np.testing.assert_allclose(found[centre_of(cell, scores.shape)][:3], expected, atol=3)


def test_a_value_outside_the_scale_has_the_last_colour():
    found = pixels(np.full((8, 8), -0.2))
    np.testing.assert_allclose(found[120, 240][:3], viridis(0.0), atol=1)


def test_a_cell_without_a_value_is_grey_and_lets_the_page_through():
    scores = SCORES.copy()
    scores[3, 5] = np.nan
    red, green, blue, opacity = pixels(scores)[centre_of((3, 5), scores.shape)]
    assert max(red, green, blue) - min(red, green, blue) < 40
    assert opacity < 128
    assert pixels(scores)[centre_of((3, 4), scores.shape)][3] == 255


def test_a_single_row_is_a_strip_in_the_middle_and_not_a_wall():
    opaque = pixels(np.full((1, 20), 0.5))[..., 3] == 255
    rows = np.flatnonzero(opaque.any(axis=1))
    assert opaque.any(axis=0).all()
    assert len(rows) == pytest.approx(0.16 * HEIGHT, abs=1)
    assert abs(rows.mean() - HEIGHT / 2) < 2


@pytest.mark.parametrize("best", [(0, 0), (11, 7), (5, 3)])
def test_the_best_cell_is_framed_and_keeps_its_colour(best):
    plain, framed = pixels(SCORES), pixels(SCORES, best)
    centre = centre_of(best, SCORES.shape)
    np.testing.assert_array_equal(framed[centre], plain[centre])
    rows, columns = np.nonzero((framed != plain).any(axis=-1))
    assert np.abs(rows - centre[0]).max() <= HEIGHT / 12 / 2 + 4
    assert np.abs(columns - centre[1]).max() <= WIDTH / 8 / 2 + 4
    assert {(255, 255, 255), (20, 23, 31)} <= {
        tuple(colour[:3]) for colour in framed[rows, columns].tolist()
    }


def test_more_layers_than_pixels_can_be_drawn():
    assert pixels(np.full((300, 600), 0.5), (299, 0)).shape == (HEIGHT, WIDTH, 4)
