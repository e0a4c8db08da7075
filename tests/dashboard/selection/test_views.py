from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from dashboard.selection import (
    AlignmentView,
    BesideView,
    CompareView,
    ShownValues,
    link,
    with_schema,
)
from pipeline.configuration import open_store
from pipeline.corpus.searching import UtteranceSearch
from pipeline.errors import SettingsError
from pipeline.request import ComparisonRequest
from pipeline.request_text import request_of_text, request_text
from pipeline.run import run_plan
from pipeline.settings import AlignmentSettings
from pipeline.similarity.row_selection import RowSelection
from pipeline.similarity.row_settings import RowSettings
from pipeline.view_parameters import SCHEMA

SETTINGS = AlignmentSettings("phone", "thesis", "middle third", 24_000, 13.33)
ROWS = RowSettings(
    (("sex", "F"),),
    RowSelection(most_per_type=5, longest_s=0.5, vocabulary=("cat", "dog")),
    ("mel",),
    "type means",
)
REQUEST = ComparisonRequest("demo", "s3prl:fbank", "untrained:wav2vec2-base", None, SETTINGS, ROWS)


def parameters(view):
    return {name: values[0] for name, values in parse_qs(urlsplit(link(view)).query).items()}


def test_a_link_writes_every_field_defaults_included():
    values = ShownValues("biased", "z over rows", mask_by="interval", within="frequency")
    view = CompareView(REQUEST, values, 0, 3)
    assert parameters(view.parameters()) == {
        "schema": "2",
        "corpus": "demo",
        "a": "s3prl:fbank",
        "b": "untrained:wav2vec2-base",
        "unit": "Phone",
        "rule": "Thesis",
        "pooling": "Middle third",
        "rate": "24 kHz",
        "stride": "13.33",
        "values": "Type means",
        "first": "false",
        "without": "mel",
        "sex": "F",
        "speaker": "All",
        "cap": "5",
        "longest": "0.5",
        "only": "cat dog",
        "measure": "Linear CKA",
        "estimator": "Biased",
        "show": "Z over rows",
        "stretch": "false",
        "mask_by": "Interval",
        "exchange": "As frequent",
        "la": "0",
        "lb": "3",
    }


def test_a_link_holds_all_comparisons_that_stand_side_by_side():
    pairs = tuple(request_text(each) for each in (REQUEST, replace(REQUEST, measure="rsa")))
    view = BesideView(pairs, "Difference", "biased", stretch=True)
    found = parse_qs(urlsplit(link(view.parameters())).query)
    assert [request_of_text(text) for text in found["pair"]] == [
        REQUEST,
        replace(REQUEST, measure="rsa"),
    ]
    assert (found["drawn"], found["estimator"], found["stretch"]) == (
        ["Difference"],
        ["Biased"],
        ["true"],
    )


def test_a_recording_s_link_names_its_model_utterance_and_word():
    found = parameters(AlignmentView(REQUEST, "ada-01", 2).parameters())
    assert (found["model"], found["utterance"], found["word"]) == ("s3prl:fbank", "ada-01", "2")
    assert "word" not in parameters(AlignmentView(REQUEST, "ada-01", None).parameters())


def test_a_recording_s_link_names_a_second_model_and_a_search_where_there_are_any():
    two = parameters(AlignmentView(REQUEST, "ada-01", None).parameters())
    assert (two["model"], two["model2"]) == ("s3prl:fbank", "untrained:wav2vec2-base")
    one = replace(REQUEST, model_b=REQUEST.model_a)
    search = UtteranceSearch("sea", "ada", "any")
    found = parameters(AlignmentView(one, "ada-01", None, search).parameters())
    assert "model2" not in found
    asked = {name: found[name] for name in ("search", "said_by", "flag")}
    assert asked == {"search": "sea", "said_by": "ada", "flag": "Any note or flag"}
    assert {"search", "said_by", "flag"}.isdisjoint(two)


def test_a_link_that_tells_its_schema_keeps_it_and_others_are_of_today():
    assert with_schema({"a": "x"}) == {"schema": str(SCHEMA), "a": "x"}
    assert with_schema({"schema": "1", "a": "x"}) == {"schema": "1", "a": "x"}
    assert "schema=1" in link({"schema": "1"}, "/compare")


@pytest.mark.parametrize("schema", [{"schema": "1"}, {}], ids=["a link", "an address bar's"])
def test_the_widgets_of_an_old_link_show_its_mask(app, schema):
    """Once the comparison is there, which a page without one does not draw."""
    request = ComparisonRequest("demo", "control:onehot", "control:lookup")
    with open_store() as store:
        run_plan(request.plan(store), store)
    test = app(**schema, a="control:onehot", b="control:lookup", la="0", mask="true", show="Score")
    assert test.selectbox(key="mask_by").value == "Words"
    assert "mask" not in test.query_params


# Written by the first version that told a schema; it never changes.
OF_SCHEMA_1 = (
    "schema=1&corpus=demo&unit=Word&rule=Overlap&pooling=Max&rate=16+kHz&stride=20.0"
    "&a=control%3Aonehot&b=control%3Alookup&values=Type+means&first=true&without=mel"
    "&without=duration&sex=f&speaker=All&cap=5&longest=0.5&seed=3&only=cat+dog"
    "&measure=Linear+CKA&estimator=Biased&show=Z+over+rows&stretch=false&mask=false&la=0&lb=0"
)


def test_a_link_of_schema_1_still_asks_for_the_same(app, monkeypatch):
    asked = []

    def note(request):
        asked.append(request)
        raise SettingsError("seen")

    monkeypatch.setattr("dashboard.loading.comparisons.plan", note)
    app(**{name: of if len(of) > 1 else of[0] for name, of in parse_qs(OF_SCHEMA_1).items()})
    assert asked[-1] == ComparisonRequest(
        "demo",
        "control:onehot",
        "control:lookup",
        settings=AlignmentSettings("word", "overlap", "max", 16_000, 20.0),
        rows=RowSettings(
            (("sex", "f"),),
            RowSelection(
                first_occurrence=True,
                most_per_type=5,
                longest_s=0.5,
                vocabulary=("cat", "dog"),
                seed=3,
            ),
            ("mel", "duration"),
            "type means",
        ),
    )
