"""A comparison's request as one short line, so that a link can hold several."""

import json
from collections.abc import Mapping
from typing import Any, Final

from pipeline.errors import SettingsError
from pipeline.request import ComparisonRequest

LONGEST: Final = 4000
"""Characters; a link that is longer was not made by us."""

_PLAIN = ComparisonRequest("", "", "").as_dict()


def request_text(request: ComparisonRequest) -> str:
    """Return a request as JSON that says only what differs from the defaults.

    Examples
    --------
    >>> request_text(ComparisonRequest("demo", "minilm", "control:lookup", measure="rsa"))
    '{"corpus":"demo","measure":"rsa","model_a":"minilm","model_b":"control:lookup"}'
    """
    said = _differing(request.as_dict(), _PLAIN)
    return json.dumps(said, separators=(",", ":"), sort_keys=True, ensure_ascii=False)


def request_of_text(text: str) -> ComparisonRequest:
    """Return the request that :func:`request_text` wrote.

    Raises
    ------
    SettingsError
        If the text is no such request, or asks for what does not exist.
    """
    if len(text) > LONGEST:
        raise _refused(f"it has {len(text):,} characters, more than {LONGEST:,}")
    try:
        said = json.loads(text)
        values = _completed(said, _PLAIN)
    except (ValueError, RecursionError) as error:
        raise _refused(str(error)) from error
    names = [values[name] for name in ("corpus", "model_a", "model_b")]
    if not all(isinstance(name, str) and name for name in names):
        raise _refused("it does not name a corpus and two models")
    try:
        return ComparisonRequest.from_dict(values)
    except (TypeError, ValueError, LookupError, AttributeError) as error:
        raise _refused(str(error)) from error


def _refused(reason: str) -> SettingsError:
    return SettingsError(
        f"a comparison in the link cannot be read: {reason}; copy the link again from the page"
    )


def _differing(values: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, dict):
            inner = _differing(value, defaults[name])
            if inner:
                said[name] = inner
        elif value != defaults[name]:
            said[name] = value
    return said


def _completed(said: object, defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Return the defaults with what is said in their place; ValueError for what has no place."""
    if not isinstance(said, dict) or not said.keys() <= defaults.keys():
        raise ValueError(f"expected an object with some of {', '.join(defaults)}")
    return {
        name: _completed(said.get(name, {}), default)
        if isinstance(default, dict)
        else said.get(name, default)
        for name, default in defaults.items()
    }
