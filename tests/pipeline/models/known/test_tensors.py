from collections import OrderedDict

import torch

from pipeline.models.known.tensors import layer_count, tensor_shapes


def test_shapes_are_those_of_the_tensors_that_torch_saved(tmp_path):
    shared = torch.zeros(3, 4)
    content = {
        "cfg": {"layers": 2, "name": "a.b", "flag": True, "rate": 0.5, "sizes": [1, 2], "x": None},
        "weights": OrderedDict(
            [
                ("a.scalar", torch.zeros(())),
                ("a.bias", torch.zeros(7)),
                ("a.weight", torch.zeros(300, 70_000, dtype=torch.float16)[:, :2]),
                ("b.weight", torch.zeros(2, 1, 16, 16)),
                ("b.tied", shared),
                ("c.tied", shared.T),
                ("d.parameter", torch.nn.Parameter(torch.zeros(5, 6))),
            ]
        ),
    }
    path = tmp_path / "checkpoint.pt"
    torch.save(content, path)
    expected = {name: tuple(tensor.shape) for name, tensor in content["weights"].items()}
    assert tensor_shapes(path) == expected


def test_a_name_that_is_written_only_once_is_found_again(tmp_path):
    name = "layers.0.bias"
    path = tmp_path / "checkpoint.pt"
    torch.save({"order": [name], "weights": {name: torch.zeros(4)}}, path)
    assert tensor_shapes(path) == {name: (4,)}


def test_layers_are_counted_by_their_numbers_alone():
    names = ["l.0.b", "l.11.b", "l.0.bias", "l.x.b", "my.l.0.b", "lx0xb"]
    assert layer_count(dict.fromkeys(names, ()), "l.{}.b") == 2
