from xml.sax.saxutils import escape

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from pipeline.errors import AlignmentError
from pipeline.time_axis import Interval


def document(*, slots, **tiers):
    """Return an ELAN file; an annotation is (name, label, slot, slot) or (name, label, parent)."""
    times = "".join(
        f'<TIME_SLOT TIME_SLOT_ID="{name}"'
        + ("/>" if value is None else f' TIME_VALUE="{value}"/>')
        for name, value in slots.items()
    )
    rows = "".join(
        f'<TIER TIER_ID="{name}">{"".join(annotation(*each) for each in tier)}</TIER>'
        for name, tier in tiers.items()
    )
    return f"<ANNOTATION_DOCUMENT><TIME_ORDER>{times}</TIME_ORDER>{rows}</ANNOTATION_DOCUMENT>\n"


def annotation(name, label, *where):
    value = f"<ANNOTATION_VALUE>{escape(label)}</ANNOTATION_VALUE>"
    if len(where) == 1:
        tag, place = "REF_ANNOTATION", f'ANNOTATION_REF="{where[0]}"'
    else:
        tag = "ALIGNABLE_ANNOTATION"
        place = f'TIME_SLOT_REF1="{where[0]}" TIME_SLOT_REF2="{where[1]}"'
    return f'<ANNOTATION><{tag} ANNOTATION_ID="{name}" {place}>{value}</{tag}></ANNOTATION>'


SLOTS = {"t1": 0, "t2": 500, "t3": 900, "t4": None}
SPOKEN = [("a1", "s1", "t1", "t2"), ("a2", "s2", "t2", "t3")]


def test_words_and_phones_have_the_times_of_their_slots(alignment):
    content = document(slots=SLOTS, phones=[("a3", "W", "t1", "t2")], words=SPOKEN)
    found = alignment("a.eaf", content)
    assert found.words == [Interval("s1", 0.0, 0.5), Interval("s2", 0.5, 0.9)]
    assert found.phones == [Interval("W", 0.0, 0.5)]
    assert found.notes == ()


def test_references_have_the_times_of_what_they_refer_to(alignment):
    middle = [("b1", "-", "a2"), ("b2", "-", "a1")]
    words = [("c1", "two", "b1"), ("c2", "one", "b2")]
    found = alignment("a.eaf", document(slots=SLOTS, words=words, middle=middle, spoken=SPOKEN))
    assert found.words == [Interval("one", 0.0, 0.5), Interval("two", 0.5, 0.9)]
    assert found.notes == ()


def test_parts_of_an_annotation_have_no_times_and_are_noted(alignment):
    words = [("c1", "one", "a1"), ("c2", "half", "a2"), ("c3", "half", "a2"), ("c4", " ", "a2")]
    found = alignment("a.eaf", document(slots=SLOTS, spoken=SPOKEN, words=words))
    assert found.words == [Interval("one", 0.0, 0.5)]
    assert found.notes == (
        "annotation c2, 'half', has no times and is left out",
        "annotation c3, 'half', has no times and is left out",
    )


def test_the_parts_of_another_tier_are_none_of_these(alignment):
    others = [("c1", "x", "a1"), ("c2", "y", "a1")]
    content = document(slots=SLOTS, spoken=SPOKEN, words=[("d1", "one", "a1")], others=others)
    found = alignment("a.eaf", content)
    assert found.words == [Interval("one", 0.0, 0.5)]
    assert found.notes == ()


def test_an_annotation_between_times_that_nobody_knows_is_noted(alignment):
    words = [("a1", "one", "t1", "t2"), ("a2", "two", "t3", "t4")]
    found = alignment("a.eaf", document(slots=SLOTS, words=words))
    assert found.words == [Interval("one", 0.0, 0.5)]
    assert found.notes == ("annotation a2, 'two', has no times and is left out",)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ([("a1", "one", "t2", "t1")], "'one' from 0.5 to 0.0 s ends before it starts"),
        ([("a1", "one", "a9")], "there is no annotation 'a9' to refer to"),
        ([("a1", "one", "a2"), ("a2", "two", "a1")], "refer to each other in a circle"),
        ([("a1", "one", "a1")], "refer to each other in a circle"),
    ],
)
def test_impossible_times_are_refused(alignment, words, reason):
    with pytest.raises(AlignmentError, match=reason):
        alignment("a.eaf", document(slots=SLOTS, words=words))


labels = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=8
).map("x{}x".format)
rows = st.tuples(st.integers(0, 10**8), st.integers(1, 10**6), labels)


@given(st.lists(rows), st.booleans())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_words_are_read_as_they_were_written(alignment, words, by_reference):
    slots, spoken = {}, []
    for index, (start, length, label) in enumerate(words):
        slots |= {f"s{index}": start, f"e{index}": start + length}
        spoken.append((f"a{index}", label, f"s{index}", f"e{index}"))
    references = [(f"r{name}", label, name) for name, label, *_ in spoken]
    tiers = {"spoken": spoken, "words": references} if by_reference else {"words": spoken}
    found = alignment("a.eaf", document(slots=slots, **tiers)).words
    expected = [(start / 1000, (start + length) / 1000, label) for start, length, label in words]
    assert sorted((each.start, each.end, each.label) for each in found) == sorted(expected)
