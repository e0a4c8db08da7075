from dataclasses import replace

import pytest

from pipeline.models.catalogue import find_model, known_models
from pipeline.models.listing import (
    ModelSearch,
    cells,
    download_size,
    facts,
    fetch_command,
    layers_are_known,
)

ABSENT = replace(find_model("minilm"), name="hf:a/b", on_disk=False, download_bytes=1_234_567_890)


def found(**asked):
    return [spec.name for spec in known_models() if ModelSearch(**asked).finds(spec)]


def test_a_search_for_nothing_finds_everything():
    assert len(found()) == len(known_models()) > 30


@pytest.mark.parametrize("text", ["log MEL bands of", "  s3prl:mel ", "S3PRL:MEL"])
def test_text_is_found_in_any_case_wherever_it_stands(text):
    assert found(text=text) == ["s3prl:mel"]


def test_licences_are_searched_too():
    assert "minilm" in found(text="apache-2.0")
    assert "control:onehot" not in found(text="apache-2.0")


def test_a_family_is_named_as_such_or_by_its_prefix():
    controls = [f"control:{name}" for name in ("onehot", "speaker", "duration", "lookup")]
    assert found(family="control") == controls
    assert found(family="text_transformer") == ["minilm"]
    assert set(found(family="s3prl")) == set(found(family="s3prl_upstream"))


def test_conditions_narrow_each_other():
    text = {spec.name for spec in known_models() if spec.modality == "text"}
    here = {spec.name for spec in known_models() if spec.on_disk}
    assert set(found(modality="text")) == text
    assert set(found(on_disk=True)) == here
    assert set(found(modality="text", on_disk=True, text="bert")) == {"untrained:bert-base"}


def test_where_a_model_is_not_its_size_is_told():
    assert cells(ABSENT)[5] == download_size(ABSENT) == "1,235 MB"
    assert download_size(replace(ABSENT, download_bytes=None)) == "not here"
    assert cells(find_model("control:onehot"))[4:6] == ("any", "on disk")


def test_layers_are_unknown_only_of_what_is_not_here_and_says_no_dims():
    assert layers_are_known(find_model("control:onehot"))
    assert layers_are_known(ABSENT)
    assert not layers_are_known(replace(ABSENT, dims=0))


def test_facts_say_how_to_fetch_what_is_not_here():
    assert facts(ABSENT)["on disk"] == "no; run: python -m pipeline models fetch hf:a/b"
    assert fetch_command("hf:a/b") == "python -m pipeline models fetch hf:a/b"
    assert facts(find_model("minilm"))["on disk"] == "yes"
