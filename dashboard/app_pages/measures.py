"""Measures: do other measures of similarity see in two models what the chosen one sees?"""

import streamlit as st

from dashboard import loading, selection
from dashboard.parts import comparison_status, measures, messages, page, question, sharing
from pipeline.errors import LayerScopeError

actions = page.heading("Measures")
try:
    with st.container(border=True, key="question"):
        asked = question.choose()
        layers = question.choose_layers(asked)
        now = comparison_status.show(asked)
    if not any(coverage.missing for _, coverage in now.coverages):
        results, missing = loading.results_by_measure(asked)
        if missing:
            measures.show_missing(asked, missing)
        if results:
            measures.show(results, layers)
        parameters = selection.CompareView(asked, selection.ShownValues(), *layers).parameters()
        with actions:
            sharing.page_link("compare", "The heatmap", ":material/grid_on:", parameters)
            sharing.copy_link(parameters)
    elif not now.is_busy:
        comparison_status.show_missing(now)
except LayerScopeError as problem:
    messages.error(problem)
