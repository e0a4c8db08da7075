import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import SettingsError
from pipeline.request import ComparisonRequest
from pipeline.request_text import LONGEST, request_of_text, request_text
from pipeline.settings import AlignmentSettings
from pipeline.similarity.row_selection import RowSelection
from pipeline.similarity.row_settings import RowSettings

NAMES = st.text(min_size=1, max_size=20)
SETTINGS = st.fixed_dictionaries(
    {"pooling": st.sampled_from(["mean", "max"]), "stride_ms": st.none() | st.floats(1, 100)}
)
SELECTIONS = st.fixed_dictionaries(
    {
        "first_occurrence": st.booleans(),
        "vocabulary": st.none() | st.lists(NAMES, min_size=1, max_size=3).map(tuple),
        "most_rows": st.none() | st.integers(1, 100),
    }
)
ROWS = st.fixed_dictionaries(
    {
        "where": st.lists(st.tuples(NAMES, NAMES), max_size=2).map(tuple),
        "controls": st.sampled_from([(), ("mel",), ("duration", "speaker")]),
        "values": st.sampled_from(["tokens", "type means"]),
    }
)


@given(
    st.lists(NAMES, min_size=3, max_size=3),
    SETTINGS,
    SELECTIONS,
    ROWS,
    st.sampled_from(["cka", "rsa"]),
)
def test_a_request_is_read_back_as_it_was(names, settings, selection, rows, measure):
    asked = ComparisonRequest(
        *names,
        settings=AlignmentSettings(**settings),
        rows=RowSettings(selection=RowSelection(**selection), **rows),
        measure=measure,
    )
    assert request_of_text(request_text(asked)) == asked


def test_defaults_are_not_said():
    assert request_text(ComparisonRequest("c", "x", "y")) == (
        '{"corpus":"c","model_a":"x","model_b":"y"}'
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "Expecting value"),
        ("[1]", "expected an object"),
        ('{"corpus":"c","model_a":"x"}', "does not name a corpus and two models"),
        ('{"corpus":3,"model_a":"x","model_b":"y"}', "does not name a corpus and two models"),
        ('{"corpus":"c","model_a":"x","model_b":"y","more":1}', "expected an object with some of"),
        ('{"corpus":"c","model_a":"x","model_b":"y","settings":[]}', "expected an object"),
        (
            '{"corpus":"c","model_a":"x","model_b":"y","rows":{"controls":3}}',
            "cannot be read",
        ),
        (
            '{"corpus":"c","model_a":"x","model_b":"y","rows":{"selection":{"most_rows":"3"}}}',
            "cannot be read",
        ),
        ("[" * 3000, "cannot be read"),
        ("x" * (LONGEST + 1), "4,001 characters, more than 4,000"),
    ],
)
def test_what_is_no_request_is_refused_with_its_reason(text, reason):
    with pytest.raises(SettingsError, match=reason):
        request_of_text(text)


def test_settings_that_do_not_exist_are_refused_by_name():
    text = '{"corpus":"c","model_a":"x","model_b":"y","settings":{"pooling":"median"}}'
    with pytest.raises(SettingsError, match=r"(?s)pooling.*'median'"):
        request_of_text(text)
