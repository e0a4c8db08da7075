"""How far a step has come, for whoever wants to show it."""

from collections.abc import Callable
from typing import TypeAlias

# Called with what is done, bytes done and bytes in all. What is done may shrink: a server without
# the Range header sends a file from its beginning again.
Progress: TypeAlias = Callable[[str, int, int], None]


def unseen(_heading: str, _done_bytes: int, _size_bytes: int) -> None:
    """Show nothing."""
