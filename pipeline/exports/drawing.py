"""A heatmap drawn for a page of paper: every cell a vector, sizes in inches, nothing global.

Matplotlib is loaded here alone, and this module where a figure is asked for.
"""

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from pipeline.exports.shown import ColumnWidth, ShownComparison
from pipeline.similarity.colour_scale import COLOUR_SCALE
from pipeline.similarity.layer_axis import layer_label, layer_ticks

Box = tuple[float, float, float, float]
WIDTHS_IN: Final[Mapping[ColumnWidth, float]] = {"single": 3.25, "double": 6.75}
LARGEST_CELL_IN: Final = 0.45
TALLEST_CELLS_IN: Final = 8.0
TITLE_PT, TICK_PT = 8.0, 7.0
MOST_LINES: Final = 2
"""Of a title."""

_LOWEST_BODY_IN, _TALLEST_BAR_IN = 1.3, 3.5
_LEFT_IN, _RIGHT_IN, _TOP_IN = 0.58, 0.8, 0.08
_LINE_IN = 1.25 * TITLE_PT / 72
_TITLE_IN = 0.27  # from the cells' edge, past the ticks and their labels
_GAP_IN, _BAR_IN, _LABEL_IN = 0.1, 0.1, 0.2
_CHARACTER_IN = 0.6 * TITLE_PT / 72
_MISSING, _STROKE = "#E3E6EB", "#667085"
_TICKS: Final[Mapping[str, Any]] = {"labelsize": TICK_PT, "length": 2, "width": 0.5, "pad": 2}


@dataclass(frozen=True)
class Geometry:
    """Where things are: left, bottom, width and height in inches, from the lower left corner.

    Attributes
    ----------
    width_in, height_in : float
        Of the whole figure.
    cells, bar : (float, float, float, float)
        The colour bar stands on the cells' baseline, and may be higher than a few rows.
    body_in : float
        The height of the higher of both.
    """

    width_in: float
    height_in: float
    cells: Box
    bar: Box
    body_in: float

    def share(self, box: Box) -> Box:
        """Return a place as shares of the figure."""
        left, bottom, width, height = box
        return (
            *(left / self.width_in, bottom / self.height_in),
            *(width / self.width_in, height / self.height_in),
        )


def geometry(rows: int, columns: int, width: ColumnWidth, title_lines: int = 1) -> Geometry:
    """Return the place of so many square cells in a column of paper.

    Parameters
    ----------
    title_lines : int
        Of the title below the cells.
    """
    width_in = WIDTHS_IN[width]
    across_in = width_in - _LEFT_IN - _RIGHT_IN
    cell_in = min(across_in / columns, TALLEST_CELLS_IN / rows, LARGEST_CELL_IN)
    cells_in = columns * cell_in, rows * cell_in
    body_in = max(cells_in[1], _LOWEST_BODY_IN)
    left_in = _LEFT_IN + (across_in - cells_in[0]) / 2
    bottom_in = _TITLE_IN + title_lines * _LINE_IN + _TOP_IN
    bar_in = left_in + cells_in[0] + _GAP_IN, bottom_in, _BAR_IN, min(body_in, _TALLEST_BAR_IN)
    height_in = bottom_in + body_in + _TOP_IN
    return Geometry(width_in, height_in, (left_in, bottom_in, *cells_in), bar_in, body_in)


