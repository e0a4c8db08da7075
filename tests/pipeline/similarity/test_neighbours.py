from fractions import Fraction

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from pipeline.errors import MatrixError
from pipeline.similarity.neighbours import (
    nearest_rows,
    neighbourhood,
    shared_neighbours,
    unit_rows,
)
from pipeline.similarity.row_transforms import Groups, group_means


def normal(rows, dim, seed=0):
    return np.random.default_rng(seed).normal(size=(rows, dim))


@pytest.fixture(params=[1, 10**6], ids=["a row at a time", "at once"])
def blocks(request, monkeypatch):
    monkeypatch.setattr("pipeline.similarity.neighbours.MOST_PRODUCTS", request.param)


@pytest.mark.usefixtures("blocks")
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize(("rows", "dim", "k"), [(60, 5, 7), (9, 40, 8), (2, 3, 1)])
def test_neighbours_are_those_of_scikit_learn(rows, dim, k, dtype):
    x = normal(rows, dim).astype(dtype)
    fitted = NearestNeighbors(n_neighbors=k, metric="cosine").fit(x.astype(np.float64))
    expected = fitted.kneighbors(return_distance=False)
    np.testing.assert_array_equal(nearest_rows(unit_rows(x), k), expected)


def test_of_equal_rows_the_first_are_nearest():
    x = normal(3, 100)[[0, 1, 0, 2, 0, 0]]
    nearest = nearest_rows(unit_rows(x), 2)
    assert nearest[[0, 2, 4, 5]].tolist() == [[2, 4], [0, 4], [0, 2], [0, 2]]


def by_tie_rule(x, k):
    """Sort each row's others by cosine, and by their place where cosines tie: exactly."""
    whole = [[int(value) for value in row] for row in x]

    def nearness(one, other):
        product = sum(p * q for p, q in zip(whole[one], whole[other], strict=True))
        length = sum(p * p for p in whole[other])
        # The signed square of the cosine, up to what all share.
        return Fraction(product * abs(product), length)

    return [
        sorted(
            (other for other in range(len(x)) if other != one),
            key=lambda other: (-nearness(one, other), other),
        )[:k]
        for one in range(len(x))
    ]


@pytest.mark.usefixtures("blocks")
@pytest.mark.parametrize("k", [1, 4, 20])
def test_of_rows_at_the_same_cosine_those_that_come_first_are_nearer(k):
    x = np.random.default_rng(0).integers(1, 4, size=(40, 3)).astype(np.float64)
    assert len(np.unique(x, axis=0)) < len(x)
    assert nearest_rows(unit_rows(x), k).tolist() == by_tie_rule(x, k)


def test_a_row_of_zeros_has_no_direction_and_spoils_no_other():
    x = np.array([[1.0, 0.0], [0.0, 0.0], [2.0, 0.1], [-1.0, 0.0]])
    assert nearest_rows(unit_rows(x), 1)[[0, 2], 0].tolist() == [2, 0]
    assert not unit_rows(x)[1].any()


@pytest.mark.parametrize("k", [0, -1, 5, 9])
def test_more_neighbours_than_rows_are_refused(k):
    with pytest.raises(MatrixError, match=rf"5 rows have no {k} neighbours each; .* 1 and 4"):
        nearest_rows(unit_rows(normal(5, 2)), k)


def test_neighbours_are_shared_wherever_they_stand():
    a, b = np.array([[1, 2, 3], [0, 2, 3]]), np.array([[3, 1, 5], [4, 5, 6]])
    assert shared_neighbours(a, b).tolist() == [[True, False, True], [False, False, False]]


@pytest.mark.parametrize("block_rows", [3, 2048])
def test_the_neighbourhood_of_one_row_is_its_line_of_all(block_rows, monkeypatch):
    monkeypatch.setattr("pipeline.similarity.neighbours.BLOCK_ROWS", block_rows)
    a = normal(40, 6)
    b = (a[:, :4] + 0.5 * normal(40, 4, 1)).astype(np.float32)
    for row in (0, 17, 39):
        found = neighbourhood(a, b, row, k=9)
        assert found.nearest_a.tolist() == nearest_rows(unit_rows(a), 9)[row].tolist()
        assert found.nearest_b.tolist() == nearest_rows(unit_rows(b), 9)[row].tolist()
        both = set(found.nearest_a.tolist()) & set(found.nearest_b.tolist())
        assert set(found.shared.tolist()) == both
        assert found.overlap == len(both) / 9
        cosines = np.corrcoef(np.c_[a, -a][[row, *found.nearest_a]])[0, 1:]
        np.testing.assert_allclose(found.cosines_a, cosines, atol=1e-12)


def test_the_neighbourhood_of_a_word_type_is_that_of_its_mean():
    words = [f"w{number:02d}" for number in np.random.default_rng(1).integers(0, 20, size=90)]
    a, b = normal(90, 6), normal(90, 4, 1)
    names = Groups.of(words).names
    found = neighbourhood(group_means(a, words), group_means(b, words), names.index("w07"), k=3)
    means = {name: a[[word == name for word in words]].mean(axis=0) for name in names}
    query = means.pop("w07")

    def cosine(name):
        return query @ means[name] / np.linalg.norm(query) / np.linalg.norm(means[name])

    expected = sorted(means, key=cosine)[:-4:-1]
    assert [names[row] for row in found.nearest_a] == expected


def test_the_neighbourhood_refuses_what_it_cannot_compare():
    x, bad = normal(9, 3), normal(9, 3)
    bad[4, 1] = np.inf
    with pytest.raises(MatrixError, match="a has 9 rows and b 8"):
        neighbourhood(x, x[:8], 0)
    with pytest.raises(MatrixError, match="9 rows have no 10 neighbours"):
        neighbourhood(x, x, 0)
    with pytest.raises(MatrixError, match=r"b, row 4 \(counted from 0\)"):
        neighbourhood(x, bad, 0, k=2)
