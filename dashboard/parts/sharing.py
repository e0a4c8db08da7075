"""Take a view away: as a link, or as numbers with their provenance."""

import streamlit as st

from dashboard import selection
from dashboard.components.address import address
from pipeline.analyses.cell_nulls import CellNulls
from pipeline.similarity.export import as_csv, as_json
from pipeline.similarity.result import SimilarityResult

FIRST_PAGE = "compare"


def copy_link(parameters: selection.Parameters) -> None:
    """Show a link that writes every setting of the view."""
    with st.popover("Copy link", icon=":material/link:"):
        st.code(selection.link(parameters), language=None, wrap_lines=True)


def page_link(name: str, label: str, icon: str, parameters: selection.Parameters) -> None:
    """Link to another page that shows the same comparison, in a tab of its own.

    In the same tab, what the browser's session remembers of that page's widgets would win over
    the link.
    """
    st.link_button(label, selection.link(parameters, page_address(name)), icon=icon)


def page_address(name: str) -> str:
    """Return where a page is; the first one has no other address than the app's own."""
    return address("" if name == FIRST_PAGE else name)


def download(result: SimilarityResult, nulls: CellNulls | None = None) -> None:
    """Offer the numbers as CSV and JSON; made when asked for."""
    parts = (result.measure, result.model_a, result.model_b, result.estimator)
    name = "_".join(part for part in parts if part).replace(":", "-")
    more = {} if nulls is None else nulls.tables()
    with st.popover("Export", icon=":material/download:"):
        st.download_button(
            "CSV, one line a pair of layers",
            lambda: as_csv(result, more),
            f"{name}.csv",
            "text/csv",
            on_click="ignore",
            width="stretch",
        )
        st.download_button(
            "JSON, with provenance",
            lambda: as_json(result, more),
            f"{name}.json",
            "application/json",
            on_click="ignore",
            width="stretch",
        )
