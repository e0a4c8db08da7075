import sys
from dataclasses import replace

import numpy as np
import pytest
import soundfile
import torch

from pipeline.corpus import open_corpus
from pipeline.errors import ModelError
from pipeline.extraction import embed
from pipeline.extraction.hearing import by_frame
from pipeline.models.beats import _speechbrain_beats
from pipeline.models.catalogue import find_model
from pipeline.models.extractor import AudioModel
from pipeline.models.opening import open_model
from pipeline.settings import AlignmentSettings
from pipeline.time_axis import Interval

CONFIG = {
    "input_patch_size": 16, "embed_dim": 8, "conv_bias": False, "encoder_layers": 2,
    "encoder_embed_dim": 16, "encoder_ffn_embed_dim": 32, "encoder_attention_heads": 2,
    "deep_norm": True, "encoder_layerdrop": 0.5, "conv_pos": 16, "conv_pos_groups": 4,
    "relative_position_embedding": True, "gru_rel_pos": True, "num_buckets": 16,
    "max_distance": 40,
}  # fmt: skip


def random_checkpoint(path, **changes):
    """Save a checkpoint in the official layout, from speechbrain's parts of the architecture."""
    config = CONFIG | changes
    library = sys.modules[_speechbrain_beats(find_model("beats:BEATs_iter3")).__module__]
    sizes = library.BEATsConfig(config)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(5)
        modules = {
            "patch_embedding": torch.nn.Conv2d(1, sizes.embed_dim, 16, 16, bias=False),
            "layer_norm": torch.nn.LayerNorm(sizes.embed_dim),
            "post_extract_proj": torch.nn.Linear(sizes.embed_dim, sizes.encoder_embed_dim),
            "encoder": library.TransformerEncoder(sizes),
        }
        if sizes.finetuned_model:
            modules["predictor"] = torch.nn.Linear(sizes.encoder_embed_dim, 527)
    # Microsoft's code normalises weights by torch's older function, which names them otherwise.
    weights = {
        name.replace("parametrizations.weight.original0", "weight_g").replace(
            "parametrizations.weight.original1", "weight_v"
        ): weight
        for name, weight in torch.nn.ModuleDict(modules).state_dict().items()
    }
    torch.save({"cfg": config, "model": weights}, path)
    return path


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    return random_checkpoint(tmp_path_factory.mktemp("beats") / "tiny.pt")


@pytest.fixture(scope="module")
def model(checkpoint):
    return open_model(f"beats:{checkpoint}", device="cpu")


@pytest.fixture(scope="module")
def noise():
    """1 s at 16 kHz: 6 columns, and 720 samples that none of them hears."""
    return np.random.default_rng(3).normal(scale=0.1, size=16_000).astype(np.float32)


def test_the_golden_checkpoint_gives_the_golden_layers(shared):
    golden = shared / "golden"
    opened = open_model(f"beats:{golden / 'beats.pt'}", device="cpu")
    assert isinstance(opened, AudioModel)
    samples, rate_hz = soundfile.read(golden / "input_16k.wav", dtype="float32")
    extraction = opened.extract(samples, rate_hz)
    expected = np.load(golden / "beats.npz")["hidden_states"]
    # Each layer rounds a little more; how much a single value does depends on the processor.
    for layer, golden_layer in zip(extraction.layers, expected, strict=True):
        error = np.linalg.norm(layer - golden_layer) / np.linalg.norm(golden_layer)
        assert error < 3e-5


def test_eight_rows_share_the_time_of_their_column(model, noise):
    extraction = model.extract(noise, 16_000)
    assert [layer.shape for layer in extraction.layers] == 3 * [(48, 16)]
    starts = np.repeat(2560 * np.arange(6), 8)
    np.testing.assert_array_equal(extraction.frames.start_samples, starts)
    np.testing.assert_array_equal(extraction.frames.end_samples, starts + 2800)


def test_the_frames_of_pooling_are_whole_columns(model, noise):
    heard = model.hear([noise], 16_000)
    extraction, columns = heard.extraction(0), by_frame(heard).extraction(0)
    assert columns.frames.start_samples.tolist() == [0, 2560, 5120, 7680, 10_240, 12_800]
    for rows, means in zip(extraction.layers, columns.layers, strict=True):
        np.testing.assert_allclose(means, rows.reshape(6, 8, 16).mean(axis=1), atol=1e-6)


@pytest.fixture(scope="module")
def patches(checkpoint):
    """Return what each row is before attention mixes times: the embedded patch."""
    network = _speechbrain_beats(find_model("beats:BEATs_iter3"))(str(checkpoint))

    def embedded(samples):
        with torch.no_grad():
            spectrogram = network.preprocess(torch.tensor(samples)[None])[:, None]
            return network.patch_embedding(spectrogram)[0].flatten(1).T.numpy()

    return embedded


