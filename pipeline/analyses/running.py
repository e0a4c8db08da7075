"""Compute an analysis from what the store holds of a comparison, and find it again."""

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from types import MappingProxyType
from typing import Any

import numpy as np

from cache import Key, Store
from pipeline.analyses.analysis import Analysis, Subject, keyed_settings
from pipeline.analyses.calibrated_cell import CALIBRATION
from pipeline.analyses.cell_intervals import INTERVALS
from pipeline.analyses.cell_nulls import NULLS
from pipeline.analyses.curve import CURVE
from pipeline.analyses.neighbours import NEIGHBOURS
from pipeline.analyses.request import AnalysisRequest
from pipeline.analyses.retrieval import RETRIEVAL
from pipeline.analyses.row_map import MAP
from pipeline.analyses.shares import SHARES
from pipeline.comparison import counts_of, failed_names, provenance, result_key
from pipeline.errors import MatrixError, SettingsError
from pipeline.matrices import compared_matrices
from pipeline.naming import named
from pipeline.planning import Coverage, Plan, coverage

ANALYSES: Mapping[str, Analysis] = MappingProxyType(
    {
        analysis.name: analysis
        for analysis in (
            *(CALIBRATION, NULLS, INTERVALS, SHARES, NEIGHBOURS, CURVE, MAP, RETRIEVAL),
        )
    }
)
ASKED = "asked"
"""The name under which an analysis' record keeps its request."""


def analysis_named(name: str) -> Analysis:
    """Return an analysis, or raise SettingsError."""
    return named(ANALYSES, name, "analysis")


def check_request(request: AnalysisRequest, plan: Plan) -> None:
    """Raise SettingsError unless there are such an analysis, such settings and such layers."""
    analysis = analysis_named(request.name)
    analysis_settings(request)
    if analysis.of_all_layers != (request.layers is None):
        wanted = "no layer: it is of all of them" if analysis.of_all_layers else "a pair of layers"
        raise SettingsError(f"the analysis {analysis.name} takes {wanted}")
    for side, layer in zip((plan.a, plan.b), request.layers or (), strict=False):
        count = len(side.spec.layer_names)
        if not 0 <= layer < count:
            raise SettingsError(
                f"{side.spec.name} has layers 0 to {count - 1}; there is no {layer}"
            )


def analysis_key(request: AnalysisRequest, plan: Plan, coverages: Sequence[Coverage]) -> Key:
    """Return the key of an analysis over all utterances that did not fail."""
    return key_within(result_key(plan, failed_names(coverages)), request)


def key_within(comparison: Key, request: AnalysisRequest) -> Key:
    """Return the key of an analysis of the comparison that has a key."""
    analysis = analysis_named(request.name)
    inputs = {
        "name": analysis.name,
        "version": analysis.version,
        "comparison": comparison.digest,
        "layers": request.layers,
        "estimator": request.estimator,
        "settings": keyed_settings(analysis_settings(request)),
    }
    return Key("analysis", 1, inputs)


def load_analysis(
    request: AnalysisRequest, plan: Plan, store: Store, coverages: Sequence[Coverage] | None = None
) -> Any:  # noqa: ANN401 - each analysis has a result of its own
    """Return an analysis' result if it is there, else None.

    `coverages` are those of the plan's sides, where they have just been looked up.
    """
    if coverages is None:
        coverages = [coverage(side, store) for side in plan.sides]
    if any(found.missing for found in coverages):
        return None
    record = store.get(analysis_key(request, plan, coverages))
    return None if record is None else analysis_named(request.name).from_record(record)


def compute_analysis(request: AnalysisRequest, plan: Plan, store: Store) -> Key:
    """Compute an analysis from the stored embeddings; return the key under which it is.

    Raises
    ------
    MatrixError
        If embeddings are missing, or no rows are left.
    SettingsError
        If there are no such analysis, settings or layers.
    """
    check_request(request, plan)
    analysis = analysis_named(request.name)
    coverages = [coverage(side, store) for side in plan.sides]
    if missing := sum(len(found.missing) for found in coverages):
        raise MatrixError(f"{missing} embeddings are not computed yet; compute them first")
    matrices = compared_matrices(plan, store, failed_names(coverages), request.layers)
    subject = Subject(
        plan,
        matrices,
        _layer_names(request, plan),
        request.estimator,
        counts_of(plan, matrices),
        provenance(plan, {"layerscope": version("layerscope"), "numpy": np.__version__}),
    )
    arrays, values = analysis.to_record(analysis.compute(subject, analysis_settings(request)))
    key = analysis_key(request, plan, coverages)
    labels = {
        "corpus": plan.corpus.name,
        "model": f"{plan.a.spec.name} x {plan.b.spec.name}",
        "settings": f"{analysis.name}; {plan.settings}; {plan.rows}",
    }
    # What was asked, so that the analyses of a comparison can be listed.
    store.put(key, arrays, {**values, ASKED: request.as_dict()}, labels)
    return key


def analysis_settings(request: AnalysisRequest) -> Any:  # noqa: ANN401 - its own class
    """Return all settings of an analysis, those that were not asked for at their defaults.

    Raises
    ------
    SettingsError
        If there is no such analysis or no such setting.
    """
    analysis = analysis_named(request.name)
    try:
        return analysis.settings(**request.settings)
    except TypeError as error:
        raise SettingsError(f"the analysis {analysis.name}: {error}") from error


def _layer_names(request: AnalysisRequest, plan: Plan) -> tuple[tuple[str, ...], tuple[str, ...]]:
    names = plan.a.spec.layer_names, plan.b.spec.layer_names
    if request.layers is None:
        return names
    a, b = request.layers
    return (names[0][a],), (names[1][b],)
