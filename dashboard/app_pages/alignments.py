"""Alignments: when was each word spoken, and which frames of one or two models stand for it?"""

import streamlit as st

from dashboard import loading, selection
from dashboard.parts import (
    messages,
    page,
    recording,
    recording_choice,
    recording_flags,
    recording_status,
    recording_word,
    saving,
    sharing,
)
from pipeline.corpus.searching import UtteranceSearch
from pipeline.corpus.utterance import Utterance
from pipeline.errors import LayerScopeError
from pipeline.request import ComparisonRequest


def show(request: ComparisonRequest, utterance: Utterance, search: UtteranceSearch) -> None:
    """Show a recording, its selected word, what is odd in it, and the link to all of it."""
    word = recording_word.selected(utterance)

    def draw(found: loading.Recording) -> None:
        chosen = recording_word.selected(utterance)
        recording.show(request, found, chosen, recording_word.take_picked)

    with st.container(border=True, key="view"):
        found = recording_status.show(request, utterance.id, draw)
        odd = recording_flags.find(request, found)
        # Beside each other where there is something to say.
        grid = st.grid(2 if odd else 1, min_column_width=300, gap="medium")
        with grid.cell():
            if word is None:
                st.caption("Click a word to hear it and see its frames.")
            else:
                recording_word.show(request, found, word)
        with grid.cell():
            recording_flags.show(utterance, odd)
    with actions:
        shown = selection.AlignmentView(request, utterance.id, word, search).parameters()
        saving.save("alignments", shown)
        sharing.copy_link(shown)


actions = page.heading("Alignments")
try:
    with st.container(border=True, key="question"):
        asked, wanted, spoken = recording_choice.choose()
    if spoken is None:
        recording_choice.show_nothing_found(asked.corpus, wanted)
    else:
        show(asked, spoken, wanted)
except LayerScopeError as problem:
    messages.error(problem)
