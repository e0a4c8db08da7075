"""The selected word of a recording: which it is, and what the models make of it, in numbers."""

import streamlit as st

from dashboard import loading, selection
from dashboard.parts import recording
from dashboard.plain_text import as_plain
from pipeline.corpus.utterance import Utterance
from pipeline.request import ComparisonRequest


def selected(utterance: Utterance) -> int | None:
    """Return the word that the address names, if the utterance has it."""
    return selection.number_below(len(utterance.words), st.query_params.get("word", ""))


def take_picked() -> None:
    """Take the word that was picked in the view into the address; runs before the page."""
    word = st.session_state[recording.KEY].word
    if isinstance(word, int):
        select(word)


def select(word: int) -> None:
    """Take a word into the address; runs before the page."""
    st.query_params["word"] = str(word)


def show(request: ComparisonRequest, found: loading.Recording, word: int) -> None:
    """Say in numbers what is selected, for each model."""
    utterance = found.utterance
    interval = utterance.word_intervals[word]
    grid = st.grid(5, min_column_width=150)
    grid.cell().metric("Word", as_plain(utterance.words[word]))
    time = grid.cell()
    if interval is None:
        time.metric("Time", "unknown", help="The alignment does not match the transcript here.")
        return
    time.metric("Time", f"{interval.start:.3f}–{interval.end:.3f} s")
    grid.cell().metric("Length", f"{1000 * interval.duration:.0f} ms")
    if request.settings.unit != "word":
        return
    for each in found.heard:
        if each.embeddings is None:
            continue
        first, last = recording.spans_of_words(each.embeddings, len(utterance.words))[word].tolist()
        count = f"{last - first} ({first} to {last - 1})" if first < last else "none"
        grid.cell().metric(f"Frames of {as_plain(each.model)}", count)
