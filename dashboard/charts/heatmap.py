"""The heatmap of all pairs of layers."""

from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Bool, Float64

from dashboard.charts.base import check_selected, number_text, trace
from dashboard.charts.cells import colour_bar, figure_of_cells, layers_reading
from dashboard.charts.hover import known_lines
from pipeline.analyses.cell_intervals import CellIntervals
from pipeline.analyses.cell_nulls import CellNulls
from pipeline.analyses.readings import Reading, cell_readings
from pipeline.similarity.colour_scale import COLOUR_SCALE, colour_domain, z_domain
from pipeline.similarity.measure import label_of, title_of
from pipeline.similarity.result import SimilarityResult
from pipeline.similarity.score_matrix import Cell


def similarity_heatmap(  # noqa: PLR0913 - one keyword for each thing a heatmap may have
    result: SimilarityResult,
    *,
    selected: Cell,
    stretch: bool,
    reading: Reading = "score",
    nulls: CellNulls | None = None,
    intervals: CellIntervals | None = None,
    struck: Bool[np.ndarray, "layers_a layers_b"] | None = None,
) -> go.Figure:
    """Return the heatmap of all pairs of layers: model A upwards, model B to the right.

    Parameters
    ----------
    result : SimilarityResult
    selected : (int, int)
        Layer of A and layer of B of the cell to frame.
    stretch : bool
        Spread the colours over the values that occur, instead of 0 to 1.
    reading : {"score", "z over rows", "z over words"}
        What the colours say.
    nulls : CellNulls, optional
        For the last, and the hover.
    intervals : CellIntervals, optional
        For the hover.
    struck : bool array [shape=(layers_a, layers_b)], optional
        Which cells to strike out.

    Raises
    ------
    IndexError
        If the selected cell is not in the result.
    """
    check_selected(result, selected)
    values = cell_readings(result, reading, nulls)
    finite = np.isfinite(values)
    rows, columns = values.shape
    cells = _value_trace(result, values, reading, stretch=stretch)
    cells["hovertext"] = [
        [_reading(result, (row, column), nulls, intervals) for column in range(columns)]
        for row in range(rows)
    ]
    figure = figure_of_cells(result, cells, finite, selected, what="similarity")
    if struck is not None:
        figure.add_trace(_crosses(finite & struck))
    return figure


def _value_trace(
    result: SimilarityResult,
    values: Float64[np.ndarray, "layers_a layers_b"],
    reading: Reading,
    *,
    stretch: bool,
) -> dict[str, Any]:
    if reading == "score":
        low, high = colour_domain(values, stretch=stretch)
        scale = f"scale {low:g} to {high:g}{' (stretched)' if stretch else ''}"
        title = f"{title_of(result)} · {scale}"
    else:
        low, high = z_domain(values)
        title = f"{reading} of {title_of(result)} · {low:g} to {high:g}"
    return trace(
        "heatmap",
        z=values,
        zmin=low,
        zmax=high,
        colorscale=COLOUR_SCALE,
        hoverinfo="text",
        colorbar=colour_bar(title, len(values)),
    )


def _crosses(struck: Bool[np.ndarray, "layers_a layers_b"]) -> dict[str, Any]:
    """Return a cross on each cell that is struck out; it does not take the mouse."""
    rows, columns = np.nonzero(struck)
    cross = {"symbol": "x-thin", "size": 8, "line": {"color": "white", "width": 1.5}}
    return trace(
        "scatter",
        x=columns,
        y=rows,
        mode="markers",
        marker=cross,
        hoverinfo="skip",
        showlegend=False,
    )


def _reading(
    result: SimilarityResult,
    cell: Cell,
    nulls: CellNulls | None,
    intervals: CellIntervals | None,
) -> str:
    """Return what a cell says, in the markup that Plotly understands; nothing is clamped."""
    score = result.scores[cell]
    layers = layers_reading(result, cell)
    if not np.isfinite(score):
        reason = "one of these layers gives every token the same vector"
        return f"<b>No value</b><br>{layers}<br>{reason}"
    value = f"<b>{label_of(result)} {number_text(score)}</b>"
    return "<br>".join([value, layers, *known_lines(result, cell, nulls, intervals)])
