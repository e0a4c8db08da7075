"""The figures of Help: CKA of layers whose relation is known."""

from collections.abc import Sequence

import plotly.graph_objects as go

from dashboard.charts.base import NEUTRAL, PALETTE, number_text, plain_layout
from pipeline.similarity.illustrations import RepeatedWords, Unrelated


def unrelated_curve(found: Sequence[Unrelated], dims: int) -> go.Figure:
    """Return both estimators of unrelated layers over their dimensions, and one marked.

    Parameters
    ----------
    found : sequence of Unrelated
        Of one number of rows, by rising dimension.
    dims : int
        The dimension to mark.
    """
    figure = _figure("cka_of_unrelated_layers", "dimensions of either layer")
    at = [each.dims for each in found]
    expected = [each.expected_biased for each in found]
    figure.add_traces(
        [
            _line(at, expected, "dimensions / (dimensions + rows)", NEUTRAL, dash="dot"),
            _points(at, [each.debiased for each in found], "debiased", PALETTE[0]),
            _points(at, [each.biased for each in found], "biased", PALETTE[1]),
        ]
    )
    figure.add_vline(x=dims, line={"color": NEUTRAL, "width": 1})
    return figure


def repetition_curve(found: Sequence[RepeatedWords], most_per_type: int) -> go.Figure:
    """Return CKA of two random tables over how often a word may come, and one cap marked.

    Parameters
    ----------
    found : sequence of RepeatedWords
        By rising cap.
    most_per_type : int
        The cap to mark.
    """
    figure = _figure("cka_of_random_tables", "tokens of a word type at most")
    at = [each.most_per_type for each in found]
    figure.add_traces(
        [
            _line(at, [each.expected for each in found], "closed form", NEUTRAL, dash="dot"),
            _points(at, [each.over_types for each in found], "a row a type", PALETTE[0]),
            _points(at, [each.over_tokens for each in found], "a row a token", PALETTE[1]),
        ]
    )
    figure.add_vline(x=most_per_type, line={"color": NEUTRAL, "width": 1})
    return figure


def _figure(name: str, across: str) -> go.Figure:
    figure = go.Figure(layout=plain_layout(name))
    fixed = {"automargin": True, "fixedrange": True, "zeroline": False}
    figure.update_layout(
        dragmode=False,
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        xaxis={"type": "log", "title": {"text": across}, "showgrid": False, "dtick": 1, **fixed},
        yaxis={"title": {"text": "CKA"}, "range": [-0.15, 1.05], **fixed},
    )
    return figure


def _line(at: list[int], values: list[float], name: str, colour: str, *, dash: str) -> go.Scatter:
    line = {"color": colour, "dash": dash, "width": 1.5}
    return go.Scatter(x=at, y=values, name=name, mode="lines", line=line, hoverinfo="skip")


def _points(at: list[int], values: list[float], name: str, colour: str) -> go.Scatter:
    reading = [
        f"<b>{name} {number_text(value, digits=3)}</b><br>at {place:,}"
        for place, value in zip(at, values, strict=True)
    ]
    return go.Scatter(
        x=at, y=values, name=name, mode="lines+markers", hovertext=reading, hoverinfo="text",
        line={"color": colour, "width": 2}, marker={"size": 6, "color": colour},
    )  # fmt: skip
