import hypothesis.strategies as st
import pytest
from hypothesis import given

from pipeline.alignments.spelling import comparable, spoken_words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("DON'T", "don\u2019t"),
        ("don\u00b4t", "don\u02bct"),
        ("est\u00e1", "esta\u0301"),
        ("\u201cHello,\u201d", "hello"),
        ("Stra\u00dfe", "STRASSE"),
        ("\ufb01ne", "fine"),
        ("dogs'", "dogs"),
        ("<unk>", "unk"),
    ],
)
def test_spellings_of_one_word_are_comparable(one, other):
    assert comparable(one) == comparable(other) != ""


@pytest.mark.parametrize(("one", "other"), [("its", "it's"), ("well-known", "wellknown")])
def test_punctuation_inside_a_word_counts(one, other):
    assert comparable(one) != comparable(other)


@pytest.mark.parametrize(
    ("transcript", "words"),
    [
        ("Printing, in the only sense", "Printing in the only sense"),
        ("or \u201cforty-two line Bible\u201d of 1455,", "or forty two line Bible of 1455"),
        ("very\u2014very good", "very very good"),
        ("- yes \u2013 no ... (well)", "yes no well"),
        ("'tis the dogs' bone", "'tis the dogs' bone"),
        ("he said 'stop' and \u2018go\u2019", "he said stop and go"),
        ("I don't, he couldn\u2019t", "I don't he couldn\u2019t"),
        ("$5 and 20%", "5 and 20"),
        ("\u4f60\u597d \u00e9t\u00e9", "\u4f60\u597d \u00e9t\u00e9"),
        (" \n ", ""),
    ],
)
def test_tokens_are_what_is_spoken(transcript, words):
    assert spoken_words(transcript) == tuple(words.split())


@given(st.text())
def test_every_token_is_a_word_and_tokens_of_tokens_are_themselves(transcript):
    words = spoken_words(transcript)
    assert all(comparable(word) for word in words)
    assert spoken_words(" ".join(words)) == words
