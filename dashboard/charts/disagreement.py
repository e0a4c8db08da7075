"""The heatmap of where measures disagree."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from dashboard.charts.base import check_selected, number_text, trace
from dashboard.charts.cells import colour_bar, figure_of_cells, layers_reading
from pipeline.similarity.disagreement import Disagreement
from pipeline.similarity.measure import title_of
from pipeline.similarity.result import SimilarityResult
from pipeline.similarity.score_matrix import Cell


def disagreement_heatmap(
    results: Sequence[SimilarityResult], found: Disagreement, *, selected: Cell
) -> go.Figure:
    """Return how far apart the measures place each cell: 0 is agreement, 1 could not be more.

    Parameters
    ----------
    results : sequence of SimilarityResult
        The same comparison by each measure.
    found : Disagreement
        Of their scores.
    selected : (int, int)
        Layer of A and layer of B of the cell to frame.

    Raises
    ------
    IndexError
        If the selected cell is not in the results.
    """
    first = results[0]
    check_selected(first, selected)
    rows, columns = found.spread.shape
    values = trace(
        "heatmap",
        z=found.spread,
        zmin=0,
        zmax=1,
        colorscale="Cividis",
        hovertext=[
            [_reading(results, found, (row, column)) for column in range(columns)]
            for row in range(rows)
        ],
        hoverinfo="text",
        colorbar=colour_bar("highest rank minus lowest · scale 0 to 1", rows),
    )
    finite = np.isfinite(found.spread)
    return figure_of_cells(first, values, finite, selected, what="disagreement")


def _reading(results: Sequence[SimilarityResult], found: Disagreement, cell: Cell) -> str:
    """Return what each measure says of a cell, in the markup that Plotly understands."""
    spread = found.spread[cell]
    known = np.isfinite(spread)
    heading = f"Ranks {number_text(spread, digits=2)} apart" if known else "No two ranks"
    lines = [f"<b>{heading}</b>", layers_reading(results[0], cell)]
    for result, ranks in zip(results, found.ranks, strict=True):
        if np.isfinite(ranks[cell]):
            value = number_text(result.scores[cell])
            lines.append(f"{title_of(result)} {value} · higher than {ranks[cell]:.0%}")
    return "<br>".join(lines)
