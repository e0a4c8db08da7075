"""A small heatmap as a picture: what many of them cost little to draw, and a list can hold."""

from functools import cache
from io import BytesIO
from typing import Final

import numpy as np
from jaxtyping import Float64, UInt8
from PIL import Image
from plotly.colors import sample_colorscale, unlabel_rgb

from dashboard.charts.cells import LARGEST_CELL
from pipeline.similarity.colour_scale import COLOUR_SCALE
from pipeline.similarity.score_matrix import Cell

SIZE_PX: Final = (480, 240)
_COLOURS: Final = 250
_MISSING, _NOTHING, _LIGHT, _DARK = range(_COLOURS, _COLOURS + 4)
_OTHERS: Final = ((138, 147, 163, 90), (138, 147, 163, 22), (255, 255, 255, 255), (20, 23, 31, 255))


def thumbnail(
    scores: Float64[np.ndarray, "layers_a layers_b"],
    framed: Cell | None,
    *,
    domain: tuple[float, float],
) -> bytes:
    """Return a heatmap as PNG, in the colours and the shape of the large one.

    Parameters
    ----------
    scores : float64 array [shape=(layers_a, layers_b)]
        The first layer of A is the lowest row; cells without a value are grey. Few cells leave a
        ground beside them that shines through on light and on dark.
    framed : (int, int) or None
        The cell to frame.
    domain : (float, float)
        The values of the first and the last colour.
    """
    width, height = SIZE_PX
    rows = _cell_of_each_pixel(scores.shape[0], height)[::-1]
    columns = _cell_of_each_pixel(scores.shape[1], width)
    levels = _levels(scores, *domain)
    pixels = levels[:, columns][rows]
    pixels[rows < 0] = _NOTHING
    pixels[:, columns < 0] = _NOTHING
    if framed is not None:
        _frame(pixels, _pixels_of(framed[0], rows), _pixels_of(framed[1], columns))
    return _png(pixels)


def _cell_of_each_pixel(cells: int, length_px: int) -> np.ndarray:
    """Return which cell each pixel is of, -1 beside them: few cells do not take all the room."""
    taken_px = round(length_px * min(1.0, LARGEST_CELL * cells))
    before_px = (length_px - taken_px) // 2
    places = np.full(length_px, -1)
    places[before_px : before_px + taken_px] = np.arange(taken_px) * cells // taken_px
    return places


def _levels(
    scores: Float64[np.ndarray, "layers_a layers_b"], low: float, high: float
) -> UInt8[np.ndarray, "layers_a layers_b"]:
    shares = np.clip((scores - low) / (high - low), 0.0, 1.0)
    levels = np.round(np.nan_to_num(shares) * (_COLOURS - 1))
    return np.where(np.isfinite(scores), levels, _MISSING).astype(np.uint8)


def _pixels_of(cell: int, places: np.ndarray) -> tuple[int, int]:
    """Return the first and the last pixel of a cell, the nearest one of a cell without any."""
    nearest = np.flatnonzero(np.abs(places - cell) == np.abs(places - cell).min())
    return int(nearest[0]), int(nearest[-1])


def _frame(
    pixels: UInt8[np.ndarray, "height width"], rows: tuple[int, int], columns: tuple[int, int]
) -> None:
    """Draw a light frame with a dark line in it around a cell, as on the large heatmap."""
    before = pixels.copy()
    for colour, margin_px in ((_LIGHT, 3), (_DARK, 1), (_LIGHT, -1)):
        pixels[_around(rows, margin_px), _around(columns, margin_px)] = colour
    within = _around(rows, -3), _around(columns, -3)
    pixels[within] = before[within]


def _around(pixels: tuple[int, int], margin_px: int) -> slice:
    first, last = pixels
    return slice(max(0, first - margin_px), max(0, last + 1 + margin_px))


def _png(pixels: UInt8[np.ndarray, "height width"]) -> bytes:
    image = Image.fromarray(pixels, mode="P")
    image.putpalette(_palette(), "RGBA")
    file = BytesIO()
    image.save(file, "PNG", compress_level=1)
    return file.getvalue()


@cache
def _palette() -> bytes:
    scale = sample_colorscale(COLOUR_SCALE, np.linspace(0.0, 1.0, _COLOURS).tolist())
    colours = [(*map(round, unlabel_rgb(colour)), 255) for colour in scale]
    return bytes(channel for colour in (*colours, *_OTHERS) for channel in colour)
