"""The index of a store: which records there are, in SQLite through diskcache."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from diskcache import Timeout

from cache.accounts import Entry
from cache.connections import ThreadwiseCache
from cache.disk import SafetensorsDisk, WrittenRecord, noted
from cache.errors import CacheError, StoreFullError
from cache.record import Record

# SQLite's own limit on the variables of one query was once 999.
_KEYS_A_QUERY = 900
# What diskcache itself gives back; nothing of ours is written otherwise.
_OURS = "FROM Cache WHERE raw = 1 AND expire_time IS NULL"
_ENTRY = f"SELECT key, tag, value, store_time, size, filename {_OURS}"


class Index:
    """The rows of a store; safe under many processes and threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        try:
            self._cache = ThreadwiseCache(
                str(folder),
                disk=SafetensorsDisk,
                # diskcache would evict from 1 GiB on; these three keep everything.
                size_limit=2**62,
                eviction_policy="none",
                cull_limit=0,
                statistics=0,
                # diskcache makes a tag index without waiting for other processes that open it.
                tag_index=0,
            )
        except sqlite3.OperationalError as error:
            raise self._refused(error) from error
        self.disk: SafetensorsDisk = self._cache.disk

    def close(self) -> None:
        """Close the database; it is opened again when it is used."""
        self._cache.close()

    def used_bytes(self) -> int:
        """Return the size of the database and of every record."""
        return int(self._cache.volume())

    def fetch(self, digest: str, *, compare: bool) -> Record | None:
        """Open a record, None if there is none.

        Raises
        ------
        DamagedRecordError
            If it is damaged; `compare` reads all of it to tell.
        """
        found: Record | None = self._cache.get(digest, read=compare)
        return found

    def insert(self, digest: str, kind: str, record: WrittenRecord) -> None:
        """Show a record whose file is whole, in the place of one of the same digest.

        Raises
        ------
        StoreFullError
            If the disk has no room for its row.
        CacheError
            If the index cannot be changed.
        """
        with self._changing():
            self._cache.set(digest, record, tag=kind)

    def delete(self, digest: str) -> bool:
        """Delete a row and its file; return whether there was one.

        Raises
        ------
        StoreFullError, CacheError
            See :meth:`insert`.
        """
        with self._changing():
            return bool(self._cache.delete(digest))

    @contextmanager
    def _changing(self) -> Iterator[None]:
        # diskcache's `retry` would try for ever, on a full or read-only disk too.
        try:
            yield
        except Timeout as error:
            raise CacheError(
                f"{self._folder}: the index cannot be changed: another process has kept it for "
                f"{self._cache.timeout} s, or the folder is read-only, or its disk is full"
            ) from error
        except sqlite3.OperationalError as error:
            raise self._refused(error) from error

    def _refused(self, error: sqlite3.OperationalError) -> StoreFullError:
        return StoreFullError(
            f"{self._folder}: a record cannot be written ({error}); prune the store or free space"
        )

    def present(self, digests: Sequence[str]) -> set[str]:
        """Return which of these digests have a record."""
        present: set[str] = set()
        for first in range(0, len(digests), _KEYS_A_QUERY):
            asked = digests[first : first + _KEYS_A_QUERY]
            marks = ",".join("?" * len(asked))
            rows = self._sql(f"SELECT key {_OURS} AND key IN ({marks})", asked)
            present.update(row[0] for row in rows)
        return present

    def entries(self, kind: str | None = None) -> Iterator[Entry]:
        """Yield what the index says of every record, or of those of one kind."""
        if kind is None:
            yield from map(_entry, self._sql(_ENTRY, ()))
        else:
            yield from map(_entry, self._sql(f"{_ENTRY} AND tag = ?", (kind,)))

    def entry(self, digest: str) -> Entry | None:
        """Return what the index says of one record, None if there is none."""
        rows = self._sql(f"{_ENTRY} AND key = ?", (digest,))
        return _entry(rows[0]) if rows else None

    def _sql(self, query: str, arguments: Iterable[str]) -> list[tuple[Any, ...]]:
        """Ask the database; diskcache itself can only look up one key at a time."""
        rows: list[tuple[Any, ...]] = self._cache._sql(query, tuple(arguments)).fetchall()  # noqa: SLF001 - see above
        return rows


def _entry(row: tuple[Any, ...]) -> Entry:
    digest, tag, value, stored_at_s, size_bytes, name = row
    sha256, labels = noted(value)
    return Entry(str(digest), str(tag), labels, stored_at_s, size_bytes, str(name), sha256)
