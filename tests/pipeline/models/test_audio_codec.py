import json
import shutil

import numpy as np
import pytest
import torch
from transformers import DacModel, EncodecModel, MimiModel

from pipeline.errors import ModelError
from pipeline.models.opening import open_model


def through(modules, states):
    for module in modules:
        states = module(states)
    return states


def encodec_stages(folder, samples):
    """Run the encoder part by part: up to the LSTM, the LSTM, what is after it."""
    layers = EncodecModel.from_pretrained(folder).encoder.layers
    index = [type(layer).__name__ for layer in layers].index("EncodecLSTM")
    downsampled = through(layers[:index], samples)
    recurrent = layers[index](downsampled)
    latent = through(layers[index + 1 :], recurrent)
    return [downsampled, recurrent, torch.cat([latent, torch.zeros_like(recurrent)[:, 16:]], 1)]


def dac_stages(folder, samples):
    model = DacModel.from_pretrained(folder)
    samples = torch.nn.functional.pad(samples, (0, -samples.shape[-1] % 512))
    downsampled = through([model.encoder.conv1, *model.encoder.block], samples)
    return [downsampled, model.encoder(samples)]


def mimi_stages(folder, samples):
    encoder = MimiModel.from_pretrained(folder).encoder
    states = [encoder.encoder_seanet(samples)]
    for layer in encoder.encoder_transformer.layers:
        layer.register_forward_hook(lambda *given: states.append(given[-1].transpose(1, 2)))
    encoder.encoder_transformer(states[0].transpose(1, 2))
    return states


# How each is run in parts, its stride in samples and its number of layers.
CODECS = {"encodec": (encodec_stages, 320, 3), "dac": (dac_stages, 512, 2),
          "mimi": (mimi_stages, 960, 3)}  # fmt: skip


@pytest.mark.parametrize("name", CODECS)
@pytest.mark.parametrize("samples", [1, 11_520, 11_521])
def test_layers_are_those_of_transformers(name, samples, speech_folder, speech_model, noise):
    stages, stride, layers = CODECS[name]
    with torch.no_grad():
        expected = stages(speech_folder(name), torch.tensor(noise[None, None, :samples]))
    model = speech_model(name)
    extraction = model.extract(noise[:samples], model.spec.sample_rate_hz)
    for layer, state in zip(extraction.layers, expected, strict=True):
        np.testing.assert_allclose(layer, state[0].T, rtol=0, atol=1e-5)
    assert len(extraction.layers) == layers
    starts = range(0, samples, stride)
    assert extraction.frames.start_samples.tolist() == list(starts)
    assert extraction.frames.end_samples.tolist() == [start + stride for start in starts]


def changed_rows(model, samples, first):
    touched = samples.copy()
    touched[first] += 1
    rate_hz = model.spec.sample_rate_hz
    before, after = model.extract(samples, rate_hz), model.extract(touched, rate_hz)
    return [
        np.flatnonzero(np.any(one != other, axis=1))
        for one, other in zip(before.layers, after.layers, strict=True)
    ]


@pytest.mark.parametrize(("name", "stride"), [("encodec", 320), ("mimi", 960)])
@pytest.mark.parametrize("into", [0, -1])
def test_a_causal_codec_hears_a_sample_from_its_own_row_on(name, stride, into, speech_model, noise):
    row = 30
    first = row * stride if into == 0 else (row + 1) * stride - 1
    for rows in changed_rows(speech_model(name), noise, first):
        assert rows[0] == row


def test_rows_of_dac_hear_as_much_before_as_after(speech_model, noise):
    # A sample in the middle of row 30 changes as many rows on either side.
    for rows in changed_rows(speech_model("dac"), noise, 30 * 512 + 256):
        assert 30 - rows[0] == rows[-1] - 30 > 0


def test_another_rate_is_resampled(speech_model, noise):
    frames = speech_model("encodec").extract(noise[:8_000], 16_000).frames
    assert (len(frames), frames.sample_rate_hz) == (38, 24_000)  # 12 000 samples, 37.5 rows


@pytest.mark.parametrize("name", ["encodec", "dac", "mimi"])
def test_a_recording_without_samples_is_refused(name, speech_model):
    with pytest.raises(ModelError, match="the recording has no samples"):
        speech_model(name).extract(np.zeros(0, dtype=np.float32), 24_000)


def test_the_feature_extractor_of_another_codec_is_refused(speech_folder, tmp_path, noise):
    folder = shutil.copytree(speech_folder("dac"), tmp_path / "model")
    file = folder / "preprocessor_config.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "hop_length": 1}))
    model = open_model(f"hf-speech:{folder}", "cpu")
    with pytest.raises(ModelError, match="1 rows for 1000 samples, expected 2, one every 512"):
        model.extract(noise[:1000], 16_000)
