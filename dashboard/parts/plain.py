"""Names that users chose, in the midst of our own markup."""

import string

_PUNCTUATION = str.maketrans({sign: f"\\{sign}" for sign in string.punctuation})


def escaped(name: str) -> str:
    r"""Return a name that Markdown shows as it is.

    Examples
    --------
    >>> print(escaped("s3prl:fbank [x](y)"))
    s3prl\:fbank \[x\]\(y\)
    """
    return " ".join(name.split()).translate(_PUNCTUATION)
