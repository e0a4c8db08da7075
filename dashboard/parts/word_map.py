"""The same words in the plane by A and by B; a word that is chosen in one is marked in both."""

import streamlit as st

from dashboard.charts import word_maps
from dashboard.components.plotly_chart import clickable_chart, clicked_cell
from dashboard.parts import cell_analysis, token_table
from dashboard.selection.bound import number_below, side_by_side
from pipeline.analyses.named_rows import each_row
from pipeline.analyses.row_map import RowMap
from pipeline.request import ComparisonRequest

HEIGHT_PX = 460


def show(request: ComparisonRequest, layers: tuple[int, int]) -> None:
    """Show both maps, and the chosen word."""
    method = side_by_side(
        "Method",
        ["PCA", "UMAP"],
        key="method",
        help_="The first two principal components at once, or UMAP in background when asked for.",
    )
    found: RowMap | None = cell_analysis.found(
        request,
        "map",
        layers,
        "Draw the map",
        {"method": method.lower()},
        by_itself=method == "PCA",
    )
    if found is None:
        return
    chosen = _chosen(len(found.words))
    clickable_chart(
        word_maps(found, (request.model_a, request.model_b), chosen),
        key="map",
        alt="The same words in the plane by either model",
        height_px=HEIGHT_PX,
        on_cell=lambda: _choose(len(found.words)),
    )
    if found.sampled_from > len(found.words):
        st.caption(f"A sample of {len(found.words):,} of {found.sampled_from:,} rows.")
    if chosen is None:
        st.caption("Click a word to mark it in both, and to hear it.")
    else:
        token = list(each_row(found))[chosen]
        st.text(f"{token['word']}, {token['speaker']}, {token['utterance']}")
        token_table.play(request, token)


def _chosen(rows: int) -> int | None:
    return number_below(rows, st.query_params.get("row", ""))


def _choose(rows: int) -> None:
    """Take the clicked word into the address; runs before the page."""
    cell = clicked_cell("map", (rows, 1))
    if cell is not None:
        st.query_params["row"] = str(cell[0])
