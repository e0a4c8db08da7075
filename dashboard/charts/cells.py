"""What charts of cells share: axes of layers, the frame, the colour bar, cells without a value."""

import html
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Bool

from dashboard.charts.base import NEUTRAL, NEUTRAL_TINT, Scored, base_layout, layers_axis, trace
from pipeline.similarity.layer_axis import layer_label
from pipeline.similarity.score_matrix import Cell

SELECTED_CELL: Final = "selected cell"
"""Name of the shapes that frame a cell; the browser moves the shapes of this name."""

LONGEST_NAME: Final = 40

LARGEST_CELL: Final = 0.16
"""Share of the plot that a cell may take, so that a single row is a strip and not a wall."""


def figure_of_cells(
    scored: Scored,
    values: dict[str, Any],
    finite: Bool[np.ndarray, "layers_a layers_b"],
    selected: Cell | None,
    *,
    what: str,
) -> go.Figure:
    """Return a figure with a cell for each pair of layers: model A upwards, model B to the right.

    Parameters
    ----------
    scored : SimilarityResult or ScoreMatrix
        What the axes and the download are named after.
    values : dict
        The heatmap's trace.
    finite : bool array [shape=(layers_a, layers_b)]
        Which cells have a value.
    selected : (int, int), optional
        The cell to frame.
    what : str
        The first word of the download's name.
    """
    missing = () if finite.all() else missing_traces(finite)
    layout = base_layout(scored, what) | {
        "xaxis": _layer_axis(scored.model_b, scored.layer_names_b),
        "yaxis": _layer_axis(scored.model_a, scored.layer_names_a),
        "shapes": [] if selected is None else frame(selected),
    }
    return go.Figure([values, *missing], layout)


def colour_bar(title: str, rows: int) -> dict[str, Any]:
    """Return the colour bar beside so many rows of cells."""
    return {
        "title": {"text": title, "side": "right", "font": {"size": 12}},
        "thickness": 10,
        "len": max(0.6, _share(rows)),
        "xpad": 8,
        "ypad": 0,
        "outlinewidth": 0,
        "tickfont": {"size": 11},
    }


def missing_traces(
    finite: Bool[np.ndarray, "rows columns"],
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a grey ground and a stroke for each cell without a value; neither takes the mouse."""
    rows, columns = np.nonzero(~finite)
    ground = trace(
        "heatmap",
        z=np.where(finite, np.nan, 0.0),
        colorscale=[[0, NEUTRAL_TINT], [1, NEUTRAL_TINT]],
        showscale=False,
        hoverinfo="skip",
    )
    stroke = {"symbol": "line-ne", "size": 5, "line": {"color": NEUTRAL, "width": 1}}
    strokes = trace(
        "scatter",
        x=columns,
        y=rows,
        mode="markers",
        marker=stroke,
        hoverinfo="skip",
        showlegend=False,
    )
    return ground, strokes


def frame(cell: Cell) -> list[dict[str, Any]]:
    """Return the shapes that frame a cell, in white and black, so that all colours show them."""
    row, column = cell
    sides = {"x0": column - 0.5, "x1": column + 0.5, "y0": row - 0.5, "y1": row + 0.5}
    return [
        {"type": "rect", "name": SELECTED_CELL, "line": {"color": colour, "width": width_px}}
        | sides
        for colour, width_px in (("white", 4.0), ("#14171F", 1.5))
    ]


def layers_reading(scored: Scored, cell: Cell) -> str:
    """Return a cell's layers in the markup that Plotly understands."""
    names = (
        f"{scored.model_a}: {scored.layer_names_a[cell[0]]}",
        f"{scored.model_b}: {scored.layer_names_b[cell[1]]}",
    )
    return "<br>".join(html.escape(name, quote=False) for name in names)


def shortened(name: str) -> str:
    """Return a name, cut where it is too long for an axis."""
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def _layer_axis(model: str, names: Sequence[str]) -> dict[str, Any]:
    half = _share(len(names)) / 2
    # Aliases stay right when the browser thins the ticks out; texts, one a tick, would not.
    labels = {str(position): layer_label(name, position) for position, name in enumerate(names)}
    axis = layers_axis(f"{shortened(model)} layer", len(names))
    return axis | {"labelalias": labels, "domain": [0.5 - half, 0.5 + half]}


def _share(layers: int) -> float:
    """Return how much of the plot's width or height the layers take."""
    return min(1.0, LARGEST_CELL * layers)
