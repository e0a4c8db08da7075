"""The rows of a manifest: a table that a spreadsheet wrote, or JSON lines."""

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from pipeline.corpus.text_file import read_lines, read_text
from pipeline.corpus.utterance import Problem
from pipeline.errors import CorpusError

SUFFIXES = frozenset((".csv", ".tsv", ".jsonl"))
# How others name the same columns.
_ALIASES = {
    "path": "audio",
    "file": "audio",
    "audio_filepath": "audio",
    "text": "transcript",
    "sentence": "transcript",
    "gender": "sex",
    "utterance": "id",
    "offset": "start",
}
# Spreadsheets part cells by semicolons where the comma is in numbers.
_DELIMITERS = (",", ";", "\t")


def read_rows(manifest: Path, problems: list[Problem]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the line where each row starts, and its cells that are not empty, by column.

    A row that cannot be read is added to `problems`.

    Raises
    ------
    CorpusError
        If the file cannot be read, or has no column of recordings.
    """
    if manifest.suffix.casefold() == ".jsonl":
        return _json_rows(manifest, read_lines(manifest), problems)
    return _table_rows(manifest, read_text(manifest), problems)


def _table_rows(
    manifest: Path, text: str, problems: list[Problem]
) -> Iterator[tuple[int, dict[str, str]]]:
    header = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = _delimiter(manifest, header)
    table = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    names: list[str] = []
    line = 1
    try:
        for cells in table:
            filled = [cell.strip() for cell in cells]
            if any(filled) and not names:
                names = _columns(filled)
            elif any(filled[len(names) :]):
                reason = (
                    f"expected {len(names)} cells, found {len(cells)}; put a text that holds "
                    f"{delimiter!r} into quotation marks"
                )
                problems.append(Problem(manifest, reason, None, line))
            elif any(filled):
                named = zip(names, filled, strict=False)
                yield line, {name: cell for name, cell in named if name and cell}
            line = table.line_num + 1
    except csv.Error as error:
        # What follows a damaged line cannot be trusted to be rows.
        reason = f"no valid row ({error}); nothing after it is read"
        problems.append(Problem(manifest, reason, None, line))


def _delimiter(manifest: Path, header: str) -> str:
    """Return what parts the cells: that by which one of the columns is audio."""
    for delimiter in _DELIMITERS:
        if "audio" in _columns(next(csv.reader([header], delimiter=delimiter), [])):
            return delimiter
    found = ", ".join(filter(None, map(str.strip, re.split(r"[,;\t]", header)))) or "none"
    raise CorpusError(
        f"{manifest}: expected the columns audio and transcript, found {found}; name them in the "
        "first line"
    )


def _json_rows(
    manifest: Path, lines: Iterable[str], problems: list[Problem]
) -> Iterator[tuple[int, dict[str, str]]]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = _json_object(line)
        except (ValueError, RecursionError, CorpusError) as error:
            reason = f"expected a JSON object, found {line[:40]!r} ({error})"
            problems.append(Problem(manifest, reason, None, number))
        else:
            yield number, {name: value for name, value in row.items() if value}


def _json_object(line: str) -> dict[str, str]:
    row = json.loads(line)
    if not isinstance(row, Mapping):
        raise CorpusError("not an object")
    values = [_as_text(value) for value in row.values()]
    # Half of a character outside of the first plane can be escaped, but not written.
    "".join(values).encode()
    return dict(zip(_columns(list(row)), values, strict=True))


def _as_text(value: object) -> str:
    if value is None:
        return ""
    return value.strip() if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _columns(names: Sequence[str]) -> list[str]:
    """Return the columns' own names; what has one already is left as it is named.

    Raises
    ------
    CorpusError
        If two columns have one name.
    """
    plain = [name.strip().casefold() for name in names]
    own = [name if _ALIASES.get(name, name) in plain else _ALIASES[name] for name in plain]
    twice = [name for name, count in Counter(filter(None, own)).items() if count > 1]
    if twice:
        raise CorpusError(f"several columns mean {' and '.join(twice)}; keep one")
    return own
