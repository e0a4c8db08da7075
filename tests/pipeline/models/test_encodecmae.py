import shutil

import numpy as np
import pytest
import soundfile
import torch

from pipeline.errors import ModelError
from pipeline.models.encodecmae_checkpoint import load_network
from pipeline.models.extractor import AudioModel
from pipeline.models.opening import open_model

LAYOUTS = ["v1", "v2-ec", "v2-mel"]


@pytest.fixture(scope="module")
def opened(encodecmae_paths):
    models = {
        name: open_model(f"encodecmae:{path}", device="cpu")
        for name, path in encodecmae_paths.items()
    }
    return models.__getitem__


@pytest.fixture(scope="module")
def noise():
    """4.5 s at 24 kHz and 100 samples: two chunks, the second with a row that is not whole."""
    return np.random.default_rng(3).normal(scale=0.1, size=108_100).astype(np.float32)


@pytest.mark.parametrize("name", ["encodecmae_v1_ec", "encodecmae_v2_mel.pt"])
def test_a_golden_checkpoint_gives_the_golden_layers(shared, name):
    golden = shared / "golden"
    model = open_model(f"encodecmae:{golden / name}", device="cpu")
    assert isinstance(model, AudioModel)
    samples, rate_hz = soundfile.read(golden / "input_24k.wav", dtype="float32")
    extraction = model.extract(samples, rate_hz)
    expected = np.load(golden / f"{name.removesuffix('.pt')}.npz")["all_layers"]
    np.testing.assert_allclose(np.stack(extraction.layers), expected, rtol=0, atol=1e-5)


