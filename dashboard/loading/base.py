"""What all of loading uses: this server's store and its jobs, and the one way to ask for work."""

import logging
import threading
from collections.abc import Mapping
from typing import Any

import streamlit as st

from cache import Store
from dashboard import access
from pipeline.configuration import home, open_store
from pipeline.engine import Job, JobQueue, Kind, ensure_running, find_job, open_queue
from pipeline.limits import read_limits

log = logging.getLogger(__name__)

# Files of a corpus may change while the server runs; a minute later the page knows.
FRESH_S = 60
# Two visitors at once may not both be the last whom a limit lets in.
_submitting = threading.Lock()


@st.cache_resource
def store() -> Store:
    """Return this server's store."""
    return open_store()


@st.cache_resource
def queue() -> JobQueue:
    """Return the jobs that this server shares with the engine."""
    return open_queue()


def wake() -> None:
    """Start an engine unless one runs; a server that only shows what is there starts none."""
    if access.read_access().mode != "read-only":
        ensure_running(home())


def submit(kind: Kind, task: Mapping[str, Any]) -> Job:
    """Ask for work on behalf of whoever looks at the page, and see that an engine runs.

    What is on its way already counts as nobody's further job.

    Raises
    ------
    RightsError
        If they may not start a job.
    LimitError
        If too many jobs wait or run.
    """
    access.require("check or prune the storage" if kind == "care" else "start a job")
    asker = access.visitor()
    with _submitting:
        known = find_job(queue(), kind, task)
        if known is None or not known.is_active:
            askers = [job.asked_by for job in queue().active()]
            read_limits().refuse_more_jobs(askers, asker)
        job = queue().submit(kind, task, asker)
        log.info("job %s is asked for: %s", job.id, kind, extra={"job": job.id, "state": job.state})
    wake()
    return job
