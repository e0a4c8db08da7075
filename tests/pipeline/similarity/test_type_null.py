from itertools import permutations, product

import numpy as np
import pytest

from pipeline.errors import MatrixError, SettingsError
from pipeline.similarity.cka import cka
from pipeline.similarity.cross_statistics import cross_statistics
from pipeline.similarity.pairing import sampled_rows
from pipeline.similarity.row_transforms import group_means
from pipeline.similarity.significance import chance
from pipeline.similarity.type_null import type_null, type_nulls
from pipeline.similarity.type_permutations import permuted_type_scores

BOTH = pytest.mark.parametrize("estimator", ["debiased", "biased"])
RNG = np.random.default_rng(0)
# How often each of 60 word types comes falls with its rank, as it does in speech.
WORDS = np.repeat(np.arange(60), np.maximum(60 // np.arange(1, 61), 1))


def lookup(dim, seed):
    """Return a vector for each word type, drawn at random."""
    return np.random.default_rng(seed).normal(size=(60, dim))


def test_two_random_lookup_tables_are_alike_token_by_token_but_not_type_by_type():
    a, b = lookup(100, 0), lookup(80, 1)
    null = type_null(a[WORDS], b[WORDS], WORDS)
    assert null.value > 0.5
    assert null.mean == pytest.approx(null.value, abs=3 * null.sd)
    assert null.p > 0.05
    assert abs(cka([a], [b])[0, 0]) < 0.05
    row_chance = chance(cross_statistics([a[WORDS]], [b[WORDS]]), "debiased")
    assert null.value > 50 * row_chance.sd[0, 0]


def test_tables_that_share_their_geometry_are_found():
    a = lookup(20, 0)
    rotation, _ = np.linalg.qr(RNG.normal(size=(20, 20)))
    null = type_null(a[WORDS], (a @ rotation)[WORDS], WORDS, permutations=99)
    assert null.value == pytest.approx(1)
    assert null.p == 1 / 100
    assert null.z == pytest.approx((1 - null.mean) / null.sd)
    assert null.z > 5


@BOTH
def test_the_level_is_that_of_all_permutations_where_types_are_equally_frequent(estimator):
    # Each type's rows are equal, so that permuting types is permuting the rows of two tables.
    a, b = (np.random.default_rng(seed).standard_t(4, size=(12, 5)) for seed in (0, 1))
    nulls = type_nulls([a], [b], np.arange(12), estimator, permutations=4000)
    level = chance(cross_statistics([a], [b]), estimator)
    error = level.sd[0, 0] / np.sqrt(4000)
    assert nulls.mean[0, 0] == pytest.approx(level.mean[0, 0], abs=4 * error)
    assert nulls.sd[0, 0] == pytest.approx(level.sd[0, 0], rel=0.08)


def test_repeating_every_type_leaves_the_biased_level_as_it_is():
    a, b = (np.random.default_rng(seed).standard_t(4, size=(12, 5)) for seed in (0, 1))
    words = np.repeat(np.arange(12), 3)
    once, thrice = (
        type_nulls([a[rows]], [b[rows]], rows, "biased", permutations=50)
        for rows in (np.arange(12), words)
    )
    np.testing.assert_allclose(thrice.permuted, once.permuted, atol=1e-6)


def test_p_is_the_share_of_permutations_that_reach_the_value():
    rng = np.random.default_rng(5)
    words = np.array([0, 0, 1, 1, 1, 2, 3, 3])
    x, y = rng.normal(size=(8, 3)), rng.normal(size=(8, 4))
    null = type_null(x, y, words, permutations=6000)
    means = group_means(y, words)
    scores = [
        cka([x], [y + (means[list(order)] - means)[words]])[0, 0]
        for order in permutations(range(4))
    ]
    assert null.value == pytest.approx(scores[0])
    expected = np.mean(np.array(scores) >= scores[0] - 1e-10)
    assert 0.05 < expected < 0.95
    assert null.p == pytest.approx(expected, abs=0.03)
    assert null.mean == pytest.approx(np.mean(scores), abs=0.02)
    assert null.sd == pytest.approx(np.std(scores), rel=0.05)


def test_what_tokens_share_apart_from_their_type_stays():
    voices, others = 5 * RNG.normal(size=(2, len(WORDS), 10))
    x, y = lookup(10, 0)[WORDS], lookup(10, 1)[WORDS]
    shared, apart = (type_null(x + voices, y + of_y, WORDS) for of_y in (voices, others))
    assert abs(apart.mean) < 0.1
    assert shared.mean > apart.mean + 5 * shared.sd


def test_cells_share_their_permutations_and_each_is_what_it_is_alone():
    a = [lookup(8, 0)[WORDS], RNG.normal(size=(len(WORDS), 30))]
    b = [lookup(5, 1)[WORDS] + RNG.normal(size=(len(WORDS), 5)), a[0] + 1]
    nulls = type_nulls(a, b, WORDS, permutations=40, seed=3)
    assert nulls.permuted.shape == (40, 2, 2)
    for row, column in np.ndindex(2, 2):
        alone = type_null(a[row], b[column], WORDS, permutations=40, seed=3)
        cell = nulls.cell(row, column)
        assert (cell.p, cell.seed, cell.permutations) == (alone.p, 3, 40)
        assert (cell.value, cell.mean) == pytest.approx((alone.value, alone.mean), abs=1e-6)


def test_permutations_are_those_of_the_seed_in_blocks_of_any_size(monkeypatch):
    x, y = lookup(8, 0)[WORDS], RNG.normal(size=(len(WORDS), 3))
    whole = type_nulls([x], [y], WORDS, permutations=20, seed=1)
    other = type_nulls([x], [y], WORDS, permutations=20, seed=2)
    monkeypatch.setattr("pipeline.similarity.type_null._AT_ONCE", 7)
    blocks = type_nulls([x], [y], WORDS, permutations=20, seed=1)
    np.testing.assert_allclose(blocks.permuted, whole.permuted, atol=1e-6)
    assert np.abs(whole.permuted - other.permuted).max() > 1e-3


def test_of_many_rows_a_sample_is_compared():
    x, y = lookup(8, 0)[WORDS], lookup(3, 1)[WORDS]
    null = type_null(x, y, WORDS, most_rows=100, seed=6)
    kept = sampled_rows(len(WORDS), 100, 6)
    assert null.value == pytest.approx(cka([x[kept]], [y[kept]])[0, 0])
    assert (null.rows, null.types) == (100, len(set(WORDS[kept])))


@pytest.mark.parametrize("scale", [1e-25, 1e25])
def test_the_scale_of_the_vectors_does_not_matter(scale):
    x, y = lookup(8, 0)[WORDS], lookup(3, 1)[WORDS]
    np.testing.assert_allclose(
        type_nulls([scale * x], [y], WORDS).permuted,
        type_nulls([x], [y], WORDS).permuted,
        atol=1e-6,
    )


@BOTH
def test_a_layer_that_does_not_vary_has_no_null(estimator):
    cell = type_null(np.ones((8, 2)), RNG.normal(size=(8, 3)), list("aabbccdd"), estimator)
    assert np.isnan([cell.value, cell.mean, cell.sd, cell.p, cell.z]).all()


def test_with_one_type_nothing_can_be_exchanged():
    null = type_null(RNG.normal(size=(8, 2)), RNG.normal(size=(8, 3)), ["a"] * 8)
    assert null.p == 1
    assert np.isnan(null.z)


def test_permutations_that_change_nothing_reach_the_value():
    # Of two types, one permutation in two is no change: rounding must not put it below the value.
    rng = np.random.default_rng(8)
    x, y, words = rng.normal(size=(400, 30)), rng.normal(size=(400, 20)), np.arange(400) % 2
    y[words == 1] += x[words == 1, :20].mean(axis=0) - 3
    x[words == 1] += 3
    nulls = type_nulls([x], [y], words, permutations=100)
    unchanged = np.abs(nulls.permuted - nulls.values) < 1e-6
    assert 30 < unchanged.sum() <= 100
    assert nulls.p[0, 0] >= (1 + unchanged.sum()) / 101


def test_within_frequency_types_are_given_the_means_of_types_about_as_frequent(monkeypatch):
    drawn = []

    def scores(a, b, types, orders, estimator):
        drawn.append(orders)
        return permuted_type_scores(a, b, types, orders, estimator)

    monkeypatch.setattr("pipeline.similarity.type_null.permuted_type_scores", scores)
    x, y = lookup(8, 0)[WORDS], lookup(5, 1)[WORDS]
    type_nulls([x], [y], WORDS, permutations=200, within="frequency")
    octave = np.array([int(count).bit_length() for count in np.bincount(WORDS)])
    (orders,) = drawn
    assert (octave[orders] == octave).all()
    assert (np.sort(orders, axis=1) == np.arange(60)).all()
    # Sooner or later, each gets the mean of every other.
    assert all(set(orders[:, word]) == set(np.flatnonzero(octave == 2)) for word in (20, 25))


def test_within_frequency_p_is_the_share_of_the_permutations_that_are_left():
    """Of five types, two come once and three two or three times: 2! · 3! of 5! are left."""
    rng = np.random.default_rng(7)
    words = np.repeat(np.arange(5), [1, 2, 1, 3, 2])
    x, y = rng.normal(size=(9, 3)), rng.normal(size=(9, 4))
    null = type_null(x, y, words, permutations=6000, within="frequency")
    means = group_means(y, words)
    orders = []
    for once, often in product(permutations([0, 2]), permutations([1, 3, 4])):
        order = np.empty(5, dtype=int)
        order[[0, 2]], order[[1, 3, 4]] = once, often
        orders.append(order)
    scores = np.array([cka([x], [y + (means[order] - means)[words]])[0, 0] for order in orders])
    assert len(scores) == 12
    assert scores[0] == pytest.approx(null.value)
    expected = np.mean(scores >= null.value - 1e-10)
    assert 0.05 < expected < 0.95
    assert null.p == pytest.approx(expected, abs=0.03)
    assert null.mean == pytest.approx(scores.mean(), abs=0.02)
    assert null.sd == pytest.approx(scores.std(), rel=0.05)


def test_where_all_types_are_about_as_frequent_frequency_restricts_nothing():
    words = np.repeat(np.arange(20), [2, 3] * 10)
    x, y = RNG.normal(size=(50, 4)), RNG.normal(size=(50, 3))
    free, bound = (
        type_nulls([x], [y], words, permutations=30, seed=4, within=within)
        for within in ("all", "frequency")
    )
    np.testing.assert_array_equal(free.permuted, bound.permuted)
    assert (free.within, bound.cell(0, 0).within) == ("all", "frequency")


def test_types_that_are_alone_with_their_frequency_keep_their_means():
    words = np.repeat(np.arange(5), [1, 2, 4, 8, 16])
    x, y = RNG.normal(size=(31, 4)), RNG.normal(size=(31, 3))
    nulls = type_nulls([x], [y], words, permutations=20, within="frequency")
    np.testing.assert_allclose(nulls.permuted[:, 0, 0], nulls.values[0, 0], atol=1e-6)
    assert nulls.p[0, 0] == 1


def test_models_that_share_nothing_but_frequency_are_found_only_without_the_restriction():
    """By chance, p is each of 1/20, 2/20, ... as often."""
    counts = np.repeat([1, 2, 4, 16], [16, 8, 8, 4])
    words = np.repeat(np.arange(36), counts)

    def p(seed, within):
        tables = np.random.default_rng(seed).normal(size=(6, 36, 6))
        tables[:, :, 0] += 1.5 * np.log2(counts)
        layers = tables[:, words]
        given = {"permutations": 19, "seed": seed, "within": within}
        return type_nulls(layers[:3], layers[3:], words, **given).p

    assert all((p(seed, "all") == 1 / 20).all() for seed in range(3))
    bound = np.array([p(seed, "frequency") for seed in range(40)])
    for level in (0.1, 0.25, 0.5, 0.75):
        spread = np.sqrt(level * (1 - level) / bound.size)
        assert np.mean(bound <= level + 1e-9) == pytest.approx(level, abs=4 * spread)


def test_one_permutation_has_no_spread():
    null = type_null(RNG.normal(size=(8, 2)), RNG.normal(size=(8, 3)), range(8), permutations=1)
    assert null.p in (0.5, 1)
    assert np.isnan(null.sd)


def test_bad_input_is_refused():
    x = RNG.normal(size=(8, 2))
    with pytest.raises(MatrixError, match="7 words for 8 rows"):
        type_null(x, x, range(7))
    with pytest.raises(MatrixError, match="layer 0 of b has 7 rows"):
        type_null(x, x[:7], range(8))
    with pytest.raises(SettingsError, match="at least 1 permutation, found 0"):
        type_null(x, x, range(8), permutations=0)


@pytest.mark.usefixtures("unchecked_types")
def test_a_restriction_that_is_not_there_is_refused():
    x = RNG.normal(size=(8, 2))
    with pytest.raises(SettingsError, match="within 'octave'; choose one of all, frequency"):
        type_null(x, x, range(8), within="octave")
