"""Which word types, and which speakers, make a cell as high as it is."""

import numpy as np
import streamlit as st

from dashboard.parts import cell_analysis
from pipeline.alignments.spelling import comparable
from pipeline.analyses.shares import CellShares
from pipeline.request import ComparisonRequest

MOST_SHOWN = 200
_HELP = "The part of CKA of the pairs of rows in which it takes part; all shares add up to CKA."


def show(request: ComparisonRequest, layers: tuple[int, int]) -> None:
    """Show the shares of word types, and beside them those of speakers."""
    found: CellShares | None = cell_analysis.found(
        request, "shares", layers, "Divide CKA among the words"
    )
    if found is None:
        return
    grid = st.grid(5, min_column_width=165)
    left, right = grid.cell(column_span=3), grid.cell(column_span=2)
    with left:
        sought = comparable(
            st.text_input("Find a word", key="find", bind="query-params", placeholder="any word")
        )
        order = [place for place in _by_share(found.shares) if sought in found.names[place]]
        _table(found.names, found.counts, found.shares, order, "Word", "words")
        st.caption(
            f"{len(order):,} of {len(found.names):,} words; together {found.value:.4f}, the "
            f"{found.estimator} {cell_analysis.measure_text(request)} of the two layers."
        )
    with right:
        st.markdown("Speakers")
        order = _by_share(found.speaker_shares)
        _table(
            found.speaker_names, found.speaker_counts, found.speaker_shares, order, "Speaker",
            "speakers",
        )  # fmt: skip


def _by_share(shares: np.ndarray) -> list[int]:
    return np.argsort(-shares, stable=True).tolist()


def _table(
    names: list[str],
    counts: np.ndarray,
    shares: np.ndarray,
    order: list[int],
    heading: str,
    key: str,
) -> None:
    highest = float(np.nanmax(shares, initial=1e-9))
    st.dataframe(
        [
            {
                "name": names[place],
                "rows": int(counts[place]),
                "share": float(shares[place]),
                "a row": float(shares[place] / counts[place]),
            }
            for place in order[:MOST_SHOWN]
        ],
        hide_index=True,
        column_config={
            "name": st.column_config.TextColumn(heading),
            "rows": st.column_config.NumberColumn("Rows"),
            "share": st.column_config.ProgressColumn(
                "Share", help=_HELP, format="%.4f", min_value=0, max_value=highest
            ),
            "a row": st.column_config.NumberColumn("A row", format="%.6f"),
        },
        key=f"shares-{key}",
        alt=f"The shares of CKA by {key}, the largest first",
    )
