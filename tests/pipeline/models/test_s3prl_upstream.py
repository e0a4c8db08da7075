import importlib
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import soundfile
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torchaudio.compliance import kaldi
from transformers import HubertConfig, HubertModel, Wav2Vec2FeatureExtractor

from pipeline.errors import ModelError
from pipeline.models.catalogue import catalogue, find_model
from pipeline.models.extractor import AudioModel
from pipeline.models.known.s3prl_rows import Rows, rows_of
from pipeline.models.known.s3prl_zoo import upstreams
from pipeline.models.known.torch_file import read_torch_file
from pipeline.models.opening import open_model
from pipeline.models.s3prl_upstream import S3prlUpstream
from pipeline.models.untrained import random_model
from tests.pipeline.models.s3prl_checkpoints import MAKERS

BASELINES = [spec.name for spec in catalogue() if spec.family == "s3prl_upstream"]
FEATURES = [*BASELINES, "s3prl:linear", "s3prl:fbank_no_cmvn", "s3prl:baseline"]

# What s3prl's own code warns of when it is called directly.
pytestmark = [
    pytest.mark.filterwarnings("ignore:At least one mel filterbank:UserWarning"),
    pytest.mark.filterwarnings("ignore:`torch.nn.utils.weight_norm` is deprecated:FutureWarning"),
    pytest.mark.filterwarnings("ignore:Support for mismatched:UserWarning"),
]


@pytest.fixture(scope="module")
def opened_kind(s3prl_checkpoint):
    """Return the model of a kind of checkpoint, opened once."""
    return cache(lambda kind: open_model(f"s3prl:{kind}:{s3prl_checkpoint(kind)}", device="cpu"))


def hub_function(name):
    return getattr(
        importlib.import_module(f"s3prl.upstream.{upstreams()[name].family}.hubconf"), name
    )


def assert_same(extraction, upstream, waveform):
    with torch.no_grad():
        direct = upstream.eval()([torch.tensor(waveform)])["hidden_states"]
    for layer, expected in zip(extraction.layers, direct, strict=True):
        np.testing.assert_array_equal(layer, expected[0])


@pytest.mark.parametrize("name", FEATURES)
def test_computed_features_are_those_of_s3prl(name, waveform):
    model = open_model(name, device="cpu")
    assert isinstance(model, AudioModel)
    extraction = model.extract(waveform, 16_000)
    assert_same(extraction, hub_function(name.removeprefix("s3prl:"))(), waveform)


@pytest.mark.parametrize("kind", MAKERS)
def test_layers_are_those_of_s3prls_own_module_in_eval_mode(
    kind, opened_kind, s3prl_checkpoint, waveform
):
    path, model = s3prl_checkpoint(kind), opened_kind(kind)
    extraction = model.extract(waveform, 16_000)
    assert len(extraction.layers) == len(model.spec.layer_names)
    assert_same(extraction, hub_function(kind)(str(path)), waveform)
    # Another recording in between leaves nothing behind.
    model.extract(waveform[:5_000], 16_000)
    again = model.extract(waveform, 16_000)
    for first, second in zip(extraction.layers, again.layers, strict=True):
        np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("stable", [False, True])
def test_a_hugging_face_folder_gives_what_s3prl_makes_of_it(stable, tmp_path, waveform):
    config = HubertConfig(
        hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32,
        conv_dim=(8,) * 7, num_conv_pos_embeddings=8, num_conv_pos_embedding_groups=2,
        feat_extract_norm="layer" if stable else "group", do_stable_layer_norm=stable,
    )  # fmt: skip
    random_model(HubertModel, config, seed=4).save_pretrained(tmp_path)
    Wav2Vec2FeatureExtractor(do_normalize=True).save_pretrained(tmp_path)
    model = open_model(f"s3prl:hf_hubert_custom:{tmp_path}", device="cpu")
    assert model.spec.layer_names[-1].endswith("not normalised") == stable
    extraction = model.extract(waveform, 16_000)
    assert_same(extraction, hub_function("hf_hubert_custom")(str(tmp_path)), waveform)


