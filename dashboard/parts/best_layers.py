"""Which layers agree best, and how sure that is: shares of the draws of a bootstrap."""

from collections.abc import Sequence

import streamlit as st

from dashboard.parts import analysis_status
from pipeline.analyses import AnalysisRequest
from pipeline.analyses.cell_intervals import CellIntervals, likely_best

MOST_NAMED = 4
_HELP = (
    "Word types and speakers are drawn again 400 times: the intervals of all cells, and how often "
    "each layer is the best. Some seconds to a minute or two."
)


def show(request: AnalysisRequest, found: CellIntervals | None, layer_a: int, layer_b: int) -> None:
    """Show the best layers beside the selected ones; where they are not known, ask for them."""
    if found is None:
        found = analysis_status.found(
            request, "How sure is the best layer?", key="intervals", help_=_HELP
        )
    if found is None:
        return
    for of, beside, shares in (
        ("A", f"layer {layer_b} of B", found.best_of_a[:, layer_b]),
        ("B", f"layer {layer_a} of A", found.best_of_b[layer_a]),
    ):
        named = likely_best(shares, found.level)
        st.markdown(f"**Best layer of {of}** beside {beside}: {best_text(named)}")
    st.caption(
        f"In so many of {found.draws:,} draws of {found.types:,} types and {found.speakers:,} "
        f"speakers ({found.rows:,} rows); whiskers are {found.level:.0%} intervals."
    )


def best_text(named: Sequence[tuple[int, float]]) -> str:
    """Return layers with their shares: ``5 (62%), 4 (36%)``.

    Examples
    --------
    >>> best_text([(5, 0.62), (4, 0.364)])
    '5 (62%), 4 (36%)'
    >>> best_text([])
    'none has a value'
    """
    texts = [f"{layer} ({share:.0%})" for layer, share in named[:MOST_NAMED]]
    more = len(named) - MOST_NAMED
    return ", ".join(texts + [f"and {more} more"] * (more > 0)) or "none has a value"
