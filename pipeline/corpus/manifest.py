"""A manifest: a table (CSV, TSV) or JSON lines with one utterance a row.

Columns: ``audio`` (a path below the manifest's folder) and ``transcript``; where they exist also
``id``, ``speaker``, ``sex``, ``start`` and ``end`` (seconds; the part of the recording that is
the utterance; NeMo's ``offset`` and ``duration`` say the same) and ``alignment``, which is that of
the whole recording. Any other column is kept as metadata.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from pipeline.corpus.listing import Listed, Listing
from pipeline.corpus.manifest_rows import SUFFIXES, read_rows
from pipeline.corpus.tree import FileTree, composed
from pipeline.corpus.utterance import Problem
from pipeline.errors import CorpusError

DESCRIPTION = "a manifest: manifest.csv, .tsv or .jsonl with the columns audio and transcript"
_STEM = "manifest"
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


def corpus_name(manifest: Path) -> str:
    """Return what a corpus is called that is given by its manifest."""
    return manifest.parent.name if manifest.stem.casefold() == _STEM else manifest.stem


def list_rows(tree: FileTree, manifest: Path) -> Listing:
    """Return what a manifest names.

    Raises
    ------
    CorpusError
        If it cannot be read, names no utterance, or has no column of recordings.
    """
    utterances, problems = [], list[Problem]()
    for line, row in read_rows(manifest, problems):
        try:
            utterances.append(_listed(tree, manifest, line, row))
        except CorpusError as error:
            problems.append(Problem.of(error, manifest, row.get("id"), line))
    if not utterances and not problems:
        raise CorpusError(f"{manifest}: names no utterance; write one a row")
    return Listing(utterances, problems)


def _listed(tree: FileTree, manifest: Path, line: int, row: Mapping[str, str]) -> Listed:
    if "audio" not in row:
        raise CorpusError("names no audio; fill in the column audio")
    audio = _below(tree, manifest, row["audio"])
    start_s, end_s = _seconds(row, "start"), _seconds(row, "end")
    if end_s is None and start_s is not None:
        duration_s = _seconds(row, "duration")
        end_s = None if duration_s is None else start_s + duration_s
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
    path = Path(os.path.normpath(manifest.parent / composed(named)))
    if not path.is_relative_to(tree.root) and "\0" not in named:
        # The way to the corpus that the row names may lead over links.
        path = Path(os.path.realpath(path.parent), path.name)
    if not path.is_relative_to(tree.root):
        raise CorpusError(
            f"{named} lies outside of {tree.root}; put the manifest into a folder above its files"
        )
    relative = PurePosixPath(path.relative_to(tree.root).as_posix())
    if relative not in tree.paths:
        raise CorpusError(
            f"there is no file {named}; paths count from the manifest's folder, with / between "
            "folders"
        )
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
