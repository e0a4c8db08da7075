"""The least that Streamlit shows: two pages, a heading and a button each."""

import streamlit as st


def first() -> None:
    """Show a heading and count clicks."""
    st.title("First")
    clicks = st.session_state.setdefault("clicks", 0) + st.button("Click")
    st.session_state["clicks"] = clicks
    st.subheader(f"Clicked {clicks}")


def second() -> None:
    """Show a heading."""
    st.title("Second")


st.navigation([st.Page(first, title="First"), st.Page(second, title="Second")]).run()
