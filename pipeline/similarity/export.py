"""A similarity result as JSON and as a table, with its provenance."""

import csv
import io
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from pipeline.similarity.measure import title_of
from pipeline.similarity.result import SimilarityResult


def as_plain_values(result: SimilarityResult) -> dict[str, Any]:
    """Return a result as plain values; rows are model1's layers, null where no value exists."""
    return {
        "measure": result.measure,
        "estimator": result.estimator,
        "model1": result.model_a,
        "model2": result.model_b,
        "layers1": list(result.layer_names_a),
        "layers2": list(result.layer_names_b),
        "scores": _rows(result.scores),
        "chance": _rows(result.chance),
        "chance_sd": _rows(result.chance_sd),
        "z": _rows(result.z),
        "counts": asdict(result.counts),
        "rows_measured": result.rows_measured,
        "measure_settings": dict(result.measure_settings),
        "row_digest": result.row_digest,
        "provenance": dict(result.provenance),
    }


def as_json(
    result: SimilarityResult,
    more: Mapping[str, np.ndarray] | None = None,
    notes: Sequence[str] = (),
) -> str:
    """Return a result as a JSON document; `result_from_json` reads the result back.

    Parameters
    ----------
    more : mapping of str to float64 array [shape=(layers_a, layers_b)], optional
        What else is known of each cell.
    notes : sequence of str
        What is to be said of that.
    """
    further = {name: _rows(table) for name, table in (more or {}).items()}
    noted = {"notes": list(notes)} if notes else {}
    return json.dumps(as_plain_values(result) | further | noted, indent=1, allow_nan=False) + "\n"


def as_csv(
    result: SimilarityResult,
    more: Mapping[str, np.ndarray] | None = None,
    notes: Sequence[str] = (),
) -> str:
    """Return one line a pair of layers, after comment lines that say what the numbers are.

    Empty where the value does not exist. `more` and `notes` are those of :func:`as_json`.
    """
    further = dict(more or {})
    text = io.StringIO()
    for line in (*_heading(result), *notes):
        text.write(f"# {line}\n")
    writer = csv.writer(text, lineterminator="\n")
    columns = ("layer1", "layer2", "layer1_name", "layer2_name")
    writer.writerow([*columns, result.measure, "chance", "chance_sd", "z", *further])
    for (row, column), score in np.ndenumerate(result.scores):
        names = result.layer_names_a[row], result.layer_names_b[column]
        numbers = [score]
        numbers += [
            of[row, column] for of in (result.chance, result.chance_sd, result.z, *further.values())
        ]
        writer.writerow([row, column, *names, *map(_number, numbers)])
    return text.getvalue()


def _heading(result: SimilarityResult) -> Iterable[str]:
    counts = result.counts
    yield f"{title_of(result)} of {result.model_a} (1) and {result.model_b} (2)"
    yield (
        f"{counts.rows} rows of {counts.tokens} tokens, {counts.types} types, "
        f"{counts.speakers} speakers"
    )
    if result.measure_settings:
        settings = json.dumps(dict(result.measure_settings), sort_keys=True)
        yield f"measured over {result.rows_measured} of these rows, with {settings}"
    yield f"rows {result.row_digest}"
    yield f"provenance {json.dumps(dict(result.provenance), sort_keys=True)}"


def _rows(values: np.ndarray) -> list[list[float | None]]:
    return [[_number(value) for value in row] for row in values.tolist()]


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
