import csv
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.corpus.utterance import Corpus, Utterance
from pipeline.errors import MatrixError
from pipeline.time_axis import Interval
from pipeline.words.rows import Rows, first_difference, rows_listed, rows_with, spoken_rows


def rows_of(*tokens):
    """Return rows of (utterance, index, word), one second each."""
    names, indices, words = zip(*tokens, strict=True) if tokens else ((), (), ())
    starts = np.arange(len(tokens), dtype=np.float64)
    speakers = tuple(f"speaker of {name}" for name in names)
    return Rows(names, np.array(indices, dtype=np.int32), words, speakers, starts, starts + 1)


def tokens_of(rows):
    return list(zip(rows.utterances, rows.indices.tolist(), rows.words, strict=True))


ROWS = rows_of(
    ("u1", 0, "the"), ("u1", 1, "dog"), ("u1", 2, "the"), ("u2", 0, "the"), ("u2", 3, "cat")
)

TOKENS = st.tuples(st.sampled_from("ab"), st.integers(0, 3), st.sampled_from(["x", "y", "é"]))


@pytest.fixture
def word_list(tmp_path):
    """Write a word list, return its path."""

    def write(content):
        path = tmp_path / "list.json"
        text = content if isinstance(content, str) else json.dumps(content)
        path.write_text(text, encoding="utf-8")
        return path

    return write


@given(st.lists(TOKENS, max_size=4), st.lists(TOKENS, max_size=4))
def test_digests_are_equal_only_if_the_words_are(a, b):
    assert (rows_of(*a).digest == rows_of(*b).digest) == (a == b)


@given(a=st.lists(TOKENS, max_size=5), b=st.lists(TOKENS, max_size=5))
def test_rows_differ_in_words_only_if_their_digests_do(a, b):
    rows_a, rows_b = rows_of(*a), rows_of(*b)
    assert (first_difference(rows_a, rows_b) is None) == (rows_a.digest == rows_b.digest)


def test_the_first_difference_is_named():
    other = rows_of(("u1", 0, "the"), ("u1", 2, "the"), ("u2", 3, "cat"))
    assert first_difference(ROWS, other) == (
        "row 1 (counted from 0) is word 1 of u1 (dog) in a, and word 2 of u1 (the) in b"
    )
    assert first_difference(rows_of(("u1", 0, "the")), ROWS) == (
        "row 1 (counted from 0) is missing in a, and word 1 of u1 (dog) in b"
    )


def test_the_digest_ignores_times_and_speakers():
    same = Rows(ROWS.utterances, ROWS.indices, ROWS.words, ("s",) * 5, ROWS.end, ROWS.end + 1)
    assert same.digest == ROWS.digest


@given(st.lists(st.booleans(), min_size=5, max_size=5))
def test_select_keeps_the_chosen_rows_of_every_column(kept):
    chosen = ROWS.select(np.array(kept))
    columns = ("utterances", "indices", "words", "speakers", "start", "end")
    for column in columns:
        values = getattr(ROWS, column)
        expected = [value for value, keep in zip(values, kept, strict=True) if keep]
        assert list(getattr(chosen, column)) == expected
    assert len(chosen) == sum(kept)
    assert chosen.indices.dtype == np.int32


def test_rows_are_found_among_others_by_utterance_and_place():
    kept = np.array([False, True, True, False, True])
    assert ROWS.among(ROWS.select(kept)).tolist() == kept.tolist()
    assert not ROWS.among(rows_of(("u3", 0, "the"))).any()


def test_the_table_of_rows_holds_every_column(tmp_path):
    rows = rows_of(("u1", 0, "the"), ("u1", 4, 'say "a, é"'))
    rows.write_csv(tmp_path / "rows.csv")
    with (tmp_path / "rows.csv").open(encoding="utf-8", newline="") as file:
        table = list(csv.reader(file))
    assert table == [
        ["utterance", "index", "word", "speaker", "start_s", "end_s"],
        ["u1", "0", "the", "speaker of u1", "0.0", "1.0"],
        ["u1", "4", 'say "a, é"', "speaker of u1", "1.0", "2.0"],
    ]


@pytest.fixture
def corpus():
    """Two utterances; the second word of the first has no time."""
    one = Utterance(
        "u1",
        "ada",
        Path("u1.wav"),
        2.0,
        ("The", "dog", "ran"),
        (Interval("the", 0.1, 0.4), None, Interval("ran", 1.0, 1.5)),
        (Interval("DH", 0.1, 0.2), Interval("AH", 0.2, 0.4)),
    )
    two = Utterance("u2", "bob", Path("u2.wav"), 1.0, ("Go",), (Interval("go", 0.0, 0.5),))
    return Corpus("test", Path(), (one, two))


