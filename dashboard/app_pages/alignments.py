"""Alignments: when was each word spoken, and which frames of a model stand for it?"""

from functools import partial

import streamlit as st

from dashboard import access, loading, selection
from dashboard.parts import asking, messages, page, recording, saving, sharing
from dashboard.plain_text import as_plain
from pipeline.alignments.spelling import comparable
from pipeline.corpus.utterance import Corpus, Utterance
from pipeline.demonstration import DEFAULT_REQUEST
from pipeline.engine import Job
from pipeline.errors import CorpusError, LayerScopeError
from pipeline.planning import fitting_warnings
from pipeline.request import ComparisonRequest

POLL_S = 1.0


def choose_recording() -> tuple[ComparisonRequest, Utterance]:
    """Show which recording, seen through which model, and how."""
    grid = st.grid(4, min_column_width=190, vertical_alignment="bottom")
    corpus_column, search, model_column, settings = (grid.cell() for _ in range(4))
    names = [name for name in loading.all_model_names() if loading.model(name).hears]
    with corpus_column:
        corpus_name = selection.choose_corpus(loading.corpus_names())
    with search:
        word = st.text_input(
            "Search a word", key="search", bind="query-params", placeholder="any word"
        )
    with model_column:
        name = selection.choose_model("Model", names, key="model", default=DEFAULT_REQUEST.model_b)
    with settings:
        chosen = selection.choose_settings([loading.model(name)])
    request = ComparisonRequest(corpus_name, name, name, settings=chosen)
    return request, choose_utterance(loading.corpus(corpus_name), word)


def choose_utterance(corpus: Corpus, word: str) -> Utterance:
    """Show the utterances that hold a word; all where there is none to search."""
    wanted = comparable(word)
    found = [u.id for u in corpus.utterances if not wanted or wanted in map(comparable, u.words)]
    if not found:
        raise CorpusError(
            f"No utterance of {corpus.name} holds the word {word!r}; search another word."
            if wanted
            else f"The corpus {corpus.name} has no utterances; see the notes on it."
        )
    column, transcript = st.columns([1, 3.6], vertical_alignment="bottom")
    with column:
        name = st.selectbox(
            f"Utterance ({len(found):,})", found, key="utterance", bind="query-params"
        )
    utterance = corpus.by_id[name]
    with transcript:
        st.text(f"{utterance.speaker} says")
        st.text(" ".join(utterance.words))
    return utterance


def selected_word(utterance: Utterance) -> int | None:
    """Return the word that the address names, if the utterance has it."""
    asked = st.query_params.get("word", "")
    return int(asked) if asked.isdecimal() and int(asked) < len(utterance.words) else None


def pick_word() -> None:
    """Take the picked word into the address; runs before the page."""
    word = st.session_state[recording.KEY].word
    if isinstance(word, int):
        st.query_params["word"] = str(word)


def show_recording(request: ComparisonRequest, name: str) -> None:
    """Draw the recording, and ask for what is missing of it."""
    found = loading.recording(request, name)
    with_model = found.failure is None
    job = wanted(request, name, with_model=with_model) if found.is_waiting else None
    if job is not None and job.is_active:
        st.fragment(_show_while_waiting, run_every=POLL_S)(request, name, with_model=with_model)
    elif found.view is not None or job is None:
        recording.show(request, found, selected_word(found.utterance), pick_word)
    if job is not None and not job.is_active:
        messages.notes([f"This could not be computed: {job.error or 'it was cancelled'}"])
        asking.button(
            "Try again",
            partial(loading.view_job, request, name, with_model=with_model, again=True),
            refusal=access.why_not("start a job"),
            icon=":material/refresh:",
        )
    if found.failure is not None:
        messages.notes([found.failure])


def wanted(request: ComparisonRequest, name: str, *, with_model: bool) -> Job | None:
    """Ask for what is missing of a recording, or say why whoever looks at it may not."""
    refusal = access.why_not("start a job")
    if refusal is None:
        return loading.view_job(request, name, with_model=with_model)
    known = loading.known_view_job(request, name, with_model=with_model)
    if known is not None and known.state != "done":
        return known
    st.caption(":material/visibility_off: What is not computed of this recording is not shown.")
    st.text(refusal)
    return None


def _show_while_waiting(request: ComparisonRequest, name: str, *, with_model: bool) -> None:
    # The job first: what it gives is there before it ends.
    job = wanted(request, name, with_model=with_model)
    found = loading.recording(request, name)
    if not found.is_waiting or job is None or not job.is_active:
        st.rerun()
    recording.show(request, found, selected_word(found.utterance), pick_word)
    st.caption(":material/schedule: Computing what is missing of this recording")


def show_word(request: ComparisonRequest, utterance: Utterance, word: int) -> None:
    """Say in numbers what is selected."""
    interval = utterance.word_intervals[word]
    found = loading.recording(request, utterance.id)
    spans = None
    if found.embeddings is not None and request.settings.unit == "word":
        spans = recording.spans_of_words(found.embeddings, len(utterance.words))
    grid = st.grid(4, min_column_width=190)
    label, times, length, frames = (grid.cell() for _ in range(4))
    label.metric("Word", as_plain(utterance.words[word]))
    if interval is None:
        times.metric("Time", "unknown", help="The alignment does not match the transcript here.")
        return
    times.metric("Time", f"{interval.start:.3f}–{interval.end:.3f} s")
    length.metric("Length", f"{1000 * interval.duration:.0f} ms")
    if spans is not None:
        first, last = spans[word].tolist()
        count = f"{last - first} ({first} to {last - 1})" if first < last else "none"
        frames.metric(f"Frames of {as_plain(request.model_a)}", count)


actions = page.heading("Alignments")
try:
    with st.container(border=True, key="question"):
        asked, spoken = choose_recording()
        messages.notes(fitting_warnings(loading.model(asked.model_a), asked.settings))
        messages.corpus_problems(loading.corpus(asked.corpus).problems)
    with st.container(border=True, key="view"):
        show_recording(asked, spoken.id)
        chosen_word = selected_word(spoken)
        if chosen_word is None:
            st.caption("Click a word to hear it and see its frames.")
        else:
            show_word(asked, spoken, chosen_word)
    with actions:
        shown = selection.AlignmentView(asked, spoken.id, chosen_word).parameters()
        saving.save("alignments", shown)
        sharing.copy_link(shown)
except LayerScopeError as problem:
    messages.error(problem)
