"""Which word types, and which speakers, make a cell as high as it is."""

import numpy as np
import streamlit as st

from dashboard.parts import cell_analysis
from dashboard.selection.bound import side_by_side
from pipeline.alignments.spelling import comparable
from pipeline.analyses.shares import CellShares
from pipeline.request import ComparisonRequest
from pipeline.similarity.explanation import Shares

MOST_SHOWN = 200
_HELP = (
    "The part of CKA of the pairs of rows in which it takes part; all shares add up to CKA. One "
    "below 0 makes CKA lower."
)


def show(request: ComparisonRequest, layers: tuple[int, int]) -> None:
    """Show the shares of word types, and beside them those of speakers."""
    found: CellShares | None = cell_analysis.found(
        request, "shares", layers, "Divide CKA among the words"
    )
    if found is None:
        return
    first = side_by_side(
        "First", ["Highest", "Lowest"], key="first_shown", help_="Shares below 0 make CKA lower."
    )
    grid = st.grid(5, min_column_width=165)
    left, right = grid.cell(column_span=3), grid.cell(column_span=2)
    with left:
        sought = comparable(
            st.text_input("Find a word", key="find", bind="query-params", placeholder="any word")
        )
        words = Shares(tuple(found.names), found.counts, found.shares)
        order = [place for place in _in_order(words, first) if sought in found.names[place]]
        _table("Word", words, order, first)
        st.caption(
            f"{len(order):,} of {len(found.names):,} words; together {found.value:.4f}, the "
            f"{found.estimator} {cell_analysis.measure_text(request)} of the two layers."
        )
    with right:
        st.markdown("Speakers")
        speakers = Shares(tuple(found.speaker_names), found.speaker_counts, found.speaker_shares)
        _table("Speaker", speakers, _in_order(speakers, first), first)


def _in_order(of: Shares, first: str) -> list[int]:
    return np.argsort(of.shares if first == "Lowest" else -of.shares, stable=True).tolist()


def _table(heading: str, of: Shares, order: list[int], first: str) -> None:
    # From the lowest, so that a share below 0 does not look like none.
    lowest = float(np.nanmin(of.shares, initial=0))
    highest = float(np.nanmax(of.shares, initial=1e-9))
    key = f"{heading.lower()}s"
    st.dataframe(
        [
            {
                "name": of.names[place],
                "rows": int(of.counts[place]),
                "share": float(of.shares[place]),
                "a row": float(of.shares[place] / of.counts[place]),
            }
            for place in order[:MOST_SHOWN]
        ],
        hide_index=True,
        column_config={
            "name": st.column_config.TextColumn(heading),
            "rows": st.column_config.NumberColumn("Rows"),
            "share": st.column_config.ProgressColumn(
                "Share", help=_HELP, format="%.4f", min_value=lowest, max_value=highest
            ),
            "a row": st.column_config.NumberColumn("A row", format="%.6f"),
        },
        key=f"shares-{key}",
        alt=f"The shares of CKA by {key}, the {first.lower()} first",
    )
