import numpy as np
import pytest

from pipeline.similarity.ranking import accuracy, rank_of


@pytest.mark.parametrize(
    ("best", "right", "rank"),
    [
        ([3.0, 9.0, 5.0], 1, 0),
        ([3.0, 9.0, 5.0], 0, 2),
        ([0.0, 0.0, 0.0], 0, 0),
        ([0.0, 0.0, 0.0], 2, 2),
        ([-1.0, -np.inf, -2.0], 2, 1),
        ([-1.0, -np.inf, -2.0], 1, np.inf),
    ],
)
def test_ranks_count_what_comes_before(best, right, rank):
    assert rank_of(np.array(best), right) == rank


def test_accuracies_are_shares_of_tokens_and_of_types():
    ranks = [0, 0, 0, 4, 5, np.inf]
    right = np.array([2, 2, 2, 2, 0, 1])
    found = accuracy([float(rank) for rank in ranks], right, np.array([True, False, True, True]))
    assert found.top1 == 3 / 6
    assert found.top5 == 4 / 6
    assert found.macro_top1 == pytest.approx((0.75 + 0 + 0) / 3)
    assert found.macro_top5 == pytest.approx((1 + 0 + 0) / 3)
    assert found.seen_top1 == 3 / 5
    assert found.unseen_top1 == 0


def test_of_no_tokens_there_is_no_accuracy():
    found = accuracy([0.0], np.array([0]), np.array([True]))
    assert found.seen_top1 == 1
    assert np.isnan(found.unseen_top1)
