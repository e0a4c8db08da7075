"""What the page Overview shows: which comparisons in which order, and which pair of the map."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from dashboard.selection.bound import side_by_side, widget_parameters
from dashboard.selection.values import ShownValues
from dashboard.selection.views import CompareView, Parameters, has_widgets
from pipeline.cached_results import CachedComparison, Order

OVERVIEW_TABS = {"Comparisons": ("holds", "order", "spread"), "Models": ("within",)}
ORDERS: dict[str, Order] = {
    "Newest": "newest",
    "Best agreement": "best agreement",
    "Models": "models",
}
# Of the map's pair: a click sets them, and no widget.
_PAIR = ("one", "other")


@dataclass(frozen=True)
class ComparisonList:
    """Which comparisons are listed, and how.

    Attributes
    ----------
    text : str
        What their names and settings hold.
    order : {"newest", "best agreement", "models"}
    stretch : bool
        Whether the colours of each span the values that it has, instead of 0 to 1.
    """

    text: str = ""
    order: Order = "newest"
    stretch: bool = False


def choose_list() -> ComparisonList:
    """Show by what comparisons are searched, in which order, and how they are coloured."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            "Search",
            key="holds",
            bind="query-params",
            placeholder="a model, a corpus, a setting, a measure",
            width=320,
        )
        order = side_by_side(
            "Order", list(ORDERS), key="order", help_="Best agreement: the highest cell first."
        )
        stretch = st.toggle(
            "Stretch",
            key="spread",
            bind="query-params",
            help="Each heatmap's colours span its own values; else 0 to 1, so that they compare.",
        )
    return ComparisonList(text, ORDERS[order], stretch)


def choose_setting(settings: Sequence[str]) -> str:
    """Show within which setting models are compared."""
    return st.selectbox(
        "Within",
        settings,
        key="within",
        bind="query-params",
        help="Corpus, alignment settings and rows: models compare only if all of them are equal.",
    )


def selected_pair(models: Sequence[str]) -> tuple[int, int] | None:
    """Return the places of the two models that the address names, None if it does not."""
    one, other = (st.query_params.get(name) for name in _PAIR)
    if one not in models or other not in models:
        return None
    return models.index(one), models.index(other)


def select_pair(one: str, other: str) -> None:
    """Take two models into the address; runs before the page."""
    st.query_params.update(dict(zip(_PAIR, (one, other), strict=True)))


def overview_parameters(tab: str) -> Parameters:
    """Return every query parameter of a tab, as its widgets stand."""
    pair = {name: st.query_params[name] for name in _PAIR if name in st.query_params}
    return {
        "view": tab,
        **widget_parameters(OVERVIEW_TABS[tab]),
        **(pair if tab == "Models" else {}),
    }


def view_of_cached(found: CachedComparison, *, stretch: bool = False) -> CompareView | None:
    """Return the view of a comparison at its best cell, None where no page shows just that."""
    if not has_widgets(found.request):
        return None
    return CompareView(found.request, ShownValues(stretch=stretch), *(found.best or (0, 0)))
