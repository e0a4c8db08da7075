"""The corpora and models of this server."""

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from dashboard import access
from dashboard.loading.base import FRESH_S, queue, store, submit, wake
from pipeline.configuration import home
from pipeline.corpus.checks import CorpusReport, check
from pipeline.corpus.registry import registered
from pipeline.corpus.utterance import Corpus
from pipeline.engine import Job, find_job
from pipeline.forced_alignment.request import AlignmentRequest
from pipeline.library import (
    ListedModels,
    listed_models,
    open_corpus,
    register_aligned,
    register_corpus,
    register_model,
)
from pipeline.limits import read_limits
from pipeline.models.catalogue import find_model
from pipeline.models.registry import added_models, remove_model
from pipeline.models.spec import ModelSpec


def corpus_names() -> tuple[str, ...]:
    """Return the registered corpora, the demonstration first."""
    return tuple(corpus.name for corpus in registered(home()))


@st.cache_resource(ttl=FRESH_S, show_spinner="Looking the models up")
def models() -> ListedModels:
    """Return every model that has a name here, and why a named one cannot be used."""
    return listed_models()


def all_model_names() -> tuple[str, ...]:
    """Return the models that the menus offer: those on this machine."""
    return tuple(spec.name for spec in models().specs if spec.on_disk)


def is_offered(corpus_name: str, *models: str) -> bool:
    """Return whether the menus of the pages hold a corpus and models."""
    return corpus_name in corpus_names() and set(models) <= set(all_model_names())


def model_was_added(name: str) -> bool:
    """Return whether a user added a model to the lists."""
    return name in added_models(home())


def add_model(name: str) -> ModelSpec:
    """Add a model of this machine to the lists and menus.

    Raises
    ------
    RightsError
        If whoever looks at the page may not add one.
    """
    access.require("add or remove a model")
    access.require_roots()
    spec = register_model(name)
    models.clear()
    return spec


def forget_model(name: str) -> None:
    """Take an added model off the lists and menus.

    Raises
    ------
    RightsError
        If whoever looks at the page may not remove one.
    """
    access.require("add or remove a model")
    if model_was_added(name):
        remove_model(name, home())
    models.clear()


@st.cache_resource(ttl=FRESH_S, show_spinner=False)
def model(name: str) -> ModelSpec:
    """Return what is known of a model."""
    return find_model(name)


@st.cache_resource(ttl=FRESH_S, max_entries=8, show_spinner="Opening the corpus")
def corpus(name: str) -> Corpus:
    """Return a registered corpus."""
    return open_corpus(name, store=store())


def report(name: str) -> CorpusReport:
    """Return what a registered corpus holds and how sound it is; no recording is read."""
    found = corpus(name)
    beside = (found.problems, len(found.unaligned), found.aligner)
    return _report(found, name, found.fingerprint, hash(beside))


@st.cache_resource(max_entries=64, show_spinner="Checking the corpus")
def _report(_corpus: Corpus, _name: str, fingerprint: str, beside: int) -> CorpusReport:  # noqa: ARG001 - what the report depends on
    return check(_corpus)


def add_corpus(name: str, path: str, alignments: str) -> Corpus:
    """Register a corpus under a name; without alignments, they lie beside the recordings.

    Raises
    ------
    RightsError
        If whoever looks at the page may not add one.
    """
    access.require("add a corpus")
    access.require_roots()
    folder = Path(alignments) if alignments else None
    return register_corpus(name, Path(path), folder, store=store())


@dataclass(frozen=True)
class People:
    """Who speaks in a corpus, sorted."""

    sexes: tuple[str, ...]
    speakers: tuple[str, ...]


@st.cache_resource(ttl=FRESH_S, max_entries=8, show_spinner=False)
def people(corpus_name: str) -> People:
    """Return who speaks in a registered corpus."""
    utterances = corpus(corpus_name).utterances
    sexes = {utterance.sex for utterance in utterances if utterance.sex is not None}
    speakers = {utterance.speaker for utterance in utterances}
    return People(tuple(sorted(sexes)), tuple(sorted(speakers)))


def alignment_job(request: AlignmentRequest) -> Job | None:
    """Look up how far a forced alignment is; made for being asked every second."""
    job = find_job(queue(), "alignment", request.as_dict())
    if job is not None and job.is_active:
        wake()
    return job


def align(request: AlignmentRequest) -> None:
    """Ask for a forced alignment; what is aligned already is kept.

    Raises
    ------
    RightsError
        If whoever looks at the page may not start a job, or not by this aligner.
    LimitError
        If it is more than this server lets people ask for.
    """
    access.require("start a job")
    if ":" in request.aligner:
        access.require_roots()
    request.check()
    read_limits().refuse_larger(corpus(request.corpus).unaligned)
    submit("alignment", request.as_dict())


def use_alignment(request: AlignmentRequest) -> None:
    """Register the aligned corpus once more, under the name of the alignment.

    Raises
    ------
    RightsError
        If whoever looks at the page may not add a corpus.
    """
    access.require("add a corpus")
    register_aligned(request.out, request.corpus, request.folder)
