"""Word times for what a corpus has none for: by which aligner, how far it is, how to use them."""

from functools import partial

import streamlit as st

from dashboard import access, loading
from dashboard.parts import asking, messages
from pipeline.corpus.utterance import Corpus
from pipeline.engine import Job
from pipeline.errors import LayerScopeError
from pipeline.forced_alignment import ALIGNERS
from pipeline.forced_alignment.request import AlignmentRequest
from pipeline.forced_alignment.result_folder import Summary

BUSY_S, MOST_ROWS = 1.0, 200
REFUSED = "alignment-refused"
_LABELS = {"pocketsphinx": "pocketsphinx", "CTC model": "ctc:FOLDER"}


def show(name: str, corpus: Corpus) -> None:
    """Show what can be aligned of a registered corpus, if anything."""
    if not corpus.unaligned or access.why_not("start a job"):
        return
    with st.container(border=True, key="align"):
        st.header(f"Align by force: {len(corpus.unaligned):,} utterances without an alignment")
        request = AlignmentRequest(name, _choose_aligner())
        try:
            request.check()
        except LayerScopeError as problem:
            if not request.aligner.endswith(":"):
                messages.refusal(problem)
            return
        seen = _state(request, loading.alignment_job(request))
        st.fragment(_show, run_every=BUSY_S if seen[0] else None)(request, seen)


def _state(request: AlignmentRequest, job: Job | None) -> tuple[bool, bool]:
    """Return whether it is on its way, and whether its result is in use: what the page shows."""
    return job is not None and job.is_active, request.out in loading.corpus_names()


def _choose_aligner() -> str:
    grid = st.grid(2, min_column_width=240, vertical_alignment="bottom")
    label = grid.cell().selectbox("Aligner", list(_LABELS), key="aligner", bind="query-params")
    aligner = _LABELS[label]
    if aligner == "ctc:FOLDER":
        folder = grid.cell().text_input(
            "Folder of the model", key="ctc", bind="query-params", placeholder="path on the server"
        )
        aligner = f"ctc:{folder.strip()}"
    purpose = ALIGNERS[_LABELS[label]]
    st.caption(f"{purpose[0].upper()}{purpose[1:]}.")
    return aligner


def _show(request: AlignmentRequest, seen: tuple[bool, bool]) -> None:
    # The job first: what it gives is there before it ends.
    job = loading.alignment_job(request)
    is_busy, _ = now = _state(request, job)
    if now != seen:
        st.rerun()
    if REFUSED in st.session_state:
        messages.refusal(st.session_state.pop(REFUSED))
    try:
        summary = request.summary()
    except LayerScopeError as problem:
        messages.refusal(problem)
        return
    _show_buttons(request, job, summary)
    if job is not None and is_busy:
        _show_progress(job)
    elif job is not None and job.state in ("failed", "cancelled"):
        messages.refusal(LayerScopeError(job.error or "It was cancelled; what is aligned is kept."))
    if summary is not None and summary.words and not is_busy:
        _show_result(request, summary)


def _show_buttons(request: AlignmentRequest, job: Job | None, summary: Summary | None) -> None:
    is_busy = job is not None and job.is_active
    is_done = summary is not None and bool(summary.words or summary.failed)
    label = "Align what is left" if is_done else "Align"
    with st.container(horizontal=True):
        asking.button(
            "Aligning" if is_busy else label,
            partial(loading.align, request),
            refusal=access.why_not("start a job"),
            type="secondary" if is_done else "primary",
            icon=":material/hourglass_top:" if is_busy else ":material/align_justify_space_even:",
            disabled=is_busy,
            key="start-alignment",
        )
        if job is not None and is_busy:
            asking.button(
                "Cancel",
                partial(loading.cancel, job),
                refusal=access.why_not_for(job),
                key="cancel-alignment",
            )


def _show_progress(job: Job) -> None:
    text = "waiting for the engine"
    if job.state == "running":
        text = f"{job.done:,} of {job.total:,} utterances aligned, {job.failed:,} failed"
    st.progress(job.settled / max(job.total, 1), text)


def _show_result(request: AlignmentRequest, summary: Summary) -> None:
    st.text(
        f"{summary.words:,} words have times now, by {summary.aligner}; "
        f"{len(summary.failed):,} utterances failed."
    )
    if request.out in loading.corpus_names():
        messages.success(f"The corpus {request.out} uses these times; choose it on any page.")
    else:
        refusal = access.why_not("add a corpus")
        st.button(
            f"Add as the corpus {request.out}",
            icon=":material/add:",
            on_click=_use,
            args=(request,),
            key="use-alignment",
            disabled=refusal is not None,
            help=refusal or "It holds what was aligned here: the utterances that had no alignment.",
        )
    st.caption("Or name the folder where a command takes alignments:")
    st.code(f"--alignments {request.folder}", language=None)
    if summary.failed:
        st.dataframe(
            [
                {"Utterance": name, "Reason": why}
                for name, why in list(summary.failed.items())[:MOST_ROWS]
            ],
            hide_index=True,
            alt="Utterances that could not be aligned, and why",
        )


def _use(request: AlignmentRequest) -> None:
    """Register the result and select it; runs before the page."""
    try:
        loading.use_alignment(request)
    except LayerScopeError as problem:
        st.session_state[REFUSED] = problem
    else:
        st.session_state["corpus"] = request.out
