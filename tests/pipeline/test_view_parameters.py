from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import view_parameters
from pipeline.errors import SettingsError
from pipeline.request import ComparisonRequest
from pipeline.request_text import request_text
from pipeline.settings import STRIDES_MS, AlignmentSettings
from pipeline.similarity.measure import MEASURES
from pipeline.similarity.row_selection import RowSelection
from pipeline.similarity.row_settings import RowSettings
from pipeline.view_parameters import (
    FRAME_RULES,
    POOLINGS,
    SAMPLE_RATES,
    SCHEMA,
    STEPS,
    UNITS,
    VALUES,
    comparison_parameters,
    request_parameters,
    requests_of,
    todays,
)

REQUEST = ComparisonRequest("demo", "minilm", "s3prl:fbank")
COUNTS = st.none() | st.integers(1, 10**6)
# The tests' type checks draw at random, which a strategy may not: values are made in the test.
SETTINGS = st.fixed_dictionaries(
    {
        "unit": st.sampled_from(list(UNITS.values())),
        "frame_rule": st.sampled_from(list(FRAME_RULES.values())),
        "pooling": st.sampled_from(list(POOLINGS.values())),
        "sample_rate_hz": st.sampled_from(list(SAMPLE_RATES.values())),
        "stride_ms": st.none() | st.floats(*STRIDES_MS),
    }
)
SELECTION = st.fixed_dictionaries(
    {
        "first_occurrence": st.booleans(),
        "most_per_type": COUNTS,
        "fewest_of_type": st.integers(1, 50),
        "most_of_type": COUNTS,
        "shortest_s": st.floats(0, 0.5),
        "longest_s": st.none() | st.floats(0.5, 9),
        "vocabulary": st.sampled_from([None, ("cat",), ("cat", "dog's")]),
        "most_rows": COUNTS,
        "seed": st.integers(0, 10**6),
    }
)
ROWS = st.fixed_dictionaries(
    {
        "where": st.sampled_from([(), (("sex", "f"),), (("sex", "m"), ("speaker", "ada"))]),
        "controls": st.permutations(["mel", "duration", "speaker"]).map(
            lambda all_: tuple(all_[1:])
        ),
        "values": st.sampled_from(list(VALUES.values())),
    }
)


@given(SETTINGS, SELECTION, ROWS, st.sampled_from(list(MEASURES)))
def test_what_a_page_writes_into_its_link_is_read_as_what_it_shows(
    settings, selection, rows, measure
):
    request = replace(
        REQUEST,
        settings=AlignmentSettings(**settings),
        rows=RowSettings(selection=RowSelection(**selection), **rows),
        measure=measure,
    )
    for page in ("compare", "words", "measures"):
        assert requests_of(page, comparison_parameters(request)) == (request,)


@given(SETTINGS)
def test_a_recording_s_link_says_one_model_or_two(settings):
    asked = AlignmentSettings(**settings)
    told = request_parameters(replace(REQUEST, settings=asked)) | {"model": "s3prl:fbank"}
    one = ComparisonRequest("demo", "s3prl:fbank", "s3prl:fbank", settings=asked)
    assert requests_of("alignments", told) == (one,)
    two = replace(one, model_b="s3prl:mel")
    assert requests_of("alignments", told | {"model2": "s3prl:mel"}) == (two,)


def test_comparisons_side_by_side_are_read_each_by_itself():
    other = replace(REQUEST, measure="rsa")
    pairs = [request_text(REQUEST), request_text(other)]
    assert requests_of("beside", {"pair": pairs}) == (REQUEST, other)
    assert requests_of("beside", {"pair": pairs[0]}) == (REQUEST,)
    with pytest.raises(SettingsError, match="names no comparison"):
        requests_of("beside", {})


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"a": ""}, "does not say 'a'"),
        ({"rule": "Never"}, "rule='Never'; expected one of Centres inside, Overlap"),
        ({"measure": "cka"}, "measure='cka'; expected one of Linear CKA"),
        ({"cap": "many"}, "cap='many'; expected a number"),
        ({"without": ["sex"]}, "without='sex'; expected one of mel, duration"),
        ({"cap": "0"}, "at least 1"),
    ],
)
def test_a_link_that_says_what_there_is_not_is_refused(changed, reason):
    with pytest.raises(SettingsError, match=reason):
        requests_of("compare", comparison_parameters(REQUEST) | changed)


def test_parameters_of_an_old_schema_go_through_every_step_to_today(monkeypatch):
    monkeypatch.setattr(view_parameters, "SCHEMA", 3)
    monkeypatch.setitem(STEPS, 1, lambda old: {**old, "b": old["a"]})
    monkeypatch.setitem(STEPS, 2, lambda old: {**old, "c": old["b"] + "!"})
    assert todays({"schema": "1", "a": "x"}) == {"schema": "3", "a": "x", "b": "x", "c": "x!"}
    assert todays({"schema": "2", "b": "y"}) == {"schema": "3", "b": "y", "c": "y!"}
    assert todays({"a": "x"}) == {"a": "x"}
    for schema in ("0", "9", "x", "3", "9" * 5000, "-1", "\N{SUPERSCRIPT TWO}"):
        assert todays({"schema": schema, "a": "x"}) == {"schema": schema, "a": "x"}


@pytest.mark.parametrize(("told", "by"), [("true", "Words"), ("True", "Words"), ("false", None)])
@pytest.mark.parametrize("schema", [{"schema": "1"}, {}], ids=["a link", "an address bar's"])
def test_whether_there_was_a_mask_becomes_by_what(told, by, schema):
    mask_by = {} if by is None else {"mask_by": by}
    assert todays({**schema, "a": "x", "mask": told}) == {"schema": "2", "a": "x", **mask_by}


def test_there_is_a_step_from_every_schema_that_there_was():
    assert set(STEPS) == set(range(1, SCHEMA))
