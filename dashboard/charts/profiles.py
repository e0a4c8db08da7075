"""The selected cell's row and column as lines over layers."""

from typing import Any, Final

import numpy as np
import plotly.graph_objects as go

from dashboard.charts.base import (
    NEUTRAL,
    NEUTRAL_TINT,
    base_layout,
    check_selected,
    layers_axis,
    number_text,
    trace,
)
from dashboard.charts.whiskers import whiskers
from pipeline.analyses.cell_intervals import CellIntervals
from pipeline.similarity.measure import label_of
from pipeline.similarity.result import SimilarityResult
from pipeline.similarity.score_matrix import Cell

MANY_LAYERS: Final = 25


def layer_profile(
    result: SimilarityResult, *, selected: Cell, intervals: CellIntervals | None = None
) -> go.Figure:
    """Return the selected cell's row and column as lines over layers, with their chance level.

    The vertical axis spans the values of the whole result, so that profiles of different cells
    compare and nothing moves when another cell is selected.

    Parameters
    ----------
    result : SimilarityResult
    selected : (int, int)
        Layer of A, against which B's layers are drawn, and layer of B, against which A's are.
    intervals : CellIntervals, optional
        Drawn as whiskers.

    Raises
    ------
    IndexError
        If the selected cell is not in the result.
    """
    check_selected(result, selected)
    row, column = selected
    along_a = [(layer, column) for layer in range(len(result.layer_names_a))]
    along_b = [(row, layer) for layer in range(len(result.layer_names_b))]
    lines = [
        _line(result, along_a, row, f"A layers vs B {column}"),
        _line(result, along_b, column, f"B layers vs A {row}"),
    ]
    if intervals is not None:
        for line, cells in zip(lines, (along_a, along_b), strict=True):
            line["error_y"] = whiskers(intervals, cells, line["y"])
    longest = max(result.scores.shape)
    layout = base_layout(result) | {
        "dragmode": False,
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"}
        | {"font": {"size": 12}},
        "xaxis": layers_axis("layer", longest, ticks=13) | {"fixedrange": True},
        "yaxis": {"range": _value_range(result, intervals), "fixedrange": True, "nticks": 6}
        | {"zeroline": False, "automargin": True, "tickfont": {"size": 11}},
    }
    chance = [*_chance(result, along_a, named=True), *_chance(result, along_b)]
    return go.Figure([*lines, *chance], layout)


def _line(result: SimilarityResult, cells: list[Cell], chosen: int, name: str) -> dict[str, Any]:
    """Return one model's layers as a line; each point carries its cell, for clicks."""
    label = label_of(result)
    sizes_px = [6 if len(cells) < MANY_LAYERS else 4] * len(cells)
    sizes_px[chosen] = 12
    return trace(
        "scatter",
        x=list(range(len(cells))),
        y=[float(result.scores[cell]) for cell in cells],
        name=name,
        mode="lines+markers",
        customdata=[list(cell) for cell in cells],
        hovertext=[
            f"<b>{label} {number_text(result.scores[row, column])}</b><br>A {row} · B {column}"
            for row, column in cells
        ],
        hoverinfo="text",
        line={"width": 2},
        marker={"size": sizes_px, "opacity": 1, "line": {"width": 0}},
        cliponaxis=False,
    )


def _chance(
    result: SimilarityResult, cells: list[Cell], *, named: bool = False
) -> list[dict[str, Any]]:
    """Return a band of two standard deviations around chance, and chance as a dotted line."""
    layers = np.arange(len(cells), dtype=np.float64)
    rows, columns = np.transpose(cells)
    chance, spread = result.chance[rows, columns], result.chance_sd[rows, columns]
    if len(cells) == 1:  # a line needs two points
        layers, chance, spread = np.array([-0.4, 0.4]), chance.repeat(2), spread.repeat(2)
    common = {"x": layers, "mode": "lines", "hoverinfo": "skip", "legendgroup": "chance"}
    bare, dotted = {"width": 0}, {"color": NEUTRAL, "width": 1, "dash": "dot"}
    filled = {"fill": "tonexty", "fillcolor": NEUTRAL_TINT}
    return [
        trace("scatter", **common, y=chance - 2 * spread, line=bare, showlegend=False),
        trace("scatter", **common, **filled, y=chance + 2 * spread, line=bare, showlegend=False),
        trace("scatter", **common, y=chance, line=dotted, name="Chance ± 2 sd", showlegend=named),
    ]


def _value_range(result: SimilarityResult, intervals: CellIntervals | None) -> tuple[float, float]:
    """Return 0, or less where values are negative, to a little above the highest value."""
    spread = 2 * result.chance_sd
    drawn = [result.scores, result.chance - spread, result.chance + spread]
    if intervals is not None:
        drawn += [intervals.low, intervals.high]
    finite = np.stack(drawn)[np.isfinite(drawn)]
    if not finite.size:
        return 0.0, 1.0
    low, high = min(0.0, float(finite.min())), max(0.0, float(finite.max()))
    room = 0.06 * (high - low) or 1.0
    return (low - room if low < 0 else low), high + room
