"""Similarity results as Plotly figures: pure functions, no page and no browser.

Backgrounds are transparent and the two series carry no colour of their own: `layout.colorway` is
a palette that reads on light and on dark, and the browser puts the theme's in its place.
"""

import html
import math
import re
from typing import Any, Final

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Bool, Float64

from pipeline.similarity.result import SimilarityResult

Cell = tuple[int, int]

SELECTED_CELL: Final = "selected cell"
"""Name of the shapes that frame a cell; the browser moves the shapes of this name."""

PALETTE: Final = ("#5B74E8", "#D9657A")
NEUTRAL: Final = "#8A93A3"
NEUTRAL_TINT: Final = "rgba(138, 147, 163, 0.25)"
TRANSPARENT: Final = "rgba(0, 0, 0, 0)"

LONGEST_NAME: Final = 40
MANY_LAYERS: Final = 25

SMALLEST_STEP: Final = 0.01
"""Of a stretched scale, so that noise around one value does not fill all colours."""

LARGEST_CELL: Final = 0.16
"""Share of the plot that a cell may take, so that a single row is a strip and not a wall."""


def similarity_heatmap(result: SimilarityResult, *, selected: Cell, stretch: bool) -> go.Figure:
    """Return the heatmap of all pairs of layers: model A upwards, model B to the right.

    Parameters
    ----------
    result : SimilarityResult
    selected : (int, int)
        Layer of A and layer of B of the cell to frame.
    stretch : bool
        Spread the colours over the values that occur, instead of 0 to 1.

    Raises
    ------
    IndexError
        If the selected cell is not in the result.
    """
    _check_selected(result, selected)
    rows, columns = result.scores.shape
    finite = np.isfinite(result.scores)
    figure = go.Figure(_value_trace(result, finite, stretch=stretch), _layout(result))
    if not finite.all():
        figure.add_traces(_missing_traces(finite))
    for colour, width_px in (("white", 4.0), ("#14171F", 1.5)):
        figure.add_shape(_frame(selected), line={"color": colour, "width": width_px})
    figure.update_layout(
        xaxis=_layer_axis(result.model_b, columns), yaxis=_layer_axis(result.model_a, rows)
    )
    return figure


def layer_profile(result: SimilarityResult, *, selected: Cell) -> go.Figure:
    """Return the selected cell's row and column as lines over layers, with their chance level.

    The vertical axis spans the values of the whole result, so that profiles of different cells
    compare and nothing moves when another cell is selected.

    Parameters
    ----------
    result : SimilarityResult
    selected : (int, int)
        Layer of A, against which B's layers are drawn, and layer of B, against which A's are.

    Raises
    ------
    IndexError
        If the selected cell is not in the result.
    """
    _check_selected(result, selected)
    row, column = selected
    along_a = [(layer, column) for layer in range(len(result.layer_names_a))]
    along_b = [(row, layer) for layer in range(len(result.layer_names_b))]
    figure = go.Figure(layout=_layout(result))
    figure.add_trace(_line(result, along_a, row, f"A layers vs B {column}"))
    figure.add_trace(_line(result, along_b, column, f"B layers vs A {row}"))
    figure.add_traces([*_chance(result, along_a, named=True), *_chance(result, along_b)])
    longest = max(result.scores.shape)
    figure.update_layout(
        dragmode=False,
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "font": {"size": 12}},
        xaxis=_axis("layer", longest, ticks=13) | {"fixedrange": True},
        yaxis={"range": _value_range(result), "fixedrange": True, "nticks": 6, "zeroline": False}
        | {"automargin": True, "tickfont": {"size": 11}},
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


def layer_ticks(layers: int, *, ticks: int = 24) -> list[int]:
    """Return the layers to label: every layer, or every second, fourth... of many.

    Models mostly have 12, 24 or 48 blocks after layer 0, so these steps label the last layer too.

    Examples
    --------
    >>> layer_ticks(49)
    [0, 4, 8, 12, 16, 20, 24, 28, 32, 36, 40, 44, 48]
    """
    step = next((step for step in (1, 2, 4, 6, 12) if layers <= ticks * step), 24)
    return list(range(0, layers, step))


def _check_selected(result: SimilarityResult, selected: Cell) -> None:
    rows, columns = result.scores.shape
    row, column = selected
    if not (0 <= row < rows and 0 <= column < columns):
        raise IndexError(
            f"cell {selected} is outside the {rows} x {columns} layers of {result.model_a} and "
            f"{result.model_b}; choose layers that both have"
        )


def _layout(result: SimilarityResult) -> go.Layout:
    file_name = re.sub(r"[^\w.-]+", "-", f"similarity_{result.model_a}_{result.model_b}")
    return go.Layout(
        template=go.layout.Template(),
        paper_bgcolor=TRANSPARENT,
        plot_bgcolor=TRANSPARENT,
        colorway=PALETTE,
        margin={"l": 8, "r": 8, "t": 34, "b": 8},
        hoverlabel={"align": "left"},
        hovermode="closest",
        # Zoom is kept from one selection to the next, but not from one pair of models to another.
        uirevision=f"{result.model_a} {result.model_b} {result.scores.shape}",
        meta={"file_name": file_name},
    )


