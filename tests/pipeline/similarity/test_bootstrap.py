from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from pipeline.errors import MatrixError, SettingsError
from pipeline.similarity.bootstrap import Bootstrap, bootstrap, bootstraps
from pipeline.similarity.cka import cka
from pipeline.similarity.cluster_resampling import resampled_cka
from pipeline.similarity.pairing import sampled_rows
from pipeline.similarity.row_transforms import Groups

BOTH = pytest.mark.parametrize("estimator", ["debiased", "biased"])
RNG = np.random.default_rng(0)
WORDS = RNG.choice(list("abcdef"), size=24, p=[0.4, 0.2, 0.1, 0.1, 0.1, 0.1])
SPEAKERS = RNG.integers(0, 3, size=24)


def centred(rows, dim, seed):
    x = np.random.default_rng(seed).standard_t(4, size=(rows, dim))
    return x - x.mean(axis=0)


X = centred(24, 5, 1)
Y = X @ RNG.normal(size=(5, 40)) + centred(24, 40, 2)


TYPES, VOICES = np.repeat(np.arange(30), 8), np.tile(np.arange(8), 30)


def two_models(rng):
    """Return two models that share a part of what they say of 30 types and of 8 speakers."""
    words, voices = rng.normal(size=(30, 4)), rng.normal(size=(8, 4))
    own_words, own_voices = rng.normal(size=(30, 4)), rng.normal(size=(8, 4))
    noise_x, noise_y = 0.3 * rng.normal(size=(2, 240, 4))
    x = words[TYPES] + 0.4 * voices[VOICES] + noise_x
    y = (words + 0.7 * own_words)[TYPES] + 0.4 * (voices + own_voices)[VOICES] + noise_y
    return x, y


def test_intervals_hold_what_other_types_and_speakers_give_as_often_as_they_say():
    rng = np.random.default_rng(0)
    truth = np.mean([cka([x], [y])[0, 0] for x, y in (two_models(rng) for _ in range(1500))])
    by_clusters, by_rows = [], []
    alone, everybody = np.arange(240), np.zeros(240, dtype=int)
    cases = (((TYPES, VOICES), 120, by_clusters), ((alone, everybody), 40, by_rows))
    for labels, repeats, held in cases:
        for seed in range(repeats):
            found = bootstrap(*two_models(rng), *labels, draws=150, seed=seed, level=0.9)
            held.append(found.low <= truth <= found.high)
    assert np.mean(by_clusters) == pytest.approx(0.9, abs=3 * np.sqrt(0.09 / 120))
    # Rows drawn one by one, as if no two were of a type: far too narrow.
    assert np.mean(by_rows) < 0.7


def test_copies_of_a_type_do_not_raise_the_value():
    rng = np.random.default_rng(1)
    words = np.arange(200) // 2
    x, y = rng.normal(size=(100, 50))[words], rng.normal(size=(100, 50))[words]
    found = bootstrap(x, y, words, np.zeros(200, dtype=int), draws=400)
    assert found.low < found.value < found.high
    middle = (found.low + found.high) / 2
    assert middle == pytest.approx(found.value, abs=found.sd / 2)


def test_the_interval_is_that_of_the_drawn_values():
    rng = np.random.default_rng(5)
    often = (
        rng.multinomial(6, np.full(6, 1 / 6), size=300),
        rng.multinomial(3, np.full(3, 1 / 3), size=300),
    )
    clusters = Groups.of(WORDS), Groups.of(SPEAKERS)
    drawn = resampled_cka([X], [Y], clusters, often, "debiased")[:, 0, 0]
    drawn = drawn[np.isfinite(drawn)]
    found = bootstrap(X, Y, WORDS, SPEAKERS, draws=300, seed=5, level=0.8)
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(drawn, [0.1, 0.9])))
    assert found.sd == pytest.approx(drawn.std(ddof=1))
    assert (found.rows, found.types, found.speakers) == (24, 6, 3)
    assert (found.draws, found.seed, found.level) == (300, 5, 0.8)
    assert found.without_value == 300 - len(drawn)


def test_draws_are_those_of_the_seed():
    one, same, other = (bootstrap(X, Y, WORDS, SPEAKERS, draws=30, seed=seed) for seed in (1, 1, 2))
    assert one == same
    assert one.low != other.low


