"""The parameters of a link as plain values, wherever they were kept."""

from collections.abc import Mapping
from typing import Any

Parameters = Mapping[str, str | list[str]]


def as_parameters(values: Mapping[str, Any]) -> dict[str, str | list[str]]:
    """Return parameters that are what a link can hold, whatever was kept.

    Examples
    --------
    >>> as_parameters({"la": 3, "without": ["mel", None]})
    {'la': '3', 'without': ['mel', 'None']}
    """
    return {
        str(name): [str(each) for each in value] if isinstance(value, list) else str(value)
        for name, value in values.items()
    }
