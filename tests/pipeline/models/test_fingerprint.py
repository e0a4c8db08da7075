import hashlib

import pytest

from pipeline.models.fingerprint import code_version, file_sha256, folder_sha256


def test_file_sha256_follows_the_content(tmp_path):
    path = tmp_path / "weights"
    for content in (b"one", b"three"):
        path.write_bytes(content)
        assert file_sha256(path) == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "vocab.txt", "spiece.model"])
def test_a_folders_hash_depends_on_every_file_that_matters(tmp_path, name):
    before = folder_sha256(tmp_path)
    (tmp_path / name).write_text("a")
    assert folder_sha256(tmp_path) != before


def test_a_folders_hash_ignores_the_model_card(tmp_path):
    before = folder_sha256(tmp_path)
    (tmp_path / "README.md").write_text("a")
    assert folder_sha256(tmp_path) == before


def test_code_version_drops_the_hardware_build(monkeypatch):
    monkeypatch.setattr("pipeline.models.fingerprint.version", lambda _: "2.11.0+cu128")
    assert code_version("torch").endswith("torch 2.11.0")


def test_code_version_says_what_is_not_installed():
    assert code_version("no-such-package").endswith("no-such-package not installed")
