import numpy as np
import pytest
import scipy.linalg
from sklearn.cross_decomposition import CCA
from sklearn.decomposition import PCA

from pipeline.similarity.canonical import Fitting
from pipeline.similarity.svcca import svcca

AS_PUBLISHED = Fitting(kept_variance=0.99, folds=None)


def decaying(rows, dim, seed=0):
    rng = np.random.default_rng(seed)
    rotation, _ = np.linalg.qr(rng.normal(size=(dim, dim)))
    return (rng.normal(size=(rows, dim)) / np.arange(1, dim + 1) ** 1.5) @ rotation


def by_scikit_learn(x, y):
    """Reduce by scikit-learn, and take the cosines of scipy's principal angles."""
    x, y = (PCA(n_components=0.99, svd_solver="full").fit_transform(z) for z in (x, y))
    return np.cos(scipy.linalg.subspace_angles(x, y)).mean()


@pytest.mark.parametrize(("rows", "dim_a", "dim_b"), [(80, 12, 9), (400, 30, 50)])
def test_values_are_those_of_other_libraries(rows, dim_a, dim_b):
    shared = decaying(rows, 4)
    a = [np.c_[shared, decaying(rows, dim_a, seed)] for seed in (1, 2)]
    b = [np.c_[decaying(rows, dim_b, 3), 0.5 * shared].astype(np.float32)]
    expected = [[by_scikit_learn(x, y.astype(np.float64)) for y in b] for x in a]
    np.testing.assert_allclose(svcca(a, b, AS_PUBLISHED), expected, atol=1e-9)


def test_directions_of_little_variance_do_not_count():
    x = decaying(90, 6)
    noisy = np.c_[x, 1e-4 * np.random.default_rng(9).normal(size=(90, 3))]
    np.testing.assert_allclose(svcca([noisy], [x], AS_PUBLISHED), 1, atol=1e-6)


def test_held_out_rows_are_the_default():
    x, y = decaying(60, 20), decaying(60, 20, 1)
    assert svcca([x], [y])[0, 0] < 0.2 < svcca([x], [y], AS_PUBLISHED)[0, 0]


def test_with_all_components_it_is_the_mean_cca_of_scikit_learn():
    x, y = decaying(200, 5), decaying(200, 5)[:, :4] + 0.1 * decaying(200, 4, 1)
    u, v = CCA(n_components=4, max_iter=10_000, tol=1e-14).fit_transform(x, y)
    expected = np.mean([np.corrcoef(u[:, one], v[:, one])[0, 1] for one in range(4)])
    found = svcca([x], [y], Fitting(kept_variance=1.0, folds=None))[0, 0]
    assert found == pytest.approx(expected, abs=1e-9)
