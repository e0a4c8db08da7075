import os

import numpy as np
import pytest

from pipeline.compared import compared_matrix, positions, scratch
from pipeline.errors import MatrixError
from pipeline.similarity.row_selection import RowSelection
from pipeline.similarity.row_settings import RowSettings
from pipeline.words.matrix import WordMatrix
from pipeline.words.rows import Rows

RNG = np.random.default_rng(0)
COUNT = 700


def rows():
    words = tuple(f"w{n}" for n in RNG.integers(0, 60, COUNT))
    start = np.arange(COUNT, dtype=np.float64)
    return Rows(
        tuple(f"u{n // 20:02}" for n in range(COUNT)),
        np.arange(COUNT, dtype=np.int32) % 20,
        words,
        tuple(f"s{n // 140}" for n in range(COUNT)),
        start,
        start + RNG.uniform(0.1, 0.6, COUNT),
    )


@pytest.fixture
def matrix():
    layers = [RNG.normal(size=(COUNT, dim)).astype(np.float32) for dim in (5, 5)]
    return WordMatrix(tuple(layers), rows())


def test_where_nothing_is_asked_for_the_layers_are_those_given(matrix, tmp_path):
    found = compared_matrix(matrix, RowSettings(), (), tmp_path)
    assert [a is b for a, b in zip(found.layers, matrix.layers, strict=True)] == [True, True]


def test_selected_rows_are_those_of_their_words(matrix, tmp_path):
    settings = RowSettings(selection=RowSelection(most_per_type=3, shortest_s=0.2))
    found = compared_matrix(matrix, settings, (), tmp_path)
    kept = positions(settings, matrix.rows)
    assert 50 < len(kept) < COUNT / 2
    assert found.rows.words == tuple(matrix.rows.words[row] for row in kept)
    for layer, given in zip(found.layers, matrix.layers, strict=True):
        np.testing.assert_array_equal(layer, given[kept])


def test_type_means_are_named_by_the_first_token_of_their_type(matrix, tmp_path):
    found = compared_matrix(matrix, RowSettings(values="type means"), (), tmp_path)
    words = np.array(matrix.rows.words)
    for row, word in enumerate(sorted(set(words))):
        of_type = np.flatnonzero(words == word)
        np.testing.assert_allclose(
            found.layers[0][row], matrix.layers[0][of_type].mean(axis=0), atol=1e-6
        )
        assert found.rows.words[row] == word
        assert found.rows.start[row] == matrix.rows.start[of_type[0]]


@pytest.mark.parametrize(
    ("values", "labels"), [("within type", "words"), ("within speaker", "speakers")]
)
def test_within_groups_every_mean_is_gone_and_nothing_else(matrix, tmp_path, values, labels):
    found = compared_matrix(matrix, RowSettings(values=values), (), tmp_path)
    names = np.array(getattr(matrix.rows, labels))
    for name in set(names):
        rows_of = names == name
        given = matrix.layers[1][rows_of]
        np.testing.assert_allclose(found.layers[1][rows_of], given - given.mean(axis=0), atol=1e-6)
    assert found.rows.digest == matrix.rows.digest


def test_controls_are_regressed_out_of_the_selected_rows_before_means_are_taken(matrix, tmp_path):
    known = RNG.normal(size=(COUNT, 4)).astype(np.float32)
    control = WordMatrix((known[:, :2], known[:, 2:]), matrix.rows)
    selection = RowSelection(most_per_type=5)
    settings = RowSettings(selection=selection, controls=("mel",), values="within type")
    found = compared_matrix(matrix, settings, [control], tmp_path)
    kept = positions(settings, matrix.rows)
    basis = np.column_stack([np.ones(len(kept)), known[kept]])
    left = matrix.layers[0][kept].astype(float)
    left -= basis @ np.linalg.lstsq(basis, left, rcond=None)[0]
    words = np.array(matrix.rows.words)[kept]
    for word in set(words):
        left[words == word] -= left[words == word].mean(axis=0)
    np.testing.assert_allclose(found.layers[0], left, atol=1e-6)


def test_tokens_can_be_in_alphabetical_order_within_their_utterance(matrix, tmp_path):
    settings = RowSettings(selection=RowSelection(first_occurrence=True), alphabetical=True)
    found = compared_matrix(matrix, settings, (), tmp_path)
    expected = []
    for name in dict.fromkeys(matrix.rows.utterances):
        tokens = zip(matrix.rows.utterances, matrix.rows.words, strict=True)
        expected += [(name, word) for word in sorted({w for u, w in tokens if u == name})]
    assert list(zip(found.rows.utterances, found.rows.words, strict=True)) == expected
    first = [
        next(
            i
            for i, one in enumerate(zip(matrix.rows.utterances, matrix.rows.words, strict=True))
            if one == each
        )
        for each in expected
    ]
    np.testing.assert_array_equal(found.layers[0], matrix.layers[0][first])


def test_derived_layers_leave_no_file_behind(matrix, tmp_path):
    found = compared_matrix(matrix, RowSettings(values="within type"), (), tmp_path)
    assert not list(tmp_path.iterdir())
    assert isinstance(found.layers[0], np.memmap)


def test_a_disk_without_room_is_named(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(MatrixError, match=r"no room for 8 MB .* \(No space left on device\)"):
        scratch((1000, 2000), tmp_path)
