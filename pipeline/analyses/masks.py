"""Which cells of a heatmap are struck out, since they are not above what chance gives."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

import numpy as np
from jaxtyping import Bool

from pipeline.analyses.cell_intervals import CellIntervals
from pipeline.analyses.cell_nulls import CellNulls
from pipeline.similarity.result import SimilarityResult
from pipeline.similarity.row_settings import Values

MaskBy = Literal["nothing", "chance", "words", "interval"]
"""What is above chance: the score over rows, the score over words, or the score's interval."""

SPREADS: Final = 2
"""Standard deviations over rows that a score has to be above chance; the band of the profile."""

_NEEDS: Mapping[MaskBy, tuple[str, ...]] = MappingProxyType(
    {"nothing": (), "chance": (), "words": ("nulls",), "interval": ("nulls", "intervals")}
)


@dataclass(frozen=True, eq=False)
class Mask:
    """Which cells are struck out, and what a cross says.

    Attributes
    ----------
    struck : bool array [shape=(layers_a, layers_b)] or None
        None where nothing was asked for, or it is not known.
    says : str
        What a cross says, or why there is none; empty if nothing was asked for.
    """

    struck: Bool[np.ndarray, "layers_a layers_b"] | None
    says: str


_NOT_YET = Mask(None, "No crosses yet: what they are of is not computed.")


def analyses_of(by: MaskBy, values: Values) -> tuple[str, ...]:
    """Return the names of the analyses of all cells that a mask takes.

    Rows within types have no type null, as no type differs from another there.
    """
    return tuple(name for name in _NEEDS[by] if (name, values) != ("nulls", "within type"))


def mask_of(
    by: MaskBy,
    result: SimilarityResult,
    values: Values,
    nulls: CellNulls | None = None,
    intervals: CellIntervals | None = None,
) -> Mask:
    """Return the mask of a result; cells without a value are never struck out.

    Struck out by "chance" are cells whose score is at most two standard deviations above its mean
    over all permutations of rows; by "words", those that word types reach by chance, given that
    the highest of all cells is looked at (:func:`pipeline.similarity.family_wise.family_wise`).

    By "interval", those whose bootstrap interval reaches down to what words give by chance, the
    mean of the type null. That it is above 0 would say nothing: other words would repeat as well.
    The level is that of the words at hand. Draws that repeat words more raise both it and the
    score, so that this errs towards striking out. It is of each cell by itself. Rows within types
    repeat no type; their level is chance over rows.

    Parameters
    ----------
    by : {"nothing", "chance", "words", "interval"}
    result : SimilarityResult
    values : {"tokens", "type means", "within type", "within speaker"}
        What the result's rows are.
    nulls : CellNulls or None
    intervals : CellIntervals or None
        As far as they are known.
    """
    if by == "nothing":
        return Mask(None, "")
    if by == "chance":
        return _by_chance(result)
    if by == "words" and values == "within type":
        return Mask(None, "No crosses: rows within types have no type null.")
    if by == "words":
        return _NOT_YET if nulls is None else _by_words(result, nulls)
    return _NOT_YET if intervals is None else _by_interval(result, values, nulls, intervals)


def _by_chance(result: SimilarityResult) -> Mask:
    above = result.scores > result.chance + SPREADS * result.chance_sd
    return _struck(
        result,
        above,
        f"at most {SPREADS} standard deviations above what rows give in any order, each cell by "
        "itself.",
    )


def _by_words(result: SimilarityResult, nulls: CellNulls) -> Mask:
    return _struck(
        result,
        nulls.mask,
        "word types reach the value by chance, given that the highest of all cells is looked at "
        f"(family-wise, {100 * nulls.level:g} %; {nulls.permutations:,} permutations over "
        f"{nulls.rows:,} rows, seed {nulls.seed}).",
    )


def _by_interval(
    result: SimilarityResult, values: Values, nulls: CellNulls | None, intervals: CellIntervals
) -> Mask:
    if values == "within type":
        level, named = result.chance, "rows give by chance"
    elif nulls is None:
        return _NOT_YET
    else:
        level = nulls.mean
        named = f"words give by chance (mean of {nulls.permutations:,}, seed {nulls.seed})"
    return _struck(
        result,
        intervals.low > level,
        f"the {intervals.level:.0%} interval over types and speakers ({intervals.draws:,} draws "
        f"over {intervals.rows:,} rows, seed {intervals.seed}) reaches down to what {named}, each "
        "cell by itself.",
    )


def _struck(
    result: SimilarityResult, above: Bool[np.ndarray, "layers_a layers_b"], says: str
) -> Mask:
    return Mask(np.isfinite(result.scores) & ~above, f"Crosses: {says}")
