"""What is compared with what, and how: the head of every page about a comparison."""

import streamlit as st

from dashboard import loading, selection
from dashboard.parts import bundled, messages
from pipeline.planning import fitting_warnings
from pipeline.request import ComparisonRequest


def choose() -> ComparisonRequest:
    """Show the widgets of a comparison, and where its settings do not fit a model."""
    bundled.begin("compare", "words", "measures")
    first = loading.first_request()
    grid = st.grid(3, min_column_width=190, vertical_alignment="bottom")
    corpus, model_a, model_b, settings, rows, measure = (grid.cell() for _ in range(6))
    names = loading.all_model_names()
    with corpus:
        corpus_name = selection.choose_corpus(loading.corpus_names())
    with model_a:
        a = selection.choose_model("Model A (rows)", names, key="a", default=first.model_a)
    with model_b:
        b = selection.choose_model("Model B (columns)", names, key="b", default=first.model_b)
    with settings:
        chosen = selection.choose_settings([loading.model(a), loading.model(b)])
    with rows:
        people = loading.people(corpus_name)
        compared = selection.choose_rows(people.sexes, people.speakers)
    with measure:
        by = selection.choose_measure()
    messages.notes(
        warning
        for name in {a: None, b: None}
        for warning in fitting_warnings(loading.model(name), chosen)
    )
    return ComparisonRequest(corpus_name, a, b, settings=chosen, rows=compared, measure=by)


def choose_layers(request: ComparisonRequest) -> tuple[int, int]:
    """Show the selectors of a pair of layers."""
    layer_a, layer_b = st.columns(2)
    with layer_a:
        a = selection.choose_layer(loading.model(request.model_a), key="la", label="Layer of A")
    with layer_b:
        b = selection.choose_layer(loading.model(request.model_b), key="lb", label="Layer of B")
    return a, b
