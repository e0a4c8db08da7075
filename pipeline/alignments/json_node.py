"""Walk through a JSON file: what is missing or of the wrong type is an error that says where."""

import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from pipeline.alignments.source import Source, excerpt
from pipeline.errors import AlignmentError

_LARGEST = 2**53  # floats know every whole number up to it


@dataclass(frozen=True)
class Node:
    """A value in a JSON file.

    Attributes
    ----------
    source : Source
    value : object
    place : str
        How to get there, as in ``tiers.words.entries[3]``; empty at the top.
    """

    source: Source
    value: object
    place: str = ""

    @classmethod
    def root(cls, source: Source) -> "Node":
        """Return the file's value as a whole."""
        return cls(source, source.json)

    def __contains__(self, key: str) -> bool:
        return isinstance(self.value, dict) and key in self.value

    def __getitem__(self, key: str) -> "Node":
        members = self.members()
        if key not in members:
            raise self.error(f"an object with the key {key!r}")
        return members[key]

    def members(self) -> Mapping[str, "Node"]:
        """Return the values of an object by their keys."""
        if not isinstance(self.value, dict):
            raise self.error("an object")
        prefix = f"{self.place}." if self.place else ""
        return {
            key: Node(self.source, value, f"{prefix}{key}") for key, value in self.value.items()
        }

    def elements(self, *, count: int | None = None) -> Sequence["Node"]:
        """Return the values of an array, of a given length if `count` says so."""
        if not isinstance(self.value, list) or count not in (None, len(self.value)):
            raise self.error("an array" if count is None else f"an array of {count} values")
        return [
            Node(self.source, value, f"{self.place}[{index}]")
            for index, value in enumerate(self.value)
        ]

    def text(self) -> str:
        """Return a string."""
        if not isinstance(self.value, str):
            raise self.error("a text")
        return self.value

    def number(self) -> float:
        """Return a finite number."""
        value = math.nan
        if isinstance(self.value, int | float) and not isinstance(self.value, bool):
            with suppress(OverflowError):
                value = float(self.value)
        if not math.isfinite(value):
            raise self.error("a number, not too large")
        return value

    def whole_number(self) -> int:
        """Return an integer from 0 on."""
        if type(self.value) is not int or not 0 <= self.value <= _LARGEST:
            raise self.error("a whole number from 0 on, not too large")
        return self.value

    def error(self, expected: str) -> AlignmentError:
        """Return an error that says what stands here instead of what was expected."""
        place = self.place or "the top"
        return self.source.error(
            f"expected {expected} at {place}, found {excerpt(repr(self.value))}"
        )
