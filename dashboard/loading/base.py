"""What all of loading uses: this server's store, its jobs, and who asks."""

import streamlit as st

from cache import Store
from pipeline.configuration import home, open_store
from pipeline.engine import JobQueue, ensure_running, open_queue

# Files of a corpus may change while the server runs; a minute later the page knows.
FRESH_S = 60


@st.cache_resource
def store() -> Store:
    """Return this server's store."""
    return open_store()


@st.cache_resource
def queue() -> JobQueue:
    """Return the jobs that this server shares with the engine."""
    return open_queue()


def visitor() -> str:
    """Return who looks at the page: the name they signed in with, if they did."""
    return str(st.user.get("name") or "local")


def wake() -> None:
    """Start an engine unless one runs."""
    ensure_running(home())
