import argparse
import os
import pickle
import zipfile
from contextlib import suppress
from io import BytesIO

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.errors import ModelError
from pipeline.models.known.torch_file import TensorShape, Unread, code_names, read_torch_file

CONTENT = {
    "weights": torch.nn.Linear(2, 3).state_dict(),
    "half": torch.ones(4, dtype=torch.float16),
    "parameter": torch.nn.Parameter(torch.ones(2, 5)),
    "settings": {"text": "é", "number": -1, "large": 1 << 70, "nested": [(1, 2.5), None, True]},
    "bytes": b"x",
    "empty": ((), [], {}),
}


def is_expected(found, saved):
    """Whether what was read is what was saved, with shapes in the place of tensors."""
    if isinstance(saved, torch.Tensor):
        return found == TensorShape(tuple(saved.shape))
    if isinstance(saved, dict):
        return list(found) == list(saved) and all(is_expected(found[k], saved[k]) for k in saved)
    if isinstance(saved, (list, tuple)):
        return type(found) is type(saved) and all(map(is_expected, found, saved))
    return found == saved


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize("protocol", [2, 4])
def test_content_is_what_was_saved_with_shapes_for_tensors(zipped, protocol, tmp_path):
    path = tmp_path / "x.pt"
    saved = {key: value for key, value in CONTENT.items() if key != "bytes" or protocol > 2}
    torch.save(saved, path, pickle_protocol=protocol, _use_new_zipfile_serialization=zipped)
    assert is_expected(read_torch_file(path), saved)


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.floats(allow_nan=False),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=3), inner, max_size=3)
        | st.tuples(inner, inner)
    ),
    max_leaves=8,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=plain)
def test_plain_values_are_read_as_pickle_reads_them(content, tmp_path):
    path = tmp_path / "plain.pt"
    torch.save(content, path)
    assert read_torch_file(path) == content


class Runs:
    """A pickle that would make a file when it is loaded."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def test_code_is_named_and_not_run(tmp_path):
    path, made = tmp_path / "x.pt", tmp_path / "made"
    torch.save({"code": Runs(made), "settings": argparse.Namespace(a=1)}, path)
    content = read_torch_file(path)
    assert not made.exists()
    assert content["code"] == Unread(f"{os.mkdir.__module__}.mkdir")
    assert content["settings"] == Unread("argparse.Namespace")
    assert code_names(path) >= {"argparse.Namespace", f"{os.mkdir.__module__}.mkdir"}


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.integers(0, 3_000))
@pytest.mark.parametrize("zipped", [True, False])
def test_a_file_cut_short_gives_its_content_or_one_error(zipped, cut, tmp_path):
    path = tmp_path / "cut.pt"
    torch.save(CONTENT["weights"], path, _use_new_zipfile_serialization=zipped)
    whole = path.read_bytes()
    path.write_bytes(whole[: min(cut, len(whole) - 1)])
    try:
        found = read_torch_file(path)
    except ModelError:
        return
    # The older form has its numbers, which are not read, behind everything else.
    assert not zipped
    assert is_expected(found, CONTENT["weights"])


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(junk=st.binary(max_size=80))
def test_any_bytes_give_one_error(junk, tmp_path):
    path = tmp_path / "junk.pt"
    for content in (junk, b"\x80\x02" + junk):
        path.write_bytes(content)
        with pytest.raises(ModelError, match=r"junk\.pt: expected a checkpoint that torch\.save"):
            read_torch_file(path)


class _WithoutCode(pickle.Unpickler):
    def find_class(self, module, name):
        raise pickle.UnpicklingError(f"{module}.{name}")


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=plain, place=st.floats(0, 1, exclude_max=True), byte=st.integers(0, 255))
def test_a_changed_byte_gives_what_pickle_gives_or_one_error(content, place, byte, tmp_path):
    pickled = bytearray(pickle.dumps(content, protocol=2))
    pickled[int(place * len(pickled))] = byte
    path = tmp_path / "changed.pt"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x/data.pkl", bytes(pickled))
    try:
        found = read_torch_file(path)
    except ModelError:
        return
    expected = found
    with suppress(Exception):  # pickle gives up on more than we do: on what it would have to make
        expected = _WithoutCode(BytesIO(pickled)).load()
    assert repr(found) == repr(expected)


def test_another_archive_and_another_pickle_are_refused(tmp_path):
    archive, other = tmp_path / "a.zip", tmp_path / "b.pkl"
    zipfile.ZipFile(archive, "w").close()
    other.write_bytes(pickle.dumps({"a": 1}, protocol=2))
    with pytest.raises(ModelError, match=r"a\.zip: .*without one data\.pkl"):
        read_torch_file(archive)
    with pytest.raises(ModelError, match=r"b\.pkl: .*a pickle of something else"):
        read_torch_file(other)
    with pytest.raises(ModelError, match="absent"):
        read_torch_file(tmp_path / "absent")
