import json
import math
import os

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import load_file

from cache import DamagedRecordError
from cache.encoding import encoded
from cache.record import DTYPES, read_record

SHAPES = [(), (0,), (1,), (7,), (3, 4), (2, 0, 5), (2, 3, 4)]


def random_array(dtype, shape):
    """Return an array of arbitrary bytes, NaNs and all."""
    size_bytes = math.prod(shape) * dtype.itemsize
    content = np.random.default_rng(0).integers(0, 256, size_bytes, dtype=np.uint8)
    if dtype == np.bool_:
        content %= 2
    return content.view(dtype).reshape(shape)


def write_record(path, arrays, metadata):
    path.write_bytes(b"".join(encoded(arrays, metadata)))


def write_file(path, header, data=b""):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)
    return path


def entry(**changes):
    """Return the header of a record of two float32, changed."""
    right = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}
    return {"__metadata__": {"json": "{}"}, "x": right | changes}


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("dtype", DTYPES.values(), ids=str)
def test_every_type_and_shape_comes_back_bit_by_bit(tmp_path, dtype, shape):
    path, array = tmp_path / "record", random_array(dtype, shape)
    write_record(path, {"x": array}, {})
    for found in (read_record(path).arrays["x"], load_file(path)["x"]):
        assert found.dtype == dtype
        assert found.shape == shape
        assert found.tobytes() == array.tobytes()


def test_many_arrays_and_their_metadata_come_back(tmp_path):
    metadata = {"rate": 16000, "names": ["é", None, True], "nested": {"x": 0.1}}
    arrays = {str(n): random_array(dtype, (n, 3)) for n, dtype in enumerate(DTYPES.values())}
    write_record(tmp_path / "record", arrays, metadata)
    record, independent = read_record(tmp_path / "record"), load_file(tmp_path / "record")
    assert record.metadata == metadata
    assert record.arrays.keys() == independent.keys() == arrays.keys()
    for name, array in arrays.items():
        assert record.arrays[name].tobytes() == independent[name].tobytes() == array.tobytes()


def test_a_record_may_hold_no_array(tmp_path):
    write_record(tmp_path / "record", {}, {"why": "it failed"})
    record = read_record(tmp_path / "record")
    assert dict(record.arrays) == {}
    assert record.metadata == {"why": "it failed"}


@pytest.mark.parametrize(
    "array",
    [
        np.arange(24).reshape(4, 6).T,
        np.arange(24.0)[::-3],
        np.asfortranarray(np.arange(24.0).reshape(4, 6)),
        np.broadcast_to(np.float32(2.5), (3, 2)),
        np.arange(12, dtype=">f8").reshape(3, 4),
        np.arange(12, dtype=">i2")[::2],
        np.array(1.5, dtype=">f4"),
    ],
    ids=["transposed", "reversed", "fortran", "broadcast", "big-endian", "both", "no axes"],
)
def test_values_survive_whatever_their_layout(tmp_path, array):
    write_record(tmp_path / "record", {"x": array}, {})
    for found in (
        read_record(tmp_path / "record").arrays["x"],
        load_file(tmp_path / "record")["x"],
    ):
        np.testing.assert_array_equal(found, array, strict=False)
        assert found.shape == array.shape
        assert found.dtype == array.dtype.newbyteorder("<")


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_arrays_are_memory_mapped_and_read_only(tmp_path, shape):
    write_record(tmp_path / "record", {"x": np.zeros(shape)}, {})
    array = read_record(tmp_path / "record").arrays["x"]
    # numpy has no memory-mapped array without elements.
    assert isinstance(array, np.memmap) == (array.size > 0)
    assert not array.flags.writeable
    with pytest.raises(ValueError, match="read-only"):
        array[...] = 1


def test_arrays_share_one_mapping_of_the_file(tmp_path):
    write_record(tmp_path / "record", {"x": np.zeros(3), "y": np.ones(4)}, {})
    arrays = read_record(tmp_path / "record").arrays
    for array in arrays.values():
        assert os.fspath(array.filename) == os.fspath(tmp_path / "record")
        assert not array.flags.owndata


