"""What a corpus' layout says of its utterances, before audio and alignments are looked at."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
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


def by_stem(recordings: Iterable[PurePosixPath]) -> dict[PurePosixPath, PurePosixPath]:
    """Return recordings by their paths without the ending; of several formats the first."""
    found: dict[PurePosixPath, PurePosixPath] = {}
    for path in recordings:
        found.setdefault(path.with_suffix(""), path)
    return found


def left_over(
    root: Path,
    recordings: Iterable[PurePosixPath],
    used: Collection[PurePosixPath],
    reason: Callable[[PurePosixPath], str],
) -> Iterator[Problem]:
    """Yield a problem for each recording that is not used; `reason` says why.

    No utterance is lost where the same recording is used in another format.
    """
    first = by_stem(used)
    for path in recordings:
        if path in used:
            continue
        other = first.get(path.with_suffix(""))
        if other is None:
            yield Problem(root / path, reason(path), path.stem)
        else:
            note = f"{other.name} is used instead; remove one of the two"
            yield Problem(root / path, note, path.stem, left_out="nothing")
