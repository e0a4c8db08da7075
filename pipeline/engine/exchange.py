"""How records get from the store of a worker to that of the engine.

On one machine both are the same, and nothing is to be done.
"""

from collections.abc import Iterable

from cache import Key, Store


def publish(_store: Store, _keys: Iterable[Key]) -> None:
    """Offer records that have just been written to the other machines."""


def fetch(store: Store, keys: Iterable[Key]) -> list[Key]:
    """Bring records that other machines offer into a store; return the keys still missing."""
    return store.missing(keys)
