import pytest

from pipeline.corpus.text_file import read_text
from pipeline.errors import CorpusError

FRENCH = "Le garçon a déjà mangé une pêche près de la forêt où le hêtre était tombé. " * 3
RUSSIAN = "Привет, как дела? Сегодня очень хорошая погода, и мы идём гулять в парк. " * 3


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_utf_8_is_read_with_and_without_its_mark(tmp_path, encoding, caplog):
    (tmp_path / "a.txt").write_bytes(FRENCH.encode(encoding))
    assert read_text(tmp_path / "a.txt") == FRENCH
    assert not caplog.records


@pytest.mark.parametrize(
    ("text", "encoding"), [(FRENCH, "utf-16"), (FRENCH, "cp1252"), (RUSSIAN, "cp1251")]
)
def test_another_encoding_is_guessed_and_the_guess_is_logged(tmp_path, text, encoding, caplog):
    (tmp_path / "a.txt").write_bytes(text.encode(encoding))
    assert read_text(tmp_path / "a.txt") == text
    assert "a.txt is not UTF-8; reading it as" in caplog.text


def test_what_is_no_text_is_refused(tmp_path):
    (tmp_path / "a.txt").write_bytes(bytes(range(256)))
    with pytest.raises(CorpusError, match=r"a.txt: its encoding is not known; save it as UTF-8"):
        read_text(tmp_path / "a.txt")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(CorpusError, match=r"a.txt: cannot be read .No such file"):
        read_text(tmp_path / "a.txt")