def changed_rows(patches, samples, first, last):
    touched = samples.copy()
    touched[first:last] += np.random.default_rng(4).normal(size=len(touched[first:last]))
    return np.any(patches(touched) != patches(samples), axis=1)


@pytest.mark.parametrize(("start", "end"), [(3200, 6000), (5119, 5121), (0, 200), (12_000, 15_600)])
def test_sound_in_a_word_reaches_the_columns_that_overlap_it_and_no_others(
    model, patches, noise, start, end
):
    frames = model.extract(noise, 16_000).frames
    overlap = (frames.start_samples < end) & (frames.end_samples > start)
    np.testing.assert_array_equal(changed_rows(patches, noise, start, end), overlap)
    assert overlap.sum() % 8 == 0


@pytest.mark.parametrize("column", [0, 1, 5])
def test_a_column_heard_its_own_samples_and_no_others(patches, noise, column):
    start, end, rows = 2560 * column, 2560 * column + 2800, slice(8 * column, 8 * column + 8)
    assert not changed_rows(patches, noise, 0, start)[rows].any()
    assert not changed_rows(patches, noise, end, None)[rows].any()
    # One sample at the edge of the first or last window may be lost in rounding in some bands.
    assert changed_rows(patches, noise, start, start + 1)[rows].any()
    assert changed_rows(patches, noise, end - 1, end)[rows].any()


@pytest.mark.parametrize(
    ("pitch_hz", "band"), [(100, 0), (320, 1), (700, 2), (1200, 3), (1900, 4), (6800, 7)]
)
def test_the_rows_of_a_column_go_from_low_to_high(patches, pitch_hz, band):
    times = np.arange(16_000) / 16_000
    quiet = np.random.default_rng(3).normal(scale=1e-3, size=16_000).astype(np.float32)
    tone = (quiet + 0.01 * np.sin(2 * np.pi * pitch_hz * times)).astype(np.float32)
    change = np.square(patches(tone) - patches(quiet)).sum(axis=1).reshape(-1, 8)
    assert set(change.argmax(axis=1)) == {band}


@pytest.fixture(scope="module")
def utterance():
    return open_corpus("demo").utterances[0]


@pytest.mark.parametrize("rule", ["centre", "thesis"])
def test_a_word_is_the_mean_over_bands_and_columns(model, utterance, rule):
    heard = embed(model, utterance, AlignmentSettings(frame_rule=rule))
    samples, rate_hz = soundfile.read(utterance.audio, dtype="float32")
    layers = np.stack(model.extract(samples, rate_hz).layers)
    grid = layers.reshape(3, -1, 8, 16)  # layer, column, band, dimension
    assert heard.frames.start_samples.tolist() == [2560 * column for column in range(grid.shape[1])]
    for token, vectors in zip(heard.token_ids, heard.vectors.swapaxes(0, 1), strict=True):
        word = utterance.word_intervals[token]
        columns = columns_of(word, grid.shape[1], rule)
        expected = grid[:, columns].mean(axis=(1, 2))
        np.testing.assert_allclose(vectors, expected, atol=1e-5)