def test_a_hugging_face_folder_of_another_model_is_refused(wav2vec2_folder, waveform):
    with pytest.raises(ModelError, match="expected a model of type hubert, found wav2vec2"):
        open_model(f"s3prl:hf_hubert_custom:{wav2vec2_folder}")
    model = open_model(f"s3prl:hf_wav2vec2_custom:{wav2vec2_folder}", device="cpu")
    assert len(model.extract(waveform, 16_000).frames) == 34


@pytest.mark.parametrize("kind", ["wav2vec2_local", "wav2vec2_custom"])
def test_a_wav2vec2_checkpoint_gives_the_golden_layers(kind, shared):
    golden = shared / "golden"
    model = open_model(f"s3prl:{kind}:{golden / 'wav2vec2_base.pt'}", device="cpu")
    samples, _ = soundfile.read(golden / "input_16k.wav", dtype="float32")
    extraction = model.extract(samples, 16_000)
    expected = np.load(golden / "wav2vec2_base.npz")["hidden_states"]
    np.testing.assert_allclose(np.stack(extraction.layers), expected, atol=1e-4)
    assert len(extraction.frames) == (len(samples) - 400) // 320 + 1
    end = extraction.frames.end_samples[-1]
    assert end <= len(samples) < end + 320


@pytest.mark.parametrize("kind", MAKERS)
def test_the_stride_is_that_of_longer_recordings(kind, opened_kind):
    """Two recordings 4 s apart differ by 4 s of rows, whatever happens at their edges."""
    model = opened_kind(kind)
    noise = np.random.default_rng(3).normal(scale=0.1, size=96_000).astype(np.float32)
    short, long = (model.extract(noise[:size], 16_000).frames for size in (32_000, 96_000))
    assert 64_000 / (len(long) - len(short)) == model.spec.stride_samples
    assert set(np.diff(long.start_samples)) == {model.spec.stride_samples}


def convolved(kind, module, samples):
    """Return the rows of a model's convolutions, before anything looks at other rows."""
    with torch.no_grad():
        if kind == "cpc_local":
            return module([torch.tensor(samples)])["hidden_states"][0][0].numpy()
        return module.model.feature_extractor(torch.tensor(samples)[None])[0].T.numpy()


@pytest.mark.parametrize("row", [0, 1, 17, 33])
@pytest.mark.parametrize("kind", ["cpc_local", "wavlm_local", "data2vec_local"])
def test_a_row_saw_its_own_samples_and_no_others(
    kind, row, opened_kind, s3prl_checkpoint, waveform
):
    frames = opened_kind(kind).extract(waveform, 16_000).frames
    module = hub_function(kind)(str(s3prl_checkpoint(kind))).eval()
    before = convolved(kind, module, waveform)
    assert len(before) == len(frames)
    start, end = max(0, frames.start_samples[row]), frames.end_samples[row]

    def changes(first, last):
        touched = waveform.copy()
        touched[first:last] += 1
        return not np.array_equal(convolved(kind, module, touched)[row], before[row])

    assert not changes(0, start)
    assert not changes(end, None)
    assert changes(start, start + 1)
    assert changes(end - 1, end)


@pytest.mark.parametrize(
    ("name", "feature", "options"),
    [
        ("s3prl:fbank", kaldi.fbank, {"num_mel_bins": 80}),
        ("s3prl:mfcc", kaldi.mfcc, {"num_ceps": 13}),
        ("s3prl:spectrogram", kaldi.spectrogram, {}),
    ],
)
def test_static_features_are_kaldis_normalised_over_the_recording(name, feature, options, waveform):
    static = feature(torch.tensor(waveform)[None], **options).numpy()
    expected = (static - static.mean(axis=0)) / static.std(axis=0, ddof=1)
    (layer,) = open_model(name, device="cpu").extract(waveform, 16_000).layers
    np.testing.assert_allclose(layer[:, : static.shape[1]], expected, atol=2e-3)


@pytest.mark.parametrize("row", [0, 1, 30, 67])
def test_a_filterbank_row_saw_its_own_samples_and_no_others(waveform, row):
    hubconf = importlib.import_module("s3prl.upstream.baseline.hubconf")
    # Without normalisation over the recording, and without deltas, which look at neighbours.
    model = S3prlUpstream(
        find_model("s3prl:fbank"), hubconf.fbank_no_cmvn(), "cpu", rows_of("baseline", "fbank")
    )

    def static(samples):
        extraction = model.extract(samples, 16_000)
        return extraction.layers[0][row, :80], extraction.frames

    before, frames = static(waveform)
    assert len(frames) == 68
    start, end = frames.start_samples[row], frames.end_samples[row]

    def changes(first, last):
        touched = waveform.copy()
        touched[first:last] += 1
        return not np.array_equal(static(touched)[0], before)

    assert not changes(0, start)
    assert not changes(end, None)
    assert changes(start, start + 1)
    assert changes(end - 1, end)


