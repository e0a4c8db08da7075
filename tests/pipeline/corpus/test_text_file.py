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


@given(st.text().filter(lambda text: not text.startswith("\ufeff")))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_utf8_is_read_as_it_is_written(file, text):
    file.write_bytes(text.encode("utf-8"))
    assert read_text(file) == text


def test_a_byte_order_mark_is_not_text(file):
    file.write_bytes(FRENCH.encode("utf-8-sig"))
    assert read_text(file) == FRENCH


@pytest.mark.parametrize("text", [FRENCH, FRENCH.upper(), "HE WENT TO THE CAFÉ\n"])
@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-16"])
def test_other_encodings_are_recognized(file, text, encoding):
    file.write_bytes(text.encode(encoding))
    assert read_text(file) == text


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("привет мир как дела сегодня\n", "cp1251"),
        ("привет мир как дела сегодня\n", "koi8-r"),
        ("こんにちは 世界 お元気ですか\n", "shift-jis"),
        ("ÜBER DEN WOLKEN IST DIE FREIHEIT GRENZENLOS\n", "latin-1"),
    ],
)
def test_other_languages_are_recognized(file, text, encoding):
    file.write_bytes(text.encode(encoding))
    assert read_text(file) == text


def test_a_guess_is_logged(file, caplog):
    file.write_bytes(FRENCH.encode("latin-1"))
    with caplog.at_level(logging.WARNING):
        read_text(file)
    assert f"{file} is not UTF-8" in caplog.text


def test_what_is_no_text_is_refused(file):
    file.write_bytes(b"\x00\xff\x00\x81")
    with pytest.raises(CorpusError, match=r"a\.trans\.txt: .* save it as UTF-8"):
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
