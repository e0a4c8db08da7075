import numpy as np
import pytest

from pipeline.similarity.anchors import DescriptionIndex, describe


def normal(rows, dim, seed=0):
    return np.random.default_rng(seed).normal(size=(rows, dim))


def dense(rows, anchors, k, p):
    """Write every description out, with zeros for all other anchors."""
    described = np.zeros((len(rows), len(anchors)))
    for row, vector in enumerate(rows.astype(np.float64)):
        products = [float(vector @ anchor) for anchor in anchors.astype(np.float64)]
        for anchor in sorted(range(len(anchors)), key=products.__getitem__)[-k:]:
            described[row, anchor] = products[anchor] ** p
    return described


CASES = pytest.mark.parametrize(
    ("k", "p", "dtype"), [(1, 1, np.float64), (4, 2, np.float32), (9, 3, np.float16)]
)


@CASES
@pytest.mark.parametrize("products_held", [1, 2**23])
def test_descriptions_are_the_largest_products_to_a_power(k, p, dtype, products_held, monkeypatch):
    monkeypatch.setattr("pipeline.similarity.anchors.MOST_PRODUCTS", products_held)
    rows, anchors = normal(20, 3).astype(dtype), normal(9, 3, 1).astype(dtype)
    found, written = describe(rows, anchors, k, p), np.zeros((20, 9))
    np.put_along_axis(written, found.anchors, found.weights, axis=1)
    np.testing.assert_allclose(written, dense(rows, anchors, k, p), atol=1e-12)


@CASES
def test_products_with_all_candidates_are_those_of_dense_vectors(k, p, dtype):
    anchors, others = normal(9, 3).astype(dtype), normal(9, 5, 1)
    queries, candidates = normal(6, 3, 2).astype(dtype), normal(25, 5, 3)
    index = DescriptionIndex(describe(candidates, others, k, p).normalised(), len(anchors))
    described = describe(queries, anchors, k, p)
    written = dense(candidates, others, k, p)
    written /= np.linalg.norm(written, axis=1, keepdims=True)
    expected = dense(queries, anchors, k, p) @ written.T
    for query, line in enumerate(expected):
        found = index.products(described.anchors[query], described.weights[query])
        np.testing.assert_allclose(found, line, atol=1e-12)


def test_a_candidate_without_any_weight_stays_at_zero():
    candidates = describe(np.zeros((2, 3)), normal(4, 3), k=2, p=1).normalised()
    assert not candidates.weights.any()
