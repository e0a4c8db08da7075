"""What the engine computes: what runs with its progress, what waits, and what ended last."""

import time
from collections.abc import Sequence
from functools import partial
from typing import Any

import streamlit as st

from dashboard import access, loading, selection
from dashboard.parts import asking, engine, messages
from dashboard.parts.quantities import duration, moment
from pipeline.engine import Job, title, unit

BUSY_S, WATCHING_S = 1.0, 4.0
_COLUMNS = {
    "state": st.column_config.TextColumn("State", width=110),
    "title": st.column_config.TextColumn("Job", width=320),
    "kind": st.column_config.TextColumn("Kind", width=100),
    "asked_by": st.column_config.TextColumn("Asked by", width=90),
    "ended": st.column_config.DatetimeColumn("Ended", format="MMM D, HH:mm", width=110),
    "took_s": st.column_config.NumberColumn("Took (s)", format="%.1f", width=80),
    "why": st.column_config.TextColumn("Why it failed", width="large"),
}
_NARROW = ("state", "title", "ended")
_NOT_TOLD = ("asked_by", "why")
_NARROW_TITLE = {"title": st.column_config.TextColumn("Job", width=215)}


def show(chosen: selection.JobFilter) -> None:
    """Show the jobs, and keep them fresh: each second while one is active."""
    busy, selected = bool(loading.active_jobs()), selection.selected_job()
    every_s = BUSY_S if busy else WATCHING_S
    st.fragment(_show, run_every=every_s)(chosen, selected, busy=busy)


def _show(chosen: selection.JobFilter, selected: str | None, *, busy: bool) -> None:
    active = loading.active_jobs()
    if bool(active) != busy or selection.selected_job() != selected:
        st.rerun()
    engine.show_with_process()
    listed = [job for job in active if chosen.fits(job)]
    ended = loading.ended_jobs(chosen.states, chosen.kinds)
    for job in listed:
        _show_active(job)
    if ended:
        _show_ended(ended, selected)
    elif not listed and (active or chosen != selection.JobFilter()):
        st.caption("No job is of this state and kind.")
    elif not listed:
        messages.empty(
            "No jobs yet",
            "What is asked for on the other pages runs here, beside them: what waits, what runs, "
            "and for 30 days what has ended.",
            ":material/checklist:",
        )


def _show_active(job: Job) -> None:
    with st.container(border=True, key=f"active-{job.id}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.text(title(job), width="stretch")
            st.button(
                "Details",
                type="tertiary",
                on_click=selection.select_job,
                args=(job,),
                key=f"details-{job.id}",
            )
            asking.button(
                "Cancel",
                partial(loading.cancel, job),
                refusal=access.why_not_for(job),
                help_="What is computed so far is kept.",
                key=f"cancel-{job.id}",
            )
        if job.state == "queued":
            st.caption(f":material/schedule: {engine.waiting().capitalize()}")
        else:
            st.progress(job.settled / max(job.total, 1), progress_text(job, time.time()))


def progress_text(job: Job, now_s: float) -> str:
    """Say how far a running job is, how fast, and how long it will take."""
    if not job.total:
        return f"Running for {duration(job.duration_s(now_s) or 0.0)}"
    parts = [f"{job.settled:,} of {job.total:,}"]
    if job.failed:
        parts.append(f"{job.failed:,} failed")
    rate, left_s = job.rate(now_s), job.seconds_left(now_s)
    if job.settled == job.total:
        parts.append("concluding")
    elif rate is not None and left_s is not None:
        parts += [f"{rate:.2g} {unit(job)}/s", f"about {duration(left_s)} left"]
    else:
        parts.append("the first is on its way")
    return " · ".join(parts)


def _show_ended(jobs: Sequence[Job], selected: str | None) -> None:
    # A new table for a new list, so that no selected row comes to mean another job.
    key = f"ended-{hash(tuple((job.digest, job.attempt) for job in jobs))}-{selected}"
    chosen = [row for row, job in enumerate(jobs) if selected and job.id.startswith(selected)]
    st.dataframe(
        [row_of(job) for job in jobs],
        column_config=_COLUMNS | (_NARROW_TITLE if selected else {}),
        column_order=_NARROW if selected else _order(),
        hide_index=True,
        on_select=partial(_select, jobs, key),
        selection_mode="single-row",
        selection_default={"selection": {"rows": chosen}},
        key=key,
        alt="Jobs that have ended, the latest first",
    )


def _order() -> list[str]:
    """Return the columns; who asked and what failed is not told to everybody."""
    is_told = access.why_not("see what the server says of its files") is None
    return [name for name in _COLUMNS if is_told or name not in _NOT_TOLD]


def _select(jobs: Sequence[Job], key: str) -> None:
    """Take the selected row's job into the address; runs before the page."""
    rows = st.session_state[key].selection.rows
    # A table that takes the place of another reports at times that nothing is selected in it.
    if rows:
        selection.select_job(jobs[rows[0]])


def row_of(job: Job) -> dict[str, Any]:
    """Return what the table says of a job that has ended."""
    failed = f", {job.failed:,} failed" if job.state == "done" and job.failed else ""
    return {
        "state": f"{job.state.capitalize()}{failed}",
        "title": title(job),
        "kind": selection.KIND_TITLES[job.kind],
        "asked_by": job.asked_by,
        "ended": moment(job.finished_at_s),
        "took_s": job.duration_s(job.finished_at_s),
        "why": job.error or "",
    }
