from dataclasses import replace

import numpy as np
import pytest

from pipeline.analyses import AnalysisRequest, compute_analysis, load_analysis
from pipeline.analyses.cell_intervals import likely_best
from pipeline.errors import SettingsError
from pipeline.matrices import build_matrices
from pipeline.similarity.bootstrap import bootstrap, bootstraps
from pipeline.similarity.row_settings import RowSettings

SETTINGS = {"draws": 30, "seed": 3, "level": 0.9, "most_rows": 60}


def intervals(comparison, store):
    request = AnalysisRequest(comparison, "intervals", settings=SETTINGS)
    plan = comparison.plan(store)
    compute_analysis(request, plan, store)
    return load_analysis(request, plan, store), *build_matrices(plan, store)


def test_all_cells_are_those_of_the_functions(lookups, store):
    found, a, b = intervals(replace(lookups, model_b="control:duration"), store)
    drawn = {"draws": 30, "seed": 3, "most_rows": 60}
    expected = bootstraps(a.layers, b.layers, a.rows.words, a.rows.speakers, **drawn)
    cell = bootstrap(*(a.layers[0], b.layers[0], a.rows.words, a.rows.speakers), level=0.9, **drawn)
    assert (found.low[0, 0], found.high[0, 0]) == (cell.low, cell.high)
    assert (found.rows, found.types, found.speakers) == (60, cell.types, cell.speakers)
    np.testing.assert_array_equal(found.values, expected.values)
    for name, axis in (("best", None), ("best_of_a", 0), ("best_of_b", 1)):
        np.testing.assert_array_equal(getattr(found, name), expected.best(axis))


def test_of_means_of_types_no_speakers_are_drawn(lookups, store):
    found, *_ = intervals(replace(lookups, rows=RowSettings(values="type means")), store)
    assert found.speakers == 1


def test_a_level_that_no_interval_has_is_refused_before_anything_is_drawn(lookups, store):
    request = AnalysisRequest(lookups, "intervals", settings={"level": 1.5})
    with pytest.raises(SettingsError, match=r"between 0 and 1, found 1\.5"):
        compute_analysis(request, lookups.plan(store), store)


def test_the_likely_best_are_the_fewest_that_hold_the_level():
    shares = np.array([0.1, 0.0, 0.5, 0.4])
    assert likely_best(shares, 0.9) == [(2, 0.5), (3, 0.4)]
    assert likely_best(shares, 0.91) == [(2, 0.5), (3, 0.4), (0, 0.1)]
    assert likely_best(np.array([1.0]), 0.95) == [(0, 1.0)]
    assert likely_best(np.zeros(3), 0.95) == []
