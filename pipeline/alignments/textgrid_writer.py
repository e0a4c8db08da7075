"""Write Praat TextGrids in the long text format, which every tool of the field reads."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pipeline.time_axis import Interval


def write_textgrid(path: Path, tiers: Mapping[str, Sequence[Interval]], duration_s: float) -> None:
    """Write a file with one interval tier for each name; what is between the intervals is silent.

    Parameters
    ----------
    tiers : mapping of str to sequence of Interval
        In the order of time, within the recording, not overlapping.
    duration_s : float
        Length of the recording.

    Raises
    ------
    ValueError
        If intervals overlap, or end after the recording.
    """
    lines = _long_format(tiers, duration_s)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _long_format(tiers: Mapping[str, Sequence[Interval]], duration_s: float) -> Iterator[str]:
    yield from ('File type = "ooTextFile"', 'Object class = "TextGrid"', "")
    yield from (*_times(0.0, duration_s), "tiers? <exists>", f"size = {len(tiers)}", "item []:")
    for number, (name, intervals) in enumerate(tiers.items(), start=1):
        marks = list(_without_gaps(intervals, duration_s))
        yield from (f"    item [{number}]:", '        class = "IntervalTier"')
        yield from (f"        name = {_quoted(name)}", *_times(0.0, duration_s, indent=8))
        yield f"        intervals: size = {len(marks)}"
        for index, (start_s, end_s, label) in enumerate(marks, start=1):
            yield f"        intervals [{index}]:"
            yield from (*_times(start_s, end_s, indent=12), f"            text = {_quoted(label)}")


def _times(start_s: float, end_s: float, indent: int = 0) -> tuple[str, str]:
    # The shortest decimals that read back as the same number.
    return f"{'':{indent}}xmin = {start_s!r}", f"{'':{indent}}xmax = {end_s!r}"


def _quoted(text: str) -> str:
    doubled = text.replace('"', '""')
    return f'"{doubled}"'


def _without_gaps(
    intervals: Sequence[Interval], duration_s: float
) -> Iterator[tuple[float, float, str]]:
    now_s = 0.0
    for interval in intervals:
        if interval.start < now_s or interval.end > duration_s:
            raise ValueError(
                f"{interval} overlaps its predecessor, which ends at {now_s} s, or ends after "
                f"the recording ({duration_s} s)"
            )
        if interval.start > now_s:
            yield now_s, interval.start, ""
        yield interval.start, interval.end, interval.label
        now_s = interval.end
    if now_s < duration_s:
        yield now_s, duration_s, ""
