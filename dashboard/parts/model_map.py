"""The map of models by models, and beside it the comparison behind the selected cell."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import streamlit as st

from dashboard import loading, selection
from dashboard.charts import agreement_map
from dashboard.components.plotly_chart import clickable_chart, clicked_cell
from dashboard.parts import comparison_cards, sharing
from dashboard.plain_text import as_plain
from pipeline.cached_results import AgreementMap, CachedComparison, best_agreements
from pipeline.request import ComparisonRequest

_ROW_PX, _AXES_PX, _LEAST_PX, _MOST_PX = 44, 150, 320, 900
_KEY = "model-map"


def show(comparisons: Sequence[CachedComparison]) -> None:
    """Show the map of a setting that is chosen from those of the comparisons.

    Parameters
    ----------
    comparisons : sequence of CachedComparison
        At least one of linear CKA; the newest first.
    """
    by_cka = [each for each in comparisons if each.request.measure == "cka"]
    settings = [setting for setting, _ in Counter(each.setting for each in by_cka).most_common()]
    # Side by side where there is room, one below the other where there is not.
    grid = st.grid(5, min_column_width=165)
    left, right = grid.cell(column_span=3), grid.cell(column_span=2)
    with left.container(border=True, key="map-card"):
        setting = selection.choose_setting(settings)
        within = [each for each in by_cka if each.setting == setting]
        found = best_agreements(within)
        pair = selection.selected_pair(found.models) or _first_pair(found)
        _show_map(found, pair)
    with right.container(border=True, key="pair-card"):
        _show_pair(found, pair, within[0].request)


def _first_pair(found: AgreementMap) -> tuple[int, int]:
    """Return the newest comparison's pair."""
    return next(iter(found.comparisons))


def _show_map(found: AgreementMap, pair: tuple[int, int]) -> None:
    count = len(found.models)
    clickable_chart(
        agreement_map(found, selected=pair),
        key=_KEY,
        alt=f"Map of {count} by {count} models: the highest debiased linear CKA of each two",
        height_px=min(max(_ROW_PX * count + _AXES_PX, _LEAST_PX), _MOST_PX),
        selected=pair,
        on_cell=partial(_select_clicked, found.models),
        grid_shape=(count, count),
    )
    st.caption(
        "The highest debiased linear CKA of all pairs of layers. Click a cell or use the arrow "
        "keys; a dash is not computed yet."
    )


def _select_clicked(models: tuple[str, ...]) -> None:
    """Take the clicked cell's models into the address; runs before the page."""
    cell = clicked_cell(_KEY, (len(models), len(models)))
    if cell is not None:
        selection.select_pair(*(models[place] for place in cell))


def _show_pair(found: AgreementMap, pair: tuple[int, int], like: ComparisonRequest) -> None:
    comparison = found.comparisons.get(pair)
    if comparison is not None:
        comparison_cards.show_card(comparison, stretch=False)
        return
    a, b = (found.models[place] for place in pair)
    st.markdown(f"**{as_plain(a)}** × **{as_plain(b)}**")
    st.caption("These two are not compared within this setting yet.")
    asked = replace(like, model_a=a, model_b=b)
    if selection.has_widgets(asked) and loading.is_offered(asked.corpus, a, b):
        view = selection.CompareView(asked, selection.ShownValues(), 0, 0)
        sharing.page_link("compare", "Compare them", ":material/grid_on:", view.parameters())
