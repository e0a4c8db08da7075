"""The alignment view: a recording's sound, words, phones and each model's frames on one axis."""

import re
from collections.abc import Callable
from pathlib import Path

import streamlit as st

from dashboard.components.alignment_data import AlignmentViewData

_HERE = Path(__file__).parent
_MODULES = ("time.js", "sound.js", "lanes.js", "js")


def alignment_view(
    data: AlignmentViewData, *, selected_word: int | None, key: str, on_word: Callable[[], None]
) -> None:
    """Mount the view.

    Parameters
    ----------
    data : AlignmentViewData
    selected_word : int or None
        Transcript index of the word to highlight.
    key : str
        Of the element; the view stays in place, with its zoom, while the key does.
    on_word : callable
        Called when the person picks a word, whose transcript index is then
        ``st.session_state[key].word``.

    Raises
    ------
    ValueError
        If there is no such word.
    """
    if selected_word is not None and not 0 <= selected_word < len(data.words):
        raise ValueError(
            f"selected_word is {selected_word}, but the transcript of {data.utterance_id} has "
            f"{len(data.words)} words; pass an index into it, or None"
        )
    payload = {**data.as_json(), "selected_word": selected_word}
    _component(key=key, data=payload, on_word_change=on_word)


def joined_modules() -> str:
    """Return the view's modules as the single one that Streamlit serves, so without imports."""
    source = "\n".join((_HERE / f"alignment_view.{name}").read_text("utf-8") for name in _MODULES)
    return re.sub(r"^import .*\n|^export (?!default)", "", source, flags=re.MULTILINE)


_component = st.components.v2.component(
    "layerscope_alignment_view",
    html=(_HERE / "alignment_view.html").read_text("utf-8"),
    css=(_HERE / "alignment_view.css").read_text("utf-8"),
    js=joined_modules(),
)
