r"""Label tracks of Audacity: start, end and label, separated by tabs.

A line that starts with ``\`` gives the frequencies of the label before it, and is passed over.
"""

import math
import re
from collections.abc import Mapping, Sequence

from pipeline.alignments.alignment import Alignment, Mark, Tier
from pipeline.alignments.source import Source, excerpt
from pipeline.alignments.tiers import alignment_from_tiers

_FREQUENCIES = "\\"


def is_audacity(source: Source) -> bool:
    """Tell whether the first line starts with a number and a tab."""
    return bool(source.lines) and re.match(r"[+-]?[0-9][^\t]*\t", source.lines[0][1]) is not None


def read_audacity(source: Source) -> Mapping[str, Alignment]:
    """Return the labels as words.

    Raises
    ------
    AlignmentError
        If a line is no label.
    """
    marks: list[Mark] = []
    for number, line in source.lines:
        fields = line.split("\t")
        if fields[0] == _FREQUENCIES and marks:
            _check_frequencies(source, number, fields)
        else:
            marks.append(_mark(source, number, fields))
    tier = Tier("interval", "words", 0.0, math.inf, tuple(marks))
    return {source.name: alignment_from_tiers(source, [tier], source.end_notes)}


def _check_frequencies(source: Source, number: int, fields: Sequence[str]) -> None:
    if len(fields) != 3:  # noqa: PLR2004 - the mark, the lowest and the highest
        raise source.error(f"expected two frequencies, found {excerpt(' '.join(fields))}", number)
    for frequency in fields[1:]:
        source.number(frequency, "a frequency in Hz", number)


def _mark(source: Source, number: int, fields: Sequence[str]) -> Mark:
    if len(fields) not in (2, 3):
        found = excerpt("\t".join(fields))
        raise source.error(f"expected START, END and LABEL between tabs, found {found}", number)
    start_s = source.number(fields[0], "the start in seconds", number)
    end_s = source.number(fields[1], "the end in seconds", number)
    return Mark(start_s, end_s, "".join(fields[2:]), line=number)
