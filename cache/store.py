"""The store: records found again by what they were computed from, safe under many processes."""

import json
import logging
import sqlite3
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import diskcache

from cache.accounts import Entry, PruneReport, Usage, VerifyReport
from cache.disk import NewRecord, SafetensorsDisk, sha256_of
from cache.errors import CacheError, DamagedRecordError, StoreFullError
from cache.key import Key
from cache.record import Arrays, Record

log = logging.getLogger(__name__)

# SQLite's own limit on the variables of one query was once 999.
_KEYS_A_QUERY = 900


class Store:
    """Records in a folder of this machine.

    Nothing is evicted: where there is no more room, `put` says so.

    Parameters
    ----------
    path : Path or str
        Made, readable by this user only, if absent. Not on a network file system.
    size_limit_bytes : int, optional
        None: as large as the disk.
    """

    def __init__(self, path: Path | str, size_limit_bytes: int | None = None) -> None:
        self.path = Path(path)
        self.size_limit_bytes = size_limit_bytes
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._cache = diskcache.Cache(
            str(self.path),
            disk=SafetensorsDisk,
            # diskcache would evict from 1 GiB on; these three keep everything.
            size_limit=2**62,
            eviction_policy="none",
            cull_limit=0,
            statistics=0,
            # diskcache makes a tag index without waiting for other processes that open the store.
            tag_index=0,
        )

    def __getstate__(self) -> object:
        raise TypeError(f"a store is not pickled; open {self.path} anew in the other process")

    def __enter__(self) -> "Store":  # noqa: PYI034 - the tests' type checker knows no Self
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the index; the store opens it again when it is used."""
        self._cache.close()

    def put(
        self,
        key: Key,
        arrays: Arrays,
        metadata: Mapping[str, Any] | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> None:
        """Write a record, in the place of one of the same key.

        Readers see the whole record or none. It is not forced through to the disk: after a power
        cut it may be damaged, which reading notices, and then it is computed again.

        Parameters
        ----------
        labels : mapping of str to str, optional
            What `usage`, `find` and `prune` tell records apart by.

        Raises
        ------
        StoreFullError
            If the record does not fit.
        """
        size = sum(array.nbytes for array in arrays.values())
        if self.size_limit_bytes is not None:
            used = self._cache.volume()
            if used + size > self.size_limit_bytes:
                raise StoreFullError(
                    f"{self.path}: {used:,} of {self.size_limit_bytes:,} bytes are used, and "
                    f"{size:,} more are needed; prune the store or raise its limit"
                )
        record = NewRecord(arrays, metadata or {}, labels or {})
        try:
            self._cache.set(key.digest, record, tag=key.kind, retry=True)
        except (OSError, sqlite3.OperationalError) as error:
            raise StoreFullError(
                f"{self.path}: a record cannot be written ({error}); prune the store or free space"
            ) from error

    def get(self, key: Key) -> Record | None:
        """Return the record of a key, None if there is none."""
        return self.read(key.digest)

    def read(self, digest: str) -> Record | None:
        """Return the record of a digest, None if there is none.

        A damaged one is dropped, with a warning, so that it is computed again.
        """
        try:
            return self._fetch(digest)
        except DamagedRecordError:
            pass
        try:
            # Another process may have replaced the record between its row and its file.
            return self._fetch(digest)
        except DamagedRecordError as error:
            log.warning("dropping a damaged record: %s", error)
            self._cache.delete(digest, retry=True)
            return None

    def _fetch(self, digest: str) -> Record | None:
        found: Record | None = self._cache.get(digest, retry=True)
        return found

    def delete(self, key: Key) -> bool:
        """Delete a record; return whether there was one."""
        return bool(self._cache.delete(key.digest, retry=True))

    def missing(self, keys: Iterable[Key]) -> list[Key]:
        """Return the keys without a record, in the order given."""
        asked = list(keys)
        present: set[str] = set()
        for first in range(0, len(asked), _KEYS_A_QUERY):
            digests = [key.digest for key in asked[first : first + _KEYS_A_QUERY]]
            marks = ",".join("?" * len(digests))
            rows = self._rows(f"SELECT key FROM Cache WHERE raw = 1 AND key IN ({marks})", digests)  # noqa: S608 - question marks only
            present.update(row[0] for row in rows)
        return [key for key in asked if key.digest not in present]

    def find(self, kind: str | None = None) -> Iterator[Entry]:
        """Yield what the index says of every record, or of those of one kind."""
        columns = "SELECT key, tag, value, store_time, size, filename FROM Cache WHERE raw = 1"
        rows = (
            self._rows(columns, ())
            if kind is None
            else self._rows(f"{columns} AND tag = ?", (kind,))
        )
        for digest, tag, value, stored_at_s, size, name in rows:
            try:
                row = json.loads(value)
                labels, sha256 = dict(row["labels"]), str(row["sha256"])
            except (TypeError, ValueError, KeyError):
                labels, sha256 = {}, ""
            yield Entry(str(digest), str(tag), labels, stored_at_s, size, str(name), sha256)

    def _rows(self, query: str, arguments: Iterable[str]) -> list[tuple[Any, ...]]:
        """Ask the index; diskcache itself can only look up one key at a time."""
        rows: list[tuple[Any, ...]] = self._cache._sql(query, tuple(arguments)).fetchall()  # noqa: SLF001 - see above
        return rows

    def usage(self) -> tuple[Usage, ...]:
        """Return how many records and bytes there are of each kind and labels."""
        records: Counter[tuple[str, tuple[tuple[str, str], ...]]] = Counter()
        size_bytes: Counter[tuple[str, tuple[tuple[str, str], ...]]] = Counter()
        for entry in self.find():
            group = (entry.kind, tuple(sorted(entry.labels.items())))
            records[group] += 1
            size_bytes[group] += entry.size_bytes
        return tuple(
            Usage(kind, dict(labels), records[kind, labels], size_bytes[kind, labels])
            for kind, labels in sorted(records)
        )

    def verify(self, *, orphan_age_s: int | float = 3600) -> VerifyReport:
        """Compare every record with its checksum; drop damaged ones and files without a row.

        Parameters
        ----------
        orphan_age_s : float
            Younger files may be about to get their row from another process.
        """
        entries = list(self.find())
        damaged = [entry.digest for entry in entries if not self._is_whole(entry)]
        for digest in damaged:
            self._cache.delete(digest, retry=True)
        self._remove_orphans(orphan_age_s)
        return VerifyReport(len(entries), tuple(damaged))

    def _is_whole(self, entry: Entry) -> bool:
        try:
            return sha256_of(self._disk.inside(entry.file)) == entry.sha256
        except DamagedRecordError:
            return False
        except FileNotFoundError:
            # Deleted or replaced since it was listed is not damaged.
            row = "SELECT key FROM Cache WHERE key = ? AND filename = ?"
            return not self._rows(row, (entry.digest, entry.file))

    @property
    def _disk(self) -> SafetensorsDisk:
        disk: SafetensorsDisk = self._cache.disk
        return disk

    def _remove_orphans(self, age_s: int | float) -> None:
        # Two folders down, whatever the name: a writer that was killed leaves a temporary one.
        files = [path for path in self.path.glob("*/*/*") if path.is_file()]
        known = {entry.file for entry in self.find()}
        for path in files:
            if str(path.relative_to(self.path)) not in known and _age_s(path) >= age_s:
                path.unlink(missing_ok=True)

    def prune(
        self,
        *,
        kind: str | None = None,
        labels: Mapping[str, str] | None = None,
        older_than_s: float | None = None,
        dry_run: bool = False,
    ) -> PruneReport:
        """Delete the records that meet every criterion given, at least one.

        Parameters
        ----------
        kind : str, optional
        labels : mapping, optional
            All of them must be a record's.
        older_than_s : float, optional
            Seconds since the record was written.
        dry_run : bool
            Only count.

        Raises
        ------
        CacheError
            If no criterion is given.
        """
        if kind is None and not labels and older_than_s is None:
            raise CacheError("prune needs a kind, labels or an age; it deletes what meets them")
        latest_s = float("inf") if older_than_s is None else time.time() - older_than_s
        wanted = set((labels or {}).items())
        chosen = [
            entry
            for entry in self.find(kind)
            if wanted <= set(entry.labels.items()) and entry.stored_at_s <= latest_s
        ]
        if not dry_run:
            for entry in chosen:
                self._cache.delete(entry.digest, retry=True)
        return PruneReport(len(chosen), sum(entry.size_bytes for entry in chosen))


def _age_s(path: Path) -> float:
    try:
        return time.time() - path.stat().st_mtime
    except FileNotFoundError:
        return 0.0
