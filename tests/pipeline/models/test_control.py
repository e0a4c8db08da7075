import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import ModelError
from pipeline.models.catalogue import find_model
from pipeline.models.control import control_vectors

ONEHOT, LOOKUP = find_model("control:onehot"), find_model("control:lookup")


@given(words=st.lists(st.text(max_size=3), min_size=1, max_size=12))
def test_one_hot_products_say_whether_two_words_are_the_same(words):
    (vectors,) = control_vectors(ONEHOT, words)
    same = np.array(words, dtype=object)[:, None] == np.array(words, dtype=object)
    np.testing.assert_array_equal(vectors @ vectors.T, same)
    assert vectors.shape[1] == len(set(words))


def test_one_hot_columns_are_the_sorted_words():
    (vectors,) = control_vectors(ONEHOT, ["b", "a", "c"])
    np.testing.assert_array_equal(vectors, [[0, 1, 0], [1, 0, 0], [0, 0, 1]])


@given(words=st.lists(st.sampled_from(["the", "cat", "été", ""]), max_size=8))
def test_a_lookup_vector_depends_on_nothing_but_the_word(words):
    (vectors,) = control_vectors(LOOKUP, words)
    assert vectors.shape == (len(words), 300)
    for word, vector in zip(words, vectors, strict=True):
        np.testing.assert_array_equal(vector, control_vectors(LOOKUP, [word])[0, 0])


def test_lookup_vectors_are_gaussian_and_unrelated():
    (vectors,) = control_vectors(LOOKUP, [f"word{index}" for index in range(400)])
    assert abs(vectors.mean()) < 0.015  # 5 standard errors of 120,000 draws
    assert abs(vectors.var() - 1) < 0.021
    correlations = np.corrcoef(vectors)[np.triu_indices(400, 1)]
    assert abs(correlations).max() < 6 / np.sqrt(300)


def test_another_seed_gives_other_vectors():
    other = control_vectors(find_model("control:lookup?seed=1"), ["the"])
    assert abs(np.corrcoef(other[0, 0], control_vectors(LOOKUP, ["the"])[0, 0])[0, 1]) < 0.3


def test_lookup_vectors_are_the_same_in_another_process_without_torch(printed_by):
    code = (
        "import sys\n"
        "from pipeline.models.catalogue import find_model\n"
        "from pipeline.models.control import control_vectors\n"
        "vectors = control_vectors(find_model('control:lookup'), ['the', 'cat'])\n"
        "assert 'torch' not in sys.modules\n"
        "print(vectors.tobytes().hex())"
    )
    assert printed_by(code) == control_vectors(LOOKUP, ["the", "cat"]).tobytes().hex()


def test_only_controls_are_made_of_words():
    with pytest.raises(ModelError, match="minilm is no control"):
        control_vectors(find_model("minilm"), ["the"])
