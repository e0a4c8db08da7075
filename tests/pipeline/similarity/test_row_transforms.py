import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

from pipeline.errors import MatrixError
from pipeline.similarity.row_transforms import (
    Groups,
    group_means,
    without_controls,
    without_group_means,
)

RNG = np.random.default_rng(0)
LAYER = (RNG.normal(size=(50, 4)) + 3).astype(np.float32)
WORDS = [f"w{number}" for number in RNG.integers(0, 12, size=50)]


@pytest.fixture(autouse=True, params=[7, 2048], ids=["blocks", "at once"])
def blocks(request, monkeypatch):
    monkeypatch.setattr("pipeline.similarity.row_transforms.BLOCK_ROWS", request.param)


def rows_of(word):
    return [row for row, other in enumerate(WORDS) if other == word]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.int64])
def test_means_are_those_of_loops_in_float64(dtype):
    layer = (8 * LAYER).astype(dtype)
    expected = [
        np.mean([layer[row].astype(np.float64) for row in rows_of(word)], axis=0)
        for word in sorted(set(WORDS))
    ]
    assert Groups.of(WORDS).names == tuple(sorted(set(WORDS)))
    np.testing.assert_allclose(group_means(layer, WORDS), expected, rtol=1e-14)


def test_within_groups_every_mean_is_removed():
    found = without_group_means(LAYER, WORDS)
    assert found.dtype == np.float64
    for row, word in enumerate(WORDS):
        mean = np.mean(LAYER[rows_of(word)], axis=0, dtype=np.float64)
        np.testing.assert_allclose(found[row], LAYER[row] - mean, atol=1e-12)


def test_what_is_constant_within_groups_is_exactly_zero_without_them():
    static = LAYER[[int(word[1:]) for word in WORDS]]
    assert not without_group_means(static, WORDS).any()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("count", [1, 3, 60])
def test_residuals_are_those_of_scikit_learn(count, dtype):
    controls = (5 + np.random.default_rng(1).normal(size=(50, count))).astype(dtype)
    layer, known = LAYER.astype(np.float64), controls.astype(np.float64)
    expected = layer - LinearRegression().fit(known, layer).predict(known)
    np.testing.assert_allclose(without_controls(LAYER, controls), expected, atol=1e-10)


def test_dummies_of_groups_leave_what_the_group_means_leave():
    """They add up to the intercept: dependent controls do no harm."""
    dummies = np.equal.outer(WORDS, sorted(set(WORDS))).astype(np.int64)
    np.testing.assert_allclose(
        without_controls(LAYER, dummies), without_group_means(LAYER, WORDS), atol=1e-12
    )


def test_controls_of_any_scale_and_constant_ones_are_taken():
    duration = np.random.default_rng(1).uniform(0.1, 0.9, size=(50, 1))
    many = np.hstack([1e-12 * duration, np.full((50, 1), 0.3), 1e9 * duration**2])
    expected = without_controls(LAYER, np.hstack([duration, duration**2]))
    np.testing.assert_allclose(without_controls(LAYER, many), expected, atol=1e-10)


def test_results_are_written_where_one_asks_for_them(tmp_path):
    np.save(tmp_path / "layer.npy", LAYER)
    layer = np.load(tmp_path / "layer.npy", mmap_mode="r")
    out = np.lib.format.open_memmap(
        tmp_path / "out.npy", mode="w+", dtype=np.float32, shape=LAYER.shape
    )
    assert without_group_means(layer, WORDS, out) is out
    expected = without_group_means(LAYER, WORDS)
    np.testing.assert_array_equal(np.load(tmp_path / "out.npy"), expected.astype(np.float32))
    assert without_controls(layer, np.ones((50, 1)), out) is out
    np.testing.assert_allclose(out, LAYER - LAYER.mean(axis=0), atol=1e-6)


def test_labels_and_controls_of_other_rows_are_refused():
    with pytest.raises(MatrixError, match="49 labels for 50 rows"):
        group_means(LAYER, WORDS[1:])
    with pytest.raises(MatrixError, match="the controls have 49 rows, and the layer 50"):
        without_controls(LAYER, np.ones((49, 1)))


def test_values_that_are_not_finite_are_named():
    bad = LAYER.copy()
    bad[23, 1] = np.nan
    for call in (
        lambda: group_means(bad, WORDS),
        lambda: without_group_means(bad, WORDS),
        lambda: without_controls(bad, np.ones((50, 1))),
    ):
        with pytest.raises(MatrixError, match=r"the layer, row 23 \(counted from 0\)"):
            call()
    with pytest.raises(MatrixError, match=r"the controls, row 23"):
        without_controls(LAYER, bad)
