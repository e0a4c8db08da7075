import pytest

from pipeline.alignments.source import Source, excerpt
from pipeline.errors import AlignmentError


@pytest.fixture
def opened(tmp_path):
    def write(content):
        path = tmp_path / "a.b.ctm"
        path.write_bytes(content)
        return Source.open(path)

    return write


@pytest.mark.parametrize("newline", [b"\n", b"\r\n", b"\r"])
def test_lines_are_counted_whatever_ends_them_and_blank_ones_skipped(opened, newline):
    source = opened(newline.join([b"one", b"", b" \t", b"two", b""]))
    assert source.text == "one\n\n \t\ntwo\n"
    assert source.lines == [(1, "one"), (4, "two")]
    assert source.name == "a.b"


def test_only_line_ends_end_lines(opened):
    text = "one\u2028two\x0cthree\x85four"
    assert opened(text.encode()).lines == [(1, text)]


@pytest.mark.parametrize(
    ("content", "notes"),
    [
        (b"one\n", ()),
        (b"one\n\n", ()),
        (b"one\ntwo", ("line 2: the last line does not end; is the file cut?",)),
    ],
)
def test_a_last_line_that_does_not_end_is_noted(opened, content, notes):
    assert opened(content).end_notes == notes


def test_a_guessed_encoding_is_noted(opened):
    assert opened("déjà vu\n".encode()).notes == ()
    (note,) = opened("déjà vu\n".encode("latin-1")).notes
    assert note.startswith("not UTF-8; read as ")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "b.ctm: the file is empty"),
        (b"one\n\0\0", r"b.ctm, line 2: no text \(a NUL\); is the file cut"),
        ("é é é é".encode()[:-1], r"line 1: no text \(unexpected end of data\)"),
    ],
)
def test_what_is_no_text_is_refused(opened, content, message):
    with pytest.raises(AlignmentError, match=message):
        opened(content)


@pytest.mark.parametrize(
    ("name", "reason"), [("missing", "No such file"), ("", "Is a directory"), ("\0", "null byte")]
)
def test_what_cannot_be_opened_is_refused(tmp_path, name, reason):
    with pytest.raises(AlignmentError, match=rf"cannot be opened \(.*{reason}"):
        Source.open(tmp_path / name)


@pytest.mark.parametrize(
    ("field", "value"),
    [("0", 0.0), ("-1.5", -1.5), ("+2.", 2.0), ("1e-3", 0.001), ("007", 7.0)],
)
def test_numbers_are_read(opened, field, value):
    assert opened(b"x").number(field, "the start", 1) == value


@pytest.mark.parametrize(
    "field", ["", "nan", "inf", "1_0", "0x1", ".5", "1,5", "\u0661", " 1", "1 ", "--1", "1e", "1\n"]
)
def test_what_is_no_number_is_refused(opened, field):
    with pytest.raises(AlignmentError, match=r"line 7: expected the start, a number, found") as got:
        opened(b"x").number(field, "the start", 7)
    assert ("decimal point" in str(got.value)) == ("," in field)


def test_endless_numbers_are_refused(opened):
    with pytest.raises(AlignmentError, match="the start, '1e999', is too large a number"):
        opened(b"x").number("1e999", "the start", 1)


def test_json_that_is_no_json_is_refused_with_file_and_line(opened):
    assert opened(b'{"a": 1}').json == {"a": 1}
    with pytest.raises(AlignmentError, match=r"b\.ctm, line 2: no valid JSON"):
        opened(b'{"a":\n').json  # noqa: B018 - reading it is what fails


def test_an_excerpt_is_short():
    assert excerpt("one") == "'one'"
    assert excerpt("x" * 100, 4) == "'xxxx...'"
