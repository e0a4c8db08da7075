"""Which jobs are listed, as widgets, and which page shows what a job gives."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from dashboard.selection.bound import side_by_side
from dashboard.selection.values import ShownValues
from dashboard.selection.views import AlignmentView, CompareView, has_widgets
from pipeline.analyses import AnalysisRequest
from pipeline.engine import KINDS, Job, Kind, State
from pipeline.request import ComparisonRequest
from pipeline.settings import AlignmentSettings

_ALL = "All"
STATES: dict[str, tuple[State, ...]] = {
    _ALL: ("queued", "running", "done", "failed", "cancelled"),
    "Active": ("queued", "running"),
    "Done": ("done",),
    "Failed": ("failed",),
    "Cancelled": ("cancelled",),
}
KIND_TITLES: Mapping[Kind, str] = {
    "comparison": "Comparison",
    "analysis": "Analysis",
    "view": "Recording",
    "alignment": "Alignment",
    "care": "Storage",
}


@dataclass(frozen=True)
class JobFilter:
    """The states and kinds of the jobs that are listed."""

    states: tuple[State, ...] = STATES[_ALL]
    kinds: tuple[Kind, ...] = KINDS

    def fits(self, job: Job) -> bool:
        """Return whether a job is listed."""
        return job.state in self.states and job.kind in self.kinds


def choose_jobs() -> JobFilter:
    """Show the filters."""
    state = side_by_side("State", list(STATES), key="state", help_="How the engine left them.")
    kinds = {_ALL: KINDS} | {name: (kind,) for kind, name in KIND_TITLES.items()}
    kind = side_by_side(
        "Kind",
        list(kinds),
        key="kind",
        help_="A recording is a page of one; storage is care of the store.",
    )
    return JobFilter(STATES[state], kinds[kind])


def selected_job() -> str | None:
    """Return the job that the address names."""
    return st.query_params.get("job") or None


def select_job(job: Job | None) -> None:
    """Take a job into the address, or none; runs before the page."""
    if job is not None:
        st.query_params["job"] = job.id
    elif "job" in st.query_params:
        del st.query_params["job"]


def view_of(job: Job) -> CompareView | AlignmentView | None:
    """Return what a page shows of a job, None where no page shows just that."""
    if job.kind == "comparison":
        return _compared(ComparisonRequest.from_dict(job.task), ShownValues())
    if job.kind == "analysis":
        asked = AnalysisRequest.from_dict(job.task)
        values = ShownValues(
            asked.estimator,
            mask_by="words" if asked.name == "nulls" else "nothing",
            within=asked.settings.get("within", "all"),
        )
        return _compared(asked.comparison, values, *(asked.layers or (0, 0)))
    if job.kind == "view":
        return _recording(job.task)
    return None


def _compared(
    request: ComparisonRequest, values: ShownValues, layer_a: int = 0, layer_b: int = 0
) -> CompareView | None:
    return CompareView(request, values, layer_a, layer_b) if has_widgets(request) else None


def _recording(task: Mapping[str, Any]) -> AlignmentView | None:
    if task["model"] is None:
        return None
    model, settings = str(task["model"]), AlignmentSettings(**task["settings"])
    request = ComparisonRequest(str(task["corpus"]), model, model, settings=settings)
    whole = has_widgets(request) and task["alignments"] is None
    return AlignmentView(request, str(task["utterance"]), None) if whole else None
