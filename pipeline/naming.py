"""What is asked for by name."""

from collections.abc import Mapping
from typing import TypeVar

from pipeline.errors import SettingsError

T = TypeVar("T")


def named(table: Mapping[str, T], name: str, what: str) -> T:
    """Return what has a name.

    Raises
    ------
    SettingsError
        If nothing has; it lists the names.

    Examples
    --------
    >>> named({"thesis": 1}, "thesis", "preset")
    1
    """
    if name not in table:
        raise SettingsError(f"there is no {what} {name!r}; choose one of {', '.join(table)}")
    return table[name]
