"""The analyses of one pair of layers, which are of linear CKA whatever measure the page shows."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dashboard.parts import analysis_status, export
from pipeline.analyses import AnalysisRequest
from pipeline.analyses.document import settings_said
from pipeline.request import ComparisonRequest
from pipeline.similarity.measure import MEASURES


def found(
    request: ComparisonRequest,
    name: str,
    layers: tuple[int, int],
    label: str,
    settings: Mapping[str, str | int] | None = None,
    *,
    by_itself: bool = False,
) -> Any:  # noqa: ANN401 - each analysis has a result of its own
    """Return an analysis if it is there; else show a button, named `label`, that asks for it.

    With `by_itself`, those who may start jobs ask for it by looking.
    """
    asked = _asked(request, name, layers, settings)
    result = analysis_status.found(asked, label, key=f"ask-{name}", by_itself=by_itself)
    if result is not None:
        export.show_analysis(asked, result)
    return result


def measure_text(request: ComparisonRequest) -> str:
    """Return ``linear CKA``, and where another measure is chosen, that it is not of that."""
    if request.measure == "cka":
        return "linear CKA"
    return f"linear CKA (not {MEASURES[request.measure].title}, which is chosen above)"


def settings_text(
    request: ComparisonRequest,
    name: str,
    layers: tuple[int, int],
    settings: Mapping[str, str | int] | None = None,
) -> str:
    """Return all settings of the same analysis in words."""
    return settings_said(_asked(request, name, layers, settings))


def _asked(
    request: ComparisonRequest,
    name: str,
    layers: tuple[int, int],
    settings: Mapping[str, str | int] | None,
) -> AnalysisRequest:
    return AnalysisRequest(replace(request, measure="cka"), name, layers, settings=settings or {})
