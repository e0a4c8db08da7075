import json
import shutil

import pytest

from pipeline.errors import ModelError
from pipeline.models.known.hearing import describe_hearing, hears
from pipeline.models.known.hugging_face import describe

# What the loaded model itself says is the reference: see the tests of each family.
KNOWN = {
    "wav2vec2": ("speech_transformer", 320, 3, 16, "after positional convolution"),
    "sew": ("speech_transformer", 640, 3, 16, "squeezed, after positional convolution"),
    "conformer": ("speech_transformer", 320, 3, 16, "the projected features"),
    "wav2vec2-bert": ("speech_transformer", 320, 3, 16, "the projected filterbank"),
    "whisper": ("whisper_encoder", 320, 3, 16, "after convolutions, plus positions"),
    "ast": ("spectrogram_transformer", 1600, 3, 16, "patch embeddings plus positions"),
    "encodec": ("audio_codec", 320, 3, 64, "after the last downsampling convolution"),
    "dac": ("audio_codec", 512, 2, 64, "after the last downsampling convolution"),
    "mimi": ("audio_codec", 960, 3, 32, "after the convolutional encoder"),
}


@pytest.mark.parametrize("name", KNOWN)
def test_every_architecture_is_known_before_it_is_loaded(name, speech_folder, speech_model):
    family, stride, layers, dims, first = KNOWN[name]
    spec = describe(f"hf-speech:{speech_folder(name)}")
    assert (spec.family, spec.stride_samples, len(spec.layer_names)) == (family, stride, layers)
    assert spec.dims == dims
    assert spec.layer_names[0].startswith("0: ")
    assert spec.layer_names[0].endswith(first)
    assert speech_model(name).spec == spec


def config_of(folder):
    return json.loads((folder / "config.json").read_text())


def test_a_latent_that_is_narrower_than_the_other_layers_says_so(speech_folder):
    folder = speech_folder("encodec")
    narrow = describe_hearing(folder, config_of(folder)).layer_names[2]
    assert narrow == "2: latent, after the final convolution (16 values, then zeros)"
    wide = describe_hearing(folder, {**config_of(folder), "hidden_size": 128})
    assert wide.layer_names[2] == "2: latent, after the final convolution"
    assert wide.dims == 128


@pytest.mark.parametrize("model_type", ["clap", "clap_audio_model"])
def test_models_that_lose_time_are_refused(tmp_path, model_type):
    assert hears({"model_type": model_type})
    with pytest.raises(ModelError, match=f"{model_type} is not word-level: it hears"):
        describe_hearing(tmp_path, {"model_type": model_type})


@pytest.mark.parametrize("model_type", ["bert", "unheard", None, {}])
def test_others_are_told_what_is_known(tmp_path, model_type):
    assert not hears({"model_type": model_type})
    with pytest.raises(ModelError, match=f"found model_type {model_type}; .*whisper, and others"):
        describe_hearing(tmp_path, {"model_type": model_type})


def test_an_unknown_model_built_like_wav2vec2_is_taken_for_one(speech_folder):
    folder = speech_folder("wav2vec2")
    config = {**config_of(folder), "model_type": "unheard"}
    assert describe_hearing(folder, config) == describe_hearing(folder, config_of(folder))


@pytest.mark.parametrize(
    "fields", [{"audio_channels": 2}, {"normalize": True}], ids=["stereo", "normalised"]
)
def test_stereo_codecs_are_refused(speech_folder, fields):
    folder = speech_folder("encodec")
    with pytest.raises(ModelError, match="expected a codec of mono recordings"):
        describe_hearing(folder, {**config_of(folder), **fields})


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"conv_stride": [5, 2]}, "7 conv_kernel but 2 conv_stride"),
        ({"conv_stride": 320}, "has conv_stride 320; expected a list"),
        ({"conv_kernel": None}, "has conv_kernel None; expected a list"),
        ({"hidden_size": None}, "no hidden_size"),
        ({"squeeze_factor": 0}, "no squeeze_factor"),
    ],
)
def test_a_configuration_that_lacks_something_is_refused(speech_folder, fields, message):
    folder = speech_folder("wav2vec2")
    with pytest.raises(ModelError, match=message):
        describe_hearing(folder, {**config_of(folder), **fields})


def test_a_folder_without_its_preprocessor_is_refused(speech_folder, tmp_path):
    folder = shutil.copytree(speech_folder("wav2vec2"), tmp_path / "model")
    (folder / "preprocessor_config.json").unlink()
    with pytest.raises(ModelError, match=r"preprocessor_config\.json: expected the file"):
        describe(f"hf-speech:{folder}")
