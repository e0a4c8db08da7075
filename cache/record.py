"""A record: named arrays with plain metadata, as one safetensors file."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import UInt8

from cache.errors import CacheError, DamagedRecordError

Arrays = Mapping[str, np.ndarray[Any, np.dtype[Any]]]

# The header's names for element types (https://huggingface.co/docs/safetensors).
DTYPES: Mapping[str, np.dtype[Any]] = {
    "F64": np.dtype("<f8"),
    "F32": np.dtype("<f4"),
    "F16": np.dtype("<f2"),
    "I64": np.dtype("<i8"),
    "I32": np.dtype("<i4"),
    "I16": np.dtype("<i2"),
    "I8": np.dtype("i1"),
    "U8": np.dtype("u1"),
    "BOOL": np.dtype("?"),
}
LENGTH_BYTES = 8
RESERVED_NAME = "__metadata__"
# safetensors reads no longer header either.
LONGEST_HEADER_BYTES = 100_000_000
# What reading arbitrary bytes as a record may raise.
_NOT_A_RECORD = (
    FileNotFoundError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    RecursionError,
)


@dataclass(frozen=True, eq=False)
class Record:
    """What the store gives back.

    Attributes
    ----------
    arrays : mapping of str to array
        Memory-mapped and read-only: nothing is read before it is looked at.
    metadata : mapping
        JSON values.
    """

    arrays: Arrays
    metadata: Mapping[str, Any]


def read_record(path: Path) -> Record:
    """Open a record without reading its arrays.

    Raises
    ------
    DamagedRecordError
        If the file is missing, cut short or not a record.
    CacheError
        If the file cannot be opened now, which says nothing of what is in it.
    """
    try:
        return record_in(np.memmap(path, dtype=np.uint8, mode="r"), str(path))
    except _NOT_A_RECORD as error:
        raise DamagedRecordError(f"{path}: not a whole record ({error})") from error
    except OSError as error:
        # Not an OSError: diskcache would take that for a record that is not there.
        raise CacheError(
            f"{path}: the record is kept, but cannot be opened now ({error}); if too many files "
            "are open, hold fewer records at once"
        ) from error


def record_in(content: UInt8[np.ndarray, " bytes"], place: str) -> Record:
    """Return the record that some bytes are; its arrays are views of them.

    Parameters
    ----------
    content : uint8 array [shape=(bytes,)]
    place : str
        Where they lie, for the error.

    Raises
    ------
    DamagedRecordError
        If they are no record, or not all of one.
    """
    try:
        length = int.from_bytes(content[:LENGTH_BYTES].tobytes(), "little")
        if length > min(len(content) - LENGTH_BYTES, LONGEST_HEADER_BYTES):
            raise ValueError(f"a header of {length:,} bytes in a file of {len(content):,}")
        data = content[LENGTH_BYTES + length :]
        header = json.loads(content[LENGTH_BYTES : LENGTH_BYTES + length].tobytes())
        metadata = json.loads(header.pop(RESERVED_NAME)["json"])
        arrays = {name: _array(data, **entry) for name, entry in header.items()}
        end = max((entry["data_offsets"][1] for entry in header.values()), default=0)
    except _NOT_A_RECORD as error:
        raise DamagedRecordError(f"{place}: not a whole record ({error})") from error
    if end != len(data):
        raise DamagedRecordError(f"{place}: expected {end} bytes of arrays, found {len(data)}")
    return Record(arrays, metadata)


def _array(
    data: np.ndarray[Any, np.dtype[Any]], dtype: str, shape: list[int], data_offsets: list[int]
) -> np.ndarray[Any, np.dtype[Any]]:
    first, last = data_offsets
    expected = first + math.prod(shape) * DTYPES[dtype].itemsize
    if not 0 <= first <= last == expected <= len(data):
        raise ValueError(f"an array of shape {shape} at {first} to {last} of {len(data)} bytes")
    return data[first:last].view(DTYPES[dtype]).reshape(shape)
