"""How records get from the store of a worker to that of the engine.

On one machine both are the same, and nothing is to be done; else they meet in the shared tier.
"""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

from cache import Key, SharedTier, Store
from pipeline.configuration import shared_tier

# A bucket answers slowly, but many at once.
_AT_ONCE = 16


@lru_cache(maxsize=1)
def tier() -> SharedTier | None:
    """Return the tier that the environment names; the same each time: it knows if it is away."""
    return shared_tier()


def publish(store: Store, keys: Iterable[Key]) -> None:
    """Offer records to the other machines, those of the keys that there are."""
    shared = tier()
    if shared is not None:
        shared.publish_all(store, keys)


def fetch(store: Store, keys: Iterable[Key]) -> list[Key]:
    """Bring records that other machines offer into a store; return the keys still missing."""
    missing, shared = store.missing(keys), tier()
    if shared is None or not missing:
        return missing
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        found = list(threads.map(lambda key: shared.fetch(store, key), missing))
    return [key for key, was_found in zip(missing, found, strict=True) if not was_found]
