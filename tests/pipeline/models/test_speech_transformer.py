import logging
import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import (
    AutoFeatureExtractor,
    AutoModel,
    SeamlessM4TFeatureExtractor,
    Wav2Vec2BertModel,
    Wav2Vec2FeatureExtractor,
    Wav2Vec2Model,
)

from pipeline.errors import ModelError
from pipeline.models.extractor import AudioModel
from pipeline.models.opening import open_model
from pipeline.models.speech_transformer import SpeechTransformer, receptive_field


def test_layers_are_those_of_transformers_and_end_in_the_last_hidden_state(
    wav2vec2_folder, waveform, spec_of
):
    model = open_model(spec_of("speech", wav2vec2_folder), "cpu")
    assert isinstance(model, AudioModel)
    extraction = model.extract(waveform, 16_000)
    normalised = (waveform - waveform.mean()) / np.sqrt(waveform.var() + 1e-7)
    direct = Wav2Vec2Model.from_pretrained(wav2vec2_folder)
    with torch.no_grad():
        output = direct(torch.tensor(normalised)[None], output_hidden_states=True)
    expected = [*output.hidden_states[:-1], output.last_hidden_state]
    for layer, tensor in zip(extraction.layers, expected, strict=True):
        np.testing.assert_allclose(layer, tensor[0], atol=1e-5)


def directly(folder, samples, **inputs):
    """Return what transformers' own call gives, without a mask: nothing is padded."""
    model = AutoModel.from_pretrained(folder)
    extractor = AutoFeatureExtractor.from_pretrained(folder)
    given = extractor(samples, sampling_rate=16_000, return_tensors="pt")
    given.pop("attention_mask", None)
    with torch.no_grad():
        return model(**given, output_hidden_states=True, **inputs)


def assert_layers_are(layers, tensors):
    for layer, tensor in zip(layers, tensors, strict=True):
        np.testing.assert_allclose(layer, tensor[0], rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    "name",
    [
        "wav2vec2", "wav2vec2-large", "hubert", "wavlm", "data2vec-audio", "unispeech",
        "unispeech-sat", "conformer",
    ],
)  # fmt: skip
def test_every_architecture_is_run_as_transformers_runs_it(
    name, speech_folder, speech_model, noise
):
    output = directly(speech_folder(name), noise)
    extraction = speech_model(name).extract(noise, 16_000)
    assert_layers_are(extraction.layers, [*output.hidden_states[:-1], output.last_hidden_state])
    assert extraction.frames.start_samples[:2].tolist() == [0, 320]
    assert extraction.frames.end_samples[0] == 400


@pytest.mark.parametrize("name", ["sew", "sew-d"])
def test_rows_that_are_squeezed_are_those_of_the_transformer(
    name, speech_folder, speech_model, noise
):
    extraction = speech_model(name).extract(noise, 16_000)
    assert_layers_are(extraction.layers, directly(speech_folder(name), noise).hidden_states)
    assert speech_model(name).spec.stride_ms == 40
    assert extraction.frames.start_samples[:2].tolist() == [0, 640]


@pytest.mark.parametrize(("samples", "rows"), [(48_000, 149), (48_160, 149), (48_320, 150)])
def test_filterbank_rows_are_kept_where_they_are_whole(
    samples, rows, speech_folder, speech_model, noise
):
    folder, recording = speech_folder("wav2vec2-bert"), np.resize(noise, samples)
    given = SeamlessM4TFeatureExtractor.from_pretrained(folder)(
        recording, sampling_rate=16_000, return_tensors="pt"
    )
    with torch.no_grad():
        output = Wav2Vec2BertModel.from_pretrained(folder)(**given, output_hidden_states=True)
    expected = [*output.hidden_states[:-1], output.last_hidden_state]
    layers = speech_model("wav2vec2-bert").extract(recording, 16_000).layers
    assert_layers_are(layers, [tensor[:, :rows] for tensor in expected])


def test_an_adapter_after_the_encoder_is_left_out(speech_folder, speech_model, noise):
    output = directly(speech_folder("wav2vec2-adapter"), noise)
    assert output.last_hidden_state.shape[1] < output.hidden_states[0].shape[1]
    layers = speech_model("wav2vec2-adapter").extract(noise, 16_000).layers
    assert_layers_are(layers, output.hidden_states)


def test_two_runs_are_equal(speech_model, waveform):
    model = speech_model("wavlm")
    for first, second in zip(
        model.extract(waveform, 16_000).layers, model.extract(waveform, 16_000).layers, strict=True
    ):
        np.testing.assert_array_equal(first, second)


def test_another_rate_is_resampled(speech_model, waveform):
    extraction = speech_model("wav2vec2").extract(waveform, 8_000)  # so it lasts twice as long
    assert len(extraction.frames) == (2 * len(waveform) - 400) // 320 + 1
    assert extraction.frames.sample_rate_hz == 16_000