@pytest.mark.parametrize("name", ["s3prl:mel", "s3prl:spectrogram"])
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(click=st.integers(0, 8_000))
def test_a_click_in_silence_is_seen_by_the_rows_around_it_alone(name, click, opened):
    samples = np.zeros(11_200, dtype=np.float32)
    samples[click] = 0.5
    samples[-1] = 1e-30  # s3prl's mel leaves out trailing zeros
    extraction = opened(name).extract(samples, 16_000)
    (layer,) = extraction.layers
    seen = (layer > layer.min(axis=0) + 1e-3).any(axis=1)
    starts, ends = extraction.frames.start_samples, extraction.frames.end_samples
    # The windows fade to nothing at their edges.
    assert seen[(starts + 4 < click) & (click < ends - 4)].all()
    assert not seen[(click < starts) | (click >= ends)].any()


@pytest.fixture(scope="module")
def opened():
    models = {name: open_model(name, device="cpu") for name in BASELINES}
    return models.__getitem__


def test_opening_leaves_the_random_numbers_alone():
    before = torch.random.get_rng_state()
    open_model("s3prl:mel", device="cpu")
    assert torch.equal(torch.random.get_rng_state(), before)


@pytest.mark.parametrize("name", BASELINES)
def test_the_shortest_recording_gives_numbers_and_a_shorter_one_is_refused(name, opened, waveform):
    assert np.isfinite(opened(name).extract(waveform[:560], 16_000).layers[0]).all()
    with pytest.raises(ModelError, match=f"{name}: .*has 559 samples .* expected at least 560"):
        opened(name).extract(waveform[:559], 16_000)


@pytest.mark.parametrize("name", ["s3prl:mel", "s3prl:linear"])
def test_silence_at_the_end_may_have_no_rows(name, waveform):
    ended = np.concatenate([waveform, np.zeros(1_600, dtype=np.float32)])
    frames = open_model(name, device="cpu").extract(ended, 16_000).frames
    assert len(waveform) // 160 <= len(frames) <= len(ended) // 160 + 1


@pytest.mark.parametrize("kind", MAKERS)
def test_too_short_a_recording_is_refused_and_the_shortest_is_not(
    kind, opened_kind, s3prl_checkpoint, waveform
):
    model, content = opened_kind(kind), read_torch_file(s3prl_checkpoint(kind))
    shortest = rows_of(upstreams()[kind].family, kind, content).shortest_samples
    model.extract(waveform[:shortest], 16_000)
    with pytest.raises(ModelError, match=f"has {shortest - 1} samples .* at least {shortest}"):
        model.extract(waveform[: shortest - 1], 16_000)


class Sleeper(torch.nn.Module):
    """An upstream of another frame rate than s3prl says."""

    def forward(self, waveforms):
        return {"hidden_states": [torch.zeros(1, len(waveforms[0]) // 640, 240)]}


def test_rows_that_cannot_be_placed_in_time_are_refused(waveform):
    model = S3prlUpstream(find_model("s3prl:fbank"), Sleeper(), "cpu", Rows(320, 400))
    with pytest.raises(
        ModelError, match=r"\[17\] rows of 11200 samples, expected 34, one every 320"
    ):
        model.extract(waveform, 16_000)


def test_layers_of_different_rates_are_refused(waveform):
    class Uneven(torch.nn.Module):
        def forward(self, _):
            return {"hidden_states": [torch.zeros(1, rows, 240) for rows in (34, 17)]}

    spec = replace(find_model("s3prl:fbank"), layer_names=("0", "1"))
    with pytest.raises(ModelError, match=r"\[17, 34\] rows of 11200 samples, expected 34"):
        S3prlUpstream(spec, Uneven(), "cpu", Rows(320, 400)).extract(waveform, 16_000)
