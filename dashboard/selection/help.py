"""What the page Help shows: a topic, and what its illustrations are set to."""

from collections.abc import Sequence

import streamlit as st

from dashboard.selection.bound import widget_parameters
from dashboard.selection.views import Parameters

_WORDS, _DIMS, _CAP = "demo_words", "demo_dims", "demo_cap"


def choose_size(words: Sequence[int], dims: Sequence[int]) -> tuple[int, int]:
    """Show how many words and dimensions two unrelated layers have."""
    left, right = st.columns(2)
    with left:
        chosen_words = _slider("Words", words, 100, key=_WORDS)
    with right:
        chosen_dims = _slider("Dimensions", dims, 512, key=_DIMS)
    return chosen_words, chosen_dims


def choose_cap(caps: Sequence[int]) -> int:
    """Show how often a word may come."""
    return _slider("Tokens of a word type at most", caps, caps[-1], key=_CAP)


def _slider(label: str, values: Sequence[int], value: int, *, key: str) -> int:
    return st.select_slider(label, values, value=value, key=key, bind="query-params")


def help_parameters(topic: str) -> Parameters:
    """Return every query parameter of a topic, as its widgets stand."""
    return {"topic": topic, **widget_parameters((_WORDS, _DIMS, _CAP))}