def test_draws_in_which_nothing_varies_are_left_out_and_counted():
    # One draw in 64 is of one type alone, whose one token forms no pair.
    x, y = centred(4, 3, 0), centred(4, 3, 1)
    often = (np.array([[4, 0, 0, 0], [1, 1, 1, 1]]), np.ones((2, 1), dtype=int))
    clusters = Groups.of(range(4)), Groups.of([0] * 4)
    drawn = resampled_cka([x], [y], clusters, often, "debiased")
    assert np.isnan(drawn[:, 0, 0]).tolist() == [True, False]
    found = bootstrap(x, y, range(4), [0] * 4, draws=500)
    assert found.without_value == pytest.approx(500 / 64, abs=12)
    assert found.without_value > 0


@BOTH
def test_a_layer_that_does_not_vary_has_no_interval(estimator):
    found = bootstrap(np.ones((24, 3)), Y, WORDS, SPEAKERS, estimator, draws=9)
    assert np.isnan([found.value, found.sd, found.low, found.high]).all()
    assert found.without_value == 9


@pytest.mark.parametrize("rows", [1, 3])
def test_with_fewer_than_four_rows_there_is_no_debiased_interval(rows):
    found = bootstrap(X[:rows], Y[:rows], WORDS[:rows], SPEAKERS[:rows], draws=9)
    assert np.isnan(found.low)


def test_of_many_rows_a_sample_is_drawn():
    found = bootstrap(X, Y, WORDS, SPEAKERS, draws=5, seed=2, most_rows=20)
    kept = sampled_rows(24, 20, 2)
    assert found.value == pytest.approx(cka([X[kept]], [Y[kept]])[0, 0])
    assert (found.rows, found.types) == (20, len(set(WORDS[kept].tolist())))


@pytest.mark.parametrize("scale", [1e-25, 1e25])
def test_the_scale_of_the_vectors_does_not_matter(scale):
    found, expected = (bootstrap(x, Y, WORDS, SPEAKERS, draws=20) for x in (scale * X, X))
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-6)


def test_bad_input_is_refused():
    with pytest.raises(MatrixError, match="23 words for 24 rows"):
        bootstrap(X, Y, WORDS[1:], SPEAKERS)
    with pytest.raises(MatrixError, match="23 speakers for 24 rows"):
        bootstrap(X, Y, WORDS, SPEAKERS[1:])
    with pytest.raises(MatrixError, match="layer 0 of b has 23 rows"):
        bootstrap(X, Y[1:], WORDS, SPEAKERS)
    with pytest.raises(SettingsError, match="at least 2 draws, found 1"):
        bootstrap(X, Y, WORDS, SPEAKERS, draws=1)
    with pytest.raises(SettingsError, match=r"between 0 and 1, found 1\.0"):
        bootstrap(X, Y, WORDS, SPEAKERS, level=1.0)


def test_all_cells_are_drawn_alike_and_each_is_that_of_its_layers():
    layers_a, layers_b = [X, centred(24, 3, 7)], [Y, centred(24, 9, 8), np.ones((24, 2))]
    found = bootstraps(layers_a, layers_b, WORDS, SPEAKERS, draws=40, seed=3)
    for row, a in enumerate(layers_a):
        for column, b in enumerate(layers_b):
            alone = bootstrap(a, b, WORDS, SPEAKERS, draws=40, seed=3, level=0.8)
            assert asdict(found.cell(row, column, 0.8)) == pytest.approx(asdict(alone), nan_ok=True)
    assert np.isnan(found.drawn[:, :, 2]).all()


def table_of(drawn):
    drawn = np.array(drawn, dtype=float)
    return Bootstrap(np.zeros(drawn.shape[1:]), drawn, "debiased", 9, 3, 1, 0)


def test_a_cell_is_best_in_the_draws_in_which_no_other_is_larger():
    found = table_of([[[0.1, 0.4], [0.3, 0.2]], [[0.5, 0.4], [0.3, np.nan]]])
    assert found.best().tolist() == [[0.5, 0.5], [0.0, 0.0]]
    assert found.best(0).tolist() == [[0.5, 1.0], [0.5, 0.0]]
    assert found.best(1).tolist() == [[0.5, 0.5], [1.0, 0.0]]


def test_equal_cells_share_a_draw_and_draws_without_values_are_no_draws():
    found = table_of([[[0.5, 0.5]], [[np.nan, np.nan]]])
    assert found.best().tolist() == [[0.5, 0.5]]
    assert table_of([[[np.nan]]]).best().tolist() == [[0.0]]


@given(hnp.arrays(float, (7, 3, 4), elements=st.floats(-1, 1)))
def test_shares_of_the_draws_add_up_to_all_of_them(drawn):
    found = table_of(drawn)
    assert found.best().sum() == pytest.approx(1)
    assert found.best(0).sum(axis=0) == pytest.approx(np.ones(4))
    assert found.best(1).sum(axis=1) == pytest.approx(np.ones(3))
