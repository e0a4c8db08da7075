import shutil

import pytest
from safetensors.torch import load_file, save_file

from pipeline.errors import ModelError
from pipeline.models.pretrained import load_encoder


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
