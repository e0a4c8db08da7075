import hashlib

import numpy as np
import pytest

from pipeline.configuration import check
from pipeline.errors import SettingsError
from pipeline.models.fingerprint import (
    code_version,
    file_sha256,
    folder_sha256,
    pinned_versions,
)


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


@pytest.mark.usefixtures("home")
def test_what_is_not_installed_has_the_version_that_workers_are_said_to_have(tmp_path, monkeypatch):
    file = tmp_path / "requirements.txt"
    file.write_text("# no-such-package==3\nno-such-package==2.5.0+cu130  # why\nnumpy==0.0.1\n")
    monkeypatch.setenv("LAYERSCOPE_WORKER_REQUIREMENTS", str(file))
    assert code_version("no-such-package").endswith("no-such-package 2.5.0")
    assert code_version("other").endswith("other not installed")
    assert code_version("numpy").endswith(f"numpy {np.__version__}")


@pytest.mark.usefixtures("home")
def test_a_file_that_pins_nothing_stops_the_server(tmp_path, monkeypatch):
    file = tmp_path / "requirements.txt"
    monkeypatch.setenv("LAYERSCOPE_WORKER_REQUIREMENTS", str(file))
    with pytest.raises(SettingsError, match="cannot be read"):
        check()
    file.write_text("torch>=2\n")
    pinned_versions.cache_clear()
    with pytest.raises(SettingsError, match="pins nothing"):
        check()
