import json

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from pipeline.errors import AlignmentError
from pipeline.time_axis import Interval


def tier(*entries, kind="interval"):
    return {"type": kind, "entries": list(entries)}


def layout(**tiers):
    return json.dumps({"start": 0, "end": 2.0, "tiers": tiers})


def test_words_and_phones_are_told_by_the_names_of_their_tiers(alignment):
    found = alignment(
        "a.json",
        layout(
            tones=tier([0.5, "H*"], kind="point"),
            words=tier([0, 0.5, "one"], [0.5, 1, ""]),
            phones=tier([0.0, 0.5, "W"]),
        ),
    )
    assert found.words == [Interval("one", 0.0, 0.5)]
    assert found.phones == [Interval("W", 0.0, 0.5)]
    assert found.notes == ()


def test_a_word_after_the_end_is_noted(alignment):
    found = alignment("a.json", layout(words=tier([1, 3, "late"])))
    assert found.notes == ("word 'late' at 1.0 s ends at 3.0 s, after its tier (2.0 s)",)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (tier([0, 1]), r"an array of 3 values at tiers\.words\.entries\[0\], found '\[0, 1\]'"),
        (tier([0, "1", "x"]), r"a number, not too large at tiers\.words\.entries\[0\]\[1\]"),
        (tier([0, 1, None]), r"a text at tiers\.words\.entries\[0\]\[2\], found 'None'"),
        (tier([1, 0, "x"]), "'x' from 1.0 to 0.0 s ends before it starts"),
        (tier(kind="other"), r"'interval' or 'point' at tiers\.words\.type"),
        ({"type": "interval"}, r"an object with the key 'entries' at tiers\.words"),
        ([], r"an object at tiers\.words"),
    ],
)
def test_damage_is_refused_with_its_place(alignment, words, reason):
    with pytest.raises(AlignmentError, match=reason):
        alignment("a.json", layout(words=words))


def test_a_key_that_stands_twice_is_refused(alignment):
    text = layout(words=tier([0, 1, "one"]))
    with pytest.raises(AlignmentError, match="the key 'end' stands twice"):
        alignment("a.json", text.replace('"start"', '"end"'))


def test_cut_anywhere_it_is_never_read(alignment):
    text = layout(words=tier([0, 1, "one"]))
    for length in range(len(text)):
        with pytest.raises(AlignmentError):
            alignment("a.json", text[:length])


times = st.floats(0, 1e6)
rows = st.tuples(
    times, times, st.text(st.characters(exclude_categories=["Cs"])).map(lambda label: f"x{label}x")
)


@given(st.lists(rows.filter(lambda row: row[0] != row[1])), st.booleans())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_words_are_read_as_they_were_written(alignment, words, ascii_only):
    words = [(min(a, b), max(a, b), label) for a, b, label in words]
    content = {"start": 0, "end": 1e6, "tiers": {"words": tier(*words)}}
    found = alignment("a.json", json.dumps(content, ensure_ascii=ascii_only)).words
    assert sorted((each.start, each.end, each.label) for each in found) == sorted(words)
