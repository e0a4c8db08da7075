"""Unpack a gzipped tar archive of a stranger."""

import tarfile
import zlib
from pathlib import Path

from pipeline.corpus.fetching.disk_space import require_space
from pipeline.corpus.fetching.limits import Budget, plain_path
from pipeline.corpus.fetching.progress import Progress, unseen
from pipeline.errors import CorpusError

# Recordings are compressed already: they shrink no more. The rest is for blocks that are not full.
_GROWTH = 1.1


def unpack_tar(
    archive: Path, folder: Path, *, budget: Budget | None = None, progress: Progress = unseen
) -> None:
    """Write every file of an archive below a folder.

    Parameters
    ----------
    budget : Budget, optional
        By default what fits the archive's size.

    Raises
    ------
    CorpusError
        If the disk has no room; if a member is neither file nor folder, could lead out of the
        folder or is too large; if the archive is damaged, or a file cannot be written.
    """
    if not hasattr(tarfile, "data_filter"):
        raise CorpusError("this Python cannot unpack archives safely; use Python 3.11.4 or newer")
    size_bytes = archive.stat().st_size
    require_space(folder, round(_GROWTH * size_bytes), f"unpacking {archive.name}")
    left = budget or Budget.of(archive)
    try:
        with archive.open("rb") as packed, tarfile.open(fileobj=packed, mode="r:gz") as members:
            for member in members:
                _refuse_odd(archive, member)
                left.spend(member.size)
                members.extract(member, folder, filter="data")
                progress(f"unpacking {archive.name}", packed.tell(), size_bytes)
    except (tarfile.TarError, zlib.error, EOFError, OSError) as error:
        raise CorpusError(
            f"{archive}: cannot be unpacked ({error}); make room if the disk is full, else delete "
            "the archive and fetch it again"
        ) from error


def _refuse_odd(archive: Path, member: tarfile.TarInfo) -> None:
    plain_path(archive, member.name)
    if not (member.isfile() or member.isdir()):
        raise CorpusError(
            f"{archive}: the member {member.name!r} is a link or a device, expected files and "
            "folders; delete the archive, nothing of it is used"
        )
