"""Read Praat TextGrids: the long and the short text format are one stream of tokens.

Praat's reader (``melder_readtext.cpp``) looks for free-standing numbers, "quoted texts" with
doubled quotes and <flags>, and skips all other words and ``! comments``; so ``xmin = 0.5`` and a
bare ``0.5`` are the same. Where Praat would read a cut or damaged number silently, this refuses.
"""

import math
import re
from collections.abc import Mapping

from pipeline.alignments.alignment import Alignment, Mark, Tier
from pipeline.alignments.source import Source, excerpt
from pipeline.alignments.textgrid_long import long_intervals
from pipeline.alignments.tiers import alignment_from_tiers
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


def read_textgrid(source: Source) -> Mapping[str, Alignment]:
    """Return the words and phones of one TextGrid.

    Raises
    ------
    AlignmentError
        As :func:`read_tiers`, and where there is no word tier.
    """
    tiers, notes = read_tiers(source)
    return {source.name: alignment_from_tiers(source, tiers, notes)}


def read_tiers(source: Source) -> tuple[tuple[Tier, ...], tuple[str, ...]]:
    """Return every tier of one TextGrid, as the file says, and what is odd about their frame.

    Raises
    ------
    AlignmentError
        If the file cannot be read to its end: cut, damaged, of another kind.
    """
    return _parse(_Tokens(source))


class _Tokens:
    """The tokens of one file, asked for by kind."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._matches = _TOKEN.finditer(source.text)
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

    def intervals(self, count: int) -> tuple[Mark, ...]:
        """Return the marks of an interval tier."""
        position = 0 if self._last is None else self._last.end()
        short_cut = long_intervals(self._source.text, position, count)
        if short_cut is None:
            return tuple(_interval(self) for _ in range(count))
        self._matches = _TOKEN.finditer(self._source.text, short_cut.last_text)
        self.text("the text of the last interval")
        return short_cut.marks

    def points(self, count: int) -> tuple[Mark, ...]:
        """Return the marks of a point tier."""
        return tuple(_point(self) for _ in range(count))

    def at_end(self) -> bool:
        """Whether nothing but words and comments is left."""
        match = next(self._matches)
        return match.lastgroup == "end"

    def error(self, reason: str) -> AlignmentError:
        """Return an error at the last token."""
        return self._source.error(reason, self._line())

    def note(self, oddity: str) -> str:
        """Return a note on the last token."""
        return f"line {self._line()}: {oddity}"

    def _line(self) -> int:
        position = 0 if self._last is None else self._last.start(self._last.lastgroup or 0)
        return self._source.text.count("\n", 0, position) + 1

    def _next(self, kind: str, what: str) -> str:
        match = self._last = next(self._matches)
        if match.lastgroup != kind:
            raise self.error(f"expected {what} (a {kind}), found {_describe(match)}")
        return match[kind]


def _describe(match: re.Match[str]) -> str:
    kind = match.lastgroup or "end"
    found = match[kind]
    quoted = excerpt(found)
    if kind == "end":
        return "the end of the file: it is cut, or declares more than it holds"
    if kind != "damaged":
        return f"the {kind} {quoted}"
    if found.startswith('"'):
        return f"a text that is not closed, {quoted}: the file is cut, or a quote is not doubled"
    hint = "; write times with a decimal point" if "," in found else ""
    return f"{quoted}, which is no number{hint}"


def _parse(tokens: _Tokens) -> tuple[tuple[Tier, ...], tuple[str, ...]]:
    _check_header(tokens)
    tokens.number("the start of the TextGrid")
    end = tokens.number("the end of the TextGrid")
    exists = tokens.flag("whether there are tiers")
    if exists == "absent":
        return (), ()
    if exists != "exists":
        raise tokens.error(f"expected <exists> or <absent>, found <{exists}>")
    tiers = tuple(_tier(tokens) for _ in range(tokens.count("the number of tiers")))
    notes = []
    if any(tier.end > end for tier in tiers):
        notes.append(tokens.note(f"a tier ends after the TextGrid itself ({end} s)"))
    if not tokens.at_end():
        notes.append(tokens.note("the file goes on after its last declared interval"))
    return tiers, tuple(notes)


def _check_header(tokens: _Tokens) -> None:
    try:
        file_type, object_class = tokens.text("the file type"), tokens.text("the object class")
    except AlignmentError as error:
        raise tokens.error(f"{error.reason}; {_SAVE_AGAIN}") from None
    if not file_type.startswith("ooTextFile") or object_class != "TextGrid":
        raise tokens.error(f"found {excerpt(object_class)} in {excerpt(file_type)}; {_SAVE_AGAIN}")


def _tier(tokens: _Tokens) -> Tier:
    kind = tokens.text("the class of a tier")
    if kind not in ("IntervalTier", "TextTier"):
        raise tokens.error(f"a tier is of class {excerpt(kind)}; expected IntervalTier or TextTier")
    name = tokens.text("the name of a tier")
    start, end = tokens.number("the start of a tier"), tokens.number("the end of a tier")
    count = tokens.count("the number of intervals or points")
    if kind == "IntervalTier":
        return Tier("interval", name, start, end, tokens.intervals(count))
    return Tier("point", name, start, end, tokens.points(count))


def _interval(tokens: _Tokens) -> Mark:
    start, end = tokens.number("the start of an interval"), tokens.number("the end of an interval")
    if end < start:
        raise tokens.error(f"the interval from {start} to {end} ends before it starts")
    return Mark(start, end, tokens.text("the text of an interval"))


def _point(tokens: _Tokens) -> Mark:
    time = tokens.number("the time of a point")
    return Mark(time, time, tokens.text("the mark of a point"))
