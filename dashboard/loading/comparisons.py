"""Comparisons and their analyses: how far they are, and their results."""

import dataclasses
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from dashboard import access
from dashboard.loading.base import FRESH_S, queue, store, submit, wake
from dashboard.loading.library import corpus
from pipeline.analyses import AnalysisRequest, document, load_analysis
from pipeline.comparison import load_result
from pipeline.engine import Job, find_job
from pipeline.library import refuse_model_outside
from pipeline.limits import read_limits
from pipeline.models.spec import ModelSpec
from pipeline.planning import Coverage, Plan, coverage, forget_failures
from pipeline.request import ComparisonRequest
from pipeline.similarity.measure import MEASURES
from pipeline.similarity.result import Estimator, SimilarityResult


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


@st.cache_resource(
    ttl=FRESH_S,
    max_entries=32,
    show_spinner=False,
    hash_funcs={ComparisonRequest: repr},  # a page asks thirty times; Streamlit's own takes 0.5 ms
)
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
        wake()
    coverages = [coverage(side, store()) for side in found.sides]
    return Status(
        tuple(zip((side.spec for side in found.sides), coverages, strict=True)),
        job,
        load_result(found, store(), coverages=coverages) is not None,
    )


def result(request: ComparisonRequest, estimator: Estimator) -> SimilarityResult | None:
    """Return a comparison's result if it is there."""
    return load_result(plan(request), store(), estimator)


def results_by_measure(
    request: ComparisonRequest,
) -> tuple[list[SimilarityResult], dict[str, Job | None]]:
    """Return a comparison by each measure and estimator, and the job of each measure not there."""
    found = plan(request)
    # The jobs first: what they give is there before they end.
    jobs = jobs_by_measure(request, MEASURES)
    coverages = [coverage(side, store()) for side in found.sides]
    results: list[SimilarityResult] = []
    missing: dict[str, Job | None] = {}
    for name, measure in MEASURES.items():
        by_measure = dataclasses.replace(found, measure=measure)
        estimated = [
            load_result(by_measure, store(), estimator or "debiased", coverages)
            for estimator in measure.functions
        ]
        there = [each for each in estimated if each is not None]
        results += there
        if len(there) < len(estimated):
            missing[name] = jobs[name]
    return results, missing


def jobs_by_measure(request: ComparisonRequest, measures: Iterable[str]) -> dict[str, Job | None]:
    """Return the job of a comparison by each measure, None where nobody has asked for it."""
    asked = {name: dataclasses.replace(request, measure=name) for name in measures}
    return {name: find_job(queue(), "comparison", each.as_dict()) for name, each in asked.items()}


def compute(request: ComparisonRequest, *, again: bool = False) -> None:
    """Ask for what a comparison lacks; `again`: try the failed utterances once more.

    Raises
    ------
    RightsError
        If whoever looks at the page may not start a job.
    LimitError
        If it is more than this server lets people ask for.
    """
    access.require("start a job")
    refuse_beyond_limits(request)
    if again:
        forget_failures(plan(request), store())
    submit("comparison", request.as_dict())


def compute_for_the_first_visitor(request: ComparisonRequest) -> None:
    """Ask for a comparison before anybody has come, if it is not there."""
    if result(request, "debiased") is None:
        queue().submit("comparison", request.as_dict(), "the server, at its start")
        wake()


def refuse_beyond_limits(request: ComparisonRequest) -> None:
    """Do nothing if a job may be about a comparison.

    Raises
    ------
    LimitError
        If it is about too much speech, or about a model that jobs may not use.
    ModelError
        If a model lies outside of the folders that are allowed.
    """
    found, limits = plan(request), read_limits()
    specs = [side.spec for side in found.sides]
    limits.refuse_models(specs)
    for spec in specs:
        refuse_model_outside(spec.name)
    limits.refuse_larger(found.utterances)


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
        wake()
    return AnalysisStatus(load_analysis(request, plan(request.comparison), store()), job)


def analysis_json(request: AnalysisRequest, found: Any) -> str:  # noqa: ANN401 - its own class
    """Return an analysis that was found as a document."""
    return document.analysis_json(request, plan(request.comparison), found)


def analyse(request: AnalysisRequest) -> None:
    """Ask for an analysis.

    Raises
    ------
    RightsError, LimitError
        As :func:`compute`.
    """
    access.require("start a job")
    refuse_beyond_limits(request.comparison)
    submit("analysis", request.as_dict())
