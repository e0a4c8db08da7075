"""An analysis that is computed in background: asked for, on its way, or why it is not there."""

from functools import partial
from typing import Any

import streamlit as st

from dashboard import access, loading
from dashboard.parts import asking, messages
from pipeline.analyses import AnalysisRequest
from pipeline.errors import LayerScopeError

WATCHING_S = 1.0


def found(
    request: AnalysisRequest,
    label: str,
    *,
    key: str,
    help_: str | None = None,
    by_itself: bool = False,
) -> Any:  # noqa: ANN401 - each analysis has a result of its own
    """Return an analysis' result if it is there; else show a button that asks for it, or its job.

    Parameters
    ----------
    request : AnalysisRequest
    label : str
        Of the button.
    key : str
        Of the button on this page.
    help_ : str, optional
    by_itself : bool, optional
        Whether it is asked for without a click, the first time and by those who may.
    """
    status = loading.analysis(request)
    if status.found is not None:
        return status.found
    if loading.bundle() is not None:
        st.caption(f":material/inventory_2: {label}: not in this bundle.")
        return None
    if by_itself and status.job is None and access.why_not("start a job") is None:
        status = _asked(request)
    every_s = WATCHING_S if status.is_busy else None
    st.fragment(_show, run_every=every_s)(request, label, key, help_, busy=status.is_busy)
    return None


def _asked(request: AnalysisRequest) -> loading.AnalysisStatus:
    try:
        loading.analyse(request)
    except LayerScopeError as problem:
        messages.notes([str(problem)])
    return loading.analysis(request)


def _show(request: AnalysisRequest, label: str, key: str, help_: str | None, *, busy: bool) -> None:
    status = loading.analysis(request)
    if status.found is not None or status.is_busy != busy:
        st.rerun()
    if status.job is not None and status.job.state == "failed":
        messages.notes([f"The last attempt failed: {status.job.error}"])
    asking.button(
        "Computing" if busy else label,
        partial(loading.analyse, request),
        refusal=access.why_not("start a job"),
        icon=":material/hourglass_top:" if busy else ":material/insights:",
        disabled=busy,
        key=key,
        help_=help_,
    )
