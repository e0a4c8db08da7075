"""A file that is still arriving, and what its server said it is the beginning of."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class PartialFile:
    """``NAME.part``, beside it ``NAME.part.origin`` with the address and the validator.

    A validator (RFC 9110, 8.8) is the ETag or Last-Modified header: while it stays the same, so
    does the file.
    """

    path: Path

    @property
    def size_bytes(self) -> int:
        """How much has arrived."""
        return self.path.stat().st_size if self.path.exists() else 0

    @property
    def _origin(self) -> Path:
        return self.path.with_name(f"{self.path.name}.origin")

    def validator(self, url: str) -> str:
        """Return the validator that came with the first byte; empty if it came from elsewhere."""
        if not self._origin.exists():
            return ""
        begun_at, _, validator = self._origin.read_text("utf-8", errors="replace").partition("\n")
        return validator if begun_at == url else ""

    def begin(self, url: str, validator: str) -> None:
        """Empty the file, to be filled from an address."""
        self.path.write_bytes(b"")
        self._origin.write_text(f"{url}\n{validator}", encoding="utf-8")

    def discard(self) -> None:
        """Delete the file."""
        self.path.unlink(missing_ok=True)
        self._origin.unlink(missing_ok=True)

    def finish(self, path: Path) -> None:
        """Give the file its final name."""
        self.path.replace(path)
        self._origin.unlink(missing_ok=True)
