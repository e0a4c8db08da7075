"""Recordings as pages draw and play them."""

from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from dashboard import access
from dashboard.loading.base import FRESH_S, queue, store, submit
from dashboard.loading.library import corpus, model
from pipeline.corpus.digests import audio_digests
from pipeline.corpus.utterance import Utterance
from pipeline.engine import Job, find_job
from pipeline.library import refuse_model_outside
from pipeline.limits import read_limits
from pipeline.planning import coverage, make_side
from pipeline.recording_view import RecordingView, get_recording_view
from pipeline.request import ComparisonRequest
from pipeline.settings import AlignmentSettings
from pipeline.sound import as_wav
from pipeline.time_axis import Interval
from pipeline.words.storage import WordEmbeddings, get_embeddings


@dataclass(frozen=True, eq=False)
class Recording:
    """What the page Alignments shows of an utterance; None: not computed yet."""

    utterance: Utterance
    view: RecordingView | None
    embeddings: WordEmbeddings | None
    failure: str | None

    @property
    def is_waiting(self) -> bool:
        """Whether something is not computed yet."""
        return self.view is None or (self.embeddings is None and self.failure is None)


def recording(request: ComparisonRequest, name: str) -> Recording:
    """Return an utterance as drawn, with the words that the request's model A pools of it."""
    utterance, digests = corpus(request.corpus).by_id[name], _digests(request.corpus)
    alone = replace(corpus(request.corpus), utterances=(utterance,))
    side = make_side(alone, model(request.model_a), request.settings, digests)
    key = side.keys.get(name)
    return Recording(
        utterance,
        get_recording_view(store(), digests.get(name, "")),
        get_embeddings(store(), key) if key else None,
        coverage(side, store()).failed.get(name),
    )


def word_sound(corpus_name: str, name: str, start_s: float, end_s: float) -> bytes:
    """Return a part of an utterance, in seconds from its start, as WAV."""
    utterance = corpus(corpus_name).by_id[name]
    from_s = 0.0 if utterance.segment is None else utterance.segment.start
    return as_wav(utterance.audio, Interval("", from_s + start_s, from_s + end_s))


@st.cache_resource(ttl=FRESH_S, max_entries=8, show_spinner=False)
def _digests(corpus_name: str) -> dict[str, str]:
    return audio_digests(corpus(corpus_name), store())


def known_view_job(request: ComparisonRequest, name: str, *, with_model: bool) -> Job | None:
    """Look up how far what an utterance's page lacks is, if somebody asked for it."""
    return find_job(queue(), "view", _view_task(request, name, with_model=with_model))


def view_job(
    request: ComparisonRequest, name: str, *, with_model: bool, again: bool = False
) -> Job:
    """Ask for what an utterance's page lacks; what failed is tried again only if `again`.

    Raises
    ------
    RightsError
        If whoever looks at the page may not start a job.
    LimitError
        If it is more than this server lets people ask for.
    """
    known = known_view_job(request, name, with_model=with_model)
    if known is not None and known.state in ("failed", "cancelled") and not again:
        return known
    access.require("start a job")
    if with_model:
        read_limits().refuse_models([model(request.model_a)])
        refuse_model_outside(request.model_a)
    return submit("view", _view_task(request, name, with_model=with_model))


def _view_task(request: ComparisonRequest, name: str, *, with_model: bool) -> dict[str, Any]:
    settings: AlignmentSettings = request.settings
    return {
        "corpus": request.corpus,
        "alignments": request.alignments,
        "utterance": name,
        "model": request.model_a if with_model else None,
        "settings": settings.as_dict(),
    }
