from pipeline.alignments.alignment import SILENCES, UNKNOWN


def test_silences_and_unknown_words_are_listed_as_they_are_compared():
    assert {label.strip().casefold() for label in SILENCES} == SILENCES
    assert {label.strip().casefold() for label in UNKNOWN} == UNKNOWN
    assert not SILENCES & UNKNOWN
