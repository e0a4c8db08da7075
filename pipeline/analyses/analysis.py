"""What an analysis is, and how a result of plain fields lies in the store."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from types import MappingProxyType
from typing import Any, Final, TypeAlias

import numpy as np

from cache import Record
from pipeline.matrices import ComparedMatrices
from pipeline.planning import Plan
from pipeline.similarity.result import Counts, Estimator

Stored: TypeAlias = tuple[dict[str, np.ndarray], dict[str, Any]]
"""Arrays and plain values by name."""

CAME_LATER: Final = MappingProxyType({"came_later": True})
"""Of a setting that records were stored without; at its default, it is what they were made with."""


@dataclass(frozen=True, eq=False)
class Subject:
    """What is analysed.

    Attributes
    ----------
    plan : Plan
    matrices : ComparedMatrices
        Of one layer of each model, or of all of them.
    layer_names : (tuple of str, tuple of str)
        Of these layers of a, and of b.
    estimator : {"debiased", "biased"}
    counts : Counts
    provenance : mapping
    """

    plan: Plan
    matrices: ComparedMatrices
    layer_names: tuple[tuple[str, ...], tuple[str, ...]]
    estimator: Estimator
    counts: Counts
    provenance: Mapping[str, object]

    @property
    def drawn_speakers(self) -> tuple[str, ...]:
        """The speaker of each row, for a bootstrap; of means over many of them, all are one."""
        rows = self.matrices.a.rows
        return ("",) * len(rows) if self.plan.rows.values == "type means" else rows.speakers


@dataclass(frozen=True)
class Analysis:
    """One analysis.

    Attributes
    ----------
    name : str
        How it is asked for.
    version : int
        Raise it when other results come out for the same inputs.
    settings : type
        A frozen dataclass of plain values, all with defaults.
    compute : callable
        (Subject, settings) -> result.
    to_record : callable
        Result -> what is stored.
    from_record : callable
        Record -> result.
    of_all_layers : bool
        Whether it is of all layers at once, or of one pair of them.
    """

    name: str
    version: int
    settings: type[Any]
    compute: Callable[[Subject, Any], Any]
    to_record: Callable[[Any], Stored]
    from_record: Callable[[Record], Any]
    of_all_layers: bool = False


def keyed_settings(settings: Any) -> dict[str, Any]:  # noqa: ANN401 - any dataclass
    """Return the settings that a key holds, so that records from before some came are found."""
    at_default = {
        each.name
        for each in fields(settings)
        if each.metadata == CAME_LATER and getattr(settings, each.name) == each.default
    }
    return {name: of for name, of in asdict(settings).items() if name not in at_default}


def fields_stored(result: Any) -> Stored:  # noqa: ANN401 - any dataclass
    """Return a dataclass' arrays, and its other fields, which are plain values."""
    arrays = {name: value for name, value in vars(result).items() if isinstance(value, np.ndarray)}
    return arrays, {name: value for name, value in vars(result).items() if name not in arrays}


def fields_read(of: type[Any]) -> Callable[[Record], Any]:
    """Return what makes a dataclass of the record that :func:`fields_stored` gave.

    Fields that came later than the record are at their default.
    """

    def read(record: Record) -> Any:  # noqa: ANN401 - any dataclass
        stored = {**record.metadata, **record.arrays}
        known = [field.name for field in fields(of) if field.name in stored]
        return of(**{name: stored[name] for name in known})

    return read
