import json
import math

import numpy as np
import pytest
from safetensors.numpy import load, save

from cache.encoding import data_of, encoded, header
from cache.record import DTYPES


def test_the_bytes_are_those_of_safetensors_itself():
    arrays = {name: np.arange(6).reshape(2, 3).astype(dtype) for name, dtype in DTYPES.items()}
    ours = b"".join(encoded(arrays, {"a": 1}))
    theirs = save(arrays, {"json": '{"a": 1}'})
    assert {name: array.tobytes() for name, array in load(ours).items()} == {
        name: array.tobytes() for name, array in load(theirs).items()
    }
    assert len(ours) == len(theirs)


def test_arrays_start_where_their_elements_may():
    arrays = {"a": np.zeros(3, np.uint8), "b": np.zeros(5, np.float16), "c": np.zeros(1)}
    content = b"".join(encoded(arrays, {}))
    length = int.from_bytes(content[:8], "little")
    entries = json.loads(content[8 : 8 + length])
    assert length % 8 == 0
    for name, array in arrays.items():
        assert entries[name]["data_offsets"][0] % array.itemsize == 0


def test_a_whole_array_is_not_copied():
    array = np.zeros((1000, 3), np.float32)
    assert np.shares_memory(np.asarray(data_of(array)), array)
    assert np.shares_memory(np.asarray(data_of(array[10:20])), array)


def test_pieces_come_array_by_array():
    pieces = encoded({"x": np.zeros(4), "y": np.zeros(3)}, {})
    assert [len(piece) for piece in pieces][1:] == [32, 24]


@pytest.mark.parametrize(
    "array",
    [
        np.array([object()]),
        np.array(["text"]),
        np.array([1j]),
        np.array(["2020-01-01"], dtype="datetime64[D]"),
        np.zeros(2, dtype=[("a", "f4")]),
    ],
    ids=["object", "text", "complex", "date", "structure"],
)
def test_elements_that_are_no_numbers_are_refused(array):
    with pytest.raises(TypeError, match=r"array 'bad' is of .*; a record holds numbers only"):
        next(encoded({"good": np.zeros(2), "bad": array}, {}))


def test_metadata_that_is_not_finite_is_refused():
    with pytest.raises(ValueError, match="not JSON compliant"):
        next(encoded({}, {"x": math.nan}))


def test_the_name_that_the_format_reserves_is_refused():
    with pytest.raises(ValueError, match="'__metadata__', which safetensors reserves"):
        next(encoded({"__metadata__": np.zeros(2)}, {}))


def test_metadata_that_no_reader_would_take_is_refused():
    with pytest.raises(
        ValueError, match=r"names and metadata take 100,.* a record holds 100,000,0"
    ):
        header({}, {"long": "x" * 100_000_000})
