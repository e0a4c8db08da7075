from dataclasses import replace

import numpy as np
import pytest

from cache import Key
from pipeline.analyses import ANALYSES, AnalysisRequest, compute_analysis, load_analysis
from pipeline.analyses.running import ASKED, analysis_key
from pipeline.comparison import result_key
from pipeline.errors import MatrixError, SettingsError
from pipeline.planning import coverage
from pipeline.request import ComparisonRequest
from pipeline.similarity.row_settings import RowSettings

FEW = {"permutations": 20, "draws": 10, "splits": 2, "word": "the"}


def test_an_analysis_is_there_after_it_was_computed_and_not_before(lookups, store):
    request = AnalysisRequest(lookups, "nulls", settings={"permutations": 20})
    plan = lookups.plan(store)
    assert load_analysis(request, plan, store) is None
    compute_analysis(request, plan, store)
    assert load_analysis(request, plan, store).permutations == 20
    assert load_analysis(replace(request, settings={}), plan, store) is None


def test_everything_that_is_asked_for_is_in_the_key(lookups, store):
    request = AnalysisRequest(lookups, "calibration", (0, 0))
    means = replace(lookups, rows=RowSettings(values="type means"))
    others = [
        request,
        replace(request, estimator="biased"),
        replace(request, settings={"seed": 1}),
        replace(request, settings={"within": "frequency"}),
        replace(request, comparison=means),
        replace(request, comparison=replace(lookups, model_b="control:onehot")),
        AnalysisRequest(lookups, "nulls"),
    ]
    keys = set()
    for other in others:
        plan = other.comparison.plan(store)
        keys.add(analysis_key(other, plan, [coverage(side, store) for side in plan.sides]).digest)
    assert len(keys) == len(others)


def test_settings_that_are_the_defaults_are_the_same_request(lookups, store):
    plan = lookups.plan(store)
    given, default = (
        AnalysisRequest(lookups, "calibration", (0, 0), settings=settings)
        for settings in ({"permutations": 200}, {})
    )
    assert analysis_key(given, plan, []).digest == analysis_key(default, plan, []).digest


def test_a_record_from_before_types_could_exchange_within_their_frequency_is_found(lookups, store):
    """Its key and its values are written here as they were then."""
    request, plan = AnalysisRequest(lookups, "nulls"), lookups.plan(store)
    settings = {"permutations": 200, "seed": 0, "level": 0.05}
    inputs = {"name": "nulls", "version": 1, "comparison": result_key(plan, ()).digest}
    asked = {"layers": None, "estimator": "debiased", "settings": settings}
    tables = ("values", "mean", "sd", "p", "p_of_all")
    arrays = {name: np.full((1, 1), 0.5) for name in tables}
    counts = {"rows": 9, "types": 3, "permutations": 200, "seed": 0}
    values = {"level": 0.05, "estimator": "debiased", **counts, "row_digest": ""}
    store.put(Key("analysis", 1, inputs | asked), arrays, values, {})
    found = load_analysis(request, plan, store)
    assert (found.rows, found.within) == (9, "all")
    elsewhere = replace(request, settings={"within": "frequency"})
    assert load_analysis(elsewhere, plan, store) is None


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"name": "nonsense"}, "no analysis 'nonsense'; choose one of calibration, nulls"),
        ({"layers": None}, "the analysis calibration takes a pair of layers"),
        ({"layers": (0, 7)}, "control:lookup.seed=2 has layers 0 to 0; there is no 7"),
        ({"settings": {"draw": 7}}, "the analysis calibration: .* unexpected keyword .*draw"),
        ({"name": "nulls"}, "the analysis nulls takes no layer"),
    ],
)
def test_what_there_is_not_is_refused(lookups, store, wrong, named):
    request = replace(AnalysisRequest(lookups, "calibration", (0, 0)), **wrong)
    with pytest.raises(SettingsError, match=named):
        compute_analysis(request, lookups.plan(store), store)


def test_nothing_is_analysed_before_all_embeddings_are_there(store, home):  # noqa: ARG001
    request = AnalysisRequest(ComparisonRequest("demo", "minilm", "control:onehot"), "nulls")
    plan = request.comparison.plan(store)
    with pytest.raises(MatrixError, match="80 embeddings are not computed yet"):
        compute_analysis(request, plan, store)
    assert load_analysis(request, plan, store) is None


@pytest.mark.parametrize("analysis", ANALYSES.values(), ids=lambda analysis: analysis.name)
def test_every_analysis_comes_back_from_the_store_as_it_was_and_its_records_say_whose(
    lookups, store, analysis
):
    settings = {name: value for name, value in FEW.items() if hasattr(analysis.settings(), name)}
    layers = None if analysis.of_all_layers else (0, 0)
    request = AnalysisRequest(lookups, analysis.name, layers, settings=settings)
    plan = lookups.plan(store)
    key = compute_analysis(request, plan, store)
    arrays, values = analysis.to_record(load_analysis(request, plan, store))
    record = store.get(key)
    assert {name: array.tolist() for name, array in arrays.items()} == {
        name: array.tolist() for name, array in record.arrays.items()
    }
    metadata = dict(record.metadata)
    assert AnalysisRequest.from_dict(metadata.pop(ASKED)) == request
    assert values == metadata
    (entry,) = store.find("analysis")
    assert entry.labels["corpus"] == "demo"
    assert analysis.name in entry.labels["settings"]
