import json
from pathlib import Path

import pytest

from pipeline.alignments import Alignment, read_alignment, read_recordings
from pipeline.alignments.formats import FORMATS, SUFFIXES, is_alignment
from pipeline.errors import AlignmentError
from pipeline.time_axis import Interval

COLLECTION = Path(__file__).parents[3] / ".." / "shared" / "textgrids"
MANIFEST = COLLECTION / "other_manifest.json"
FILES = json.loads(MANIFEST.read_text(encoding="utf-8")) if MANIFEST.is_file() else []

TEXTGRID = '"ooTextFile" "TextGrid" 0 1 <exists> 1 "IntervalTier" "words" 0 1 1 0 1 "one"'
ONE = Alignment([Interval("one", 0.0, 1.0)], [])


def cases(expected):
    chosen = [each for each in FILES if each["expected"].startswith(expected)]
    if not chosen:
        return [pytest.param({}, marks=pytest.mark.skip(reason="needs the shared alignments"))]
    return [pytest.param(each, id=each["file"]) for each in chosen]


@pytest.mark.parametrize("case", cases("ok"))
def test_the_shared_files_are_read_as_expected(case):
    found = read_alignment(COLLECTION / case["file"])
    assert len(found.words) == case["n_words"]
    for word, (start, end, label) in (
        (found.words[0], case["first"]),
        (found.words[-1], case["last"]),
    ):
        assert (word.label, word.start, word.end) == (label, start, end)
    several = len(read_recordings(COLLECTION / case["file"])) > 1
    assert bool(found.notes) == ("warn" in case["expected"] or several)


@pytest.mark.parametrize("case", cases("malformed"))
def test_the_damaged_shared_files_are_refused_with_their_line(case):
    with pytest.raises(AlignmentError) as caught:
        read_alignment(COLLECTION / case["file"])
    assert caught.value.line is not None


def test_the_shared_files_are_of_every_kind():
    if not FILES:
        pytest.skip("needs the shared alignments")
    assert {Path(case["file"]).suffix for case in FILES} <= SUFFIXES
    assert len(FILES) == len(cases("ok")) + len(cases("malformed")) == 12


@pytest.mark.parametrize("name", ["a.TextGrid", "a.textgrid", "84-1.2.TEXTGRID"])
@pytest.mark.parametrize("as_given", [str, lambda path: path])
def test_the_extension_names_the_format_in_any_case(tmp_path, name, as_given):
    path = tmp_path / name
    path.write_text(TEXTGRID)
    assert read_alignment(as_given(path)) == ONE
    assert read_recordings(as_given(path)) == {path.stem: ONE}


def test_an_unknown_extension_is_refused_with_the_known_ones(tmp_path):
    with pytest.raises(AlignmentError, match=r"'.xyz'; expected .*\.textgrid .*\.ctm"):
        read_alignment(tmp_path / "a.xyz")


@pytest.mark.parametrize("content", ["Once upon a time\n", "\n \n", "<html>\n", '{"a": 1}\n'])
def test_unknown_content_of_a_shared_extension_is_refused_with_the_known_ones(tmp_path, content):
    path = tmp_path / "a.txt"
    path.write_text(content)
    with pytest.raises(AlignmentError, match=r"no known format; expected \.txt \(LibriSpeech"):
        read_alignment(path)


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    with pytest.raises(AlignmentError, match="No such file"):
        read_alignment(tmp_path / "a.TextGrid")
    (tmp_path / "b.TextGrid").mkdir()
    with pytest.raises(AlignmentError, match="Is a directory"):
        read_alignment(tmp_path / "b.TextGrid")


def test_every_extension_of_the_table_is_found_whatever_its_case():
    assert {known.suffix for known in FORMATS} == SUFFIXES
    assert all(suffix == suffix.casefold() and suffix[0] == "." for suffix in SUFFIXES)


@pytest.fixture
def two(tmp_path):
    path = tmp_path / "two.ctm"
    path.write_text("b 1 0 1 one\na 1 1 1 two 7\nb 1 2 1 three\na 1 0.5 0.5 four\n")
    return path


B = [Interval("one", 0.0, 1.0), Interval("three", 2.0, 3.0)]
A = [Interval("four", 0.5, 1.0), Interval("two", 1.0, 2.0)]


def test_several_recordings_are_read_one_after_the_other_and_a_note_says_so(two):
    assert list(read_recordings(two)) == ["b", "a"]
    found = read_alignment(two)
    assert found.words == B + A
    assert found.notes[0] == "2 recordings, one after the other, each with times of its own"
    assert found.notes[1].startswith("a: line 2: word 'two' at 1.0 s has the confidence '7'")


def test_one_of_several_recordings_is_read_by_its_name(two):
    assert read_alignment(two, recording="b") == Alignment(B, [])
    with pytest.raises(AlignmentError, match=r"no recording 'c' among the 2 of this file: b, a"):
        read_alignment(two, recording="c")


def test_what_is_odd_is_logged_by_the_one_and_left_to_the_caller_by_the_other(two, caplog):
    assert read_recordings(two)["a"].notes
    assert not caplog.records
    read_alignment(two, recording="a")
    assert [record.getMessage() for record in caplog.records] == [
        f"{two}: {read_recordings(two)['a'].notes[0]}"
    ]


def test_a_guessed_encoding_is_noted_for_every_recording(two):
    two.write_bytes("a 1 0 1 déjà\nb 1 0 1 vu\n".encode("latin-1"))
    for alignment in read_recordings(two).values():
        assert alignment.notes[0].startswith("not UTF-8; read as ")


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.TextGrid", "", True),
        ("a.txt", "0.0\t1.0\tone\n", True),
        ("a.txt", "one two three\n", False),
        ("a.json", '{"segments": []}', True),
        ("a.json", '{"text": "one"}', False),
        ("a.json", "{", False),
        ("a.lab", "one two\n", False),
    ],
)
def test_a_transcript_is_told_from_an_alignment(tmp_path, name, content, expected):
    (tmp_path / name).write_text(content)
    assert is_alignment(tmp_path / name) == expected