def test_a_second_generation_with_a_codec_is_the_golden_first_but_for_its_output(shared, tmp_path):
    golden = shared / "golden"
    folder = golden / "encodecmae_v1_ec"
    names = {
        "wav_encoder.model": "wav_encoder.encoder.model",
        "feat_projector": "wav_encoder.post_net",
        "positional_encoder": "masker.positional_encoder",
    }
    weights = torch.load(folder / "model.pt", weights_only=True)["state_dict"]
    for first, second in names.items():
        weights = {
            second + name.removeprefix(first) if name.startswith(first) else name: weight
            for name, weight in weights.items()
        }
    config = (folder / "config.gin").read_text()
    path = tmp_path / "second.pt"
    torch.save({"imports": "", "config": config, "state_dict": weights}, path)
    samples, rate_hz = soundfile.read(golden / "input_24k.wav", dtype="float32")
    layers = open_model(f"encodecmae:{path}", device="cpu").extract(samples, rate_hz).layers
    expected = np.load(golden / "encodecmae_v1_ec.npz")
    # In the first chunk, as the generations differ in the last row of the second.
    for layer, reference in zip(layers[:-1], expected["all_layers"], strict=False):
        np.testing.assert_allclose(layer[:300], reference[:300], rtol=0, atol=1e-5)
    np.testing.assert_allclose(layers[-1][:300], expected["final"][:300], rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", LAYOUTS)
def test_chunks_of_four_seconds_know_nothing_of_one_another(opened, noise, name):
    whole = opened(name).extract(noise, 24_000)
    alone = opened(name).extract(noise[:96_000], 24_000)
    louder = opened(name).extract(np.r_[noise[:96_000] * 2, noise[96_000:]], 24_000)
    for layer, first, second in zip(whole.layers, alone.layers, louder.layers, strict=True):
        np.testing.assert_allclose(layer[:300], first, atol=1e-6)
        np.testing.assert_allclose(layer[300:], second[300:], atol=1e-6)
        assert not np.allclose(layer[:300], second[:300], atol=1e-3)


@pytest.mark.parametrize("name", ["v1", "v2-ec"])
def test_rows_of_the_codec_are_320_samples_each_and_the_last_may_not_be_whole(opened, noise, name):
    frames = opened(name).extract(noise, 24_000).frames
    assert frames.start_samples.tolist() == list(range(0, 108_100, 320))
    np.testing.assert_array_equal(frames.end_samples - frames.start_samples, 320)


def test_mel_windows_begin_anew_in_each_chunk(opened, noise):
    frames = opened("v2-mel").extract(noise, 24_000).frames
    second = range(0, 12_100 - 637 + 1, 318)
    expected = [318 * row for row in range(300)] + [96_000 + start for start in second]
    assert frames.start_samples.tolist() == expected
    np.testing.assert_array_equal(frames.end_samples - frames.start_samples, 637)
    assert opened("v2-mel").spec.stride_ms == 13.25


def reference_rows(path, samples, heard):
    network, _ = load_network(path)
    with torch.no_grad():
        layers, output = network.eval()(torch.tensor(samples), heard)
    return layers, output


@pytest.mark.parametrize(
    ("name", "length", "heard"),
    [
        ("v1", 96_000 + 12_100, 37),
        ("v1", 96_000 + 200, 1),
        ("v1", 4_000, 12),
        # The second generation attends to as many rows in all chunks as in the first.
        ("v2-ec", 96_000 + 12_100, 38),
        ("v2-ec", 4_000, 12),
        ("v2-mel", 96_000 + 12_100, 37),
        ("v2-mel", 95_999, 299),
    ],
)
def test_which_rows_are_attended_to_is_the_generations_own_rule(
    opened, encodecmae_paths, name, length, heard
):
    samples = np.random.default_rng(5).normal(scale=0.1, size=length).astype(np.float32)
    found = opened(name).extract(samples, 24_000).layers
    last = samples[96_000:] if length > 96_000 else samples
    layers, output = reference_rows(encodecmae_paths[name], last, heard)
    expected = layers if name == "v1" else [*layers[:-1], output]
    for layer, twin in zip(found, expected, strict=True):
        np.testing.assert_allclose(layer[-len(twin) :], twin, atol=1e-6)
    for others in {heard - 1, heard + 1} & set(range(1, len(layers[0]) + 1)):
        _, other = reference_rows(encodecmae_paths[name], last, others)
        assert not np.allclose(other, output, atol=1e-4)


@pytest.mark.parametrize(("name", "rows"), [("v1", 307), ("v2-ec", 300), ("v2-mel", 300)])
def test_only_the_second_generation_leaves_out_a_short_remainder(opened, noise, name, rows):
    assert len(opened(name).extract(noise[: 96_000 + 2_048], 24_000).frames) == rows
    assert len(opened(name).extract(noise[: 96_000 + 2_049], 24_000).frames) > 300


@pytest.mark.parametrize(("name", "shortest"), [("v1", 320), ("v2-ec", 2049), ("v2-mel", 2049)])
def test_the_shortest_recording_gives_rows_and_a_shorter_one_is_refused(
    opened, noise, name, shortest
):
    assert len(opened(name).extract(noise[:shortest], 24_000).frames) > 0
    with pytest.raises(ModelError, match=f"has {shortest - 1} samples .* at least {shortest}"):
        opened(name).extract(noise[: shortest - 1], 24_000)


def test_another_rate_is_resampled(opened, noise):
    extraction = opened("v1").extract(noise[:16_000], 16_000)
    assert len(extraction.frames) == 75
    assert extraction.frames.sample_rate_hz == 24_000


@pytest.mark.parametrize("name", LAYOUTS)
def test_two_runs_are_equal(opened, noise, name):
    first, second = (opened(name).extract(noise, 24_000).layers for _ in range(2))
    np.testing.assert_array_equal(np.stack(first), np.stack(second))


def test_weights_that_are_no_numbers_are_noticed(encodecmae_paths, tmp_path, noise):
    content = torch.load(encodecmae_paths["v2-mel"], weights_only=True)
    content["state_dict"]["visible_encoder.encoder_layers.0.norm1.bias"][0] = torch.nan
    torch.save(content, tmp_path / "nan.pt")
    with pytest.raises(ModelError, match=r"nan\.pt: the model gave infinite values"):
        open_model(f"encodecmae:{tmp_path / 'nan.pt'}", device="cpu").extract(noise, 24_000)


class Touch:
    """Pickled, it is the instruction to copy a file."""

    def __init__(self, source, target):
        self.paths = (str(source), str(target))

    def __reduce__(self):
        return shutil.copy, self.paths


def test_a_checkpoint_with_code_is_refused_and_the_code_not_run(encodecmae_paths, tmp_path):
    content = torch.load(encodecmae_paths["v2-mel"], weights_only=True)
    path, trace = tmp_path / "evil.pt", tmp_path / "trace"
    torch.save({"more": Touch(encodecmae_paths["v2-mel"], trace), **content}, path)
    with pytest.raises(ModelError, match=r"evil\.pt: expected tensors and plain values"):
        open_model(f"encodecmae:{path}", device="cpu")
    assert not trace.exists()
