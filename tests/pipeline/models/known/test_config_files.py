import json

import pytest

from pipeline.errors import ModelError
from pipeline.models.known.config_files import (
    extractor_config,
    layer_count,
    number,
    numbers,
    read_json,
    width,
)


@pytest.mark.parametrize(
    ("content", "message"),
    [("{", "config.json: expected"), ("[]", "list"), ('{"a": "\\ud8"}', "config.json: expected")],
)
def test_a_damaged_file_is_named(tmp_path, content, message):
    (tmp_path / "config.json").write_text(content)
    with pytest.raises(ModelError, match=message):
        read_json(tmp_path / "config.json")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ModelError, match=r"preprocessor_config\.json: .*download the whole model"):
        extractor_config(tmp_path)


@pytest.mark.parametrize("nested", [{"feature_extractor": {"sampling_rate": 8000}}, {}])
def test_a_processors_file_comes_first_if_it_holds_an_extractor(tmp_path, nested):
    (tmp_path / "processor_config.json").write_text(json.dumps(nested))
    (tmp_path / "preprocessor_config.json").write_text('{"sampling_rate": 16000}')
    assert extractor_config(tmp_path)["sampling_rate"] == (8000 if nested else 16_000)


def test_an_encoders_layers_come_before_the_decoders(tmp_path):
    config = {"num_hidden_layers": 5, "encoder_layers": 2, "d_model": 8}
    assert (layer_count(tmp_path, config), width(tmp_path, config)) == (2, 8)


@pytest.mark.parametrize("value", [None, 0, -1, "12", 1.5, True, [12]])
def test_only_positive_whole_numbers_are_sizes(tmp_path, value):
    with pytest.raises(ModelError, match="has no a or b"):
        number(tmp_path, {"b": value}, "a", "b")
    for values in (value, [3, value]):
        if values != [12]:
            with pytest.raises(ModelError, match="expected a list of positive whole numbers"):
                numbers(tmp_path, {"b": values}, "b")


def test_an_empty_list_is_no_list_of_numbers(tmp_path):
    with pytest.raises(ModelError, match=r"has b \[\]; expected a list"):
        numbers(tmp_path, {"b": []}, "b")
    assert numbers(tmp_path, {"b": [5, 2]}, "b") == [5, 2]
