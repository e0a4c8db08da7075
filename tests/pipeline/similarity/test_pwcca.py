import numpy as np
import pytest
import scipy.linalg

from pipeline.similarity.canonical import Fitting
from pipeline.similarity.pwcca import pwcca

AS_PUBLISHED = Fitting(folds=None)


def normal(rows, dim, seed=0):
    return np.random.default_rng(seed).normal(size=(rows, dim))


def by_covariances(x, y):
    """Follow the authors: whiten by inverse square roots of the covariances."""
    x, y = x - x.mean(axis=0), y - y.mean(axis=0)
    root_x, root_y = (np.linalg.inv(scipy.linalg.sqrtm(z.T @ z)) for z in (x, y))
    left, correlations, _ = np.linalg.svd(root_x @ x.T @ y @ root_y, full_matrices=False)
    variates = x @ root_x @ left
    weights = [sum(abs(h @ column) for column in x.T) for h in variates.T]
    return np.average(correlations, weights=weights)


@pytest.mark.parametrize(("rows", "dim_a", "dim_b"), [(50, 4, 9), (50, 9, 4), (300, 20, 20)])
def test_values_are_those_of_the_authors_algorithm(rows, dim_a, dim_b):
    # Of correlations that tie, directions and weights are not determined: noise keeps them apart.
    shared = normal(rows, 3)
    a = [np.c_[shared, normal(rows, dim_a, seed)] for seed in (1, 2)]
    noisy = 0.5 * shared + 0.2 * normal(rows, 3, 5)
    b = [np.c_[normal(rows, dim_b, 3), noisy] @ normal(dim_b + 3, dim_b + 3, 4)]
    expected = [[by_covariances(x, y) for y in b] for x in a]
    np.testing.assert_allclose(pwcca(a, b, AS_PUBLISHED), expected, atol=1e-9)


def test_what_a_is_made_of_counts():
    """Of two shared directions, the one in which a varies most weighs most."""
    shared, alone = normal(500, 1), normal(500, 1, 1)
    b = np.c_[shared, normal(500, 1, 2)]
    large, small = np.c_[10 * shared, alone], np.c_[shared, 10 * alone]
    found = pwcca([large, small], [b], AS_PUBLISHED)
    assert found[0, 0] > 0.85
    assert found[1, 0] < 0.2


def test_held_out_rows_are_the_default():
    x, y = normal(60, 20), normal(60, 20, 1)
    assert pwcca([x], [y])[0, 0] < 0.2 < pwcca([x], [y], AS_PUBLISHED)[0, 0]
