import json
from pathlib import Path

import pytest

from pipeline.bundle import Bundle
from pipeline.errors import BundleError, ModelError
from pipeline.models.bundled import bundled_models, bundled_spec, spec_values
from pipeline.models.catalogue import catalogue, find_model


def bundle_of(*models):
    return Bundle(Path("bundle"), (), models, ())


def test_every_spec_comes_back_as_it_was_through_json():
    specs = (*catalogue(), find_model("minilm?tokens=last"))
    models = json.loads(json.dumps([spec_values(spec) for spec in specs]))
    found = bundled_models(bundle_of(*models))
    assert list(found.values()) == list(specs)
    assert found["minilm?tokens=last"].options == {"tokens": "last"}


def test_only_its_models_are_found_whatever_is_installed():
    bundle = bundle_of(spec_values(find_model("control:onehot")))
    assert bundled_spec(bundle, "control:onehot") == find_model("control:onehot")
    with pytest.raises(ModelError, match="it has control:onehot"):
        bundled_spec(bundle, "control:lookup")


@pytest.mark.parametrize(
    "changed",
    [
        {"modality": "code"},
        {"layer_names": []},
        {"layer_names": 7},
        {"layer_names": ["same", "same"]},
        {"dims": None},
        {"sample_rate_hz": "fast"},
        {"options": [1]},
    ],
)
def test_what_is_no_spec_is_refused(changed):
    values = spec_values(find_model("control:onehot")) | changed
    with pytest.raises(BundleError, match="what it says of a model is damaged"):
        bundled_models(bundle_of(values))


def test_a_spec_without_a_field_is_refused():
    values = spec_values(find_model("control:onehot"))
    del values["fingerprint"]
    with pytest.raises(BundleError, match="fingerprint"):
        bundled_models(bundle_of(values))
