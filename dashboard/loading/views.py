"""The views that people saved on this server."""

import streamlit as st

from dashboard import access
from dashboard.access import visitor
from pipeline.link_parameters import Parameters
from pipeline.saved_views import SavedView, SavedViews, open_saved_views

MOST_LISTED = 100


@st.cache_resource
def _views() -> SavedViews:
    return open_saved_views()


def save_view(page: str, name: str, note: str, parameters: Parameters) -> SavedView:
    """Keep a view under a name.

    Raises
    ------
    RightsError
        If whoever looks at the page may not save views.
    """
    access.require("save a view")
    return _views().save(page, name, note, parameters, visitor())


def saved_view(view_id: int) -> SavedView:
    """Return a saved view."""
    return _views().find(view_id)


def search_views(text: str) -> tuple[list[SavedView], int]:
    """Return the latest views that hold a text, and how many there are in all."""
    return _views().search(text, MOST_LISTED)


def may_change(view: SavedView) -> bool:
    """Return whether the visitor may change a view."""
    return access.why_not("save a view") is None and view.may_be_changed_by(visitor())


def change_view(view: SavedView, name: str, note: str) -> SavedView:
    """Rename and annotate a view."""
    access.require("save a view")
    return _views().change(view.id, name, note, visitor())


def delete_view(view: SavedView) -> None:
    """Delete a view."""
    access.require("save a view")
    _views().delete(view.id, visitor())
