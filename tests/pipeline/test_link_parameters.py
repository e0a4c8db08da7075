from urllib.parse import parse_qs, urlencode

from hypothesis import given
from hypothesis import strategies as st

from pipeline.link_parameters import as_parameters

PLAIN = st.text() | st.integers() | st.floats() | st.booleans() | st.none()


@given(st.dictionaries(st.text(), PLAIN | st.lists(PLAIN) | st.dictionaries(st.text(), PLAIN)))
def test_whatever_was_kept_becomes_what_a_link_can_hold(kept):
    parameters = as_parameters(kept)
    assert list(parameters) == list(kept)
    for value in parameters.values():
        assert isinstance(value, str) or all(isinstance(each, str) for each in value)


@given(st.dictionaries(st.text(min_size=1), st.text(min_size=1) | st.lists(st.text(), min_size=2)))
def test_what_a_link_holds_stays_as_it_is(told):
    assert as_parameters(told) == told
    back = parse_qs(urlencode(as_parameters(told), doseq=True), keep_blank_values=True)
    assert {name: of if len(of) > 1 else of[0] for name, of in back.items()} == told
