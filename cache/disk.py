"""The diskcache Disk: text keys, safetensors records, and no pickle whatever a row claims.

diskcache pickles what it does not know, and unpickles what a row says is a pickle: whoever can
write the folder could run code in every reader (CVE-2025-69872). Here both ways are closed.
"""

import hashlib
import json
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import diskcache
from diskcache.core import MODE_BINARY, UNKNOWN

from cache.errors import DamagedRecordError
from cache.record import Arrays, Record, read_record, write_record

log = logging.getLogger(__name__)

SUFFIX = ".safetensors"


@dataclass(frozen=True, eq=False)
class NewRecord:
    """A record on its way into the store, with what the index says of it."""

    arrays: Arrays
    metadata: Mapping[str, Any]
    labels: Mapping[str, str]


class SafetensorsDisk(diskcache.Disk):  # type: ignore[misc]  # diskcache ships no types
    """Writes records as files, and beside each row its SHA-256 and labels as JSON."""

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

    def store(self, value: Any, read: bool, key: Any = UNKNOWN) -> tuple[int, int, str, str]:  # noqa: ANN401, FBT001 - diskcache's own signature
        """Write a record under a new name; the row that shows it follows when it is whole."""
        if read or not isinstance(value, NewRecord):
            raise TypeError(f"only records are stored; found {type(value).__name__}")
        name, full_path = self.filename(key, value)
        path = Path(full_path)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_record(path, value.arrays, value.metadata)
        row = {"sha256": sha256_of(path), "labels": dict(value.labels)}
        return path.stat().st_size, MODE_BINARY, name, json.dumps(row)

    def fetch(self, mode: int, filename: str | None, value: Any, read: bool) -> Record:  # noqa: ANN401, ARG002, FBT001 - diskcache's own signature
        """Open the record of a row."""
        if mode != MODE_BINARY or filename is None:
            raise DamagedRecordError(f"{self._directory}: a row holds no record; it is refused")
        return read_record(self.inside(filename))

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


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
