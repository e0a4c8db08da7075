"""Compare: where, layer by layer, do two models agree on the same spoken words?"""

import streamlit as st

from dashboard import loading, selection
from dashboard.parts import (
    best_layers,
    calibration,
    comparison_status,
    export,
    guide,
    layer_pair,
    messages,
    page,
    question,
    saving,
    sharing,
    similarity,
)
from pipeline.errors import LayerScopeError
from pipeline.request import ComparisonRequest


def show_comparison(request: ComparisonRequest) -> None:
    """Show the heatmap, and beside it the selected pair of layers."""
    # Side by side where there is room, one below the other where there is not.
    grid = st.grid(5, min_column_width=165)
    left, right = grid.cell(column_span=3), grid.cell(column_span=2)
    with right.container(border=True, key="pair"):
        heading = st.container()
        a, b = question.choose_layers(request)
        heading.header(f"Layer {a} × layer {b}")
        details = st.container()
    with left.container(border=True, key="similarity"):
        shown = similarity.show(request, a, b)
    if shown is None:
        return
    parameters = selection.CompareView(request, shown.values, a, b).parameters()
    with details:
        layer_pair.show(shown.result, a, b, shown.intervals)
        if request.measure == "cka":
            asked_of_all = similarity.analysed(request, "intervals", shown.values)
            best_layers.show(asked_of_all, shown.intervals, a, b)
            calibration.show(similarity.analysed(request, "calibration", shown.values, (a, b)))
        sharing.page_link("words", "The words behind it", ":material/match_word:", parameters)
    with actions:
        sharing.page_link(
            "beside",
            "Side by side",
            ":material/view_column:",
            selection.beside_parameters(request),
        )
        saving.save("compare", parameters)
        sharing.copy_link(parameters)
        export.show(shown.of(request))


actions = page.heading("Compare")
if loading.bundle() is None:
    with actions:
        selection.choose_preset()
guide.show()
try:
    with st.container(border=True, key="question"):
        asked = question.choose()
        now = comparison_status.show(asked)
    if now.has_result or now.is_busy:
        show_comparison(asked)
    else:
        comparison_status.show_missing(now)
except LayerScopeError as problem:
    messages.error(problem)
