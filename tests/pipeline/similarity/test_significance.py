from itertools import permutations

import numpy as np
import pytest

from pipeline.similarity.cka import cka
from pipeline.similarity.cross_statistics import cross_statistics
from pipeline.similarity.significance import chance
from tests.pipeline.similarity.definitions import permuted_scores

BOTH = pytest.mark.parametrize("estimator", ["debiased", "biased"])


def heavy_tailed(rows, dim, seed):
    return np.random.default_rng(seed).standard_t(3, size=(rows, dim))


def only_cell(level):
    return level.mean[0, 0], level.sd[0, 0]


def kazi_aoual(x, y):
    """Return mean and standard deviation in the form of Josse, Pagès & Husson (2008)."""
    n = len(x)
    betas, taus, grams = [], [], []
    for values in (x, y):
        centred = values - values.mean(axis=0)
        S = centred @ centred.T
        square = np.sum(S**2)
        beta = np.trace(S) ** 2 / square
        tau = (n - 1) / ((n - 3) * (n - 1 - beta))
        tau *= n * (n + 1) * np.sum(np.diag(S) ** 2) / square - (n - 1) * (beta + 2)
        betas.append(beta)
        taus.append(tau)
        grams.append(S)
    variance = 2 * (n - 1 - betas[0]) * (n - 1 - betas[1]) / ((n + 1) * (n - 1) ** 2 * (n - 2))
    variance *= 1 + (n - 3) / (2 * n * (n - 1)) * taus[0] * taus[1]
    return np.sqrt(betas[0] * betas[1]) / (n - 1), np.sqrt(variance)


@BOTH
@pytest.mark.parametrize(("rows", "dims"), [(4, (2, 3)), (5, (2, 7)), (6, (3, 2))])
def test_the_level_is_that_of_all_permutations(rows, dims, estimator):
    x, y = heavy_tailed(rows, dims[0], 0), heavy_tailed(rows, dims[1], 1)
    scores = permuted_scores(x, y, permutations(range(rows)), estimator)
    mean, sd = only_cell(chance(cross_statistics([x], [y]), estimator))
    assert mean == pytest.approx(scores.mean(), abs=1e-12)
    assert sd == pytest.approx(scores.std(), rel=1e-10)


@BOTH
def test_the_level_is_that_of_random_permutations(estimator):
    x, y = heavy_tailed(20, 9, 0), heavy_tailed(20, 5, 1)
    rng = np.random.default_rng(2)
    scores = permuted_scores(x, y, (rng.permutation(20) for _ in range(2000)), estimator)
    mean, sd = only_cell(chance(cross_statistics([x], [y]), estimator))
    assert mean == pytest.approx(scores.mean(), abs=4 * sd / np.sqrt(2000))
    assert sd == pytest.approx(scores.std(), rel=0.1)


def fast_permuted_scores(x, y, permutations, estimator):
    """Return products of centred kernels, the second in one order after the other."""
    kernels = []
    for values in (x, y):
        centred = values - values.mean(axis=0)
        kernel, n = centred @ centred.T, len(x)
        if estimator == "debiased":
            lengths = np.diag(kernel)
            kernel = kernel + (lengths + lengths[:, np.newaxis]) / (n - 2)
            kernel -= lengths.sum() / ((n - 1) * (n - 2))
            np.fill_diagonal(kernel, 0)
        kernels.append(kernel / np.linalg.norm(kernel))
    K, L = kernels
    return np.array([np.vdot(K, L[order][:, order]) for order in permutations])


@BOTH
def test_the_level_is_that_of_20_000_random_permutations(estimator):
    x, y = heavy_tailed(60, 40, 0), heavy_tailed(60, 25, 1)
    rng, count = np.random.default_rng(2), 20_000
    scores = fast_permuted_scores(x, y, (rng.permutation(60) for _ in range(count)), estimator)
    mean, sd = only_cell(chance(cross_statistics([x], [y]), estimator))
    assert mean == pytest.approx(scores.mean(), abs=4 * sd / np.sqrt(count))
    # The spread's own error, whatever the distribution's shape: from the fourth moment.
    squares = (scores - scores.mean()) ** 2
    assert sd**2 == pytest.approx(squares.mean(), abs=4 * squares.std() / np.sqrt(count))


@pytest.mark.parametrize(("rows", "dims"), [(120, (40, 25)), (20, (60, 3)), (5, (2, 2))])
def test_the_biased_level_is_the_published_one(rows, dims):
    x, y = heavy_tailed(rows, dims[0], 0), heavy_tailed(rows, dims[1], 1)
    found = only_cell(chance(cross_statistics([x], [y]), "biased"))
    assert found == pytest.approx(kazi_aoual(x, y), rel=1e-10)


def test_rows_at_equal_distances_give_the_same_biased_value_in_every_order():
    x, y = np.eye(6), heavy_tailed(6, 3, 0)
    mean, sd = only_cell(chance(cross_statistics([x], [y]), "biased"))
    assert mean == pytest.approx(cka([x], [y], "biased")[0, 0], rel=1e-12)
    assert sd == pytest.approx(0, abs=1e-7)


@BOTH
def test_there_is_a_level_exactly_where_there_is_a_score(estimator):
    layers = [heavy_tailed(8, 3, 0), np.ones((8, 2)), heavy_tailed(8, 5, 1)]
    level = chance(cross_statistics(layers, layers[:2]), estimator)
    missing = np.isnan(cka(layers, layers[:2], estimator))
    assert missing.tolist() == [[False, True], [True, True], [False, True]]
    np.testing.assert_array_equal(np.isnan(level.mean), missing)
    np.testing.assert_array_equal(np.isnan(level.sd), missing)


@BOTH
@pytest.mark.parametrize("rows", [1, 2, 3])
def test_fewer_than_four_rows_have_no_level(rows, estimator):
    level = chance(cross_statistics([np.eye(rows)], [np.eye(rows)]), estimator)
    assert np.isnan(only_cell(level)).all()
