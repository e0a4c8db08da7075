"""What to say of a name that does not exist."""

import difflib
from collections.abc import Iterable


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a hint at the names nearest to `name`, empty where none is near.

    Examples
    --------
    >>> did_you_mean("hubrt", ["hubert", "wavlm"])
    'did you mean hubert? '
    """
    close = difflib.get_close_matches(name, list(known), n=3, cutoff=0.5)
    return f"did you mean {' or '.join(close)}? " if close else ""
