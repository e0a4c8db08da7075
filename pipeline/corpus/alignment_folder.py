"""The alignments of a corpus: which file belongs to a recording, and whether it fits."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.alignments import Alignment, read_alignment
from pipeline.alignments.formats import SUFFIXES
from pipeline.corpus.links import refuse_link_out
from pipeline.errors import AlignmentError, CorpusError

# An alignment may end this much after its recording: aligners round to their frames.
TOLERANCE_S = 0.05
# Files that end so may as well be transcripts or tables.
_AMBIGUOUS = frozenset((".csv", ".json", ".txt"))


@dataclass(frozen=True, eq=False)
class AlignmentFolder:
    """Every alignment file below a folder.

    Attributes
    ----------
    path : Path
    by_name : mapping of str to list of Path
        The files, by name without extension.
    """

    path: Path
    by_name: Mapping[str, list[Path]]

    @classmethod
    def scan(cls, path: Path) -> "AlignmentFolder":
        """List the files of every known format.

        Raises
        ------
        CorpusError
            If `path` is no folder.
        """
        if not path.is_dir():
            raise CorpusError(f"{path}: expected the folder of the alignments; it is none")
        by_name: dict[str, list[Path]] = {}
        for file in sorted(path.rglob("*")):
            if file.suffix.casefold() in SUFFIXES - _AMBIGUOUS:
                by_name.setdefault(file.stem, []).append(file)
        return cls(path, by_name)

    def find(self, audio: Path) -> Path:
        """Return the alignment of a recording, given as path relative to the corpus.

        It has the recording's name and lies at the same relative path; or anywhere, if the name
        is unique.

        Raises
        ------
        AlignmentError
            If there is none, or more than one.
        CorpusError
            If it is a link that leads out of the folder.
        """
        expected = self.path / audio.parent
        same_name = self.by_name.get(audio.stem, [])
        found = [file for file in same_name if file.parent == expected] or same_name
        if not found:
            missing = expected / f"{audio.stem}.TextGrid"
            raise AlignmentError(missing, "there is no such alignment; add it, or name its folder")
        if len(found) > 1:
            raise AlignmentError(found[0], f"{len(found)} alignments have this name; keep one")
        refuse_link_out(found[0], self.path)
        return found[0]


def read_fitting(path: Path, duration_s: float) -> Alignment:
    """Read the alignment of a recording that lasts `duration_s`.

    Raises
    ------
    AlignmentError
        If it cannot be read, or ends after the recording.
    """
    alignment = read_alignment(path)
    last_s = max((mark.end for mark in [*alignment.words, *alignment.phones]), default=0.0)
    if last_s > duration_s + TOLERANCE_S:
        raise AlignmentError(
            path,
            f"it ends at {last_s:.2f} s, but the recording lasts {duration_s:.2f} s; one of the "
            "two is cut or belongs to another",
        )
    return alignment
