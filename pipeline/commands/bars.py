"""Bar charts in plain text."""

from collections.abc import Iterator, Mapping

_WIDTH = 40
_EIGHTHS = " ▏▎▍▌▋▊▉"


def bars(values: Mapping[str, float], *, most: int = 20) -> Iterator[str]:
    """Yield one line for each value, the longest bar for the largest; at most `most`.

    Examples
    --------
    >>> print(*bars({"one": 1.0, "two": 2.0}), sep="|")
      one ████████████████████ 1|  two ████████████████████████████████████████ 2
    """
    shown = dict(list(values.items())[:most])
    largest = max(shown.values(), default=0.0)
    margin = max(map(len, shown), default=0)
    for label, value in shown.items():
        eighths = round(8 * _WIDTH * value / largest) if largest else 0
        bar = "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()
        yield f"  {label:>{margin}} {bar} {value:{',.0f' if float(value).is_integer() else ',.2f'}}"
    if len(values) > most:
        yield f"  and {len(values) - most} more"
