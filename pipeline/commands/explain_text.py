"""What was found of a cell, as short tables and as plain values."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from pipeline.analyses.curve import CellCurve
from pipeline.analyses.neighbours import NearestWords
from pipeline.analyses.row_map import RowMap
from pipeline.analyses.shares import CellShares

_MOST_TYPES = 20


def plain_values(found: Any) -> dict[str, Any]:  # noqa: ANN401 - any result of plain fields
    """Return a result's fields for JSON; null where there is no value."""
    return {name: _plain(value) for name, value in vars(found).items()}


def _plain(value: Any) -> Any:  # noqa: ANN401 - an array, or plain already
    if not isinstance(value, np.ndarray):
        return value
    return np.where(np.isfinite(value), value.astype(object), None).tolist()


def _shares(found: CellShares) -> str:
    return "\n".join(_share_lines(found))


def _share_lines(found: CellShares) -> Iterator[str]:
    largest = np.argsort(-found.shares, stable=True)[:_MOST_TYPES]
    yield (
        f"{found.estimator} CKA {found.value:.4f} over {found.counts.sum():,} rows; the largest "
        f"shares of {len(found.names):,} types:"
    )
    yield f"  {'word':20} {'rows':>7} {'share':>9}"
    for place in largest:
        yield f"  {found.names[place]:20} {found.counts[place]:7,} {found.shares[place]:9.4f}"


def _neighbours(found: NearestWords) -> str:
    return "\n".join(_neighbour_lines(found))


def _neighbour_lines(found: NearestWords) -> Iterator[str]:
    yield (
        f"{_named(found, 0)}: {found.shared_a.sum()} of {len(found.nearest_a)} neighbours are "
        "near in both (*)"
    )
    columns = [
        [
            f"{'*' if shared else ' '} {cosine:6.3f} {_named(found, place)}"
            for place, cosine, shared in zip(*(each.tolist() for each in side), strict=True)
        ]
        for side in (
            (found.nearest_a, found.cosines_a, found.shared_a),
            (found.nearest_b, found.cosines_b, found.shared_b),
        )
    ]
    width = max(map(len, columns[0]))
    yield f"    {'model 1':{width}}  model 2"
    for rank, (left, right) in enumerate(zip(*columns, strict=True), start=1):
        yield f"{rank:3} {left:{width}}  {right}"


def _named(found: NearestWords, place: int) -> str:
    if found.of == "types":
        return found.words[place]
    return f"{found.words[place]} ({found.utterances[place]}, word {found.indices[place]})"


def _curve(found: CellCurve) -> str:
    return "\n".join(_curve_lines(found))


def _curve_lines(found: CellCurve) -> Iterator[str]:
    yield f"CKA over samples of {found.sampled_from:,} rows, means of draws:"
    for capped, heading in ((False, "rows"), (True, "tokens a type")):
        yield f"  {heading:>13} {'rows':>7} {'debiased':>9} {'biased':>9}"
        for at in np.unique(found.at[found.capped == capped]):
            points = (found.capped == capped) & (found.at == at)
            debiased, biased = found.debiased[points].mean(), found.biased[points].mean()
            yield f"  {at:13,} {found.rows[points][0]:7,} {debiased:9.4f} {biased:9.4f}"


def _map(found: RowMap) -> str:
    rows = f"{len(found.words):,} of {found.sampled_from:,} rows in the plane"
    if found.method == "umap":
        return f"{rows} by UMAP"
    shares = (
        f"{first:.1%} and {second:.1%}" for first, second in (found.explained_a, found.explained_b)
    )
    return "{}; the two axes explain {} of model 1, {} of model 2".format(rows, *shares)


TEXTS: Mapping[str, Callable[[Any], str]] = MappingProxyType(
    {"shares": _shares, "neighbours": _neighbours, "curve": _curve, "map": _map}
)
