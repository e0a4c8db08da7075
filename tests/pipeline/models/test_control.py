import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import ModelError
from pipeline.models.catalogue import find_model
from pipeline.models.control import control_vectors

ONEHOT, LOOKUP = find_model("control:onehot"), find_model("control:lookup")
SPEAKER, DURATION = find_model("control:speaker"), find_model("control:duration")


@dataclass(frozen=True)
class Said:
    words: Sequence[str]
    speakers: Sequence[str]
    start: np.ndarray
    end: np.ndarray


def said(words, speakers=None, start=None, end=None):
    """Rows of these words, spoken by one speaker and a second each unless told otherwise."""
    start = np.arange(len(words), dtype=float) if start is None else np.array(start)
    end = start + 1 if end is None else np.array(end)
    return Said(words, speakers or ["ada"] * len(words), start, end)


@given(words=st.lists(st.text(max_size=3), min_size=1, max_size=12))
def test_one_hot_products_say_whether_two_words_are_the_same(words):
    (vectors,) = control_vectors(ONEHOT, said(words))
    same = np.array(words, dtype=object)[:, None] == np.array(words, dtype=object)
    np.testing.assert_array_equal(vectors @ vectors.T, same)
    assert vectors.shape[1] == len(set(words))


def test_one_hot_columns_are_the_sorted_words():
    (vectors,) = control_vectors(ONEHOT, said(["b", "a", "c"]))
    np.testing.assert_array_equal(vectors, [[0, 1, 0], [1, 0, 0], [0, 0, 1]])


@given(words=st.lists(st.sampled_from(["the", "cat", "été", ""]), max_size=8))
def test_a_lookup_vector_depends_on_nothing_but_the_word(words):
    (vectors,) = control_vectors(LOOKUP, said(words))
    assert vectors.shape == (len(words), 300)
    for word, vector in zip(words, vectors, strict=True):
        np.testing.assert_array_equal(vector, control_vectors(LOOKUP, said([word]))[0, 0])


def test_lookup_vectors_are_gaussian_and_unrelated():
    (vectors,) = control_vectors(LOOKUP, said([f"word{index}" for index in range(400)]))
    assert abs(vectors.mean()) < 0.015  # 5 standard errors of 120,000 draws
    assert abs(vectors.var() - 1) < 0.021
    correlations = np.corrcoef(vectors)[np.triu_indices(400, 1)]
    assert abs(correlations).max() < 6 / np.sqrt(300)


def test_another_seed_gives_other_vectors():
    other = control_vectors(find_model("control:lookup?seed=1"), said(["the"]))
    assert abs(np.corrcoef(other[0, 0], control_vectors(LOOKUP, said(["the"]))[0, 0])[0, 1]) < 0.3


def test_lookup_vectors_are_the_same_in_another_process_without_torch(printed_by):
    code = (
        "import sys\n"
        "from pipeline.models.catalogue import find_model\n"
        "from pipeline.models.control import control_vectors\n"
        "from types import SimpleNamespace\n"
        "rows = SimpleNamespace(words=['the', 'cat'])\n"
        "vectors = control_vectors(find_model('control:lookup'), rows)\n"
        "assert 'torch' not in sys.modules\n"
        "print(vectors.tobytes().hex())"
    )
    assert printed_by(code) == control_vectors(LOOKUP, said(["the", "cat"])).tobytes().hex()


def test_a_speakers_rows_are_alike_and_no_others():
    rows = said(["a", "b", "a", "c"], ["eve", "ada", "ada", "eve"])
    (vectors,) = control_vectors(SPEAKER, rows)
    np.testing.assert_array_equal(vectors, [[0, 1], [1, 0], [1, 0], [0, 1]])


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0.001, 50)), min_size=1, max_size=9))
def test_a_duration_is_in_seconds_and_in_its_logarithm(times):
    start = np.array([first for first, _ in times])
    end = start + [length for _, length in times]
    seconds, logarithm = control_vectors(DURATION, said(["a"] * len(times), None, start, end))
    assert seconds.shape == logarithm.shape == (len(times), 1)
    for row, (first, last) in enumerate(zip(start, end, strict=True)):
        assert seconds[row, 0] == pytest.approx(last - first, rel=1e-6)
        assert math.exp(logarithm[row, 0]) == pytest.approx(last - first, rel=1e-5)


@pytest.mark.parametrize("spec", [ONEHOT, SPEAKER, DURATION, LOOKUP], ids=lambda s: s.name)
def test_controls_have_the_layers_that_they_announce(spec):
    vectors = control_vectors(spec, said(["a", "b", "a"], ["x", "y", "z"]))
    assert vectors.shape[:2] == (len(spec.layer_names), 3)
    assert vectors.shape[2] == (spec.dims or len({"a", "b"}) + (spec == SPEAKER))


def test_only_controls_are_made_of_words():
    with pytest.raises(ModelError, match="minilm is no control"):
        control_vectors(find_model("minilm"), said(["the"]))
