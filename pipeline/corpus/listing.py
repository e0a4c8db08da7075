"""What a corpus' layout says of its utterances, before audio and alignments are looked at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from pipeline.corpus.utterance import Problem

AUDIO_SUFFIXES = frozenset(
    (
        *(".wav", ".wave", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".sph", ".nist"),
        *(".aif", ".aiff", ".aifc", ".au", ".snd", ".caf", ".w64", ".rf64", ".voc"),
    )
)


@dataclass(frozen=True)
class Listed:
    """One utterance as its layout names it.

    Attributes
    ----------
    id, speaker : str
    audio : PurePosixPath
        Below the corpus' root.
    transcript : str or None
        None: the alignment alone says what is spoken.
    source : Path
        The file that names the utterance.
    line : int or None
        Its line there, counted from 1.
    start_s, end_s : float or None
        The part of the recording that is this utterance, None: from its start, to its end.
    alignment : PurePosixPath or None
        Below the corpus' root; None: it is looked for by name.
    sex : str or None
    metadata : mapping
    """

    id: str
    speaker: str
    audio: PurePosixPath
    transcript: str | None
    source: Path
    line: int | None = None
    start_s: float | None = None
    end_s: float | None = None
    alignment: PurePosixPath | None = None
    sex: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)

    @property
    def place(self) -> str:
        """Where it is named: the file, and the line where there is one."""
        return str(self.source) if self.line is None else f"{self.source}, line {self.line}"


@dataclass(frozen=True, eq=False)
class Listing:
    """The utterances that a layout finds in a folder, and what is wrong with the rest."""

    utterances: Sequence[Listed]
    problems: Sequence[Problem]
