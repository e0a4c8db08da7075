"""A manifest: a table (CSV, TSV) or JSON lines with one utterance a row.

Columns: ``audio`` (a path below the manifest's folder) and ``transcript``; where they exist also
``id``, ``speaker``, ``sex``, ``start`` and ``end`` (seconds; the part of the recording that is
the utterance) and ``alignment``. Any other column is kept as metadata.
"""

import csv
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

from pipeline.corpus.listing import Listed, Listing
from pipeline.corpus.text_file import read_text
from pipeline.corpus.tree import FileTree
from pipeline.corpus.utterance import Problem
from pipeline.errors import CorpusError

DESCRIPTION = "a manifest: manifest.csv, .tsv or .jsonl with the columns audio and transcript"
SUFFIXES = frozenset((".csv", ".tsv", ".jsonl"))
_STEM = "manifest"
# How others name the same columns.
_ALIASES = {
    "path": "audio",
    "file": "audio",
    "audio_filepath": "audio",
    "text": "transcript",
    "sentence": "transcript",
    "gender": "sex",
    "utterance": "id",
}
_OWN = ("id", "audio", "transcript", "speaker", "sex", "start", "end", "alignment")


def recognises(tree: FileTree) -> bool:
    """Return whether there is a file of the name ``manifest``."""
    return next(_manifests(tree), None) is not None


def _manifests(tree: FileTree) -> Iterator[PurePosixPath]:
    found = (path for path in tree.paths if path.suffix.casefold() in SUFFIXES)
    return (path for path in found if len(path.parts) == 1 and path.stem.casefold() == _STEM)


def list_utterances(tree: FileTree) -> Listing:
    """Return what the manifest at the root of the folder names.

    Raises
    ------
    CorpusError
        If it cannot be read, or there are several.
    """
    manifests = sorted(_manifests(tree))
    if len(manifests) > 1:
        names = ", ".join(map(str, manifests))
        raise CorpusError(f"{tree.root} has several manifests ({names}); name the one to open")
    return list_rows(tree, tree.locate(manifests[0]))


def list_rows(tree: FileTree, manifest: Path) -> Listing:
    """Return what a manifest names.

    Raises
    ------
    CorpusError
        If it cannot be read, or has no column of recordings.
    """
    utterances, problems = [], list[Problem]()
    for line, row in _rows(manifest, problems):
        try:
            utterances.append(_listed(tree, manifest, line, row))
        except CorpusError as error:
            problems.append(Problem.of(error, manifest, row.get("id"), line))
    return Listing(utterances, problems)


def _rows(manifest: Path, problems: list[Problem]) -> Iterator[tuple[int, dict[str, str]]]:
    lines = read_text(manifest).splitlines()
    if manifest.suffix.casefold() == ".jsonl":
        yield from _json_rows(manifest, lines, problems)
        return
    delimiter = "\t" if manifest.suffix.casefold() == ".tsv" else ","
    table = csv.DictReader(lines, delimiter=delimiter, strict=True)
    try:
        names = [_column(name) for name in table.fieldnames or ()]
        if "audio" not in names:
            raise CorpusError(
                f"{manifest}, line 1: expected the columns audio and transcript, found "
                f"{', '.join(names) or 'none'}; name them in the first line"
            )
        table.fieldnames = names
        for row in table:
            yield table.line_num, {name: value for name, value in row.items() if name and value}
    except csv.Error as error:
        # What follows a damaged line cannot be trusted to be rows.
        reason = f"no valid row ({error}); nothing after it is read"
        problems.append(Problem(manifest, reason, None, table.line_num))


def _json_rows(
    manifest: Path, lines: Iterable[str], problems: list[Problem]
) -> Iterator[tuple[int, dict[str, str]]]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            if not isinstance(row, Mapping):
                raise TypeError(f"found {line[:40]!r}")  # noqa: TRY301 - one message for all damage
        except (ValueError, TypeError, RecursionError) as error:
            reason = f"expected a JSON object ({error})"
            problems.append(Problem(manifest, reason, None, number))
            continue
        filled = {_column(name): value for name, value in row.items() if value not in (None, "")}
        yield number, {name: _as_text(value) for name, value in filled.items()}


def _column(name: str) -> str:
    plain = name.strip().casefold()
    return _ALIASES.get(plain, plain)


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _listed(tree: FileTree, manifest: Path, line: int, row: Mapping[str, str]) -> Listed:
    if "audio" not in row:
        raise CorpusError("names no audio; fill in the column audio")
    audio = _below(tree, manifest, row["audio"])
    start_s, end_s = (_seconds(row, name) for name in ("start", "end"))
    if end_s is not None and end_s <= (start_s or 0.0):
        raise CorpusError(f"ends at {end_s} s, but starts at {start_s or 0.0} s; mend the times")
    return Listed(
        id=row.get("id") or _default_id(audio, start_s, end_s),
        speaker=row.get("speaker", tree.root.name),
        audio=audio,
        transcript=row.get("transcript"),
        source=manifest,
        line=line,
        start_s=start_s,
        end_s=end_s,
        alignment=_below(tree, manifest, row["alignment"]) if "alignment" in row else None,
        sex=row.get("sex", "").casefold()[:1] or None,
        metadata={name: value for name, value in row.items() if name not in _OWN},
    )


def _default_id(audio: PurePosixPath, start_s: float | None, end_s: float | None) -> str:
    name = str(audio.with_suffix(""))
    return name if start_s is None and end_s is None else f"{name}@{start_s or 0.0:010.3f}"


def _below(tree: FileTree, manifest: Path, named: str) -> PurePosixPath:
    """Return a file that a row names, relative to the root of the corpus."""
    path = Path(os.path.normpath(manifest.parent / named))
    if not path.is_relative_to(tree.root):
        raise CorpusError(
            f"{named} lies outside of {tree.root}; put the manifest into a folder above its files"
        )
    relative = PurePosixPath(path.relative_to(tree.root).as_posix())
    if relative not in tree.paths:
        raise CorpusError(f"there is no file {named}; paths count from the manifest's folder")
    return relative


def _seconds(row: Mapping[str, str], name: str) -> float | None:
    if name not in row:
        return None
    try:
        value = float(row[name])
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise CorpusError(f"{name} is {row[name]!r}; expected seconds, such as 12.5")
    return value
