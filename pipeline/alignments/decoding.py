"""Turn the bytes of a text file whose encoding nobody states into text."""

import codecs
import re

import chardet

_UTF8_SEQUENCE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
_BEYOND_ASCII = re.compile(rb"[\x80-\xff]")


def decode(content: bytes) -> tuple[str, str | None]:
    """Return the text, and its encoding where that is only a guess.

    UTF-8 and UTF-16 are recognized by their first bytes or by being valid, everything else is
    guessed by chardet.

    Raises
    ------
    UnicodeDecodeError
        If it is cut or damaged UTF, holds a NUL, or nobody can guess what it is.
    """
    encoding = _certain_encoding(content)
    guess = None
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding != "utf-8" or _is_mostly_utf8(content):
            raise
        text, guess = _decode_as_guessed(content, error)
    if "\0" in text:
        raise UnicodeDecodeError(encoding, content, content.index(b"\0"), len(content), "a NUL")
    return text, guess


def line_of(error: UnicodeDecodeError) -> int:
    """Return the line of the byte that is no text, counted from 1."""
    return error.object.count(b"\n", 0, error.start) + 1


def _certain_encoding(content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if content.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    # Without a mark, UTF-16 shows by its first character where that is ASCII.
    if re.match(rb"\0[\x01-\x7f]", content):
        return "utf-16-be"
    return "utf-16-le" if re.match(rb"[\x01-\x7f]\0", content) else "utf-8"


def _is_mostly_utf8(content: bytes) -> bool:
    """Tell damaged UTF-8, whose other characters a guess would garble, from other encodings."""
    well_formed = sum(map(len, _UTF8_SEQUENCE.findall(content)))
    return 2 * well_formed > len(_BEYOND_ASCII.findall(content))


def _decode_as_guessed(content: bytes, error: UnicodeDecodeError) -> tuple[str, str]:
    # Capital letters and encodings of old mainframes mislead it: CAFÉ became Hebrew.
    modern = chardet.EncodingEra.MODERN_WEB
    guess = chardet.detect(content.lower(), encoding_era=modern)["encoding"]
    if guess is None:
        raise error
    try:
        return content.decode(guess), guess
    except (LookupError, UnicodeDecodeError):
        raise error from None
