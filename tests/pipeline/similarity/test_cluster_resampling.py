import numpy as np
import pytest

from pipeline.similarity.cka import cka
from pipeline.similarity.cluster_resampling import resampled_cka
from pipeline.similarity.row_transforms import Groups
from tests.pipeline.similarity.definitions import gram

BOTH = pytest.mark.parametrize("estimator", ["debiased", "biased"])
RNG = np.random.default_rng(0)
WORDS = RNG.choice(list("abcdef"), size=24, p=[0.4, 0.2, 0.1, 0.1, 0.1, 0.1])
SPEAKERS = RNG.integers(0, 3, size=24)


def centred(rows, dim, seed):
    x = np.random.default_rng(seed).standard_t(4, size=(rows, dim))
    return x - x.mean(axis=0)


X = centred(24, 5, 1)
Y = X @ RNG.normal(size=(5, 40)) + centred(24, 40, 2)


def centred_kernel(x, estimator):
    """Centre a kernel by what its rows add up to, entry by entry."""
    K, n = gram(x), len(x)
    if estimator == "biased":
        return K - K.mean(axis=0) - K.mean(axis=1, keepdims=True) + K.mean()
    np.fill_diagonal(K, 0)
    rows = K.sum(axis=1)
    K = K - (rows + rows[:, np.newaxis]) / (n - 2) + rows.sum() / ((n - 1) * (n - 2))
    np.fill_diagonal(K, 0)
    return K


def copies(words_drawn, speakers_drawn):
    """List every drawn token: its row, and which drawn type and which drawn speaker it is of."""
    return [
        (row, type_copy, speaker_copy)
        for type_copy, word in enumerate(words_drawn)
        for speaker_copy, speaker in enumerate(speakers_drawn)
        for row in np.flatnonzero((word == WORDS) & (speaker == SPEAKERS))
    ]


def pair_by_pair(tokens, estimator):
    """Add up the pairs that are not of two copies of one type, or of one speaker."""
    K, L = centred_kernel(X, estimator), centred_kernel(Y, estimator)
    sums = np.zeros(3)
    for i, type_i, speaker_i in tokens:
        for j, type_j, speaker_j in tokens:
            copied_type = WORDS[i] == WORDS[j] and type_i != type_j
            copied_speaker = SPEAKERS[i] == SPEAKERS[j] and speaker_i != speaker_j
            if not copied_type and not copied_speaker:
                sums += float(K[i, j] * L[i, j]), float(K[i, j] ** 2), float(L[i, j] ** 2)
    return sums[0] / np.sqrt(sums[1] * sums[2])


@BOTH
@pytest.mark.parametrize(("precision", "error"), [(np.float32, 1e-6), (np.float64, 1e-10)])
@pytest.mark.parametrize("at_once", [1, 7, 64])
def test_a_draw_counts_each_pair_as_the_list_of_drawn_tokens_does(
    monkeypatch, estimator, precision, error, at_once
):
    monkeypatch.setattr("pipeline.similarity.cluster_resampling.KERNEL_TYPE", precision)
    monkeypatch.setattr("pipeline.similarity.cluster_resampling._ROWS_AT_ONCE", at_once)
    types, speakers = Groups.of(WORDS), Groups.of(SPEAKERS)
    rng = np.random.default_rng(3)
    drawn_types = rng.integers(0, 6, size=(5, 6))
    drawn_speakers = rng.integers(0, 3, size=(5, 3))
    often = (
        np.stack([np.bincount(drawn, minlength=6) for drawn in drawn_types]),
        np.stack([np.bincount(drawn, minlength=3) for drawn in drawn_speakers]),
    )
    found = resampled_cka([X], [Y], (types, speakers), often, estimator)[:, 0, 0]
    expected = [
        pair_by_pair(copies(np.array(types.names)[one], other), estimator)
        for one, other in zip(drawn_types, drawn_speakers, strict=True)
    ]
    assert np.ptp(expected) > 0.01
    np.testing.assert_allclose(found, expected, atol=error)


@BOTH
def test_a_draw_of_each_type_and_speaker_once_is_the_value(estimator):
    clusters = Groups.of(WORDS), Groups.of(SPEAKERS)
    once = (np.ones((1, 6), dtype=int), np.ones((1, 3), dtype=int))
    found = resampled_cka([X], [Y], clusters, once, estimator)[:, 0, 0]
    assert found[0] == pytest.approx(cka([X], [Y], estimator)[0, 0], abs=1e-6)


def test_draws_are_the_same_in_blocks_of_any_size(monkeypatch):
    clusters = Groups.of(WORDS), Groups.of(SPEAKERS)
    often = tuple(RNG.integers(0, 3, size=(10, count)) for count in (6, 3))
    whole = resampled_cka([X], [Y], clusters, often, "debiased")[:, 0, 0]
    monkeypatch.setattr("pipeline.similarity.cluster_resampling._AT_ONCE", 3)
    blocks = resampled_cka([X], [Y], clusters, often, "debiased")[:, 0, 0]
    np.testing.assert_allclose(blocks, whole, atol=1e-6)
