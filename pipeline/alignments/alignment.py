"""What an alignment is: the words and phones of one recording, found among named tiers."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Literal, NamedTuple

from pipeline.errors import AlignmentError
from pipeline.time_axis import Interval

# What aligners (MFA, HTK, MAUS, Festival, TIMIT, Buckeye) write where nobody speaks.
SILENCES = frozenset(
    ("", "sil", "sp", "spn", "<eps>", "<sil>", "<p:>", "pau", "h#", "[noise]", "{sl}", "{ns}")
)
_ROUNDING_S = 0.001

_log = logging.getLogger(__name__)


class Mark(NamedTuple):
    """A labelled stretch as a file says it, in seconds; also what no `Interval` may be.

    A point ends where it starts.
    """

    start: float
    end: float
    label: str


@dataclass(frozen=True, slots=True)
class Tier:
    """One named row of an alignment file.

    Attributes
    ----------
    kind : {"interval", "point"}
    name : str
    start, end : float
        Seconds.
    marks : tuple of Mark
        In the order of the file.
    """

    kind: Literal["interval", "point"]
    name: str
    start: float
    end: float
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Alignment:
    """When each word and phone of one recording was spoken, in the order of time.

    Attributes
    ----------
    words, phones : list of Interval
        Without silences. Phones may be empty.
    notes : tuple of str
        What is odd in the file: intervals left out, overlaps, words the aligner did not know.
    """

    words: list[Interval]
    phones: list[Interval]
    notes: tuple[str, ...] = ()


def alignment_from_tiers(path: Path, tiers: Sequence[Tier]) -> Alignment:
    """Return the words and phones among the `tiers` of the file at `path`.

    The word tier is the first interval tier named ``words`` or ``word``, in any case; else the
    first whose name ends so (MFA names the tiers of many speakers ``KY25A - words``). The phone
    tier is found likewise, and may be missing.

    Raises
    ------
    AlignmentError
        If there is no word tier.
    """
    words = _named(path, tiers, "word")
    if words is None:
        found = ", ".join(f"{tier.name!r} ({tier.kind}s)" for tier in tiers) or "no tiers"
        raise AlignmentError(
            path, f"no tier of word intervals; found {found}. Name the word tier 'words'."
        )
    phones = _named(path, tiers, "phone")
    return Alignment(_spoken(path, words), [] if phones is None else _spoken(path, phones))


def _named(path: Path, tiers: Iterable[Tier], name: str) -> Tier | None:
    folded = [(tier.name.strip().casefold(), tier) for tier in tiers if tier.kind == "interval"]
    names = (name, f"{name}s")
    exact = [tier for label, tier in folded if label in names]
    found = exact or [tier for label, tier in folded if label.endswith(names)]
    if len(found) > 1:
        _log.warning("%s: %d %s tiers; reading %r", path, len(found), name, found[0].name)
    return found[0] if found else None


def _spoken(path: Path, tier: Tier) -> list[Interval]:
    """Return what can be heard: no silences, nothing before 0, nothing without duration."""
    spoken = [mark for mark in tier.marks if mark.label.strip().casefold() not in SILENCES]
    for oddity in _oddities(tier, sorted(spoken)):
        _log.warning("%s, tier %r: %s", path, tier.name, oddity)
    intervals = [
        Interval(mark.label.strip(), max(mark.start, 0.0), mark.end)
        for mark in spoken
        if mark.end > max(mark.start, 0.0)
    ]
    return sorted(intervals, key=lambda interval: (interval.start, interval.end))


def _oddities(tier: Tier, spoken: Sequence[Mark]) -> Iterable[str]:
    for mark in spoken:
        if mark.end == mark.start:
            yield f"{mark.label!r} at {mark.start} s has no duration and is left out"
        if mark.start < 0:
            yield f"{mark.label!r} starts at {mark.start} s, before the recording"
        if mark.end > tier.end + _ROUNDING_S:
            yield f"{mark.label!r} ends at {mark.end} s, after its tier ({tier.end} s)"
    for mark, following in pairwise(spoken):
        if following.start < mark.end - _ROUNDING_S:
            yield f"{mark.label!r} and {following.label!r} overlap at {following.start} s"
