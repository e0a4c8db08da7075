"""The store: records found again by what they were computed from, safe under many processes."""

import logging
import math
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from cache.accounts import Capacity, Lookups
from cache.care import Care
from cache.claims import claim
from cache.disk import WrittenRecord
from cache.encoding import encoded
from cache.errors import DamagedRecordError
from cache.index import Index
from cache.key import Key
from cache.record import Arrays, Record
from cache.room import RESERVE_BYTES, Room
from cache.writing import NewFile, RowWriter

log = logging.getLogger(__name__)


class Store(Care, AbstractContextManager["Store"]):
    """Records in a folder of this machine.

    Nothing is evicted: where there is no more room, writing says so.

    Parameters
    ----------
    path : Path or str
        Made, readable by this user only, if absent. Not on a network file system.
    size_limit_bytes : int, optional
        None: as large as the disk.
    reserve_bytes : int
        What records with arrays leave free on the disk, so that notes without arrays, such as why
        work stopped, can still be written.
    """

    def __init__(
        self,
        path: Path | str,
        size_limit_bytes: int | None = None,
        reserve_bytes: int = RESERVE_BYTES,
    ) -> None:
        self.path = Path(path)
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._room = Room(self.path, size_limit_bytes, reserve_bytes)
        self._index = Index(self.path)
        self._lookups, self._counting = Lookups(), threading.Lock()

    def __getstate__(self) -> object:
        raise TypeError(f"a store is not pickled; open {self.path} anew in the other process")

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the index; the store opens it again when it is used."""
        self._index.close()

    def capacity(self) -> Capacity:
        """Return how large the store is, its index included, and may become; cheap."""
        room = self._room
        return Capacity(self._index.used_bytes(), room.size_limit_bytes, room.free_bytes)

    def lookups(self) -> Lookups:
        """Return how often this object was asked for a record, and had it."""
        return self._lookups

    def _count(self, hits: int, misses: int) -> None:
        with self._counting:
            so_far = self._lookups
            self._lookups = Lookups(so_far.hits + hits, so_far.misses + misses)

    def require_room(self, size_bytes: int) -> None:
        """Check, before a job starts, that this much fits under the limit and on the disk.

        Raises
        ------
        StoreFullError
            If it does not.
        """
        self._room.require(size_bytes, self._index.used_bytes())

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
            If the record does not fit; nothing of it is left then.
        """
        size_bytes = sum(array.nbytes for array in arrays.values())
        with self.new_record(key.digest, key.kind, labels or {}, size_bytes) as file:
            for piece in encoded(arrays, metadata or {}):
                file.write(piece)

    @contextmanager
    def row_writer(
        self,
        key: Key,
        name: str,
        dtype: np.dtype[Any],
        shape: tuple[int, ...],
        metadata: Mapping[str, Any] | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> Iterator[RowWriter]:
        """Write a record of one array, some rows at a time, in memory that does not grow with it.

        The record is there once the block has ended with all rows written; if it ends with an
        error, nothing is left. Several writers may be open at once.

        Parameters
        ----------
        name : str
            The array's.
        dtype : numpy.dtype
        shape : tuple of int
            Of the whole array; rows are its first axis.

        Raises
        ------
        StoreFullError
            If the record does not fit.
        ValueError
            If there are too few or too many rows, or rows of another shape or type.
        """
        size_bytes = math.prod(shape) * dtype.itemsize
        with self.new_record(key.digest, key.kind, labels or {}, size_bytes) as file:
            writer = RowWriter(file, name, dtype, shape, metadata or {})
            yield writer
            writer.require_all_rows()

    @contextmanager
    def new_record(
        self, digest: str, kind: str, labels: Mapping[str, str], size_bytes: int
    ) -> Iterator[NewFile]:
        """Yield the file of a new record, which is shown once the block ends without an error.

        Whoever writes it answers for its being a record.

        Parameters
        ----------
        size_bytes : int
            Of its arrays; a record without any may use the reserve.

        Raises
        ------
        StoreFullError
            If the record does not fit.
        """
        if size_bytes:
            self.require_room(size_bytes)
        with self._index.disk.new_file() as (name, file):
            yield file
            file.close()
            record = WrittenRecord(name, file.size_bytes, file.sha256, labels)
            self._index.insert(digest, kind, record)

    def get(self, key: Key, *, verify: bool = False) -> Record | None:
        """Return the record of a key, None if there is none; see :meth:`read`."""
        return self.read(key.digest, verify=verify)

    def read(self, digest: str, *, verify: bool = False) -> Record | None:
        """Return the record of a digest, None if there is none.

        A damaged one is dropped, with a warning, so that it is computed again.

        Parameters
        ----------
        verify : bool
            Read all of it and compare it with its checksum. Otherwise only a record whose file is
            cut short or no record is noticed, not changed values: arrays are mapped, not read.
        """
        found = self._read(digest, verify=verify)
        self._count(hits=int(found is not None), misses=int(found is None))
        return found

    def _read(self, digest: str, *, verify: bool) -> Record | None:
        try:
            return self._index.fetch(digest, compare=verify)
        except DamagedRecordError:
            pass
        try:
            # Another process may have replaced the record between its row and its file.
            return self._index.fetch(digest, compare=verify)
        except DamagedRecordError as error:
            log.warning("dropping a damaged record: %s", error)
            self._index.delete(digest)
            return None

    def delete(self, key: Key) -> bool:
        """Delete a record; return whether there was one."""
        return self._index.delete(key.digest)

    def missing(self, keys: Iterable[Key]) -> list[Key]:
        """Return the keys without a record, in the order given."""
        asked = list(keys)
        present = self._index.present([key.digest for key in asked])
        self._count(hits=len(present), misses=len(asked) - len(present))
        return [key for key in asked if key.digest not in present]

    @contextmanager
    def claim(self, key: Key, *, wait: bool = False) -> Iterator[bool]:
        """Yield whether a piece of work is this block's own, so that nobody else does it too.

        False if another process, or another block of this one, holds the claim. It ends with the
        block, and with the process however that ends. It keeps nobody from reading or writing.

        Parameters
        ----------
        wait : bool
            Wait until the claim is free, and then hold it. Look again then whether the record is
            there, before computing it.
        """
        with claim(self.path / "claims" / key.digest, wait=wait) as held:
            yield held
