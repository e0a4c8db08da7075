"""The heatmap of all pairs of layers."""

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Bool, Float64

from dashboard.charts.base import check_selected, number_text
from dashboard.charts.cells import (
    colour_bar,
    figure_of_cells,
    layers_reading,
    scale_step,
    step_above,
    step_below,
)
from pipeline.similarity.result import SimilarityResult
from pipeline.similarity.score_matrix import Cell


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
    check_selected(result, selected)
    finite = np.isfinite(result.scores)
    values = _value_trace(result, finite, stretch=stretch)
    return figure_of_cells(result, values, finite, selected, what="similarity")


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
    step = scale_step(highest - lowest)
    low, high = step_below(lowest, step), step_above(highest, step)
    return (low, high) if low < high else (max(0.0, low - step), min(1.0, high + step))


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
        colorbar=colour_bar(f"CKA, {result.estimator} · {scale}", len(finite)),
    )


def _reading(result: SimilarityResult, cell: Cell) -> str:
    """Return what a cell says, in the markup that Plotly understands; nothing is clamped."""
    score = result.scores[cell]
    layers = layers_reading(result, cell)
    if not np.isfinite(score):
        reason = "one of these layers gives every token the same vector"
        return f"<b>No value</b><br>{layers}<br>{reason}"
    return f"<b>CKA {number_text(score)}</b><br>{layers}<br>{_chance_reading(result, cell)}"


def _chance_reading(result: SimilarityResult, cell: Cell) -> str:
    chance, spread = result.chance[cell], result.chance_sd[cell]
    if not (np.isfinite(chance) and np.isfinite(spread)):
        return "Chance level not known"
    level = f"Chance {number_text(chance)} ± {number_text(spread)}"
    if spread <= 0:
        return level
    return f"{level} · z {number_text((result.scores[cell] - chance) / spread, digits=1)}"
