"""Quantities for people: how long, how much, and when, in few digits."""

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

import streamlit as st

_LONG_S, _LONG_MIN = 90, 90
_KIB = 1024


def duration(seconds: float) -> str:
    """Return a duration in the unit it reads best in.

    Examples
    --------
    >>> duration(0.2), duration(89), duration(90), duration(5400), duration(86_400)
    ('1 s', '89 s', '2 min', '1.5 h', '24.0 h')
    """
    if seconds < _LONG_S:
        return f"{max(seconds, 1):.0f} s"
    minutes = seconds / 60
    return f"{minutes:.0f} min" if minutes < _LONG_MIN else f"{minutes / 60:.1f} h"


def size(size_bytes: float) -> str:
    """Return a size in binary units.

    Examples
    --------
    >>> size(0), size(1023), size(1024), size(1.5 * 2**30)
    ('0 B', '1,023 B', '1.0 KiB', '1.5 GiB')
    """
    if size_bytes < _KIB:
        return f"{size_bytes:,.0f} B"
    for unit in ("KiB", "MiB", "GiB"):
        size_bytes /= _KIB
        if size_bytes < _KIB:
            return f"{size_bytes:.1f} {unit}"
    return f"{size_bytes / _KIB:,.1f} TiB"


def moment(at_s: float) -> datetime | None:
    """Return seconds since the epoch as a time where the visitor is; None for 0, never."""
    return datetime.fromtimestamp(at_s, _visitor_zone()) if at_s else None


def clock(at_s: float) -> str:
    """Return the date and time of day where the visitor is, empty for never."""
    at = moment(at_s)
    return "" if at is None else at.strftime("%Y-%m-%d %H:%M:%S")


def _visitor_zone() -> tzinfo:
    name = st.context.timezone
    return ZoneInfo(name) if name else UTC
