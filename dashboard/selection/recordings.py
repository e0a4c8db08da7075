"""Which recording is looked at, as widgets: how it is found, and the second model it is seen by."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import streamlit as st

from pipeline.corpus.flags import CORPUS_FLAGS, FlagKind
from pipeline.corpus.searching import UtteranceSearch

_ALL = "All"
_FLAGS: Mapping[str, FlagKind | Literal["any"] | None] = {
    _ALL: None,
    "Any note or flag": "any",
    **{title: kind for kind, title in CORPUS_FLAGS.items()},
}


def choose_second_model(names: Sequence[str]) -> str | None:
    """Show the selector of a model that is looked at below the first; none by default."""
    return st.selectbox(
        "Second model",
        names,
        index=None,
        key="model2",
        bind="query-params",
        placeholder="none",
        help="Its frames are drawn below those of the first.",
    )


def search_word() -> str:
    """Show the search for a word."""
    return st.text_input("Search a word", key="search", bind="query-params", placeholder="any word")


def choose_speaker(speakers: Iterable[str]) -> str | None:
    """Show the speakers."""
    name = st.selectbox("Speaker", [_ALL, *speakers], key="said_by", bind="query-params")
    return None if name == _ALL else name


def choose_flag() -> FlagKind | Literal["any"] | None:
    """Show what can be odd in an utterance."""
    title = st.selectbox(
        "Problem",
        list(_FLAGS),
        key="flag",
        bind="query-params",
        help="Utterances with a note of the corpus check, or with a flag on them or their words. "
        "What is odd in the sound itself is told of the utterance that is shown.",
    )
    return _FLAGS[title]


def choose_utterance(found: Sequence[str]) -> str:
    """Show the utterances that were found."""
    return st.selectbox(f"Utterance ({len(found):,})", found, key="utterance", bind="query-params")


def clear_search() -> None:
    """Look for every utterance again; runs before the page."""
    st.session_state.update({"search": "", "said_by": _ALL, "flag": _ALL})


def search_parameters(search: UtteranceSearch) -> dict[str, str]:
    """Return the query parameters of a search; those of what is not looked for are absent."""
    titles = {kind: title for title, kind in _FLAGS.items()}
    found = {
        "search": search.word.strip(),
        "said_by": search.speaker or "",
        "flag": titles[search.flag] if search.flag else "",
    }
    return {name: value for name, value in found.items() if value}
