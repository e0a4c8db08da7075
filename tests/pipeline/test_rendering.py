import numpy as np
import pytest

from pipeline.rendering import clipped_stretches, envelope, mel_levels


def tone(frequency_hz, duration_s=0.5):
    time = np.arange(round(16_000 * duration_s)) / 16_000
    return np.sin(2 * np.pi * frequency_hz * time).astype(np.float32)


def test_the_envelope_is_the_extremes_of_each_part():
    waveform = np.random.default_rng(0).normal(size=1_010).astype(np.float32)
    peaks = envelope(waveform) * np.abs(waveform).max()
    parts = [waveform[start : start + 40] for start in range(0, 1_010, 40)]
    np.testing.assert_allclose(peaks[:, 0], [part.min() for part in parts], rtol=1e-6)
    np.testing.assert_allclose(peaks[:, 1], [part.max() for part in parts], rtol=1e-6)


def test_silence_has_a_flat_envelope_and_a_uniform_spectrogram():
    silence = np.zeros(1_600, dtype=np.float32)
    assert (envelope(silence) == 0).all()
    assert len(np.unique(mel_levels(silence))) == 1


@pytest.mark.parametrize("frequency_hz", [300, 1_000, 3_000])
def test_a_tone_is_brightest_in_the_band_around_it(frequency_hz):
    levels = mel_levels(tone(frequency_hz))
    # Slaney's mel scale: linear to 1 kHz, logarithmic above.
    edges = np.linspace(0, 15 + np.log(8) / (np.log(6.4) / 27), 82)
    hz = np.where(edges < 15, edges * 200 / 3, 1000 * np.exp((edges - 15) * np.log(6.4) / 27))
    brightest = levels[:, 20].argmax()
    assert hz[brightest] <= frequency_hz <= hz[brightest + 2]
    assert levels.max() == 255


def test_only_stretches_of_three_samples_at_full_scale_or_more_are_clipped():
    waveform = np.full(20, 0.5, dtype=np.float32)
    waveform[[0, 1, 2, 10, 11]] = 1.0
    waveform[15:20] = -1.0
    found = clipped_stretches(waveform, 10)
    np.testing.assert_allclose(found, [[0.0, 0.3], [1.5, 2.0]], rtol=1e-6)
    assert clipped_stretches(waveform[3:9], 10).shape == (0, 2)
