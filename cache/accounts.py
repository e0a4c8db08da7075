"""What the store says of itself."""

from collections.abc import Mapping
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
