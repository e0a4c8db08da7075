"""CSV tables of the Montreal Forced Aligner (``--output_format csv``)."""

import csv
import io
import math
from collections.abc import Iterator, Mapping

from pipeline.alignments.alignment import Alignment, Mark, Tier
from pipeline.alignments.source import Source, excerpt
from pipeline.alignments.tiers import alignment_from_tiers

_COLUMNS = ["Begin", "End", "Label", "Type", "Speaker"]
_READ = ("word", "words", "phone", "phones")


def read_mfa_csv(source: Source) -> Mapping[str, Alignment]:
    """Return the words and phones of one table.

    Raises
    ------
    AlignmentError
        If the columns are others, or a line is no interval.
    """
    marks: dict[tuple[str, str], list[Mark]] = {}
    for number, (begin, end, label, kind, speaker) in _rows(source):
        start_s = source.number(begin, "the begin in seconds", number)
        end_s = source.number(end, "the end in seconds", number)
        mark = Mark(start_s, end_s, label, line=number)
        marks.setdefault((speaker, kind), []).append(mark)
    speakers = {speaker for speaker, _ in marks}
    tiers = [
        # As MFA itself names the tiers of its TextGrids.
        Tier(
            "interval",
            f"{speaker} - {kind}" if len(speakers) > 1 else kind,
            0.0,
            math.inf,
            tuple(found),
        )
        for (speaker, kind), found in marks.items()
    ]
    others = sorted({kind for _, kind in marks if kind.strip().casefold() not in _READ})
    notes = [f"rows of the type {kind!r} are left out" for kind in others]
    return {source.name: alignment_from_tiers(source, tiers, (*source.end_notes, *notes))}


def _rows(source: Source) -> Iterator[tuple[int, list[str]]]:
    """Yield each row with the number of its first line."""
    rows = csv.reader(io.StringIO(source.text), strict=True)
    number = 1
    try:
        for row in rows:
            if number == 1 and row != _COLUMNS:
                raise source.error(f"expected the columns {_COLUMNS}, found {excerpt(str(row))}", 1)
            if number > 1 and row:
                if len(row) != len(_COLUMNS):
                    found = f"found {len(row)} fields: {excerpt(','.join(row))}"
                    raise source.error(f"expected {len(_COLUMNS)} fields, {found}", number)
                yield number, row
            number = rows.line_num + 1
    except csv.Error as error:
        raise source.error(f"no valid CSV ({error}); is the file cut?", number) from error
