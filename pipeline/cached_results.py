"""Every comparison that the store holds, at a glance, and the best agreement of each two models."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from jaxtyping import Float64

from cache import Entry, Record, Store
from pipeline.comparison import COMPARISON_VERSION
from pipeline.errors import SettingsError
from pipeline.request import ComparisonRequest
from pipeline.similarity.measure import full_title
from pipeline.similarity.result import Counts, Estimator
from pipeline.similarity.score_matrix import TIE, Cell, cell_of_largest

log = logging.getLogger(__name__)

Order = Literal["newest", "best agreement", "models"]

# What plain values that are no comparison may raise: records come from other hosts as well.
_NOT_A_COMPARISON = (LookupError, TypeError, ValueError, AttributeError, SettingsError)


@dataclass(frozen=True, eq=False)
class CachedComparison:
    """A comparison as it lies in the store.

    Attributes
    ----------
    request : ComparisonRequest
        As it was first asked for; others that give the same values share the record.
    estimator : {"debiased", "biased"} or None
        Of the scores; None where the measure has but one.
    scores : float64 array [shape=(layers_a, layers_b)]
        NaN where the value does not exist.
    layer_names_a, layer_names_b : tuple of str
    counts : Counts
    fingerprints : (str, str)
        Of both models, when it was computed.
    stored_at_s : float
        Seconds since 1970.
    """

    request: ComparisonRequest
    estimator: Estimator | None
    scores: Float64[np.ndarray, "layers_a layers_b"]
    layer_names_a: tuple[str, ...]
    layer_names_b: tuple[str, ...]
    counts: Counts
    fingerprints: tuple[str, str]
    stored_at_s: float

    def __post_init__(self) -> None:
        expected = (len(self.layer_names_a), len(self.layer_names_b))
        if self.scores.shape != expected:
            raise ValueError(f"scores have shape {self.scores.shape}; the names say {expected}")

    @property
    def title(self) -> str:
        """What the scores are: ``debiased linear CKA``."""
        return full_title(self.request.measure, self.estimator)

    @property
    def setting(self) -> str:
        """All but the models and the measure; what models can be compared within."""
        return f"{self.request.corpus} · {self.request.settings} · {self.request.rows}"

    @property
    def models(self) -> tuple[str, str]:
        """The names of both models."""
        return self.request.model_a, self.request.model_b

    @cached_property
    def best(self) -> Cell | None:
        """The pair of layers that agrees best, the first of equals; None where none has a value."""
        return cell_of_largest(self.scores, TIE)

    @property
    def maximum(self) -> float:
        """The best score; NaN where there is none."""
        return float("nan") if self.best is None else float(self.scores[self.best])


def cached_comparisons(store: Store) -> tuple[tuple[CachedComparison, ...], int]:
    """Return the store's comparisons, the newest first, and how many records are left out.

    Left out are those of earlier versions, whose values are not valid any more, and damaged ones.
    """
    entries = sorted(store.find("comparison"), key=lambda entry: -entry.stored_at_s)
    found = [_comparison(entry, store.read(entry.digest)) for entry in entries]
    known = tuple(each for each in found if each is not None)
    return known, len(found) - len(known)


def _comparison(entry: Entry, record: Record | None) -> CachedComparison | None:
    if record is None or record.metadata.get("version") != COMPARISON_VERSION:
        return None
    try:
        return _from_record(entry, record)
    except _NOT_A_COMPARISON as error:
        log.warning("the comparison %s cannot be listed: %r", entry.digest, error)
        return None


def _from_record(entry: Entry, record: Record) -> CachedComparison:
    metadata, arrays = record.metadata, record.arrays
    debiased = "debiased" in arrays
    layers_a, layers_b = (tuple(map(str, names)) for names in metadata["layer_names"])
    a, b = map(str, metadata["fingerprints"])
    found = CachedComparison(
        request=ComparisonRequest.from_dict(metadata["request"]),
        estimator="debiased" if debiased else None,
        scores=np.array(arrays["debiased" if debiased else "scores"], dtype=np.float64),
        layer_names_a=layers_a,
        layer_names_b=layers_b,
        counts=Counts(**metadata["counts"]),
        fingerprints=(a, b),
        stored_at_s=entry.stored_at_s,
    )
    full_title(found.request.measure, found.estimator)  # raises where there is no such measure
    return found


def newest_of_each(comparisons: Iterable[CachedComparison]) -> tuple[CachedComparison, ...]:
    """Return the first of each request, of comparisons of which the newest comes first.

    Those after it were computed from other weights, words or recordings; no link leads to them.
    """
    found: dict[ComparisonRequest, CachedComparison] = {}
    for each in comparisons:
        found.setdefault(each.request, each)
    return tuple(found.values())


def search(
    comparisons: Iterable[CachedComparison], text: str = "", order: Order = "newest"
) -> list[CachedComparison]:
    """Return the comparisons of which the models, measure or setting hold every word of a text.

    Parameters
    ----------
    comparisons : iterable of CachedComparison
        The newest first; this order is kept among equals.
    text : str
        Upper and lower case are the same.
    order : {"newest", "best agreement", "models"}
        Comparisons without a value come last among the best; models go by their names.
    """
    words = text.casefold().split()
    found = [each for each in comparisons if all(word in _said(each) for word in words)]
    if order == "best agreement":
        found.sort(
            key=lambda each: (each.best is None, 0.0 if each.best is None else -each.maximum)
        )
    elif order == "models":
        found.sort(key=lambda each: tuple(name.casefold() for name in each.models))
    return found


def _said(comparison: CachedComparison) -> str:
    return " ".join((*comparison.models, comparison.title, comparison.setting)).casefold()


@dataclass(frozen=True, eq=False)
class AgreementMap:
    """The best agreement of each two models, all else equal.

    Attributes
    ----------
    models : tuple of str
        Sorted by name.
    scores : float64 array [shape=(models, models)]
        The highest debiased linear CKA of all cells, symmetric; NaN where it is not computed.
    comparisons : dict of (int, int) to CachedComparison
        Where each score is from: of A with B and of B with A, each has its own if it is there.
    """

    models: tuple[str, ...]
    scores: Float64[np.ndarray, "models models"]
    comparisons: dict[tuple[int, int], CachedComparison]


def best_agreements(comparisons: Iterable[CachedComparison]) -> AgreementMap:
    """Return the map of comparisons that share a setting; others than linear CKA are not in it.

    Parameters
    ----------
    comparisons : iterable of CachedComparison
        The newest first: of one pair, it counts.

    Raises
    ------
    ValueError
        If they are of more than one setting.
    """
    by_cka = [each for each in comparisons if each.request.measure == "cka"]
    settings = {each.setting for each in by_cka}
    if len(settings) > 1:
        raise ValueError(f"expected comparisons of one setting, found {sorted(settings)}")
    pairs = [(each.request.model_a, each.request.model_b) for each in by_cka]
    models = tuple(sorted({name for pair in pairs for name in pair}))
    place = {name: position for position, name in enumerate(models)}
    found: dict[tuple[int, int], CachedComparison] = {}
    for (a, b), each in zip(pairs, by_cka, strict=True):
        found.setdefault((place[a], place[b]), each)
    for (row, column), each in list(found.items()):
        found.setdefault((column, row), each)
    scores = np.full((len(models), len(models)), np.nan)
    for cell, each in found.items():
        scores[cell] = each.maximum
    return AgreementMap(models, scores, found)
