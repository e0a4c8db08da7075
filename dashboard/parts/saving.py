"""Keep a view on the server, under a name."""

import streamlit as st

from dashboard import access, loading, selection
from dashboard.parts import messages, sharing
from pipeline.errors import LayerScopeError
from pipeline.saved_views import LONGEST_NAME, LONGEST_NOTE


def save(page: str, parameters: selection.Parameters) -> None:
    """Show the form that saves what a page shows; a bundle is not saved into."""
    if loading.bundle() is not None:
        return
    with st.popover("Save view", icon=":material/bookmark_add:"):
        with st.form("save-view", border=False, clear_on_submit=True):
            name = st.text_input("Name", max_chars=LONGEST_NAME)
            note = st.text_area("Note", max_chars=LONGEST_NOTE, placeholder="what is to be seen")
            refusal = access.why_not("save a view")
            wanted = st.form_submit_button("Save", disabled=refusal is not None, help=refusal)
        if wanted:
            _save(page, name, note, parameters)
        sharing.page_link("views", "Saved views", ":material/bookmarks:", {})


def _save(page: str, name: str, note: str, parameters: selection.Parameters) -> None:
    try:
        view = loading.save_view(page, name, note, selection.with_schema(parameters))
    except LayerScopeError as problem:
        messages.refusal(problem)
        return
    messages.success(f"{view.name} is saved")
