import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from pipeline.errors import ModelError
from pipeline.models.vector_file import VectorFile, read_layout

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Z", "C"]), min_size=1, max_size=5)
NUMBERS = st.floats(-1e3, 1e3, width=32)


def write(path, rows, header=""):
    lines = [f"{word} {' '.join(map(repr, numbers))}" for word, numbers in rows]
    path.write_text(
        "".join(f"{line}\n" for line in [*([header] if header else []), *lines]), "utf-8"
    )
    return path


@given(
    st.dictionaries(WORDS, st.lists(NUMBERS, min_size=3, max_size=3), min_size=1, max_size=8),
    st.booleans(),
)
def test_every_word_is_found_with_its_numbers(tmp_path_factory, table, has_header):
    path = tmp_path_factory.mktemp("vectors") / "v.txt"
    write(path, table.items(), f"{len(table)} 3" if has_header else "")
    vectors = VectorFile(path)
    assert vectors.layout == (3, has_header)
    for word, numbers in table.items():
        np.testing.assert_array_equal(vectors.find(word), np.array(numbers, dtype=np.float32))
    assert vectors.find("not there") is None


def test_words_may_hold_spaces_and_the_first_of_two_lines_counts(tmp_path):
    rows = [("the", [1.0, 2.0]), (". . .", [3.0, 4.0]), (".", [5.0, 6.0]), ("the", [7.0, 8.0])]
    vectors = VectorFile(write(tmp_path / "v.txt", rows))
    assert vectors.find(". . .").tolist() == [3.0, 4.0]
    assert vectors.find(".").tolist() == [5.0, 6.0]
    assert vectors.find("the").tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "the file is empty"),
        ("a\nb\n", "expected a word and its numbers"),
        ("2 5\na 1 2\nb 3 4\n", "line 1: announces 5 dimensions, but its lines have 2"),
    ],
)
def test_what_is_no_table_of_vectors_is_refused(tmp_path, content, message):
    (tmp_path / "v.txt").write_text(content)
    with pytest.raises(ModelError, match=message):
        read_layout(tmp_path / "v.txt")


def test_a_cut_line_is_refused_with_its_number(tmp_path):
    path = write(tmp_path / "v.txt", [(f"w{i}", [1.0, 2.0, 3.0]) for i in range(200)])
    with path.open("a") as file:
        file.write("cut 1.0 2.")
    with pytest.raises(ModelError, match=r"v\.txt, line 201: expected a word and 3 numbers"):
        VectorFile(path)


@pytest.mark.parametrize(("number", "message"), [("x", "is damaged"), ("nan", "is not finite")])
def test_damaged_numbers_are_refused_when_they_are_looked_up(tmp_path, number, message):
    (tmp_path / "v.txt").write_text(f"good 1 2\nbad 1 {number}\n")
    vectors = VectorFile(tmp_path / "v.txt")
    assert vectors.find("good").tolist() == [1.0, 2.0]
    with pytest.raises(ModelError, match=f"the vector of 'bad' {message}"):
        vectors.find("bad")
