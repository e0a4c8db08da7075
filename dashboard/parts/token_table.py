"""A table of spoken words; the chosen one is played, and leads to its recording."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from dashboard import loading, selection
from dashboard.parts import bundled, sharing
from pipeline.request import ComparisonRequest

HEIGHT_PX = 320
_COLUMNS = {
    "utterance": st.column_config.TextColumn("Utterance", width="small"),
    "word": st.column_config.TextColumn("Word", width="small"),
    "speaker": st.column_config.TextColumn("Speaker", width="small"),
    "cosine": st.column_config.NumberColumn("Cosine", format="%.3f", width="small"),
    "in both": st.column_config.CheckboxColumn("In both", width="small"),
    "start_s": st.column_config.NumberColumn("Start (s)", format="%.2f", width="small"),
    "end_s": st.column_config.NumberColumn("End (s)", format="%.2f", width="small"),
    "index": None,
}


def show(
    request: ComparisonRequest, tokens: Sequence[dict[str, Any]], *, key: str, alt: str
) -> None:
    """Show tokens, and play the one that is chosen.

    Parameters
    ----------
    request : ComparisonRequest
    tokens : sequence of dict
        Utterance, index, word, speaker, start_s and end_s of each, and what else is shown.
    key : str
        Of the table on this page.
    alt : str
        What it shows, for those who do not see it.
    """
    chosen = st.dataframe(
        list(tokens),
        hide_index=True,
        height=min(HEIGHT_PX, 36 * (len(tokens) + 1)),
        column_config=_COLUMNS,
        key=key,
        on_select="rerun",
        selection_mode="single-row",
        alt=alt,
    )
    rows = chosen.selection.rows
    if rows and rows[0] < len(tokens):
        play(request, tokens[rows[0]])


def play(request: ComparisonRequest, token: dict[str, Any]) -> None:
    """Play a token, and link to its recording."""
    times = token["start_s"], token["end_s"]
    if loading.has_sound(request.corpus, token["utterance"]):
        st.audio(
            loading.word_sound(request.corpus, token["utterance"], *times),
            autoplay=True,
            alt="The word, from {:.2f} to {:.2f} s".format(*times),
        )
    else:
        bundled.show_without_sound()
    sharing.page_link(
        "alignments",
        "See it in its recording",
        ":material/graphic_eq:",
        recording_parameters(request, token["utterance"], token["index"]),
    )


def recording_parameters(
    request: ComparisonRequest, utterance: str, index: int
) -> selection.Parameters:
    """Return where the page Alignments shows a token, through those of both models that hear."""
    names = dict.fromkeys((request.model_a, request.model_b))
    hearing = [name for name in names if loading.model(name).hears]
    if not hearing:
        return {"corpus": request.corpus, "utterance": utterance, "word": str(index)}
    view = selection.AlignmentView.of_token(request, hearing, utterance, index)
    return view.parameters()
