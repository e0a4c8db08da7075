"""Compare: where, layer by layer, do two models agree on the same spoken words?"""

import streamlit as st

from dashboard import loading, selection
from dashboard.parts import calibration, comparison_status, layer_pair, messages, page, sharing
from dashboard.parts import similarity as heatmap
from pipeline.demonstration import DEFAULT_REQUEST
from pipeline.errors import LayerScopeError
from pipeline.planning import fitting_warnings
from pipeline.request import ComparisonRequest


def choose_request() -> ComparisonRequest:
    """Show what is compared with what, and how."""
    grid = st.grid(3, min_column_width=190, vertical_alignment="bottom")
    corpus, model_a, model_b, settings, rows, measure = (grid.cell() for _ in range(6))
    names = loading.all_model_names()
    with corpus:
        corpus_name = selection.choose_corpus(loading.corpus_names())
    with model_a:
        a = selection.choose_model(
            "Model A (rows)", names, key="a", default=DEFAULT_REQUEST.model_a
        )
    with model_b:
        b = selection.choose_model(
            "Model B (columns)", names, key="b", default=DEFAULT_REQUEST.model_b
        )
    with settings:
        chosen = selection.choose_settings([loading.model(a), loading.model(b)])
    with rows:
        people = loading.people(corpus_name)
        compared = selection.choose_rows(people.sexes, people.speakers)
    with measure:
        by = selection.choose_measure()
    return ComparisonRequest(corpus_name, a, b, settings=chosen, rows=compared, measure=by)


def show_comparison(request: ComparisonRequest) -> None:
    """Show the heatmap, and beside it the selected pair of layers."""
    # Side by side where there is room, one below the other where there is not.
    grid = st.grid(5, min_column_width=165)
    left, right = grid.cell(column_span=3), grid.cell(column_span=2)
    with right.container(border=True, key="pair"):
        heading = st.container()
        layer_a, layer_b = st.columns(2)
        with layer_a:
            a = selection.choose_layer(loading.model(request.model_a), key="la", label="Layer of A")
        with layer_b:
            b = selection.choose_layer(loading.model(request.model_b), key="lb", label="Layer of B")
        heading.subheader(f"Layer {a} × layer {b}")
        details = st.container()
    with left.container(border=True, key="similarity"):
        shown = heatmap.show(request, a, b)
    if shown is None:
        return
    result, nulls, values = shown
    with details:
        layer_pair.show(result, a, b)
        if request.measure == "cka":
            calibration.show(heatmap.analysed(request, "calibration", values, (a, b)))
    with actions:
        sharing.copy_link(selection.CompareView(request, values, a, b).parameters())
        sharing.download(result, nulls)


actions = page.heading("Compare")
with actions:
    selection.choose_preset()
try:
    with st.container(border=True, key="question"):
        asked = choose_request()
        messages.notes(
            warning
            for name in {asked.model_a: None, asked.model_b: None}
            for warning in fitting_warnings(loading.model(name), asked.settings)
        )
        now = comparison_status.show(asked)
    if now.has_result or now.is_busy:
        show_comparison(asked)
    else:
        missing = now.total - now.done
        messages.empty(
            "Not computed yet",
            f"{missing:,} word embeddings are missing. Compute runs beside the page: you can close "
            "it and come back."
            if missing
            else "All word embeddings are there; only the comparison is missing.",
            ":material/grid_on:",
        )
except LayerScopeError as problem:
    messages.error(problem)
