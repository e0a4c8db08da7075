"""Two maps of the same words beside each other, with the same words marked in both."""

import html

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float64

from dashboard.charts.base import PALETTE, plain_layout
from pipeline.analyses.row_map import RowMap

_GAP = 0.03


def word_maps(found: RowMap, models: tuple[str, str], chosen: int | None) -> go.Figure:
    """Return the maps of A, at the left, and of B; points carry their row, for clicks.

    Parameters
    ----------
    found : RowMap
    models : (str, str)
    chosen : int or None
        The row to mark, with all others of its word.
    """
    layout = plain_layout(f"map_{found.method}")
    layout["meta"]["linked"] = True  # a point that is pointed at is labelled in both
    figure = go.Figure(layout=layout)
    figure.update_layout(
        showlegend=False,
        uirevision=f"{models} {found.method} {found.row_digest}",
        **_axes(found, models),
    )
    for number, points in enumerate((found.a, found.b), start=1):
        axes = {"xaxis": f"x{number}", "yaxis": f"y{number}"}
        figure.add_traces([trace.update(axes) for trace in _traces(found, points, chosen)])
    return figure


def _axes(found: RowMap, models: tuple[str, str]) -> dict[str, dict[str, object]]:
    layout: dict[str, dict[str, object]] = {}
    sides = zip((1, 2), models, (found.explained_a, found.explained_b), strict=True)
    for number, model, explained in sides:
        domain = [0, 0.5 - _GAP] if number == 1 else [0.5 + _GAP, 1]
        title = html.escape(model, quote=False)
        if np.isfinite(explained).all():
            title += f" · {explained[0]:.0%} and {explained[1]:.0%} of the variance"
        bare = {"showgrid": False, "zeroline": False, "showticklabels": False}
        layout[f"xaxis{number}"] = {
            "domain": domain,
            "anchor": f"y{number}",
            "title": {"text": title, "font": {"size": 12}},
            **bare,
        }
        layout[f"yaxis{number}"] = {"anchor": f"x{number}", **bare}
    return layout


def _traces(
    found: RowMap, points: Float64[np.ndarray, "rows 2"], chosen: int | None
) -> list[go.Scattergl | go.Scatter]:
    words = np.array(found.words, dtype=np.str_)
    reading = [
        f"<b>{html.escape(word, quote=False)}</b><br>{html.escape(speaker, quote=False)}"
        for word, speaker in zip(found.words, found.speakers, strict=True)
    ]
    everything = go.Scatter(
        x=points[:, 0],
        y=points[:, 1],
        mode="markers",
        hovertext=reading,
        hoverinfo="text",
        customdata=[[row, 0] for row in range(len(words))],
        marker={"size": 5, "opacity": 0.35, "color": PALETTE[0]},
    )
    if chosen is None:
        return [everything]
    same = np.flatnonzero(words == words[chosen])
    marked = go.Scatter(
        x=points[same, 0],
        y=points[same, 1],
        mode="markers",
        hoverinfo="skip",
        marker={"size": 9, "color": PALETTE[1]},
    )
    named = go.Scatter(
        x=points[[chosen], 0],
        y=points[[chosen], 1],
        mode="markers+text",
        text=[html.escape(str(words[chosen]), quote=False)],
        textposition="top center",
        hoverinfo="skip",
        marker={"size": 15, "color": PALETTE[1], "line": {"width": 2, "color": "white"}},
    )
    return [everything, marked, named]
