"""The words nearest to one word in A and in B, side by side with what they share."""

from typing import Any

import numpy as np
import streamlit as st

from dashboard.parts import cell_analysis, token_table
from dashboard.selection.bound import bound_number, side_by_side
from pipeline.alignments.spelling import comparable
from pipeline.analyses.named_rows import each_row
from pipeline.analyses.neighbours import NearestWords
from pipeline.request import ComparisonRequest


def show(request: ComparisonRequest, layers: tuple[int, int]) -> None:
    """Ask for a word, and show its neighbours in either layer."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        word = st.text_input("Word", key="find", bind="query-params", placeholder="any word")
        of = side_by_side(
            "Among",
            ["Types", "Tokens"],
            key="among",
            help_="The means of all words, or single spoken words.",
        )
        token = None
        if of == "Tokens":
            token = st.number_input(
                "Which token", min_value=0, step=1, key="token", bind=bound_number("token")
            )
    if not comparable(word):
        st.caption("Name a word to see which words either model puts near it.")
        return
    settings: dict[str, str | int] = {"word": comparable(word), "of": of.lower()}
    if token:
        settings["token"] = int(token)
    found: NearestWords | None = cell_analysis.found(
        request, "neighbours", layers, "Find its neighbours", settings
    )
    if found is None:
        return
    st.caption(
        f"{int(found.shared_a.sum())} of {len(found.nearest_a)} neighbours are near in both models."
    )
    grid = st.grid(2, min_column_width=320)
    sides = (
        ("A", request.model_a, found.nearest_a, found.cosines_a, found.shared_a),
        ("B", request.model_b, found.nearest_b, found.cosines_b, found.shared_b),
    )
    for letter, model, *near in sides:
        with grid.cell():
            st.text(f"{letter}: {model}")
            token_table.show(
                request,
                _tokens(found, *near),
                key=f"near-{letter}",
                alt=f"The nearest words in model {letter}",
            )


def _tokens(
    found: NearestWords, nearest: np.ndarray, cosines: np.ndarray, shared: np.ndarray
) -> list[dict[str, Any]]:
    rows = list(each_row(found))
    return [
        {
            "word": rows[place]["word"],
            "cosine": cosine,
            "in both": is_shared,
            **rows[place],
        }
        for place, cosine, is_shared in zip(
            nearest.tolist(), cosines.tolist(), shared.tolist(), strict=True
        )
    ]