def columns_of(word, count, rule):
    start, end = round(16_000 * word.start), round(16_000 * word.end)
    if rule == "thesis":
        return range(start // 2560, min(end // 2560 + 1, count))
    centred = [column for column in range(count) if start <= 2560 * column + 1400 < end]
    middle = (start + end) / 2
    return centred or [min(range(count), key=lambda column: abs(2560 * column + 1400 - middle))]


@pytest.mark.parametrize("pooling", ["mean", "middle third", "centre", "first", "last"])
def test_a_word_of_one_column_is_that_column_by_every_pooling_but_max(model, utterance, pooling):
    word = Interval("a", 0.5, 0.56)  # between the centres at 0.4075 s and 0.5675 s
    odd = replace(utterance, words=("a",), word_intervals=(word,))
    heard = embed(model, odd, AlignmentSettings(pooling=pooling))
    assert heard.spans.tolist() == [[3, 4]]
    samples, rate_hz = soundfile.read(utterance.audio, dtype="float32")
    rows = np.stack(model.extract(samples, rate_hz).layers)[:, 24:32]
    np.testing.assert_allclose(heard.vectors[:, 0], rows.mean(axis=1), atol=1e-6)


def test_the_given_stride_is_that_of_columns(model, utterance):
    heard = embed(model, utterance, AlignmentSettings(stride_ms=160.0))
    np.testing.assert_allclose(np.diff(heard.frames.start_s), 0.16)


def test_a_fine_tuned_checkpoint_gives_hidden_states_and_no_probabilities(
    checkpoint, tmp_path, noise
):
    tuned = random_checkpoint(tmp_path / "tuned.pt", finetuned_model=True, predictor_class=527)
    plain = open_model(f"beats:{checkpoint}", device="cpu").extract(noise, 16_000)
    for layer, same in zip(
        open_model(f"beats:{tuned}", device="cpu").extract(noise, 16_000).layers,
        plain.layers,
        strict=True,
    ):
        np.testing.assert_array_equal(layer, same)


def test_two_runs_are_equal_and_leave_the_random_numbers_alone(checkpoint, noise):
    state = torch.random.get_rng_state()
    runs = [
        np.stack(open_model(f"beats:{checkpoint}", device="cpu").extract(noise, 16_000).layers)
        for _ in range(2)
    ]
    np.testing.assert_array_equal(*runs)
    assert torch.equal(torch.random.get_rng_state(), state)


def test_another_rate_is_resampled(model, noise):
    extraction = model.extract(noise, 8_000)  # taken as 8 kHz, it lasts twice as long
    assert len(extraction.frames) == 8 * 12  # of 198 frames of the spectrogram, 16 each
    assert extraction.frames.sample_rate_hz == 16_000


def test_the_shortest_recording_gives_one_column_and_a_shorter_one_is_refused(model, noise):
    assert len(model.extract(noise[:2800], 16_000).frames) == 8
    with pytest.raises(ModelError, match="has 2799 samples at 16000 Hz, expected at least 2800"):
        model.extract(noise[:2799], 16_000)


def changed_checkpoint(checkpoint, path, change):
    content = torch.load(checkpoint, weights_only=True)
    change(content)
    torch.save(content, path)
    return path


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content["model"].pop("encoder.layers.1.fc2.bias"),
        lambda content: content["model"].update(more=torch.zeros(1)),
        lambda content: content["cfg"].update(encoder_layers=3),
        lambda content: content["cfg"].update(encoder_ffn_embed_dim=8),
        lambda content: content["cfg"].update(encoder_attention_heads="two"),
        lambda content: content["cfg"].update(activation_fn="unheard"),
        lambda content: content["cfg"].update(layer_norm_first=True),
    ],
)
def test_weights_that_do_not_fit_their_configuration_are_refused(checkpoint, tmp_path, change):
    path = changed_checkpoint(checkpoint, tmp_path / "odd.pt", change)
    with pytest.raises(ModelError, match=r"odd\.pt: its weights do not fit its configuration"):
        open_model(f"beats:{path}", device="cpu")


@pytest.mark.parametrize("missing", ["cfg", "all"])
def test_a_file_without_the_official_layout_is_refused(checkpoint, tmp_path, missing):
    def change(content):
        weights = content.pop("model") if missing == "all" else {}
        content.pop("cfg")
        content.update(weights)

    path = changed_checkpoint(checkpoint, tmp_path / "odd.pt", change)
    with pytest.raises(ModelError, match=r"odd\.pt: expected the official layout with 'cfg' and"):
        open_model(f"beats:{path}", device="cpu")


def test_weights_that_are_no_numbers_are_noticed(checkpoint, tmp_path, noise):
    def change(content):
        content["model"]["encoder.layers.1.fc2.bias"][0] = torch.nan

    path = changed_checkpoint(checkpoint, tmp_path / "nan.pt", change)
    with pytest.raises(ModelError, match=r"nan\.pt: the model gave infinite values"):
        open_model(f"beats:{path}", device="cpu").extract(noise, 16_000)


def test_a_published_model_that_is_not_here_is_to_be_fetched(tmp_path, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(ModelError, match="models fetch beats:BEATs_iter3"):
        open_model("beats:BEATs_iter3", device="cpu")


def test_without_speechbrain_the_command_that_installs_it_is_named(checkpoint, monkeypatch):
    monkeypatch.setitem(sys.modules, "speechbrain.lobes.models.beats", None)
    with pytest.raises(ModelError, match=r"run: pip install speechbrain==1\.1\.2"):
        open_model(f"beats:{checkpoint}", device="cpu")


@pytest.mark.usefixtures("model")
def test_speechbrain_changes_nothing_else_in_the_process():
    assert not torch.backends.cuda.matmul.allow_tf32
    speechbrain = [name for name in sys.modules if name.startswith("speechbrain")]
    assert len(speechbrain) > 10
    for name in speechbrain:
        getattr(sys.modules[name], "__file__", None)  # neither warns nor imports anything
