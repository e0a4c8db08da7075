"""A record as bytes: a safetensors header, then the elements of each array.

safetensors' own `save_file` copies every array before it writes the first byte, and wants them all
at once; a corpus' matrix is larger than memory.
"""

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from cache.record import DTYPES, LENGTH_BYTES, LONGEST_HEADER_BYTES, RESERVED_NAME, Arrays

NAMES: Mapping[np.dtype[Any], str] = {dtype: name for name, dtype in DTYPES.items()}
_ALIGNMENT_BYTES = 8


def encoded(arrays: Arrays, metadata: Mapping[str, Any]) -> Iterator[bytes | memoryview]:
    """Yield the bytes of a record, array by array.

    Raises
    ------
    TypeError
        If an array's elements are of a type that a record cannot hold, such as objects.
    ValueError
        If an array has the name that safetensors keeps for its metadata, or the metadata is no
        JSON or too long.
    """
    # Wide elements first, so that each array starts where its elements may.
    ordered = sorted(arrays.items(), key=lambda item: (-item[1].itemsize, item[0]))
    yield header({name: (array.dtype, array.shape) for name, array in ordered}, metadata)
    for _, array in ordered:
        yield data_of(array)


def header(
    layout: Mapping[str, tuple[np.dtype[Any], tuple[int, ...]]], metadata: Mapping[str, Any]
) -> bytes:
    """Return the first bytes of a record: its length, then what lies where.

    Parameters
    ----------
    layout : mapping of str to (dtype, shape)
        The arrays, in the order in which their elements follow.

    Raises
    ------
    TypeError, ValueError
        See :func:`encoded`.
    """
    entries: dict[str, Any] = {RESERVED_NAME: {"json": json.dumps(dict(metadata), allow_nan=False)}}
    first = 0
    for name, (dtype, shape) in layout.items():
        if name == RESERVED_NAME:
            raise ValueError(f"an array is named {RESERVED_NAME!r}, which safetensors reserves")
        last = first + math.prod(shape) * dtype.itemsize
        entries[name] = {
            "dtype": _name_of(name, dtype),
            "shape": [int(length) for length in shape],
            "data_offsets": [first, last],
        }
        first = last
    text = json.dumps(entries, separators=(",", ":")).encode()
    text += b" " * (-len(text) % _ALIGNMENT_BYTES)
    if len(text) > LONGEST_HEADER_BYTES:
        raise ValueError(
            f"names and metadata take {len(text):,} bytes; a record holds {LONGEST_HEADER_BYTES:,}"
        )
    return len(text).to_bytes(LENGTH_BYTES, "little") + text


def data_of(array: np.ndarray[Any, np.dtype[Any]]) -> memoryview:
    """Return an array's elements as a record holds them, copied only if they lie otherwise."""
    laid_out = array.astype(array.dtype.newbyteorder("<"), order="C", copy=False)
    return laid_out.reshape(-1).view(np.uint8).data


def _name_of(name: str, dtype: np.dtype[Any]) -> str:
    try:
        return NAMES[dtype.newbyteorder("<")]
    except KeyError as error:
        raise TypeError(f"array {name!r} is of {dtype}; a record holds numbers only") from error
