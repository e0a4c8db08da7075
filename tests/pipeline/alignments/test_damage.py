"""No damage to a file of any format gives another exception, or silently a wrong list of words.

What is promised, and tested here on many damaged copies of one file of each format:

- A *cut* file is refused. Where the format does not show its end (lines), a file cut between two
  lines gives exactly the words before; cut inside a line, it is refused, or a note says that its
  last line does not end, and only the last word may differ.
- One *changed byte* is refused, or noted, or changes what it says and no more: never are there
  fewer words without a note, and never more wrong words than one character speaks of.
- Another *encoding* of Unicode changes nothing; an encoding that must be guessed is noted.
- *Any* damage gives an alignment or an AlignmentError.

LAYERSCOPE_DAMAGED_FILES sets how many files are tried.
"""

import os
import random
from collections import Counter
from itertools import chain

import pytest

from pipeline.alignments import read_recordings
from pipeline.errors import AlignmentError
from tests.pipeline.alignments.samples import OTHER_CONTENTS, SAMPLES, SPOKEN

COUNT = int(os.environ.get("LAYERSCOPE_DAMAGED_FILES", "2000")) // len(SAMPLES)
CUT, CHANGED = COUNT // 4, COUNT // 2
ANY = COUNT - CUT - CHANGED
# What means something in one of the formats.
LIKELY = b"0123456789.,-+eE\"'\\ \t\n\r!<>[]{}:;&#%=\xff\x00"
PIECES = (
    *(b"nan", b"1e999", b"-1", b"1e-400", b"9" * 400, b"inf", b"0x1", b"1_0", b"\xe2\x80\xa8"),
    *(b"\n", b"\n\n", b"\r", b'"', b'""', b"\\", b"\\u0000", b"\\ud800", b"&#0;", b"&a;", b"<!--"),
    *(b"<!DOCTYPE x>", b"<![CDATA[", b"]]>", b"null", b"true", b"[]", b"{}", b"sil", b"<unk>"),
)
UNENDED = "the last line does not end"


@pytest.fixture(params=SAMPLES, ids=str)
def sample(request):
    return SAMPLES[request.param]


@pytest.fixture
def read(sample, tmp_path):
    """Return words, phones and notes of all recordings in a file of these bytes, or None."""
    path = tmp_path / sample.name

    def read_bytes(content):
        path.write_bytes(content)
        try:
            found = read_recordings(path).values()
        except AlignmentError as error:
            if error.path == path:
                return None
            raise
        words, phones, notes = (
            list(chain.from_iterable(getattr(each, name) for each in found))
            for name in ("words", "phones", "notes")
        )
        return [*map(_values, words)], [*map(_values, phones)], notes

    return read_bytes


def _values(interval):
    return round(interval.start, 6), round(interval.end, 6), interval.label


@pytest.fixture
def rng(request):
    return random.Random(request.node.name)  # noqa: S311 - damage that can be repeated


def test_the_samples_are_read_whole_and_without_a_note(sample, read):
    words, _, notes = read(sample.text.encode())
    assert words[: len(SPOKEN)] == SPOKEN
    assert notes == []


def test_a_cut_file_is_refused_or_gives_the_words_before_the_cut(sample, read, rng):
    content = sample.text.encode()
    words, *_ = read(content)
    for length in rng.sample(range(len(content)), min(CUT, len(content))):
        kept = content[:length]
        found = read(kept)
        if found is None:
            continue
        few, _, notes = found
        if sample.has_end:
            assert few == words
            assert not content[length:].strip()
        elif any(UNENDED in note for note in notes):
            assert few[:-1] == words[: max(len(few) - 1, 0)]
            assert not kept.endswith(b"\n")
        else:
            assert few == words[: len(few)]
            assert kept.endswith(b"\n") or sample.line_has_end


def test_a_changed_byte_changes_what_it_says_and_no_more(sample, read, rng):
    content = sample.text.encode()
    words, phones, _ = read(content)
    for _ in range(CHANGED):
        place = rng.randrange(len(content))
        changed = bytearray(content)
        changed[place] = rng.choice(LIKELY) if rng.random() < 0.5 else rng.randrange(256)
        found = read(bytes(changed))
        if found is None:
            continue
        other_words, other_phones, notes = found
        assert notes or len(other_words) >= len(words), bytes(changed)
        assert notes or (Counter(words) - Counter(other_words)).total() <= sample.shared
        assert (Counter(other_words) - Counter(words)).total() <= sample.shared, bytes(changed)
        assert (Counter(other_phones) - Counter(phones)).total() <= sample.shared


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030"]
)
def test_an_encoding_changes_nothing_or_is_noted_as_a_guess(sample, read, encoding, newline):
    words, phones, _ = read(sample.text.encode())
    found = read(sample.text.replace("\n", newline).encode(encoding))
    if encoding.startswith("utf"):
        assert found == (words, phones, [])
    elif found is not None:
        other_words, _, notes = found
        assert any("not UTF-8; read as" in note for note in notes)
        assert [each[:2] for each in other_words] == [each[:2] for each in words]
        plain = [each for each in words if each[2].isascii()]
        assert not Counter(plain) - Counter(other_words)


def test_any_damage_gives_an_alignment_or_an_alignment_error(sample, read, rng):
    content = sample.text.encode()
    for _ in range(ANY):
        damaged = bytearray(content)
        for _ in range(rng.choice((1, 1, 2, 5, 20))):
            start = rng.randrange(len(damaged) + 1)
            end = start + rng.choice((0, 1, rng.randrange(100)))
            source = rng.randrange(len(content))
            damaged[start:end] = rng.choice(
                (
                    b"",
                    rng.randbytes(rng.randrange(5)),
                    rng.choice(PIECES),
                    content[source : source + rng.randrange(200)],
                )
            )
        found = read(bytes(damaged))
        for start, end, label in [] if found is None else found[0] + found[1]:
            assert 0 <= start < end < 1e8
            assert label.encode()


@pytest.mark.parametrize("content", OTHER_CONTENTS.values(), ids=OTHER_CONTENTS)
def test_other_files_under_an_alignments_name_are_refused(read, content):
    assert read(content) is None
