import hashlib

import pytest
import torch

from pipeline.errors import ModelError
from pipeline.models.known.beats import describe, hub_files, listed


@pytest.fixture
def checkpoint(tmp_path):
    """The tensors that names and sizes are read from; no model."""
    weights = {
        "patch_embedding.weight": torch.zeros(8, 1, 16, 16),
        "encoder.layers.0.fc1.bias": torch.zeros(64),
        "encoder.layers.1.fc1.bias": torch.zeros(64),
        "encoder.layer_norm.bias": torch.zeros(24),
    }
    path = tmp_path / "mine.pt"
    torch.save({"cfg": {"encoder_layers": 2}, "model": weights}, path)
    return path


def test_a_file_says_its_sizes(checkpoint):
    spec = describe(f"beats:{checkpoint}")
    assert (len(spec.layer_names), spec.dims, spec.on_disk) == (3, 24, True)
    assert (spec.family, spec.modality, spec.source) == ("beats", "audio", str(checkpoint))
    assert (spec.sample_rate_hz, spec.stride_ms) == (16_000, 160)
    assert hashlib.sha256(checkpoint.read_bytes()).hexdigest() in spec.fingerprint
    assert "speechbrain" in spec.fingerprint


def test_any_spelling_of_the_path_is_one_model(checkpoint, monkeypatch):
    monkeypatch.chdir(checkpoint.parent)
    assert describe("beats:mine.pt") == describe(f"beats:{checkpoint}")


def test_published_models_are_found_by_their_names_in_both_spellings():
    assert len({spec.name for spec in listed()}) == len(listed()) > 4
    for spec in listed():
        assert describe(spec.name) == describe(spec.name.replace("+", "_plus")) == spec
        assert (len(spec.layer_names), spec.dims) == (13, 768)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """A hub cache with one revision, to put files in."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    folder = tmp_path / "models--lpepino--beats_ckpts"
    (folder / "refs").mkdir(parents=True)
    (folder / "refs" / "main").write_text("abc")
    (folder / "snapshots" / "abc").mkdir(parents=True)
    return folder / "snapshots" / "abc"


def test_a_published_model_that_is_not_here_says_so(cache):
    spec = describe("beats:BEATs_iter3")
    assert not spec.on_disk
    assert spec.fingerprint == "not on this machine"
    assert spec.source == "lpepino/beats_ckpts on the Hugging Face hub"
    assert not list(cache.iterdir())


@pytest.mark.parametrize("filename", ["BEATs_iter3_plus_AS2M.pt", "BEATs_iter3+_AS2M.pt"])
def test_a_published_model_in_the_cache_is_used_from_there(cache, filename):
    (cache / filename).write_bytes(b"weights")
    spec = describe("beats:BEATs_iter3+_AS2M")
    assert spec.on_disk
    assert spec.source == str(cache / filename)
    assert hashlib.sha256(b"weights").hexdigest() in spec.fingerprint
    assert not describe("beats:BEATs_iter3+_AS20K").on_disk


def test_the_hub_knows_the_files_by_microsofts_spelling():
    expected = ("lpepino/beats_ckpts", ("BEATs_iter3_plus_AS20K.pt",))
    assert hub_files("beats:BEATs_iter3+_AS20K") == expected


@pytest.mark.parametrize("name", ["beats:BEATs_iter4", "beats:", "beats:/no/such/file.pt"])
def test_neither_a_name_nor_a_file_is_refused_with_the_names(name):
    with pytest.raises(ModelError, match=f"{name}: expected a checkpoint file, or one of BEATs_it"):
        describe(name)


def test_a_near_name_is_offered():
    with pytest.raises(ModelError, match=r"did you mean .*BEATs_iter3 "):
        describe("beats:BEATs_iter4")


@pytest.mark.parametrize(
    ("name", "shape"),
    [("patch_embedding.weight", (8, 1, 8, 8)), ("encoder.layer_norm.bias", (2, 2))],
)
def test_other_sizes_are_refused(checkpoint, name, shape):
    content = torch.load(checkpoint, weights_only=True)
    content["model"][name] = torch.zeros(shape)
    torch.save(content, checkpoint)
    with pytest.raises(ModelError, match=r"mine\.pt: expected a checkpoint of BEATs"):
        describe(f"beats:{checkpoint}")


@pytest.mark.parametrize("weights", [{}, {"visible_encoder.final_norm.bias": torch.zeros(4)}])
def test_a_checkpoint_of_another_model_is_refused(tmp_path, weights):
    path = tmp_path / "other.pt"
    torch.save({"state_dict": weights}, path)
    with pytest.raises(
        ModelError, match=r"other\.pt: expected a checkpoint of BEATs.*another mode"
    ):
        describe(f"beats:{path}")
