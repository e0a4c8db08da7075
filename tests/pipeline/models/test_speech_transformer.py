import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import (
    SEWConfig,
    SEWModel,
    Wav2Vec2Config,
    Wav2Vec2FeatureExtractor,
    Wav2Vec2Model,
)

from pipeline.errors import ModelError
from pipeline.models.catalogue import find_model
from pipeline.models.extractor import AudioModel
from pipeline.models.opening import open_model
from pipeline.models.speech_transformer import (
    SpeechTransformer,
    convolution_frames,
    receptive_field,
)


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


def test_two_runs_are_equal(wav2vec2_folder, waveform, spec_of):
    model = open_model(spec_of("speech", wav2vec2_folder), "cpu")
    for first, second in zip(
        model.extract(waveform, 16_000).layers, model.extract(waveform, 16_000).layers, strict=True
    ):
        np.testing.assert_array_equal(first, second)


def test_another_rate_is_resampled(wav2vec2_folder, waveform, spec_of):
    model = open_model(spec_of("speech", wav2vec2_folder), "cpu")
    extraction = model.extract(waveform, 8_000)  # taken as 8 kHz, it lasts twice as long
    assert len(extraction.frames) == (2 * len(waveform) - 400) // 320 + 1
    assert extraction.frames.sample_rate_hz == 16_000


@pytest.fixture(scope="module")
def convolutions():
    """The real wav2vec 2.0 stack, normalised frame by frame so that frames stay apart."""
    config = Wav2Vec2Config(
        hidden_size=8, num_hidden_layers=1, num_attention_heads=1, intermediate_size=8,
        conv_dim=(4,) * 7, num_conv_pos_embeddings=4, num_conv_pos_embedding_groups=1,
        feat_extract_norm="layer",
    )  # fmt: skip
    return Wav2Vec2Model(config).eval()


def conv_rows(model, samples):
    with torch.no_grad():
        return model.feature_extractor(torch.tensor(samples)[None])[0].T.numpy()


@pytest.mark.parametrize("row", [0, 1, 17, 33])
def test_a_frame_saw_its_own_samples_and_no_others(convolutions, waveform, row):
    spec = find_model("untrained:wav2vec2-base")
    config = convolutions.config
    frames = convolution_frames(len(waveform), config.conv_kernel, config.conv_stride, 16_000)
    assert spec.stride_samples == int(np.prod(config.conv_stride))
    before = conv_rows(convolutions, waveform)
    assert len(before) == len(frames)
    start, end = frames.start_samples[row], frames.end_samples[row]

    def changes(first, last):
        touched = waveform.copy()
        touched[first:last] += 1
        return not np.array_equal(conv_rows(convolutions, touched)[row], before[row])

    assert not changes(0, start)
    assert not changes(end, None)
    assert changes(start, start + 1)
    assert changes(end - 1, end)


@given(samples=st.integers(0, 3000))
def test_the_frame_count_is_that_of_one_wide_convolution(samples):
    kernels, strides = [10, 3, 3, 3, 3, 2, 2], [5, 2, 2, 2, 2, 2, 2]
    expected = (samples - 400) // 320 + 1 if samples >= 400 else 0
    assert len(convolution_frames(samples, kernels, strides, 16_000)) == expected
    assert receptive_field(kernels, strides) == 400


def test_the_shortest_recording_gives_one_frame_and_a_shorter_one_is_refused(
    wav2vec2_folder, waveform, spec_of
):
    model = open_model(spec_of("speech", wav2vec2_folder), "cpu")
    assert len(model.extract(waveform[:400], 16_000).frames) == 1
    with pytest.raises(ModelError, match="has 399 samples at 16000 Hz, expected at least 400"):
        model.extract(waveform[:399], 16_000)


def test_a_model_that_changes_the_frame_rate_after_its_convolutions_is_refused(waveform):
    config = SEWConfig(
        hidden_size=16, num_hidden_layers=1, num_attention_heads=1, intermediate_size=8,
        conv_dim=(4, 4), conv_kernel=(10, 8), conv_stride=(10, 8), squeeze_factor=2,
        num_conv_pos_embeddings=4, num_conv_pos_embedding_groups=1, num_feat_extract_layers=2,
    )  # fmt: skip
    spec = replace(find_model("untrained:wav2vec2-base"), layer_names=("0", "1"), dims=16)
    model = SpeechTransformer(spec, SEWModel(config), Wav2Vec2FeatureExtractor(), "cpu")
    with pytest.raises(ModelError, match="70 rows, but its convolutions give 140 frames"):
        model.extract(waveform, 16_000)


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
