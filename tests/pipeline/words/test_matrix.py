import resource
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cache import Key, Store
from pipeline.errors import MatrixError
from pipeline.words.matrix import WordMatrix, check_same_rows, stored_matrix, vectors_of
from pipeline.words.rows import Rows
from pipeline.words.storage import StoredEmbeddings, WordEmbeddings, put_embeddings

LAYERS, DIM = 3, 2


def rows_of(pairs):
    """Return rows of (utterance, index)."""
    times = np.arange(len(pairs), dtype=np.float64)
    return Rows(
        tuple(name for name, _ in pairs),
        np.array([index for _, index in pairs], dtype=np.int32),
        tuple(f"{name}{index}" for name, index in pairs),
        ("speaker",) * len(pairs),
        times,
        times + 1,
    )


def embeddings_of(token_ids, seed):
    vectors = np.random.default_rng(seed).normal(size=(LAYERS, len(token_ids), DIM))
    spans = np.array([[i, i + 1] for i in range(len(token_ids))], dtype=np.int32).reshape(-1, 2)
    return WordEmbeddings(vectors.astype(np.float32), np.array(token_ids, dtype=np.int32), spans)


EMBEDDINGS = {
    "a": embeddings_of([0, 2, 5], 1),
    "b": embeddings_of([1], 2),
    "c": embeddings_of([], 3),
}
PAIRS = [(name, int(i)) for name, embedding in EMBEDDINGS.items() for i in embedding.token_ids]
ROWS = rows_of(PAIRS)
KEYS = [Key("embedding", 1, {"utterance": name}) for name in EMBEDDINGS]


def layer_of(rows, layer):
    """Return one layer's vectors of `rows`."""
    return np.concatenate([vectors[layer] for vectors in vectors_of(EMBEDDINGS, rows)])


class CountingStore(Store):
    """Counts what is written."""

    written = 0

    def row_writer(self, *arguments, **named):
        self.written += 1
        return super().row_writer(*arguments, **named)


class ForgetfulStore(Store):
    """Loses whatever is written."""

    def get(self, key, *, verify=False):  # noqa: ARG002
        self.delete(key)


@pytest.fixture
def counting(tmp_path):
    with CountingStore(tmp_path / "store") as opened:
        yield opened


@given(st.lists(st.sampled_from(PAIRS), min_size=1, max_size=12), st.integers(0, LAYERS - 1))
def test_vectors_of_rows_are_what_a_loop_finds(pairs, layer):
    expected = []
    for name, index in pairs:
        ids = EMBEDDINGS[name].token_ids.tolist()
        expected.append(EMBEDDINGS[name].vectors[layer][ids.index(index)])
    np.testing.assert_array_equal(layer_of(rows_of(pairs), layer), expected)


@pytest.mark.parametrize(("name", "index"), [("a", 1), ("a", 6), ("b", 0), ("c", 0)])
def test_a_row_without_a_vector_is_refused(name, index):
    with pytest.raises(MatrixError, match=f"utterance {name}: a row of the list has no vector"):
        layer_of(rows_of([("a", 0), (name, index)]), 0)


def test_a_list_without_rows_is_refused():
    with pytest.raises(MatrixError, match="no word is left"):
        layer_of(rows_of([]), 0)


def test_a_matrix_is_as_long_as_its_list():
    layers = (np.zeros((4, 2), np.float32), np.zeros((3, 2), np.float32))
    with pytest.raises(MatrixError, match="a layer has 3 rows; its list has 4"):
        WordMatrix(layers, ROWS)


def test_matrices_of_the_same_rows_may_differ_in_layers_and_dimensions():
    a = WordMatrix((np.zeros((4, 2), np.float32),), ROWS)
    b = WordMatrix((np.zeros((4, 7), np.float32),) * 2, rows_of(PAIRS))
    check_same_rows(a, b)


def test_matrices_of_other_rows_or_another_order_are_refused():
    a, b = (WordMatrix((), rows_of(pairs)) for pairs in (PAIRS, PAIRS[::-1]))
    message = r"row 0 .counted from 0. is .* in a, and .* in b; build both matrices from the same"
    with pytest.raises(MatrixError, match=message):
        check_same_rows(a, b)


