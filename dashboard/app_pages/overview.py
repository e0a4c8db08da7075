"""Overview: which comparisons are there, and which models agree best?"""

import streamlit as st

from dashboard import loading, selection
from dashboard.parts import comparison_cards, messages, model_map, page, sharing
from pipeline.cached_results import CachedComparison, search


def show_comparisons(found: tuple[CachedComparison, ...]) -> None:
    """Show a search over all comparisons, and what it finds."""
    wanted = selection.choose_list()
    listed = search(found, wanted.text, wanted.order)
    if listed:
        comparison_cards.show(listed, stretch=wanted.stretch)
    else:
        st.caption("No comparison fits; search for less.")


def show_models(found: tuple[CachedComparison, ...]) -> None:
    """Show which models agree best."""
    if any(each.request.measure == "cka" for each in found):
        model_map.show(found)
    else:
        st.caption("The map is of linear CKA, by which nothing is compared yet.")


actions = page.heading("Overview")
comparisons, left_out = loading.listed_comparisons()
if not comparisons:
    messages.empty(
        "Nothing computed yet",
        "Every comparison that has been computed stands here, to be found again.",
        ":material/dashboard:",
    )
    st.page_link("app_pages/compare.py", label="Compare two models", icon=":material/grid_on:")
else:
    tabs = st.tabs(list(selection.OVERVIEW_TABS), key="view", bind="query-params")
    shows = (show_comparisons, show_models)
    for title, tab, show in zip(selection.OVERVIEW_TABS, tabs, shows, strict=True):
        if not tab.open:
            continue
        with tab:
            show(comparisons)
        with actions:
            sharing.copy_link(selection.overview_parameters(title))
if left_out:
    st.caption(f"{left_out:,} records of earlier versions, or damaged ones, are not shown.")
