"""How often A's vectors name the word that B's hold, and where they fail."""

from typing import Any

import streamlit as st

from dashboard.parts import cell_analysis, token_table
from dashboard.selection.bound import side_by_side
from pipeline.analyses.named_rows import each_row
from pipeline.analyses.retrieval import RetrievedWords
from pipeline.request import ComparisonRequest

MOST_SHOWN = 200
_FOUND = {"All": None, "Found": True, "Missed": False}


def show(request: ComparisonRequest, layers: tuple[int, int]) -> None:
    """Show the accuracies, and the tokens that were looked up."""
    found: RetrievedWords | None = cell_analysis.found(
        request, "retrieval", layers, "Look words up in the other model"
    )
    if found is None:
        return
    accuracies = found.among_anchors
    columns = st.columns(4)
    for column, (label, value, meaning) in zip(columns, _readings(found), strict=True):
        column.metric(label, value, help=meaning)
    kept = side_by_side("Show", list(_FOUND), key="found", help_="Which of the looked-up words.")
    tokens = [
        {"named": named, **row}
        for row, named in zip(each_row(found), found.named, strict=True)
        if _FOUND[kept] is None or (named == row["word"]) == _FOUND[kept]
    ]
    token_table.show(
        request,
        tokens[:MOST_SHOWN],
        key="retrieved",
        alt="Words that were looked up, and the words that were named",
    )
    st.caption(
        f"{len(tokens):,} of {len(found.words):,} words that were held out, looked up among "
        f"{found.anchors:,} anchors; {found.unseen:,} are of a type that no anchor has. "
        f"Top-5 {_percent(accuracies.get('top5'))}. "
        f"Settings: {cell_analysis.settings_text(request, 'retrieval', layers)}."
    )


def _readings(found: RetrievedWords) -> list[tuple[str, str, str]]:
    anchors = found.among_anchors
    return [
        ("Top-1", _percent(anchors.get("top1")), "How often the best candidate is the word."),
        (
            "Over types",
            _percent(anchors.get("macro_top1")),
            "The mean over word types: each counts as much, however often it comes.",
        ),
        (
            "Commonest word",
            _percent(found.majority),
            "What always naming the commonest word gives.",
        ),
        ("Anchors", f"{found.anchors:,}", "Words of which both models' vectors are known."),
    ]


def _percent(value: Any) -> str:  # noqa: ANN401 - None where there is none
    return "none" if value is None else f"{value:.1%}"
