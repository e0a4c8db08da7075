"""Is it there? What of a comparison is cached, missing, failed or on its way; and Compute."""

from functools import partial

import streamlit as st

from dashboard import access, loading
from dashboard.parts import asking, bundled, engine, messages
from dashboard.parts.quantities import duration
from pipeline.engine import Job
from pipeline.models.spec import ModelSpec
from pipeline.planning import Coverage
from pipeline.request import ComparisonRequest

BUSY_S, WATCHING_S = 1.0, 4.0


def show(request: ComparisonRequest) -> loading.Status:
    """Show the status, keep it fresh while it can change, and return it as it is now."""
    status = loading.status(request)
    if loading.bundle() is not None or (status.has_result and not status.is_busy):
        fresh_every_s = None
    else:
        # Somebody else may start, or end, the same comparison.
        fresh_every_s = BUSY_S if status.is_busy else WATCHING_S
    st.fragment(_show, run_every=fresh_every_s)(request, status.seen_by_the_page)
    return status


def show_missing(status: loading.Status) -> None:
    """Say what is missing, in the place of a result."""
    if loading.bundle() is not None:
        bundled.show_absent()
        return
    text = access.why_not("start a job") or _missing_text(status.total - status.done)
    messages.empty("Not computed yet", text, ":material/grid_on:")


def _missing_text(missing: int) -> str:
    if not missing:
        return "All word embeddings are there; only the comparison is missing."
    beside = "Compute runs beside the page: you can close it and come back."
    return f"{missing:,} word embeddings are missing. {beside} {engine.on_processor()}".rstrip()


def _show(request: ComparisonRequest, seen: tuple[bool, bool, int]) -> None:
    status = loading.status(request)
    if status.seen_by_the_page != seen:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(_facts(request, status), width="stretch")
        _show_cancel(status)
        asking.button(
            _action(status),
            partial(loading.compute, request, again=status.can_be_retried),
            refusal=access.why_not("start a job"),
            type="primary",
            width=120,
            disabled=status.is_busy or status.has_result,
            key="compute",
        )
    if status.is_busy:
        _show_progress(status)
    elif status.job is not None and status.can_be_retried:
        messages.notes([_end(status.job)])
    _show_left_out(request, status)


def _action(status: loading.Status) -> str:
    if status.is_busy:
        return "Computing"
    return "Retry" if status.can_be_retried else "Compute"


def _show_cancel(status: loading.Status) -> None:
    if status.job is not None and status.is_busy:
        asking.button(
            "Cancel",
            partial(loading.cancel, status.job),
            refusal=access.why_not_for(status.job),
            width=120,
            help_="What is computed so far is kept.",
            key="cancel",
        )


def _end(job: Job) -> str:
    if job.state == "cancelled":
        return "The last attempt was cancelled; what it computed is kept."
    return f"The last attempt failed: {job.error}"


def _facts(request: ComparisonRequest, status: loading.Status) -> str:
    # A bundle has no embeddings to tell of.
    sides = () if loading.bundle() is not None else status.coverages
    badges = [
        _badge(letter, spec, found) for letter, (spec, found) in zip("AB", sides, strict=False)
    ]
    corpus = loading.corpus(request.corpus)
    words = sum(len(utterance.words) for utterance in corpus.utterances)
    speakers = len({utterance.speaker for utterance in corpus.utterances})
    size = f":gray[{len(corpus.utterances):,} utterances · {words:,} words · {speakers} speakers]"
    return "&ensp;".join([*badges, size])


def _badge(letter: str, spec: ModelSpec, found: Coverage) -> str:
    total = len(found.done) + len(found.missing) + len(found.failed)
    if spec.modality == "control":
        return f":green-badge[:material/check: {letter} needs no computing]"
    if found.missing:
        return f":orange-badge[:material/schedule: {letter} cached {len(found.done):,} / {total:,}]"
    return f":green-badge[:material/check: {letter} cached {len(found.done):,} / {total:,}]"


def _show_progress(status: loading.Status) -> None:
    rate, left_s = status.rate(), status.seconds_left()
    job_started = status.job is not None and status.job.state == "running"
    text = f"{status.done:,} of {status.total:,} embeddings"
    if status.done == status.total:
        text += " · comparing all layers"
    elif rate is not None and left_s is not None:
        text += f" · {rate:.2g} utterances/s · about {duration(left_s)} left"
    elif not job_started:
        text += f" · {engine.waiting()}"
    else:
        text += " · loading the model"
    st.progress(status.done / max(status.total, 1), text)


def _show_left_out(request: ComparisonRequest, status: loading.Status) -> None:
    corpus, failures = loading.corpus(request.corpus), status.failures
    if not corpus.problems and not failures:
        return
    with st.container(horizontal=True):
        messages.corpus_problems(corpus.problems)
        if failures:
            files = {name: corpus.by_id[name].audio for name in failures}
            messages.reasons(
                f"{len(failures):,} utterances failed",
                ((name, files[name], why) for name, why in failures.items()),
            )
            asking.button(
                "Try them again",
                partial(loading.compute, request, again=True),
                refusal=access.why_not("start a job"),
                type="tertiary",
                icon=":material/refresh:",
                disabled=status.is_busy,
            )
