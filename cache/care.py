"""Care of a store: what it holds, whether that is sound, and making room."""

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from cache.accounts import Entry, PruneReport, Usage, VerifyReport
from cache.disk import sha256_of
from cache.errors import CacheError, DamagedRecordError
from cache.index import Index

Progress: TypeAlias = Callable[[Sequence[Entry]], Iterable[Entry]]
"""Given the records that are visited, yields them again: it may count, or end the visit early."""


class Care:
    """What a store is asked by those who look after it."""

    path: Path
    _index: Index

    def find(self, kind: str | None = None) -> Iterator[Entry]:
        """Yield what the index says of every record, or of those of one kind."""
        return self._index.entries(kind)

    def entry(self, digest: str) -> Entry | None:
        """Return what the index says of one record, None if there is none."""
        return self._index.entry(digest)

    def file_of(self, entry: Entry) -> Path:
        """Return the path of a record's file.

        Raises
        ------
        DamagedRecordError
            If the index names a file outside the store.
        """
        return self._index.disk.inside(entry.file)

    def usage(self, *, by: Collection[str] | None = None) -> tuple[Usage, ...]:
        """Return how many records and bytes there are of each kind and labels.

        Parameters
        ----------
        by : collection of str, optional
            The labels that matter; None: all.
        """
        records: Counter[tuple[str, tuple[tuple[str, str], ...]]] = Counter()
        size_bytes: Counter[tuple[str, tuple[tuple[str, str], ...]]] = Counter()
        for entry in self.find():
            labels = sorted(entry.labels.items())
            group = (entry.kind, tuple(pair for pair in labels if by is None or pair[0] in by))
            records[group] += 1
            size_bytes[group] += entry.size_bytes
        return tuple(
            Usage(kind, dict(labels), records[kind, labels], size_bytes[kind, labels])
            for kind, labels in sorted(records)
        )

    def verify(
        self, *, orphan_age_s: int | float = 3600, progress: Progress = iter
    ) -> VerifyReport:
        """Compare every record with its checksum; drop damaged ones and files without a row.

        Parameters
        ----------
        orphan_age_s : float
            Younger files may be about to get their row from another process.
        progress : callable
            Is given all records, and yields them as they are to be checked. Nothing is dropped if
            it raises an error.
        """
        entries = list(self.find())
        damaged = [entry for entry in progress(entries) if not self._is_whole(entry)]
        for entry in damaged:
            if self._is_there(entry):
                self._index.delete(entry.digest)
        self._remove_orphans(orphan_age_s)
        return VerifyReport(len(entries), tuple(entry.digest for entry in damaged))

    def _is_whole(self, entry: Entry) -> bool:
        try:
            return sha256_of(self.file_of(entry)) == entry.sha256
        except DamagedRecordError:
            return False
        except FileNotFoundError:
            # Deleted or replaced since it was listed is not damaged.
            return not self._is_there(entry)

    def _is_there(self, entry: Entry) -> bool:
        now = self.entry(entry.digest)
        return now is not None and now.file == entry.file

    def _remove_orphans(self, age_s: int | float) -> None:
        # Two folders down, whatever the name; listed before the rows, so that none is new to them.
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
        to_size_bytes: int | None = None,
        dry_run: bool = False,
        progress: Progress = iter,
    ) -> PruneReport:
        """Delete the records that meet every criterion given, at least one.

        Parameters
        ----------
        kind : str, optional
        labels : mapping, optional
            All of them must be a record's.
        older_than_s : float, optional
            Seconds since the record was written.
        to_size_bytes : int, optional
            Of the records that meet the others, the oldest, until all of the store's are no larger.
        dry_run : bool
            Only count.
        progress : callable
            Is given the records to delete, and yields each before it is deleted.

        Raises
        ------
        CacheError
            If no criterion is given.
        """
        if kind is None and not labels and older_than_s is None and to_size_bytes is None:
            raise CacheError(
                "prune needs a kind, labels, an age or a size; it deletes what meets them"
            )
        latest_s = float("inf") if older_than_s is None else time.time() - older_than_s
        wanted = set((labels or {}).items())
        chosen = [
            entry
            for entry in self.find(kind)
            if wanted <= set(entry.labels.items()) and entry.stored_at_s <= latest_s
        ]
        if to_size_bytes is not None:
            total = sum(entry.size_bytes for entry in self.find())
            chosen = list(_oldest(chosen, total - to_size_bytes))
        if not dry_run:
            for entry in progress(chosen):
                self._index.delete(entry.digest)
        return PruneReport(len(chosen), sum(entry.size_bytes for entry in chosen))


def _age_s(path: Path) -> float:
    try:
        return time.time() - path.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _oldest(entries: Iterable[Entry], size_bytes: int) -> Iterator[Entry]:
    """Yield the oldest entries, until they are of this size."""
    for entry in sorted(entries, key=lambda entry: entry.stored_at_s):
        if size_bytes <= 0:
            return
        yield entry
        size_bytes -= entry.size_bytes
