"""Comparisons as cards: a small heatmap, what it is of, its best cell, and the way to it."""

from collections.abc import Sequence

import streamlit as st

from dashboard import loading, selection
from dashboard.charts import thumbnail
from dashboard.charts.base import number_text
from dashboard.parts import sharing
from dashboard.parts.quantities import moment
from dashboard.plain_text import as_plain
from pipeline.cached_results import CachedComparison
from pipeline.similarity.colour_scale import colour_domain

AT_ONCE = 24
_SHOWN = "cards_shown"


def show(found: Sequence[CachedComparison], *, stretch: bool) -> None:
    """Show a card for each comparison, the first ones at once and more on request."""
    shown = st.session_state.get(_SHOWN, AT_ONCE)
    grid = st.grid(8, min_column_width=230)
    for each in found[:shown]:
        with grid.container(border=True, height="stretch", gap="xsmall"):
            show_card(each, stretch=stretch)
    if len(found) > shown:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button("Show more", on_click=_show_more, args=(shown,), key="more")
            st.caption(f"{shown:,} of {len(found):,} are shown.", width="content")


def _show_more(shown: int) -> None:
    """Show as many again; runs before the page."""
    st.session_state[_SHOWN] = shown + AT_ONCE


def show_card(found: CachedComparison, *, stretch: bool) -> None:
    """Show a comparison."""
    request = found.request
    link = _link(found, stretch=stretch)
    st.image(
        thumbnail(found.scores, found.best, domain=colour_domain(found.scores, stretch=stretch)),
        width="stretch",
        link=link,
        alt=f"{found.title} of {request.model_a} and {request.model_b}, layer by layer",
    )
    a, b = map(as_plain, found.models)
    st.markdown(f"**{a} × {b}**" if link is None else f"**[{a} × {b}]({link})**")
    st.markdown(best_text(found))
    st.caption("  \n".join(map(as_plain, facts(found, stretch=stretch))))
    if link is None:
        st.caption(":material/terminal: From the command line; no page shows just that.")


def best_text(found: CachedComparison) -> str:
    """Say how well the best pair of layers agrees, as Markdown."""
    if found.best is None:
        return ":gray[No cell has a value]"
    layer_a, layer_b = found.best
    return f"{number_text(found.maximum, digits=3)} :gray[at layer {layer_a} × layer {layer_b}]"


def facts(found: CachedComparison, *, stretch: bool) -> list[str]:
    """Return what a comparison is over, of how many words, and from when."""
    counts, at = found.counts, moment(found.stored_at_s)
    rows = f"{counts.rows:,} rows of {counts.tokens:,} tokens"
    over = f"{counts.tokens:,} tokens" if counts.rows == counts.tokens else rows
    said = [
        f"{found.title[0].upper()}{found.title[1:]}",
        found.setting,
        f"{over}, {counts.types:,} types, {counts.speakers:,} speakers",
    ]
    if stretch:
        low, high = colour_domain(found.scores, stretch=True)
        said.append(f"Colours from {low:g} to {high:g}")
    if at is not None:
        said.append(f"{at:%Y-%m-%d %H:%M}")
    if not loading.is_current(found):
        said.append("A model has changed since, or is gone")
    return said


def _link(found: CachedComparison, *, stretch: bool) -> str | None:
    """Return the address of a comparison's page, None where none shows just that."""
    view = selection.view_of_cached(found, stretch=stretch)
    if view is None or not loading.is_offered(found.request.corpus, *found.models):
        return None
    return selection.link(view.parameters(), sharing.page_address("compare"))
