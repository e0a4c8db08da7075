import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.alignments.decoding import decode, line_of

FRENCH = "voilà un homme qui a très faim\ncéline mange un gâteau après l'école\n"
printable = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1)


@given(printable.filter(lambda text: text[0] != "\ufeff"), st.sampled_from(["utf-8", "utf-8-sig"]))
def test_utf8_is_certain(text, encoding):
    assert decode(text.encode(encoding)) == (text, None)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
@given(text=printable.map(lambda text: "a" + text))
def test_utf16_is_certain_with_a_mark_and_without(encoding, text):
    assert decode(text.encode(encoding)) == (text, None)


@pytest.mark.parametrize("text", [FRENCH, FRENCH.upper(), "HE WENT TO THE CAFÉ\n", "déjà"])
@pytest.mark.parametrize("encoding", ["latin-1", "cp1252"])
def test_what_is_guessed_is_right_and_named_as_a_guess(text, encoding):
    found, guess = decode(text.encode(encoding))
    assert found == text
    assert guess is not None


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("привет мир как дела сегодня\n", "cp1251"),
        ("привет мир как дела сегодня\n", "koi8-r"),
        ("こんにちは 世界 お元気ですか\n", "shift-jis"),
        ("ÜBER DEN WOLKEN IST DIE FREIHEIT GRENZENLOS\n", "latin-1"),
    ],
)
def test_other_languages_are_recognized(text, encoding):
    assert decode(text.encode(encoding))[0] == text


def test_every_byte_of_utf8_that_is_overwritten_is_noticed_or_seen_in_its_place():
    content = FRENCH.encode()
    for index in range(len(content)):
        damaged = content[:index] + b"\xff" + content[index + 1 :]
        with pytest.raises(UnicodeDecodeError) as caught:
            decode(damaged)
        assert line_of(caught.value) == content.count(b"\n", 0, caught.value.start) + 1


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"one\ntw\0o\n", 2),
        (b"\0\0\0\0", 1),
        (b"\x00\xff\x00\x81", 1),
        ("one\ntwo\n".encode("utf-16")[:-1], 2),
        ("one".encode("utf-32"), 1),
        (b"one\n\xff\xfe\xff\xfe\x00", 2),
    ],
)
def test_what_is_no_text_is_refused_with_its_line(content, line):
    with pytest.raises(UnicodeDecodeError) as caught:
        decode(content)
    assert line_of(caught.value) == line
