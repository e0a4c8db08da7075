"""Side by side: up to four comparisons on one scale, as lines, or as a difference."""

import streamlit as st

from dashboard import selection
from dashboard.parts import beside, beside_drawn, messages, page, sharing
from pipeline.errors import LayerScopeError

actions = page.heading("Side by side")
try:
    with st.container(border=True, key="chosen"):
        beside.choose()
        drawn, estimator, stretch = selection.choose_drawing()
    known, files = beside.found(estimator)
    panels = [*(each.panel for each in known), *files]
    if not panels:
        messages.empty(
            "Nothing to compare yet",
            "Add comparisons that are computed, or open a file of scores.",
            ":material/view_column:",
        )
    elif drawn == "Heatmaps":
        beside_drawn.show_heatmaps(known, files, stretch=stretch)
    else:
        with st.container(border=True, key="drawn-together"):
            show = beside_drawn.show_lines if drawn == "Lines" else beside_drawn.show_difference
            show(panels)
    view = selection.BesideView(selection.chosen_pairs(), drawn, estimator, stretch)
    with actions:
        sharing.copy_link(view.parameters())
except LayerScopeError as problem:
    messages.error(problem)
