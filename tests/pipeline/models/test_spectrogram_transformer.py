import json
import shutil

import numpy as np
import pytest
import torch
from transformers import ASTFeatureExtractor, ASTModel

from pipeline.errors import ModelError
from pipeline.models.opening import open_model


def directly(folder, samples, columns):
    """Return what transformers' own call gives, token by token, as ``(columns, bands, dim)``."""
    extractor = ASTFeatureExtractor.from_pretrained(folder)
    given = extractor(samples, sampling_rate=16_000, return_tensors="pt")
    with torch.no_grad():
        output = ASTModel.from_pretrained(folder)(**given, output_hidden_states=True)
    states = [*output.hidden_states[:-1], output.last_hidden_state]
    bands = (states[0].shape[1] - 2) // columns
    return [
        np.array([[state[0, 2 + f * columns + t] for f in range(bands)] for t in range(columns)])
        for state in states
    ]


def assert_equal(layers, expected):
    for layer, rows in zip(layers, expected, strict=True):
        np.testing.assert_allclose(layer, rows.reshape(-1, rows.shape[-1]), rtol=0, atol=1e-5)


def test_rows_are_those_of_transformers_column_by_column(speech_folder, speech_model, noise):
    # 3 s: 298 frames, so columns of 16 frames begin at frames 0, 10, ... 280.
    expected = directly(speech_folder("ast"), noise, 101)
    extraction = speech_model("ast").extract(noise, 16_000)
    assert_equal(extraction.layers, [layer[:29] for layer in expected])
    starts = extraction.frames.start_samples.reshape(29, 12)
    assert starts.tolist() == [[1600 * column] * 12 for column in range(29)]
    assert set(extraction.frames.end_samples - extraction.frames.start_samples) == {2800}


def test_a_longer_recording_takes_each_column_from_the_window_where_it_is_most_central(
    speech_folder, speech_model, noise
):
    # 29 columns in windows of 12: at columns 0, 8, 16 and, to end with them, 17.
    layers = speech_model("ast-short").extract(noise, 16_000).layers
    windows = [
        directly(speech_folder("ast-short"), noise[1600 * start :], 12) for start in (0, 8, 16, 17)
    ]
    expected = [
        np.concatenate([first[:10], second[2:10], third[2:7], last[6:]])
        for first, second, third, last in zip(*windows, strict=True)
    ]
    assert_equal(layers, expected)


@pytest.mark.parametrize(("first", "end"), [(0, 1), (1599, 1600), (20_000, 21_000)])
@pytest.mark.parametrize("name", ["ast", "ast-short"])
def test_a_row_hears_its_window_and_nothing_else(
    name, first, end, speech_model, noise, rows_that_hear
):
    changed, expected = rows_that_hear(speech_model(name), noise, first, end)
    assert changed == expected != []


def test_the_shortest_recording_gives_one_column_and_a_shorter_one_is_refused(speech_model, noise):
    model = speech_model("ast-short")
    assert len(model.extract(noise[:2800], 16_000).frames) == 5
    assert len(model.extract(noise[:1400], 8_000).frames) == 5
    with pytest.raises(ModelError, match="has 2799 samples at 16000 Hz, expected at least 2800"):
        model.extract(noise[:2799], 16_000)


@pytest.mark.parametrize(("field", "value"), [("max_length", 1024), ("num_mel_bins", 128)])
def test_the_feature_extractor_of_another_model_is_refused(field, value, speech_folder, tmp_path):
    folder = shutil.copytree(speech_folder("ast-short"), tmp_path / "model")
    file = folder / "preprocessor_config.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), field: value}))
    with pytest.raises(ModelError, match="hears 128 frames of 64 mel bands, but"):
        open_model(f"hf-speech:{folder}", "cpu")
