"""The saved views: a table of them, and all of one, which can be opened, renamed and deleted."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import streamlit as st

from dashboard import loading, selection
from dashboard.parts import messages, sharing
from dashboard.parts.quantities import clock, moment
from pipeline.errors import LayerScopeError
from pipeline.saved_views import LONGEST_NAME, LONGEST_NOTE, SavedView

_MODELS = ("a", "b", "model", "model2")


def show_list() -> None:
    """Show a search field, and the views that it finds, the latest first."""
    text = selection.search_saved()
    views, count = loading.search_views(text)
    if views:
        _show_table(views, selection.selected_view())
        if count > len(views):
            st.caption(f"The latest {len(views)} of {count:,}; search for the others.")
    elif text:
        st.caption("No saved view holds this text; search for less.")
    else:
        messages.empty(
            "No saved views yet",
            "Save view, on Compare, Words and Alignments, keeps what the page shows, with a name "
            "and a note.",
            ":material/bookmarks:",
        )


def _show_table(views: Sequence[SavedView], selected: int | None) -> None:
    # A new table for a new list, so that no selected row comes to mean another view.
    key = f"saved-{hash(tuple((view.id, view.changed_at_s) for view in views))}-{selected}"
    chosen = [row for row, view in enumerate(views) if view.id == selected]
    st.dataframe(
        [_row(view) for view in views],
        hide_index=True,
        on_select=partial(_select, views, key),
        selection_mode="single-row",
        selection_default={"selection": {"rows": chosen}},
        key=key,
        column_config={
            "Saved": st.column_config.DatetimeColumn(format="MMM D, HH:mm"),
            "Name": st.column_config.TextColumn(width="medium"),
            "Note": st.column_config.TextColumn(width="large"),
        },
        alt="Saved views, the latest first: name, page, corpus, models, who saved it and when",
    )


def _row(view: SavedView) -> dict[str, Any]:
    told = view.parameters
    return {
        "Name": view.name,
        "Page": view.page.capitalize(),
        "Corpus": told.get("corpus", ""),
        "Models": " × ".join(str(told[key]) for key in _MODELS if key in told),
        "By": view.saved_by,
        "Saved": moment(view.changed_at_s),
        "Note": view.note,
    }


def _select(views: Sequence[SavedView], key: str) -> None:
    """Take the selected row's view into the address; runs before the page."""
    rows = st.session_state[key].selection.rows
    if rows:
        selection.select_view(views[rows[0]])


def show_view(view_id: int) -> None:
    """Show a view's name and note, and what can be done with it."""
    try:
        view = loading.saved_view(view_id)
    except LayerScopeError as problem:
        messages.error(problem)
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.text(view.name, width="stretch")
        parameters = selection.saved_parameters(view)
        sharing.page_link(view.page, "Open", ":material/open_in_new:", parameters)
    if view.note:
        st.text(view.note)
    st.caption(f"Saved on {clock(view.saved_at_s)}")
    if loading.bundle() is not None:
        return
    if not loading.may_change(view):
        st.text(f"Saved by {view.saved_by}, who may change it.")
        return
    with st.container(horizontal=True):
        _edit(view)
        with st.popover("Delete", icon=":material/delete:"):
            st.text("The view is deleted for everybody.")
            st.button("Delete it", on_click=_delete, args=(view,), key="delete-view")


def _edit(view: SavedView) -> None:
    with st.popover("Edit", icon=":material/edit:"):
        # A form of its own for each state, so that it begins with what is saved.
        with st.form(f"edit-{view.id}-{view.changed_at_s}", border=False):
            name = st.text_input("Name", view.name, max_chars=LONGEST_NAME)
            note = st.text_area("Note", view.note, max_chars=LONGEST_NOTE)
            wanted = st.form_submit_button("Change")
        if wanted:
            try:
                loading.change_view(view, name, note)
            except LayerScopeError as problem:
                messages.refusal(problem)
                return
            st.rerun()


def _delete(view: SavedView) -> None:
    """Delete a view, and look at none; runs before the page."""
    try:
        loading.delete_view(view)
    except LayerScopeError:
        return  # it is gone, or no longer ours: the page says so
    selection.select_view(None)
