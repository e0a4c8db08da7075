import numpy as np
import pytest
from scipy.spatial.distance import pdist
from scipy.stats import spearmanr

from pipeline.errors import MatrixError
from pipeline.similarity.pairing import sampled_rows
from pipeline.similarity.rsa import rsa

BOTH = pytest.mark.parametrize("dissimilarity", ["cosine", "correlation"])


def normal(rows, dim, seed=0):
    return np.random.default_rng(seed).normal(size=(rows, dim))


def by_scipy(x, y, dissimilarity):
    x, y = x.astype(np.float64), y.astype(np.float64)
    if dissimilarity == "cosine":
        x, y = x - x.mean(axis=0), y - y.mean(axis=0)
    return spearmanr(pdist(x, dissimilarity), pdist(y, dissimilarity)).statistic


INPUTS = {
    "many rows": (normal(60, 5), normal(60, 8, 1)),
    "more dimensions than rows": (normal(12, 40), normal(12, 30, 1)),
    "related": (normal(30, 4), (normal(30, 4) + normal(30, 4, 1)).astype(np.float32)),
    "float16 far from zero": (10 + normal(30, 4).astype(np.float16), normal(30, 4, 1)),
    "three rows": (normal(3, 4), normal(3, 5, 1)),
}


@BOTH
@pytest.mark.parametrize("case", INPUTS)
def test_values_are_those_of_scipy(case, dissimilarity):
    x, y = INPUTS[case]
    expected = by_scipy(x, y, dissimilarity)
    assert rsa([x], [y], dissimilarity)[0, 0] == pytest.approx(expected, abs=1e-12)


@BOTH
def test_cells_are_pairs_of_layers(dissimilarity):
    a, b = [normal(20, dim, dim) for dim in (3, 8)], [normal(20, dim, dim) for dim in (5, 6, 30)]
    expected = [[by_scipy(x, y, dissimilarity) for y in b] for x in a]
    np.testing.assert_allclose(rsa(a, b, dissimilarity), expected, atol=1e-12)


@BOTH
def test_pairs_of_repeated_rows_share_their_ranks(dissimilarity):
    """Equal pairs of rows tie exactly when their dissimilarities are copied, not computed."""
    x, y = normal(7, 5), normal(7, 4, 1)
    repeated = np.repeat(np.arange(7), [9, 5, 1, 1, 4, 2, 8])
    i, j = np.triu_indices(len(repeated), k=1)

    def copied(z):
        if dissimilarity == "cosine":
            z = z - z[repeated].mean(axis=0)
        distances = np.zeros((7, 7))
        distances[np.triu_indices(7, k=1)] = pdist(z, dissimilarity)
        return (distances + distances.T)[repeated[i], repeated[j]]

    expected = spearmanr(copied(x), copied(y)).statistic
    found = rsa([x[repeated]], [y[repeated]], dissimilarity)[0, 0]
    assert found == pytest.approx(expected, abs=1e-12)


@BOTH
def test_identical_layers_have_1_and_constant_ones_no_value(dissimilarity):
    x = normal(20, 4)
    found = rsa([x, np.full((20, 3), 0.1)], [x, 3 * x], dissimilarity)
    np.testing.assert_allclose(found[0], 1, atol=1e-12)
    assert np.isnan(found[1]).all()


@pytest.mark.parametrize("rows", [1, 2])
def test_fewer_than_three_rows_have_no_value(rows):
    assert np.isnan(rsa([normal(rows, 4)], [normal(rows, 4, 1)])).all()


def test_of_many_rows_those_of_the_seed_are_compared():
    x, y = normal(200, 5), normal(200, 4, 1)
    drawn = sampled_rows(200, 40, seed=7)
    expected = by_scipy(x[drawn], y[drawn], "cosine")
    assert rsa([x], [y], most_rows=40, seed=7)[0, 0] == pytest.approx(expected, abs=1e-12)


def test_other_rows_are_refused():
    with pytest.raises(MatrixError, match="layer 0 of b has 5 rows, but layer 0 of a has 6"):
        rsa([np.eye(6)], [np.eye(5)])
