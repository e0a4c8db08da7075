"""A store copied while others use it: its index as SQLite copies it, then the files named there."""

import shutil
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from cache.care import Progress
from cache.errors import CacheError, DamagedRecordError
from cache.store import Store

DATABASE = "cache.db"


@dataclass(frozen=True)
class CopyReport:
    """What a copy of a store holds.

    Attributes
    ----------
    records, size_bytes : int
        Of the copy.
    damaged : tuple of str
        Digests of the records that are damaged where they come from; the copy has none of them.
    """

    records: int
    size_bytes: int
    damaged: tuple[str, ...]


def copy_store(source: Path, target: Path, progress: Progress = iter) -> CopyReport:
    """Copy a store into a new folder, and compare every record there with its checksum.

    Records that are written meanwhile are not in the copy, nor are those that are deleted.

    Parameters
    ----------
    source, target : Path
        `target` may not hold a store.
    progress : callable
        Is given all records, and yields them as they are to be copied.

    Raises
    ------
    CacheError
        If there is none in `source` or one in `target`, or the disk of `target` is too small.
    """
    if not (source / DATABASE).is_file():
        raise CacheError(f"{source}: expected a store, found no {DATABASE} there; check the path")
    if (target / DATABASE).exists():
        raise CacheError(f"{target}: there is a store already; choose another folder")
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    with Store(source) as original:
        used_bytes, free_bytes = original.capacity().used_bytes, shutil.disk_usage(target).free
        if used_bytes > free_bytes:
            raise CacheError(
                f"{target}: the store takes {used_bytes:,} bytes, and {free_bytes:,} are free there"
            )
        copy_database(source / DATABASE, target / DATABASE)
        with Store(target) as copy:
            for entry in progress(list(copy.find())):
                with suppress(DamagedRecordError, FileNotFoundError):
                    place = copy.file_of(entry)
                    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                    shutil.copyfile(original.file_of(entry), place)
                    place.chmod(0o600)
            checked = copy.verify(orphan_age_s=0)
            # What was deleted while this ran is not damaged.
            damaged = tuple(each for each in checked.damaged if original.entry(each) is not None)
            return CopyReport(
                records=checked.checked - len(checked.damaged),
                size_bytes=sum(entry.size_bytes for entry in copy.find()),
                damaged=damaged,
            )


def copy_database(source: Path, target: Path) -> None:
    """Copy a database of SQLite as it is at one moment, whoever writes into it.

    Raises
    ------
    CacheError
        If it cannot be read, or the copy is not sound.
    """
    target.touch(mode=0o600)
    try:
        with (
            closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as original,
            closing(sqlite3.connect(target)) as copy,
        ):
            original.backup(copy)
            said = copy.execute("PRAGMA quick_check").fetchone()[0]
    except sqlite3.Error as error:
        raise CacheError(f"{source}: the database cannot be copied ({error})") from error
    if said != "ok":
        raise CacheError(f"{source}: the database is damaged ({said}); mend it, or delete it")
