from dataclasses import replace

import numpy as np
import pytest

from pipeline.analyses import AnalysisRequest, compute_analysis, load_analysis
from pipeline.errors import SettingsError
from pipeline.matrices import build_matrices
from pipeline.similarity.family_wise import family_wise
from pipeline.similarity.row_settings import RowSettings
from pipeline.similarity.type_null import type_nulls


def test_all_cells_are_those_of_the_functions(lookups, store):
    comparison = replace(lookups, model_b="control:duration")
    request = AnalysisRequest(comparison, "nulls", settings={"permutations": 40, "seed": 3})
    plan = comparison.plan(store)
    compute_analysis(request, plan, store)
    found = load_analysis(request, plan, store)
    a, b = build_matrices(plan, store)
    expected = type_nulls(a.layers, b.layers, a.rows.words, permutations=40, seed=3)
    for name in ("values", "mean", "sd", "p"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))
    marked = family_wise(expected, 0.05)
    np.testing.assert_array_equal(found.p_of_all, marked.p)
    np.testing.assert_array_equal(found.mask, marked.mask)
    cell = expected.cell(0, 1)
    assert found.z[0, 1] == pytest.approx(cell.z)


def test_within_types_it_is_said_that_there_is_none(lookups, store):
    within = replace(lookups, rows=RowSettings(values="within type"))
    with pytest.raises(SettingsError, match="rows within types have no type null"):
        compute_analysis(AnalysisRequest(within, "nulls"), within.plan(store), store)


def test_within_frequency_it_is_the_null_of_that_and_says_so(lookups, store):
    settings = {"permutations": 40, "seed": 3, "within": "frequency"}
    request = AnalysisRequest(lookups, "nulls", settings=settings)
    plan = lookups.plan(store)
    compute_analysis(request, plan, store)
    found = load_analysis(request, plan, store)
    a, b = build_matrices(plan, store)
    expected, free = (
        type_nulls(a.layers, b.layers, a.rows.words, permutations=40, seed=3, within=within)
        for within in ("frequency", "all")
    )
    np.testing.assert_array_equal(found.mean, expected.mean)
    assert found.mean != free.mean
    assert found.within == "frequency"


@pytest.mark.usefixtures("unchecked_types")
def test_types_that_exchange_otherwise_are_refused(lookups, store):
    request = AnalysisRequest(lookups, "nulls", settings={"within": "speaker"})
    with pytest.raises(SettingsError, match="within 'speaker'; choose one of all, frequency"):
        compute_analysis(request, lookups.plan(store), store)
