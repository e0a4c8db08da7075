import json
from dataclasses import fields
from types import SimpleNamespace

import numpy as np
import pytest

import pipeline
from pipeline.__main__ import main
from pipeline.analyses import ANALYSES, AnalysisRequest
from pipeline.analyses.document import analysis_json, settings_said
from pipeline.configuration import open_store
from pipeline.request import ComparisonRequest

QUICK = ComparisonRequest("demo", "control:lookup", "control:onehot")
SETTINGS = {
    "calibration": {"permutations": 20, "draws": 20, "splits": 4},
    "nulls": {"permutations": 20},
    "neighbours": {"word": "the"},
    "curve": {"draws": 2},
    "map": {"method": "pca"},
}


@pytest.mark.parametrize("name", ANALYSES)
def test_every_analysis_is_a_document_that_says_what_it_is_of(home, name):  # noqa: ARG001
    layers = None if ANALYSES[name].of_all_layers else (0, 0)
    request = AnalysisRequest(QUICK, name, layers, settings=SETTINGS.get(name, {}))
    with open_store() as store:
        found = pipeline.analyse(request, store=store)
        document = json.loads(analysis_json(request, QUICK.plan(store), found))
    assert document["analysis"] == name
    assert document["version"] == ANALYSES[name].version
    every = {field.name: field.default for field in fields(ANALYSES[name].settings)}
    assert document["settings"] == every | SETTINGS.get(name, {})
    assert document["provenance"]["model_a"]["name"] == "control:lookup"
    assert ("layers1" if layers is None else "layer1") in document


@pytest.mark.parametrize(
    ("name", "drawn"),
    [
        ("calibration", {"permutations", "draws", "splits", "level", "within", "halves"}),
        ("nulls", {"permutations", "level", "within"}),
        ("intervals", {"draws", "level", "most_rows"}),
        ("curve", {"draws", "most_rows"}),
        ("map", {"method", "most_rows"}),
        ("retrieval", {"k", "p", "held_out", "unit_length"}),
    ],
)
def test_a_document_at_the_defaults_says_how_it_was_drawn(home, name, drawn):  # noqa: ARG001
    layers = None if ANALYSES[name].of_all_layers else (0, 0)
    request = AnalysisRequest(QUICK, name, layers)
    with open_store() as store:
        document = json.loads(analysis_json(request, QUICK.plan(store), SimpleNamespace()))
    assert document["settings"].keys() == drawn | {"seed"}
    assert None not in document["settings"].values()


def test_all_settings_are_said_in_words():
    curve = AnalysisRequest(QUICK, "curve", (0, 0), settings={"seed": 7})
    assert settings_said(curve) == "draws 3, seed 7, most rows 20000"
    assert settings_said(AnalysisRequest(QUICK, "shares", (0, 0))) == ""


def test_the_command_writes_the_same_document(home, tmp_path):  # noqa: ARG001
    request = AnalysisRequest(QUICK, "shares", (0, 0))
    with open_store() as store:
        found = pipeline.analyse(request, store=store)
        document = json.loads(analysis_json(request, QUICK.plan(store), found))
    models = [
        "--model1",
        QUICK.model_a,
        "--layer1",
        "0",
        "--model2",
        QUICK.model_b,
        "--layer2",
        "0",
    ]
    out = tmp_path / "shares.json"
    assert main(["explain", "shares", "--corpus", "demo", *models, "--out", str(out)]) == 0
    assert json.loads(out.read_text(encoding="utf-8")) == document
    np.testing.assert_array_equal(document["shares"], found.shares)
