"""All that says how to read one cell, with what it was computed from, as JSON and back."""

import json
import math
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields, is_dataclass
from reprlib import repr as excerpt
from types import MappingProxyType, UnionType
from typing import Literal, TypeVar, get_args, get_origin

import numpy as np

from pipeline.errors import MatrixError
from pipeline.similarity.bootstrap import BootstrapInterval
from pipeline.similarity.family_wise import FamilyWise
from pipeline.similarity.result import Counts
from pipeline.similarity.split_half import SplitHalf
from pipeline.similarity.type_null import TypeNull

_Class = TypeVar("_Class")


@dataclass(frozen=True)
class Calibration:
    """One cell; what was not asked for is None.

    Attributes
    ----------
    model_a, model_b, layer_a, layer_b : str
    counts : Counts
        Of the whole comparison; each part says how many rows it is of.
    row_digest : str
        SHA-256 of the rows: utterance, word index and word of each.
    type_null : TypeNull or None
    interval : BootstrapInterval or None
    split_half : SplitHalf or None
    provenance : mapping
        Plain values: corpus, settings, fingerprints of the models and versions of the code.
    """

    model_a: str
    model_b: str
    layer_a: str
    layer_b: str
    counts: Counts
    row_digest: str
    type_null: TypeNull | None = None
    interval: BootstrapInterval | None = None
    split_half: SplitHalf | None = None
    provenance: Mapping[str, object] = field(default_factory=dict)


def calibration_as_json(calibration: Calibration) -> str:
    """Return a JSON document; null where a number does not exist, as where a part is missing."""
    values = {name: _plain(value) for name, value in asdict(calibration).items()}
    return json.dumps(values, indent=1, allow_nan=False) + "\n"


def calibration_from_json(text: str) -> Calibration:
    """Return what a document of :func:`calibration_as_json` was written from.

    Raises
    ------
    MatrixError
        The text is no such document.
    """
    return _of_class(Calibration, _document(text), "a calibration")


def family_wise_as_json(found: FamilyWise) -> str:
    """Return a JSON document of all cells; null where a cell has no p."""
    table = [[_plain(p) for p in row] for row in found.p.tolist()]
    return json.dumps({**vars(found), "p": table}, indent=1, allow_nan=False) + "\n"


def family_wise_from_json(text: str) -> FamilyWise:
    """Return what a document of :func:`family_wise_as_json` was written from.

    Raises
    ------
    MatrixError
        The text is no such document.
    """
    return _of_class(FamilyWise, _document(text), "a family-wise mask")


def _document(text: str) -> object:
    try:
        return json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise MatrixError(f"expected a calibration as JSON; {error}") from error


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is no JSON: a number that does not exist is null")


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _of_type(of: object, value: object, name: str) -> object:
    """Return what a value stands for, if a field of this type can hold it."""
    if isinstance(of, type) and is_dataclass(of):
        return _of_class(of, value, name)
    if isinstance(of, UnionType):
        return None if value is None else _of_type(get_args(of)[0], value, name)
    if get_origin(of) is Literal:
        return _choice(get_args(of), value, name)
    return _READERS[of](value, name)


def _of_class(of: type[_Class], values: object, name: str) -> _Class:
    types = {each.name: each.type for each in fields(of)}  # type: ignore[arg-type]
    every = {**_CAME_LATER.get(of, {}), **values} if isinstance(values, dict) else {}
    if every.keys() != types.keys():
        found = sorted(values) if isinstance(values, dict) else type(values).__name__
        raise MatrixError(f"expected {name} with {sorted(types)}, found {found}")
    return of(**{each: _of_type(types[each], every[each], f"{each} of {name}") for each in types})


def _unlike(expected: str, value: object, name: str) -> MatrixError:
    return MatrixError(f"expected {name} to be {expected}, found {excerpt(value)}")


def _choice(choices: tuple[object, ...], value: object, name: str) -> object:
    if value not in choices:
        raise _unlike(f"one of {list(choices)}", value, name)
    return value


def _text(value: object, name: str) -> str:
    if not isinstance(value, str):
        raise _unlike("text", value, name)
    return value


def _plain_values(value: object, name: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise _unlike("values by name", value, name)
    return value


def _count(value: object, name: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise _unlike("a whole number, not below 0", value, name)
    return value


def _number(value: object, name: str) -> float:
    """Return a number; null, as NaN, where one may not exist."""
    field_name = name.partition(" of ")[0]
    if value is None and field_name != "level":
        return math.nan
    low, high = _RANGES.get(field_name, (-_LARGEST, _LARGEST))
    is_bool = isinstance(value, bool)
    if not isinstance(value, int | float) or is_bool or not low <= value <= high:
        raise _unlike(f"a number from {low:.4g} to {high:.4g}", value, name)
    return float(value)


def _table(value: object, name: str) -> np.ndarray:
    rows = value if isinstance(value, list) else []
    lengths = {len(row) if isinstance(row, list) else 0 for row in rows}
    if len(lengths) != 1 or 0 in lengths:
        raise _unlike("lists of equal length, one a layer of a", value, name)
    return np.array([[_number(number, name) for number in row] for row in rows])


# What documents were written without, and what they then mean.
_CAME_LATER: Mapping[type, Mapping[str, object]] = MappingProxyType(
    {
        TypeNull: {"within": "all"},
        FamilyWise: {"within": "all"},
        SplitHalf: {"rows": None},
    }
)
_LARGEST = sys.float_info.max
_ANY_SIZE = (0.0, _LARGEST)
_RANGES: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "p": (0.0, 1.0),
        "level": (0.0, 1.0),
        "sd": _ANY_SIZE,
        "types": _ANY_SIZE,
        "left_out": _ANY_SIZE,
    }
)
_READERS: Mapping[object, Callable[[object, str], object]] = MappingProxyType(
    {
        str: _text,
        int: _count,
        float: _number,
        Mapping[str, object]: _plain_values,
        FamilyWise.__annotations__["p"]: _table,
    }
)
