"""Is there room on the disk?"""

import shutil
from pathlib import Path

from pipeline.errors import CorpusError


def require_space(folder: Path, size_bytes: int, purpose: str) -> None:
    """Do nothing if a folder's disk has room.

    Raises
    ------
    CorpusError
        If it has not.
    """
    free_bytes = shutil.disk_usage(folder).free
    if free_bytes < size_bytes:
        raise CorpusError(
            f"{folder}: {purpose} needs {gigabytes(size_bytes)}, {gigabytes(free_bytes)} are free; "
            "make room, or choose another folder with --out"
        )


def gigabytes(size_bytes: int) -> str:
    """Write a size in units of 10^9 bytes.

    >>> gigabytes(337_926_286)
    '0.338 GB'
    """
    return f"{size_bytes / 1e9:,.3f} GB"
