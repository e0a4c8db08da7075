"""What an alignment is, and the labelled stretches and tiers that it is read from."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

from pipeline.time_axis import Interval

# What aligners (MFA, HTK, MAUS, Festival, TIMIT, Buckeye) write where nobody speaks.
SILENCES = frozenset(
    ("", "sil", "sp", "spn", "<eps>", "<sil>", "<p:>", "pau", "h#", "[noise]", "{sl}", "{ns}")
)
# What they write for a word that they do not know.
UNKNOWN = frozenset(("<unk>", "[unk]"))


class Mark(NamedTuple):
    """A labelled stretch as a file says it, in seconds; also what no `Interval` may be.

    A point ends where it starts. `confidence` is what the file says, be it a number or not;
    `line` is where it says so.
    """

    start: float
    end: float
    label: str
    confidence: float | str | None = None
    line: int | None = None


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
    step_s : float
        How far times may be off because they are rounded.
    notes : tuple of str
        What the reader found odd.
    """

    kind: Literal["interval", "point"]
    name: str
    start: float
    end: float
    marks: tuple[Mark, ...]
    step_s: float = 0.001
    notes: tuple[str, ...] = ()


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
