import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.alignments.strict_json import JsonError, parse_json

texts = st.text(st.characters(exclude_categories=["Cs"]))
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=10,
)


@given(values.filter(lambda value: "inf" not in repr(value)))
def test_json_is_read_as_it_was_written(value):
    assert parse_json(json.dumps(value)) == value


@given(values)
def test_cut_json_is_refused_unless_it_is_a_number(value):
    text = json.dumps({"a": value}, allow_nan=False) if "inf" not in repr(value) else '{"a": 1}'
    for length in range(len(text)):
        with pytest.raises(JsonError):
            parse_json(text[:length])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"a": 1, "b": 2, "a": 1}', "the key 'a' stands twice"),
        ('[{"x": {"b": 1, "b": 2}}]', "the key 'b' stands twice"),
        ("[NaN]", "found NaN, which is no number"),
        ("[-Infinity]", "found -Infinity"),
        ("1" * 5000, "a number cannot be read"),
        ("[" * 200_000, "nested too deeply"),
        ('{"a":' * 200_000, "nested too deeply"),
        (r'["\ud800"]', r"found '\\ud800', half of a character"),
        (r'{"\udc00": 1}', "half of a character"),
        ("", "no valid JSON"),
        ("<html>", "no valid JSON"),
    ],
)
def test_what_python_would_let_pass_is_refused(text, reason):
    with pytest.raises(JsonError, match=reason):
        parse_json(text)


def test_the_line_of_damage_is_named():
    with pytest.raises(JsonError) as caught:
        parse_json('{\n"a": 1,\n"b": ?}')
    assert caught.value.line == 3
