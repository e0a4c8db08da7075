import numpy as np
import pytest
import torch

from pipeline.errors import MatrixError
from pipeline.similarity.mutual_neighbours import cknna, mutual_neighbours
from pipeline.similarity.pairing import sampled_rows


def normal(rows, dim, seed=0):
    return np.random.default_rng(seed).normal(size=(rows, dim))


def gram(x):
    x = torch.nn.functional.normalize(torch.tensor(x, dtype=torch.float64), dim=-1)
    return x @ x.T


def mask(K, k):
    """Return who is near whom, as an n x n matrix of zeros and ones."""
    nearest = torch.topk(K.clone().fill_diagonal_(-torch.inf), k, dim=1).indices
    return torch.zeros_like(K).scatter_(1, nearest, 1.0)


def mutual_by_definition(x, y, k):
    return float((mask(gram(x), k) * mask(gram(y), k)).sum() / (len(x) * k))


def masked_hsic(K, L, k):
    """Equation 5 of Song et al. (2012) on masked kernels, as the authors apply it."""
    n, kept = len(K), mask(K, k) * mask(L, k)
    K, L = kept * K, kept * L
    middle = K.sum() * L.sum() / ((n - 1) * (n - 2)) - 2 / (n - 2) * (K @ L).sum()
    return float(((K * L.T).sum() + middle) / (n * (n - 3)))


def cknna_by_definition(x, y, k):
    K, L = gram(x), gram(y)
    return masked_hsic(K, L, k) / np.sqrt(masked_hsic(K, K, k) * masked_hsic(L, L, k))


BOTH = pytest.mark.parametrize(
    ("measure", "definition"),
    [(mutual_neighbours, mutual_by_definition), (cknna, cknna_by_definition)],
    ids=["mutual", "cknna"],
)
RELATED = normal(40, 6)
INPUTS = {
    "many rows": (normal(60, 5), normal(60, 8, 1), 10),
    "related": (RELATED, RELATED[:, :4] + 0.3 * normal(40, 4, 1), 5),
    "more dimensions than rows": (normal(14, 90), normal(14, 70, 1), 4),
    "all are neighbours": (normal(12, 5), normal(12, 4, 1), 11),
    "float16 far from zero": (5 + RELATED.astype(np.float16), normal(40, 3, 1), 7),
    "four rows": (normal(4, 3), normal(4, 2, 1), 2),
}


@BOTH
@pytest.mark.parametrize("case", INPUTS)
def test_values_are_those_of_the_definition(case, measure, definition):
    x, y, k = INPUTS[case]
    expected = definition(x, y, k)
    assert measure([x], [y], k)[0, 0] == pytest.approx(expected, abs=1e-12, nan_ok=True)


@BOTH
def test_cells_are_pairs_of_layers(measure, definition):
    a, b = [normal(20, dim, dim) for dim in (3, 8)], [normal(20, dim, dim) for dim in (5, 6, 30)]
    expected = [[definition(x, y, 6) for y in b] for x in a]
    np.testing.assert_allclose(measure(a, b, 6), expected, atol=1e-12)


@BOTH
def test_of_many_rows_those_of_the_seed_are_compared(measure, definition):
    x, y = normal(200, 5), normal(200, 4, 1)
    drawn = sampled_rows(200, 30, seed=7)
    found = measure([x], [y], 5, most_rows=30, seed=7)[0, 0]
    assert found == pytest.approx(definition(x[drawn], y[drawn], 5), abs=1e-12)


@BOTH
def test_a_layer_is_identical_to_itself_also_where_rows_repeat(measure, definition):
    del definition
    for x in (normal(30, 4), np.repeat(normal(6, 4), 5, axis=0)):
        assert measure([x], [3 * x], 4)[0, 0] == pytest.approx(1, abs=1e-12)


def test_unrelated_layers_share_what_chance_gives():
    found = mutual_neighbours([normal(1000, 30)], [normal(1000, 40, 1)], 20)
    assert found[0, 0] == pytest.approx(20 / 999, rel=0.2)


def test_fewer_than_four_rows_have_no_cknna():
    assert np.isnan(cknna([normal(3, 3)], [normal(3, 2, 1)], 2)).all()


@BOTH
def test_a_layer_whose_rows_have_one_direction_has_no_value(measure, definition):
    del definition
    x, lengths = normal(8, 3), np.arange(1.0, 9.0)[:, np.newaxis]
    parallel = [np.zeros((8, 2)), np.full((8, 2), 0.1), lengths * [[0.3, 0.7]]]
    found = measure([x, *parallel], [x], 2)
    np.testing.assert_array_equal(np.isnan(found), [[False], [True], [True], [True]])


@BOTH
def test_more_neighbours_than_rows_and_other_rows_are_refused(measure, definition):
    del definition
    with pytest.raises(MatrixError, match="9 rows have no 10 neighbours"):
        measure([normal(9, 3)], [normal(9, 3)])
    with pytest.raises(MatrixError, match="layer 0 of b has 5 rows, but layer 0 of a has 6"):
        measure([np.eye(6)], [np.eye(5)])
