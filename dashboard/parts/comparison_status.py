"""Is it there? What of a comparison is cached, missing, failed or on its way; and Compute."""

import streamlit as st

from dashboard import loading
from dashboard.parts import messages
from pipeline.models.spec import ModelSpec
from pipeline.planning import Coverage
from pipeline.request import ComparisonRequest

BUSY_S, WATCHING_S = 1.0, 4.0


def show(request: ComparisonRequest) -> loading.Status:
    """Show the status, keep it fresh while it can change, and return it as it is now."""
    status = loading.status(request)
    if status.has_result and not status.is_busy:
        fresh_every_s = None
    else:
        # Somebody else may start, or end, the same comparison.
        fresh_every_s = BUSY_S if status.is_busy else WATCHING_S
    st.fragment(_show, run_every=fresh_every_s)(request, status.has_result, status.is_busy)
    return status


def _show(request: ComparisonRequest, had_result: bool, was_busy: bool) -> None:  # noqa: FBT001 - Streamlit calls it again with these
    status = loading.status(request)
    if (status.has_result, status.is_busy) != (had_result, was_busy):
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(_facts(request, status), width="stretch")
        st.button(
            "Computing" if status.is_busy else "Compute",
            type="primary",
            width=120,
            disabled=status.is_busy or status.has_result,
            on_click=loading.compute,
            args=(request,),
            key="compute",
        )
    if status.is_busy:
        _show_progress(status)
    elif status.job is not None and status.job.error and not status.has_result:
        messages.notes([f"The last attempt failed: {status.job.error}"])
    _show_left_out(request, status)


def _facts(request: ComparisonRequest, status: loading.Status) -> str:
    badges = [
        _badge(letter, spec, found)
        for letter, (spec, found) in zip("AB", status.coverages, strict=False)
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
    left_s = status.seconds_left()
    job_started = status.job is not None and status.job.state == "running"
    text = f"{status.done:,} of {status.total:,} embeddings"
    if status.done == status.total:
        text += " · comparing all layers"
    elif left_s is not None:
        text += f" · about {_duration(left_s)} left"
    elif not job_started:
        text += " · waiting for the engine"
    else:
        text += " · loading the model"
    st.progress(status.done / max(status.total, 1), text)


def _duration(seconds: float) -> str:
    return f"{max(seconds, 1):.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"  # noqa: PLR2004 - reads best in seconds up to there


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
            st.button(
                "Try them again",
                type="tertiary",
                icon=":material/refresh:",
                on_click=loading.compute,
                args=(request,),
                kwargs={"again": True},
            )
