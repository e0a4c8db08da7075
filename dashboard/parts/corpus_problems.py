"""The problems of a corpus, searched on the server, with the way to each utterance."""

from urllib.parse import urlencode

import streamlit as st

from dashboard import access, selection
from dashboard.components.address import address
from pipeline.corpus.checks import COSTS, CorpusReport, find_problems
from pipeline.corpus.utterance import Corpus, Problem

MOST_ROWS = 200


def show(corpus: Corpus, report: CorpusReport) -> None:
    """Show a search field, and the first problems that it finds."""
    if not report.problems:
        st.caption(":material/check: Nothing of this corpus has to be left out.")
        return
    st.header(f"{len(report.problems):,} problems")
    found = find_problems(report.problems, selection.search_problems())
    st.dataframe(
        [_row(corpus, problem) for problem in found[:MOST_ROWS]],
        hide_index=True,
        placeholder="–",
        column_config={
            "Alignment": st.column_config.LinkColumn(display_text="Open", width="small"),
            "Reason": st.column_config.TextColumn(width="large"),
        },
        alt="Problems of the corpus: utterance, what it costs, reason, file and line",
    )
    if len(found) > MOST_ROWS:
        st.caption(f"The first {MOST_ROWS} of {len(found):,}; search for the others.")
    elif not found:
        st.caption("No problem holds this text.")


def _row(corpus: Corpus, problem: Problem) -> dict[str, str | None]:
    told = access.why_not("see what the server says of its files") is None
    return {
        "Utterance": problem.utterance,
        "Alignment": _link(corpus, problem.utterance),
        "Cost": COSTS[problem.left_out],
        "Reason": problem.reason if told else None,
        "Place": problem.place if told else problem.file.name,
    }


def _link(corpus: Corpus, utterance: str | None) -> str | None:
    """Return the address of an utterance on the page Alignments, None if it is left out."""
    if utterance is None or utterance not in corpus.by_id:
        return None
    query = urlencode({"corpus": corpus.name, "utterance": utterance})
    return f"{address('alignments')}?{query}"
