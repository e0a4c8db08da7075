import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from pipeline.errors import AlignmentError
from pipeline.time_axis import Interval


def test_labels_are_words_and_frequencies_are_passed_over(alignment):
    content = "0.0\t0.5\tone\n\\\t100.0\t5000.0\n0.5\t1.0\n1.0\t1.5\ttwo words\n"
    found = alignment("a.txt", content)
    assert found.words == [Interval("one", 0.0, 0.5), Interval("two words", 1.0, 1.5)]
    assert found.notes == ()


def test_a_point_has_no_duration_and_is_noted(alignment):
    found = alignment("a.txt", "0.5\t0.5\tclick\n")
    assert found.words == []
    assert found.notes == ("line 1: word 'click' at 0.5 s has no duration and is left out",)


def test_a_last_line_that_does_not_end_is_noted(alignment):
    found = alignment("a.txt", "0.0\t0.5\tone\n0.5\t0.9")
    assert [word.label for word in found.words] == ["one"]
    assert found.notes == ("line 2: the last line does not end; is the file cut?",)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("0.5", "expected START, END and LABEL between tabs, found '0.5'"),
        ("0.5\t0.7\ttwo\t0.7\t0.9\tthree", "expected START, END and LABEL between tabs"),
        ("0,5\t0.7\tcomma", "found '0,5'; write numbers with a decimal point"),
        ("0.5\tnan\tnever", "the end in seconds, a number, found 'nan'"),
        ("0.7\t0.5\tback", "'back' from 0.7 to 0.5 s ends before it starts"),
        ("\\\t100.0", r"expected two frequencies, found '\\\\ 100.0'"),
        ("\\\t100.0\thigh", "a frequency in Hz, a number, found 'high'"),
    ],
)
def test_damage_is_refused_with_its_line(alignment, line, reason):
    with pytest.raises(AlignmentError, match=reason) as caught:
        alignment("a.txt", f"0.0\t0.5\tone\n\n{line}\n")
    assert caught.value.line == 3


labels = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\t\0"), max_size=8
).map(lambda label: f"x{label}x")
rows = st.tuples(st.integers(0, 10**7), st.integers(1, 10**6), labels, st.booleans())


@given(st.lists(rows, min_size=1))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_words_are_read_as_they_were_written(alignment, words):
    content = "".join(
        f"{start / 1e6:.6f}\t{(start + length) / 1e6:.6f}\t{label}\n"
        + ("\\\t80.000000\t8000.000000\n" if spectral else "")
        for start, length, label, spectral in words
    )
    found = alignment("a.txt", content).words
    expected = [(start / 1e6, (start + length) / 1e6, label) for start, length, label, _ in words]
    assert sorted((each.start, each.end, each.label) for each in found) == sorted(expected)
