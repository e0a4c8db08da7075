"""Arrays found again by what they were computed from.

A `Key` names everything that decides a record; a `Store` keeps records as safetensors files under
the key's digest, and gives their arrays back memory-mapped; a `SharedTier` lends them to other
hosts; a `FrozenStore` is handed on, and only read. Nothing is pickled, and nothing is evicted. The
package knows nothing of speech or pages.
"""

from cache.accounts import (
    Capacity,
    Entry,
    PruneReport,
    ShareReport,
    Total,
    Usage,
    VerifyReport,
    totals,
)
from cache.errors import CacheError, DamagedRecordError, StoreFullError
from cache.frozen import FrozenStore, NewRecord, freeze
from cache.key import Key
from cache.record import Record
from cache.store import Store
from cache.tier import SharedTier
from cache.writing import RowWriter

__all__ = [
    "CacheError",
    "Capacity",
    "DamagedRecordError",
    "Entry",
    "FrozenStore",
    "Key",
    "NewRecord",
    "PruneReport",
    "Record",
    "RowWriter",
    "ShareReport",
    "SharedTier",
    "Store",
    "StoreFullError",
    "Total",
    "Usage",
    "VerifyReport",
    "freeze",
    "totals",
]
