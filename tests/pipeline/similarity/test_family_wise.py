import numpy as np
import pytest

from pipeline.errors import SettingsError
from pipeline.similarity.family_wise import family_wise
from pipeline.similarity.type_null import TypeNulls


def nulls(values, permuted):
    return TypeNulls(
        np.array(values),
        np.array(permuted),
        "debiased",
        rows=9,
        types=5,
        seed=4,
        within="frequency",
    )


def correlated(rng, draws, cells=(3, 4)):
    """Return cells that share a part of what they are, at levels and spreads of their own."""
    shared = rng.normal(size=(draws, 1, 1))
    level, spread = np.arange(12.0).reshape(cells), 10.0 ** np.arange(4)
    return level + spread * (shared + rng.normal(size=(draws, *cells)))


def by_counting(values, permuted):
    """Count, cell by cell and permutation by permutation."""
    draws = np.concatenate([[values], permuted])
    p = np.zeros(values.shape)
    for cell in np.ndindex(values.shape):
        own = draws[(slice(None), *cell)]
        observed = (values[cell] - own.mean()) / own.std()
        for draw in draws:
            table = (draw - draws.mean(axis=0)) / draws.std(axis=0)
            p[cell] += table.max() >= observed - 1e-12
    return p / len(draws)


def test_p_counts_the_permutations_whose_largest_cell_is_larger():
    rng = np.random.default_rng(0)
    values, permuted = correlated(rng, 1)[0], correlated(rng, 60)
    values[1, 2] += 300
    found = family_wise(nulls(values, permuted))
    np.testing.assert_allclose(found.p, by_counting(values, permuted))
    assert (found.rows, found.types, found.permutations, found.seed) == (9, 5, 60, 4)
    assert (found.estimator, found.level) == ("debiased", 0.05)
    assert found.within == "frequency"
    assert np.argwhere(found.mask).tolist() == [[1, 2]]


def test_of_one_cell_it_is_its_own_p():
    rng = np.random.default_rng(1)
    one = nulls([[0.7]], rng.normal(size=(99, 1, 1)))
    assert family_wise(one).p[0, 0] == one.p[0, 0]


def test_no_cell_is_rarer_among_all_than_alone():
    rng = np.random.default_rng(2)
    table = nulls(correlated(rng, 1)[0], correlated(rng, 80))
    assert (family_wise(table).p >= table.p).all()


def test_where_nothing_is_alike_any_cell_is_marked_as_often_as_the_level_says():
    rng = np.random.default_rng(3)
    tables = [nulls(correlated(rng, 1)[0], correlated(rng, 99)) for _ in range(600)]
    marked = np.mean([family_wise(table, level=0.1).mask.any() for table in tables])
    alone = np.mean([(table.p <= 0.1).any() for table in tables])
    assert marked == pytest.approx(0.1, abs=4 * np.sqrt(0.09 / 600))
    assert alone > 0.3


def test_cells_without_a_value_are_not_marked_and_do_not_count():
    rng = np.random.default_rng(4)
    permuted = rng.normal(size=(50, 2, 2))
    permuted[:, 0, 1], permuted[7, 1, 0], permuted[:, 1, 1] = np.nan, np.nan, 0.5
    found = family_wise(nulls([[9.0, np.nan], [9.0, 0.5]], permuted))
    np.testing.assert_array_equal(np.isnan(found.p), [[False, True], [True, True]])
    assert found.mask.tolist() == [[True, False], [False, False]]
    alone = family_wise(nulls([[9.0]], permuted[:, :1, :1]))
    assert found.p[0, 0] == alone.p[0, 0]


@pytest.mark.parametrize("level", [0.0, 0.01, 1.0, -1.0, np.nan])
def test_a_level_out_of_reach_is_refused(level):
    with pytest.raises(SettingsError, match=r"50 permutations can reach, so at least 0.01961"):
        family_wise(nulls([[1.0]], np.zeros((50, 1, 1))), level)
