"""Whether there is room for more, before anything is written."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from cache.errors import StoreFullError

# Enough for the index, and for notes of why work stopped.
RESERVE_BYTES = 64 * 2**20


@dataclass(frozen=True)
class Room:
    """The bounds within which a store grows.

    Attributes
    ----------
    folder : Path
    size_limit_bytes : int or None
        Of the index and the records; None: as large as the disk.
    reserve_bytes : int
        Left free on the disk.
    """

    folder: Path
    size_limit_bytes: int | None = None
    reserve_bytes: int = RESERVE_BYTES

    @property
    def free_bytes(self) -> int:
        """What is free on the disk now."""
        return shutil.disk_usage(self.folder).free

    def require(self, size_bytes: int, used_bytes: int) -> None:
        """Raise StoreFullError unless `size_bytes` more fit, where `used_bytes` are used."""
        limit = self.size_limit_bytes
        if limit is not None and used_bytes + size_bytes > limit:
            raise StoreFullError(
                f"{self.folder}: {used_bytes:,} of {limit:,} bytes are used, and {size_bytes:,} "
                "more are needed; prune the store or raise its limit"
            )
        free = self.free_bytes
        if free - size_bytes < self.reserve_bytes:
            raise StoreFullError(
                f"{self.folder}: {free:,} bytes are free on its disk, and {size_bytes:,} more are "
                f"needed beside the {self.reserve_bytes:,} kept in reserve; prune the store or "
                "free space"
            )
