import numpy as np
import pytest
from scipy.spatial.distance import pdist, squareform

from pipeline.errors import MatrixError
from pipeline.similarity.cka import cka
from pipeline.similarity.pairing import sampled_rows
from pipeline.similarity.rbf_cka import rbf_cka
from tests.pipeline.similarity.definitions import HSIC

BOTH = pytest.mark.parametrize("estimator", ["debiased", "biased"])


def normal(rows, dim, seed=0):
    return np.random.default_rng(seed).normal(size=(rows, dim))


@pytest.fixture(autouse=True)
def small_tiles(monkeypatch):
    monkeypatch.setattr("pipeline.similarity.rbf_cka.TILE_ROWS", 7)


def gaussian_kernel(x, bandwidth):
    distances = pdist(x.astype(np.float64))
    squares = squareform(distances**2).astype(np.longdouble)
    return np.exp(-squares / (2 * (bandwidth * np.median(distances)) ** 2))


def by_definition(x, y, estimator, bandwidth=1.0):
    K, L, hsic = gaussian_kernel(x, bandwidth), gaussian_kernel(y, bandwidth), HSIC[estimator]
    return float(hsic(K, L) / np.sqrt(hsic(K, K) * hsic(L, L)))


INPUTS = {
    "many rows": (normal(60, 5), normal(60, 8, 1)),
    "related": (normal(40, 6), normal(40, 6) @ normal(6, 9, 1) + normal(40, 9, 2)),
    "more dimensions than rows": (normal(12, 90), normal(12, 70, 1)),
    "float32 with a large offset": (
        (1e3 + normal(30, 6)).astype(np.float32),
        normal(30, 4, 1).astype(np.float16),
    ),
    "repeated rows": (np.repeat(normal(6, 3), 4, axis=0), np.repeat(normal(6, 4, 1), 4, axis=0)),
    "four rows": (normal(4, 3), normal(4, 2, 1)),
}


@BOTH
@pytest.mark.parametrize("bandwidth", [0.3, 1.0, 4.0])
@pytest.mark.parametrize("case", INPUTS)
def test_values_are_those_of_the_definition(case, estimator, bandwidth):
    x, y = INPUTS[case]
    found = rbf_cka([x], [y], estimator, bandwidth)[0, 0]
    assert found == pytest.approx(by_definition(x, y, estimator, bandwidth), abs=1e-9)


@BOTH
def test_cells_are_pairs_of_layers(estimator):
    a, b = [normal(20, dim, dim) for dim in (3, 8)], [normal(20, dim, dim) for dim in (5, 6, 30)]
    expected = [[by_definition(x, y, estimator) for y in b] for x in a]
    np.testing.assert_allclose(rbf_cka(a, b, estimator), expected, atol=1e-12)


@BOTH
def test_a_wide_kernel_is_linear(estimator):
    x, y = normal(40, 6), normal(40, 6) @ normal(6, 9, 1)
    found = rbf_cka([x], [y], estimator, bandwidth=100.0)
    np.testing.assert_allclose(found, cka([x], [y], estimator), atol=1e-4)


@BOTH
def test_of_many_rows_those_of_the_seed_are_compared(estimator):
    x, y = normal(200, 5), normal(200, 4, 1)
    drawn = sampled_rows(200, 30, seed=7)
    found = rbf_cka([x], [y], estimator, most_rows=30, seed=7)[0, 0]
    assert found == pytest.approx(by_definition(x[drawn], y[drawn], estimator), abs=1e-12)


@BOTH
def test_identical_layers_have_1(estimator):
    x = normal(30, 4)
    assert rbf_cka([x], [x, 3 * x + 1], estimator) == pytest.approx(1, abs=1e-12)


@BOTH
def test_layers_half_of_whose_distances_are_zero_have_no_value(estimator):
    x, mostly_equal = normal(20, 4), np.r_[np.full((17, 4), 0.1), normal(3, 4)]
    found = rbf_cka([x, np.full((20, 3), 0.1), mostly_equal], [x], estimator)
    np.testing.assert_array_equal(np.isnan(found), [[False], [True], [True]])


def test_rows_at_equal_distances_have_no_debiased_value():
    found = rbf_cka([np.eye(20), normal(20, 3)], [normal(20, 3)])
    np.testing.assert_array_equal(np.isnan(found), [[True], [False]])
    assert np.isfinite(rbf_cka([np.eye(20)], [normal(20, 3)], "biased"))


@pytest.mark.parametrize(("rows", "biased_exists"), [(1, False), (2, True), (3, True)])
def test_with_fewer_than_four_rows_there_is_no_debiased_value(rows, biased_exists):
    x, y = normal(rows, 3), normal(rows, 2, 1)
    assert np.isnan(rbf_cka([x], [y])).all()
    assert np.isfinite(rbf_cka([x], [y], "biased")).all() == biased_exists


def test_other_rows_are_refused():
    with pytest.raises(MatrixError, match="layer 0 of b has 5 rows, but layer 0 of a has 6"):
        rbf_cka([np.eye(6)], [np.eye(5)])
