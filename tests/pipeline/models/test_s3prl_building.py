import os
import re
import socket
from pathlib import Path

import pytest
import torch

from pipeline.errors import ModelError
from pipeline.models import s3prl_building
from pipeline.models.known.s3prl_zoo import upstreams
from pipeline.models.opening import open_model
from pipeline.models.s3prl_building import build_upstream


class Runs:
    """A pickle that would make a folder when it is loaded."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("kind", ["distiller_local", "tera_local", "wavlm_local", "decoar_local"])
def test_code_in_a_checkpoint_is_never_run(kind, s3prl_checkpoint, tmp_path):
    """Not by the families either whose loaders in s3prl unpickle."""
    made, path = tmp_path / "made", tmp_path / "x.pt"
    content = (
        {"model": {"forward_lstm.weight_ih_l0": torch.zeros(1)}}
        if kind == "decoar_local"
        else torch.load(s3prl_checkpoint(kind), weights_only=False)
    )
    torch.save({**content, "Scheduler": Runs(made)}, path)
    with pytest.raises(ModelError, match=r"x\.pt: it holds more than weights and settings"):
        open_model(f"s3prl:{kind}:{path}", device="cpu")
    assert not made.exists()


def test_what_is_unpickled_is_our_own_copy(s3prl_checkpoint, monkeypatch):
    """s3prl's loaders read no other file with everything allowed."""
    loaded, load = [], torch.load

    def watched(path, **options):
        loaded.append((Path(path), options.get("weights_only", True)))
        return load(path, **options)

    monkeypatch.setattr(torch, "load", watched)
    for kind in ("distiller_local", "tera_local", "hubert_local"):
        path = s3prl_checkpoint(kind)
        build_upstream(upstreams()[kind], path)
        assert (path, False) not in loaded
        assert (path, True) in loaded


@pytest.mark.parametrize(
    ("kind", "foreign"),
    [
        ("wav2vec2_local", "hubert_local"),
        ("wav2vec2_local", "data2vec_local"),
        ("hubert_local", "wav2vec2_local"),
        ("data2vec_local", "wav2vec2_local"),
        ("multires_hubert_local", "hubert_local"),
        ("tera_local", "distiller_local"),
    ],
)
def test_a_checkpoint_of_another_family_is_refused(kind, foreign, s3prl_checkpoint):
    with pytest.raises(ModelError, match=re.escape(f"{foreign}.pt: ")) as refused:
        open_model(f"s3prl:{kind}:{s3prl_checkpoint(foreign)}", device="cpu")
    assert len(str(refused.value).splitlines()) == 1


def without_a_weight(content, part):
    weights = dict(content[part])
    weights.pop(next(name for name in weights if name.endswith("bias")))
    return {**content, part: weights}


@pytest.mark.parametrize(
    ("kind", "part"),
    [
        ("wav2vec2_local", "model_weight"),
        ("wavlm_local", "model"),
        ("distiller_local", "Distiller"),
        ("tera_local", "Transformer"),
        ("cpc_local", "weights"),
        ("npc_local", "model"),
    ],
)
def test_missing_weights_are_refused(kind, part, s3prl_checkpoint, tmp_path):
    content = torch.load(s3prl_checkpoint(kind), weights_only=False)
    path = tmp_path / "part.pt"
    torch.save(without_a_weight(content, part), path)
    with pytest.raises(ModelError, match=r"part\.pt: (1 weights are missing|s3prl cannot make)"):
        build_upstream(upstreams()[kind], path)


def test_a_file_that_changes_while_it_is_read_is_refused(s3prl_checkpoint, tmp_path, monkeypatch):
    path = tmp_path / "x.pt"
    path.write_bytes(s3prl_checkpoint("hubert_local").read_bytes())
    read = s3prl_building.read_checkpoint

    def disturbed(path):
        content = read(path)
        os.utime(path, ns=(1, 1))
        return content

    monkeypatch.setattr(s3prl_building, "read_checkpoint", disturbed)
    with pytest.raises(ModelError, match="it changed while it was read"):
        build_upstream(upstreams()["hubert_local"], path)


def test_building_prints_nothing_and_leaves_the_random_numbers(s3prl_checkpoint, capsys):
    path, before = s3prl_checkpoint("distiller_local"), torch.random.get_rng_state()
    capsys.readouterr()
    build_upstream(upstreams()["distiller_local"], path)
    assert capsys.readouterr() == ("", "")
    assert torch.equal(torch.random.get_rng_state(), before)


def test_a_damaged_feature_extractor_does_not_lead_to_the_network(
    wav2vec2_folder, tmp_path, monkeypatch
):
    for path in wav2vec2_folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "preprocessor_config.json").write_text('{"sampling_rate": 16000} trailing')
    monkeypatch.setattr(socket, "socket", lambda *_, **__: pytest.fail("the network was asked"))
    with pytest.raises(ModelError, match=re.escape(str(tmp_path))):
        build_upstream(upstreams()["hf_wav2vec2_custom"], tmp_path)


def test_too_little_memory_is_one_line(s3prl_checkpoint, monkeypatch):
    def full(_):
        raise MemoryError

    monkeypatch.setattr(s3prl_building, "_quietly", full)
    path = s3prl_checkpoint("hubert_local")
    with pytest.raises(ModelError, match=r"hubert_local\.pt: its model does not fit into memory"):
        build_upstream(upstreams()["hubert_local"], path)
