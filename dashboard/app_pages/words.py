"""Words: which words are behind one pair of layers, and how either model sees them."""

from collections.abc import Callable, Mapping

import streamlit as st

from dashboard import selection
from dashboard.parts import (
    comparison_status,
    messages,
    page,
    question,
    retrieval_examples,
    row_curve,
    saving,
    sharing,
    word_map,
    word_neighbours,
    word_shares,
)
from pipeline.errors import LayerScopeError
from pipeline.request import ComparisonRequest

SUBJECTS: Mapping[str, Callable[[ComparisonRequest, tuple[int, int]], None]] = {
    "Shares": word_shares.show,
    "Neighbours": word_neighbours.show,
    "Map": word_map.show,
    "Curve": row_curve.show,
    "Retrieval": retrieval_examples.show,
}

actions = page.heading("Words")
try:
    with st.container(border=True, key="question"):
        asked = question.choose()
        layers = question.choose_layers(asked)
        now = comparison_status.show(asked)
    if now.has_result:
        subject = selection.choose_subject(list(SUBJECTS))
        with st.container(border=True, key="told"):
            SUBJECTS[subject](asked, layers)
        view = selection.WordsView(asked, layers, subject, selection.words_parameters())
        with actions:
            sharing.page_link(
                "compare", "The heatmap", ":material/grid_on:", view.comparison_parameters()
            )
            saving.save("words", view.parameters())
            sharing.copy_link(view.parameters())
    elif not now.is_busy:
        comparison_status.show_missing(now)
except LayerScopeError as problem:
    messages.error(problem)
