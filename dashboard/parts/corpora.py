"""The registered corpora, one a row; a click selects one."""

from typing import Any

import streamlit as st

from dashboard import loading
from pipeline.corpus.checks import CorpusReport
from pipeline.errors import LayerScopeError

KEY = "corpora"


def show() -> None:
    """Show the corpora and what each holds."""
    names = loading.corpus_names()
    st.dataframe(
        [_row(name) for name in names],
        hide_index=True,
        placeholder="–",
        key=KEY,
        on_select=_select,
        selection_mode="single-cell",
        column_config={
            "State": st.column_config.TextColumn(width="medium"),
            "Hours": st.column_config.NumberColumn(format="%.2f"),
            **{
                name: st.column_config.NumberColumn(format="localized")
                for name in ("Utterances", "Words", "Speakers", "Without a time", "Not aligned")
            },
        },
        alt="The registered corpora: size, aligner, words without a time, and notes",
    )


def _row(name: str) -> dict[str, Any]:
    """Return a corpus as a row; one that cannot be opened says so, and the others are shown."""
    try:
        return {"Corpus": name, **_numbers(loading.report(name))}
    except LayerScopeError as problem:
        return {"Corpus": name, "State": f"cannot be opened: {problem}"}


def _numbers(report: CorpusReport) -> dict[str, Any]:
    return {
        "State": report.verdict,
        "Utterances": report.utterances,
        "Words": report.tokens,
        "Speakers": len(report.speaker_minutes),
        "Hours": report.hours,
        "Without a time": report.tokens - report.tokens_with_times,
        "Not aligned": report.unaligned,
        "Notes": len(report.problems),
        "Aligner": report.aligner,
    }


def _select() -> None:
    """Take the row of the clicked cell for the corpus; runs before the page."""
    cells = st.session_state[KEY].selection.cells
    names = loading.corpus_names()
    if cells and cells[0][0] < len(names):
        st.session_state["corpus"] = names[cells[0][0]]
