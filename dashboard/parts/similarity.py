"""The heatmap of a comparison, with its switches, and what its rows are."""

from dataclasses import dataclass, replace
from functools import partial

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
_NULLS_HELP = "Word types exchange their vectors, 200 times; it takes a minute or two."


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
            values.mask,
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
    intervals: CellIntervals | None = None
    if request.measure == "cka":
        intervals = loading.analysis(analysed(request, "intervals", values)).found
    shown = Shown(result, values, _nulls(request, values), intervals)
    _show_heatmap(shown, (layer_a, layer_b))
    st.caption(rows_text(result) + " Click a cell or use the arrow keys.")
    return shown


def analysed(
    request: ComparisonRequest,
    name: str,
    values: selection.ShownValues,
    layers: tuple[int, int] | None = None,
) -> AnalysisRequest:
    """Return the request of an analysis, which is of linear CKA whatever the page shows."""
    return AnalysisRequest(replace(request, measure="cka"), name, layers, values.estimator)


def _nulls(request: ComparisonRequest, values: selection.ShownValues) -> CellNulls | None:
    """Return the nulls of all cells; where the view needs them, they can be asked for."""
    if request.measure != "cka" or request.rows.values == "within type":
        return None
    wanted = analysed(request, "nulls", values)
    if not values.needs_nulls:
        known: CellNulls | None = loading.analysis(wanted).found
        return known
    found: CellNulls | None = analysis_status.found(
        wanted, "Compute what words give by chance", key="nulls", help_=_NULLS_HELP
    )
    return found


def _show_heatmap(shown: Shown, pair: tuple[int, int]) -> None:
    result, values = shown.result, shown.values
    grid_shape = (len(result.layer_names_a), len(result.layer_names_b))
    figure = similarity_heatmap(
        result,
        selected=pair,
        stretch=values.stretch,
        reading=values.reading,
        nulls=shown.nulls,
        intervals=shown.intervals,
        mask=values.mask,
    )
    cells = figure.data[0]
    clickable_chart(
        figure,
        key="heatmap",
        alt=f"Heatmap of {title_of(result)}: {grid_shape[0]} layers of {result.model_a} by "
        f"{grid_shape[1]} layers of {result.model_b}",
        height_px=HEIGHT_PX,
        selected=pair,
        on_cell=partial(select_clicked_cell, "heatmap", grid_shape),
        grid_shape=grid_shape,
        preview=thumbnail(cells.z, pair, domain=(cells.zmin, cells.zmax)),
    )


def select_clicked_cell(key: str, grid_shape: tuple[int, int]) -> None:
    """Take the clicked cell of a chart for the layer pair; runs before the page."""
    cell = clicked_cell(key, grid_shape)
    if cell is not None:
        st.session_state["la"], st.session_state["lb"] = cell
