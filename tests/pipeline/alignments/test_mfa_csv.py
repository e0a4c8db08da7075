import csv
import io

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from pipeline.errors import AlignmentError
from pipeline.time_axis import Interval

HEADER = "Begin,End,Label,Type,Speaker\n"
TABLE = HEADER + "0.0,0.5,one,words,LJ\n0.5,1.0,,words,LJ\n0.0,0.5,W,phones,LJ\n"


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_words_and_phones_are_told_by_their_type(alignment, newline):
    found = alignment("a.csv", TABLE.replace("\n", newline))
    assert found.words == [Interval("one", 0.0, 0.5)]
    assert found.phones == [Interval("W", 0.0, 0.5)]
    assert found.notes == ()


def test_the_first_of_several_speakers_is_read_and_a_note_says_so(alignment):
    found = alignment("a.csv", TABLE + "0.5,1.0,two,words,KY\n0.5,1,T,phones,KY\n")
    assert [word.label for word in found.words] == ["one"]
    assert found.notes == (
        "2 word tiers; reading 'LJ - words'",
        "2 phone tiers; reading 'LJ - phones'",
    )


def test_rows_of_another_type_are_noted(alignment):
    found = alignment("a.csv", TABLE + "0.0,1.0,one two,utterances,LJ\n")
    assert found.notes == ("rows of the type 'utterances' are left out",)


def test_a_last_line_that_does_not_end_is_noted(alignment):
    found = alignment("a.csv", TABLE.rstrip("\n"))
    assert found.notes == ("line 4: the last line does not end; is the file cut?",)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("0.5,0.7,cut", "expected 5 fields, found 3 fields: '0.5,0.7,cut'"),
        ("0,5,0,7,comma,words,LJ", "expected 5 fields, found 7 fields"),
        ('"0,5","0,7",comma,words,LJ', "found '0,5'; write numbers with a decimal point"),
        ("nan,0.7,never,words,LJ", "the begin in seconds, a number, found 'nan'"),
        ("0.5,inf,never,words,LJ", "the end in seconds, a number, found 'inf'"),
        ("0.7,0.5,back,words,LJ", "'back' from 0.7 to 0.5 s ends before it starts"),
        ('0.5,0.7,"open,words,LJ', "no valid CSV .unexpected end of data.; is the file cut"),
        (f"0.5,0.7,{'x' * 200_000},words,LJ", "no valid CSV .field larger than"),
    ],
)
def test_damage_is_refused_with_its_line(alignment, line, reason):
    with pytest.raises(AlignmentError, match=reason) as caught:
        alignment("a.csv", f"{TABLE}{line}\n")
    assert caught.value.line == 5


def test_lines_are_counted_over_labels_that_hold_line_ends(alignment):
    with pytest.raises(AlignmentError) as caught:
        alignment("a.csv", TABLE + '1,2,"two\n\nlines",words,LJ\n\n3,nan,x,words,LJ\n')
    assert caught.value.line == 9


@pytest.mark.parametrize(
    "content", ["Begin;End;Label;Type;Speaker\n", "<html>\n", "id,text\n1,one\n", '"cut']
)
def test_other_tables_are_refused(alignment, content):
    with pytest.raises(AlignmentError, match=r"line 1: (expected the columns|no valid CSV)"):
        alignment("a.csv", content)


def test_a_table_without_words_is_refused(alignment):
    with pytest.raises(AlignmentError, match="no tier of word intervals; found no tiers"):
        alignment("a.csv", HEADER)


# Not as silences are written; and a lone carriage return is a line end like any other.
labels = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\r\0"), max_size=8
).map(lambda label: f"x{label}x")
rows = st.tuples(st.floats(0, 1e6), st.floats(0, 1e6), labels).filter(lambda row: row[0] != row[1])


@given(words=st.lists(rows, min_size=1), phones=st.lists(rows))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_intervals_are_read_as_they_were_written(alignment, words, phones):
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(HEADER.strip().split(","))
    for kind, chosen in (("words", words), ("phones", phones)):
        for a, b, label in chosen:
            writer.writerow([min(a, b), max(a, b), label, kind, "LJ"])
    found = alignment("a.csv", written.getvalue())
    for intervals, chosen in ((found.words, words), (found.phones, phones)):
        expected = [(min(a, b), max(a, b), label) for a, b, label in chosen]
        assert sorted((each.start, each.end, each.label) for each in intervals) == sorted(expected)
