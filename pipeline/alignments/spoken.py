"""What can be heard of a tier: no silences, nothing before 0, nothing without duration."""

import math
from collections.abc import Iterator
from functools import lru_cache
from operator import itemgetter

from pipeline.alignments.alignment import SILENCES, UNKNOWN, Mark, Tier
from pipeline.alignments.source import NUMBER, Source
from pipeline.errors import AlignmentError
from pipeline.time_axis import Interval

_LONGEST_S = 1e7  # four months; milliseconds and sample numbers exceed it sooner

_by_time = itemgetter(0, 1)


def spoken(source: Source, tier: Tier, unit: str) -> tuple[list[Interval], list[str]]:
    """Return the intervals in the order of time, and notes on all that is odd.

    Parameters
    ----------
    unit : str
        What the tier holds, in the singular.

    Raises
    ------
    AlignmentError
        If a mark ends before it starts, or later than any recording.
    """
    intervals, notes = [], [*tier.notes]
    latest = Mark(-math.inf, -math.inf, "")
    heard_until = 0.0
    for mark in sorted(tier.marks, key=_by_time):
        start, end, label, said, _ = mark
        if not -_LONGEST_S <= start <= end <= _LONGEST_S:
            raise _impossible(source, mark, unit)
        text, is_silence, is_unknown = _read_label(label)
        if is_silence:
            continue
        if heard_until <= start < end <= tier.end and not is_unknown and said is None:
            intervals.append(Interval(text, start, end))
        else:
            notes += [f"{_place(mark, unit)} {oddity}" for oddity in _oddities(mark, tier, latest)]
            if end > max(0.0, start):
                intervals.append(Interval(text, max(0.0, start), end, _confidence(said)))
        if end > latest.end:
            latest, heard_until = mark, max(0.0, end)
    return intervals, notes


@lru_cache(maxsize=100_000)
def _read_label(label: str) -> tuple[str, bool, bool]:
    """Return the text of a label, and whether it stands for silence or for an unknown word."""
    folded = label.strip().casefold()
    return label.strip(), folded in SILENCES, folded in UNKNOWN


def _impossible(source: Source, mark: Mark, unit: str) -> AlignmentError:
    problem = "is too late or early; are these seconds?"
    if not mark.start <= mark.end:
        problem = "ends before it starts"
    which = f"the {unit} {mark.label.strip()!r} from {mark.start} to {mark.end} s"
    return source.error(f"{which} {problem}", mark.line)


def _place(mark: Mark, unit: str) -> str:
    line = "" if mark.line is None else f"line {mark.line}: "
    return f"{line}{unit} {mark.label.strip()!r} at {mark.start} s"


def _oddities(mark: Mark, tier: Tier, latest: Mark) -> Iterator[str]:
    if mark.label.strip().casefold() in UNKNOWN:
        yield "stands for one that the aligner did not know"
    if mark.start == mark.end:
        yield "has no duration and is left out"
    elif mark.start < 0:
        yield "starts before the recording and is " + ("cut" if mark.end > 0 else "left out")
    if mark.end > tier.end + tier.step_s:
        yield f"ends at {mark.end} s, after its tier ({tier.end} s)"
    if mark.start < latest.end - tier.step_s:
        yield f"overlaps {latest.label.strip()!r}, which ends at {latest.end} s"
    if mark.confidence is not None and _confidence(mark.confidence) is None:
        yield f"has the confidence {mark.confidence!r}; expected a number from 0 to 1"


def _confidence(said: float | str | None) -> float | None:
    if isinstance(said, str):
        said = float(said) if NUMBER.fullmatch(said) else None
    return said if said is not None and 0 <= said <= 1 else None
