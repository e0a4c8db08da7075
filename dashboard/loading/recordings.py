"""Recordings as pages find, draw and play them."""

from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from dashboard import access
from dashboard.loading.base import FRESH_S, queue, store, submit
from dashboard.loading.library import corpus, model
from pipeline.corpus.digests import audio_digests
from pipeline.corpus.flags import Flag, FlagKind, flagged_utterances, utterance_flags
from pipeline.corpus.searching import UtteranceSearch, find_utterances
from pipeline.corpus.utterance import Corpus, Problem, Utterance
from pipeline.engine import Job, find_job
from pipeline.errors import LayerScopeError
from pipeline.library import refuse_model_outside
from pipeline.limits import read_limits
from pipeline.planning import coverage, make_side
from pipeline.recording_flags import frame_flags, sound_flags
from pipeline.recording_view import RecordingView, get_recording_view, view_key
from pipeline.request import ComparisonRequest
from pipeline.settings import AlignmentSettings
from pipeline.sound import as_wav
from pipeline.time_axis import Interval
from pipeline.words.storage import WordEmbeddings, get_embeddings


@dataclass(frozen=True, eq=False)
class Heard:
    """What a model makes of an utterance; None: not computed yet, or it cannot be, and why."""

    model: str
    embeddings: WordEmbeddings | None = None
    failure: str | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether it is not computed yet."""
        return self.embeddings is None and self.failure is None


@dataclass(frozen=True, eq=False)
class Recording:
    """What the page Alignments shows of an utterance; None: not computed yet.

    Attributes
    ----------
    utterance : Utterance
    view : RecordingView or None
    heard : tuple of Heard
        What each model makes of it, one or two.
    view_version : str
        Another one where the view is another.
    """

    utterance: Utterance
    view: RecordingView | None = None
    heard: tuple[Heard, ...] = ()
    view_version: str = ""

    @property
    def wanted(self) -> tuple[str | None, ...]:
        """The models that are to be asked for; None where the sound alone is missing."""
        models = tuple(each.model for each in self.heard if each.is_waiting)
        return models if models or self.view is not None else (None,)


def recording(request: ComparisonRequest, name: str) -> Recording:
    """Return an utterance as drawn, with the words that each of the request's models pools."""
    utterance, digests = corpus(request.corpus).by_id[name], _digests(request.corpus)
    models = dict.fromkeys((request.model_a, request.model_b))
    return Recording(
        utterance,
        get_recording_view(store(), digests.get(name, "")),
        tuple(_heard(request, utterance, each, digests) for each in models),
        view_key(digests.get(name, "")).digest[:16],
    )


def recording_view(corpus_name: str, name: str) -> RecordingView | None:
    """Return what is drawn of an utterance's sound, None if it is not computed yet."""
    return get_recording_view(store(), _digests(corpus_name).get(name, ""))


def _heard(
    request: ComparisonRequest, utterance: Utterance, name: str, digests: dict[str, str]
) -> Heard:
    alone = replace(corpus(request.corpus), utterances=(utterance,))
    try:
        side = make_side(alone, model(name), request.settings, digests)
    except LayerScopeError as error:
        return Heard(name, failure=str(error))
    key = side.keys.get(utterance.id)
    found = get_embeddings(store(), key) if key else None
    return Heard(name, found, coverage(side, store()).failed.get(utterance.id))


def flags(request: ComparisonRequest, found: Recording) -> tuple[Flag, ...]:
    """Return what of a recording deserves a look, as far as it is computed."""
    utterance = found.utterance
    sound = () if found.view is None else sound_flags(utterance, found.view)
    frames = [
        flag
        for each in found.heard
        if each.embeddings is not None and request.settings.unit == "word"
        for flag in frame_flags(utterance, each.embeddings, each.model)
    ]
    return (*utterance_flags(utterance), *sound, *frames)


def notes_on(corpus_name: str, name: str) -> tuple[Problem, ...]:
    """Return what the corpus check says of an utterance."""
    return tuple(each for each in corpus(corpus_name).problems if each.utterance == name)


def search_utterances(corpus_name: str, search: UtteranceSearch) -> tuple[str, ...]:
    """Return the ids of the utterances of a corpus that are looked for."""
    found = corpus(corpus_name)
    return _found(found, corpus_name, found.fingerprint, hash(found.problems), search)


@st.cache_resource(ttl=FRESH_S, max_entries=64, show_spinner="Searching the corpus")
def _found(
    _corpus: Corpus, name: str, fingerprint: str, problems: int, search: UtteranceSearch
) -> tuple[str, ...]:
    return find_utterances(_corpus, search, _flagged(_corpus, name, fingerprint, problems))


@st.cache_resource(max_entries=16, show_spinner="Checking the corpus")
def _flagged(
    _corpus: Corpus,
    _name: str,
    fingerprint: str,  # noqa: ARG001 - it depends on this
    problems: int,  # noqa: ARG001 - and on this
) -> dict[str, frozenset[FlagKind]]:
    return flagged_utterances(_corpus)


def word_sound(corpus_name: str, name: str, start_s: float, end_s: float) -> bytes:
    """Return a part of an utterance, in seconds from its start, as WAV."""
    utterance = corpus(corpus_name).by_id[name]
    from_s = 0.0 if utterance.segment is None else utterance.segment.start
    return as_wav(utterance.audio, Interval("", from_s + start_s, from_s + end_s))


@st.cache_resource(ttl=FRESH_S, max_entries=8, show_spinner=False)
def _digests(corpus_name: str) -> dict[str, str]:
    return audio_digests(corpus(corpus_name), store())


def known_view_job(request: ComparisonRequest, name: str, model_name: str | None) -> Job | None:
    """Look up how far what an utterance's page lacks of a model is, if somebody asked for it."""
    return find_job(queue(), "view", _view_task(request, name, model_name))


def view_job(
    request: ComparisonRequest, name: str, model_name: str | None, *, again: bool = False
) -> Job:
    """Ask for what an utterance's page lacks of a model; a failure is tried again only if `again`.

    Parameters
    ----------
    request : ComparisonRequest
        The corpus and the settings.
    name : str
        The utterance.
    model_name : str or None
        None: the sound alone.

    Raises
    ------
    RightsError
        If whoever looks at the page may not start a job.
    LimitError
        If it is more than this server lets people ask for.
    """
    known = known_view_job(request, name, model_name)
    if known is not None and known.state in ("failed", "cancelled") and not again:
        return known
    access.require("start a job")
    if model_name is not None:
        read_limits().refuse_models([model(model_name)])
        refuse_model_outside(model_name)
    return submit("view", _view_task(request, name, model_name))


def _view_task(request: ComparisonRequest, name: str, model_name: str | None) -> dict[str, Any]:
    settings: AlignmentSettings = request.settings
    return {
        "corpus": request.corpus,
        "alignments": request.alignments,
        "utterance": name,
        "model": model_name,
        "settings": settings.as_dict(),
    }
