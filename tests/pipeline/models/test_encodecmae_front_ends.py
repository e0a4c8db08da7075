from pathlib import Path

import librosa
import numpy as np
import pytest
import torch

from pipeline.errors import ModelError
from pipeline.models.encodecmae_front_ends import MEL_WINDOW_SAMPLES, Codec, Mel

CODEC = "wav_encoder.encoder.model.model."


@pytest.fixture(scope="module")
def weights(encodecmae_paths):
    content = torch.load(encodecmae_paths["v2-ec"], weights_only=True)["state_dict"]
    return {k.removeprefix(CODEC): w for k, w in content.items() if k.startswith(CODEC)}


@pytest.fixture(scope="module")
def codec(weights):
    return Codec(Path("a.pt"), weights)


@pytest.fixture(scope="module")
def samples():
    return torch.randn(4_000, generator=torch.Generator().manual_seed(3)) / 10


def rows(front_end, samples):
    with torch.no_grad():
        return front_end(samples).numpy()


def changed_rows(front_end, samples, first, last):
    touched = samples.clone()
    touched[first:last] += 1
    return np.flatnonzero(np.any(rows(front_end, touched) != rows(front_end, samples), axis=1))


@pytest.mark.parametrize(("length", "count"), [(1, 1), (319, 1), (320, 1), (321, 2), (4_000, 13)])
def test_the_codec_gives_a_row_for_each_320_samples_begun(codec, samples, length, count):
    found = rows(codec, samples[:length])
    assert found.shape == (count, 6)
    assert np.isfinite(found).all()


@pytest.mark.parametrize("sample", [0, 319, 2_240, 2_559, 2_560, 3_199, 3_200, 3_999])
def test_a_sample_is_first_heard_by_its_own_row_of_the_codec(codec, samples, sample):
    assert changed_rows(codec, samples, sample, sample + 1)[0] == sample // 320


@pytest.mark.parametrize("sample", [320, 1_000, 2_239])
def test_before_the_start_the_codec_hears_a_mirror_image(codec, samples, sample):
    assert changed_rows(codec, samples, sample, sample + 1)[0] == 0


def test_weights_are_directions_times_lengths(weights, codec, samples):
    longer = dict(weights)
    longer["15.conv.conv.weight_g"] = 2 * weights["15.conv.conv.weight_g"]
    longer["15.conv.conv.weight_v"] = 7 * weights["15.conv.conv.weight_v"]
    bias = weights["15.conv.conv.bias"].numpy()
    found = rows(Codec(Path("a.pt"), longer), samples)
    np.testing.assert_allclose(found - bias, 2 * (rows(codec, samples) - bias), atol=1e-5)


@pytest.mark.parametrize(
    "change",
    [
        lambda weights: weights.pop("13.lstm.bias_hh_l1"),
        lambda weights: weights.pop("3.conv.conv.bias"),
        lambda weights: weights.update({"16.conv.conv.bias": torch.zeros(1)}),
        lambda weights: weights.update({"3.conv.conv.weight_v": torch.zeros(4, 2, 6)}),
    ],
)
def test_another_codec_is_refused(weights, change):
    other = dict(weights)
    change(other)
    with pytest.raises(ModelError, match=r"a\.pt: its weights do not fit the architecture"):
        Codec(Path("a.pt"), other)


@pytest.mark.parametrize("layer", [0, 15])
def test_a_codec_of_other_layers_is_refused(weights, layer):
    other = {name: w for name, w in weights.items() if not name.startswith(f"{layer}.")}
    with pytest.raises(ModelError, match=r"a\.pt: expected the encoder of EnCodec for 24 kHz"):
        Codec(Path("a.pt"), other)


@pytest.mark.parametrize(("length", "count"), [(637, 1), (954, 1), (955, 2), (96_000, 300)])
def test_mel_windows_of_637_samples_start_every_318(length, count):
    samples = torch.randn(length, generator=torch.Generator().manual_seed(3))
    assert rows(Mel(8), samples).shape == (count, 8)


@pytest.mark.parametrize("row", [0, 1, 10])
def test_a_mel_row_heard_its_own_window_and_no_other_sample(samples, row):
    mel, start, end = Mel(8), 318 * row, 318 * row + MEL_WINDOW_SAMPLES
    assert row not in changed_rows(mel, samples, 0, start)
    assert row not in changed_rows(mel, samples, end, None)
    assert row in changed_rows(mel, samples, start, start + 1)
    assert row in changed_rows(mel, samples, end - 1, end)


def test_mel_rows_are_log_energies_of_triangular_bands_centred_and_scaled(samples):
    window = samples[:637].numpy().astype(np.float64)
    window -= window.mean()
    window -= 0.97 * np.r_[window[0], window[:-1]]  # pre-emphasis
    power = np.abs(np.fft.rfft(window * np.hanning(637), n=1024)) ** 2
    # Triangles in mel, which librosa draws in Hz; Kaldi has neither the last bin nor a norm.
    hz = np.arange(512) * 24_000 / 1024
    edges = np.linspace(*librosa.hz_to_mel([20, 12_000], htk=True), 10)
    step, mels = edges[1] - edges[0], librosa.hz_to_mel(hz, htk=True)
    bands = np.maximum(0, 1 - np.abs(mels - edges[1:-1, None]) / step)
    expected = (np.log(bands @ power[:512]) + 6.12) / 4.82
    np.testing.assert_allclose(rows(Mel(8), samples)[0], expected, atol=1e-3)
