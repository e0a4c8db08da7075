"""Embed what is missing and compare, in this process: for the command line and notebooks."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from cache import Store
from pipeline.analyses import AnalysisRequest, compute_analysis, load_analysis
from pipeline.analyses.running import check_request
from pipeline.comparison import compute_result, load_result
from pipeline.configuration import open_store, shared_tier
from pipeline.corpus.utterance import Corpus
from pipeline.errors import MatrixError
from pipeline.models.catalogue import find_model
from pipeline.models.opening import open_model
from pipeline.planning import (
    Plan,
    Side,
    bytes_needed,
    coverage,
    embedding_bytes,
    make_plan,
)
from pipeline.request import ComparisonRequest
from pipeline.settings import AlignmentSettings
from pipeline.similarity.result import Estimator, SimilarityResult
from pipeline.words.storage import labels_of

T = TypeVar("T")
Progress = Callable[[Iterable[T], int, str], Iterable[T]]
"""Wraps an iterable of known length, under a heading, to show how far it is."""


def silently(items: Iterable[T], _length: int, _heading: str) -> Iterable[T]:
    """Show no progress."""
    return items


def embed_missing(
    side: Side,
    corpus: Corpus,
    settings: AlignmentSettings,
    store: Store,
    *,
    progress: Progress[str | None] = silently,
    device: str | None = None,
) -> Counter[str]:
    """Compute the embeddings of a side that the store lacks.

    Returns
    -------
    Counter
        How many were ``computed``, ``failed`` and already ``cached``.

    Raises
    ------
    StoreFullError
        Before anything is computed, if the store has no room for them.
    """
    found = coverage(side, store)
    counts = Counter(cached=len(found.done), failed=len(found.failed), computed=0)
    if not found.missing:
        return counts
    from pipeline.extraction import embed_into  # noqa: PLC0415 - loads torch, which takes seconds

    work = [(corpus.by_id[name], side.keys[name]) for name in found.missing]
    missing = [utterance for utterance, _ in work]
    store.require_room(embedding_bytes(side.spec, settings, missing))
    model = open_model(side.spec, device)
    labels = labels_of(side.spec, corpus.name, settings)
    outcomes = embed_into(store, model, work, settings, labels, tier=shared_tier())
    for reason in progress(outcomes, len(work), side.spec.name):
        counts["failed" if reason else "computed"] += 1
    return counts


def run_plan(
    plan: Plan,
    store: Store,
    *,
    progress: Progress[str | None] = silently,
    device: str | None = None,
) -> Counter[str]:
    """Compute all that a comparison lacks, the result included; return what was done.

    Raises
    ------
    StoreFullError
        Before anything is computed, if the store has no room for all of it.
    """
    if load_result(plan, store) is None:
        found = [coverage(side, store) for side in plan.sides]
        store.require_room(bytes_needed(plan, found))
    counts: Counter[str] = Counter()
    for side in plan.sides:
        counts += embed_missing(
            side, plan.corpus, plan.settings, store, progress=progress, device=device
        )
    if load_result(plan, store) is None:
        key, tier = compute_result(plan, store, device or "cpu"), shared_tier()
        if tier is not None:
            tier.publish(store, key)
        counts["results"] += 1
    return counts


def compare(
    corpus: Corpus,
    model_a: str,
    model_b: str,
    settings: AlignmentSettings | None = None,
    *,
    estimator: Estimator = "debiased",
    store: Store | None = None,
) -> SimilarityResult:
    """Return the similarity of all layers of two models on a corpus.

    What the store holds is not computed again.

    Parameters
    ----------
    model_a, model_b : str
        Names of models; A gives the rows.
    settings : AlignmentSettings, optional
    estimator : {"debiased", "biased"}
    store : Store, optional
        By default this user's.
    """
    store = store or open_store()
    specs = find_model(model_a), find_model(model_b)
    plan = make_plan(corpus, *specs, settings or AlignmentSettings(), store)
    return _result(plan, store, estimator)


def compare_request(
    request: ComparisonRequest, *, estimator: Estimator = "debiased", store: Store | None = None
) -> SimilarityResult:
    """Return what a request asks for, with all settings that a page or a command has.

    What the store holds is not computed again.

    Parameters
    ----------
    request : ComparisonRequest
    estimator : {"debiased", "biased"}
        Of a measure that has both.
    store : Store, optional
        By default this user's.
    """
    store = store or open_store()
    return _result(request.plan(store), store, estimator)


def analyse(request: AnalysisRequest, *, store: Store | None = None) -> Any:  # noqa: ANN401 - each its own
    """Return an analysis of a comparison, such as the nulls of its cells.

    What the store holds is not computed again.

    Parameters
    ----------
    request : AnalysisRequest
    store : Store, optional
        By default this user's.
    """
    store = store or open_store()
    plan = request.comparison.plan(store)
    check_request(request, plan)
    for side in plan.sides:
        embed_missing(side, plan.corpus, plan.settings, store)
    if load_analysis(request, plan, store) is None:
        compute_analysis(request, plan, store)
    found = load_analysis(request, plan, store)
    if found is None:
        raise MatrixError("the store lost embeddings while they were analysed; try again")
    return found


def _result(plan: Plan, store: Store, estimator: Estimator) -> SimilarityResult:
    run_plan(plan, store)
    result = load_result(plan, store, estimator)
    if result is None:
        raise MatrixError("the store lost embeddings while they were compared; try again")
    return result
