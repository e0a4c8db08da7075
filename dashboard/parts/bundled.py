"""What a page says where a bundle is shown: what it holds, and that this is not in it."""

import streamlit as st

from dashboard import loading, selection
from dashboard.parts import messages, sharing


def begin(*pages: str) -> None:
    """Begin with the bundle's first view of one of these pages where the address tells nothing.

    Without one, with the corpus and the settings of its first view. Before the page's widgets: they
    take it from the address.
    """
    shown = loading.bundle()
    if shown is None or "corpus" in st.session_state or st.query_params:
        return
    told = next((view.parameters for view in shown.views if view.page in pages), None)
    if told is None:
        told = selection.comparison_parameters(loading.first_request())
    st.query_params.from_dict(selection.with_schema(dict(told)))
    # Widgets begin with what the address said when the run began.
    st.rerun()


def show_without_sound() -> None:
    """Say that a recording cannot be heard."""
    st.caption(":material/volume_off: The sound of this recording is not in this bundle.")


def show_absent() -> None:
    """Say that a comparison is not in the bundle, and where its views are."""
    shown = loading.bundle()
    if shown is not None:
        messages.empty("Not in this bundle", shown.said, ":material/inventory_2:")
        sharing.page_link("views", "Its views", ":material/bookmarks:", {})
