"""Matrices of scores, and how well two agree, in plain text; places are counted from 1."""

import math
from collections.abc import Iterator
from typing import Any

from pipeline.similarity.agreement import Agreement
from pipeline.similarity.score_matrix import Cell, ScoreMatrix


def matrix_lines(matrix: ScoreMatrix) -> Iterator[str]:
    """Yield what a matrix is, its largest and smallest score, and a table of all scores."""
    yield _heading(matrix)
    yield f"maximum {_extreme(matrix, matrix.maximum_at)}"
    yield f"minimum {_extreme(matrix, matrix.minimum_at)}"
    yield ""
    yield "     " + "".join(f"{column + 1:7}" for column in range(matrix.scores.shape[1]))
    for number, row in enumerate(matrix.scores.tolist(), start=1):
        yield f"{number:5}" + "".join(f"{_number(value, 3):>7}" for value in row)


def agreement_lines(found: Agreement) -> Iterator[str]:
    """Yield what is compared, how much differs and where, and both maxima."""
    yield f"1: {_heading(found.one)}"
    yield f"2: {_heading(found.other)}"
    if found.other_rows:
        yield found.other_rows
    yield f"cells compared         {found.compared}, {found.left_out} without a value left out"
    if found.largest_at is not None:
        difference = float(found.difference[found.largest_at])
        place = _place(found.one, found.largest_at)
        yield f"largest difference     {difference:+.4f} (1 minus 2) at {place}"
    yield f"mean absolute          {_number(found.mean_absolute)}"
    yield f"Pearson's correlation  {_number(found.pearson)}"
    yield f"Spearman's             {_number(found.spearman)}"
    for number, matrix in enumerate((found.one, found.other), start=1):
        yield f"maximum of {number}           {_extreme(matrix, matrix.maximum_at)}"
    if found.layers_apart is not None:
        rows, columns = found.layers_apart
        yield f"maxima are apart       {rows} rows, {columns} columns"


def extreme_values(matrix: ScoreMatrix, cell: Cell | None) -> dict[str, Any] | None:
    """Return a cell's score and place as plain values."""
    if cell is None:
        return None
    return {"score": float(matrix.scores[cell]), **matrix.place_as_plain_values(cell)}


def _heading(matrix: ScoreMatrix) -> str:
    rows, columns = matrix.scores.shape
    return (
        f"{matrix.model_a} (rows, {rows} layers) x {matrix.model_b} (columns, {columns} layers) "
        f"of {matrix.source}"
    )


def _extreme(matrix: ScoreMatrix, cell: Cell | None) -> str:
    if cell is None:
        return "none: no cell has a value"
    return f"{_number(float(matrix.scores[cell]))} at {_place(matrix, cell)}"


def _place(matrix: ScoreMatrix, cell: Cell) -> str:
    row, column = cell
    return (
        f"({row + 1}, {column + 1}): {matrix.model_a} {matrix.layer_names_a[row]}, "
        f"{matrix.model_b} {matrix.layer_names_b[column]}"
    )


def _number(value: float, digits: int = 4) -> str:
    return f"{value:.{digits}f}" if math.isfinite(value) else "none"
