"""Files on their way into the store: hashed as they are written, and gone again if that fails."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from io import BufferedWriter
from pathlib import Path
from typing import Any

import numpy as np

from cache.encoding import data_of, header
from cache.errors import StoreFullError

_PATIENCE = 100


class NewFile:
    """A file that is being written, with the size and SHA-256 of what it holds so far."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size_bytes = 0
        self._sha256 = hashlib.sha256()
        self._file = _made(path)

    @property
    def sha256(self) -> str:
        """SHA-256, in hexadecimal, of what was written."""
        return self._sha256.hexdigest()

    def write(self, data: bytes | memoryview) -> None:
        """Append bytes.

        Raises
        ------
        StoreFullError
            If the disk is full.
        """
        with _full_disk_told(self.path):
            self._file.write(data)
        self._sha256.update(data)
        self.size_bytes += len(data)

    def close(self) -> None:
        """Write what is still in memory.

        Raises
        ------
        StoreFullError
            If the disk is full.
        """
        with _full_disk_told(self.path):
            self._file.close()

    def discard(self) -> None:
        """Delete the file."""
        # Closing writes what is left, for which a full disk has no room; it is closed all the same.
        with suppress(OSError):
            self._file.close()
        self.path.unlink(missing_ok=True)


@contextmanager
def new_file(path: Path) -> Iterator[NewFile]:
    """Yield a file to write; it is deleted if the block ends with an error.

    Raises
    ------
    StoreFullError
        If the file cannot be made.
    """
    with _full_disk_told(path):
        file = NewFile(path)
    try:
        yield file
        file.close()
    except BaseException:
        file.discard()
        raise


class RowWriter:
    """Writes one array, some rows at a time; memory does not grow with the array.

    Parameters
    ----------
    file : NewFile
    name : str
        The array's.
    dtype : numpy.dtype
    shape : tuple of int
        Of the whole array; rows are its first axis.
    metadata : mapping
        JSON values.
    """

    def __init__(
        self,
        file: NewFile,
        name: str,
        dtype: np.dtype[Any],
        shape: tuple[int, ...],
        metadata: Mapping[str, Any],
    ) -> None:
        self.name, self.dtype, self.shape = name, dtype, shape
        self.rows_written = 0
        self._file = file
        file.write(header({name: (dtype, shape)}, metadata))

    def append(self, rows: np.ndarray[Any, np.dtype[Any]]) -> None:
        """Write the next rows.

        Parameters
        ----------
        rows : array [shape=(any number, *shape[1:])]
            Of the array's own type: nothing is converted.

        Raises
        ------
        ValueError
            If they are of another shape or type, or more than the array has.
        StoreFullError
            If the disk is full.
        """
        if rows.ndim == 0 or rows.shape[1:] != self.shape[1:] or rows.dtype != self.dtype:
            raise ValueError(
                f"array {self.name!r}: expected rows of shape {self.shape[1:]} and {self.dtype}, "
                f"found an array of shape {rows.shape} and {rows.dtype}"
            )
        if self.rows_written + len(rows) > self.shape[0]:
            raise ValueError(
                f"array {self.name!r}: expected {self.shape[0]} rows, found at least "
                f"{self.rows_written + len(rows)}"
            )
        self._file.write(data_of(rows))
        self.rows_written += len(rows)

    def require_all_rows(self) -> None:
        """Raise ValueError unless every row was written."""
        if self.rows_written != self.shape[0]:
            raise ValueError(
                f"array {self.name!r}: expected {self.shape[0]} rows, found {self.rows_written}"
            )


def _made(path: Path) -> BufferedWriter:
    """Open a new file in a folder that another process may be deleting as empty."""
    for _ in range(_PATIENCE):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            return path.open("xb")
        except FileNotFoundError:
            continue
    raise FileNotFoundError(f"{path}: its folder is deleted as often as it is made")


@contextmanager
def _full_disk_told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreFullError(
            f"{path}: a record cannot be written ({error}); prune the store or free space"
        ) from error