def test_a_missing_file_is_damaged(tmp_path):
    with pytest.raises(DamagedRecordError, match="absent: not a whole record"):
        read_record(tmp_path / "absent")


def test_a_file_cut_short_anywhere_is_damaged(tmp_path):
    write_record(tmp_path / "whole", {"x": np.arange(5), "y": np.ones((2, 2))}, {"a": 1})
    whole = (tmp_path / "whole").read_bytes()
    for length in range(len(whole)):
        (tmp_path / "cut").write_bytes(whole[:length])
        with pytest.raises(DamagedRecordError, match="cut: "):
            read_record(tmp_path / "cut")


def test_bytes_after_the_arrays_are_damage(tmp_path):
    path = write_file(tmp_path / "record", entry(), bytes(9))
    with pytest.raises(DamagedRecordError, match="expected 8 bytes of arrays, found 9"):
        read_record(path)


def test_the_record_that_the_lies_below_are_made_of_is_whole(tmp_path):
    path = write_file(tmp_path / "record", entry(), np.float32([1, 2]).tobytes())
    np.testing.assert_array_equal(read_record(path).arrays["x"], np.float32([1, 2]))


@pytest.mark.parametrize(
    "header",
    [
        entry(dtype="F64"),
        entry(dtype="BF16"),
        entry(dtype=None),
        entry(shape=[3]),
        entry(shape=[-1, -2]),
        entry(shape=[2.0]),
        entry(shape="xx"),
        entry(shape=[math.inf]),
        entry(shape=[1.5], data_offsets=[10**400, 8]),
        entry(data_offsets=[-8, 0]),
        entry(data_offsets=[8, 16]),
        entry(data_offsets=[8, 0]),
        entry(data_offsets=[0]),
        entry(data_offsets=[]),
        entry(extra=1),
        {"__metadata__": {"json": "{}"}, "x": 5},
        {"__metadata__": {"json": "{}"}},
        {"__metadata__": {"json": "{"}, "x": entry()["x"]},
        {"__metadata__": {}, "x": entry()["x"]},
        {"x": entry()["x"]},
        [],
        None,
        b"\xff\xfe",
        b"[" * 100_000,
        b"",
    ],
    ids=lambda header: repr(header)[:60],
)
def test_a_header_that_lies_is_damage(tmp_path, header):
    path = write_file(tmp_path / "record", header, bytes(8))
    with pytest.raises(DamagedRecordError, match=r"record: (not a whole record|expected 0 bytes)"):
        read_record(path)


@pytest.mark.parametrize("length", [0, 1, 10**6, 2**63, 2**64 - 1])
def test_a_header_length_that_lies_is_damage(tmp_path, length):
    write_record(tmp_path / "record", {"x": np.zeros(2)}, {})
    content = (tmp_path / "record").read_bytes()
    (tmp_path / "record").write_bytes(length.to_bytes(8, "little") + content[8:])
    with pytest.raises(DamagedRecordError, match="not a whole record"):
        read_record(tmp_path / "record")


@given(garbage=st.binary(max_size=200))
def test_garbage_is_damage(tmp_path_factory, garbage):
    path = tmp_path_factory.getbasetemp() / "garbage"
    for content in (garbage, len(garbage).to_bytes(8, "little") + garbage):
        path.write_bytes(content)
        with pytest.raises(DamagedRecordError, match="not a whole record"):
            read_record(path)


@pytest.mark.parametrize("length", [2**60, 2**64 - 1, 100_000_001])
def test_a_header_that_claims_to_be_endless_is_refused_unread(tmp_path, monkeypatch, length):
    path = tmp_path / "record"
    with path.open("wb") as file:
        file.write(length.to_bytes(8, "little"))
        file.truncate(200_000_000)
    monkeypatch.setattr(json, "loads", lambda _: pytest.fail("the header is read"))
    with pytest.raises(DamagedRecordError, match=f"a header of {length:,} bytes in a file of 200,"):
        read_record(path)
