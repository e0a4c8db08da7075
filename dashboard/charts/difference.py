"""The heatmap of what differs between two matrices of scores."""

import html
from pathlib import PurePath

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float64

from dashboard.charts.base import check_selected, number_text, trace
from dashboard.charts.cells import (
    colour_bar,
    figure_of_cells,
    layers_reading,
    shortened,
)
from pipeline.similarity.agreement import Agreement
from pipeline.similarity.colour_scale import scale_step, step_above
from pipeline.similarity.score_matrix import Cell, ScoreMatrix


def difference_heatmap(found: Agreement, *, selected: Cell | None = None) -> go.Figure:
    """Return the heatmap of the first matrix minus the second: blue is less, red is more.

    Axes and layers are named as in the first. The colours are a pair that the colour-blind tell
    apart, and white is no difference whatever the values are.

    Parameters
    ----------
    found : Agreement
    selected : (int, int), optional
        Layer of A and layer of B of the cell to frame.

    Raises
    ------
    IndexError
        If the selected cell is not in the matrices.
    """
    if selected is not None:
        check_selected(found.one, selected)
    finite = np.isfinite(found.difference)
    limit = colour_limit(found.difference)
    scale = f"scale {number_text(-limit, digits=2)} to {number_text(limit, digits=2)}"
    rows, columns = finite.shape
    values = trace(
        "heatmap",
        z=found.difference,
        zmin=-limit,
        zmax=limit,
        colorscale="RdBu_r",
        hovertext=[
            [_reading(found, (row, column)) for column in range(columns)] for row in range(rows)
        ],
        hoverinfo="text",
        colorbar=colour_bar(f"First minus second · {scale}", rows),
    )
    return figure_of_cells(found.one, values, finite, selected, what="difference")


def colour_limit(difference: Float64[np.ndarray, "layers_a layers_b"]) -> float:
    """Return the difference of the last colour; minus it is that of the first.

    Examples
    --------
    >>> colour_limit(np.array([[-0.21, 0.13]]))
    0.25
    """
    largest = float(np.abs(difference[np.isfinite(difference)]).max(initial=0.0))
    step = scale_step(largest)
    return max(step, step_above(largest, step))


def _reading(found: Agreement, cell: Cell) -> str:
    """Return what a cell says, in the markup that Plotly understands."""
    difference = found.difference[cell]
    heading = "No value"
    if np.isfinite(difference):
        heading = f"Difference {'+' if difference > 0 else ''}{number_text(difference)}"
    first, second = _score(found.one, cell), _score(found.other, cell)
    layers = layers_reading(found.one, cell)
    return f"<b>{heading}</b><br>{layers}<br>First {first}<br>Second {second}"


def _score(matrix: ScoreMatrix, cell: Cell) -> str:
    score = matrix.scores[cell]
    value = number_text(score) if np.isfinite(score) else "no value"
    source = shortened(PurePath(matrix.source).name)
    return f"{value} · {html.escape(source, quote=False)}"
