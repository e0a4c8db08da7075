"""The second tier: records that several hosts share, and that never fail work."""

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any, TypeVar

from fsspec.core import split_protocol, url_to_fs
from fsspec.registry import get_filesystem_class

from cache.accounts import ShareReport
from cache.errors import CacheError
from cache.key import Key
from cache.shared_files import SharedFiles
from cache.store import Store

T = TypeVar("T")
log = logging.getLogger(__name__)

PAUSE_S = 30.0
# s3fs would hold ten pieces of 50 MB of a large record in memory; and it tries again itself what
# the client below it tries again too, for minutes if a host does not answer.
OPTIONS: Mapping[str | None, Mapping[str, Any]] = {
    "s3": {"max_concurrency": 1, "config_kwargs": {"retries": {"max_attempts": 0}}}
}


class SharedTier:
    """Records that several hosts share.

    Where the tier cannot be reached, each method says so in one warning and returns as if nothing
    were there; for `pause_s` the tier is then left alone, so that work goes on at full speed.

    Parameters
    ----------
    url : str
        As fsspec understands it, e.g. ``s3://BUCKET/FOLDER`` or ``file:///FOLDER``; a folder has
        to be there.
    pause_s : float
    clock : callable
        Returns seconds.

    Raises
    ------
    CacheError
        If it is no such URL, or no package for it is installed.
    """

    def __init__(
        self, url: str, *, pause_s: float = PAUSE_S, clock: Callable[[], float] = time.monotonic
    ) -> None:
        protocol, path = split_protocol(url)
        # Not what stands before @: it may be a password.
        self.name = f"{protocol or 'file'}://{path.rpartition('@')[2]}"
        self._url, self._pause_s, self._clock = url, pause_s, clock
        self._quiet_until_s = -float("inf")
        try:
            get_filesystem_class(protocol)
        except ImportError as error:
            package = getattr(error.__cause__, "name", None) or protocol
            raise CacheError(
                f"the shared tier {self.name} needs a package: pip install {package}"
            ) from error
        except ValueError as error:
            raise CacheError(
                f"the shared tier {self.name}: expected s3://BUCKET/FOLDER, file:///FOLDER or "
                f"another URL of fsspec's ({error})"
            ) from error

    @cached_property
    def _files(self) -> SharedFiles:
        # Some file systems connect here. What they list is not kept: other hosts write too.
        options = OPTIONS.get(split_protocol(self._url)[0], {})
        return SharedFiles(*url_to_fs(self._url, use_listings_cache=False, **options))

    def fetch(self, store: Store, key: Key) -> bool:
        """Copy a record into a store; return whether there is a good one.

        Its row follows once its checksum and its structure are right; one that is not right is
        refused, with a warning. Memory does not grow with the record.

        Raises
        ------
        StoreFullError
            If the store has no room for it.
        """
        return self._try(lambda files: files.fetch(store, key), otherwise=False)

    def publish(self, store: Store, key: Key | str) -> bool:
        """Copy a store's record of a key, or of a digest, here; return whether it is here then.

        What is here already is left alone, unless it was refused before.
        """
        return self._try(lambda files: files.publish(store, _digest(key)), otherwise=False)

    def missing(self, keys: Iterable[Key]) -> list[Key]:
        """Return the keys without a record here, in the order given."""
        asked = list(keys)
        present = self._present([key.digest for key in asked])
        return [key for key in asked if key.digest not in present]

    def publish_all(self, store: Store, keys: Iterable[Key | str] | None = None) -> ShareReport:
        """Publish those of a store's records that are not here: of some keys, or all of them."""
        digests = (
            [entry.digest for entry in store.find()]
            if keys is None
            else [_digest(key) for key in keys]
        )
        present = self._present(digests)
        absent = [digest for digest in digests if digest not in present]
        published = sum(self.publish(store, digest) for digest in absent)
        return ShareReport(len(digests) - len(absent), published, len(absent) - published)

    def _present(self, digests: list[str]) -> set[str]:
        return self._try(lambda files: files.present(digests), otherwise=set())

    def _try(self, ask: Callable[[SharedFiles], T], otherwise: T) -> T:
        if self._clock() < self._quiet_until_s:
            return otherwise
        try:
            self._files.check()
            return ask(self._files)
        except CacheError:
            raise
        except Exception as error:  # noqa: BLE001 - each file system has errors of its own
            self._quiet_until_s = self._clock() + self._pause_s
            log.warning(
                "the shared tier %s cannot be reached, and is left alone for %g s: %s: %s",
                self.name,
                self._pause_s,
                type(error).__name__,
                error,
            )
            return otherwise


def _digest(key: Key | str) -> str:
    return key if isinstance(key, str) else key.digest
