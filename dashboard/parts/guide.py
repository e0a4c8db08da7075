"""The guide of the page Compare: what its parts are for, in four steps."""

import streamlit as st

from dashboard.components.guide import Step, guide, was_closed
from dashboard.parts import sharing

STEPS = (
    Step("New here?", "Four short steps show what this page is for."),
    Step(
        "Ask.",
        "Choose a corpus and two models. The settings say how a word's frames become one vector, "
        "and which words are compared.",
        ".st-key-question",
    ),
    Step(
        "Compute.",
        "What is cached shows at once. What is missing is computed beside the page, with its "
        "progress: you can close the page and come back.",
        ".st-key-compute",
    ),
    Step(
        "Read the heatmap.",
        "A cell is one layer of A against one of B. Click it, or use the arrow keys: its value, "
        "its chance level and z stand beside the map.",
        ".st-key-similarity",
    ),
    Step(
        "Look behind it.",
        "Words tells why two layers are alike; Alignments lets you see and hear each word's "
        "frames. Help says what CKA is and is not.",
        "[data-testid=stSidebarNavLink]:is([href$='/words'], [href$='/alignments'])",
    ),
)
_CLOSED, _AGAIN = "guide_closed", "guide"


def show() -> None:
    """Show the guide to who has not closed it, or asks for it again by the address."""
    again = _AGAIN in st.query_params
    if st.session_state.get(_CLOSED) or (was_closed() and not again):
        return
    guide(STEPS, key="tour", again=again, on_close=close)


def close() -> None:
    """Leave the guide out from now on; runs before the page."""
    st.session_state[_CLOSED] = True
    if _AGAIN in st.query_params:
        del st.query_params[_AGAIN]


def link_to_it() -> None:
    """Link to the page with its guide, closed or not, in a tab of its own."""
    sharing.page_link("compare", "Show the guide", ":material/tour:", {_AGAIN: "again"})
