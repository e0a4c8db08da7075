"""A job while it runs: what it submits to Dask, and how it ends."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from distributed import Client, Future

from cache import Key, Store
from pipeline.corpus.digests import audio_digests
from pipeline.corpus.utterance import Utterance
from pipeline.engine import tasks
from pipeline.engine.jobs import Job, finish, save
from pipeline.errors import AlignerError, CorpusError
from pipeline.forced_alignment.result_folder import count_aligned, named_folder
from pipeline.library import open_corpus
from pipeline.models.catalogue import find_model
from pipeline.planning import Plan, Side, coverage, make_side
from pipeline.request import ComparisonRequest
from pipeline.settings import AlignmentSettings
from pipeline.words.storage import labels_of

log = logging.getLogger(__name__)

# A task holds about this much speech: a few seconds of work on a CPU, so that a lost worker
# loses little and progress is seen.
CHUNK_S = 20.0
INTERACTIVE_PRIORITY = 10


@dataclass(frozen=True, eq=False)
class RunningJob:
    """A job and the future that ends it."""

    job: Job
    future: "Future[object]"

    def finished(self, store: Store) -> bool:
        """Return whether it is over; if so, note in the store how it ended."""
        if not self.future.done():
            return False
        error = self.future.exception()
        if error is not None:
            log.error("job failed: %s", self.job.task, exc_info=error)
        finish(store, self.job, None if error is None else str(error) or repr(error))
        return True


def start(job: Job, store: Store, client: Client, now_s: float) -> RunningJob:
    """Submit a job's missing work.

    Raises
    ------
    LayerScopeError
        If what the job names cannot be opened.
    """
    if job.kind == "comparison":
        return _start_comparison(job, store, client, now_s)
    if job.kind == "alignment":
        return _start_alignment(job, store, client, now_s)
    return _start_view(job, store, client, now_s)


def _start_comparison(job: Job, store: Store, client: Client, now_s: float) -> RunningJob:
    plan = ComparisonRequest.from_dict(job.task).plan(store)
    found = [coverage(side, store) for side in plan.sides]
    running = replace(
        job,
        state="running",
        started_at_s=now_s,
        total=sum(len(side.keys) for side in plan.sides),
        done_at_start=sum(len(each.done) for each in found),
    )
    save(store, running)
    embedded = [
        future
        for side, each in zip(plan.sides, found, strict=True)
        for future in _submit_side(plan, side, each.missing, store, client)
    ]
    return RunningJob(running, _submit(client, tasks.compare, store.path, plan, embedded))


def _submit_side(
    plan: Plan, side: Side, missing: Sequence[str], store: Store, client: Client
) -> "list[Future[object]]":
    labels = plan.labels(side)
    utterances = [plan.corpus.by_id[name] for name in missing]
    return [
        _submit(
            client,
            tasks.embed_chunk,
            store.path,
            side.spec,
            [(utterance, side.keys[utterance.id]) for utterance in chunk],
            plan.settings,
            labels,
        )
        for chunk in chunks(utterances)
    ]


def chunks(utterances: Sequence[Utterance]) -> Iterator[list[Utterance]]:
    """Split utterances, in order, into chunks of about `CHUNK_S` seconds of speech."""
    elapsed_s, chunk_of = 0.0, {}
    for utterance in utterances:
        chunk_of[utterance.id] = int(elapsed_s // CHUNK_S)
        elapsed_s += utterance.duration_s
    for _, chunk in groupby(utterances, key=lambda utterance: chunk_of[utterance.id]):
        yield list(chunk)


def _start_view(job: Job, store: Store, client: Client, now_s: float) -> RunningJob:
    """Compute what one page of an utterance shows, ahead of everything that waits."""
    task = job.task
    corpus = open_corpus(task["corpus"], task["alignments"], store=store)
    utterance = corpus.by_id.get(task["utterance"])
    digest = audio_digests(corpus, store).get(task["utterance"])
    if utterance is None or digest is None:
        raise CorpusError(f"corpus {corpus.name} has no readable utterance {task['utterance']}")
    save(store, replace(job, state="running", started_at_s=now_s))
    view = _submit(
        client, tasks.view_recording, store.path, utterance, digest, priority=INTERACTIVE_PRIORITY
    )
    if task["model"] is None:
        return RunningJob(job, view)
    spec, settings = find_model(task["model"]), AlignmentSettings(**task["settings"])
    key = make_side(corpus, spec, settings, {utterance.id: digest}).keys[utterance.id]
    work: list[tuple[Utterance, Key]] = [(utterance, key)]
    labels = labels_of(spec, corpus.name, settings)
    embedded = _submit(
        client,
        tasks.embed_chunk,
        store.path,
        spec,
        work,
        settings,
        labels,
        priority=INTERACTIVE_PRIORITY,
    )
    return RunningJob(job, client.submit(_both, view, embedded, priority=INTERACTIVE_PRIORITY))


def _start_alignment(job: Job, store: Store, client: Client, now_s: float) -> RunningJob:
    """Align what a corpus has no times for, into a named folder below LayerScope's home."""
    task = job.task
    folder = named_folder(task["out"])
    corpus = open_corpus(task["corpus"], task["alignments"], store=store)
    if not corpus.unaligned:
        raise AlignerError(f"every utterance of {corpus.name} has its alignment; nothing is left")
    running = replace(
        job,
        state="running",
        started_at_s=now_s,
        total=len(corpus.unaligned),
        done_at_start=count_aligned(corpus.unaligned, corpus.root, folder),
    )
    save(store, running)
    aligned = [
        _submit(client, tasks.align_chunk, task["aligner"], chunk, corpus.root, folder)
        for chunk in chunks(corpus.unaligned)
    ]
    return RunningJob(running, _submit(client, tasks.conclude_alignment, folder, aligned))


def _both(_view: None, _failures: int) -> None:
    """End when both are there."""


def _submit(client: Client, function: Any, *arguments: Any, priority: int = 0) -> "Future[object]":  # noqa: ANN401 - Dask's own signature
    """Submit a task that Dask may run again, under a name that no other run shares."""
    return client.submit(function, *arguments, priority=priority, pure=False, retries=2)
