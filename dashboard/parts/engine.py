"""How the engine is: in the sidebar, above its jobs, and where somebody waits for it."""

import streamlit as st

from dashboard import access, loading
from pipeline.engine import EngineState

WATCHING_S = 4.0
# What ends without anybody's doing on the page.
_PASSING = ("starting", "unreachable")
_BADGES = {
    "idle": ":gray-badge[:material/memory: Engine idle]",
    "starting": ":blue-badge[:material/memory: Engine starts]",
    "running": ":green-badge[:material/memory: Engine ready]",
    "unreachable": ":red-badge[:material/link_off: Scheduler unreachable]",
}
_MEANINGS = {
    "idle": "It starts with the next computation.",
    "unreachable": "Jobs wait until it answers; what is cached is shown all the same.",
}


def show() -> None:
    """Show how the engine is, and what that means; nothing where nothing is computed."""
    if access.read_access().mode == "read-only":
        return
    state = loading.engine_status().state
    if state in _PASSING:
        st.fragment(_watch, run_every=WATCHING_S)()
    else:
        _tell(state)


def _watch() -> None:
    """Show a state that passes; where it has, the page runs anew and watches no longer."""
    state = loading.engine_status().state
    if state not in _PASSING:
        st.rerun()
    _tell(state)


def _tell(state: EngineState) -> None:
    st.markdown(_BADGES[state])
    if state in _MEANINGS:
        st.caption(_MEANINGS[state])


def show_with_process() -> None:
    """Show it in one line, with its process for those who may know."""
    if access.read_access().mode == "read-only":
        return
    with st.container(horizontal=True, vertical_alignment="center", key="engine"):
        status = loading.engine_status()
        st.markdown(_BADGES[status.state], width="content")
        if status.state in _MEANINGS:
            st.caption(_MEANINGS[status.state], width="content")
        if status.scheduler and access.why_not("see what the server says of its files") is None:
            st.text(f"Process {status.pid}, scheduler {status.scheduler}", width="content")


def waiting() -> str:
    """Return what a job waits for that no engine has taken yet."""
    if loading.engine_status().state == "unreachable":
        return "waiting for the scheduler, which cannot be reached; it is tried again and again"
    return "waiting for the engine"


def on_processor() -> str:
    """Return what to expect where models run on this machine and find no GPU, else nothing."""
    if loading.computes_on() != "processor":
        return ""
    return "No GPU was found on this machine: models run on its processor, which takes longer."
