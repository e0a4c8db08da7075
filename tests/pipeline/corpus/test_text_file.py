import logging

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.corpus.text_file import read_lines, read_text
from pipeline.errors import CorpusError

FRENCH = "voilà un homme qui a très faim\ncéline mange un gâteau après l'école\n"


@pytest.fixture
def file(tmp_path):
    return tmp_path / "a.trans.txt"


@given(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")).filter(
        lambda text: not text.startswith("\ufeff")
    )
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_utf8_is_read_as_it_is_written(file, text):
    file.write_bytes(text.encode("utf-8"))
    assert read_text(file) == text


def test_a_byte_order_mark_is_not_text(file):
    file.write_bytes(FRENCH.encode("utf-8-sig"))
    assert read_text(file) == FRENCH


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "utf-16-le"])
def test_other_encodings_are_recognized(file, encoding):
    file.write_bytes(FRENCH.encode(encoding))
    assert read_text(file) == FRENCH


def test_a_guess_is_logged(file, caplog):
    file.write_bytes(FRENCH.encode("latin-1"))
    with caplog.at_level(logging.WARNING):
        read_text(file)
    assert f"{file} is not UTF-8" in caplog.text


def test_what_is_no_text_is_refused(file):
    file.write_bytes(b"one\ntw\0o\n")
    with pytest.raises(CorpusError, match=r"a\.trans\.txt: line 2 is no text.*as UTF-8"):
        read_text(file)


def test_a_file_that_is_not_there_is_named(file):
    with pytest.raises(CorpusError, match=r"a\.trans\.txt: cannot be read \(No such file"):
        read_text(file)


def test_a_folder_is_no_text(file):
    file.mkdir()
    with pytest.raises(CorpusError, match=r"cannot be read \(Is a directory"):
        read_text(file)


def test_lines_end_as_editors_end_them_and_nowhere_else(file):
    file.write_bytes("a\u2028b\x85c\x0cd\r\n\ne\rf".encode())
    assert read_lines(file) == ["a\u2028b\x85c\x0cd", "", "e", "f"]
