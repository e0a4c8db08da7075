"""The analyses of one pair of layers, which are of linear CKA whatever measure the page shows."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dashboard.parts import analysis_status, export
from pipeline.analyses import AnalysisRequest
from pipeline.request import ComparisonRequest


def found(
    request: ComparisonRequest,
    name: str,
    layers: tuple[int, int],
    label: str,
    settings: Mapping[str, str | int] | None = None,
) -> Any:  # noqa: ANN401 - each analysis has a result of its own
    """Return an analysis if it is there; else show a button, named `label`, that asks for it."""
    asked = AnalysisRequest(replace(request, measure="cka"), name, layers, settings=settings or {})
    result = analysis_status.found(asked, label, key=f"ask-{name}")
    if result is not None:
        export.show_analysis(asked, result)
    return result
