import json

import pytest
from transformers import Wav2Vec2CTCTokenizer

from pipeline.errors import AlignerError
from pipeline.forced_alignment.ctc_vocabulary import Vocabulary, read_vocabulary


@pytest.fixture
def write(tmp_path):
    """Return a function that writes a vocabulary and reads it back."""

    def write_and_read(vocabulary, *, blank=0, size=40, **tokenizer):
        (tmp_path / "vocab.json").write_text(json.dumps(vocabulary), encoding="utf-8")
        if tokenizer:
            (tmp_path / "tokenizer_config.json").write_text(json.dumps(tokenizer))
        return read_vocabulary(tmp_path, blank, size)

    return write_and_read


def test_tokens_are_those_of_transformers_own_tokenizer(ctc_folder):
    text = read_vocabulary(ctc_folder, 0, 32).encode(["don't", "Hear", "GO"])
    tokenizer = Wav2Vec2CTCTokenizer.from_pretrained(ctc_folder)
    assert text.tokens.tolist() == tokenizer("DON'T HEAR GO").input_ids
    assert text.words.tolist() == [0] * 5 + [-1] + [1] * 4 + [-1] + [2] * 2


def test_the_vocabularys_own_case_is_kept_and_else_the_other_taken(write):
    vocabulary = write({"<pad>": 0, "a": 1, "A": 2, "b": 3, "C": 4})
    assert vocabulary.encode(["aAbBcC"]).tokens.tolist() == [1, 2, 3, 3, 4, 4]


def test_letters_are_found_composed_or_with_their_accents_apart(write):
    composed = write({"<pad>": 0, "e": 1, "\u00e9": 2})
    apart = write({"<pad>": 0, "e": 1, "\u0301": 2})
    for word in ("\u00e9", "e\u0301", "\u00c9"):
        assert composed.encode([word]).tokens.tolist() == [2]
        assert apart.encode([word]).tokens.tolist() == [1, 2]


def test_apostrophes_are_one_and_left_out_where_they_are_not_written(write):
    with_them = write({"<pad>": 0, "d": 1, "n": 2, "'": 3})
    without = write({"<pad>": 0, "d": 1, "n": 2})
    assert with_them.encode(["d\u2019n"]).tokens.tolist() == [1, 3, 2]
    assert without.encode(["d\u2019n", "d-n.d"]).tokens.tolist() == [1, 2, 1, 2, 1]


def test_words_meet_without_a_delimiter_where_there_is_none_and_with_another_as_told(write):
    letters = {"<pad>": 0, "a": 1, "b": 2}
    assert write(letters).encode(["a", "b"]).words.tolist() == [0, 1]
    other = write({**letters, " ": 3}, word_delimiter_token=" ")  # noqa: S106 - no password
    assert other.encode(["a", "b"]).tokens.tolist() == [1, 3, 2]
    assert other.encode([]).tokens.shape == (0,)


@pytest.mark.parametrize(
    ("word", "lacking"),
    [
        ("7th", "7;"),
        ("a&b%", "& %;"),
        ("\u5b57", "\u5b57;"),
        ("|", r"\|;"),
        ("-", "characters that"),
    ],
)
def test_what_the_model_cannot_write_is_named(write, word, lacking):
    vocabulary = write({"<pad>": 0, "|": 1, **dict(zip("abth", range(2, 6), strict=True))})
    with pytest.raises(
        AlignerError, match=rf"cannot write the word '.*its vocabulary lacks {lacking}"
    ) as caught:
        vocabulary.encode(["a", word])
    assert repr(word) in str(caught.value)


def test_the_blank_is_no_character(write):
    with pytest.raises(AlignerError, match="lacks _"):
        write({"_": 0, "a": 1}).encode(["_a"])


@pytest.mark.parametrize(
    "vocabulary", [{"eng": {"<pad>": 0, "a": 1}}, {"a": 99}, {"a": -1}, {"a": True}, {"a": 1.0}]
)
def test_a_vocabulary_of_another_model_or_several_languages_is_refused(write, vocabulary):
    with pytest.raises(AlignerError, match=r"vocab\.json: expected the characters of one language"):
        write(vocabulary)


@pytest.mark.parametrize("blank", [None, 40])
def test_a_model_without_a_blank_is_refused(write, blank):
    with pytest.raises(AlignerError, match=rf"pad_token_id is {blank}"):
        write({"a": 1}, blank=blank)


@pytest.mark.parametrize(("content", "message"), [("{", "expected the file"), ("[]", "found list")])
def test_a_damaged_vocabulary_is_named(tmp_path, content, message):
    (tmp_path / "vocab.json").write_text(content)
    with pytest.raises(AlignerError, match=rf"vocab\.json: .*{message}"):
        read_vocabulary(tmp_path, 0, 5)
    (tmp_path / "vocab.json").unlink()
    with pytest.raises(AlignerError, match=r"vocab\.json: .*No such file"):
        read_vocabulary(tmp_path, 0, 5)


def test_a_vocabulary_is_a_value():
    assert Vocabulary({"a": 1}, 0, None) == Vocabulary({"a": 1}, 0, None)
