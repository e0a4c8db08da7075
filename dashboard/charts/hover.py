"""What a cell says under the pointer, line by line, in the markup that Plotly understands."""

import numpy as np

from dashboard.charts.base import number_text
from pipeline.analyses.cell_intervals import CellIntervals
from pipeline.analyses.cell_nulls import CellNulls
from pipeline.similarity.result import SimilarityResult
from pipeline.similarity.score_matrix import Cell


def known_lines(
    result: SimilarityResult,
    cell: Cell,
    nulls: CellNulls | None = None,
    intervals: CellIntervals | None = None,
) -> list[str]:
    """Return what is known of a cell's score: chance, what words give, and its interval."""
    lines = [_chance_line(result, cell)]
    if nulls is not None:
        lines.append(_null_line(nulls, cell))
    if intervals is not None:
        lines.append(_interval_line(intervals, cell))
    return lines


def _chance_line(result: SimilarityResult, cell: Cell) -> str:
    chance, spread = result.chance[cell], result.chance_sd[cell]
    if not (np.isfinite(chance) and np.isfinite(spread)):
        return "Chance level not known"
    level = f"Chance {number_text(chance)} ± {number_text(spread)}"
    if spread <= 0:
        return level
    return f"{level} · z {number_text((result.scores[cell] - chance) / spread, digits=1)}"


def _null_line(nulls: CellNulls, cell: Cell) -> str:
    level = f"Words {number_text(nulls.mean[cell])} ± {number_text(nulls.sd[cell])}"
    p = f"p {number_text(nulls.p[cell], digits=3)}, of all cells {nulls.p_of_all[cell]:.3f}"
    return f"{level} · z {number_text(nulls.z[cell], digits=1)} · {p}"


def _interval_line(intervals: CellIntervals, cell: Cell) -> str:
    low, high = number_text(intervals.low[cell]), number_text(intervals.high[cell])
    return f"{intervals.level:.0%} interval {low} to {high} · best in {intervals.best[cell]:.0%}"
