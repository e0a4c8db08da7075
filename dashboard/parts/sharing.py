"""Take a view away as a link."""

import streamlit as st

from dashboard import selection
from dashboard.components.address import address

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
