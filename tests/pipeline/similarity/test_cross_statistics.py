from itertools import permutations

import numpy as np
import pytest

from pipeline.errors import MatrixError
from pipeline.similarity.cross_statistics import cross_statistics
from tests.pipeline.similarity.definitions import biased_hsic, gram, unbiased_hsic


def random_layers(rows, dims, seed):
    rng = np.random.default_rng(seed)
    return [rng.standard_t(3, size=(rows, dim)) for dim in dims]


@pytest.mark.usefixtures("small_blocks")
def test_products_are_the_hsics_of_the_papers(route):
    a, b = random_layers(30, [4, 60], 0), random_layers(30, [7], 1)
    found = cross_statistics(a, b, route)
    for index, x in enumerate(a):
        K, L = gram(x), gram(b[0])
        n = found.rows
        assert found.between.product[index, 0] == pytest.approx(float(biased_hsic(K, L)))
        assert found.between.debiased[index, 0] / (n * (n - 3)) == pytest.approx(
            float(unbiased_hsic(K, L))
        )
        assert found.within_a.product[index] == pytest.approx(float(biased_hsic(K, K)))
        assert found.within_a.debiased[index] / (n * (n - 3)) == pytest.approx(
            float(unbiased_hsic(K, K))
        )


def test_the_mean_part_is_the_mean_over_all_permutations():
    (x,), (y,) = random_layers(5, [3], 0), random_layers(5, [2], 1)
    products = [
        cross_statistics([x], [y[list(order)]]).between.product[0, 0]
        for order in permutations(range(5))
    ]
    mean_part = cross_statistics([x], [y]).between.mean_part[0, 0]
    assert np.mean(products) == pytest.approx(mean_part, rel=1e-12)


def test_the_parts_of_a_layer_with_itself_are_squares():
    found = cross_statistics(random_layers(20, [3, 40], 0), random_layers(20, [5], 1)).within_a
    assert (found.mean_part > 0).all()
    assert (found.diagonal_part > 0).all()
    assert (found.debiased > 0).all()


@pytest.mark.parametrize(
    ("rows_a", "rows_b", "named"),
    [([8, 8], [8, 7], "layer 1 of b has 7 rows"), ([8, 9], [8], "layer 1 of a has 9 rows")],
)
def test_layers_that_do_not_share_their_rows_are_refused(rows_a, rows_b, named):
    a, b = ([np.ones((rows, 2)) for rows in model] for model in (rows_a, rows_b))
    with pytest.raises(MatrixError, match=f"{named}, but layer 0 of a has 8"):
        cross_statistics(a, b)
