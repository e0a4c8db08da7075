import numpy as np
import pytest

from pipeline.similarity.row_transforms import Groups
from pipeline.similarity.type_permutations import permuted_type_scores
from tests.pipeline.similarity.definitions import cka_by_definition

BOTH = pytest.mark.parametrize("estimator", ["debiased", "biased"])
WORDS = np.random.default_rng(3).integers(0, 7, size=30)
TYPES = Groups.of(WORDS)
ORDERS = np.stack([np.random.default_rng(seed).permutation(7) for seed in range(6)])


def layer(dim, seed, spread=1.0):
    """Return centred rows that their type decides in part, or wholly where there is no spread."""
    rng = np.random.default_rng(seed)
    rows = rng.standard_t(3, size=(7, dim))[WORDS] + spread * rng.normal(size=(30, dim))
    return rows - rows.mean(axis=0)


def exchanged(y, order):
    """Move one row after the other."""
    means = {word: y[word == WORDS].mean(axis=0) for word in range(7)}
    rows = [means[order[word]] + row - means[word] for word, row in zip(WORDS, y, strict=True)]
    return np.array(rows)


def by_definition(a, b, estimator):
    return [
        [[cka_by_definition(x, exchanged(y, order), estimator) for y in b] for x in a]
        for order in ORDERS
    ]


A = [layer(5, 0), layer(60, 1)]
B = [layer(8, 2), layer(50, 3), layer(4, 4, spread=0.0)]


@BOTH
def test_scores_are_those_of_rows_moved_one_by_one(monkeypatch, estimator):
    monkeypatch.setattr("pipeline.similarity.type_permutations.GRAM_TYPE", np.float64)
    monkeypatch.setattr("pipeline.similarity.type_permutations.TILE_TYPES", 3)
    found = permuted_type_scores(A, B, TYPES, ORDERS, estimator)
    np.testing.assert_allclose(found, by_definition(A, B, estimator), atol=1e-12)


@BOTH
def test_single_precision_costs_less_than_a_millionth(estimator):
    found = permuted_type_scores(A, B, TYPES, ORDERS, estimator)
    np.testing.assert_allclose(found, by_definition(A, B, estimator), atol=1e-6)


def test_where_every_token_is_a_type_of_its_own_whole_rows_are_permuted():
    types = Groups.of(range(30))
    order = np.random.default_rng(0).permutation(30)
    found = permuted_type_scores(A[:1], B[:1], types, order[np.newaxis], "debiased")
    expected = cka_by_definition(A[0], B[0][order], "debiased")
    assert found[0, 0, 0] == pytest.approx(expected, abs=1e-6)


@BOTH
def test_a_layer_that_does_not_vary_has_no_value(estimator):
    constant = np.zeros((30, 3))
    found = permuted_type_scores([A[0], constant], [B[0], constant], TYPES, ORDERS, estimator)
    np.testing.assert_array_equal(
        np.isnan(found), np.tile([[False, True], [True, True]], (6, 1, 1))
    )