def _value_trace(
    result: SimilarityResult, finite: Bool[np.ndarray, "layers_a layers_b"], *, stretch: bool
) -> go.Heatmap:
    low, high = colour_domain(result.scores, stretch=stretch)
    scale = f"scale {low:g} to {high:g}{' (stretched)' if stretch else ''}"
    return go.Heatmap(
        z=np.where(finite, result.scores, np.nan),
        zmin=low,
        zmax=high,
        colorscale="Viridis",
        hovertext=[
            [_reading(result, (row, column)) for column in range(finite.shape[1])]
            for row in range(finite.shape[0])
        ],
        hoverinfo="text",
        colorbar={
            "title": {
                "text": f"CKA, {result.estimator} · {scale}",
                "side": "right",
                "font": {"size": 12},
            },
            "thickness": 10,
            "len": max(0.6, _share(len(finite))),
            "xpad": 8,
            "ypad": 0,
            "outlinewidth": 0,
            "tickfont": {"size": 11},
        },
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


def _reading(result: SimilarityResult, cell: Cell) -> str:
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
    return f"<b>CKA {_number(score)}</b><br>{layers}<br>{_chance_reading(result, cell)}"


def _chance_reading(result: SimilarityResult, cell: Cell) -> str:
    chance, spread = result.chance[cell], result.chance_sd[cell]
    if not (np.isfinite(chance) and np.isfinite(spread)):
        return "Chance level not known"
    level = f"Chance {_number(chance)} ± {_number(spread)}"
    if spread <= 0:
        return level
    return f"{level} · z {_number((result.scores[cell] - chance) / spread, digits=1)}"


def _number(value: float, *, digits: int = 4) -> str:
    return f"{value:.{digits}f}".replace("-", "\N{MINUS SIGN}")


def _frame(cell: Cell) -> go.layout.Shape:
    row, column = cell
    sides = {"x0": column - 0.5, "x1": column + 0.5, "y0": row - 0.5, "y1": row + 0.5}
    return go.layout.Shape(type="rect", name=SELECTED_CELL, **sides)


def _axis(title: str, layers: int, *, ticks: int = 24) -> dict[str, Any]:
    edge = 0.5 + 0.005 * max(layers, 6)  # room for the frame of an outermost cell
    return {
        "title": {"text": html.escape(title, quote=False), "font": {"size": 12}, "standoff": 8},
        "range": [-edge, layers - 1 + edge],
        "tickmode": "array",
        "tickvals": layer_ticks(layers, ticks=ticks),
        "tickangle": 0,
        "ticklen": 3,
        "tickfont": {"size": 11},
        "automargin": True,
        "showgrid": False,
        "zeroline": False,
    }


def _layer_axis(model: str, layers: int) -> dict[str, Any]:
    shown = model if len(model) <= LONGEST_NAME else f"{model[: LONGEST_NAME - 1]}…"
    half = _share(layers) / 2
    return _axis(f"{shown} layer", layers) | {"domain": [0.5 - half, 0.5 + half]}


def _share(layers: int) -> float:
    """Return how much of the plot's width or height the layers take."""
    return min(1.0, LARGEST_CELL * layers)


def _line(result: SimilarityResult, cells: list[Cell], chosen: int, name: str) -> go.Scatter:
    """Return one model's layers as a line; each point carries its cell, for clicks."""
    sizes_px = [6 if len(cells) < MANY_LAYERS else 4] * len(cells)
    sizes_px[chosen] = 12
    return go.Scatter(
        x=list(range(len(cells))),
        y=[float(result.scores[cell]) for cell in cells],
        name=name,
        mode="lines+markers",
        customdata=[list(cell) for cell in cells],
        hovertext=[
            f"<b>CKA {_number(result.scores[row, column])}</b><br>A {row} · B {column}"
            for row, column in cells
        ],
        hoverinfo="text",
        line={"width": 2},
        marker={"size": sizes_px, "opacity": 1, "line": {"width": 0}},
        cliponaxis=False,
    )


def _chance(
    result: SimilarityResult, cells: list[Cell], *, named: bool = False
) -> list[go.Scatter]:
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
        go.Scatter(**common, y=chance - 2 * spread, line=bare, showlegend=False),
        go.Scatter(**common, **filled, y=chance + 2 * spread, line=bare, showlegend=False),
        go.Scatter(**common, y=chance, line=dotted, name="Chance ± 2 sd", showlegend=named),
    ]


def _value_range(result: SimilarityResult) -> tuple[float, float]:
    """Return 0, or less where values are negative, to a little above the highest value."""
    spread = 2 * result.chance_sd
    drawn = np.stack([result.scores, result.chance - spread, result.chance + spread])
    finite = drawn[np.isfinite(drawn)]
    if not finite.size:
        return 0.0, 1.0
    low, high = min(0.0, float(finite.min())), max(0.0, float(finite.max()))
    room = 0.06 * (high - low) or 1.0
    return (low - room if low < 0 else low), high + room


def _round_step(step: float) -> float:
    """Return the nearest 1, 2 or 5 times a power of ten that is not smaller than `step`."""
    power = 10.0 ** math.floor(math.log10(step))
    return next(factor * power for factor in (1.0, 2.0, 5.0, 10.0) if step <= factor * power)
