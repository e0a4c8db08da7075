"""Which corpus, which models and which of their layers."""

from collections.abc import Sequence

import streamlit as st

from dashboard.plain_text import as_plain
from dashboard.selection.bound import bound_number
from pipeline.models.spec import ModelSpec


def choose_corpus(names: Sequence[str]) -> str:
    """Show the corpus selector."""
    return st.selectbox("Corpus", names, key="corpus", bind="query-params")


def choose_model(label: str, names: Sequence[str], *, key: str, default: str) -> str:
    """Show a model selector; it begins with `default` where that is among the names."""
    first = list(names).index(default) if default in names else 0
    return st.selectbox(label, names, index=first, key=key, bind="query-params")


def choose_layer(spec: ModelSpec, *, key: str, label: str) -> int:
    """Show a layer selector, with the layer's name beneath."""
    last = len(spec.layer_names) - 1
    # A layer chosen for another model may not exist in this one.
    if st.session_state.get(key, 0) > last:
        st.session_state[key] = last
    layer = st.number_input(
        label, min_value=0, max_value=last, step=1, key=key, bind=bound_number(key)
    )
    st.caption(as_plain(spec.layer_names[int(layer)]))
    return int(layer)
