"""CKA against how many rows there are, or how often a word may come."""

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Bool, Float64

from dashboard.charts.base import PALETTE, number_text, plain_layout
from pipeline.analyses.curve import CellCurve


def row_curve(found: CellCurve, *, capped: bool) -> go.Figure:
    """Return both estimators over samples: means as lines, every sample as a point.

    Parameters
    ----------
    found : CellCurve
    capped : bool
        Over the most tokens of a word type; else over the number of rows.
    """
    kept = found.capped == capped
    figure = go.Figure(layout=plain_layout("cka_over_caps" if capped else "cka_over_rows"))
    figure.update_layout(
        dragmode=False,
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        xaxis={
            "type": "log",
            "title": {"text": "tokens a type at most" if capped else "rows"},
            "automargin": True,
            "fixedrange": True,
            "showgrid": False,
        },
        yaxis={"title": {"text": "CKA"}, "automargin": True, "fixedrange": True, "nticks": 6},
    )
    for index, (name, values) in enumerate(
        (("debiased", found.debiased), ("biased", found.biased))
    ):
        figure.add_traces(_line(found, kept, values, name, PALETTE[index]))
    return figure


def _line(
    found: CellCurve,
    kept: Bool[np.ndarray, " points"],
    values: Float64[np.ndarray, " points"],
    name: str,
    colour: str,
) -> list[go.Scatter]:
    at = np.unique(found.at[kept])
    means = np.array([np.mean(values[kept & (found.at == each)]) for each in at])
    reading = [
        f"<b>{name} CKA {number_text(mean)}</b><br>mean of samples at {each:,}"
        for each, mean in zip(at.tolist(), means.tolist(), strict=True)
    ]
    line = go.Scatter(
        x=at, y=means, name=name, mode="lines", hovertext=reading, hoverinfo="text",
        line={"width": 2, "color": colour},
    )  # fmt: skip
    samples = go.Scatter(
        x=found.at[kept], y=values[kept], mode="markers", showlegend=False, hoverinfo="skip",
        marker={"size": 5, "opacity": 0.6, "color": colour},
    )  # fmt: skip
    return [line, samples]
