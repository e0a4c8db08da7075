import json

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from pipeline.errors import AlignmentError
from pipeline.time_axis import Interval


def transcript(*segments, **others):
    return json.dumps({"segments": [{"words": words} for words in segments], **others})


ONE = {"word": " one", "start": 0, "end": 0.5, "score": 0.25}


def test_the_words_of_all_segments_are_read_with_their_scores(alignment):
    two = {"word": "two", "start": 1.0, "end": 1.5, "probability": 1, "speaker": "A"}
    three = {"word": "three", "start": 2.0, "end": 2.5}
    found = alignment(
        "a.json", transcript([ONE], [], [two, three], word_segments=[], language="en")
    )
    assert found.words == [
        Interval("one", 0.0, 0.5),
        Interval("two", 1.0, 1.5),
        Interval("three", 2.0, 2.5),
    ]
    assert [word.confidence for word in found.words] == [0.25, 1.0, None]
    assert (found.phones, found.notes) == ([], ())


@pytest.mark.parametrize("times", [{}, {"start": 1.0}, {"end": 1.0}, {"score": 0.5}])
def test_a_word_without_times_is_a_note_and_no_word(alignment, times):
    found = alignment("a.json", transcript([ONE, {"word": "2014,", **times}]))
    assert [word.label for word in found.words] == ["one"]
    assert found.notes == ("segments[0].words[1]: word '2014,' has no times and is left out",)


def test_a_score_that_is_none_is_noted(alignment):
    found = alignment("a.json", transcript([{**ONE, "score": 1.5}]))
    assert found.words[0].confidence is None
    assert "has the confidence 1.5; expected a number from 0 to 1" in found.notes[0]


def test_where_nobody_speaks_there_are_no_words(alignment):
    assert alignment("a.json", transcript()).words == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"segments": [{"text": "one"}]}', r"the key 'words' at segments\[0\]"),
        (transcript([{"start": 0, "end": 1}]), r"the key 'word' at segments\[0\]\.words\[0\]"),
        (transcript([{"start": 0}]), r"the key 'word' at segments\[0\]\.words\[0\]"),
        (transcript([{**ONE, "start": "0"}]), r"a number, not too large at .*start"),
        (transcript([{**ONE, "score": None}]), r"a number, not too large at .*score"),
        (transcript([{**ONE, "start": 1}]), "'one' from 1.0 to 0.5 s ends before it starts"),
        ('{"segments": 1}', "an array at segments"),
        (transcript([ONE])[:-1], "no valid JSON"),
    ],
)
def test_damage_is_refused_with_its_place(alignment, text, reason):
    with pytest.raises(AlignmentError, match=reason):
        alignment("a.json", text)


times = st.integers(0, 10**6)
words = st.tuples(st.text("abc", min_size=1), times, st.integers(1, 1000), st.floats(0, 1))


@given(st.lists(st.lists(words)))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_words_are_read_as_they_were_written(alignment, segments):
    written = [
        [
            {"word": word, "start": start / 1000, "end": (start + length) / 1000, "score": score}
            for word, start, length, score in segment
        ]
        for segment in segments
    ]
    found = alignment("a.json", transcript(*written)).words
    expected = [tuple(word.values()) for segment in written for word in segment]
    read = [(each.label, each.start, each.end, each.confidence) for each in found]
    assert sorted(read) == sorted(expected)
