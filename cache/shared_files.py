"""Records on a file system of fsspec's, as objects with markers.

    objects/ab/SHA256.safetensors     named by what is in them; never changed
    records/cd/DIGEST.json            named by their key; written last: which object is the record

Whoever can write there can lend wrong values, but not run code: what arrives is checked before it
is used, and nothing is unpickled.
"""

import logging
import posixpath
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable

from fsspec.spec import AbstractFileSystem

from cache.errors import DamagedRecordError
from cache.key import Key
from cache.marker import LONGEST_MARKER_BYTES, Marker, read_marker
from cache.record import read_record
from cache.store import Store
from cache.writing import NewFile

log = logging.getLogger(__name__)

_PIECE_BYTES = 2**20
# Where an object appears whole or not at all, and there are no folders to make.
_OBJECT_STORES = frozenset({"s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "oss", "memory"})


class SharedFiles:
    """The records below a folder, or below a prefix of a bucket.

    Every method raises whatever the file system raises where it cannot be reached.
    """

    def __init__(self, files: AbstractFileSystem, root: str) -> None:
        self._files, self._root = files, root
        protocols = {files.protocol} if isinstance(files.protocol, str) else set(files.protocol)
        self._has_folders = not protocols & _OBJECT_STORES
        self._refused: set[str] = set()

    def check(self) -> None:
        """Raise FileNotFoundError if the folder is not there, such as one that is not mounted."""
        if self._has_folders:
            try:
                self._files.info(self._root)
            except FileNotFoundError as error:
                raise FileNotFoundError(f"{self._root} is not there; mount or make it") from error

    def present(self, digests: Iterable[str]) -> set[str]:
        """Return which of these digests have a record."""
        asked: defaultdict[str, set[str]] = defaultdict(set)
        for digest in digests:
            asked[posixpath.dirname(self._marker(digest))].add(digest)
        return set().union(*(wanted & self._listed(folder) for folder, wanted in asked.items()))

    def _listed(self, folder: str) -> set[str]:
        try:
            names = self._files.ls(folder, detail=False)
        except FileNotFoundError:
            return set()
        return {posixpath.basename(name).removesuffix(".json") for name in names}

    def fetch(self, store: Store, key: Key) -> bool:
        """Copy a record into a store; return whether there is a good one.

        Raises
        ------
        StoreFullError
            If the store has no room for it.
        """
        try:
            # Not `cat_file` with a range: some servers refuse one that ends beyond the file.
            with self._files.open(self._marker(key.digest), "rb") as file:
                content = file.read(LONGEST_MARKER_BYTES)
        except FileNotFoundError:
            return False
        try:
            marker = read_marker(content, key.kind)
            self._require_object(marker)
            with store.new_record(key.digest, key.kind, marker.labels, marker.size_bytes) as copy:
                self._copy(marker, copy)
        except DamagedRecordError as error:
            log.warning("%s: a record is refused: %s", self._marker(key.digest), error)
            self._refused.add(key.digest)
            return False
        return True

    def _require_object(self, marker: Marker) -> None:
        if self._size_of(self._object(marker.sha256)) != marker.size_bytes:
            raise DamagedRecordError(f"its object is not of {marker.size_bytes:,} bytes")

    def _copy(self, marker: Marker, file: NewFile) -> None:
        """Copy an object into a file, and check it."""
        with self._files.open(self._object(marker.sha256), "rb") as source:
            while file.size_bytes <= marker.size_bytes and (piece := source.read(_PIECE_BYTES)):
                file.write(piece)
        file.close()
        if (file.size_bytes, file.sha256) != (marker.size_bytes, marker.sha256):
            raise DamagedRecordError("its object is not what was published")
        read_record(file.path)

    def publish(self, store: Store, digest: str) -> bool:
        """Copy a record of a store here, unless it is here; return whether it is here then."""
        path = self._marker(digest)
        if digest not in self._refused and self._files.exists(path):
            return True
        entry = store.entry(digest)
        # Not a damaged one, which would be refused everywhere.
        if entry is None or store.read(digest, verify=True) is None:
            return False
        marker = Marker(entry.kind, entry.labels, entry.size_bytes, entry.sha256)
        source, target = str(store.file_of(entry)), self._object(marker.sha256)
        if digest in self._refused or self._size_of(target) != marker.size_bytes:
            self._place(target, lambda name: self._files.put_file(source, name))
        self._place(path, lambda name: self._files.pipe_file(name, marker.encoded()))
        self._refused.discard(digest)
        return True

    def _size_of(self, path: str) -> int | None:
        try:
            return int(self._files.info(path)["size"])
        except FileNotFoundError:
            return None

    def _place(self, path: str, write: Callable[[str], object]) -> None:
        """Let a file appear whole or not at all."""
        if not self._has_folders:
            write(path)
            return
        self._files.makedirs(posixpath.dirname(path), exist_ok=True)
        part = f"{path}.{uuid.uuid4().hex}.part"
        try:
            write(part)
            self._files.mv(part, path)
        finally:
            if self._files.exists(part):
                self._files.rm_file(part)

    def _marker(self, digest: str) -> str:
        return posixpath.join(self._root, "records", digest[:2], f"{digest}.json")

    def _object(self, sha256: str) -> str:
        return posixpath.join(self._root, "objects", sha256[:2], f"{sha256}.safetensors")
