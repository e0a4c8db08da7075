"""The head of a page: its title, and at the right what can be done with all of it."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator


def heading(title: str) -> DeltaGenerator:
    """Show a title, and return the container beside it for buttons."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.title(title, width="stretch")
        return st.container(horizontal=True, horizontal_alignment="right", width="content")
