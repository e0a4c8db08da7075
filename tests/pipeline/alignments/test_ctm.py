import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from pipeline.errors import AlignmentError
from pipeline.time_axis import Interval

labels = st.text(st.characters(exclude_categories=["Z", "C"]), min_size=1, max_size=8).filter(
    lambda label: not label.isspace()
)
milliseconds = st.integers(0, 10**6)


def test_words_end_exactly_where_the_next_start(recordings):
    found = recordings("a.ctm", "x 1 0.1 0.2 one\nx 1 0.3 1e-1 two\n")
    assert found["x"].words == [Interval("one", 0.1, 0.3), Interval("two", 0.3, 0.4)]


def test_comments_blanks_tabs_and_silences_are_no_words(recordings):
    content = ";; a 1 0 1 no\n\n  a\t1 0\t1  one \r\na 1 1 1 <eps>\n;;"
    assert recordings("a.ctm", content)["a"].words == [Interval("one", 0.0, 1.0)]


@pytest.mark.parametrize(
    ("rest", "confidence", "noted"),
    [
        ("", None, False),
        (" 0.25", 0.25, False),
        (" NA", None, False),
        (" 1 lex spk1", 1.0, False),
        (" 1.5", None, True),
        (" -1", None, True),
        (" nan", None, True),
    ],
)
def test_confidences_are_read_where_they_are_numbers_from_0_to_1(
    recordings, rest, confidence, noted
):
    found = recordings("a.ctm", f"a 1 0 1 one{rest}\n")["a"]
    assert [word.confidence for word in found.words] == [confidence]
    assert bool(found.notes) == noted


def test_two_channels_of_a_recording_are_two_recordings(recordings):
    found = recordings("a.ctm", "a A 0 2 one\na B 1 2 two\nb A 0 1 three\n")
    assert {name: [word.label for word in each.words] for name, each in found.items()} == {
        "a-A": ["one"],
        "a-B": ["two"],
        "b": ["three"],
    }
    assert not any(each.notes for each in found.values())


def test_a_last_line_that_does_not_end_is_noted_where_it_belongs(recordings):
    found = recordings("a.ctm", "a 1 0 1 one\nb 1 0 1 two\na 1 1 1 thr")
    assert found["b"].notes == ()
    assert found["a"].notes == ("line 3: the last line does not end; is the file cut?",)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("a 1 0.5 cut", "found 4 fields: 'a 1 0.5 cut'"),
        ("a 1 0.5 1 two words here", "found 7 fields"),
        ("a 1 0,5 1 comma", "the start in seconds, a number, found '0,5'; write numbers with"),
        ("a 1 nan 1 never", "found 'nan'"),
        ("a 1 0 inf never", "the duration in seconds, a number, found 'inf'"),
        ("a 1 0 1e999 never", "too large a number"),
        ("a 1 0 1e300 never", "are these seconds"),
        ("a 1 0 -1 back", "the duration -1 is negative"),
        ("a 1 * * <ALT_BEGIN>", r"found '\*'"),
        ("<!DOCTYPE html>", "found 2 fields"),
    ],
)
def test_damage_is_refused_with_its_line(recordings, line, reason):
    with pytest.raises(AlignmentError, match=reason) as caught:
        recordings("a.ctm", f";; comment\na 1 0 1 one\n{line}\n")
    assert caught.value.line == 3


def test_a_file_without_words_is_refused(recordings):
    with pytest.raises(AlignmentError, match="no words; expected 'RECORDING CHANNEL"):
        recordings("a.ctm", ";; nothing\n")


@given(st.lists(st.tuples(labels, milliseconds, st.integers(1, 1000), st.floats(0, 1)), min_size=1))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_words_are_read_as_they_were_written(recordings, words):
    lines = [
        f"a 1 {start / 1000:.3f} {duration / 1000:.3f} w{label} {confidence!r}\n"
        for label, start, duration, confidence in words
    ]
    expected = [
        (start / 1000, (start + duration) / 1000, f"w{label}", confidence)
        for label, start, duration, confidence in words
    ]
    found = recordings("a.ctm", "".join(lines))["a"].words
    read = [(each.start, each.end, each.label, each.confidence) for each in found]
    assert sorted(read) == sorted(expected)
