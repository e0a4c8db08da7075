"""JSON without what Python's reader lets pass: repeated keys, NaN, halves of characters."""

import json
from collections.abc import Sequence
from typing import NoReturn


class JsonError(ValueError):
    """A text that is no strict JSON.

    Parameters
    ----------
    reason : str
    line : int, optional
        Counted from 1.
    """

    def __init__(self, reason: str, line: int | None = None) -> None:
        self.reason, self.line = reason, line
        super().__init__(reason)


def parse_json(text: str) -> object:
    """Return what a JSON text says.

    Raises
    ------
    JsonError
        If it is cut or damaged, repeats a key, or holds NaN, Infinity or half a character.
    """
    try:
        found: object = json.loads(text, object_pairs_hook=_without_repeats, parse_constant=_refuse)
        if "\\u" in text:
            _check_escapes(found)
    except json.JSONDecodeError as error:
        reason = f"no valid JSON ({error.msg}); is the file cut?"
        raise JsonError(reason, error.lineno) from error
    except RecursionError as error:
        raise JsonError("the JSON is nested too deeply to be read") from error
    except JsonError:
        raise
    except ValueError as error:
        raise JsonError(f"a number cannot be read ({error})") from error
    return found


def _without_repeats(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        repeated = next(key for key in found if keys.count(key) > 1)
        raise JsonError(f"the key {repeated!r} stands twice in one object; keep one")
    return found


def _check_escapes(found: object) -> None:
    r"""Refuse halves of characters, such as ``\ud800``: they cannot be written anywhere."""
    try:
        json.dumps(found, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        half = error.object[error.start : error.end]
        raise JsonError(f"found {half!r}, half of a character; is the file damaged?") from error


def _refuse(constant: str) -> NoReturn:
    raise JsonError(f"found {constant}, which is no number; write a finite one")
