"""The numbers of Help, which are computed once, and how LayerScope is cited."""

import streamlit as st

from pipeline.citation import Citation, read_citation
from pipeline.similarity import illustrations
from pipeline.similarity.illustrations import RepeatedWords, Unrelated


@st.cache_resource(max_entries=16, show_spinner="Drawing random layers")
def unrelated_layers(rows: int, seed: int) -> tuple[Unrelated, ...]:
    """Return CKA of unrelated layers of so many rows, over their dimensions."""
    return illustrations.unrelated_layers(rows, seed)


@st.cache_resource(show_spinner="Drawing random tables")
def repeated_words() -> tuple[RepeatedWords, ...]:
    """Return CKA of two random tables on words that repeat, over how often one may come."""
    return illustrations.repeated_words()


@st.cache_resource(show_spinner=False)
def citation() -> Citation | None:
    """Return how LayerScope is cited; None where its file is not installed."""
    return read_citation()
