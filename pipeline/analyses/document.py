"""An analysis as a document: what was asked, what was found, and where it is from."""

import json
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

import numpy as np

from pipeline.analyses.request import AnalysisRequest
from pipeline.analyses.running import analysis_named, analysis_settings
from pipeline.comparison import provenance
from pipeline.planning import Plan
from pipeline.similarity.calibration import Calibration, calibration_as_json
from pipeline.similarity.result_text import values_text


def analysis_values(request: AnalysisRequest, plan: Plan, found: Any) -> dict[str, Any]:  # noqa: ANN401 - each analysis has a result of its own
    """Return a result with its request and provenance as plain values.

    All settings are there, also those that nobody chose: without the seed, what was drawn cannot be
    drawn again.
    """
    return {
        "analysis": request.name,
        "version": analysis_named(request.name).version,
        **_layers(request, plan),
        "settings": asdict(analysis_settings(request)),
        **plain_values(found),
        "provenance": provenance(
            plan, {"layerscope": version("layerscope"), "numpy": np.__version__}
        ),
    }


def analysis_json(request: AnalysisRequest, plan: Plan, found: Any) -> str:  # noqa: ANN401 - see above
    """Return the same as a JSON document."""
    return json.dumps(analysis_values(request, plan, found), indent=1, allow_nan=False) + "\n"


def settings_said(request: AnalysisRequest) -> str:
    """Return all settings of an analysis in words: ``draws 3, seed 0``; empty if it has none."""
    return values_text(asdict(analysis_settings(request)))


def _layers(request: AnalysisRequest, plan: Plan) -> dict[str, Any]:
    names = plan.a.spec.layer_names, plan.b.spec.layer_names
    if request.layers is None:
        return {"layers1": list(names[0]), "layers2": list(names[1])}
    return {f"layer{side + 1}": names[side][layer] for side, layer in enumerate(request.layers)}


def plain_values(found: Any) -> dict[str, Any]:  # noqa: ANN401 - any result of plain fields
    """Return a result's fields for JSON; null where there is no value."""
    if isinstance(found, Calibration):
        values: dict[str, Any] = json.loads(calibration_as_json(found))
        return values
    return {name: _plain(value) for name, value in vars(found).items()}


def _plain(value: Any) -> Any:  # noqa: ANN401 - an array, or plain already
    if not isinstance(value, np.ndarray):
        return value
    plain = value.astype(object)
    plain[~np.isfinite(value)] = None
    return plain.tolist()
