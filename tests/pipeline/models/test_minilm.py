import hashlib

from pipeline.models import minilm
from pipeline.models.fingerprint import file_sha256


def test_the_installed_weights_are_the_official_ones():
    weights = minilm.checked_folder() / "model.safetensors"
    assert hashlib.sha256(weights.read_bytes()).hexdigest() == minilm.WEIGHTS_SHA256
    assert file_sha256(weights) == minilm.WEIGHTS_SHA256


def test_a_package_that_is_not_installed_has_no_folder(monkeypatch):
    monkeypatch.setattr(minilm, "PACKAGE", "no-such-package")
    assert minilm.find_folder() is None
