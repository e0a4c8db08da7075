"""Read Praat TextGrids: the long and the short text format are one stream of tokens.

Praat's reader (``melder_readtext.cpp``) looks for free-standing numbers, "quoted texts" with
doubled quotes and <flags>, and skips all other words and ``! comments``; so ``xmin = 0.5`` and a
bare ``0.5`` are the same. Where Praat would read a cut or damaged number silently, this refuses.
"""

import codecs
import logging
import math
import re
from pathlib import Path

from pipeline.alignments.alignment import Alignment, Mark, Tier, alignment_from_tiers
from pipeline.errors import AlignmentError

_TOKEN = re.compile(
    r"""
    (?: \s+ | ![^\n]* | [+\-](?=\s) | [^\s"<!+\-0-9]\S* )*+     # blanks, comments, other words
    (?: "(?P<text>[^"]*+(?:""[^"]*+)*+)"(?=[\s!]|\Z)
      | (?P<number>[+\-]?[0-9]+(?:\.[0-9]*)?(?:[eE][+\-]?[0-9]+)?)(?=[\s!]|\Z)
      | <(?P<flag>[^>\n]*)>
      | (?P<damaged>\S+)
      | (?P<end>\Z) )
    """,
    re.VERBOSE,
)
_SAVE_AGAIN = 'expected a TextGrid; open it in Praat and use "Save as text file..."'

_EXCERPT_LENGTH = 40

_log = logging.getLogger(__name__)


def read_textgrid(path: Path) -> Alignment:
    """Return the words and phones of one TextGrid.

    Raises
    ------
    AlignmentError
        As :func:`read_tiers`, and where there is no word tier.
    """
    return alignment_from_tiers(path, read_tiers(path))


def read_tiers(path: Path) -> tuple[Tier, ...]:
    """Return every tier of one TextGrid, as the file says.

    Raises
    ------
    AlignmentError
        If the file cannot be read to its end: cut, damaged, of another kind.
    """
    return _parse(_Tokens(path, _decode(path, path.read_bytes())))


def _decode(path: Path, content: bytes) -> str:
    if not content or content.startswith((b"ooBinaryFile", b"\0\0")):
        kind = "binary" if content else "empty"
        raise AlignmentError(path, f"the file is {kind}; {_SAVE_AGAIN}")
    encoding = _encoding(content)
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding != "utf-8":
            line = content.count(b"\n", 0, error.start) + 1
            raise AlignmentError(path, f"no valid {encoding}; is the file cut?", line) from error
        text = content.decode("latin-1")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _encoding(content: bytes) -> str:
    """Return what the first bytes show; a TextGrid's first character is ASCII."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if content.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if content[:1] == b"\0":
        return "utf-16-be"
    return "utf-16-le" if content[1:2] == b"\0" else "utf-8"


class _Tokens:
    """The tokens of one file, asked for by kind."""

    def __init__(self, path: Path, text: str) -> None:
        self._path, self._text = path, text
        self._matches = _TOKEN.finditer(text)
        self._last: re.Match[str] | None = None

    def text(self, what: str) -> str:
        return self._next("text", what).replace('""', '"')

    def flag(self, what: str) -> str:
        return self._next("flag", what)

    def number(self, what: str) -> float:
        value = float(self._next("number", what))
        if not math.isfinite(value):
            raise self.error(f"{what} is too large a number")
        return value

    def count(self, what: str) -> int:
        value = self.number(what)
        if value < 0 or value != int(value):
            raise self.error(f"{what} is {value:g}; expected a whole number")
        return int(value)

    def at_end(self) -> bool:
        """Whether nothing but words and comments is left."""
        match = next(self._matches)
        return match.lastgroup == "end"

    def error(self, reason: str) -> AlignmentError:
        """Return an error at the last token."""
        position = 0 if self._last is None else self._last.start(self._last.lastgroup or 0)
        return AlignmentError(self._path, reason, self._text.count("\n", 0, position) + 1)

    def _next(self, kind: str, what: str) -> str:
        match = self._last = next(self._matches)
        if match.lastgroup != kind:
            raise self.error(f"expected {what} (a {kind}), found {_describe(match)}")
        return match[kind]


def _describe(match: re.Match[str]) -> str:
    kind = match.lastgroup or "end"
    found = match[kind]
    excerpt = _excerpt(found)
    if kind == "end":
        return "the end of the file: it is cut, or declares more than it holds"
    if kind != "damaged":
        return f"the {kind} {excerpt}"
    if found.startswith('"'):
        return f"a text that is not closed, {excerpt}: the file is cut, or a quote is not doubled"
    hint = "; write times with a decimal point" if "," in found else ""
    return f"{excerpt}, which is no number{hint}"


def _excerpt(text: str) -> str:
    return repr(text if len(text) <= _EXCERPT_LENGTH else f"{text[:_EXCERPT_LENGTH]}...")


def _parse(tokens: _Tokens) -> tuple[Tier, ...]:
    _check_header(tokens)
    tokens.number("the start of the TextGrid")
    end = tokens.number("the end of the TextGrid")
    exists = tokens.flag("whether there are tiers")
    if exists == "absent":
        return ()
    if exists != "exists":
        raise tokens.error(f"expected <exists> or <absent>, found <{exists}>")
    tiers = tuple(_tier(tokens) for _ in range(tokens.count("the number of tiers")))
    if any(tier.end > end for tier in tiers):
        _log.warning("%s", tokens.error(f"a tier ends after the TextGrid itself ({end} s)"))
    if not tokens.at_end():
        _log.warning("%s", tokens.error("the file goes on after its last declared interval"))
    return tiers


def _check_header(tokens: _Tokens) -> None:
    try:
        file_type, object_class = tokens.text("the file type"), tokens.text("the object class")
    except AlignmentError as error:
        raise tokens.error(f"{error.reason}; {_SAVE_AGAIN}") from None
    if not file_type.startswith("ooTextFile") or object_class != "TextGrid":
        raise tokens.error(
            f"found {_excerpt(object_class)} in {_excerpt(file_type)}; {_SAVE_AGAIN}"
        )


def _tier(tokens: _Tokens) -> Tier:
    kind = tokens.text("the class of a tier")
    if kind not in ("IntervalTier", "TextTier"):
        raise tokens.error(
            f"a tier is of class {_excerpt(kind)}; expected IntervalTier or TextTier"
        )
    name = tokens.text("the name of a tier")
    start, end = tokens.number("the start of a tier"), tokens.number("the end of a tier")
    read_mark = _interval if kind == "IntervalTier" else _point
    count = tokens.count("the number of intervals or points")
    marks = tuple(read_mark(tokens) for _ in range(count))
    return Tier("interval" if kind == "IntervalTier" else "point", name, start, end, marks)


def _interval(tokens: _Tokens) -> Mark:
    start, end = tokens.number("the start of an interval"), tokens.number("the end of an interval")
    if end < start:
        raise tokens.error(f"the interval from {start} to {end} ends before it starts")
    return Mark(start, end, tokens.text("the text of an interval"))


def _point(tokens: _Tokens) -> Mark:
    time = tokens.number("the time of a point")
    return Mark(time, time, tokens.text("the mark of a point"))
