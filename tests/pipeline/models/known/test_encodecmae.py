import hashlib

import pytest
import torch

from pipeline.errors import ModelError
from pipeline.models.known.encodecmae import describe, hub_files, listed


@pytest.mark.parametrize(
    ("name", "stride_ms", "last"),
    [
        ("v1", 1000 / 75, "1: transformer layer 2, normalised branch"),
        ("v2-ec", 1000 / 75, "1: transformer layer 2, both branches (the output)"),
        ("v2-mel", 13.25, "1: transformer layer 2, both branches (the output)"),
    ],
)
def test_a_path_says_its_sizes(encodecmae_paths, name, stride_ms, last):
    spec = describe(f"encodecmae:{encodecmae_paths[name]}")
    assert spec.layer_names == ("0: transformer layer 1, normalised branch", last)
    assert (spec.dims, spec.on_disk, spec.sample_rate_hz) == (12, True, 24_000)
    assert spec.stride_ms == pytest.approx(stride_ms)
    assert (spec.family, spec.source) == ("encodecmae", str(encodecmae_paths[name]))


def test_the_fingerprint_is_of_weights_and_configuration(encodecmae_paths):
    folder = encodecmae_paths["v1"]
    spec = describe(f"encodecmae:{folder}")
    for name in ("model.pt", "config.gin"):
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() in spec.fingerprint


def test_any_spelling_of_the_path_is_one_model(encodecmae_paths, monkeypatch):
    monkeypatch.chdir(encodecmae_paths["v1"].parent)
    assert describe("encodecmae:v1/") == describe(f"encodecmae:{encodecmae_paths['v1']}")


def test_published_models_are_found_by_their_names_and_those_of_the_original_study():
    assert len({spec.name for spec in listed()}) == len(listed()) > 10
    for spec in listed():
        assert describe(spec.name) == spec
        assert describe(spec.name.replace(":", ":encodecmae_")) == spec


@pytest.mark.parametrize(
    ("name", "layers", "dims", "stride"),
    [
        ("small", 5, 768, 320),
        ("base-st", 10, 768, 320),
        ("large", 20, 1024, 320),
        ("mel256-ec-base_st-nopn", 10, 768, 318),
        ("mel256-ec-large_st", 20, 1024, 318),
        ("ec-ec-base", 10, 768, 320),
    ],
)
def test_published_sizes_go_by_the_name(name, layers, dims, stride):
    spec = describe(f"encodecmae:{name}")
    assert (len(spec.layer_names), spec.dims, spec.stride_samples) == (layers, dims, stride)


def cached(tmp_path, monkeypatch, repository, names):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    folder = tmp_path / f"models--{repository.replace('/', '--')}"
    snapshot = folder / "snapshots" / "abc"
    for parent in (folder / "refs", snapshot):
        parent.mkdir(parents=True)
    (folder / "refs" / "main").write_text("abc")
    for name in names:
        (snapshot / name).write_text(name)
    return snapshot


@pytest.mark.parametrize("names", [[], ["model.pt"], ["config.gin"]])
def test_a_published_model_is_here_only_with_all_its_files(tmp_path, monkeypatch, names):
    cached(tmp_path, monkeypatch, "lpepino/encodecmae-base", names)
    spec = describe("encodecmae:base")
    assert not spec.on_disk
    assert spec.fingerprint == "not on this machine"
    assert spec.source == "lpepino/encodecmae-base on the Hugging Face hub"


def test_a_published_folder_in_the_cache_is_used_from_there(tmp_path, monkeypatch):
    names = ["model.pt", "config.gin"]
    snapshot = cached(tmp_path, monkeypatch, "lpepino/encodecmae-base", names)
    spec = describe("encodecmae:base")
    assert spec.on_disk
    assert spec.source == str(snapshot)
    assert hub_files("encodecmae:base") == ("lpepino/encodecmae-base", tuple(names))


def test_a_published_file_in_the_cache_is_used_from_there(tmp_path, monkeypatch):
    snapshot = cached(tmp_path, monkeypatch, "lpepino/encodecmae-v2", ["ec-ec-base.pt"])
    spec = describe("encodecmae:ec-ec-base")
    assert spec.source == str(snapshot / "ec-ec-base.pt")
    assert hub_files("encodecmae:ec-ec-base") == ("lpepino/encodecmae-v2", ("ec-ec-base.pt",))


@pytest.mark.parametrize("name", ["encodecmae:bass", "encodecmae:/no/such/file.pt"])
def test_neither_a_name_nor_a_path_is_refused_with_the_names(name):
    with pytest.raises(ModelError, match=f"{name}: expected one of small, base, .*check the path"):
        describe(name)


def test_a_near_name_is_offered():
    with pytest.raises(ModelError, match="did you mean mel256-ec-base"):
        describe("encodecmae:mel256-ec-bass")


def test_a_folder_without_its_configuration_is_refused(tmp_path):
    (tmp_path / "model.pt").write_bytes(b"")
    with pytest.raises(ModelError, match=r"found no \S*config\.gin; check the path"):
        describe(f"encodecmae:{tmp_path}")


def test_a_checkpoint_of_another_model_is_refused(tmp_path):
    path = tmp_path / "beats.pt"
    torch.save({"cfg": {}, "model": {"patch_embedding.weight": torch.zeros(1, 1, 16, 16)}}, path)
    with pytest.raises(ModelError, match=r"beats\.pt: expected a checkpoint of EnCodecMAE"):
        describe(f"encodecmae:{path}")


def test_a_damaged_file_is_refused(tmp_path):
    (tmp_path / "model.pt").write_bytes(b"PK")
    (tmp_path / "config.gin").write_text("")
    with pytest.raises(ModelError, match=r"model\.pt: expected a checkpoint that torch\.save"):
        describe(f"encodecmae:{tmp_path}")
