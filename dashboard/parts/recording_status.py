"""What of a recording is not there yet: it is asked for, waited for, and told where it fails."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

import streamlit as st

from dashboard import access, loading
from dashboard.parts import asking, messages
from pipeline.engine import Job
from pipeline.errors import LayerScopeError
from pipeline.request import ComparisonRequest

POLL_S = 1.0


@dataclass(frozen=True, eq=False)
class Asked:
    """What became of asking for one model's part of a recording, or for the sound alone.

    Attributes
    ----------
    model : str or None
    job : Job or None
        None where nobody asked, or might not.
    refusal : str or None
        Why it was refused.
    """

    model: str | None
    job: Job | None
    refusal: str | None = None

    @property
    def is_active(self) -> bool:
        """Whether it is on its way."""
        return self.job is not None and self.job.is_active


def show(
    request: ComparisonRequest, name: str, draw: Callable[[loading.Recording], None]
) -> loading.Recording:
    """Draw a recording, again and again while something of it is computed; say what failed.

    Parameters
    ----------
    request : ComparisonRequest
        With the models.
    name : str
        The utterance.
    draw : callable
        Draws what there is.
    """
    found = loading.recording(request, name)
    asked = ask(request, name, found.wanted)
    if any(each.is_active for each in asked):
        st.fragment(_show_while_waiting, run_every=POLL_S)(request, name, draw)
    elif found.view is not None or not any(each.job for each in asked):
        draw(found)
    several = len(found.heard) > 1
    _say_what_is_missing(request, name, asked, several=several)
    messages.notes(
        f"{each.model}: {each.failure}" if several else each.failure
        for each in found.heard
        if each.failure is not None
    )
    return found


def ask(request: ComparisonRequest, name: str, models: Iterable[str | None]) -> tuple[Asked, ...]:
    """Ask for what is missing of a recording, of each model by itself."""
    may = access.why_not("start a job") is None
    return tuple(_ask(request, name, model, may=may) for model in models)


def _ask(request: ComparisonRequest, name: str, model: str | None, *, may: bool) -> Asked:
    if not may:
        known = loading.known_view_job(request, name, model)
        return Asked(model, None if known is not None and known.state == "done" else known)
    try:
        return Asked(model, loading.view_job(request, name, model))
    except LayerScopeError as problem:
        return Asked(model, None, str(problem))


def _say_what_is_missing(
    request: ComparisonRequest, name: str, asked: Iterable[Asked], *, several: bool
) -> None:
    refusal = access.why_not("start a job")
    if refusal is not None and any(each.job is None for each in asked):
        st.caption(":material/visibility_off: What is not computed of this recording is not shown.")
        st.text(refusal)
    messages.notes(each.refusal for each in asked if each.refusal is not None)
    for each in asked:
        if each.job is None or each.is_active:
            continue
        what = f"What {each.model} makes of it" if several else "This"
        messages.notes([f"{what} could not be computed: {each.job.error or 'it was cancelled'}"])
        asking.button(
            "Try again",
            partial(loading.view_job, request, name, each.model, again=True),
            refusal=refusal,
            key=f"again-{each.model}",
            icon=":material/refresh:",
        )


def _show_while_waiting(
    request: ComparisonRequest, name: str, draw: Callable[[loading.Recording], None]
) -> None:
    # The jobs first: what they give is there before they end.
    asked = ask(request, name, loading.recording(request, name).wanted)
    found = loading.recording(request, name)
    if not found.wanted or not any(each.is_active for each in asked):
        st.rerun()
    draw(found)
    st.caption(":material/schedule: Computing what is missing of this recording")
