"""Care of the store: check it, or delete what is not wanted, after a look at how much that is."""

import time
from functools import partial

import streamlit as st

from dashboard import access, loading
from dashboard.parts import asking, engine
from dashboard.parts.job_list import progress_text
from dashboard.parts.quantities import clock, size
from pipeline.engine import Job, Pruning, title

BUSY_S = 1.0


def show_latest() -> None:
    """Show the check or pruning that runs, or how the last one ended; each second while it runs."""
    job = loading.latest_care()
    if job is not None:
        busy = job.is_active
        st.fragment(_show_latest, run_every=BUSY_S if busy else None)(busy=busy)


def _show_latest(*, busy: bool) -> None:
    job = loading.latest_care()
    if job is None or job.is_active != busy:
        st.rerun()
    with st.container(border=True, key="care"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.text(title(job), width="stretch")
            st.page_link("app_pages/jobs.py", label="Details", query_params={"job": job.id})
            if busy:
                asking.button(
                    "Cancel",
                    partial(loading.cancel, job),
                    refusal=access.why_not_for(job),
                    key="care-cancel",
                )
        _show_progress(job)


def _show_progress(job: Job) -> None:
    if job.state == "queued":
        st.caption(f":material/schedule: {engine.waiting().capitalize()}")
    elif job.state == "running":
        st.progress(job.settled / max(job.total, 1), progress_text(job, time.time()))
    elif job.state == "done":
        st.text(f"{clock(job.finished_at_s)}  {outcome(job)}")
    else:
        st.text(f"{clock(job.finished_at_s)}  {job.error or 'cancelled'}")


def outcome(job: Job) -> str:
    """Return what a job that is done says of its outcome: its last line but one."""
    lines = loading.job_log(job)
    return lines[-2].text if len(lines) > 1 else ""


def show_pruning(pruning: Pruning) -> None:
    """Show what would be deleted, and a button that asks once more before it is."""
    if not pruning.is_set:
        st.caption("Choose what to delete; what meets all that is set will be.")
        return
    found = loading.preview(pruning)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.text(
            f"Would delete {found.records:,} records, {size(found.size_bytes)}", width="stretch"
        )
        if st.button("Delete", icon=":material/delete:", disabled=not found.records, key="prune"):
            _confirm(pruning)


@st.dialog("Delete these records?")
def _confirm(pruning: Pruning) -> None:
    found = loading.preview(pruning)
    st.text(f"{found.records:,} records, {size(found.size_bytes)}: {pruning}")
    st.caption(
        "And what comes to meet this until the engine has begun. It cannot be undone; what is "
        "asked for later is computed again."
    )
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Keep them", key="prune-keep"):
            st.rerun()
        if asking.button(
            "Delete",
            partial(loading.prune, pruning),
            refusal=access.why_not("check or prune the storage"),
            type="primary",
            key="prune-confirm",
        ):
            st.rerun()
