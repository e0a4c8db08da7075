"""All that says how to read one cell, with what it was computed from, as JSON and back."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from types import MappingProxyType
from typing import Any

import numpy as np

from pipeline.errors import MatrixError
from pipeline.similarity.bootstrap import BootstrapInterval
from pipeline.similarity.family_wise import FamilyWise
from pipeline.similarity.result import Counts
from pipeline.similarity.split_half import SplitHalf
from pipeline.similarity.type_null import TypeNull


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


_PARTS: Mapping[str, type] = MappingProxyType(
    {
        "counts": Counts,
        "type_null": TypeNull,
        "interval": BootstrapInterval,
        "split_half": SplitHalf,
    }
)


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
    read = _of_class(Calibration, _document(text), "a calibration")
    for name, part in _PARTS.items():
        if read[name] is not None or name == "counts":
            read[name] = part(**_with_numbers(part, _of_class(part, read[name], name)))
    return Calibration(**read)


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
    values = _of_class(FamilyWise, _document(text), "a family-wise mask")
    # As float64, null becomes NaN.
    return FamilyWise(**values | {"p": np.array(values["p"], dtype=np.float64)})


def _document(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError as error:
        raise MatrixError(f"expected a calibration as JSON; {error}") from error


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _of_class(of: type, values: object, name: str) -> dict[str, Any]:
    """Return the values if they are named as the fields of a class are."""
    expected = {each.name for each in fields(of)}
    if not isinstance(values, dict) or set(values) != expected:
        found = sorted(values) if isinstance(values, dict) else type(values).__name__
        raise MatrixError(f"expected {name} with {sorted(expected)}, found {found}")
    return dict(values)


def _with_numbers(of: type, values: dict[str, Any]) -> dict[str, Any]:
    """Return the values with NaN for a number that does not exist."""
    numbers = {each.name for each in fields(of) if each.type is float}
    missing = {name: math.nan for name in numbers if values[name] is None}
    return values | missing
