"""What deserves a look in a recording: notes of the corpus check, and odd words to select."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Literal

import streamlit as st

from dashboard import access, loading
from dashboard.parts import messages, recording_word
from dashboard.plain_text import as_plain
from pipeline.corpus.checks import COSTS
from pipeline.corpus.flags import Flag
from pipeline.corpus.utterance import Problem, Utterance
from pipeline.request import ComparisonRequest

MOST_WORDS, MOST_IN_SIGHT = 50, 6
HEIGHT_PX, WORD_PX = 260, 110


@dataclass(frozen=True)
class Odd:
    """What is odd in an utterance: what the corpus check notes on it, and flags."""

    notes: tuple[Problem, ...]
    flags: tuple[Flag, ...]

    def __bool__(self) -> bool:
        return bool(self.notes or self.flags)


def find(request: ComparisonRequest, found: loading.Recording) -> Odd:
    """Return what is odd in a recording, as far as it is computed."""
    notes = loading.notes_on(request.corpus, found.utterance.id)
    return Odd(notes, loading.flags(request, found))


def show(utterance: Utterance, odd: Odd) -> None:
    """List what is odd in an utterance, each word with a button that selects it."""
    if not odd:
        st.caption(":material/check: Nothing is odd in this recording, as far as it is known.")
        return
    words = reasons_by_word(odd.flags)
    with st.container(key="flags", gap="small"):
        st.markdown("**Worth a look**")
        messages.notes(_told(note) for note in odd.notes)
        messages.notes(_sentence(flag.text) for flag in odd.flags if flag.word is None)
        height: int | Literal["content"] = HEIGHT_PX if len(words) > MOST_IN_SIGHT else "content"
        with st.container(height=height, border=False, gap=None):
            for word, reasons in list(words.items())[:MOST_WORDS]:
                _show_word(utterance.words[word], word, reasons)
        if len(words) > MOST_WORDS:
            st.caption(f"The first {MOST_WORDS} of {len(words):,} words.")


def reasons_by_word(flags: Iterable[Flag]) -> dict[int, list[str]]:
    """Return what is odd of each word that has a flag, in the order of the transcript."""
    found: dict[int, list[str]] = {}
    for flag in flags:
        if flag.word is not None:
            found.setdefault(flag.word, []).append(flag.text)
    return dict(sorted(found.items()))


def _show_word(label: str, word: int, reasons: Iterable[str]) -> None:
    with st.container(horizontal=True, wrap=False, vertical_alignment="center"):
        st.button(
            as_plain(label),
            key=f"flag-{word}",
            type="tertiary",
            help="Select this word",
            on_click=partial(recording_word.select, word),
            width=WORD_PX,
        )
        st.text("; ".join(reasons), width="stretch")


def _sentence(text: str) -> str:
    """Return a text with a capital first; `str.capitalize` would make 'hz' of 'Hz'."""
    return text[:1].upper() + text[1:]


def _told(note: Problem) -> str:
    """Return a note, or only what it costs to those who are not told what files hold."""
    if access.why_not("see what the server says of its files") is None:
        return f"{COSTS[note.left_out].capitalize()}: {note.reason}"
    return f"{COSTS[note.left_out].capitalize()}; what it is is not shown to you"
