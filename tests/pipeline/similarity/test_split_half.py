import numpy as np
import pytest

from pipeline.errors import MatrixError, SettingsError
from pipeline.similarity.cka import cka
from pipeline.similarity.split_half import split_half

TYPES, SPEAKERS = np.repeat(np.arange(1500), 2), np.tile([0, 1], 1500)


def white(rows, dim, seed):
    return np.random.default_rng(seed).normal(size=(rows, dim))


def noisy(meaning, sd, seed):
    """Return two tokens of each type: its meaning and noise of their own."""
    return meaning[TYPES] + sd * white(len(TYPES), meaning.shape[1], seed)


@pytest.mark.parametrize("speakers", [None, SPEAKERS], ids=["tokens", "speakers"])
def test_two_noisy_copies_have_the_closed_form_and_are_the_same_once_corrected(speakers):
    meaning = white(1500, 6, 0)
    rotation, _ = np.linalg.qr(white(6, 6, 1))
    a, b = noisy(meaning, 0.5, 2), noisy(meaning @ rotation, 0.8, 3)
    found = split_half(a, b, TYPES, speakers, splits=4)
    # White, so that ||S||² / ||S + N||² is 1 / (1 + variance)².
    assert found.reliability_a == pytest.approx(1 / 1.25**2, abs=0.03)
    assert found.reliability_b == pytest.approx(1 / 1.64**2, abs=0.03)
    assert found.value == pytest.approx(1 / (1.25 * 1.64), abs=0.03)
    assert found.ceiling == pytest.approx(1 / (1.25 * 1.64), abs=0.03)
    assert found.corrected == pytest.approx(1, abs=0.03)
    assert (found.types, found.left_out, found.splits) == (1500, 0, 4)


def test_correction_gives_what_models_share_without_noise():
    meaning, own = white(1500, 5, 0), white(1500, 5, 1)
    related = 0.6 * meaning + 0.8 * own
    found = split_half(noisy(meaning, 0.9, 2), noisy(related, 0.7, 3), TYPES, splits=4)
    without_noise = cka([meaning], [related])[0, 0]
    assert without_noise == pytest.approx(0.36**2 / 0.36, abs=0.05)
    assert found.value < 0.6 * without_noise
    assert found.corrected == pytest.approx(without_noise, abs=0.03)


def test_noise_that_models_share_in_a_token_does_not_make_them_alike():
    noise = white(len(TYPES), 5, 9)
    a, b = white(1500, 5, 0)[TYPES] + noise, white(1500, 5, 1)[TYPES] + noise
    assert cka([a], [b])[0, 0] > 0.2
    assert abs(split_half(a, b, TYPES, splits=4).corrected) < 0.03


def test_what_a_speaker_does_is_noise_between_halves_of_speakers_only():
    speakers = np.tile([0, 0, 1, 1], 500)
    words = np.repeat(np.arange(500), 4)
    # Each speaker says each word in a way of their own.
    ways = white(1000, 5, 0)[words * 2 + speakers]
    by_tokens, by_speakers = (
        split_half(ways, ways, words, labels, splits=6) for labels in (None, speakers)
    )
    assert (by_tokens.halves, by_speakers.halves) == ("tokens", "speakers")
    assert by_tokens.reliability_a > 0.2
    assert abs(by_speakers.reliability_a) < 0.03


def test_the_halves_of_a_type_differ_by_one_token_at_most(monkeypatch):
    seen = []

    def counted(x, y):
        seen.append((x[0], y[0]))
        return np.zeros((1, 1))

    monkeypatch.setattr("pipeline.similarity.split_half.cka", counted)
    monkeypatch.setattr(
        "pipeline.similarity.split_half.group_means",
        lambda _layer, labels: np.bincount(labels, minlength=4)[:, np.newaxis].astype(float),
    )
    words = np.repeat(np.arange(4), [5, 1, 4, 3])
    x = white(13, 2, 0)
    found = split_half(x, x, words, splits=5)
    for first, second in seen:
        assert np.abs(first - second).max() <= 1
        np.testing.assert_array_equal(first + second, [[5], [0], [4], [3]])
    assert (found.types, found.left_out) == (3, 1)


def test_splits_are_those_of_the_seed():
    a = noisy(white(1500, 3, 0), 1.0, 1)
    one, same, other = (split_half(a, a, TYPES, splits=2, seed=seed) for seed in (1, 1, 2))
    assert one == same
    assert one.value != other.value
    assert one.sd > 0


@pytest.mark.parametrize(
    ("words", "speakers"), [(range(8), None), ([0] * 8, None), ([0, 1] * 4, [0] * 8)]
)
def test_without_enough_types_in_both_halves_there_is_no_ceiling(words, speakers):
    x = white(8, 3, 0)
    found = split_half(x, x, words, speakers, splits=2)
    assert np.isnan([found.value, found.reliability_a, found.ceiling, found.corrected]).all()


def test_a_model_that_is_noise_alone_has_no_ceiling():
    a = white(40, 30, 1)
    found = split_half(a, a, np.repeat(np.arange(20), 2), splits=1)
    assert found.reliability_a < 0
    assert np.isnan([found.ceiling, found.corrected, found.sd]).all()


def test_bad_input_is_refused():
    x = white(8, 3, 0)
    for arguments, message in (
        ((x, x[1:], range(8)), "7 rows of b for 8 rows"),
        ((x, x, range(7)), "7 words for 8 rows"),
        ((x, x, range(8), range(7)), "7 speakers for 8 rows"),
    ):
        with pytest.raises(MatrixError, match=message):
            split_half(*arguments)
    with pytest.raises(SettingsError, match="at least 1 split, found 0"):
        split_half(x, x, range(8), splits=0)
