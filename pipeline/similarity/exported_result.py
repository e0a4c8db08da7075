"""Read a similarity result back from the JSON document that the export wrote of it."""

import math
from collections.abc import Callable, Mapping
from dataclasses import fields
from types import MappingProxyType
from typing import Any, get_args

import numpy as np
from jaxtyping import Float64

from pipeline.alignments.strict_json import JsonError, parse_json
from pipeline.errors import MatrixError
from pipeline.similarity.measure import MEASURES
from pipeline.similarity.result import Counts, Estimator, SimilarityResult


def result_from_json(text: str) -> SimilarityResult:
    """Return the result that a document was written of; null is NaN.

    What stands in the document beside the result, such as notes, is left out. A document from
    before the measures' settings were written is of those of today, which are the same.

    Raises
    ------
    MatrixError
        If the text is no such document.
    """
    try:
        values = parse_json(text)
    except JsonError as error:
        raise MatrixError(f"expected a similarity result as JSON; {error.reason}") from error
    if not isinstance(values, dict):
        raise _unlike("a similarity result", "the document", values)
    return SimilarityResult(**_fields(values))


def _fields(values: Mapping[str, Any]) -> dict[str, Any]:
    read = {name: reader(_value(values, key), key) for name, (key, reader) in _OF_DOCUMENT.items()}
    shape = (len(read["layer_names_a"]), len(read["layer_names_b"]))
    for name in ("scores", "chance", "chance_sd"):
        if read[name].shape != shape:
            raise _unlike(f"{shape[0]} x {shape[1]} values", name, values[name])
    settings = values.get("measure_settings", dict(MEASURES[read["measure"]].settings))
    return {**read, "measure_settings": _by_name(settings, "measure_settings")}


def _value(values: Mapping[str, Any], key: str) -> object:
    if key not in values:
        raise MatrixError(f"expected a similarity result with {key}, found {sorted(values)}")
    return values[key]


def _unlike(expected: str, key: str, found: object) -> MatrixError:
    return MatrixError(f"expected {expected} in {key}, found {str(found)[:80]}")


def _text(value: object, key: str) -> str:
    if not isinstance(value, str):
        raise _unlike("text", key, value)
    return value


def _names(value: object, key: str) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise _unlike("a list of names", key, value)
    return tuple(_text(name, key) for name in value)


def _measure(value: object, key: str) -> str:
    name = _text(value, key)
    if name not in MEASURES:
        raise _unlike(f"one of {', '.join(MEASURES)}", key, value)
    return name


def _estimator(value: object, key: str) -> object:
    if value is not None and value not in get_args(Estimator):
        raise _unlike(f"null or one of {', '.join(get_args(Estimator))}", key, value)
    return value


def _by_name(value: object, key: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _unlike("values by name", key, value)
    return value


def _counts(value: object, key: str) -> Counts:
    found = _by_name(value, key)
    if found.keys() != {each.name for each in fields(Counts)}:
        raise _unlike("rows, tokens, types and so on", key, sorted(found))
    for name, count in found.items():
        if type(count) is not int or count < 0:
            raise _unlike("a whole number, not below 0", f"{name} of {key}", count)
    return Counts(**found)


def _table(value: object, key: str) -> Float64[np.ndarray, "rows columns"]:
    rows = value if isinstance(value, list) else []
    lengths = {len(row) if isinstance(row, list) else 0 for row in rows}
    if len(lengths) != 1 or 0 in lengths:
        raise _unlike("lists of equal length", key, value)
    return np.array([[_number(number, key) for number in row] for row in rows], dtype=np.float64)


def _number(value: object, key: str) -> float:
    if value is None:
        return math.nan
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _unlike("numbers or null", key, value)
    return float(value)


_OF_DOCUMENT: Mapping[str, tuple[str, Callable[[object, str], Any]]] = MappingProxyType(
    {
        "measure": ("measure", _measure),
        "estimator": ("estimator", _estimator),
        "model_a": ("model1", _text),
        "model_b": ("model2", _text),
        "layer_names_a": ("layers1", _names),
        "layer_names_b": ("layers2", _names),
        "scores": ("scores", _table),
        "chance": ("chance", _table),
        "chance_sd": ("chance_sd", _table),
        "counts": ("counts", _counts),
        "row_digest": ("row_digest", _text),
        "provenance": ("provenance", _by_name),
    }
)
