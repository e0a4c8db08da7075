"""Open a matrix of scores: a file of the original study, or an export of ours."""

import codecs
import math
import reprlib
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any, Final

import numpy as np
from jaxtyping import Float64

from pipeline.alignments.strict_json import JsonError, parse_json
from pipeline.errors import MatrixError
from pipeline.similarity.score_matrix import ScoreMatrix
from pipeline.similarity.thesis_layout import models_of_file_name

MOST_BYTES: Final = 10_000_000
MOST_LAYERS: Final = 200
"""Of one model; each pair is a cell on a page."""

LONGEST_NAME: Final = 200
"""Characters of a model's or a layer's name, which stands in each of its cells."""

LARGEST_SCORE: Final = 1.000001
"""Products of float32 reach a little more than 1."""

_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def open_scores(path: Path, models: tuple[str, str] | None = None) -> ScoreMatrix:
    """Return the scores in a file; see `read_scores`.

    Raises
    ------
    MatrixError
        If it cannot be opened, or holds no such scores.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise MatrixError(f"{path}: cannot be opened ({reason})") from error
    return read_scores(content, str(path), models)


def read_scores(content: bytes, name: str, models: tuple[str, str] | None = None) -> ScoreMatrix:
    """Return the scores in a file's content.

    An object is an export of `pipeline.similarity.export`, and names its models and layers. A list
    is a file of the original study (`pipeline.similarity.thesis_layout`): its rows are the layers
    of its second model, which therefore is model A; layers are called by their place, from 1 on.

    Parameters
    ----------
    content : bytes
    name : str
        The file's name, perhaps with its folder.
    models : (str, str), optional
        First and second model of a file of the study, where its name does not tell.

    Raises
    ------
    MatrixError
        If it is too large, no strict JSON in UTF-8, no table of numbers from -1 to 1 (or null,
        where no value exists), or if the name does not tell the models.
    """
    file = _File(name)
    found = file.parse(content)
    if isinstance(found, dict):
        return _exported(file, found)
    rows = file.listed(found, "the file")
    if not isinstance(rows[0], list):
        rows = [[value] for value in rows]
    scores = _table(file, rows, "the file")
    named = models or models_of_file_name(PurePath(name).name)
    first, second = (_text(file, model, "the models' names") for model in named)
    layers_a, layers_b = (tuple(f"layer {k + 1}" for k in range(n)) for n in scores.shape)
    return ScoreMatrix(scores, second, first, layers_a, layers_b, name)


@dataclass(frozen=True)
class _File:
    name: str

    def error(self, reason: str) -> MatrixError:
        return MatrixError(f"{self.name}: {reason}")

    def unexpected(self, expected: str, place: str, found: object) -> MatrixError:
        return self.error(f"expected {expected} in {place}, found {reprlib.repr(found)}")

    def parse(self, content: bytes) -> object:
        if not content.strip():
            raise self.error("the file is empty; write it again")
        if len(content) > MOST_BYTES:
            raise self.error(f"larger than {MOST_BYTES / 1e6:g} MB; is it a matrix of scores?")
        if content.startswith(_MARKS):
            raise self.error("begins with a byte order mark; write it as UTF-8 without one")
        try:
            return parse_json(content.decode("utf-8"))
        except UnicodeDecodeError as error:
            raise self.error(f"byte {error.start} is no UTF-8; is it JSON?") from error
        except JsonError as error:
            place = "" if error.line is None else f"line {error.line}: "
            raise self.error(f"{place}{error.reason}") from error

    def listed(self, value: object, place: str) -> list[Any]:
        if not isinstance(value, list):
            raise self.unexpected("a list", place, value)
        if not 0 < len(value) <= MOST_LAYERS:
            raise self.error(f"expected 1 to {MOST_LAYERS} values in {place}, found {len(value)}")
        return value


def _exported(file: _File, values: dict[str, Any]) -> ScoreMatrix:
    wanted = ("model1", "model2", "layers1", "layers2", "scores")
    missing = [key for key in wanted if key not in values]
    if missing:
        raise file.error(f"expected an object with {', '.join(wanted)}; {missing[0]} is missing")
    models = [_text(file, values[key], key) for key in ("model1", "model2")]
    layers_a, layers_b = (_names(file, values[key], key) for key in ("layers1", "layers2"))
    scores = _table(file, values["scores"], "scores")
    if scores.shape != (len(layers_a), len(layers_b)):
        raise file.error(
            f"expected scores of {len(layers_a)} x {len(layers_b)} layers, as layers1 and layers2 "
            f"say, found {scores.shape[0]} x {scores.shape[1]}"
        )
    return ScoreMatrix(
        *(scores, models[0], models[1], layers_a, layers_b, file.name),
        row_digest=_text(file, values["row_digest"], "row_digest")
        if "row_digest" in values
        else None,
        rows=_rows(file, values),
    )


def _rows(file: _File, values: dict[str, Any]) -> int | None:
    """Return how many rows an export says that its scores are over; None if it does not."""
    counts = values.get("counts")
    rows = counts.get("rows") if isinstance(counts, dict) else None
    measured = values.get("rows_measured", rows)
    if measured is None or (type(measured) is int and measured >= 0):
        return measured
    raise file.unexpected("a number of rows", "rows_measured or counts", measured)


def _names(file: _File, value: object, key: str) -> tuple[str, ...]:
    names = file.listed(value, key)
    return tuple(_text(file, name, f"{key}[{index}]") for index, name in enumerate(names))


def _text(file: _File, value: object, place: str) -> str:
    # No terminal is told to clear itself, and no line to run backwards.
    if isinstance(value, str) and value.isprintable() and len(value) <= LONGEST_NAME:
        return value
    raise file.unexpected(f"a name of at most {LONGEST_NAME} printable characters", place, value)


def _table(file: _File, value: object, where: str) -> Float64[np.ndarray, "rows columns"]:
    """Return a list of rows of equal length; places are counted from 1."""
    table: list[list[float]] = []
    for number, row in enumerate(file.listed(value, where), start=1):
        cells = file.listed(row, f"row {number} of {where}")
        if table and len(cells) != len(table[0]):
            raise file.error(
                f"expected {len(table[0])} values in row {number} of {where}, as in row 1, found "
                f"{len(cells)}"
            )
        places = (f"row {number}, column {k} of {where}" for k in range(1, len(cells) + 1))
        table.append([_score(file, cell, place) for cell, place in zip(cells, places, strict=True)])
    return np.array(table, dtype=np.float64)


def _score(file: _File, value: object, place: str) -> float:
    if value is None:
        return math.nan
    if (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and -LARGEST_SCORE <= value <= LARGEST_SCORE
    ):
        return float(value)
    raise file.unexpected("a number from -1 to 1 or null", place, value)
