import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats

from pipeline.similarity.correlation import mean_ranks, pearson, spearman

VALUES = hnp.arrays(float, 12, elements=st.floats(-1e3, 1e3).map(lambda value: round(value, 1)))


@given(VALUES)
def test_ranks_are_those_of_scipy(values):
    np.testing.assert_array_equal(mean_ranks(values), stats.rankdata(values))


@given(VALUES, VALUES)
def test_correlations_are_those_of_scipy(x, y):
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        assert np.isnan(pearson(x, y))
        assert np.isnan(spearman(x, y))
    else:
        assert pearson(x, y) == pytest.approx(stats.pearsonr(x, y).statistic, abs=1e-9)
        assert spearman(x, y) == pytest.approx(stats.spearmanr(x, y).statistic, abs=1e-9)


def test_of_nothing_there_is_no_correlation():
    assert np.isnan(pearson(np.zeros(0), np.zeros(0)))
