"""Records in one file that is only read: what is handed on, opened without a database.

Beside ``records.bin``, which holds the records one after another, ``records.json`` says of each its
digest, what it is and where it lies. Both are read as what anybody may have written.
"""

import hashlib
import json
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from cache.accounts import Entry, Lookups
from cache.disk import WrittenRecord
from cache.encoding import encoded
from cache.errors import CacheError, DamagedRecordError
from cache.index import Index
from cache.record import Arrays, Record, record_in
from cache.room import Room
from cache.store import Store
from cache.writing import NewFile

FORMAT = 1
RECORDS, LISTED = "records.bin", "records.json"
LARGEST_LIST_BYTES = 256 * 2**20
_ALIGNMENT_BYTES = 64
_NOT_A_LIST = (LookupError, TypeError, ValueError, AttributeError, RecursionError)


@dataclass(frozen=True, eq=False)
class NewRecord:
    """A record that is to be handed on, with all that the index says of it."""

    digest: str
    kind: str
    labels: Mapping[str, str]
    stored_at_s: float
    arrays: Arrays
    metadata: Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class _Place:
    first: int
    entry: Entry


def freeze(folder: Path, records: Iterable[NewRecord]) -> int:
    """Write records into a folder that has none; return their size in bytes.

    Raises
    ------
    TypeError, ValueError
        If an array or the metadata is what a record cannot hold.
    """
    listed: list[dict[str, Any]] = []
    with (folder / RECORDS).open("xb") as file:
        for record in records:
            file.write(b"\0" * (-file.tell() % _ALIGNMENT_BYTES))
            listed.append(_append(file, record))
        size_bytes = file.tell()
    text = json.dumps({"format": FORMAT, "records": listed}, separators=(",", ":"))
    (folder / LISTED).write_text(text, encoding="utf-8")
    return size_bytes + len(text)


def _append(file: BinaryIO, record: NewRecord) -> dict[str, Any]:
    first, sha256 = file.tell(), hashlib.sha256()
    for piece in encoded(record.arrays, record.metadata):
        file.write(piece)
        sha256.update(piece)
    return {
        "digest": record.digest,
        "kind": record.kind,
        "labels": dict(record.labels),
        "stored_at_s": record.stored_at_s,
        "first": first,
        "size_bytes": file.tell() - first,
        "sha256": sha256.hexdigest(),
    }


class FrozenIndex(Index):
    """The list of a folder's records; each is compared with its checksum when it is first read.

    Raises
    ------
    CacheError
        If there is none, or it is none.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._places = _read_list(folder)
        self._content = np.memmap(folder / RECORDS, dtype=np.uint8, mode="r")
        self._whole, self._comparing = set[str](), threading.Lock()

    def close(self) -> None:
        """Do nothing: what was read may still be looked at."""

    def used_bytes(self) -> int:
        """Return the size of all records."""
        return len(self._content)

    def fetch(self, digest: str, *, compare: bool) -> Record | None:
        """Return a record, None if there is none.

        Raises
        ------
        DamagedRecordError
            If it is damaged.
        """
        place = self._places.get(digest)
        if place is None:
            return None
        name = f"{self._folder / RECORDS}, record {digest[:12]}"
        content = self._content[place.first : place.first + place.entry.size_bytes]
        with self._comparing:
            if compare or digest not in self._whole:
                if hashlib.sha256(content.data).hexdigest() != place.entry.sha256:
                    raise DamagedRecordError(f"{name}: its bytes are not those that were written")
                self._whole.add(digest)
        return record_in(content, name)

    def insert(self, digest: str, kind: str, record: WrittenRecord) -> None:  # noqa: ARG002 - the index' own signature
        """Refuse a record."""
        raise _only_read(self._folder)

    def delete(self, digest: str) -> bool:
        """Forget a record, which stays in the file; return whether there was one."""
        return self._places.pop(digest, None) is not None

    def present(self, digests: Sequence[str]) -> set[str]:
        """Return which of these digests have a record."""
        return {digest for digest in digests if digest in self._places}

    def entries(self, kind: str | None = None) -> Iterator[Entry]:
        """Yield what is said of every record, or of those of one kind."""
        entries = [place.entry for place in self._places.values()]
        return (entry for entry in entries if kind is None or entry.kind == kind)

    def entry(self, digest: str) -> Entry | None:
        """Return what is said of one record, None if there is none."""
        place = self._places.get(digest)
        return None if place is None else place.entry


class FrozenStore(Store):
    """A store whose records are only read.

    Parameters
    ----------
    path : Path or str
        A folder that :func:`freeze` wrote, wherever it lies now.

    Raises
    ------
    CacheError
        If it is none.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self._room = Room(self.path, reserve_bytes=0)
        self._index = FrozenIndex(self.path)
        self._lookups, self._counting = Lookups(), threading.Lock()

    def require_room(self, size_bytes: int) -> None:  # noqa: ARG002 - the store's own signature
        """Refuse: nothing is written here."""
        raise _only_read(self.path)

    @contextmanager
    def new_record(
        self,
        digest: str,  # noqa: ARG002 - the store's own signature
        kind: str,  # noqa: ARG002
        labels: Mapping[str, str],  # noqa: ARG002
        size_bytes: int,  # noqa: ARG002
    ) -> Iterator[NewFile]:
        """Refuse a record."""
        raise _only_read(self.path)
        yield  # a context manager has one

    def file_of(self, entry: Entry) -> Path:  # noqa: ARG002 - the store's own signature
        """Refuse: a record has no file of its own."""
        raise _only_read(self.path)


def _only_read(folder: Path) -> CacheError:
    return CacheError(f"{folder} is only read: nothing is computed, changed or copied there")


def _read_list(folder: Path) -> dict[str, _Place]:
    list_path, size_bytes = folder / LISTED, 0
    try:
        size_bytes = (folder / RECORDS).stat().st_size
        if list_path.stat().st_size > LARGEST_LIST_BYTES or not size_bytes:
            raise ValueError("it is too large, or there is no record")
        said = json.loads(list_path.read_bytes())
        if said["format"] != FORMAT:
            raise ValueError(f"its format is {said['format']!r}, not {FORMAT}")
        places = [_place(each, size_bytes) for each in said["records"]]
    except OSError as error:
        raise CacheError(f"{folder}: its records cannot be opened ({error.strerror})") from error
    except _NOT_A_LIST as error:
        raise CacheError(
            f"{list_path}: no list of records ({error}); copy the folder again"
        ) from error
    return {place.entry.digest: place for place in places}


def _place(said: Mapping[str, Any], file_bytes: int) -> _Place:
    """Return a record's row; ValueError unless it lies in the file."""
    first, size_bytes = said["first"], said["size_bytes"]
    if not (
        type(first) is type(size_bytes) is int and 0 <= first < first + size_bytes <= file_bytes
    ):
        raise ValueError(f"a record at {first!r} of {size_bytes!r} bytes, in {file_bytes:,}")
    labels = {str(name): str(label) for name, label in said["labels"].items()}
    return _Place(
        first,
        Entry(
            str(said["digest"]),
            str(said["kind"]),
            labels,
            float(said["stored_at_s"]),
            size_bytes,
            RECORDS,
            str(said["sha256"]),
        ),
    )
