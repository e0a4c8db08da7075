import numpy as np
import pytest
from scipy import stats

from pipeline.errors import MatrixError
from pipeline.similarity.disagreement import disagreement

RNG = np.random.default_rng(0)
ONE, OTHER = RNG.random((4, 5)), RNG.random((4, 5))


def test_cells_that_all_measures_order_alike_have_no_spread_whatever_their_scale():
    found = disagreement([ONE, 100 * ONE**3 - 7])
    assert (found.spread == 0).all()
    assert found.spearman == pytest.approx(np.ones((2, 2)))
    assert (found.ranks.min(), found.ranks.max()) == (0, 1)


def test_the_best_of_one_that_is_the_worst_of_another_is_as_far_apart_as_can_be():
    found = disagreement([ONE, -ONE])
    best = np.unravel_index(ONE.argmax(), ONE.shape)
    assert found.spread[best] == 1
    assert found.spearman[0, 1] == pytest.approx(-1)


def test_ranks_and_correlations_are_those_of_scipy():
    found = disagreement([ONE, OTHER])
    np.testing.assert_allclose(
        found.ranks[1].ravel(), (stats.rankdata(OTHER.ravel()) - 1) / (OTHER.size - 1)
    )
    expected = stats.spearmanr(ONE.ravel(), OTHER.ravel()).statistic
    assert found.spearman[0, 1] == pytest.approx(expected)


def test_cells_without_a_value_are_compared_by_the_measures_that_have_one():
    holed = OTHER.copy()
    holed[0, 0] = np.nan
    found = disagreement([ONE, holed])
    assert np.isnan(found.spread[0, 0])
    assert np.isfinite(found.spread).sum() == ONE.size - 1
    expected = stats.spearmanr(ONE.ravel()[1:], OTHER.ravel()[1:]).statistic
    assert found.spearman[0, 1] == pytest.approx(expected)


def test_equal_cells_are_neither_high_nor_low():
    found = disagreement([np.full((2, 3), 0.2), np.full((2, 3), 0.9)])
    assert (found.ranks == 0.5).all()
    assert np.isnan(found.spearman).all()
    assert (disagreement([np.array([[0.3]])]).ranks == 0.5).all()


def test_other_layers_are_refused():
    with pytest.raises(
        MatrixError, match=r"same layers by each measure, found \[\(4, 5\), \(5, 4\)\]"
    ):
        disagreement([ONE, ONE.T])
    with pytest.raises(MatrixError, match=r"found \[\]"):
        disagreement([])
