"""What the pages load; the only module with Streamlit's caches, and the seam that tests fill."""

import time
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import streamlit as st

from cache import Capacity, PruneReport, Store, Usage
from pipeline import engine
from pipeline.analyses import AnalysisRequest, load_analysis
from pipeline.comparison import load_result
from pipeline.configuration import home, open_store
from pipeline.corpus.checks import CorpusReport, check
from pipeline.corpus.digests import audio_digests
from pipeline.corpus.registry import registered
from pipeline.corpus.utterance import Corpus, Utterance
from pipeline.engine import ENDED, Job, JobQueue, Kind, State, ensure_running, find_job, open_queue
from pipeline.forced_alignment.request import AlignmentRequest
from pipeline.library import (
    ListedModels,
    listed_models,
    open_corpus,
    register_aligned,
    register_corpus,
    register_model,
)
from pipeline.models.catalogue import find_model
from pipeline.models.registry import added_models, remove_model
from pipeline.models.spec import ModelSpec
from pipeline.planning import Coverage, Plan, coverage, forget_failures, make_side
from pipeline.recording_view import RecordingView, get_recording_view
from pipeline.request import ComparisonRequest
from pipeline.settings import AlignmentSettings
from pipeline.similarity.result import Estimator, SimilarityResult
from pipeline.sound import as_wav
from pipeline.time_axis import Interval
from pipeline.words.storage import WordEmbeddings, get_embeddings

# Files of a corpus may change while the server runs; a minute later the page knows.
FRESH_S = 60
MOST_ENDED = 100


@dataclass(frozen=True)
class Status:
    """How far a comparison is."""

    coverages: tuple[tuple[ModelSpec, Coverage], ...]
    job: Job | None
    has_result: bool

    @property
    def total(self) -> int:
        """Embeddings in all."""
        return sum(len(c.done) + len(c.missing) + len(c.failed) for _, c in self.coverages)

    @property
    def done(self) -> int:
        """Embeddings in the store, or known to fail."""
        return self.total - sum(len(c.missing) for _, c in self.coverages)

    @property
    def is_busy(self) -> bool:
        """Whether the job waits or runs."""
        return self.job is not None and self.job.is_active

    @property
    def seen_by_the_page(self) -> tuple[bool, bool, int]:
        """What the rest of the page shows of it: it is drawn again when this changes."""
        return self.has_result, self.is_busy, 0 if self.is_busy else self.done

    @property
    def failures(self) -> dict[str, str]:
        """Why utterances failed, by id."""
        return {name: why for _, c in self.coverages for name, why in c.failed.items()}

    @property
    def can_be_retried(self) -> bool:
        """Whether the last attempt failed or was cancelled, and its result is not there."""
        stopped = self.job is not None and self.job.state in ("failed", "cancelled")
        return stopped and not self.has_result

    def rate(self) -> float | None:
        """Return the embeddings a second so far."""
        return self.job.rate(time.time(), self.done) if self.job else None

    def seconds_left(self) -> float | None:
        """Return the time left at the rate so far."""
        return self.job.seconds_left(time.time(), self.done) if self.job else None


@st.cache_resource
def store() -> Store:
    """Return this server's store."""
    return open_store()


@st.cache_resource
def queue() -> JobQueue:
    """Return the jobs that this server shares with the engine."""
    return open_queue()


def visitor() -> str:
    """Return who looks at the page: the name they signed in with, if they did."""
    return str(st.user.get("name") or "local")


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


def model_was_added(name: str) -> bool:
    """Return whether a user added a model to the lists."""
    return name in added_models(home())


def add_model(name: str) -> ModelSpec:
    """Add a model of this machine to the lists and menus."""
    spec = register_model(name)
    models.clear()
    return spec


def forget_model(name: str) -> None:
    """Take an added model off the lists and menus."""
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
    """Register a corpus under a name; without alignments, they lie beside the recordings."""
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


@st.cache_resource(ttl=FRESH_S, max_entries=32, show_spinner=False)
def plan(request: ComparisonRequest) -> Plan:
    """Return what a comparison is made of."""
    return request.plan(store(), corpus(request.corpus))


def status(request: ComparisonRequest) -> Status:
    """Look up how far a comparison is; made for being asked every second.

    While its job is active, an engine that has ended is started again.
    """
    found = plan(request)
    # The job first: what it gives is there before it ends.
    job = find_job(queue(), "comparison", request.as_dict())
    if job is not None and job.is_active:
        ensure_running(home())
    coverages = [coverage(side, store()) for side in found.sides]
    return Status(
        tuple(zip((side.spec for side in found.sides), coverages, strict=True)),
        job,
        load_result(found, store(), coverages=coverages) is not None,
    )


def result(request: ComparisonRequest, estimator: Estimator) -> SimilarityResult | None:
    """Return a comparison's result if it is there."""
    return load_result(plan(request), store(), estimator)


