"""The map of models by models: how well the best pair of layers of each two agrees."""

import html
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import plotly.graph_objects as go

from dashboard.charts.base import number_text, plain_layout, trace
from dashboard.charts.cells import colour_bar, frame, missing_traces, shortened
from pipeline.cached_results import AgreementMap, CachedComparison
from pipeline.similarity.colour_scale import COLOUR_SCALE
from pipeline.similarity.score_matrix import Cell

MOST_WITH_NUMBERS: Final = 12
"""Models beside each other whose cells have room for their number."""


def agreement_map(found: AgreementMap, *, selected: Cell | None = None) -> go.Figure:
    """Return the heatmap of the best agreement of each two models, the first model at the top.

    Parameters
    ----------
    found : AgreementMap
    selected : (int, int), optional
        Row and column of the cell to frame.

    Raises
    ------
    IndexError
        If there is no such cell.
    """
    count = len(found.models)
    if selected is not None and not all(0 <= place < count for place in selected):
        raise IndexError(f"cell {selected} is outside the {count} x {count} models of the map")
    finite = np.isfinite(found.scores)
    missing = () if finite.all() else missing_traces(finite)
    plain = plain_layout("best_agreement")
    axis = _axis(found.models)
    edge = 0.5 + 0.005 * max(count, 6)
    layout = plain | {
        "uirevision": " ".join(found.models),
        "margin": plain["margin"] | {"t": 8},
        # Names that end at their tick do not leave the plot at its right.
        "xaxis": axis | {"range": [-edge, count - 1 + edge], "tickangle": -40},
        "yaxis": axis | {"range": [count - 1 + edge, -edge]},
        "shapes": [] if selected is None else frame(selected),
    }
    return go.Figure([_values(found), *missing], layout)


def _values(found: AgreementMap) -> dict[str, Any]:
    cells = range(len(found.models))
    return trace(
        "heatmap",
        z=found.scores,
        zmin=0.0,
        zmax=1.0,
        colorscale=COLOUR_SCALE,
        hovertext=[[_reading(found, (row, column)) for column in cells] for row in cells],
        hoverinfo="text",
        text=[[_number(found, (row, column)) for column in cells] for row in cells],
        texttemplate="%{text}" if len(cells) <= MOST_WITH_NUMBERS else None,
        colorbar=colour_bar("best debiased linear CKA · scale 0 to 1", 24),
    )


def _number(found: AgreementMap, cell: Cell) -> str:
    score = found.scores[cell]
    return number_text(score, digits=2) if np.isfinite(score) else ""


def _reading(found: AgreementMap, cell: Cell) -> str:
    """Return what a cell says, in the markup that Plotly understands."""
    models = [html.escape(found.models[place], quote=False) for place in cell]
    comparison = found.comparisons.get(cell)
    if comparison is None:
        return f"<b>Not computed</b><br>{'<br>'.join(models)}"
    if comparison.best is None:
        return f"<b>No value</b><br>{'<br>'.join(models)}"
    layers = "<br>".join(html.escape(name, quote=False) for name in best_layers(comparison))
    return f"<b>CKA {number_text(found.scores[cell])}</b><br>{layers}"


def best_layers(comparison: CachedComparison) -> tuple[str, str]:
    """Return the models with the names of the layers that agree best."""
    if comparison.best is None:
        return comparison.models
    layer_a, layer_b = comparison.best
    return (
        f"{comparison.request.model_a}: {comparison.layer_names_a[layer_a]}",
        f"{comparison.request.model_b}: {comparison.layer_names_b[layer_b]}",
    )


def _axis(models: Sequence[str]) -> dict[str, Any]:
    # Aliases stay right when the browser thins the ticks out; texts, one a tick, would not.
    labels = [html.escape(shortened(name), quote=False) for name in models]
    return {
        "tickmode": "array",
        "tickvals": list(range(len(models))),
        "labelalias": {str(place): label for place, label in enumerate(labels)},
        "tickfont": {"size": 11},
        "ticklen": 3,
        "automargin": True,
        "showgrid": False,
        "zeroline": False,
    }
