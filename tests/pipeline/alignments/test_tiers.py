from pathlib import Path

import pytest

from pipeline.alignments.alignment import Mark, Tier
from pipeline.alignments.source import Source
from pipeline.alignments.tiers import alignment_from_tiers
from pipeline.errors import AlignmentError

SOURCE = Source(Path("a.TextGrid"), "")


def tier(name, *marks, kind="interval"):
    marks = (Mark(float(start), float(end), label) for start, end, label in marks)
    return Tier(kind, name, 0.0, 10.0, tuple(marks))


def labels(intervals):
    return [interval.label for interval in intervals]


@pytest.mark.parametrize("name", ["words", "word", "Words", " WORDS "])
def test_the_tier_named_words_is_read_wherever_it_stands(name):
    tiers = [tier("A - words", (0, 1, "no")), tier(name, (0, 1, "yes")), tier("phones")]
    assert labels(alignment_from_tiers(SOURCE, tiers).words) == ["yes"]


def test_else_a_tier_whose_name_ends_so():
    tiers = [tier("A - phones", (0, 1, "AH0")), tier("A - words", (0, 1, "a"))]
    alignment = alignment_from_tiers(SOURCE, tiers)
    assert (labels(alignment.words), labels(alignment.phones)) == (["a"], ["AH0"])
    assert alignment.notes == ()


def test_the_first_of_several_word_tiers_is_read_and_the_choice_is_noted():
    tiers = [tier("A - words", (0, 1, "a")), tier("B - words", (0, 1, "b"))]
    alignment = alignment_from_tiers(SOURCE, tiers)
    assert labels(alignment.words) == ["a"]
    assert alignment.notes == ("2 word tiers; reading 'A - words'",)


@pytest.mark.parametrize(
    ("tiers", "found"),
    [
        ([], "no tiers"),
        ([tier("ORT"), tier("words", kind="point")], r"'ORT' \(intervals\), 'words' \(points\)"),
    ],
)
def test_without_a_word_tier_it_says_which_tiers_there_are(tiers, found):
    with pytest.raises(AlignmentError, match=f"found {found}. Name the word tier 'words'"):
        alignment_from_tiers(SOURCE, tiers)


def test_phones_may_be_missing():
    assert alignment_from_tiers(SOURCE, [tier("words", (0, 1, "a"))]).phones == []


def test_notes_come_from_the_file_and_then_from_the_tiers():
    tiers = [tier("phones", (1, 1, "AH0")), tier("words", (0, 1, "<unk>"))]
    assert alignment_from_tiers(SOURCE, tiers, ["cut"]).notes == (
        "cut",
        "word '<unk>' at 0.0 s stands for one that the aligner did not know",
        "phone 'AH0' at 1.0 s has no duration and is left out",
    )


@pytest.mark.parametrize("name", ["confidence", " Confidence"])
def test_a_tier_of_confidences_tells_how_sure_the_aligner_is_of_each_word(name):
    words = tier("words", (0, 1, "a"), (1, 2, ""), (2, 3, "b"), (3, 4, "c"))
    sure = tier(name, (3, 4, " 1 "), (0, 1, "0.25"), (1, 2, ""))
    alignment = alignment_from_tiers(SOURCE, [words, sure])
    assert [word.confidence for word in alignment.words] == [0.25, None, 1.0]
    assert alignment.notes == ()


def test_confidences_that_are_none_are_noted():
    words = tier("words", (0, 1, "a"), (1, 2, "b"), (2, 3, "c"))
    sure = tier("confidence", (0, 1, "1.5"), (1, 2, "high"), (2, 3.5, "0.5"))
    alignment = alignment_from_tiers(SOURCE, [words, sure])
    assert [word.confidence for word in alignment.words] == [None, None, None]
    assert alignment.notes == (
        "1 intervals of the tier 'confidence' have no word's times",
        "word 'a' at 0.0 s has the confidence '1.5'; expected a number from 0 to 1",
        "word 'b' at 1.0 s has the confidence 'high'; expected a number from 0 to 1",
    )
