import importlib
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torchaudio.compliance import kaldi

from pipeline.errors import ModelError
from pipeline.models.catalogue import catalogue, find_model
from pipeline.models.extractor import AudioModel
from pipeline.models.opening import open_model
from pipeline.models.s3prl_upstream import S3prlUpstream
from pipeline.models.spec import ModelSpec

GOLDEN = Path(__file__).parents[3] / ".." / "shared" / "golden"
BASELINES = [spec.name for spec in catalogue() if spec.family == "s3prl_upstream"]


@pytest.mark.filterwarnings("ignore:At least one mel filterbank:UserWarning")
@pytest.mark.parametrize("name", BASELINES)
def test_baselines_give_what_s3prl_gives(name, waveform):
    model = open_model(name, device="cpu")
    assert isinstance(model, AudioModel)
    extraction = model.extract(waveform, 16_000)
    hubconf = importlib.import_module("s3prl.upstream.baseline.hubconf")
    upstream = getattr(hubconf, name.removeprefix("s3prl:"))()
    direct = upstream([torch.tensor(waveform)])["hidden_states"]
    for layer, expected in zip(extraction.layers, direct, strict=True):
        np.testing.assert_array_equal(layer, expected[0])


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
    model = S3prlUpstream(find_model("s3prl:fbank"), hubconf.fbank_no_cmvn(), "cpu")

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


@pytest.mark.filterwarnings("ignore:`torch.nn.utils.weight_norm` is deprecated:FutureWarning")
@pytest.mark.skipif(not GOLDEN.is_dir(), reason="the golden files are not beside this repository")
def test_a_wav2vec2_checkpoint_gives_the_golden_layers():
    hubconf = importlib.import_module("s3prl.upstream.wav2vec2.hubconf")
    upstream = hubconf.wav2vec2_custom(ckpt=str(GOLDEN / "wav2vec2_base.pt"))
    spec = ModelSpec(
        name="s3prl:golden", family="s3prl_upstream", modality="speech",
        layer_names=("0", "1", "2", "3"), dims=32, fingerprint="golden",
    )  # fmt: skip
    samples, _ = soundfile.read(GOLDEN / "input_16k.wav", dtype="float32")
    extraction = S3prlUpstream(spec, upstream, "cpu", stride_samples=320).extract(samples, 16_000)
    expected = np.load(GOLDEN / "wav2vec2_base.npz")["hidden_states"]
    np.testing.assert_allclose(np.stack(extraction.layers), expected, atol=1e-4)
    assert (
        extraction.frames.end_samples[-1] <= len(samples) < extraction.frames.end_samples[-1] + 320
    )