def draw(shown: ShownComparison, width: ColumnWidth = "single") -> Figure:
    """Return the figure: model A upwards, model B to the right, as on the page."""
    result, values = shown.result, shown.values
    rows, columns = values.shape
    below = _wrapped(f"{result.model_b} layer", WIDTHS_IN[width] - 2 * _GAP_IN)
    at = geometry(rows, columns, width, below.count("\n") + 1)
    figure = Figure(figsize=(at.width_in, at.height_in))
    axes = figure.add_axes(at.share(at.cells))
    # An edge in the cell's own colour closes the seams that viewers draw between neighbours.
    mesh = axes.pcolormesh(
        *(np.arange(columns + 1) - 0.5, np.arange(rows + 1) - 0.5, np.ma.masked_invalid(values)),
        cmap=COLOUR_SCALE,
        norm=Normalize(*shown.domain),
        edgecolors="face",
        linewidth=0.15,
        gid="cells",
    )
    _mark(axes, shown, side_pt=72 * at.cells[3] / rows)
    axes.set_xticks(*_ticks(result.layer_names_b, at.cells[2]))
    axes.set_yticks(*_ticks(result.layer_names_a, at.cells[3]))
    axes.tick_params(**_TICKS)
    axes.spines[:].set_linewidth(0.5)
    _draw_bar(figure, mesh, figure.add_axes(at.share(at.bar)))
    beside = _wrapped(f"{result.model_a} layer", at.body_in)
    _write_titles(figure, at, below, beside, _wrapped(shown.title, at.bar[3]))
    return figure


def _mark(axes: Axes, shown: ShownComparison, *, side_pt: float) -> None:
    """Stroke the cells without a value, and cross the cells that do not stand out."""
    axes.set_facecolor(_MISSING)
    low, high = shown.domain
    bright = np.nan_to_num(shown.values) > (low + high) / 2
    marks: tuple[tuple[str, np.ndarray, Any, str], ...] = (
        ("missing", ~np.isfinite(shown.values), (2, 2, -45), _STROKE),
        ("struck-on-dark", shown.struck & ~bright, "x", "white"),
        ("struck-on-bright", shown.struck & bright, "x", "black"),
    )
    for name, which, marker, colour in marks:
        rows, columns = np.nonzero(which)
        if len(rows):
            line = axes.plot(columns, rows, linestyle="none", marker=marker, color=colour)[0]
            line.set(markersize=0.45 * side_pt, markeredgewidth=0.6, gid=name)


def _ticks(names: Sequence[str], length_in: float) -> tuple[list[int], list[str]]:
    """Return which layers are labelled, and with what."""
    places = layer_ticks(len(names), ticks=max(1, int(length_in / _LABEL_IN)))
    return places, [layer_label(names[place], place) for place in places]


def _draw_bar(figure: Figure, mesh: ScalarMappable, axes: Axes) -> None:
    bar = figure.colorbar(mesh, cax=axes)
    if bar.solids is not None:
        # From 50 colours on, Matplotlib would draw the bar as an image.
        bar.solids.set(rasterized=False, edgecolor="face", linewidth=0.15)
    bar.outline.set_linewidth(0.5)
    axes.tick_params(**_TICKS)


def _wrapped(title: str, room_in: float) -> str:
    """Return a title on as few lines as it takes; two at most, an ellipsis for the rest."""
    characters = max(8, int(room_in / _CHARACTER_IN))
    return "\n".join(textwrap.wrap(title, characters, max_lines=MOST_LINES, placeholder="…"))


def _write_titles(figure: Figure, at: Geometry, below: str, beside: str, of_bar: str) -> None:
    left, bottom, width, _ = at.cells
    past_bar_in = at.bar[0] + at.bar[2] + 1.3 * _TITLE_IN
    upright = {"rotation": 90, "va": "center"}
    texts: tuple[tuple[str, float, float, dict[str, Any]], ...] = (
        (below, left + width / 2, bottom - _TITLE_IN, {"ha": "center", "va": "top"}),
        (beside, left - _TITLE_IN, bottom + at.body_in / 2, {"ha": "right", **upright}),
        (of_bar, past_bar_in, bottom + at.bar[3] / 2, {"ha": "left", **upright}),
    )
    for text, x_in, y_in, placed in texts:
        # A name may hold dollar signs, which stand for themselves.
        figure.text(
            *(x_in / at.width_in, y_in / at.height_in, text),
            fontsize=TITLE_PT,
            parse_math=False,
            multialignment="center",
            **placed,
        )
