import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import save_file

from pipeline.errors import ModelError
from pipeline.models.word_vector_file import Header, read_header, read_rows

VECTORS = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
IDS, WORDS = ["b-1", "a-1", "b-1"], [0, 2, 1]
GOOD = {"vectors": VECTORS, "utterance": np.array(IDS), "word": np.array(WORDS)}


@pytest.fixture(params=["npz", "safetensors"])
def write(request, tmp_path):
    """Write a file in either format, as another program would; return its path."""

    def write_file(vectors=VECTORS, ids=IDS, words=WORDS, names=None):
        path = tmp_path / f"words.{request.param}"
        if request.param == "npz":
            more = {} if names is None else {"layer_names": np.array(names)}
            np.savez(path, vectors=vectors, utterance=np.array(ids), word=np.array(words), **more)
            return path
        known = sorted(set(ids))
        more = {} if names is None else {"layer_names": json.dumps(names)}
        positions = np.array([known.index(name) for name in ids], dtype=np.int32)
        arrays = {"vectors": vectors, "utterance": positions, "word": np.array(words)}
        save_file(arrays, path, {"utterance_ids": json.dumps(known), **more})
        return path

    return write_file


def test_what_was_written_is_read(write):
    rows = read_rows(write())
    np.testing.assert_array_equal(rows.vectors, VECTORS)
    assert (rows.utterances, rows.words.tolist()) == (tuple(IDS), WORDS)


def test_one_layer_needs_no_axis_of_its_own(write):
    path = write(VECTORS[0])
    assert read_header(path) == Header(1, 3, 4, None)
    np.testing.assert_array_equal(read_rows(path).vectors, VECTORS[:1])


@pytest.mark.parametrize("dtype", [np.float16, np.float64])
def test_other_precisions_become_float32(write, dtype):
    found = read_rows(write(VECTORS.astype(dtype))).vectors
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, VECTORS)


def test_layers_may_have_names(write):
    assert read_header(write(names=["input", "été"])).layer_names == ("input", "été")
    with pytest.raises(ModelError, match="3 layer names for 2 layers"):
        read_header(write(names=["a", "b", "c"]))


def test_the_header_is_read_without_the_vectors(write):
    path = write(np.zeros((2, 500_000, 3), np.float32), ["a"] * 500_000, range(500_000))
    cut = path.read_bytes()
    # Zeros into the middle of the vectors change no header; a read of them by npz would fail.
    path.write_bytes(cut[:5_000_000] + b"\x01" * 100 + cut[5_000_100:])
    assert read_header(path) == Header(2, 500_000, 3, None)


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"vectors": VECTORS[0, 0]}, "shape (4,)"),
        ({"vectors": VECTORS[:, :, :0]}, "shape (2, 3, 0)"),
        ({"vectors": VECTORS.astype(np.int64)}, "types are int64"),
        ({"vectors": VECTORS[:, :2]}, "2 vectors, 3 ids, 3 words"),
        ({"words": [0, 1]}, "3 vectors, 3 ids, 2 words"),
        ({"words": [0.0, 1.0, 2.0]}, "float64"),
        ({"words": [0, 1, -1]}, "a word has the index -1"),
        ({"words": [1, 2, 1]}, "a word of an utterance has several rows"),
        ({"words": [[0, 2, 1]]}, "3 vectors"),
    ],
)
def test_rows_that_are_no_words_are_refused(write, changed, found):
    with pytest.raises(ModelError) as caught:
        read_rows(write(**changed))
    assert found in str(caught.value)
    assert "expected an npz or safetensors file with the arrays vectors" in str(caught.value)


@pytest.mark.parametrize("missing", ["vectors", "utterance", "word"])
def test_a_missing_array_is_named(tmp_path, missing):
    path = tmp_path / "words.npz"
    np.savez(path, **{name: array for name, array in GOOD.items() if name != missing})
    with pytest.raises(ModelError, match=missing):
        read_rows(path)


def test_pickled_objects_are_never_loaded(tmp_path):
    class Trap:
        def __reduce__(self):
            return pytest.fail, ("a pickle was loaded",)

    path = tmp_path / "words.npz"
    ids = np.array([Trap(), Trap(), Trap()], dtype=object)
    np.savez(path, **{**GOOD, "utterance": ids})
    with pytest.raises(ModelError, match="allow_pickle=False"):
        read_rows(path)


def test_indices_beyond_the_ids_are_refused(tmp_path):
    path = tmp_path / "words.safetensors"
    arrays = {**GOOD, "utterance": np.array([0, 1, 2])}
    save_file(arrays, path, {"utterance_ids": '["a", "b"]'})
    with pytest.raises(ModelError, match="indices up to 2 into 2 ids"):
        read_rows(path)


@pytest.mark.parametrize("metadata", [{}, {"utterance_ids": "{"}, {"utterance_ids": "3"}])
def test_ids_that_are_no_list_are_refused(tmp_path, metadata):
    path = tmp_path / "words.safetensors"
    save_file({**GOOD, "utterance": np.array([0, 1, 2])}, path, metadata)
    with pytest.raises(ModelError, match="expected an npz or safetensors"):
        read_rows(path)


@given(kept=st.floats(0, 0.99))
def test_a_file_cut_short_is_refused(tmp_path_factory, kept):
    folder = tmp_path_factory.mktemp("cut")
    path = folder / "words.npz"
    np.savez(path, **GOOD)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(kept * len(whole))])
    with pytest.raises(ModelError, match=r"words\.npz: expected"):
        read_rows(path)


@pytest.mark.parametrize("name", ["words.npz", "words.safetensors", "words.txt"])
def test_another_file_is_refused(tmp_path, name):
    (tmp_path / name).write_text("the 1 2 3\n")
    with pytest.raises(ModelError, match="expected an npz or safetensors file"):
        read_header(tmp_path / name)
