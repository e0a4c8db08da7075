from pathlib import Path

import pytest

from pipeline.alignments.alignment import SILENCES, Mark, Tier, alignment_from_tiers
from pipeline.errors import AlignmentError
from pipeline.time_axis import Interval

PATH = Path("a.TextGrid")


def tier(name, *marks, kind="interval"):
    marks = (Mark(float(start), float(end), label) for start, end, label in marks)
    return Tier(kind, name, 0.0, 10.0, tuple(marks))


def labels(intervals):
    return [interval.label for interval in intervals]


@pytest.mark.parametrize("name", ["words", "word", "Words", " WORDS "])
def test_the_tier_named_words_is_read_wherever_it_stands(name):
    tiers = [tier("A - words", (0, 1, "no")), tier(name, (0, 1, "yes")), tier("phones")]
    assert labels(alignment_from_tiers(PATH, tiers).words) == ["yes"]


def test_else_a_tier_whose_name_ends_so():
    tiers = [tier("A - phones", (0, 1, "AH0")), tier("A - words", (0, 1, "a"))]
    alignment = alignment_from_tiers(PATH, tiers)
    assert (labels(alignment.words), labels(alignment.phones)) == (["a"], ["AH0"])


def test_the_first_of_several_word_tiers_is_read_and_the_choice_is_logged(caplog):
    tiers = [tier("A - words", (0, 1, "a")), tier("B - words", (0, 1, "b"))]
    assert labels(alignment_from_tiers(PATH, tiers).words) == ["a"]
    assert "2 word tiers; reading 'A - words'" in caplog.text


@pytest.mark.parametrize(
    ("tiers", "found"),
    [
        ([], "no tiers"),
        ([tier("ORT"), tier("words", kind="point")], r"'ORT' \(intervals\), 'words' \(points\)"),
    ],
)
def test_without_a_word_tier_it_says_which_tiers_there_are(tiers, found):
    with pytest.raises(AlignmentError, match=f"found {found}. Name the word tier 'words'"):
        alignment_from_tiers(PATH, tiers)


def test_phones_may_be_missing():
    assert alignment_from_tiers(PATH, [tier("words", (0, 1, "a"))]).phones == []


@pytest.mark.parametrize("silence", ["", "  ", "SIL", "sp", "<eps>", "{SL}", "[noise]", " spn "])
def test_silences_are_no_words_and_no_phones(silence):
    tiers = [
        tier("words", (0, 1, silence), (1, 2, "<unk>")),
        tier("phones", (0, 1, silence), (1, 2, "AH0")),
    ]
    alignment = alignment_from_tiers(PATH, tiers)
    assert alignment.words == [Interval("<unk>", 1.0, 2.0)]
    assert alignment.phones == [Interval("AH0", 1.0, 2.0)]


def test_silences_are_listed_as_they_are_compared():
    assert {label.strip().casefold() for label in SILENCES} == SILENCES


def test_words_come_in_the_order_of_time_without_blanks_around():
    words = tier("words", (2, 3, " two\n"), (0, 1, "one"))
    assert alignment_from_tiers(PATH, [words]).words == [
        Interval("one", 0.0, 1.0),
        Interval("two", 2.0, 3.0),
    ]


@pytest.mark.parametrize(
    ("mark", "kept", "message"),
    [
        ((1.0, 1.0, "a"), [], "'a' at 1.0 s has no duration and is left out"),
        ((-2.0, -1.0, "a"), [], "'a' starts at -2.0 s, before the recording"),
        ((-2.0, 1.0, "a"), [Interval("a", 0.0, 1.0)], "'a' starts at -2.0 s, before the recording"),
        ((1.0, 11.0, "a"), [Interval("a", 1.0, 11.0)], "'a' ends at 11.0 s, after its tier"),
        ((4.5, 6.0, "a"), [Interval("a", 4.5, 6.0)], "'a' and 'b' overlap at 5.0 s"),
    ],
)
def test_what_cannot_be_heard_is_left_out_and_what_is_odd_is_logged(mark, kept, message, caplog):
    alignment = alignment_from_tiers(PATH, [tier("words", mark, (5.0, 7.0, "b"))])
    assert alignment.words == [*kept, Interval("b", 5.0, 7.0)]
    assert message in caplog.text


def test_an_overlap_by_rounding_is_not_worth_a_word(caplog):
    alignment_from_tiers(PATH, [tier("words", (0.0, 1.0000001, "a"), (1.0, 2.0, "b"))])
    assert not caplog.records
