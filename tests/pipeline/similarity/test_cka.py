import subprocess
import sys

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

import pipeline.similarity
from pipeline.similarity.cka import ESTIMATORS, cka
from pipeline.similarity.cross_statistics import cross_statistics
from pipeline.similarity.routes import by_features, by_gram_tiles
from tests.pipeline.similarity.definitions import cka_by_definition

BOTH = pytest.mark.parametrize("estimator", ["debiased", "biased"])


def normal(rows, dim, seed=0):
    return np.random.default_rng(seed).normal(size=(rows, dim))


def with_constant_column(x):
    return np.column_stack([np.full(len(x), 0.1), x, np.zeros(len(x))])


def with_long_row(x):
    return x * np.where(np.arange(len(x)) == 3, 1000, 1)[:, np.newaxis]


INPUTS = {
    "many rows": (normal(60, 5), normal(60, 8, 1)),
    "related": (normal(40, 6), normal(40, 6) @ normal(6, 9, 1) + normal(40, 9, 2)),
    "more dimensions than rows": (normal(12, 90), normal(12, 70, 1)),
    "rank-deficient": (normal(40, 2) @ normal(2, 20, 1), normal(40, 1, 2) @ normal(1, 7, 3)),
    "constant columns": (with_constant_column(normal(30, 4)), normal(30, 3, 1)),
    "float32 with a large offset": (
        np.rint(1e6 + 9 * normal(30, 6)).astype(np.float32),
        np.rint(9 * normal(30, 6) - 3e6 * np.arange(6)).astype(np.float32),
    ),
    "columns of very different scale": (normal(40, 5) * 10.0 ** np.arange(5), normal(40, 3, 1)),
    "one row far from all others": (with_long_row(normal(40, 9)), with_long_row(normal(40, 9, 1))),
    "repeated rows": (np.repeat(normal(6, 3), 5, axis=0), np.repeat(normal(6, 4, 1), 5, axis=0)),
    "whole numbers": (np.arange(30).reshape(10, 3) % 7, np.arange(40).reshape(10, 4) % 11),
    "four rows": (normal(4, 3), normal(4, 2, 1)),
}


@pytest.mark.usefixtures("small_blocks")
@BOTH
@pytest.mark.parametrize("case", INPUTS)
def test_values_are_those_of_the_definition(case, route, estimator):
    x, y = INPUTS[case]
    found = ESTIMATORS[estimator](cross_statistics([x], [y], route))
    assert found[0, 0] == pytest.approx(cka_by_definition(x, y, estimator), rel=1e-9, abs=1e-10)


@BOTH
def test_cells_are_pairs_of_layers(estimator):
    a = [normal(30, dim, dim) for dim in (3, 8, 50)]
    b = [normal(30, dim, dim) for dim in (5, 20)]
    expected = [[cka_by_definition(x, y, estimator) for y in b] for x in a]
    np.testing.assert_allclose(cka(a, b, estimator), expected, atol=1e-12)


@BOTH
def test_one_array_of_layers_is_as_good_as_a_list(estimator):
    layers = np.random.default_rng(0).normal(size=(3, 20, 4)).astype(np.float32)
    np.testing.assert_array_equal(
        cka(layers, layers, estimator), cka(list(layers), list(layers), estimator)
    )


@BOTH
@pytest.mark.parametrize(("rows", "dim"), [(500, 8), (30, 400)])
def test_a_layer_is_identical_to_itself(route, estimator, rows, dim):
    x = (normal(rows, dim) + 100).astype(np.float32)
    found = ESTIMATORS[estimator](cross_statistics([x], [x.copy()], route))
    assert found[0, 0] == pytest.approx(1, abs=1e-12)


def test_debiased_values_of_unrelated_layers_stay_near_zero_where_biased_ones_do_not():
    x, y = normal(100, 768), normal(100, 300, 1)
    assert abs(cka([x], [y])[0, 0]) < 0.02
    assert cka([x], [y], "biased")[0, 0] == pytest.approx(0.81, abs=0.02)


@BOTH
def test_a_layer_without_variance_has_no_value(route, estimator):
    constant = np.full((20, 5), 0.3, dtype=np.float32)
    layers = [normal(20, 4), constant]
    found = ESTIMATORS[estimator](cross_statistics(layers, layers, route))
    np.testing.assert_array_equal(np.isnan(found), [[False, True], [True, True]])


def rotated_simplex(rows):
    rotation, _ = np.linalg.qr(normal(rows, rows))
    return (3 + 7 * rotation).astype(np.float32)


@pytest.mark.parametrize("x", [np.eye(5), np.eye(600), rotated_simplex(200)], ids=len)
def test_rows_at_equal_distances_have_no_debiased_value(x, route):
    other = normal(len(x), 3)
    statistics = cross_statistics([x, other], [other], route)
    np.testing.assert_array_equal(np.isnan(ESTIMATORS["debiased"](statistics)), [[True], [False]])
    assert np.isfinite(ESTIMATORS["biased"](statistics)).all()


@pytest.mark.parametrize(("rows", "biased_exists"), [(1, False), (2, True), (3, True)])
def test_with_fewer_than_four_rows_there_is_no_debiased_value(rows, biased_exists):
    x, y = normal(rows, 3), normal(rows, 2, 1)
    assert np.isnan(cka([x], [y])).all()
    assert np.isfinite(cka([x], [y], "biased")).all() == biased_exists


def whole_numbers(rows, max_dim=4):
    shape = st.tuples(st.just(rows), st.integers(1, max_dim))
    return npst.arrays(np.float32, shape, elements=st.integers(-4, 4).map(float))


@st.composite
def pairs_of_layers(draw):
    rows = draw(st.integers(4, 9))
    return draw(whole_numbers(rows)), draw(whole_numbers(rows))


@BOTH
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(layers=pairs_of_layers())
def test_both_routes_agree_on_values_and_on_which_exist(estimator, layers):
    x, y = layers
    tiles, features = (
        ESTIMATORS[estimator](cross_statistics([x], [y], route))
        for route in (by_gram_tiles, by_features)
    )
    np.testing.assert_allclose(tiles, features, atol=1e-10)


@settings(max_examples=60)
@given(layers=pairs_of_layers())
def test_values_lie_where_cauchy_and_schwarz_say(layers):
    x, y = layers
    biased, debiased = cka([x], [y], "biased")[0, 0], cka([x], [y])[0, 0]
    assert np.isnan(biased) or -1e-12 <= biased <= 1 + 1e-12
    assert np.isnan(debiased) or abs(debiased) <= 1 + 1e-9


@BOTH
@settings(max_examples=40)
@given(layers=pairs_of_layers(), seed=st.integers(0, 999))
def test_the_order_of_the_words_does_not_matter(estimator, layers, seed):
    x, y = layers
    order = np.random.default_rng(seed).permutation(len(x))
    np.testing.assert_allclose(
        cka([x[order]], [y[order]], estimator), cka([x], [y], estimator), atol=1e-10
    )


def test_the_package_gives_the_function_under_its_module_name():
    assert pipeline.similarity.cka is cka


def test_nothing_heavy_is_imported():
    code = (
        "import sys, pipeline.similarity\n"
        "print([name for name in ('torch', 'scipy', 'pandas', 'streamlit') if name in sys.modules])"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 (our own text)
    assert done.stdout.strip() == "[]"
