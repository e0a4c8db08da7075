"""The diskcache Disk: text keys, safetensors records, and no pickle whatever a row claims.

diskcache pickles what it does not know, and unpickles what a row says is a pickle: whoever can
write the folder could run code in every reader (CVE-2025-69872). Here both ways are closed.
"""

import hashlib
import json
import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import diskcache
from diskcache.core import MODE_BINARY, UNKNOWN

from cache.errors import CacheError, DamagedRecordError
from cache.record import Record, read_record
from cache.writing import NewFile, new_file

log = logging.getLogger(__name__)

SUFFIX = ".safetensors"


@dataclass(frozen=True, eq=False)
class WrittenRecord:
    """A record whose file is whole and needs its row; `name` is relative to the folder."""

    name: str
    size_bytes: int
    sha256: str
    labels: Mapping[str, str]


class SafetensorsDisk(diskcache.Disk):  # type: ignore[misc]  # diskcache ships no types
    """Gives each record its row, with its SHA-256 and labels as JSON."""

    def put(self, key: Any) -> tuple[str, bool]:  # noqa: ANN401 - diskcache's own signature
        """Return a key as the index keeps it: the text that it is."""
        if not isinstance(key, str):
            raise TypeError(f"keys are digests, as text; found {type(key).__name__}")
        return key, True

    def get(self, key: Any, raw: Any) -> str:  # noqa: ANN401 - diskcache's own signature
        """Return a key as the index keeps it."""
        if not raw or not isinstance(key, str):
            raise DamagedRecordError(f"{self._directory}: a row's key is not text; it is refused")
        return key

    def filename(self, key: Any = UNKNOWN, value: Any = UNKNOWN) -> tuple[str, str]:  # noqa: ANN401 - diskcache's own signature
        """Return a new random name, relative to the folder and in full."""
        name, full_path = super().filename(key, value)
        return os.path.splitext(name)[0] + SUFFIX, os.path.splitext(full_path)[0] + SUFFIX  # noqa: PTH122 - both are text

    @contextmanager
    def new_file(self) -> Iterator[tuple[str, NewFile]]:
        """Yield a new name and its file; the file is deleted if the block ends with an error."""
        name, full_path = self.filename()
        with new_file(Path(full_path)) as file:
            yield name, file

    def store(self, value: Any, read: bool, key: Any = UNKNOWN) -> tuple[int, int, str, str]:  # noqa: ANN401, ARG002, FBT001 - diskcache's own signature
        """Return the row of a record whose file is whole."""
        if read or not isinstance(value, WrittenRecord):
            raise TypeError(f"only records are stored; found {type(value).__name__}")
        row = {"sha256": value.sha256, "labels": dict(value.labels)}
        return value.size_bytes, MODE_BINARY, value.name, json.dumps(row)

    def fetch(self, mode: int, filename: str | None, value: Any, read: bool) -> Record:  # noqa: ANN401, FBT001 - diskcache's own signature
        """Open the record of a row.

        `read`, with which diskcache means an open file instead of a value, means here that every
        byte is read and compared with the checksum.
        """
        if mode != MODE_BINARY or filename is None:
            raise DamagedRecordError(f"{self._directory}: a row holds no record; it is refused")
        path = self.inside(filename)
        if read:
            _compare(path, noted(value)[0])
        return read_record(path)

    def remove(self, file_path: str) -> None:
        """Delete a row's file, unless the row names one that is not a record of this folder."""
        try:
            self.inside(file_path)
        except DamagedRecordError as error:
            log.warning("its row is dropped, the file is left: %s", error)
        else:
            super().remove(file_path)

    def inside(self, name: str) -> Path:
        """Return the path of a row's file.

        Raises
        ------
        DamagedRecordError
            If the name leads out of the folder.
        """
        root = Path(self._directory).resolve()
        path = (root / name).resolve()
        if not path.is_relative_to(root) or path.suffix != SUFFIX:
            raise DamagedRecordError(f"{root}: a row names the file {name!r}; it is refused")
        return path


def noted(value: object) -> tuple[str, dict[str, str]]:
    """Return the SHA-256 and the labels that a row notes; empty ones if it notes none."""
    try:
        row = json.loads(value)  # type: ignore[arg-type]  # anything may stand in a row
        labels = {str(name): str(label) for name, label in dict(row["labels"]).items()}
        return str(row["sha256"]), labels
    except (TypeError, ValueError, KeyError):
        return "", {}


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _compare(path: Path, sha256: str) -> None:
    try:
        found = sha256_of(path)
    except FileNotFoundError as error:
        raise DamagedRecordError(f"{path}: the record's file is gone") from error
    except OSError as error:
        # Not an OSError: diskcache would take that for a record that is not there.
        raise CacheError(f"{path}: the record is kept, but cannot be read now ({error})") from error
    if found != sha256:
        raise DamagedRecordError(f"{path}: its bytes are not those that were written")
