import numpy as np
import pytest
import torch
from transformers import AutoFeatureExtractor, AutoModel

from pipeline.errors import ModelError
from pipeline.models.batching import HearsMany, ReadsMany
from pipeline.models.catalogue import find_model
from pipeline.models.extractor import AudioModel, TextModel
from pipeline.models.opening import open_model
from pipeline.models.precision import in_precision, without_onednn

# Halves of the steps between numbers near 1.
STEPS = {"bf16": 2**-9, "fp16": 2**-12}


def relative_errors(found, exact):
    return [
        np.linalg.norm(a - b) / np.linalg.norm(b)
        for a, b in zip(found.layers, exact.layers, strict=True)
    ]


def test_layers_are_those_that_autocast_gives(speech_folder, noise):
    folder = speech_folder("wav2vec2-large")
    model = open_model(f"hf:{folder}?precision=bf16", "cpu")
    values = AutoFeatureExtractor.from_pretrained(folder)(
        noise, sampling_rate=16_000, return_tensors="pt"
    )["input_values"]
    direct = AutoModel.from_pretrained(folder)
    with torch.no_grad(), without_onednn(), torch.autocast("cpu", dtype=torch.bfloat16):
        output = direct(values, output_hidden_states=True)
    expected = [*output.hidden_states[:-1], output.last_hidden_state]
    found = model.extract(noise, 16_000)
    assert isinstance(model, AudioModel)
    for layer, tensor in zip(found.layers, expected, strict=True):
        assert layer.dtype == np.float32
        np.testing.assert_allclose(layer, tensor[0].float(), rtol=0, atol=1e-5)


@pytest.mark.parametrize("precision", STEPS)
@pytest.mark.parametrize(
    "name",
    [
        *("wav2vec2", "wavlm", "conformer", "data2vec-audio", "sew", "wav2vec2-bert"),
        *("whisper", "ast-short", "encodec", "dac", "mimi"),
    ],
)
def test_every_kind_that_hears_runs_in_fewer_digits(
    name, precision, speech_folder, speech_model, noise
):
    spec = find_model(f"hf-speech:{speech_folder(name)}?precision={precision}")
    model, exact = open_model(spec, "cpu"), speech_model(name)
    errors = relative_errors(model.extract(noise, 16_000), exact.extract(noise, 16_000))
    assert 0 < max(errors) < 200 * STEPS[precision]
    assert (model.spec, model.device) == (spec, torch.device("cpu"))


@pytest.mark.parametrize("name", ["v1", "v2-mel"])
def test_encodecmae_runs_in_fewer_digits(name, encodecmae_paths, noise):
    place = encodecmae_paths[name]
    found = open_model(f"encodecmae:{place}?precision=bf16", "cpu").extract(noise, 24_000)
    exact = open_model(f"encodecmae:{place}", "cpu").extract(noise, 24_000)
    assert 0 < max(relative_errors(found, exact)) < 200 * STEPS["bf16"]


def test_s3prl_runs_in_fewer_digits(s3prl_checkpoint, noise):
    name = f"s3prl:hubert_local:{s3prl_checkpoint('hubert_local')}"
    found = open_model(f"{name}?precision=bf16", "cpu").extract(noise, 16_000)
    errors = relative_errors(found, open_model(name, "cpu").extract(noise, 16_000))
    assert 0 < max(errors) < 200 * STEPS["bf16"]


@pytest.mark.parametrize("precision", STEPS)
def test_a_text_model_reads_in_fewer_digits(precision):
    model = open_model(f"minilm?tokens=last&precision={precision}", "cpu")
    assert isinstance(model, TextModel)
    assert isinstance(model, ReadsMany)
    words = ["the", "cat"]
    found, exact = model.extract_text(words), open_model("minilm", "cpu").extract_text(words)
    assert found.pooling == "last"
    assert 0 < max(relative_errors(found, exact)) < 200 * STEPS[precision]


def test_several_recordings_are_heard_in_the_precision_asked_for(speech_folder, noise):
    model = open_model(f"hf:{speech_folder('wav2vec2')}?precision=bf16", "cpu")
    assert isinstance(model, HearsMany)
    heard = model.hear([noise[:16_000], noise], 16_000)
    alone = model.extract(noise[:16_000], 16_000)
    assert max(relative_errors(heard.extraction(0), alone)) < 20 * STEPS["bf16"]


def test_other_runs_keep_their_digits(speech_folder, speech_model, noise):
    exact = speech_model("wav2vec2").extract(noise, 16_000)
    open_model(f"hf:{speech_folder('wav2vec2')}?precision=bf16", "cpu").extract(noise, 16_000)
    again = speech_model("wav2vec2").extract(noise, 16_000)
    assert not torch.is_autocast_enabled("cpu")
    np.testing.assert_array_equal(again.layers[-1], exact.layers[-1])


class Arrays:
    """A model that torch does not run."""

    spec = find_model("minilm")

    def extract_text(self, words):
        raise NotImplementedError


def test_a_model_that_torch_does_not_run_is_refused():
    with pytest.raises(ModelError, match="minilm: torch does not run it"):
        in_precision(Arrays(), Arrays.spec, "bf16")
