import numpy as np
import pytest

from pipeline.errors import MatrixError
from pipeline.similarity.cka import cka
from pipeline.similarity.explanation import row_shares, type_shares

BOTH = pytest.mark.parametrize("estimator", ["debiased", "biased"])
WORDS = [f"w{number}" for number in np.random.default_rng(3).integers(0, 9, size=40)]


def normal(rows, dim, seed=0):
    return np.random.default_rng(seed).normal(size=(rows, dim))


@pytest.fixture(autouse=True)
def small(small_blocks, monkeypatch):  # noqa: ARG001 - a fixture that others use by name
    monkeypatch.setattr("pipeline.similarity.explanation.BLOCK_ROWS", 11)


def centred_kernel(x, estimator):
    """Centre a kernel as the estimator does, with all n x n entries in extended precision."""
    x = x.astype(np.longdouble)
    n, K = len(x), x @ x.T
    if estimator == "biased":
        return K - K.mean(axis=0) - K.mean(axis=1, keepdims=True) + K.mean()
    np.fill_diagonal(K, 0)
    rows, total = K.sum(axis=1), K.sum()
    K = K - (rows + rows[:, np.newaxis]) / (n - 2) + total / ((n - 1) * (n - 2))
    np.fill_diagonal(K, 0)
    return K


def by_definition(x, y, estimator):
    K, L = centred_kernel(x, estimator), centred_kernel(y, estimator)
    return (K * L).sum(axis=1) / np.sqrt((K * K).sum() * (L * L).sum())


INPUTS = {
    "many rows": (normal(40, 5), normal(40, 8, 1)),
    "related": (normal(40, 6), (normal(40, 6) @ normal(6, 9, 1)).astype(np.float32)),
    "more dimensions than rows": (normal(12, 90), normal(12, 70, 1)),
    "far from zero": (100 + normal(30, 3), normal(30, 3).astype(np.float16)),
    "one row far from all others": (
        normal(20, 3) * np.r_[50.0, np.ones(19)][:, np.newaxis],
        normal(20, 3, 1),
    ),
    "four rows": (normal(4, 3), normal(4, 2, 1)),
}


@BOTH
@pytest.mark.parametrize("case", INPUTS)
def test_shares_are_row_sums_of_centred_kernels_and_add_up_to_the_value(case, estimator):
    x, y = INPUTS[case]
    found = row_shares(x, y, estimator)
    np.testing.assert_allclose(found, by_definition(x, y, estimator).astype(float), atol=1e-11)
    assert found.sum() == pytest.approx(cka([x], [y], estimator)[0, 0], abs=1e-12)


@BOTH
def test_a_type_has_the_shares_of_its_tokens(estimator):
    x, y = normal(40, 5), normal(40, 8, 1)
    found, rows = type_shares(x, y, WORDS, estimator), by_definition(x, y, estimator)
    assert found.names == tuple(sorted(set(WORDS)))
    for name, count, share, each in zip(
        found.names, found.counts, found.shares, found.per_token, strict=True
    ):
        of_type = [float(rows[row]) for row, word in enumerate(WORDS) if word == name]
        assert count == len(of_type)
        assert share == pytest.approx(sum(of_type), abs=1e-12)
        assert each == pytest.approx(np.mean(of_type), abs=1e-12)
    assert found.shares.sum() == pytest.approx(cka([x], [y], estimator)[0, 0], abs=1e-12)


@BOTH
def test_a_share_does_not_depend_on_the_order_of_the_models(estimator):
    x, y = normal(40, 5), normal(40, 8, 1)
    np.testing.assert_allclose(row_shares(x, y, estimator), row_shares(y, x, estimator), atol=1e-13)


def test_the_type_that_both_models_set_apart_has_the_largest_share():
    x, y = normal(40, 5), normal(40, 8, 1)
    apart = np.array([word == "w4" for word in WORDS])
    x[apart, 0] += 9
    y[apart, 3] += 9
    found = type_shares(x, y, WORDS)
    assert found.names[int(np.argmax(found.per_token))] == "w4"


def test_where_cka_does_not_exist_no_share_does():
    assert np.isnan(row_shares(normal(9, 2), np.full((9, 3), 0.1))).all()
    assert np.isnan(row_shares(normal(3, 2), normal(3, 2, 1))).all()


def test_other_rows_and_words_are_refused():
    with pytest.raises(MatrixError, match="layer 0 of b has 5 rows, but layer 0 of a has 6"):
        row_shares(np.eye(6), np.eye(5))
    with pytest.raises(MatrixError, match="2 words for 6 rows"):
        type_shares(np.eye(6), np.eye(6), ["the", "cat"])
