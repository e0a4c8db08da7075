import os
from pathlib import Path

import pytest
import torch

from pipeline.errors import ModelError
from pipeline.models.checkpoint import load_checkpoint, load_weights


def test_tensors_and_plain_values_come_back(tmp_path):
    path = tmp_path / "a.pt"
    torch.save({"cfg": {"layers": 2, "name": "a"}, "model": {"w": torch.arange(3.0)}}, path)
    content = load_checkpoint(path)
    assert content["cfg"] == {"layers": 2, "name": "a"}
    assert content["model"]["w"].tolist() == [0, 1, 2]


class Touch:
    """Pickled, it is the instruction to make a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


@pytest.mark.parametrize("forced", ["", "1"])
def test_code_in_a_checkpoint_is_refused_and_not_run(tmp_path, monkeypatch, forced):
    monkeypatch.setenv("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", forced)
    trace = tmp_path / "trace"
    path = tmp_path / "evil.pt"
    torch.save({"model": Touch(trace)}, path)
    with pytest.raises(ModelError, match=r"evil\.pt: expected tensors and plain values"):
        load_checkpoint(path)
    assert not trace.exists()


def test_damaged_and_missing_files_are_named(tmp_path):
    cut, text = tmp_path / "cut.pt", tmp_path / "text.pt"
    torch.save({"a": torch.zeros(5_000)}, cut)
    os.truncate(cut, 10_000)
    text.write_text("hello")
    for path in (cut, text, tmp_path / "absent.pt"):
        with pytest.raises(ModelError, match=f"{path}: .*(download it again|official checkpoint)"):
            load_checkpoint(path)


def test_a_checkpoint_is_a_dictionary(tmp_path):
    path = tmp_path / "list.pt"
    torch.save([torch.zeros(1)], path)
    with pytest.raises(ModelError, match=r"list\.pt: expected a dictionary, found list"):
        load_checkpoint(path)


@pytest.mark.parametrize(
    "weights",
    [
        {"weight": torch.zeros(2, 3)},
        {"weight": torch.zeros(2, 3), "bias": torch.zeros(2), "more": torch.zeros(2)},
        {"weight": torch.zeros(3, 3), "bias": torch.zeros(2)},
        {"weight": torch.zeros(2, 3), "bias": 1.0},
        {},
    ],
)
def test_weights_that_do_not_fit_are_refused_in_one_line(weights):
    with pytest.raises(
        ModelError, match=r"^a\.pt: its weights do not fit the architecture: [^\n]*$"
    ):
        load_weights(Path("a.pt"), torch.nn.Linear(3, 2), weights)


def test_weights_of_half_precision_are_widened():
    module = torch.nn.Linear(3, 2)
    half = {"weight": torch.full((2, 3), 0.5).half(), "bias": torch.ones(2).half()}
    load_weights(Path("a.pt"), module, half)
    assert module.weight.dtype == torch.float32
    assert module(torch.ones(1, 3)).tolist() == [[2.5, 2.5]]
