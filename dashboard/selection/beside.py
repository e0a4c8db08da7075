"""Which comparisons stand side by side, and how: in the address, as one line each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import streamlit as st

from dashboard.selection.bound import side_by_side
from dashboard.selection.values import ESTIMATORS
from dashboard.selection.views import Parameters
from pipeline.request import ComparisonRequest
from pipeline.request_text import request_text
from pipeline.similarity.result import Estimator

MOST: Final = 4
_DRAWN: Final = ("Heatmaps", "Lines", "Difference")
_KEY = "pair"


@dataclass(frozen=True)
class BesideView:
    """All that the page Side by side shows, but for opened files.

    Attributes
    ----------
    pairs : tuple of str
        Each a request as :func:`pipeline.request_text.request_text` writes it.
    drawn : {"Heatmaps", "Lines", "Difference"}
    estimator : {"debiased", "biased"}
    stretch : bool
        Whether colours span the values that occur, instead of 0 to 1.
    """

    pairs: tuple[str, ...]
    drawn: str
    estimator: Estimator
    stretch: bool

    def parameters(self) -> Parameters:
        """Return every query parameter of the view."""
        labels = {name: label for label, name in ESTIMATORS.items()}
        return {
            _KEY: list(self.pairs),
            "drawn": self.drawn,
            "estimator": labels[self.estimator],
            "stretch": str(self.stretch).lower(),
        }


def beside_parameters(*requests: ComparisonRequest) -> Parameters:
    """Return the query parameters of a view that starts with some comparisons."""
    return {_KEY: [request_text(request) for request in requests]}


def chosen_pairs() -> tuple[str, ...]:
    """Return the comparisons that the address names, each once, the first four."""
    return tuple(dict.fromkeys(st.query_params.get_all(_KEY)))[:MOST]


def add_pair(text: str) -> None:
    """Take one more into the address; runs before the page."""
    _write([*chosen_pairs(), text])


def remove_pair(text: str) -> None:
    """Take one out of the address; runs before the page."""
    _write([each for each in chosen_pairs() if each != text])


def _write(pairs: Sequence[str]) -> None:
    if pairs:
        st.query_params[_KEY] = list(pairs)
    elif _KEY in st.query_params:
        del st.query_params[_KEY]


def choose_drawing() -> tuple[str, Estimator, bool]:
    """Show how the comparisons are drawn; return it, the estimator and whether to stretch."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        drawn = side_by_side("Draw", _DRAWN, key="drawn", help_=_DRAWN_HELP)
        estimator = ESTIMATORS[
            side_by_side(
                "Estimator",
                list(ESTIMATORS),
                key="estimator",
                help_="Of the measures that have two.",
            )
        ]
        stretch = drawn == "Heatmaps" and st.toggle("Stretch", key="stretch", bind="query-params")
    return drawn, estimator, stretch


_DRAWN_HELP = """
- **Heatmaps**: all on one scale.
- **Lines**: the best score of each layer of A, whatever the layer of B.
- **Difference**: the first minus the second, cell by cell.
"""
