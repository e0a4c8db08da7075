from dataclasses import replace

import pytest

from pipeline.analyses import AnalysisRequest, compute_analysis, load_analysis
from pipeline.analyses.calibrated_cell import CellSettings
from pipeline.errors import SettingsError
from pipeline.matrices import build_matrices
from pipeline.similarity.bootstrap import bootstrap
from pipeline.similarity.row_settings import RowSettings
from pipeline.similarity.split_half import split_half
from pipeline.similarity.type_null import type_null

FEW = {"permutations": 50, "draws": 50, "splits": 3, "seed": 5}


def calibrated(comparison, store, **settings):
    plan = comparison.plan(store)
    request = AnalysisRequest(comparison, "calibration", (0, 0), settings=FEW | settings)
    compute_analysis(request, plan, store)
    return load_analysis(request, plan, store)


def test_a_cell_is_calibrated_with_the_functions_of_its_rows(lookups, store):
    found = calibrated(lookups, store)
    a, b = build_matrices(lookups.plan(store), store)
    pair = (a.layers[0], b.layers[0], a.rows.words)
    assert found.type_null == type_null(*pair, permutations=50, seed=5)
    assert found.interval == bootstrap(*pair, a.rows.speakers, draws=50, seed=5)
    assert found.split_half == pytest.approx(split_half(*pair, splits=3, seed=5), nan_ok=True)
    assert found.row_digest == a.rows.digest
    assert (found.layer_a, found.counts.rows) == ("0: a random vector for each word", len(a.rows))


def test_the_null_of_random_tables_tells_that_only_repeated_words_make_them_alike(lookups, store):
    found = calibrated(lookups, store).type_null
    assert found.value > 0.2
    assert found.p > 0.05


def test_types_exchange_vectors_within_their_frequency_where_that_is_asked_for(lookups, store):
    found = calibrated(lookups, store, within="frequency").type_null
    a, b = build_matrices(lookups.plan(store), store)
    pair = (a.layers[0], b.layers[0], a.rows.words)
    assert found == type_null(*pair, permutations=50, seed=5, within="frequency")
    assert found.mean != type_null(*pair, permutations=50, seed=5).mean


def test_the_ceiling_is_of_halves_of_speakers_where_that_is_asked_for(lookups, store):
    found = calibrated(lookups, store, halves="speakers").split_half
    a, b = build_matrices(lookups.plan(store), store)
    layers = a.layers[0], b.layers[0]
    expected = split_half(*layers, a.rows.words, a.rows.speakers, splits=3, seed=5)
    assert found == pytest.approx(expected, nan_ok=True)
    assert (found.halves, found.rows) == ("speakers", len(a.rows))
    assert calibrated(lookups, store).split_half.halves == "tokens"


@pytest.mark.usefixtures("unchecked_types")
def test_halves_of_anything_else_are_refused():
    with pytest.raises(SettingsError, match="halves are of 'utterances'; choose one of tokens, sp"):
        CellSettings(halves="utterances")


def test_of_type_means_only_types_are_drawn_and_there_is_no_ceiling(lookups, store):
    found = calibrated(replace(lookups, rows=RowSettings(values="type means")), store)
    assert found.split_half is None
    assert found.interval.speakers == 1
    assert found.interval.types == found.interval.rows == found.counts.types


def test_within_types_there_is_no_type_null(lookups, store):
    found = calibrated(replace(lookups, rows=RowSettings(values="within type")), store)
    assert found.type_null is None
    assert found.interval is not None
