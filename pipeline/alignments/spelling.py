"""How words are told apart: the tokens of a transcript, and the form in which two are compared."""

import unicodedata
from functools import lru_cache

_APOSTROPHE = "'"
_APOSTROPHES = str.maketrans(dict.fromkeys("\u2019\u2018\u02bc\u00b4\u0060\uff07", _APOSTROPHE))
# A hyphen or dash inside a word; "lower-case" is spoken, and aligned, as two words.
_DASHES = str.maketrans(dict.fromkeys("-\u2010\u2011\u2012\u2013\u2014\u2015", " "))


def spoken_words(transcript: str) -> tuple[str, ...]:
    """Return the tokens of a transcript, without the punctuation around them.

    Hyphens and dashes part words; what holds no letter or digit is no word.

    Examples
    --------
    >>> spoken_words("\u201cDon\u2019t,\u201d he said \u2013 in the lower-case, 5 times.")
    ('Don\u2019t', 'he', 'said', 'in', 'the', 'lower', 'case', '5', 'times')
    """
    tokens = (_without_punctuation(token) for token in transcript.translate(_DASHES).split())
    return tuple(token for token in tokens if comparable(token))


def _without_punctuation(token: str) -> str:
    """Strip a token's edges, but keep an apostrophe that belongs to it (``'tis``, ``dogs'``)."""
    if token.isalnum():
        return token
    kept = _strip(token, keep=_APOSTROPHE)
    plain = with_plain_apostrophes(kept)
    quoted = plain.startswith(_APOSTROPHE) and plain.endswith(_APOSTROPHE)
    return _strip(kept) if quoted else kept


def _strip(text: str, keep: str = "") -> str:
    inside = [
        index
        for index, character in enumerate(text)
        if not _is_edge(character) or (with_plain_apostrophes(character) in keep)
    ]
    return text[inside[0] : inside[-1] + 1] if inside else ""


def with_plain_apostrophes(word: str) -> str:
    """Return a word with every kind of apostrophe written as the plain one."""
    return word.translate(_APOSTROPHES)


@lru_cache(maxsize=100_000)
def comparable(label: str) -> str:
    """Return a label without case, compatibility forms and surrounding punctuation.

    Examples
    --------
    >>> comparable("\u201cDon\u2019t!\u201d")
    "don't"
    """
    unified = unicodedata.normalize("NFKC", with_plain_apostrophes(label)).casefold()
    return _strip(unicodedata.normalize("NFKC", unified))


def _is_edge(character: str) -> bool:
    return unicodedata.category(character)[0] in "PSZC"