class UnnormalisedFilterbank(SeamlessM4TFeatureExtractor):
    """Does not divide by the deviation of the whole recording, which every row would hear."""

    def __call__(self, *args, **kwargs):
        return super().__call__(*args, **kwargs, do_normalize_per_mel_bins=False)


@pytest.fixture(scope="module")
def local_models(speech_folder, spec_of):
    """Models in which nothing before layer 0 mixes times but the windows themselves."""

    def model(name):
        folder = speech_folder(name)
        extractor = Wav2Vec2FeatureExtractor(do_normalize=False)
        if name == "wav2vec2-bert":
            extractor = UnnormalisedFilterbank.from_pretrained(folder)
        direct = AutoModel.from_pretrained(folder)
        for parameter, weights in direct.named_parameters():
            if "pos_conv" in parameter and parameter.endswith(("original0", "weight_g")):
                weights.data.zero_()
        return SpeechTransformer(spec_of("speech", folder), direct, extractor, "cpu")

    return {
        name: model(name)
        for name in ("wav2vec2-large", "conformer", "sew", "sew-d", "wav2vec2-bert")
    }


@pytest.mark.parametrize(("first", "end"), [(0, 1), (16_000, 16_640), (46_500, 47_999)])
@pytest.mark.parametrize("name", ["wav2vec2-large", "conformer", "sew", "sew-d", "wav2vec2-bert"])
def test_a_row_hears_its_window_and_nothing_else(
    name, first, end, local_models, noise, rows_that_hear
):
    changed, expected = rows_that_hear(local_models[name], noise, first, end)
    assert changed == expected != []


@given(samples=st.integers(400, 3000))
def test_the_rows_of_a_stack_of_convolutions_are_those_of_one_wide_convolution(samples):
    kernels, strides = [10, 3, 3, 3, 3, 2, 2], [5, 2, 2, 2, 2, 2, 2]
    count = samples
    for kernel, stride in zip(kernels, strides, strict=True):
        count = (count - kernel) // stride + 1
    assert receptive_field(kernels, strides) == 400
    assert count == (samples - 400) // 320 + 1


@pytest.mark.parametrize(("name", "shortest"), [("wav2vec2", 400), ("sew", 720),
                                                ("wav2vec2-bert", 560)])  # fmt: skip
def test_the_shortest_recording_gives_one_frame_and_a_shorter_one_is_refused(
    name, shortest, speech_model, waveform
):
    model = speech_model(name)
    assert len(model.extract(waveform[:shortest], 16_000).frames) == 1
    message = f"has {shortest - 1} samples at 16000 Hz, expected at least {shortest}"
    with pytest.raises(ModelError, match=message):
        model.extract(waveform[: shortest - 1], 16_000)


def test_the_measured_stride_is_right_whatever_the_configuration_says(
    speech_folder, spec_of, noise, caplog
):
    spec = replace(spec_of("speech", speech_folder("sew")), stride_samples=320)
    with caplog.at_level(logging.WARNING):
        model = open_sew(speech_folder, spec)
    assert "says a row every 320 samples, but it gives one every 640" in caplog.text
    frames = model.extract(noise, 16_000).frames
    assert np.unique(np.diff(frames.start_samples)).tolist() == [640]


def open_sew(speech_folder, spec):
    model = AutoModel.from_pretrained(speech_folder("sew"))
    return SpeechTransformer(spec, model, Wav2Vec2FeatureExtractor(do_normalize=False), "cpu")


def test_a_model_whose_rows_are_not_its_windows_is_refused(
    speech_folder, spec_of, noise, monkeypatch
):
    model = open_sew(speech_folder, spec_of("speech", speech_folder("sew")))
    run = model._run  # noqa: SLF001 - stands for a model that pads its recordings
    monkeypatch.setattr(model, "_run", lambda samples: replace(run(samples), counts=(75,)))
    with pytest.raises(ModelError, match="75 rows, but 74 windows of 720 samples"):
        model.extract(noise, 16_000)


def test_one_short_recording_among_others_is_refused(speech_model, noise):
    with pytest.raises(ModelError, match="has 300 samples"):
        speech_model("wav2vec2").hear([noise, noise[:300]], 16_000)


def test_an_unknown_feature_extractor_is_named(wav2vec2_folder, tmp_path, spec_of):
    folder = shutil.copytree(wav2vec2_folder, tmp_path / "model")
    (folder / "preprocessor_config.json").write_text(
        '{"sampling_rate": 16000, "feature_extractor_type": "Unheard"}'
    )
    (folder / "config.json").write_text(
        (folder / "config.json").read_text().replace('"wav2vec2"', '"unheard"')
    )
    with pytest.raises(ModelError, match="model: transformers cannot load its feature extractor"):
        open_model(spec_of("speech", folder), "cpu")