def test_stored_layers_are_memory_mapped_and_written_once(counting):
    labels = {"model": "m", "corpus": "c"}
    first = stored_matrix(counting, KEYS, EMBEDDINGS, ROWS, labels)
    again = stored_matrix(counting, list(KEYS), EMBEDDINGS, rows_of(PAIRS), labels)
    assert counting.written == LAYERS
    for matrix in (first, again):
        assert len(matrix.layers) == LAYERS
        assert matrix.rows.digest == ROWS.digest
        for number, layer in enumerate(matrix.layers):
            assert isinstance(layer, np.memmap)
            np.testing.assert_array_equal(layer, layer_of(ROWS, number))
    assert [(usage.kind, usage.labels, usage.records) for usage in counting.usage()] == [
        ("matrix", labels, LAYERS)
    ]


@pytest.mark.parametrize(
    ("keys", "pairs"), [(KEYS[::-1], PAIRS), (KEYS[:2], PAIRS), (KEYS, PAIRS[1:])]
)
def test_other_embeddings_or_rows_are_another_matrix(counting, keys, pairs):
    stored_matrix(counting, KEYS, EMBEDDINGS, ROWS, {})
    rows = rows_of(pairs)
    other = stored_matrix(counting, keys, EMBEDDINGS, rows, {})
    assert counting.written == 2 * LAYERS
    np.testing.assert_array_equal(other.layers[1], layer_of(rows, 1))


def test_a_matrix_that_vanishes_while_in_use_is_an_error(tmp_path):
    with (
        ForgetfulStore(tmp_path / "store") as store,
        pytest.raises(MatrixError, match="vanished from the store while it was in use; try again"),
    ):
        stored_matrix(store, KEYS, EMBEDDINGS, ROWS, {})


def test_half_precision_stays_half_precision(store):
    half = {
        name: WordEmbeddings(each.vectors.astype(np.float16), each.token_ids, each.spans)
        for name, each in EMBEDDINGS.items()
    }
    for number, layer in enumerate(stored_matrix(store, KEYS, half, ROWS, {}).layers):
        assert layer.dtype == np.float16
        np.testing.assert_array_equal(layer, layer_of(ROWS, number).astype(np.float16))


def test_what_fails_on_the_way_leaves_no_layer_behind(store):
    with pytest.raises(MatrixError, match="a row of the list has no vector"):
        stored_matrix(store, KEYS, EMBEDDINGS, rows_of([*PAIRS, ("c", 9)]), {})
    assert store.usage() == ()
    assert list(store.path.rglob("*.safetensors")) == []


def test_a_flipped_byte_is_found_before_it_is_in_a_matrix(store):
    for key, each in zip(KEYS, EMBEDDINGS.values(), strict=True):
        put_embeddings(store, key, each, {})
    damaged = next(entry for entry in store.find() if entry.digest == KEYS[1].digest)
    path = store.path / damaged.file
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    stored = StoredEmbeddings(store, dict(zip(EMBEDDINGS, KEYS, strict=True)))
    with pytest.raises(MatrixError, match="utterance b has no embeddings; compute them first"):
        stored_matrix(store, KEYS, stored, ROWS, {})
    assert store.missing(KEYS) == [KEYS[1]]


def test_a_matrix_of_more_utterances_than_open_files_can_be_gathered(store):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    names = [f"u{number:03d}" for number in range(120)]
    keys = {name: Key("embedding", 1, {"name": name}) for name in names}
    for number, name in enumerate(names):
        vectors = np.full((2, 1, 3), number, dtype=np.float32)
        zeros = np.zeros((1, 2), dtype=np.int32)
        put_embeddings(store, keys[name], WordEmbeddings(vectors, zeros[:, 0], zeros), {})
    indices = np.zeros(len(names), dtype=np.int32)
    times = np.zeros(len(names))
    rows = Rows(tuple(names), indices, ("x",) * 120, ("s",) * 120, times, times)
    in_use = len(list(Path("/proc/self/fd").iterdir()))
    resource.setrlimit(resource.RLIMIT_NOFILE, (in_use + 30, hard))
    try:
        embeddings = StoredEmbeddings(store, keys)
        matrix = stored_matrix(store, list(keys.values()), embeddings, rows, {})
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    for layer in matrix.layers:
        np.testing.assert_array_equal(layer[:, 0], np.arange(120))
