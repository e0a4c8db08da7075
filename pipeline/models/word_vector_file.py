"""A file of vectors of spoken words, one row a word of an utterance: npz or safetensors.

Its arrays are ``vectors`` (layers, rows, dim) or (rows, dim), ``utterance`` (rows), and ``word``
(rows), the index of the word in its transcript. In an npz, ``utterance`` holds the ids themselves,
and ``layer_names`` may say what each layer is. safetensors has no text: there, ``utterance`` holds
indices into the metadata ``utterance_ids``, a JSON list, as ``layer_names`` may be one.
"""

import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float32, Int64
from safetensors import SafetensorError, safe_open

from pipeline.errors import ModelError

_DAMAGE = (OSError, ValueError, TypeError, KeyError, EOFError, zipfile.BadZipFile, SafetensorError)
_LAYERS_ROWS_DIM = 3


@dataclass(frozen=True)
class Header:
    """What is known of a file without reading its vectors.

    Attributes
    ----------
    layers, rows, dims : int
    layer_names : tuple of str or None
    """

    layers: int
    rows: int
    dims: int
    layer_names: tuple[str, ...] | None


@dataclass(frozen=True, eq=False)
class WordRows:
    """A file's content.

    Attributes
    ----------
    vectors : float32 array [shape=(layers, rows, dim)]
    utterances : tuple of str
        Utterance id of each row.
    words : int64 array [shape=(rows,)]
        Index of each row's word in its transcript.
    """

    vectors: Float32[np.ndarray, "layers rows dim"]
    utterances: tuple[str, ...]
    words: Int64[np.ndarray, " rows"]


def read_header(path: Path) -> Header:
    """Return how many layers, rows and dimensions a file has.

    Raises
    ------
    ModelError
        If it is no such file.
    """
    try:
        shape, names = _npz_header(path) if _is_npz(path) else _safetensors_header(path)
    except _DAMAGE as error:
        raise _refusal(path, str(error)) from error
    layers, rows, dims = (1, *shape)[-_LAYERS_ROWS_DIM:] if len(shape) in (2, 3) else (0, 0, 0)
    if not layers or not dims:
        raise _refusal(path, f"its vectors have the shape {tuple(shape)}")
    if names is not None and len(names) != layers:
        raise _refusal(path, f"it has {len(names)} layer names for {layers} layers")
    return Header(layers, rows, dims, names)


def read_rows(path: Path) -> WordRows:
    """Return the vectors, and which word each is of.

    Raises
    ------
    ModelError
        If the file is damaged, or its rows are no words: some occur twice, or are no whole numbers.
    """
    header = read_header(path)
    try:
        arrays = _npz_arrays(path) if _is_npz(path) else _safetensors_arrays(path)
        vectors, utterances, words = (arrays[name] for name in ("vectors", "utterance", "word"))
    except _DAMAGE as error:
        raise _refusal(path, str(error)) from error
    if not len(utterances) == words.size == header.rows or words.ndim != 1:
        raise _refusal(path, f"{header.rows} vectors, {len(utterances)} ids, {words.size} words")
    kinds = (vectors.dtype.kind, utterances.dtype.kind, words.dtype.kind)
    if kinds not in (("f", "U", "i"), ("f", "U", "u")):
        types = f"{vectors.dtype}, {utterances.dtype} and {words.dtype}"
        raise _refusal(path, f"their types are {types}")
    if words.size and int(words.min()) < 0:
        raise _refusal(path, f"a word has the index {words.min()}")
    names = tuple(str(name) for name in utterances)
    if len(set(zip(names, words.tolist(), strict=True))) < len(names):
        raise _refusal(path, "a word of an utterance has several rows")
    shaped = vectors.reshape(header.layers, header.rows, header.dims)
    return WordRows(shaped.astype(np.float32, copy=False), names, words.astype(np.int64))


def _refusal(path: Path, found: str) -> ModelError:
    return ModelError(
        f"{path}: expected an npz or safetensors file with the arrays vectors (layers, rows, dim; "
        f"floating point), utterance (an id a row) and word (its index, from 0), found: {found}; "
        "write it again, without pickled objects"
    )


def _is_npz(path: Path) -> bool:
    return path.suffix == ".npz"


def _npz_header(path: Path) -> tuple[tuple[int, ...], tuple[str, ...] | None]:
    with zipfile.ZipFile(path) as archive, archive.open("vectors.npy") as member:
        version = np.lib.format.read_magic(member)
        read = np.lib.format.read_array_header_1_0
        shape, _, _ = (read if version == (1, 0) else np.lib.format.read_array_header_2_0)(member)
    with np.load(path, allow_pickle=False) as arrays:
        names = arrays["layer_names"].tolist() if "layer_names" in arrays else None
    return shape, None if names is None else tuple(map(str, names))


def _npz_arrays(path: Path) -> Mapping[str, Any]:
    with np.load(path, allow_pickle=False) as arrays:
        return {name: arrays[name] for name in ("vectors", "utterance", "word")}


def _safetensors_header(path: Path) -> tuple[tuple[int, ...], tuple[str, ...] | None]:
    with safe_open(path, framework="numpy") as file:
        names = (file.metadata() or {}).get("layer_names")
        shape = tuple(file.get_slice("vectors").get_shape())
    return shape, None if names is None else tuple(map(str, json.loads(names)))


def _safetensors_arrays(path: Path) -> Mapping[str, Any]:
    with safe_open(path, framework="numpy") as file:
        ids = np.array(json.loads((file.metadata() or {})["utterance_ids"]), dtype=np.str_)
        arrays = {name: file.get_tensor(name) for name in ("vectors", "utterance", "word")}
    positions = arrays["utterance"]
    if positions.size and not 0 <= int(positions.min()) <= int(positions.max()) < len(ids):
        raise ValueError(f"utterance has indices up to {positions.max()} into {len(ids)} ids")
    return {**arrays, "utterance": ids[positions]}
