"""Everything that a server keeps in its home folder, copied elsewhere and back.

Not in it: what comes from elsewhere and can be had again (corpora, downloaded or not, and models),
and secrets.
"""

import json
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

from cache.backup import copy_database, copy_store
from cache.care import Progress
from pipeline.errors import BackupError

FORMAT = 1
MARKER = "backup.json"
_DATABASES = ("jobs.db", "views.db")
_FILES = ("corpora.json", "models.json")
_FOLDERS = ("alignments",)
_CONTENT = ("store", *_DATABASES, *_FILES, *_FOLDERS)


@dataclass(frozen=True)
class BackupReport:
    """What was copied, in the store and beside it; `damaged` names the records left out."""

    records: int
    size_bytes: int
    damaged: tuple[str, ...]
    beside: tuple[str, ...]


def back_up(home: Path, folder: Path, progress: Progress = iter) -> BackupReport:
    """Copy a home folder into a new folder; the server may go on meanwhile.

    Each database is copied as it is at one moment, the store's records are compared with their
    checksums. The folder counts as a backup once its marker is written, at the very end.

    Raises
    ------
    BackupError
        If the folder holds something, or lies in the home folder.
    CacheError
        If there is no store, it cannot be copied, or the disk is too small.
    """
    if folder.resolve().is_relative_to(home):
        raise BackupError(f"{folder} lies in {home}, which it is to be a copy of; choose another")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BackupError(f"{folder} holds something already; name a new folder for each backup")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    report = _copy(home, folder, progress)
    marker = {"format": FORMAT, "made_with": version("layerscope"), "made_at_s": time.time()}
    (folder / MARKER).write_text(json.dumps(marker | asdict(report), indent=1), encoding="utf-8")
    return report


def restore(folder: Path, home: Path, progress: Progress = iter) -> BackupReport:
    """Copy a backup into an empty home folder, and compare every record with its checksum.

    Raises
    ------
    BackupError
        If the folder is no whole backup, or the home folder is in use.
    CacheError
        If the store cannot be copied.
    """
    _check_marker(folder)
    taken = [name for name in _CONTENT if (home / name).exists()]
    if taken:
        raise BackupError(
            f"{home} is in use: it holds {', '.join(taken)}; stop the server and restore into an "
            "empty folder (LAYERSCOPE_HOME)"
        )
    with _all_or_nothing(home):
        return _copy(folder, home, progress)


def _check_marker(folder: Path) -> None:
    try:
        said = json.loads((folder / MARKER).read_text(encoding="utf-8"))
        found = said["format"]
    except (OSError, ValueError, TypeError, LookupError) as error:
        raise BackupError(
            f"{folder} is no whole backup: its {MARKER} cannot be read ({error}); "
            "name a folder that `cache backup` has finished"
        ) from error
    if found != FORMAT:
        raise BackupError(
            f"{folder}: expected a backup of format {FORMAT}, found {found!r}; "
            "restore it with the LayerScope that made it"
        )


@contextmanager
def _all_or_nothing(home: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        for name in _CONTENT:
            path = home / name
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        raise


def _copy(source: Path, target: Path, progress: Progress) -> BackupReport:
    # Views and jobs first: what they are about may only be newer.
    for name in _DATABASES:
        if (source / name).exists():
            copy_database(source / name, target / name)
    for name in _FILES:
        if (source / name).exists():
            shutil.copyfile(source / name, target / name)
    for name in _FOLDERS:
        if (source / name).exists():
            shutil.copytree(source / name, target / name)
    copied = copy_store(source / "store", target / "store", progress)
    beside = tuple(name for name in _CONTENT[1:] if (target / name).exists())
    return BackupReport(copied.records, copied.size_bytes, copied.damaged, beside)
