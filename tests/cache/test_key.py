import hashlib
import math
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cache import Key

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)
VALUES = st.recursive(
    SCALARS,
    lambda children: (
        st.lists(children, max_size=4) | st.dictionaries(st.text(), children, max_size=4)
    ),
    max_leaves=12,
)
INPUTS = st.dictionaries(st.text(), VALUES, max_size=5)


def rewritten(value):
    """Return the same value with every mapping's order reversed and tuples for lists."""
    if isinstance(value, dict):
        return {name: rewritten(value[name]) for name in reversed(value)}
    if isinstance(value, list):
        return tuple(rewritten(item) for item in value)
    return value


def test_the_digest_is_the_sha256_of_canonical_json():
    text = '["sum",3,{"a":[1,2.0,null],"b":{"c":true,"d":"\\u00e9"}}]'
    key = Key("sum", 3, {"b": {"d": "é", "c": True}, "a": (1, 2.0, None)})
    assert key.digest == hashlib.sha256(text.encode()).hexdigest()


@given(INPUTS)
def test_mapping_order_and_tuples_do_not_matter(inputs):
    key, same = Key("k", 1, inputs), Key("k", 1, rewritten(inputs))
    assert key == same
    assert hash(key) == hash(same)


@given(INPUTS, INPUTS)
def test_keys_are_equal_only_if_their_inputs_are_written_alike(a, b):
    def spelled(value):
        if isinstance(value, dict):
            return {name: spelled(item) for name, item in value.items()}
        return [spelled(item) for item in value] if isinstance(value, list) else repr(value)

    assert (Key("k", 1, a) == Key("k", 1, b)) == (spelled(a) == spelled(b))


def test_values_that_python_calls_equal_are_told_apart():
    values = [1, 1.0, "1", True, [1], [[1]], {"1": 1}, "true", None, "null", 0, False, "", [], {}]
    for a, b in combinations(values, 2):
        assert Key("k", 1, {"x": a}) != Key("k", 1, {"x": b}), (a, b)


def test_order_within_a_list_matters():
    assert Key("k", 1, {"x": [1, 2]}) != Key("k", 1, {"x": [2, 1]})


def test_kind_and_version_are_part_of_the_key():
    keys = {Key("a", 1, {}), Key("a", 2, {}), Key("b", 1, {}), Key("a", 1, {})}
    assert len(keys) == 3


def test_a_key_is_not_its_digest():
    key = Key("a", 1, {})
    assert key != key.digest


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_numbers_that_are_not_finite_are_refused(number):
    with pytest.raises(ValueError, match=r"^embedding key: .*its inputs are \{'deep': \["):
        _ = Key("embedding", 1, {"deep": [number]}).digest


@pytest.mark.parametrize("value", [object(), {1, 2}, b"bytes", 1j])
@pytest.mark.usefixtures("unchecked_types")
def test_values_that_json_cannot_say_are_refused(value):
    with pytest.raises(TypeError, match=r"^embedding key: .*its inputs are \{'deep': \["):
        _ = Key("embedding", 1, {"deep": [value]}).digest


@pytest.mark.parametrize("name", [1, 1.0, True, None])
def test_names_that_json_would_turn_into_text_are_refused(name):
    with pytest.raises(TypeError, match=r"sum key: the name .* is not text.*inputs are"):
        Key("sum", 1, {"a": [0, {name: 2}]}).digest  # noqa: B018 - asked for its error
