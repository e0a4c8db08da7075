from pathlib import Path

import pytest

from pipeline.alignments.json_node import Node
from pipeline.alignments.source import Source
from pipeline.errors import AlignmentError


def root(text):
    return Node.root(Source(Path("a.json"), text))


def test_values_are_found_by_keys_and_positions():
    node = root('{"a": {"b": [1, 2.5, "x"]}}')
    assert "a" in node
    assert "b" not in node
    whole, number, text = node["a"]["b"].elements(count=3)
    assert (whole.whole_number(), whole.number(), number.number(), text.text()) == (
        1,
        1.0,
        2.5,
        "x",
    )
    assert text.place == "a.b[2]"
    assert list(node["a"].members()) == ["b"]


@pytest.mark.parametrize(
    ("text", "look", "message"),
    [
        ("[]", lambda node: node["a"], r"an object at the top, found '\[\]'"),
        ('{"b": 1}', lambda node: node["a"], "an object with the key 'a' at the top, found"),
        ('{"a": 1}', lambda node: node["a"]["b"], "an object at a, found '1'"),
        ('{"a": {}}', lambda node: node["a"].elements(), r"an array at a, found '{}'"),
        ("[1]", lambda node: node.elements(count=2), "an array of 2 values at the top"),
        ("[1]", lambda node: node.elements()[0].text(), r"a text at \[0\], found '1'"),
        ('["1"]', lambda node: node.elements()[0].number(), r"a number, not too large at \[0\]"),
        ("[true]", lambda node: node.elements()[0].number(), "a number"),
        ("[null]", lambda node: node.elements()[0].number(), "a number"),
        ("[1e999]", lambda node: node.elements()[0].number(), "not too large"),
        (f"[1{'0' * 400}]", lambda node: node.elements()[0].number(), "not too large"),
        ("[1.0]", lambda node: node.elements()[0].whole_number(), "a whole number from 0 on"),
        ("[-1]", lambda node: node.elements()[0].whole_number(), "a whole number from 0 on"),
        ("[true]", lambda node: node.elements()[0].whole_number(), "a whole number from 0 on"),
    ],
)
def test_what_is_missing_or_of_another_type_is_refused_with_its_place(text, look, message):
    with pytest.raises(AlignmentError, match=message):
        look(root(text))


def test_nothing_is_in_what_is_no_object():
    assert "a" not in root('["a"]')
