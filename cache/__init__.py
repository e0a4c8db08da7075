"""Arrays found again by what they were computed from.

A `Key` names everything that decides a record; a `Store` keeps records as safetensors files under
the key's digest, and gives their arrays back memory-mapped. Nothing is pickled, and nothing is
evicted. The package knows nothing of speech or pages.
"""

from cache.accounts import Entry, PruneReport, Usage, VerifyReport
from cache.errors import CacheError, DamagedRecordError, StoreFullError
from cache.key import Key
from cache.record import Record
from cache.store import Store

__all__ = [
    "CacheError",
    "DamagedRecordError",
    "Entry",
    "Key",
    "PruneReport",
    "Record",
    "Store",
    "StoreFullError",
    "Usage",
    "VerifyReport",
]