def compute(
    request: ComparisonRequest, *, again: bool = False, asked_by: str | None = None
) -> None:
    """Ask for what a comparison lacks; `again`: try the failed utterances once more."""
    if again:
        forget_failures(plan(request), store())
    queue().submit("comparison", request.as_dict(), asked_by or visitor())
    ensure_running(home())


@dataclass(frozen=True, eq=False)
class AnalysisStatus:
    """An analysis, or how far it is; without either nobody has asked for it."""

    found: Any
    job: Job | None

    @property
    def is_busy(self) -> bool:
        """Whether the job waits or runs."""
        return self.job is not None and self.job.is_active


def analysis(request: AnalysisRequest) -> AnalysisStatus:
    """Look up an analysis; made for being asked every second."""
    job = find_job(queue(), "analysis", request.as_dict())
    if job is not None and job.is_active:
        ensure_running(home())
    return AnalysisStatus(load_analysis(request, plan(request.comparison), store()), job)


def analyse(request: AnalysisRequest) -> None:
    """Ask for an analysis."""
    queue().submit("analysis", request.as_dict(), visitor())
    ensure_running(home())


def alignment_job(request: AlignmentRequest) -> Job | None:
    """Look up how far a forced alignment is; made for being asked every second."""
    job = find_job(queue(), "alignment", request.as_dict())
    if job is not None and job.is_active:
        ensure_running(home())
    return job


def align(request: AlignmentRequest) -> None:
    """Ask for a forced alignment; what is aligned already is kept."""
    queue().submit("alignment", request.as_dict(), visitor())
    ensure_running(home())


def use_alignment(request: AlignmentRequest) -> None:
    """Register the aligned corpus once more, under the name of the alignment."""
    register_aligned(request.out, request.corpus, request.folder)


def cancel(job: Job) -> None:
    """Cancel a job; what it has computed is kept."""
    queue().cancel(job, visitor())


def engine_status() -> engine.EngineStatus:
    """Return how the engine is now."""
    return engine.engine_status(home())


def active_jobs() -> list[Job]:
    """Return what waits or runs; an engine that has ended meanwhile is started again."""
    active = queue().active()
    if active:
        ensure_running(home())
    return active


def ended_jobs(states: Collection[State], kinds: Collection[Kind]) -> list[Job]:
    """Return what ended last, in such states and of such kinds."""
    return queue().ended(MOST_ENDED, states=[s for s in ENDED if s in states], kinds=kinds)


def job(digits: str) -> Job:
    """Return the job whose id starts so."""
    return queue().by_id(digits)


def job_log(job: Job) -> list[engine.LogLine]:
    """Return what happened to a job."""
    return queue().log_of(job.digest)


def latest_care() -> Job | None:
    """Return the check or pruning of the store that waits or runs, else the one that ended last."""
    active = [job for job in active_jobs() if job.kind == "care"]
    return next(iter(active or queue().ended(1, kinds=["care"])), None)


def verify() -> None:
    """Ask for a check of every record."""
    queue().submit("care", engine.VERIFY, visitor())
    ensure_running(home())


def prune(pruning: engine.Pruning) -> None:
    """Ask for the deletion of records."""
    queue().submit("care", pruning.as_task(), visitor())
    ensure_running(home())


def capacity() -> Capacity:
    """Return how large the store is and may become."""
    return store().capacity()


def usage() -> tuple[Usage, ...]:
    """Return what the store holds, by kind, corpus, model and settings."""
    return _usage(capacity().used_bytes)


@st.cache_resource(ttl=FRESH_S, max_entries=2, show_spinner="Counting the records")
def _usage(used_bytes: int) -> tuple[Usage, ...]:  # noqa: ARG001 - other records, other accounts
    return store().usage(by=engine.LABELS)


def preview(pruning: engine.Pruning) -> PruneReport:
    """Return what would be deleted now."""
    return _preview(pruning, capacity().used_bytes)


@st.cache_resource(ttl=FRESH_S, max_entries=32, show_spinner="Counting the records")
def _preview(pruning: engine.Pruning, used_bytes: int) -> PruneReport:  # noqa: ARG001 - see above
    return pruning.run(store(), dry_run=True)


def retry(job: Job) -> None:
    """Ask again for a job that has ended, its failed utterances included."""
    engine.retry(queue(), store(), job, visitor())
    ensure_running(home())


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


def view_job(
    request: ComparisonRequest, name: str, *, with_model: bool, again: bool = False
) -> Job:
    """Ask for what an utterance's page lacks; what failed is tried again only if `again`."""
    settings: AlignmentSettings = request.settings
    task = {
        "corpus": request.corpus,
        "alignments": request.alignments,
        "utterance": name,
        "model": request.model_a if with_model else None,
        "settings": settings.as_dict(),
    }
    known = find_job(queue(), "view", task)
    if known is not None and known.state in ("failed", "cancelled") and not again:
        return known
    job = queue().submit("view", task, visitor())
    ensure_running(home())
    return job
