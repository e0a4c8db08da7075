import json
import shutil

import numpy as np
import pytest
import torch
from transformers import WhisperFeatureExtractor, WhisperModel

from pipeline.errors import ModelError
from pipeline.models.opening import open_model


def directly(folder, samples):
    """Return every row of every layer of one window, by transformers' own call."""
    extractor = WhisperFeatureExtractor.from_pretrained(folder)
    features = extractor(samples, sampling_rate=16_000, return_tensors="pt")["input_features"]
    with torch.no_grad():
        encoder = WhisperModel.from_pretrained(folder).get_encoder()
        output = encoder(features, output_hidden_states=True)
    return [tensor[0].numpy() for tensor in (*output.hidden_states[:-1], output.last_hidden_state)]


def assert_equal(layers, expected):
    for layer, rows in zip(layers, expected, strict=True):
        np.testing.assert_allclose(layer, rows, rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", ["whisper-30s", "whisper"])
@pytest.mark.parametrize(("samples", "rows"), [(1, 1), (320, 1), (321, 2), (31_999, 100)])
def test_rows_are_those_of_transformers_up_to_the_end_of_the_recording(
    name, samples, rows, speech_folder, speech_model, noise
):
    expected = directly(speech_folder(name), noise[:samples])
    assert {len(layer) for layer in expected} == {1500 if name == "whisper-30s" else 100}
    extraction = speech_model(name).extract(noise[:samples], 16_000)
    assert_equal(extraction.layers, [layer[:rows] for layer in expected])
    assert extraction.frames.doubled_centres.tolist() == [640 * row for row in range(rows)]


def test_a_longer_recording_takes_each_row_from_the_window_where_it_is_most_central(
    speech_folder, speech_model, noise
):
    # 5.3 s give 265 rows of windows of 100: at rows 0, 67, 134 and, to end with them, 165.
    recording = np.resize(noise, 84_800)
    layers = speech_model("whisper").extract(recording, 16_000).layers
    windows = [
        directly(speech_folder("whisper"), recording[320 * start :][:32_000])
        for start in (0, 67, 134, 165)
    ]
    expected = [
        np.concatenate([first[:84], second[17:84], third[17:66], last[35:]])
        for first, second, third, last in zip(*windows, strict=True)
    ]
    assert {len(layer) for layer in layers} == {265}
    assert_equal(layers, expected)


@pytest.mark.parametrize(("first", "end"), [(0, 320), (16_000, 16_320), (16_100, 20_000)])
def test_a_row_hears_its_window_and_nothing_else(first, end, speech_model, noise, rows_that_hear):
    # All of the 2 s are noise: silence would make the floor of the spectrogram depend on its peak.
    changed, expected = rows_that_hear(speech_model("whisper"), noise[:32_000], first, end)
    assert changed == expected != []


def test_another_rate_is_resampled(speech_model, noise):
    frames = speech_model("whisper").extract(noise[:8_000], 8_000).frames
    assert (len(frames), frames.sample_rate_hz) == (50, 16_000)


def test_a_recording_without_samples_is_refused(speech_model):
    with pytest.raises(ModelError, match="the recording has no samples"):
        speech_model("whisper").extract(np.zeros(0, dtype=np.float32), 16_000)


@pytest.mark.parametrize(("field", "value"), [("chunk_length", 3), ("feature_size", 128)])
def test_the_feature_extractor_of_another_whisper_is_refused(field, value, speech_folder, tmp_path):
    folder = shutil.copytree(speech_folder("whisper"), tmp_path / "model")
    file = folder / "preprocessor_config.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), field: value}))
    with pytest.raises(ModelError, match="hears 32000 samples as 80 mel bands, but"):
        open_model(f"hf-speech:{folder}", "cpu")
