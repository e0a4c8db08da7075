"""Claims on pieces of work, so that of many processes one does each.

A claim is a lock on a small file, held by the kernel: it ends with the process that holds it,
however that ends.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cache.errors import CacheError


@contextmanager
def claim(path: Path, *, wait: bool) -> Iterator[bool]:
    """Yield whether the claim that a file stands for is held until the block ends.

    Parameters
    ----------
    path : Path
        Made while the claim is held; its folder too.
    wait : bool
        Wait until whoever holds it lets go; the claim is then always held.

    Raises
    ------
    CacheError
        If the file cannot be made.
    """
    descriptor = _locked(path, wait=wait)
    try:
        yield descriptor is not None
    finally:
        if descriptor is not None:
            # Before the lock is let go, so that no file of another holder is deleted.
            path.unlink(missing_ok=True)
            os.close(descriptor)


def _locked(path: Path, *, wait: bool) -> int | None:
    """Return a descriptor of the file, locked; None if another holds it."""
    while True:
        descriptor = _opened(path)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_still(path, descriptor):
                return descriptor
        except BlockingIOError:
            os.close(descriptor)
            return None
        except BaseException:
            os.close(descriptor)
            raise
        # The holder before deleted the file between our opening and our locking it.
        os.close(descriptor)


def _opened(path: Path) -> int:
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise CacheError(
            f"{path}: no claim can be made ({error}); free space, or check that the folder is "
            "this user's and no link"
        ) from error


def _is_still(path: Path, descriptor: int) -> bool:
    try:
        found = path.lstat()
    except FileNotFoundError:
        return False
    return os.path.samestat(found, os.fstat(descriptor))
