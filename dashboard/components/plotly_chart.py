"""A Plotly figure that stays in place while its data change, and says which cell was chosen.

Streamlit's own chart call cannot report a click on a heatmap's cell and draws the chart anew on
every change; this component calls `Plotly.react` on one node (``plotly_chart.js``). The browser
loads plotly.js from the route ``/api/plotly.min.js`` of our server.
"""

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import plotly
import plotly.graph_objects as go
import streamlit as st

from dashboard.components.address import address

Cell = tuple[int, int]

_HTML = """
<div class="layerscope-chart" data-state="loading" data-ready="0" aria-busy="true">
  <div class="layerscope-chart-plot"></div>
  <div class="layerscope-chart-skeleton" aria-hidden="true"></div>
  <div class="layerscope-chart-failure" role="alert">
    <span></span>
    <button type="button">Try again</button>
  </div>
  <div class="layerscope-chart-reading" aria-live="polite"></div>
</div>
"""

_mount = st.components.v2.component(
    "layerscope_chart",
    html=_HTML,
    css=Path(__file__).with_suffix(".css").read_text(encoding="utf-8"),
    js=Path(__file__).with_suffix(".js").read_text(encoding="utf-8"),
    isolate_styles=False,  # plotly.js puts its style sheet into the page, not into a shadow root
)


def clickable_chart(  # noqa: PLR0913 - one keyword for each thing a chart may have
    figure: go.Figure,
    *,
    key: str,
    alt: str,
    height_px: int,
    selected: Cell | None = None,
    on_cell: Callable[[], None] | None = None,
    grid_shape: tuple[int, int] | None = None,
    preview: bytes | None = None,
) -> None:
    """Draw a figure; a click on a cell, or an arrow key, runs `on_cell` and the page.

    Parameters
    ----------
    figure : plotly Figure
        Cells are those of its heatmap, or what its points carry as `customdata`, [row, column].
        `layout.meta["file_name"]` names downloads.
    key : str
        Of this chart on the page; the chosen cell is read back with it (:func:`clicked_cell`).
    alt : str
        What the chart shows, for those who do not see it.
    height_px : int
    selected : (int, int), optional
        Row and column of the framed cell (the figure's shapes named "selected cell").
    on_cell : callable, optional
        Called before the page runs again; without it the chart takes no clicks.
    grid_shape : (int, int), optional
        Rows and columns among which the arrow keys move; without it there are no arrow keys.
    preview : bytes, optional
        A PNG of the cells, shown in their place until plotly.js has started.
    """
    _mount(
        key=key,
        data=chart_data(figure, alt=alt, height_px=height_px, selected=selected)
        | {
            "clickable": on_cell is not None,
            "shape": grid_shape,
            "preview": preview and base64.b64encode(preview).decode("ascii"),
        },
        height=height_px,
        on_cell_change=on_cell,
    )


def chart_data(
    figure: go.Figure, *, alt: str, height_px: int, selected: Cell | None
) -> dict[str, Any]:
    """Return what the browser is told; the figure is text, as plotly itself writes it."""
    return {
        "figure": figure.to_json(),
        "source": plotly_url(),
        "alt": alt,
        "height": height_px,
        "selected": selected,
    }


def plotly_url() -> str:
    """Return where the browser finds plotly.js; another version of plotly is another address."""
    return f"{address('api/plotly.min.js')}?v={plotly.__version__}"


def clicked_cell(key: str, grid_shape: tuple[int, int]) -> Cell | None:
    """Return the row and column that were chosen in this run, None if there was no choice.

    What a browser sends is not trusted: anything but two integers inside the grid is None.

    Parameters
    ----------
    key : str
        Of the chart.
    grid_shape : (int, int)
        Rows and columns.
    """
    sent = (st.session_state.get(key) or {}).get("cell")
    match sent:
        case [int() as row, int() as column] if not any(isinstance(n, bool) for n in sent):
            rows, columns = grid_shape
            return (row, column) if 0 <= row < rows and 0 <= column < columns else None
    return None
