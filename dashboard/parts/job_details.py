"""One job: what can be done with it, its whole record, and its log."""

import time
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import streamlit as st

from dashboard import access, loading, selection
from dashboard.parts import asking, messages, sharing
from dashboard.parts.quantities import clock, duration
from pipeline.engine import Job, LogLine, title
from pipeline.errors import EngineError, LayerScopeError

BUSY_S = 1.0


def show(digits: str) -> None:
    """Show the job whose id starts so, fresh each second while it is active."""
    try:
        job = loading.job(digits)
    except EngineError as problem:
        messages.error(problem)
        return
    st.fragment(_show, run_every=BUSY_S if job.is_active else None)(digits, active=job.is_active)


def _show(digits: str, *, active: bool) -> None:
    job = loading.job(digits)
    if job.is_active != active:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.header(selection.KIND_TITLES[job.kind], width="stretch")
        _show_actions(job)
    st.text(title(job))
    if refusal := access.why_not("see what the server says of its files"):
        st.caption(
            f"{job.state.capitalize()}. Its log and its record are not shown to you.", help=refusal
        )
        return
    if job.error:
        st.markdown(":orange[:material/warning:] Why it failed")
        st.code(job.error, language=None, wrap_lines=True)
    st.caption("Log")
    st.code(log_text(loading.job_log(job)), language=None, wrap_lines=True, height=150)
    st.dataframe(
        record(job, time.time()),
        hide_index=True,
        column_config={
            "name": "What",
            "value": st.column_config.TextColumn("Value", width="large"),
        },
        alt="All that is known of the job",
    )


def _show_actions(job: Job) -> None:
    _show_open(job)
    if job.is_active:
        asking.button(
            "Cancel",
            partial(loading.cancel, job),
            refusal=access.why_not_for(job),
            key="cancel",
        )
    elif may_be_retried(job) and st.button(
        "Retry",
        icon=":material/refresh:",
        disabled=access.why_not_for(job) is not None,
        help=access.why_not_for(job),
        key="retry",
    ):
        try:
            loading.retry(job)
        except LayerScopeError as problem:
            messages.error(problem)
        else:
            st.rerun()
    st.button(
        "",
        icon=":material/close:",
        type="tertiary",
        help="Close",
        on_click=selection.select_job,
        args=(None,),
        key="close",
    )


def _show_open(job: Job) -> None:
    view = selection.view_of(job)
    if view is None or not loading.is_offered(
        view.request.corpus, view.request.model_a, view.request.model_b
    ):
        return
    page = "compare" if isinstance(view, selection.CompareView) else "alignments"
    sharing.page_link(page, "Open", ":material/open_in_new:", view.parameters())


def may_be_retried(job: Job) -> bool:
    """Return whether a click may ask for it again; records are deleted after a preview only."""
    return job.can_be_retried and job.kind != "care"


def record(job: Job, now_s: float) -> list[dict[str, str]]:
    """Return all that is known of a job, a row each."""
    took_s = job.duration_s(now_s)
    rate = job.rate(now_s)
    facts = {
        "state": job.state,
        "asked by": job.asked_by,
        "asked at": clock(job.submitted_at_s),
        "started": clock(job.started_at_s),
        "ended": clock(job.finished_at_s),
        "took": "" if took_s is None else duration(took_s),
        "done": f"{job.done:,} of {job.total:,}" if job.total else "",
        "failed": f"{job.failed:,}" if job.total else "",
        "there before": f"{job.settled_at_start:,}" if job.total else "",
        "a second": "" if rate is None else f"{rate:.2g}",
        "attempt": str(job.attempt),
        "id": job.digest,
        **dict(flat(job.task)),
    }
    return [{"name": name, "value": value} for name, value in facts.items() if value]


def flat(task: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield the values of nested mappings under dotted names, those that are set."""
    for name, value in task.items():
        if isinstance(value, Mapping):
            yield from flat(value, f"{prefix}{name}.")
        elif value not in (None, [], ()):
            yield f"{prefix}{name}", str(value)


def log_text(lines: list[LogLine]) -> str:
    """Return a job's log, a line each."""
    return "\n".join(f"{clock(line.at_s)}  {line.text}" for line in lines)
