"""What all figures share: colours, layout, axes of layers, and how numbers are written.

Backgrounds are transparent and series carry no colour of their own: `layout.colorway` is a palette
that reads on light and on dark, and the browser puts the theme's in its place.
"""

import html
import re
from typing import Any, Final

import plotly.graph_objects as go

from pipeline.similarity.layer_axis import layer_ticks
from pipeline.similarity.result import SimilarityResult
from pipeline.similarity.score_matrix import Cell, ScoreMatrix

Scored = SimilarityResult | ScoreMatrix

PALETTE: Final = ("#5B74E8", "#D9657A")
NEUTRAL: Final = "#8A93A3"
NEUTRAL_TINT: Final = "rgba(138, 147, 163, 0.25)"
TRANSPARENT: Final = "rgba(0, 0, 0, 0)"


def check_selected(result: Scored, selected: Cell) -> None:
    """Raise IndexError unless the result has such a cell."""
    rows, columns = result.scores.shape
    row, column = selected
    if not (0 <= row < rows and 0 <= column < columns):
        raise IndexError(
            f"cell {selected} is outside the {rows} x {columns} layers of {result.model_a} and "
            f"{result.model_b}; choose layers that both have"
        )


def base_layout(result: Scored, what: str = "similarity") -> dict[str, Any]:
    """Return what all figures share; `what` is the first word of the download's name."""
    return plain_layout(f"{what}_{result.model_a}_{result.model_b}") | {
        # Zoom is kept from one selection to the next, but not from one pair of models to another.
        "uirevision": f"{result.model_a} {result.model_b} {result.scores.shape}"
    }


def plain_layout(name: str) -> dict[str, Any]:
    """Return what every figure's layout has; `name` is that of its download.

    A figure is made in one go of a layout that is whole: Plotly takes ten times as long to change
    one that is there.
    """
    return {
        "template": go.layout.Template(),
        "paper_bgcolor": TRANSPARENT,
        "plot_bgcolor": TRANSPARENT,
        "colorway": PALETTE,
        "margin": {"l": 8, "r": 8, "t": 34, "b": 8},
        "hoverlabel": {"align": "left"},
        "hovermode": "closest",
        "meta": {"file_name": re.sub(r"[^\w.-]+", "-", name)},
    }


def trace(kind: str, **properties: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever Plotly takes
    """Return a trace as plain values: the figure checks it, and a trace of its own would twice."""
    return {"type": kind, **properties}


def layers_axis(title: str, layers: int, *, ticks: int = 24) -> dict[str, Any]:
    """Return an axis of layers, with room for the frame of an outermost cell."""
    edge = 0.5 + 0.005 * max(layers, 6)
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


def number_text(value: float, *, digits: int = 4) -> str:
    """Return a number as a reader expects it, with a true minus sign."""
    return f"{value:.{digits}f}".replace("-", "\N{MINUS SIGN}")
