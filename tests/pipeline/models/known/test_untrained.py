import pytest

from pipeline.errors import AbsentModelError, ModelError
from pipeline.models.catalogue import find_model
from pipeline.models.known.untrained import describe, listed


def test_a_twin_has_the_layers_of_its_model_but_other_values(bert_folder, wav2vec2_folder):
    for name in (f"hf-text:{bert_folder}", f"hf-speech:{wav2vec2_folder}"):
        trained, spec = find_model(name), find_model(f"untrained:{name}")
        assert (spec.name, spec.family) == (f"untrained:{name}", "untrained")
        assert (spec.layer_names, spec.dims) == (trained.layer_names, trained.dims)
        assert (spec.modality, spec.stride_samples) == (trained.modality, trained.stride_samples)
        assert spec.fingerprint != trained.fingerprint


def test_seed_and_reading_are_options(bert_folder):
    name = f"untrained:hf:{bert_folder}?tokens=last&seed=3"
    spec = describe(name)
    assert spec.options == {"seed": "3", "tokens": "last"}
    assert spec.name == f"untrained:hf-text:{bert_folder}?seed=3&tokens=last"
    assert spec.source.endswith("random weights, seed 3")
    prints = {describe(f"untrained:hf:{bert_folder}{more}").fingerprint for more in ("", "?seed=4")}
    assert len({*prints, spec.fingerprint}) == 3


def test_a_hub_model_has_a_twin(cached_repository, bert_folder):
    cached_repository("org/bert", bert_folder)
    assert describe("untrained:hf:org/bert").name == "untrained:hf-text:org/bert"


def test_what_is_not_here_or_has_no_such_option_is_refused(hub_cache, wav2vec2_folder):  # noqa: ARG001
    with pytest.raises(AbsentModelError, match="fetch hf:org/name"):
        describe("untrained:hf:org/name")
    with pytest.raises(ModelError, match="expected seed="):
        describe(f"untrained:hf:{wav2vec2_folder}?tokens=last")
    with pytest.raises(ModelError, match="expected seed="):
        describe(f"untrained:hf:{wav2vec2_folder}?")
    assert listed() == ()
