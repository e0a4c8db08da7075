"""A result as arrays in one NPZ file, which `numpy.load` opens without unpickling anything."""

import io
import json
from collections.abc import Mapping

import numpy as np

from pipeline.exports.shown import ShownComparison


def as_npz(shown: ShownComparison) -> bytes:
    """Return the content of an NPZ file.

    It holds ``scores``, ``chance``, ``chance_sd`` and ``z`` (float64, a row a layer of model 1, a
    column a layer of model 2, NaN where no value exists) and what else is known of each cell;
    ``layers1`` and ``layers2`` (texts); ``rows``, how many were compared, and ``rows_measured``,
    how many of these the measure took; and ``provenance``, the JSON of everything else.
    """
    result = shown.result
    arrays: Mapping[str, np.ndarray] = {
        "scores": result.scores,
        "chance": result.chance,
        "chance_sd": result.chance_sd,
        "z": result.z,
        **shown.tables,
        "layers1": np.array(result.layer_names_a, dtype=np.str_),
        "layers2": np.array(result.layer_names_b, dtype=np.str_),
        "rows": np.array(result.counts.rows),
        "rows_measured": np.array(result.rows_measured),
        "provenance": np.array(json.dumps(shown.facts(), sort_keys=True, allow_nan=False)),
    }
    content = io.BytesIO()
    np.savez_compressed(content, allow_pickle=False, **arrays)
    return content.getvalue()
