"""The heatmap of all pairs of layers."""

import html
import math
from typing import Any, Final

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Bool, Float64

from dashboard.charts.base import (
    NEUTRAL,
    NEUTRAL_TINT,
    Cell,
    base_layout,
    check_selected,
    layers_axis,
    number_text,
)
from pipeline.analyses.cell_nulls import CellNulls
from pipeline.analyses.readings import Reading, cell_readings
from pipeline.similarity.measure import label_of, title_of
from pipeline.similarity.result import SimilarityResult

SELECTED_CELL: Final = "selected cell"
"""Name of the shapes that frame a cell; the browser moves the shapes of this name."""

LONGEST_NAME: Final = 40

SMALLEST_STEP: Final = 0.01
"""Of a stretched scale, so that noise around one value does not fill all colours."""

LARGEST_CELL: Final = 0.16
"""Share of the plot that a cell may take, so that a single row is a strip and not a wall."""


def similarity_heatmap(
    result: SimilarityResult,
    *,
    selected: Cell,
    stretch: bool,
    reading: Reading = "score",
    nulls: CellNulls | None = None,
    mask: bool = False,
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
        For the last, the mask and the hover.
    mask : bool
        Whether to strike out the cells that do not stand out over words.

    Raises
    ------
    IndexError
        If the selected cell is not in the result.
    """
    check_selected(result, selected)
    rows, columns = result.scores.shape
    values = cell_readings(result, reading, nulls)
    finite = np.isfinite(values)
    figure = go.Figure(
        _value_trace(result, values, reading, nulls, stretch=stretch), base_layout(result)
    )
    if not finite.all():
        figure.add_traces(_missing_traces(finite))
    if mask and nulls is not None:
        figure.add_trace(_mask_trace(finite & ~nulls.mask))
    for colour, width_px in (("white", 4.0), ("#14171F", 1.5)):
        figure.add_shape(_frame(selected), line={"color": colour, "width": width_px})
    figure.update_layout(
        xaxis=_layer_axis(result.model_b, columns), yaxis=_layer_axis(result.model_a, rows)
    )
    return figure


def colour_domain(
    scores: Float64[np.ndarray, "layers_a layers_b"], *, stretch: bool
) -> tuple[float, float]:
    """Return the values of the first and the last colour, both within 0 to 1.

    Examples
    --------
    >>> colour_domain(np.array([[0.062, 0.303]]), stretch=False)
    (0.0, 1.0)
    >>> colour_domain(np.array([[0.062, 0.303]]), stretch=True)
    (0.05, 0.35)
    """
    finite = scores[np.isfinite(scores)]
    if not stretch or not finite.size:
        return 0.0, 1.0
    lowest, highest = np.clip([finite.min(), finite.max()], 0.0, 1.0)
    step = _round_step(max((highest - lowest) / 5, SMALLEST_STEP))
    low = round(math.floor(lowest / step + 1e-9) * step, 10)
    high = round(math.ceil(highest / step - 1e-9) * step, 10)
    return (low, high) if low < high else (max(0.0, low - step), min(1.0, high + step))


def z_domain(z: Float64[np.ndarray, "layers_a layers_b"]) -> tuple[float, float]:
    """Return 0, and a round number that no value exceeds.

    Examples
    --------
    >>> z_domain(np.array([[-1.2, 13.4]]))
    (0.0, 15.0)
    """
    highest = float(z[np.isfinite(z)].max(initial=1.0))
    step = _round_step(max(highest, 1.0) / 5)
    return 0.0, math.ceil(highest / step) * step


def _value_trace(
    result: SimilarityResult,
    values: Float64[np.ndarray, "layers_a layers_b"],
    reading: Reading,
    nulls: CellNulls | None,
    *,
    stretch: bool,
) -> go.Heatmap:
    if reading == "score":
        low, high = colour_domain(values, stretch=stretch)
        scale = f"scale {low:g} to {high:g}{' (stretched)' if stretch else ''}"
        title = f"{title_of(result)} · {scale}"
    else:
        low, high = z_domain(values)
        title = f"{reading} of {title_of(result)} · 0 to {high:g}"
    return go.Heatmap(
        z=values,
        zmin=low,
        zmax=high,
        colorscale="Viridis",
        hovertext=[
            [_reading(result, (row, column), nulls) for column in range(values.shape[1])]
            for row in range(len(values))
        ],
        hoverinfo="text",
        colorbar={
            "title": {"text": title, "side": "right", "font": {"size": 12}},
            "thickness": 10,
            "len": max(0.6, _share(len(values))),
            "xpad": 8,
            "ypad": 0,
            "outlinewidth": 0,
            "tickfont": {"size": 11},
        },
    )


def _mask_trace(struck: Bool[np.ndarray, "layers_a layers_b"]) -> go.Scatter:
    """Return a cross on each cell that does not stand out; it does not take the mouse."""
    rows, columns = np.nonzero(struck)
    cross = {"symbol": "x-thin", "size": 8, "line": {"color": "white", "width": 1.5}}
    return go.Scatter(
        x=columns, y=rows, mode="markers", marker=cross, hoverinfo="skip", showlegend=False
    )


def _missing_traces(
    finite: Bool[np.ndarray, "layers_a layers_b"],
) -> tuple[go.Heatmap, go.Scatter]:
    """Return a grey ground and a stroke for each cell without a value; neither takes the mouse."""
    rows, columns = np.nonzero(~finite)
    ground = go.Heatmap(
        z=np.where(finite, np.nan, 0.0),
        colorscale=[[0, NEUTRAL_TINT], [1, NEUTRAL_TINT]],
        showscale=False,
        hoverinfo="skip",
    )
    stroke = {"symbol": "line-ne", "size": 5, "line": {"color": NEUTRAL, "width": 1}}
    strokes = go.Scatter(
        x=columns, y=rows, mode="markers", marker=stroke, hoverinfo="skip", showlegend=False
    )
    return ground, strokes


def _reading(result: SimilarityResult, cell: Cell, nulls: CellNulls | None) -> str:
    """Return what a cell says, in the markup that Plotly understands; nothing is clamped."""
    score = result.scores[cell]
    names = (
        f"{result.model_a}: {result.layer_names_a[cell[0]]}",
        f"{result.model_b}: {result.layer_names_b[cell[1]]}",
    )
    layers = "<br>".join(html.escape(name, quote=False) for name in names)
    if not np.isfinite(score):
        reason = "one of these layers gives every token the same vector"
        return f"<b>No value</b><br>{layers}<br>{reason}"
    value = f"<b>{label_of(result)} {number_text(score)}</b>"
    lines = [value, layers, _chance_reading(result, cell)]
    if nulls is not None:
        lines.append(_null_reading(nulls, cell))
    return "<br>".join(lines)


def _null_reading(nulls: CellNulls, cell: Cell) -> str:
    level = f"Words {number_text(nulls.mean[cell])} ± {number_text(nulls.sd[cell])}"
    p = f"p {number_text(nulls.p[cell], digits=3)}, of all cells {nulls.p_of_all[cell]:.3f}"
    return f"{level} · z {number_text(nulls.z[cell], digits=1)} · {p}"


def _chance_reading(result: SimilarityResult, cell: Cell) -> str:
    chance, spread = result.chance[cell], result.chance_sd[cell]
    if not (np.isfinite(chance) and np.isfinite(spread)):
        return "Chance level not known"
    level = f"Chance {number_text(chance)} ± {number_text(spread)}"
    if spread <= 0:
        return level
    return f"{level} · z {number_text((result.scores[cell] - chance) / spread, digits=1)}"


def _frame(cell: Cell) -> go.layout.Shape:
    row, column = cell
    sides = {"x0": column - 0.5, "x1": column + 0.5, "y0": row - 0.5, "y1": row + 0.5}
    return go.layout.Shape(type="rect", name=SELECTED_CELL, **sides)


def _layer_axis(model: str, layers: int) -> dict[str, Any]:
    shown = model if len(model) <= LONGEST_NAME else f"{model[: LONGEST_NAME - 1]}…"
    half = _share(layers) / 2
    return layers_axis(f"{shown} layer", layers) | {"domain": [0.5 - half, 0.5 + half]}


def _share(layers: int) -> float:
    """Return how much of the plot's width or height the layers take."""
    return min(1.0, LARGEST_CELL * layers)


def _round_step(step: float) -> float:
    """Return the nearest 1, 2 or 5 times a power of ten that is not smaller than `step`."""
    power = 10.0 ** math.floor(math.log10(step))
    return next(factor * power for factor in (1.0, 2.0, 5.0, 10.0) if step <= factor * power)
