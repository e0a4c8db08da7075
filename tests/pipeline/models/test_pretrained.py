import json
import shutil

import pytest
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCTC, Wav2Vec2Config

from pipeline.errors import ModelError
from pipeline.models.pretrained import (
    load_encoder,
    load_feature_extractor,
    load_speech_encoder,
)


def test_missing_weights_are_not_replaced_by_random_ones(bert_folder, tmp_path):
    folder = shutil.copytree(bert_folder, tmp_path / "partial")
    weights = load_file(folder / "model.safetensors")
    del weights["encoder.layer.1.output.dense.weight"]
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(ModelError, match=r"1 weights are missing \(encoder\.layer\.1"):
        load_encoder(folder)


def test_a_missing_pooler_does_not_matter(bert_folder, tmp_path):
    folder = shutil.copytree(bert_folder, tmp_path / "headless")
    weights = load_file(folder / "model.safetensors")
    kept = {name: tensor for name, tensor in weights.items() if "pooler" not in name}
    assert len(kept) < len(weights)
    save_file(kept, folder / "model.safetensors", {"format": "pt"})
    assert load_encoder(folder).config.num_hidden_layers == 2


def test_damaged_weights_are_named(bert_folder, tmp_path):
    folder = shutil.copytree(bert_folder, tmp_path / "damaged")
    (folder / "model.safetensors").write_bytes(b"nothing")
    with pytest.raises(ModelError, match="damaged: transformers cannot load it"):
        load_encoder(folder)


def test_half_precision_weights_are_run_in_float32(bert_folder, tmp_path):
    load_encoder(bert_folder).half().save_pretrained(tmp_path)
    assert {weight.dtype.itemsize for weight in load_encoder(tmp_path).parameters()} == {4}


def test_a_size_that_differs_is_named(bert_folder, tmp_path):
    folder = edited(bert_folder, tmp_path, "config.json", intermediate_size=64)
    message = r"intermediate\.dense\.bias has the shape \(32,\), but by .* \(64,\)"
    with pytest.raises(ModelError, match=message):
        load_encoder(folder)


@pytest.mark.parametrize(
    "fields",
    [
        {"hidden_size": "wide"},
        {"conv_dim": [8]},
        {"hidden_act": "unheard"},
        {"feat_extract_norm": "unheard"},
    ],
)
def test_a_configuration_that_makes_no_sense_is_one_line(speech_folder, tmp_path, fields):
    folder = edited(speech_folder("wav2vec2"), tmp_path, "config.json", **fields)
    with pytest.raises(ModelError, match=r"^.*edited: transformers cannot load it: .*$"):
        load_speech_encoder(folder)


def test_weights_that_end_early_are_named(speech_folder, tmp_path):
    folder = edited(speech_folder("wav2vec2"), tmp_path, "config.json")
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    with pytest.raises(ModelError, match="edited: transformers cannot load it"):
        load_speech_encoder(folder)


@pytest.mark.parametrize(
    ("config", "weights", "message"),
    [
        ("wav2vec2", "wavlm", r"\d+ weights have no place in a wav2vec2 encoder"),
        ("wav2vec2", "wav2vec2-large", r"12 weights have no place .*\(feature_extractor"),
        ("wavlm", "wav2vec2-large", r"7 weights are missing \(encoder\.layers"),
        ("hubert", "whisper", "weights are missing"),
        ("encodec", "mimi", "weights are missing"),
    ],
)
def test_weights_of_another_architecture_are_refused(
    config, weights, message, speech_folder, tmp_path
):
    folder = edited(speech_folder(config), tmp_path, "config.json")
    shutil.copy(speech_folder(weights) / "model.safetensors", folder)
    with pytest.raises(ModelError, match=message):
        load_speech_encoder(folder)


def test_fewer_layers_than_the_weights_have_are_refused(speech_folder, tmp_path):
    folder = edited(speech_folder("hubert"), tmp_path, "config.json", num_hidden_layers=1)
    with pytest.raises(ModelError, match=r"no place in a hubert encoder \(encoder\.layers\.1"):
        load_speech_encoder(folder)


def test_the_head_of_a_trained_model_is_left_out(speech_folder, tmp_path):
    config = Wav2Vec2Config.from_pretrained(speech_folder("wav2vec2"))
    trained = AutoModelForCTC.from_config(config)
    trained.save_pretrained(tmp_path)
    loaded = load_speech_encoder(tmp_path).state_dict()
    for name, weights in trained.wav2vec2.state_dict().items():
        assert loaded[name].equal(weights)


def test_the_feature_extractor_that_a_processor_holds_is_found(speech_folder, tmp_path):
    folder = edited(speech_folder("wav2vec2"), tmp_path, "config.json")
    extractor = json.loads((folder / "preprocessor_config.json").read_text())
    (folder / "preprocessor_config.json").unlink()
    (folder / "processor_config.json").write_text(json.dumps({"feature_extractor": extractor}))
    assert load_feature_extractor(folder).sampling_rate == 16_000


def test_weights_with_the_names_of_older_releases_are_found(speech_folder, tmp_path):
    folder = edited(speech_folder("wav2vec2"), tmp_path, "config.json")
    older = {
        name.replace("parametrizations.weight.original0", "weight_g").replace(
            "parametrizations.weight.original1", "weight_v"
        ): tensor
        for name, tensor in load_file(folder / "model.safetensors").items()
    }
    assert "encoder.pos_conv_embed.conv.weight_g" in older
    save_file(older, folder / "model.safetensors", {"format": "pt"})
    loaded = load_speech_encoder(folder).state_dict()
    for name, weights in load_speech_encoder(speech_folder("wav2vec2")).state_dict().items():
        assert loaded[name].equal(weights)


def edited(folder, tmp_path, file, **fields):
    copied = shutil.copytree(folder, tmp_path / "edited")
    content = json.loads((copied / file).read_text())
    (copied / file).write_text(json.dumps({**content, **fields}))
    return copied
