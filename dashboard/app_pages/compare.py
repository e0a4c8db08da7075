"""Compare: where, layer by layer, do two models agree on the same spoken words?"""

from functools import partial

import streamlit as st

from dashboard import loading, selection
from dashboard.charts import similarity_heatmap
from dashboard.components.plotly_chart import clickable_chart, clicked_cell
from dashboard.parts import comparison_status, layer_pair, messages, page, sharing
from pipeline.demonstration import DEFAULT_REQUEST
from pipeline.errors import LayerScopeError
from pipeline.planning import fitting_warnings
from pipeline.request import ComparisonRequest
from pipeline.similarity.measure import title_of
from pipeline.similarity.result import Estimator, SimilarityResult

HEATMAP_HEIGHT_PX = 470


def choose_request() -> ComparisonRequest:
    """Show what is compared with what, and how."""
    grid = st.grid(4, min_column_width=190, vertical_alignment="bottom")
    corpus, settings, model_a, model_b = (grid.cell() for _ in range(4))
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
    return ComparisonRequest(corpus_name, a, b, settings=chosen)


def select_clicked_cell(grid_shape: tuple[int, int]) -> None:
    """Take the clicked cell for the layer pair; runs before the page."""
    cell = clicked_cell("heatmap", grid_shape)
    if cell is not None:
        st.session_state["la"], st.session_state["lb"] = cell


def choose_values() -> tuple[Estimator, bool]:
    """Show the switches of the heatmap."""
    title, switches = st.columns([1, 1.4], vertical_alignment="center")
    title.subheader("Layer similarity")
    with switches.container(horizontal=True, horizontal_alignment="right"):
        estimator = st.segmented_control(
            "Estimator",
            ["Debiased", "Biased"],
            default="Debiased",
            required=True,
            key="estimator",
            bind="query-params",
            label_visibility="collapsed",
            help="Biased CKA rises with the number of dimensions; debiased is 0 by chance.",
        )
        stretch = st.toggle("Stretch", key="stretch", bind="query-params")
    return ("biased" if estimator == "Biased" else "debiased"), stretch


def show_heatmap(result: SimilarityResult, view: selection.CompareView) -> None:
    """Show the layers of A against the layers of B."""
    pair = (view.layer_a, view.layer_b)
    grid_shape = (len(result.layer_names_a), len(result.layer_names_b))
    clickable_chart(
        similarity_heatmap(result, selected=pair, stretch=view.stretch),
        key="heatmap",
        alt=f"Heatmap of {title_of(result)}: {len(result.layer_names_a)} layers of "
        f"{result.model_a} by {len(result.layer_names_b)} layers of {result.model_b}",
        height_px=HEATMAP_HEIGHT_PX,
        selected=pair,
        on_cell=partial(select_clicked_cell, grid_shape),
        grid_shape=grid_shape,
    )
    counts, title = result.counts, title_of(result)
    st.caption(
        f"{title[0].upper()}{title[1:]} over {counts.rows:,} tokens of "
        f"{counts.types:,} types by {counts.speakers} speakers; {counts.left_out:,} words left "
        "out. Click a cell or use the arrow keys."
    )


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
        estimator, stretch = choose_values()
        result = loading.result(request, estimator)
        if result is None:
            st.skeleton(height=HEATMAP_HEIGHT_PX)
            return
        view = selection.CompareView(request, estimator, a, b, stretch)
        show_heatmap(result, view)
    with details:
        layer_pair.show(result, a, b)
    with actions:
        sharing.copy_link(view.parameters())
        sharing.download(result)


actions = page.heading("Compare")
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
        messages.empty(
            "Not computed yet",
            f"{now.total - now.done:,} word embeddings are missing. Compute runs beside the page: "
            "you can close it and come back.",
            ":material/grid_on:",
        )
except LayerScopeError as problem:
    messages.error(problem)
