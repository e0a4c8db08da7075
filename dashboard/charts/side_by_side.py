"""Several matrices of scores on one scale: as heatmaps, and as the best score of each layer."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float64

from dashboard.charts.base import layers_axis, number_text, plain_layout, trace
from dashboard.charts.cells import colour_bar, figure_of_cells, layers_reading
from dashboard.charts.hover import known_lines
from dashboard.charts.whiskers import whiskers
from pipeline.analyses.cell_intervals import CellIntervals
from pipeline.analyses.cell_nulls import CellNulls
from pipeline.similarity.colour_scale import COLOUR_SCALE, colour_domain
from pipeline.similarity.result import SimilarityResult
from pipeline.similarity.score_matrix import Cell, ScoreMatrix


@dataclass(frozen=True, eq=False)
class Panel:
    """One of the matrices.

    Attributes
    ----------
    name : str
        What the reader calls it: its number.
    scores : ScoreMatrix
    result : SimilarityResult or None
        Which the scores are of, where they are not a study's.
    nulls : CellNulls or None
    intervals : CellIntervals or None
        Of its cells, where they are known.
    """

    name: str
    scores: ScoreMatrix
    result: SimilarityResult | None = None
    nulls: CellNulls | None = None
    intervals: CellIntervals | None = None


def shared_domain(panels: Sequence[Panel], *, stretch: bool) -> tuple[float, float]:
    """Return the values of the first and the last colour of all panels."""
    values = np.concatenate([panel.scores.scores.ravel() for panel in panels])
    return colour_domain(values[np.newaxis], stretch=stretch)


def score_panel(panel: Panel, domain: tuple[float, float]) -> go.Figure:
    """Return the heatmap of one matrix, in the colours of a scale that several share."""
    matrix = panel.scores
    rows, columns = matrix.scores.shape
    low, high = domain
    values = trace(
        "heatmap",
        z=matrix.scores,
        zmin=low,
        zmax=high,
        colorscale=COLOUR_SCALE,
        hovertext=[
            [_reading(panel, (row, column)) for column in range(columns)] for row in range(rows)
        ],
        hoverinfo="text",
        colorbar=colour_bar(f"scale {low:g} to {high:g}", rows),
    )
    return figure_of_cells(matrix, values, np.isfinite(matrix.scores), None, what="scores")


def _reading(panel: Panel, cell: Cell) -> str:
    """Return the score of a cell and its layers, and what is known of it beside."""
    score = panel.scores.scores[cell]
    layers = layers_reading(panel.scores, cell)
    if not np.isfinite(score):
        return f"<b>No value</b><br>{layers}"
    lines = [f"<b>{number_text(score)}</b>", layers]
    if panel.result is not None:
        lines += known_lines(panel.result, cell, panel.nulls, panel.intervals)
    return "<br>".join(lines)


def best_lines(panels: Sequence[Panel]) -> go.Figure:
    """Return a line a matrix: the best score of each layer of A, whatever the layer of B.

    Whiskers are the interval of the pair that is the best, where intervals are known; the largest
    point is the best pair of all.
    """
    lines = [_line(panel, dash) for panel, dash in zip(panels, _dashes(), strict=False)]
    figure = go.Figure(lines, plain_layout("best_by_layer"))
    most = max(len(panel.scores.layer_names_a) for panel in panels)
    figure.update_layout(
        dragmode=False,
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "font": {"size": 12}},
        xaxis=layers_axis("layer of A", most) | {"fixedrange": True},
        yaxis={
            "title": {"text": "best score over B"},
            "rangemode": "tozero",
            "fixedrange": True,
            "nticks": 6,
            "automargin": True,
        },
    )
    return figure


def best_per_layer(
    scores: Float64[np.ndarray, "layers_a layers_b"],
) -> list[tuple[int, int]]:
    """Return the best pair of each layer of A that has a value.

    Examples
    --------
    >>> best_per_layer(np.array([[0.1, 0.4], [np.nan, np.nan], [0.3, 0.2]]))
    [(0, 1), (2, 0)]
    """
    known = np.flatnonzero(np.isfinite(scores).any(axis=1))
    best = np.nanargmax(scores[known], axis=1) if len(known) else []
    return [(int(row), int(column)) for row, column in zip(known, best, strict=True)]


def _dashes() -> Iterator[str]:
    """Yield a pattern a line, for those who do not tell its colour."""
    return cycle(("solid", "dash", "dot", "dashdot", "longdash"))


def _line(panel: Panel, dash: str) -> dict[str, Any]:
    matrix = panel.scores
    cells = best_per_layer(matrix.scores)
    values = [float(matrix.scores[cell]) for cell in cells]
    sizes_px = [12 if value == max(values) else 6 for value in values]
    return trace(
        "scatter",
        x=[row for row, _ in cells],
        y=values,
        name=panel.name,
        showlegend=True,
        mode="lines+markers",
        hovertext=[
            f"<b>{panel.name}: {number_text(value)}</b><br>{layers_reading(matrix, cell)}"
            for value, cell in zip(values, cells, strict=True)
        ],
        hoverinfo="text",
        line={"width": 2, "dash": dash},
        marker={"size": sizes_px, "opacity": 1, "line": {"width": 0}},
        error_y=None if panel.intervals is None else whiskers(panel.intervals, cells, values),
    )
