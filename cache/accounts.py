"""What the store says of itself."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, eq=False)
class Entry:
    """What the index says of a record; `file` is relative to the store."""

    digest: str
    kind: str
    labels: Mapping[str, str]
    stored_at_s: float
    size_bytes: int
    file: str
    sha256: str


@dataclass(frozen=True, eq=False)
class Usage:
    """The records of one kind with the same labels."""

    kind: str
    labels: Mapping[str, str]
    records: int
    size_bytes: int


@dataclass(frozen=True)
class Total:
    """The records that say the same of themselves; `name` is None for those that say nothing."""

    name: str | None
    records: int
    size_bytes: int


def totals(usage: Iterable[Usage], by: str) -> tuple[Total, ...]:
    """Add accounts up by ``"kind"`` or by one label, the largest first."""
    records: Counter[str | None] = Counter()
    size_bytes: Counter[str | None] = Counter()
    for each in usage:
        name = each.kind if by == "kind" else each.labels.get(by)
        records[name] += each.records
        size_bytes[name] += each.size_bytes
    named = sorted(records, key=lambda name: (-size_bytes[name], name or ""))
    return tuple(Total(name, records[name], size_bytes[name]) for name in named)


@dataclass(frozen=True)
class Capacity:
    """How large a store is and may become; a limit of None: as large as the disk."""

    used_bytes: int
    limit_bytes: int | None
    free_bytes: int


@dataclass(frozen=True)
class Lookups:
    """How often a record was asked for and was there, or was not."""

    hits: int = 0
    misses: int = 0


@dataclass(frozen=True)
class VerifyReport:
    """How many records were checked, and the digests of the damaged ones."""

    checked: int
    damaged: tuple[str, ...]


@dataclass(frozen=True)
class PruneReport:
    """What was, or would be, deleted."""

    records: int
    size_bytes: int


@dataclass(frozen=True)
class ShareReport:
    """How many records were on the shared tier already, came there now, and did not."""

    present: int
    published: int
    left: int