def test_words_without_a_time_are_no_rows_and_capitals_are_no_other_word(corpus):
    rows = spoken_rows(corpus, "word", ["u2", "u1"])
    assert tokens_of(rows) == [("u1", 0, "the"), ("u1", 2, "ran"), ("u2", 0, "go")]
    assert rows.speakers == ("ada", "ada", "bob")
    assert rows.start.tolist() == [0.1, 1.0, 0.0]
    assert rows.end.tolist() == [0.4, 1.5, 0.5]


@pytest.mark.parametrize("word", ["Don\u2019t", "don't!", '"DON\'T"', "DON\uff07T"])
def test_a_row_is_the_transcripts_word_in_one_spelling_whatever_the_aligner_wrote(word):
    spoken = Utterance("u", "s", Path("u.wav"), 1.0, (word,), (Interval("<unk>", 0.0, 0.5),))
    assert spoken_rows(Corpus("c", Path(), (spoken,)), "word", ["u"]).words == ("don't",)


def test_phones_are_spelled_as_their_alphabet_has_them():
    phones = (Interval("AH0", 0.0, 0.1), Interval("?", 0.1, 0.2))
    spoken = Utterance("u", "s", Path("u.wav"), 1.0, ("a",), (Interval("a", 0.0, 0.5),), phones)
    assert spoken_rows(Corpus("c", Path(), (spoken,)), "phone", ["u"]).words == ("AH0", "?")


def test_phones_are_rows_of_their_own(corpus):
    rows = spoken_rows(corpus, "phone", ["u1", "u2"])
    assert tokens_of(rows) == [("u1", 0, "DH"), ("u1", 1, "AH")]


def test_only_the_named_utterances_give_rows(corpus):
    assert tokens_of(spoken_rows(corpus, "word", {"u2"})) == [("u2", 0, "go")]
    assert len(spoken_rows(corpus, "word", [])) == 0


def test_rows_without_a_vector_are_left_out():
    left = rows_with(ROWS, {"u1": [1, 2], "u3": [0]})
    assert tokens_of(left) == [("u1", 1, "dog"), ("u1", 2, "the")]
    assert len(rows_with(ROWS, {})) == 0


def test_a_listed_word_stands_for_its_first_occurrence(word_list):
    listed = rows_listed(ROWS, word_list({"u1": ["dog", "the"], "u2": ["the"]}))
    assert tokens_of(listed) == [("u1", 0, "the"), ("u1", 1, "dog"), ("u2", 0, "the")]


def test_ids_of_a_list_may_end_in_json(word_list):
    listed = rows_listed(ROWS, word_list({"u2.json": ["cat", "cat", "absent"], "u9.json": ["the"]}))
    assert tokens_of(listed) == [("u2", 3, "cat")]


def test_an_empty_list_leaves_no_row(word_list):
    assert len(rows_listed(ROWS, word_list({}))) == 0


@given(
    st.lists(TOKENS, max_size=12, unique_by=lambda token: token[:2]),
    st.dictionaries(st.sampled_from("abc"), st.lists(st.sampled_from(["x", "y", "z"]))),
)
def test_lists_choose_as_a_search_by_hand_does(tmp_path_factory, tokens, wanted):
    path = tmp_path_factory.getbasetemp() / "list.json"
    path.write_text(json.dumps(wanted), encoding="utf-8")
    firsts = set()
    for name, words in wanted.items():
        for word in words:
            of_word = [n for n, token in enumerate(tokens) if (token[0], token[2]) == (name, word)]
            firsts.update(of_word[:1])
    expected = [tokens[n] for n in sorted(firsts)]
    assert tokens_of(rows_listed(rows_of(*tokens), path)) == expected


@pytest.mark.parametrize(
    "content", ["", "not JSON", "[1, 2]", '"text"', '{"u1": 5}', '{"u1": [["the"]]}', "null"]
)
def test_a_file_that_is_no_list_of_words_is_refused(word_list, content):
    message = r"list\.json: expected JSON that maps utterance ids to lists of words"
    with pytest.raises(MatrixError, match=message):
        rows_listed(ROWS, word_list(content))


def test_a_list_that_is_absent_or_no_text_is_refused(tmp_path):
    path = tmp_path / "list.json"
    with pytest.raises(MatrixError, match=r"list\.json: expected JSON .*No such file"):
        rows_listed(ROWS, path)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(MatrixError, match=r"list\.json: expected JSON .*codec can't decode"):
        rows_listed(ROWS, path)
