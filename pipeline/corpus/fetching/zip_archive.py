"""Unpack a part of a zip archive of a stranger."""

import shutil
import stat
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from pipeline.corpus.fetching.disk_space import require_space
from pipeline.corpus.fetching.limits import Budget, plain_path
from pipeline.corpus.fetching.progress import Progress, unseen
from pipeline.errors import CorpusError

# The last for encrypted members, and for compressions that zipfile does not know.
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError)
_PLAIN = (0, stat.S_IFREG)  # archives made on other systems give no type


def unpack_zip(
    archive: Path,
    folder: Path,
    place: Callable[[PurePosixPath], PurePosixPath | None],
    *,
    budget: Budget | None = None,
    progress: Progress = unseen,
) -> int:
    """Write files of an archive below a folder.

    Parameters
    ----------
    place : callable
        From a member's path to its path below the folder, None if it is not wanted.
    budget : Budget, optional
        By default what fits the archive's size.

    Returns
    -------
    int
        How many files were written.

    Raises
    ------
    CorpusError
        If the disk has no room; if a member is no file, could lead out of the folder or is too
        large; if the archive is damaged, or a file cannot be written.
    """
    left = budget or Budget.of(archive)
    try:
        with zipfile.ZipFile(archive) as members:
            wanted = _wanted(archive, members, place, left)
            size_bytes = sum(member.file_size for member, _ in wanted)
            require_space(folder, size_bytes, f"unpacking {archive.name}")
            done_bytes = 0
            for member, path in wanted:
                # A member never yields more than the size that it declares.
                _write(members, member, folder / path)
                done_bytes += member.file_size
                progress(f"unpacking {archive.name}", done_bytes, size_bytes)
    except (*_UNREADABLE, OSError) as error:
        raise CorpusError(
            f"{archive}: cannot be unpacked ({error}); make room if the disk is full, else delete "
            "the archive and fetch it again"
        ) from error
    return len(wanted)


def _wanted(
    archive: Path,
    members: zipfile.ZipFile,
    place: Callable[[PurePosixPath], PurePosixPath | None],
    left: Budget,
) -> list[tuple[zipfile.ZipInfo, PurePosixPath]]:
    wanted = []
    for member in members.infolist():
        path = place(plain_path(archive, member.filename))
        if path is None or member.is_dir():
            continue
        if stat.S_IFMT(member.external_attr >> 16) not in _PLAIN:
            raise CorpusError(
                f"{archive}: the member {member.filename!r} is a link or a device, expected a "
                "file; delete the archive, nothing of it is used"
            )
        left.spend(member.file_size)
        wanted.append((member, path))
    return wanted


def _write(members: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with members.open(member) as packed, path.open("wb") as file:
        shutil.copyfileobj(packed, file)
