"""One alignment file, opened and decoded: what every reader is given."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pipeline.alignments.decoding import decode, line_of
from pipeline.alignments.strict_json import JsonError, parse_json
from pipeline.errors import AlignmentError

NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?")


@dataclass(frozen=True)
class Source:
    r"""An alignment file.

    Attributes
    ----------
    path : Path
    text : str
        Its content; every line ends with ``\n``, except perhaps the last.
    guessed_encoding : str or None
        What the file was decoded as, where it does not tell.
    """

    path: Path
    text: str
    guessed_encoding: str | None = None

    @classmethod
    def open(cls, path: Path) -> "Source":
        """Read and decode a file.

        Raises
        ------
        AlignmentError
            If it cannot be opened, is empty or no text.
        """
        try:
            content = path.read_bytes()
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise AlignmentError(path, f"cannot be opened ({reason})") from error
        if not content:
            raise AlignmentError(path, "the file is empty; write it again")
        try:
            text, guess = decode(content)
        except UnicodeDecodeError as error:
            reason = f"no text ({error.reason}); is the file cut, damaged or of another kind?"
            raise AlignmentError(path, reason, line_of(error)) from error
        return cls(path, text.replace("\r\n", "\n").replace("\r", "\n"), guess)

    @property
    def name(self) -> str:
        """The recording that the file is named after."""
        return self.path.stem

    @cached_property
    def lines(self) -> Sequence[tuple[int, str]]:
        """The lines that are not blank, with their numbers, counted from 1."""
        numbered = enumerate(self.text.split("\n"), start=1)
        return [(number, line) for number, line in numbered if line.strip()]

    @cached_property
    def json(self) -> object:
        """The content of a JSON file.

        Raises
        ------
        AlignmentError
            If it is no valid JSON, repeats a key or holds NaN.
        """
        try:
            return parse_json(self.text)
        except JsonError as error:
            raise self.error(error.reason, error.line) from error

    @property
    def notes(self) -> tuple[str, ...]:
        """What is odd about the text itself."""
        if self.guessed_encoding is None:
            return ()
        return (f"not UTF-8; read as {self.guessed_encoding}, check the labels",)

    @property
    def end_notes(self) -> tuple[str, ...]:
        """What is odd about the end of a file whose every line ends."""
        if self.text.endswith("\n"):
            return ()
        number = self.text.count("\n") + 1
        return (f"line {number}: the last line does not end; is the file cut?",)

    def error(self, reason: str, line: int | None = None) -> AlignmentError:
        """Return an error that names this file."""
        return AlignmentError(self.path, reason, line)

    def number(self, field: str, what: str, line: int | None = None) -> float:
        """Return a number that is written in a field.

        Raises
        ------
        AlignmentError
            If it is none, or too large for one.
        """
        if NUMBER.fullmatch(field) is None:
            hint = "; write numbers with a decimal point" if "," in field else ""
            raise self.error(f"expected {what}, a number, found {excerpt(field)}{hint}", line)
        value = float(field)
        if not math.isfinite(value):
            raise self.error(f"{what}, {excerpt(field)}, is too large a number", line)
        return value


def excerpt(text: str, length: int = 40) -> str:
    """Return a text for a message, quoted and not too long."""
    return repr(text if len(text) <= length else f"{text[:length]}...")
