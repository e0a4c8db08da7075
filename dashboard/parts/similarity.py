"""The heatmap of a comparison, with its switches, and what its rows are."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType
from typing import Any

import streamlit as st

from dashboard import loading, selection
from dashboard.charts import similarity_heatmap, thumbnail
from dashboard.components.plotly_chart import clickable_chart, clicked_cell
from dashboard.parts import analysis_status
from pipeline.analyses import AnalysisRequest
from pipeline.analyses.cell_intervals import CellIntervals
from pipeline.analyses.cell_nulls import CellNulls
from pipeline.exports import ShownComparison
from pipeline.request import ComparisonRequest
from pipeline.similarity.measure import title_of
from pipeline.similarity.result import SimilarityResult
from pipeline.similarity.result_text import rows_text

HEIGHT_PX = 470
_ASKED: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "nulls": (
            "Compute what words give by chance",
            "Word types exchange their vectors, 200 times; it takes a minute or two.",
        ),
        "intervals": (
            "Compute the intervals",
            "Types and speakers are drawn again, 400 times; some seconds to a minute or two.",
        ),
    }
)
"""What the button of an analysis of all cells says, and its help."""


@dataclass(frozen=True, eq=False)
class Shown:
    """What the heatmap shows, and what is known of all its cells."""

    result: SimilarityResult
    values: selection.ShownValues
    nulls: CellNulls | None
    intervals: CellIntervals | None

    def of(self, request: ComparisonRequest) -> ShownComparison:
        """Return what is shown of a request, to be taken away."""
        values = self.values
        return ShownComparison(
            request,
            self.result,
            self.nulls,
            self.intervals,
            values.reading,
            values.stretch,
            values.mask_by,
        )


def show(request: ComparisonRequest, layer_a: int, layer_b: int) -> Shown | None:
    """Show the heatmap, and return what it shows; None if it is not there yet."""
    st.header("Layer similarity")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        values = selection.choose_values(request.measure)
    result = loading.result(request, values.estimator)
    if result is None:
        st.skeleton(height=HEIGHT_PX)
        return None
    nulls = _of_all_cells(request, "nulls", values)
    intervals = _of_all_cells(request, "intervals", values)
    shown = Shown(result, values, nulls, intervals)
    drawn = shown.of(request)
    _show_heatmap(drawn, (layer_a, layer_b))
    st.caption(rows_text(result) + " Click a cell or use the arrow keys.")
    if drawn.mask.says:
        st.caption(drawn.mask.says)
    return shown


def analysed(
    request: ComparisonRequest,
    name: str,
    values: selection.ShownValues,
    layers: tuple[int, int] | None = None,
) -> AnalysisRequest:
    """Return the request of an analysis, which is of linear CKA whatever the page shows."""
    is_restricted = name == "calibration" and values.within != "all"
    settings = {"within": values.within} if is_restricted else {}
    by_cka = replace(request, measure="cka")
    return AnalysisRequest(by_cka, name, layers, values.estimator, settings)


def _of_all_cells(request: ComparisonRequest, name: str, values: selection.ShownValues) -> Any:  # noqa: ANN401 - each analysis has a result of its own
    """Return an analysis of all cells if it is there; where the view takes it, offer to ask."""
    if request.measure != "cka":
        return None
    wanted = analysed(request, name, values)
    if name not in values.analyses(request.rows.values):
        return loading.analysis(wanted).found
    label, help_ = _ASKED[name]
    return analysis_status.found(wanted, label, key=f"all-{name}", help_=help_)


def _show_heatmap(drawn: ShownComparison, pair: tuple[int, int]) -> None:
    result = drawn.result
    grid_shape = (len(result.layer_names_a), len(result.layer_names_b))
    figure = similarity_heatmap(
        result,
        selected=pair,
        stretch=drawn.stretch,
        reading=drawn.reading,
        nulls=drawn.nulls,
        intervals=drawn.intervals,
        struck=drawn.mask.struck,
    )
    clickable_chart(
        figure,
        key="heatmap",
        alt=f"Heatmap of {title_of(result)}: {grid_shape[0]} layers of {result.model_a} by "
        f"{grid_shape[1]} layers of {result.model_b}",
        height_px=HEIGHT_PX,
        selected=pair,
        on_cell=partial(select_clicked_cell, "heatmap", grid_shape),
        grid_shape=grid_shape,
        preview=thumbnail(drawn.values, pair, domain=drawn.domain),
    )


def select_clicked_cell(key: str, grid_shape: tuple[int, int]) -> None:
    """Take the clicked cell of a chart for the layer pair; runs before the page."""
    cell = clicked_cell(key, grid_shape)
    if cell is not None:
        st.session_state["la"], st.session_state["lb"] = cell
