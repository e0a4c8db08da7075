"""What a record was computed from, and the digest under which it is found."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

# A comparison has thousands of keys, and an encoder for each would take as long as what it writes.
_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False)
_CONTAINERS = (dict, list, tuple)


@dataclass(frozen=True, eq=False)
class Key:
    """Everything that decides a record's content.

    Attributes
    ----------
    kind : str
        What the record is, e.g. ``"embedding"``.
    version : int
        Raised when the code gives another result for the same inputs.
    inputs : mapping
        Plain JSON values: None, bool, int, finite float, str, lists (or tuples) and mappings.

    Raises
    ------
    TypeError
        When the digest is asked for, if an input is no JSON value.
    ValueError
        Likewise, if a number is not finite.

    Examples
    --------
    >>> Key("sum", 1, {"of": [1, 2]}) == Key("sum", 1, {"of": (1, 2)})
    True
    >>> Key("sum", 1, {"of": [1, 2]}) == Key("sum", 1, {"of": [1, 2.0]})
    False
    """

    kind: str
    version: int
    inputs: Mapping[str, object]

    @cached_property
    def digest(self) -> str:
        """SHA-256, in hexadecimal, of the key as canonical JSON."""
        content = [self.kind, self.version, self.inputs]
        try:
            _refuse_foreign_names(self.inputs)
            # JSON tells 1, 1.0, "1", true and [1] apart; sorting makes equal mappings equal.
            text = _ENCODER.encode(content)
        except (TypeError, ValueError) as error:
            raise type(error)(
                f"{self.kind} key: {error}; its inputs are {self.inputs!r}"
            ) from error
        return hashlib.sha256(text.encode()).hexdigest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Key) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)


def _refuse_foreign_names(value: object) -> None:
    """Refuse names that JSON would turn into text, so that 1 and "1" would be one name."""
    if isinstance(value, dict):
        for name in value:
            if not isinstance(name, str):
                raise TypeError(f"the name {name!r} is not text, as names are in JSON")
        value = value.values()
    elif not isinstance(value, _CONTAINERS):
        return
    for item in value:
        if isinstance(item, _CONTAINERS):  # most are none: a call for each would take twice as long
            _refuse_foreign_names(item)
