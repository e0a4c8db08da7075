"""Time-marked conversation files (CTM) of NIST's and Kaldi's tools."""

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from pipeline.alignments.alignment import Alignment, Mark, Tier
from pipeline.alignments.source import Source, excerpt
from pipeline.alignments.tiers import alignment_from_tiers

# Without a confidence, with one, and with NIST's type and speaker after it.
_FIELD_COUNTS = (5, 6, 8)


class _Row(NamedTuple):
    recording: str
    channel: str
    word: Mark


def read_ctm(source: Source) -> Mapping[str, Alignment]:
    """Return the words of each recording; of each channel, where a recording has several.

    Raises
    ------
    AlignmentError
        If a line is no such word, or there is none.
    """
    rows = [_row(source, number, line) for number, line in source.lines if line[:2] != ";;"]
    if not rows:
        raise source.error("no words; expected 'RECORDING CHANNEL START DURATION WORD' lines")
    names = _names(rows)
    words: dict[str, list[Mark]] = {name: [] for name in names}
    for name, row in zip(names, rows, strict=True):
        words[name].append(row.word)
    return {
        name: alignment_from_tiers(
            source,
            [Tier("interval", "words", 0.0, math.inf, tuple(marks))],
            source.end_notes if name == names[-1] else (),
        )
        for name, marks in words.items()
    }


def _row(source: Source, number: int, line: str) -> _Row:
    fields = line.split()
    if len(fields) not in _FIELD_COUNTS:
        raise source.error(
            "expected 'RECORDING CHANNEL START DURATION WORD' and perhaps a confidence, found "
            f"{len(fields)} fields: {excerpt(line.strip())}",
            number,
        )
    recording, channel, start, duration, word, confidence = (*fields, "NA")[:6]
    start_s = source.number(start, "the start in seconds", number)
    if source.number(duration, "the duration in seconds", number) < 0:
        raise source.error(f"the duration {duration} is negative", number)
    # In decimals, so that a word ends exactly where the next starts.
    end_s = float(Decimal(start) + Decimal(duration))
    said = None if confidence.upper() == "NA" else confidence
    return _Row(recording, channel, Mark(start_s, end_s, word, said, number))


def _names(rows: Sequence[_Row]) -> list[str]:
    channels: dict[str, set[str]] = {}
    for row in rows:
        channels.setdefault(row.recording, set()).add(row.channel)
    return [
        row.recording if len(channels[row.recording]) == 1 else f"{row.recording}-{row.channel}"
        for row in rows
    ]
