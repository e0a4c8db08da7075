"""What an archive may hold: plain names, and not more than fits its own size."""

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pipeline.errors import CorpusError

# All of LibriSpeech has 292,367 utterances.
_MOST_MEMBERS = 1_000_000
# TextGrids shrink about eightfold; what shrinks more than twentyfold was made to fill disks.
_MOST_TIMES = 20
_ALWAYS_BYTES = 2**26


def plain_path(archive: Path, name: str) -> PurePosixPath:
    """Return a member's path, which stays inside the folder that it is unpacked in.

    Raises
    ------
    CorpusError
        If it could lead elsewhere, on any system.
    """
    path = PurePosixPath(name)
    odd = path.is_absolute() or ".." in path.parts or not path.parts
    if odd or any(character in name for character in "\\:\0"):
        raise CorpusError(
            f"{archive}: the member {name!r} could lead out of the folder; expected a relative "
            "path without '..'; delete the archive, nothing of it is used"
        )
    return path


@dataclass
class Budget:
    """What may still be unpacked of an archive."""

    archive: Path
    members: int
    size_bytes: int

    @classmethod
    def of(cls, archive: Path) -> "Budget":
        """Return what an archive may hold in all."""
        return cls(archive, _MOST_MEMBERS, _MOST_TIMES * archive.stat().st_size + _ALWAYS_BYTES)

    def spend(self, size_bytes: int) -> None:
        """Take a member's share.

        Raises
        ------
        CorpusError
            If there is not enough left.
        """
        self.members -= 1
        self.size_bytes -= size_bytes
        if min(self.members, self.size_bytes) < 0:
            raise CorpusError(
                f"{self.archive}: it holds more files, or unpacks to more bytes, than is plausible "
                "for its size; delete it, nothing of it is used"
            )
