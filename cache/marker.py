"""What the shared tier says of a record: a few lines of JSON, believed only as far as they go."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from cache.errors import DamagedRecordError

LONGEST_MARKER_BYTES = 65_536
_SHA256 = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, eq=False)
class Marker:
    """Which object is a record, and what its row will say."""

    kind: str
    labels: Mapping[str, str]
    size_bytes: int
    sha256: str

    def encoded(self) -> bytes:
        """Return the marker as JSON."""
        return json.dumps(asdict(self) | {"labels": dict(self.labels)}, sort_keys=True).encode()


def read_marker(content: bytes, kind: str) -> Marker:
    """Return the marker of a record of a kind.

    Raises
    ------
    DamagedRecordError
        If it is none, of another kind, or names what no object is called.
    """
    try:
        said = json.loads(content)
        marker = Marker(said["kind"], said["labels"], said["size_bytes"], said["sha256"])
    except (ValueError, TypeError, LookupError, RecursionError) as error:
        raise DamagedRecordError(f"its marker is none ({error})") from error
    if not _is_plain(said):
        raise DamagedRecordError(f"its marker says {said}")
    if marker.kind != kind:
        raise DamagedRecordError(f"expected a record of kind {kind!r}, found {marker.kind!r}")
    return marker


def _is_plain(said: dict[str, Any]) -> bool:
    labels, size_bytes, sha256 = said["labels"], said["size_bytes"], said["sha256"]
    return (
        isinstance(labels, dict)
        and all(isinstance(label, str) for label in labels.values())
        and type(size_bytes) is int
        and size_bytes >= 0
        and isinstance(sha256, str)
        # Part of a path: no other text may be.
        and _SHA256.fullmatch(sha256) is not None
    )
