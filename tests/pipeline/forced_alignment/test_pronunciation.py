from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pocketsphinx import Decoder, get_model_path

from pipeline.errors import AlignerError
from pipeline.forced_alignment import pronunciation
from pipeline.forced_alignment.pronunciation import guess, pronounce, spelled

SINGLE_LETTERS = {letters: phones for letters, phones in pronunciation._RULES if len(letters) == 1}  # noqa: SLF001
KNOWN = {"well": "W EH L", "known": "N OW N", "u": "Y UW", "don't": "D OW N T"}


@pytest.fixture(scope="module")
def dictionary() -> dict[str, list[str]]:
    """Every 17th word of the CMU dictionary, and its phones."""
    file = Path(get_model_path()) / "en-us" / "cmudict-en-us.dict"
    entries = [line.split() for line in file.read_text(encoding="utf-8").splitlines()]
    return {word: phones for word, *phones in entries[::17] if word.isalpha() and len(word) > 2}


def edit_distance(one: Sequence[str], other: Sequence[str]) -> int:
    row = list(range(len(other) + 1))
    for index, item in enumerate(one, start=1):
        before, row[0] = row[:], index
        for column, counterpart in enumerate(other, start=1):
            replaced = before[column - 1] + (item != counterpart)
            row[column] = min(before[column] + 1, row[column - 1] + 1, replaced)
    return row[-1]


def error_rate(pronounced, dictionary):
    errors = sum(edit_distance(pronounced(word), phones) for word, phones in dictionary.items())
    return errors / sum(map(len, dictionary.values()))


def test_three_of_four_phones_are_those_of_the_dictionary(dictionary):
    assert len(dictionary) > 5000
    by_rules = error_rate(lambda word: guess(word).split(), dictionary)
    by_letter = error_rate(
        lambda word: " ".join(SINGLE_LETTERS[letter] for letter in word).split(), dictionary
    )
    assert by_rules < 0.28
    assert by_rules < 0.7 * by_letter


@given(st.text("abcdefghijklmnopqrstuvwxyz'", min_size=1))
def test_any_letters_have_phones(letters):
    assert guess(letters).split()


def test_the_acoustic_model_knows_every_phone_of_the_rules():
    decoder = Decoder(lm=None, loglevel="FATAL")
    for number, (_, phones) in enumerate(pronunciation._RULES):  # noqa: SLF001
        if phones:
            decoder.add_word(f"rule{number}", phones, False)  # noqa: FBT003 - its own signature
            assert decoder.lookup_word(f"rule{number}") == phones


@pytest.mark.parametrize(
    ("word", "phones", "is_guessed"),
    [
        ("don't", "D OW N T", False),
        ("well-known", "W EH L N OW N", False),
        ("u.u", "Y UW Y UW", False),
        ("well-noirtier", "W EH L N OY R T IH ER", True),
        ("noirtier", "N OY R T IH ER", True),
    ],
)
def test_what_the_dictionary_knows_is_not_guessed(word, phones, is_guessed):
    assert pronounce(word, KNOWN.get) == (phones, is_guessed)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("HEAR", "hear"),
        ("D\u2019Avrigny", "d'avrigny"),
        ("na\u00efve", "naive"),
        ("nai\u0308ve", "naive"),
        ("'tis", "'tis"),
        ("dogs\u2019", "dogs'"),
        ("rock-'n'-roll", "rock-'n'-roll"),
        ("U.S.A.", "u.s.a."),
    ],
)
def test_words_are_spelled_as_in_the_dictionary(word, expected):
    assert spelled(word) == expected


@pytest.mark.parametrize(
    "word", ["1984", "2nd", "50%", "a&b", "", "-", "'", "...", "слово", "言葉", "x\u00b2", "a b"]
)
def test_what_cannot_be_pronounced_is_named(word):
    with pytest.raises(AlignerError, match=r"cannot be pronounced.*write numbers") as caught:
        spelled(word)
    assert repr(word) in str(caught.value)
