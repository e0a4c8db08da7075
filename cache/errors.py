"""What can go wrong with a store.

CacheError
├── DamagedRecordError   a record whose file is not what was written
└── StoreFullError       no room for another record; nothing is ever evicted to make some
"""


class CacheError(Exception):
    """What every error of this package is; says what was found and what to do."""


class DamagedRecordError(CacheError):
    """A record whose file is missing, cut short or not what was written."""


class StoreFullError(CacheError):
    """No room for another record; nothing is ever evicted to make some."""
