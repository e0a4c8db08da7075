import json

import pytest

from pipeline.errors import ModelError
from pipeline.models.registry import add_model, added_models, remove_model


def test_names_are_kept_in_the_order_in_which_they_were_added(tmp_path):
    assert added_models(tmp_path) == ()
    for name in ("hf:/b", "glove:/a,ü"):
        add_model(name, tmp_path)
    assert added_models(tmp_path) == ("hf:/b", "glove:/a,ü")
    remove_model("hf:/b", tmp_path)
    assert added_models(tmp_path) == ("glove:/a,ü",)
    assert [path.name for path in tmp_path.iterdir()] == ["models.json"]
    assert json.loads((tmp_path / "models.json").read_text()) == ["glove:/a,ü"]


def test_a_name_is_added_once_and_removed_once(tmp_path):
    add_model("hf:/a", tmp_path)
    with pytest.raises(ModelError, match="hf:/a was added already"):
        add_model("hf:/a", tmp_path)
    remove_model("hf:/a", tmp_path)
    with pytest.raises(ModelError, match="hf:/a was not added; those that were are: none"):
        remove_model("hf:/a", tmp_path)


@pytest.mark.parametrize("content", ["", "{", "{}", "[1]", "null", '"hf:/a"', b"\xff"])
def test_a_damaged_list_is_told_and_left_as_it_is(tmp_path, content):
    file = tmp_path / "models.json"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    before = file.read_bytes()
    for call in (added_models, lambda folder: add_model("hf:/a", folder)):
        with pytest.raises(ModelError, match=r"models.json: .* is damaged .*; mend or delete it"):
            call(tmp_path)
    assert file.read_bytes() == before


def test_a_list_that_cannot_be_written_keeps_what_it_had(tmp_path, monkeypatch):
    add_model("hf:/a", tmp_path)

    def refuse(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", refuse)
    with pytest.raises(ModelError, match=r"cannot be written \(No space left on device\)"):
        add_model("hf:/b", tmp_path)
    assert added_models(tmp_path) == ("hf:/a",)
    assert [path.name for path in tmp_path.iterdir()] == ["models.json"]
