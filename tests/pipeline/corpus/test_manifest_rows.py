import csv
import io
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.corpus.manifest_rows import read_rows
from pipeline.errors import CorpusError

ROW = {"audio": "a.wav", "transcript": "one"}
# Cells are stripped, and text files have no surrogates.
CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8).map(
    str.strip
)


@pytest.fixture
def read(tmp_path):
    """Return a function that reads a manifest: its rows with their lines, and its problems."""

    def read_content(content, suffix=".csv"):
        path = tmp_path / f"manifest{suffix}"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        problems = []
        rows = list(read_rows(path, problems))
        assert all(problem.file == path for problem in problems)
        return rows, [(problem.line, problem.reason) for problem in problems]

    return read_content


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".CSV"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_table_may_come_from_any_spreadsheet(read, suffix, delimiter, end, encoding):
    lines = [["Audio ", "TRANSCRIPT", "note"], ["a.wav", "é", ""], ["b.wav", "", "x"]]
    text = "".join(delimiter.join(cells) + end for cells in lines)
    rows, problems = read(text.encode(encoding), suffix)
    assert problems == []
    assert rows == [
        (2, {"audio": "a.wav", "transcript": "é"}),
        (3, {"audio": "b.wav", "note": "x"}),
    ]


def test_a_semicolon_table_may_have_commas_in_its_texts(read):
    assert read("audio;transcript\na.wav;one, two\n") == (
        [(2, {"audio": "a.wav", "transcript": "one, two"})],
        [],
    )


@given(rows=st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=5))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_the_csv_module_writes_is_read_again(read, rows):
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerows([("audio", "transcript", "note"), *rows])
    names = ("audio", "transcript", "note")
    expected = [
        {name: cell for name, cell in zip(names, row, strict=True) if cell}
        for row in rows
        if any(row)
    ]
    found, problems = read(file.getvalue())
    assert ([row for _, row in found], problems) == (expected, [])


def test_a_quoted_text_may_hold_commas_quotes_and_new_lines(read):
    content = 'audio,transcript\na.wav,"one, ""two""\nthree"\n\nb.wav,four\n'
    rows, problems = read(content)
    assert problems == []
    assert rows == [
        (2, {"audio": "a.wav", "transcript": 'one, "two"\nthree'}),
        (5, {"audio": "b.wav", "transcript": "four"}),
    ]


def test_rows_after_a_quoted_new_line_are_found_where_an_editor_shows_them(read):
    _, problems = read('audio,transcript\na.wav,"one\ntwo"\nb.wav,three,four\n')
    assert [line for line, _ in problems] == [4]


def test_a_text_with_a_comma_that_is_not_quoted_is_not_cut(read):
    rows, problems = read("audio,transcript\na.wav,one, two\nb.wav,three\n")
    assert rows == [(3, {"audio": "b.wav", "transcript": "three"})]
    reason = "expected 2 cells, found 3; put a text that holds ',' into quotation marks"
    assert problems == [(2, reason)]


def test_empty_cells_at_the_end_of_a_row_may_be_too_many_or_too_few(read):
    rows, problems = read("audio,transcript,,\na.wav,one,,,\nb.wav\n,,\n")
    assert problems == []
    assert rows == [(2, ROW), (3, {"audio": "b.wav"})]


@pytest.mark.parametrize("damage", ['"one', '"one" two', '"one\nc.wav,"two"'])
def test_nothing_after_a_damaged_row_is_taken_for_rows(read, damage):
    rows, problems = read(f"audio,transcript\na.wav,one\nb.wav,{damage}\nd.wav,four\n")
    assert rows == [(2, ROW)]
    ((line, reason),) = problems
    assert line == 3
    assert reason.endswith("nothing after it is read")


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("", "none"),
        ("\n\n", "none"),
        ("a.wav,one\n", "a.wav, one"),
        ("sound;words\n", "sound, words"),
        ("transcript\none\n", "transcript"),
    ],
)
def test_without_a_column_of_recordings_the_columns_found_are_named(read, content, found):
    message = rf"manifest\.csv: expected the columns audio and transcript, found {found}; name"
    with pytest.raises(CorpusError, match=message):
        read(content)


@pytest.mark.parametrize("header", ["path,text", "file,sentence", "audio_filepath,transcript"])
def test_columns_may_be_named_as_others_name_them(read, header):
    assert read(f"{header}\na.wav,one\n") == ([(2, ROW)], [])


def test_what_has_its_own_column_leaves_another_name_as_it_is(read):
    rows, _ = read("audio,transcript,text,path\na.wav,one,1,/x\n")
    assert rows == [(2, {**ROW, "text": "1", "path": "/x"})]


@pytest.mark.parametrize("header", ["audio,Audio", "file,path", "audio,text,sentence"])
def test_which_of_two_columns_is_meant_is_not_guessed(read, header):
    with pytest.raises(CorpusError, match=r"several columns mean (audio|transcript); keep one"):
        read(f"{header}\na.wav,b.wav,c\n")


@given(st.dictionaries(CELLS.map(lambda name: f"x{name.casefold()}".strip()), CELLS, max_size=3))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_the_json_module_writes_is_read_again(read, metadata):
    row = {"audio": "a.wav"} | metadata
    for ascii_only in (True, False):
        ((line, found),), problems = read(json.dumps(row, ensure_ascii=ascii_only), ".jsonl")
        assert (line, problems) == (1, [])
        assert found == {name: cell for name, cell in row.items() if cell}


def test_values_of_json_that_are_no_texts_are_written_as_json(read):
    line = json.dumps({"audio": "a.wav", "start": 0.5, "x": {"é": [1]}, "y": None, "z": True})
    assert read(line, ".jsonl") == (
        [(1, {"audio": "a.wav", "start": "0.5", "x": '{"é": [1]}', "z": "true"})],
        [],
    )


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[1]",
        "3",
        "null",
        '"a.wav"',
        "a.wav,one",
        '{"audio": "\\ud83d"}',
        '{"audio": "a", "Audio": "b"}',
        "[" * 100_000,
    ],
)
def test_a_broken_line_costs_itself_alone(read, line):
    rows, problems = read(
        f'{{"audio": "a.wav", "text": "one"}}\n{line}\n\n{{"audio": "b"}}', ".jsonl"
    )
    assert rows == [(1, ROW), (4, {"audio": "b"})]
    ((number, reason),) = problems
    assert number == 2
    assert reason.startswith(f"expected a JSON object, found {line[:40]!r}")


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".jsonl"])
def test_what_is_no_text_is_refused(read, suffix):
    with pytest.raises(CorpusError, match="save the file as UTF-8"):
        read(b"\x00\xff\x00\x81", suffix)
