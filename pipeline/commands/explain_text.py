"""What was found of a cell, as short tables."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from pipeline.analyses.cell_intervals import CellIntervals, likely_best
from pipeline.analyses.cell_nulls import CellNulls
from pipeline.analyses.curve import CellCurve
from pipeline.analyses.neighbours import NearestWords
from pipeline.analyses.row_map import RowMap
from pipeline.analyses.shares import CellShares
from pipeline.similarity.calibration import Calibration

_MOST_TYPES = 20


def _calibration(found: Calibration) -> str:
    return "\n".join(_calibration_lines(found))


def _calibration_lines(found: Calibration) -> Iterator[str]:
    null, interval, halves = found.type_null, found.interval, found.split_half
    yield f"{found.model_a}, {found.layer_a} x {found.model_b}, {found.layer_b}"
    if null is not None:
        yield f"  {null.estimator} CKA of {null.rows:,} rows   {null.value:.4f}"
        exchanged = " (types of about one frequency)" if null.within == "frequency" else ""
        yield f"  by words alone          {null.mean:.4f} ± {null.sd:.4f}{exchanged}"
        yield f"  above them              z {null.z:.2f}, p {null.p:.4f}"
    if interval is not None:
        between = f"{interval.low:.4f} to {interval.high:.4f}"
        yield f"  {interval.level:.0%} interval            {between} over {interval.rows:,} rows"
    if halves is not None:
        yield f"  ceiling over types      {halves.ceiling:.4f}, corrected {halves.corrected:.4f}"
        over = "" if halves.rows is None else f" of {halves.rows:,} rows"
        yield f"                          debiased, over types, by halves of {halves.halves}{over}"


def _nulls(found: CellNulls) -> str:
    stand_out = int(found.mask.sum())
    best = np.unravel_index(np.argmin(np.nan_to_num(found.p_of_all, nan=np.inf)), found.p.shape)
    within = " within frequency" if found.within == "frequency" else ""
    return (
        f"{stand_out} of {found.p.size} cells stand out over {found.rows:,} rows of "
        f"{found.types:,} word types "
        f"({found.permutations} permutations{within}, family-wise {found.level:g}); the clearest "
        f"is layer {best[0]} x layer {best[1]}: {found.values[best]:.4f}, by words alone "
        f"{found.mean[best]:.4f} ± {found.sd[best]:.4f}, p of all cells {found.p_of_all[best]:.4f}"
    )


def _intervals(found: CellIntervals) -> str:
    return "\n".join(_interval_lines(found))


def _interval_lines(found: CellIntervals) -> Iterator[str]:
    yield (
        f"{found.draws:,} draws of {found.types:,} types and {found.speakers:,} speakers over "
        f"{found.rows:,} rows; the best pair of layers is, in {found.level:.0%} of them, one of:"
    )
    for place, share in likely_best(found.best.ravel(), found.level):
        cell = np.unravel_index(place, found.best.shape)
        between = f"{found.low[cell]:.4f} to {found.high[cell]:.4f}"
        yield (
            f"  layer {cell[0]} x layer {cell[1]}   {found.values[cell]:.4f}, {between}, "
            f"best in {share:.0%}"
        )


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
    yield f"CKA over samples of {found.drawn_from_text}, means of {found.draws} draws:"
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
    {
        "calibration": _calibration,
        "nulls": _nulls,
        "intervals": _intervals,
        "shares": _shares,
        "neighbours": _neighbours,
        "curve": _curve,
        "map": _map,
    }
)
