"""Which recording is shown, seen through which models, and how: the head of the page Alignments."""

import streamlit as st

from dashboard import loading, selection
from dashboard.parts import bundled, messages
from pipeline.corpus.searching import EVERY_UTTERANCE, UtteranceSearch
from pipeline.corpus.utterance import Utterance
from pipeline.errors import ModelError
from pipeline.planning import fitting_warnings
from pipeline.request import ComparisonRequest


def choose() -> tuple[ComparisonRequest, UtteranceSearch, Utterance | None]:
    """Show the widgets; there is no utterance where none is found."""
    bundled.begin("alignments")
    grid = st.grid(4, min_column_width=190, vertical_alignment="bottom")
    corpus_cell, first, second, settings, word, speaker, flag, utterance = (
        grid.cell() for _ in range(8)
    )
    names = [name for name in loading.all_model_names() if loading.model(name).hears]
    if not names:
        raise ModelError("no model here hears: there are no frames to show; look at Compare")
    with corpus_cell:
        corpus_name = selection.choose_corpus(loading.corpus_names())
    with first:
        model = selection.choose_model(
            "Model", names, key="model", default=loading.first_request().model_b
        )
    with second:
        below = selection.choose_second_model(names) or model
    with settings:
        specs = [loading.model(name) for name in dict.fromkeys((model, below))]
        chosen = selection.choose_settings(specs)
    with word:
        said = selection.search_word()
    with speaker:
        by = selection.choose_speaker(loading.people(corpus_name).speakers)
    with flag:
        search = UtteranceSearch(said, by, selection.choose_flag())
    found = loading.search_utterances(corpus_name, search)
    with utterance:
        name = selection.choose_utterance(found) if found else None
    corpus = loading.corpus(corpus_name)
    _show_transcript(shown := None if name is None else corpus.by_id[name])
    messages.notes(warning for spec in specs for warning in fitting_warnings(spec, chosen))
    messages.corpus_problems(corpus.problems)
    return ComparisonRequest(corpus_name, model, below, settings=chosen), search, shown


def _show_transcript(utterance: Utterance | None) -> None:
    if utterance is not None:
        st.text(f"{utterance.speaker} says")
        st.text(" ".join(utterance.words))


def show_nothing_found(corpus_name: str, search: UtteranceSearch) -> None:
    """Say that no utterance is as it is looked for, with the way out."""
    if search == EVERY_UTTERANCE:
        messages.empty(
            "No utterances",
            "Nothing of this corpus can be used; its notes, and the Library, say why.",
            ":material/graphic_eq:",
        )
        return
    messages.empty("No utterance found", "Look for less.", ":material/search_off:")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Clear the search", icon=":material/close:", on_click=selection.clear_search)
        # Plain text: Markdown would make a link of an address.
        st.text(f"{corpus_name} has none {search}.", width="stretch")
