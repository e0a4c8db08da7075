import os
import pickle
import zipfile
from collections import OrderedDict
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import ModelError
from pipeline.models.known.torch_file import layer_count, tensor_shapes


def archive(path, pickled, *, name="archive/data.pkl"):
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(name, pickled)
    return path


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


class Touch:
    """Pickled, it is the instruction to make a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def test_code_in_a_checkpoint_is_never_run(tmp_path):
    trace = tmp_path / "trace"
    path = archive(tmp_path / "evil.pt", pickle.dumps({"model": Touch(trace)}))
    assert tensor_shapes(path) == {}
    assert not trace.exists()
    pickle.loads(pickle.dumps(Touch(trace)))  # noqa: S301 - what would have happened
    assert trace.exists()


@pytest.mark.parametrize(
    "pickled", [b"", b"not a pickle", pickle.dumps(1)[:-1], b"\x80\x02\x58\xff\xff\xff\x7fab"]
)
def test_a_damaged_pickle_is_refused_with_its_file(tmp_path, pickled):
    with pytest.raises(ModelError, match=r"a\.pt: expected a checkpoint .* download it again"):
        tensor_shapes(archive(tmp_path / "a.pt", pickled))


@given(st.binary(max_size=200))
def test_any_bytes_are_listed_or_refused(tmp_path_factory, pickled):
    path = archive(tmp_path_factory.getbasetemp() / "random.pt", pickled)
    try:
        shapes = tensor_shapes(path)
    except ModelError:
        return
    assert all(isinstance(size, int) for shape in shapes.values() for size in shape)


def test_a_file_cut_short_is_refused(tmp_path):
    path = tmp_path / "cut.pt"
    torch.save({"a": torch.zeros(5_000)}, path)
    os.truncate(path, 10_000)
    with pytest.raises(ModelError, match=r"cut\.pt: expected a checkpoint"):
        tensor_shapes(path)


def test_other_files_are_refused(tmp_path):
    text = tmp_path / "notes.pt"
    text.write_text("hello")
    without = archive(tmp_path / "photos.pt", b"", name="photo.jpg")
    old = tmp_path / "old.pt"
    torch.save({"a": torch.zeros(2)}, old, _use_new_zipfile_serialization=False)
    for path in (text, without, old, tmp_path / "absent.pt", tmp_path):
        with pytest.raises(ModelError, match=f"{path}: expected a checkpoint as torch.save writes"):
            tensor_shapes(path)


def test_a_pickle_of_an_absurd_size_is_not_read(tmp_path):
    path = tmp_path / "bomb.pt"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("archive/data.pkl", b"\0" * 20_000_001)
    with pytest.raises(ModelError, match="missing or too large"):
        tensor_shapes(path)
