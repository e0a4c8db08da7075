import numpy as np
import pytest

from pipeline.errors import ModelError
from pipeline.models.known.word_vectors import describe, listed


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "words.npz"
    arrays = {"utterance": np.array(["a"]), "word": np.array([0])}
    names = np.array(["input", "output"])
    np.savez(path, vectors=np.ones((2, 1, 5), np.float32), layer_names=names, **arrays)
    return path


def test_the_spec_says_what_the_header_says(file):
    spec = describe(f"file:{file}")
    assert (spec.modality, spec.hears, spec.dims) == ("words", False, 5)
    assert spec.layer_names == ("0: input", "1: output")
    assert spec.name == f"file:{file}"
    assert listed() == ()


def test_other_vectors_are_another_fingerprint(file):
    before = describe(f"file:{file}").fingerprint
    arrays = {"utterance": np.array(["a"]), "word": np.array([0])}
    np.savez(file, vectors=np.zeros((1, 1, 5), np.float32), **arrays)
    after = describe(f"file:{file}")
    assert after.fingerprint != before
    assert after.layer_names == ("0: layer 0",)


@pytest.mark.parametrize("name", ["file:", "file:absent.npz", "file:/"])
def test_a_file_that_is_not_there(name):
    with pytest.raises(ModelError, match="expected file:PATH, an npz or safetensors file"):
        describe(name)


def test_it_has_no_options(file):
    with pytest.raises(ModelError, match="it has no options"):
        describe(f"file:{file}?seed=1")
