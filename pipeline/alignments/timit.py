"""TIMIT's words (``.wrd``) and the phones of the file beside them (``.phn``)."""

import math
import re
from collections.abc import Mapping
from pathlib import Path

from pipeline.alignments.alignment import Alignment, Mark, Tier
from pipeline.alignments.source import Source, excerpt
from pipeline.alignments.tiers import alignment_from_tiers
from pipeline.errors import AlignmentError

SAMPLE_RATE_HZ = 16_000
_LINE = re.compile(r"\s*([0-9]{1,12})\s+([0-9]{1,12})\s+(\S+)\s*")


def read_timit(source: Source) -> Mapping[str, Alignment]:
    """Return the words, and the phones if there is such a file.

    Raises
    ------
    AlignmentError
        If a line is no label, or the phones are a link that leads elsewhere.
    """
    tiers, notes = [_tier(source, "words")], [*source.end_notes]
    for path in _phone_files(source.path):
        phones = Source.open(path)
        tiers.append(_tier(phones, "phones"))
        notes += [f"{path.name}: {note}" for note in (*phones.notes, *phones.end_notes)]
    return {source.name: alignment_from_tiers(source, tiers, notes)}


def _phone_files(path: Path) -> list[Path]:
    beside = [path.with_suffix(suffix) for suffix in (".phn", ".PHN")]
    found = [file for file in beside if file.is_file()][:1]
    for file in found:
        if file.is_symlink() and file.resolve().parent != path.parent.resolve():
            raise AlignmentError(file, "a link that leads out of its folder; copy the file instead")
    return found


def _tier(source: Source, name: str) -> Tier:
    marks = tuple(_mark(source, number, line) for number, line in source.lines)
    if not marks:
        raise source.error("no labels; expected 'FIRST_SAMPLE END_SAMPLE LABEL' lines")
    return Tier("interval", name, 0.0, math.inf, marks)


def _mark(source: Source, number: int, line: str) -> Mark:
    match = _LINE.fullmatch(line)
    if match is None:
        found = excerpt(line)
        raise source.error(f"expected 'FIRST_SAMPLE END_SAMPLE LABEL', found {found}", number)
    first, end = int(match[1]), int(match[2])
    if end < first:
        raise source.error(f"{match[3]!r} ends at sample {end}, before {first}", number)
    return Mark(first / SAMPLE_RATE_HZ, end / SAMPLE_RATE_HZ, match[3], line=number)
