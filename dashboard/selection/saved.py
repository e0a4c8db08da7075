"""Which saved view is looked at, and the link that opens it."""

import sys

import streamlit as st

from dashboard.selection.bound import number_below
from dashboard.selection.views import Parameters
from pipeline.saved_views import SavedView


def search_saved() -> str:
    """Show a search field for saved views."""
    return st.text_input(
        "Search",
        key="saved",
        bind="query-params",
        placeholder="a name, a note, a model, a corpus",
    )


def selected_view() -> int | None:
    """Return the number of the saved view that the address names."""
    return number_below(sys.maxsize, st.query_params.get("view", ""))


def select_view(view: SavedView | None) -> None:
    """Take a saved view into the address, or none; runs before the page."""
    if view is not None:
        st.query_params["view"] = str(view.id)
    elif "view" in st.query_params:
        del st.query_params["view"]


def saved_parameters(view: SavedView) -> Parameters:
    """Return the query parameters that a view was saved with, the number of their schema too."""
    return dict(view.parameters)
