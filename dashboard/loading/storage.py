"""What takes the room, and what frees it."""

import streamlit as st

from cache import Capacity, PruneReport, Usage
from dashboard.loading.base import FRESH_S, queue, store, submit
from dashboard.loading.jobs import active_jobs
from pipeline import engine
from pipeline.engine import Job


def latest_care() -> Job | None:
    """Return the check or pruning of the store that waits or runs, else the one that ended last."""
    active = [job for job in active_jobs() if job.kind == "care"]
    return next(iter(active or queue().ended(1, kinds=["care"])), None)


def verify() -> None:
    """Ask for a check of every record.

    Raises
    ------
    RightsError
        If whoever looks at the page may not care for the storage.
    """
    submit("care", engine.VERIFY)


def prune(pruning: engine.Pruning) -> None:
    """Ask for the deletion of records.

    Raises
    ------
    RightsError
        If whoever looks at the page may not care for the storage.
    """
    submit("care", pruning.as_task())


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
