import pytest
import torch

from pipeline.errors import ModelError
from pipeline.models.encodecmae_checkpoint import FIRST, SECOND, load_network

WQ = "visible_encoder.encoder_layers.0.att_layer.wq.weight"


@pytest.mark.parametrize(
    ("name", "generation"), [("v1", FIRST), ("v2-ec", SECOND), ("v2-mel", SECOND)]
)
def test_each_layout_is_recognised(encodecmae_paths, name, generation):
    network, found = load_network(encodecmae_paths[name])
    assert found is generation
    with torch.no_grad():
        layers, output = network(torch.zeros(3_200), 0)
    assert len(layers) == 2
    assert output.shape == (10 if name != "v2-mel" else 9, 12)


def test_feed_forward_weights_that_layers_share_are_in_memory_once(encodecmae_paths):
    network, _ = load_network(encodecmae_paths["v1"])
    weights = network.state_dict()
    shared = [
        weights[f"_encoder.encoder_layers.{layer}.ff_layer.0.weight"].data_ptr() for layer in (0, 1)
    ]
    assert len(set(shared)) == 1


def test_loading_leaves_the_random_numbers_alone(encodecmae_paths):
    state = torch.random.get_rng_state()
    for place in encodecmae_paths.values():
        load_network(place)
    assert torch.equal(torch.random.get_rng_state(), state)


def changed(path, tmp_path, change):
    content = torch.load(path, weights_only=True)
    change(content)
    copy = tmp_path / "odd.pt"
    torch.save(content, copy)
    return copy


def config_of(old, new):
    def change(content):
        assert old in content["config"]
        content["config"] = content["config"].replace(old, new)

    return change


@pytest.mark.parametrize("heads", ["", "NUM_ENCODER_HEADS = 3", "NUM_ENCODER_HEADS = 0",
                                   "NUM_ENCODER_HEADS = %OTHER"])  # fmt: skip
def test_heads_that_do_not_divide_the_width_are_refused(encodecmae_paths, tmp_path, heads):
    path = changed(encodecmae_paths["v2-mel"], tmp_path, config_of("NUM_ENCODER_HEADS = 5", heads))
    with pytest.raises(ModelError, match=r"odd\.pt: expected NUM_ENCODER_HEADS .* divisor of 10"):
        load_network(path)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("frame_shift = 13.28", "frame_shift = 10"),
        ("'hanning'", "'povey'"),
        ("    htk_compat = True\n", ""),
        ("[-6.12, 4.82]", "[0, 1]"),
        ("MAX_AUDIO_DURATION = 4", "MAX_AUDIO_DURATION = 10"),
    ],
)
def test_another_front_end_or_chunk_is_refused(encodecmae_paths, tmp_path, old, new):
    path = changed(encodecmae_paths["v2-mel"], tmp_path, config_of(old, new))
    with pytest.raises(ModelError, match=r"odd\.pt: its configuration has .*; expected EnCodec's"):
        load_network(path)


def test_a_codec_whose_output_is_scaled_is_refused(encodecmae_paths, tmp_path):
    scaled = "MAX_AUDIO_DURATION = 4\nencodecmae.models.encoders.EncodecEncoder.scale = 0.1"
    path = changed(encodecmae_paths["v2-ec"], tmp_path, config_of("MAX_AUDIO_DURATION = 4", scaled))
    with pytest.raises(ModelError, match=r"odd\.pt: its configuration has scale 0\.1"):
        load_network(path)


@pytest.mark.parametrize(
    "change",
    [
        lambda weights: weights.pop("visible_encoder.encoder_layers.1.norm2.weight"),
        lambda weights: weights.update({"visible_encoder.more": torch.zeros(1)}),
        lambda weights: weights.update({WQ.replace("wq", "wk"): torch.zeros(12, 12)}),
        lambda weights: weights.update({WQ: torch.zeros(10, 11)}),
        lambda weights: weights.pop("wav_encoder.post_net.bias"),
    ],
)
def test_weights_that_do_not_fit_are_refused(encodecmae_paths, tmp_path, change):
    path = changed(
        encodecmae_paths["v2-mel"], tmp_path, lambda content: change(content["state_dict"])
    )
    with pytest.raises(ModelError, match=r"odd\.pt: its weights do not fit the architecture"):
        load_network(path)


@pytest.mark.parametrize(
    "change",
    [
        lambda weights: weights.pop(WQ),
        lambda weights: weights.update({WQ: torch.zeros(10)}),
        lambda weights: weights.update({WQ: "text"}),
        lambda weights: weights.pop("masker.positional_encoder.scale"),
        lambda weights: weights.clear(),
    ],
)
def test_another_model_is_refused(encodecmae_paths, tmp_path, change):
    path = changed(
        encodecmae_paths["v2-mel"], tmp_path, lambda content: change(content["state_dict"])
    )
    with pytest.raises(ModelError, match=r"odd\.pt: expected a checkpoint of EnCodecMAE, found no"):
        load_network(path)


@pytest.mark.parametrize("key", ["config", "state_dict"])
def test_a_file_without_the_published_layout_is_refused(encodecmae_paths, tmp_path, key):
    path = changed(encodecmae_paths["v2-mel"], tmp_path, lambda content: content.pop(key))
    with pytest.raises(ModelError, match=r"odd\.pt: expected 'state_dict' and 'config' .* imports"):
        load_network(path)


def test_what_only_training_needs_may_be_there_or_not(encodecmae_paths, tmp_path):
    def change(content):
        content["state_dict"].pop("visible_encoder.post_net.weight")
        content["state_dict"]["head.layer.weight"] = torch.zeros(3)

    network, _ = load_network(changed(encodecmae_paths["v2-mel"], tmp_path, change))
    expected, _ = load_network(encodecmae_paths["v2-mel"])
    samples = torch.ones(3_200)
    with torch.no_grad():
        assert torch.equal(network(samples, 0)[1], expected(samples, 0)[1])
