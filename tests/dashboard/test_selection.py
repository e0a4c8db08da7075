from dataclasses import replace
from typing import get_args
from urllib.parse import parse_qs, urlsplit

import pytest

from dashboard.selection import FRAME_RULES, AlignmentView, CompareView, link
from pipeline.request import ComparisonRequest
from pipeline.settings import AlignmentSettings, FrameRule

SETTINGS = AlignmentSettings("phone", "thesis", "middle third", 24_000, 13.33)
REQUEST = ComparisonRequest("demo", "s3prl:fbank", "untrained:wav2vec2-base", settings=SETTINGS)


def parameters(view):
    return {name: values[0] for name, values in parse_qs(urlsplit(link(view)).query).items()}


def test_a_link_writes_every_field_defaults_included():
    view = CompareView(REQUEST, "biased", 0, 3, stretch=False)
    assert parameters(view.parameters()) == {
        "schema": "1",
        "corpus": "demo",
        "a": "s3prl:fbank",
        "b": "untrained:wav2vec2-base",
        "unit": "Phone",
        "rule": "Thesis",
        "pooling": "Middle third",
        "rate": "24 kHz",
        "stride": "13.33",
        "estimator": "Biased",
        "la": "0",
        "lb": "3",
        "stretch": "false",
    }


def test_a_recording_s_link_names_its_model_utterance_and_word():
    found = parameters(AlignmentView(REQUEST, "ada-01", 2).parameters())
    assert (found["model"], found["utterance"], found["word"]) == ("s3prl:fbank", "ada-01", "2")
    assert "word" not in parameters(AlignmentView(REQUEST, "ada-01", None).parameters())


def test_every_frame_rule_has_one_name_on_the_page():
    assert sorted(FRAME_RULES.values()) == sorted(get_args(FrameRule))


@pytest.mark.parametrize("label", FRAME_RULES)
def test_the_page_takes_the_frame_rule_from_its_address_and_says_it(app, label):
    test = app(rule=label)
    assert test.selectbox(key="rule").value == label
    settings = replace(SETTINGS, frame_rule=FRAME_RULES[label])
    asked = parameters(
        CompareView(replace(REQUEST, settings=settings), "biased", 0, 3, stretch=False).parameters()
    )
    assert asked["rule"] == label
