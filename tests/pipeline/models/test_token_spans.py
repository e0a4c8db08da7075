import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.models.token_spans import token_spans, whole_words, word_of_tokens


def owners(words, offsets, special=None):
    flags = np.zeros(len(offsets), dtype=bool) if special is None else np.array(special)
    return word_of_tokens(words, np.array(offsets, dtype=np.int64), flags).tolist()


@given(words=st.lists(st.text(st.sampled_from("ab'é"), min_size=1, max_size=4), min_size=1))
def test_every_character_and_the_space_before_it_belongs_to_its_word(words):
    text = " ".join(words)
    expected = np.cumsum([character == " " for character in text])
    singles = [(position, position + 1) for position in range(len(text))]
    assert owners(words, singles) == expected.tolist()


def test_a_token_may_carry_the_space_before_its_word_or_be_that_space():
    assert owners(["the", "cat"], [(0, 3), (3, 7)]) == [0, 1]
    assert owners(["the", "cat"], [(0, 3), (3, 4), (4, 7)]) == [0, 1, 1]


def test_tokens_without_width_go_where_they_stand():
    assert owners(["the", "cat"], [(0, 0), (0, 3), (4, 4), (7, 7)]) == [0, 0, 1, 1]


def test_special_tokens_belong_to_no_word():
    assert owners(["a"], [(0, 0), (0, 1), (0, 0)], [True, False, True]) == [-1, 0, -1]


def test_a_word_without_tokens_has_an_empty_span():
    spans = token_spans(3, [np.array([-1, 0, 0, 2, -1])])
    assert spans[:, 1].tolist() == [3, 0, 4]
    assert (spans[1, 0], spans[0, 0], spans[2, 0]) == (0, 1, 3)


def test_a_word_is_taken_from_the_window_where_it_is_whole():
    windows = [np.array([-1, 0, 0, 1, -1]), np.array([-1, 1, 1, 2, -1])]
    assert token_spans(3, windows).tolist() == [[1, 3], [6, 8], [8, 9]]


@given(words=st.integers(1, 40), size=st.integers(4, 12))
def test_a_word_is_taken_from_the_window_where_it_is_most_central(words, size):
    starts = range(0, max(1, words - size // 2), size // 2)
    windows = [np.arange(start, min(words, start + size)) for start in starts]
    tokens = np.concatenate(windows)
    margins = np.concatenate(
        [np.minimum(np.arange(len(w)), len(w) - 1 - np.arange(len(w))) for w in windows]
    )
    for word, (first, last) in enumerate(token_spans(words, windows).tolist()):
        assert last == first + 1
        assert tokens[first] == word
        assert margins[first] == margins[tokens == word].max()


def test_a_word_is_whole_where_one_window_has_all_of_it():
    owners = [np.array([-1, 0, 1]), np.array([1, 1, -1])]
    offsets = [np.array([[0, 0], [0, 3], [4, 6]]), np.array([[4, 6], [6, 8], [0, 0]])]
    assert whole_words(3, owners, offsets).tolist() == [True, True, True]
    cut = [np.array([[0, 0], [0, 3], [4, 6]]), np.array([[6, 8], [8, 9], [0, 0]])]
    assert whole_words(3, owners, cut).tolist() == [True, False, True]
