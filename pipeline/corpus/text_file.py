"""Read a text file whose encoding nobody states."""

import io
import logging
from pathlib import Path

from pipeline.alignments.decoding import decode, line_of
from pipeline.errors import CorpusError

_log = logging.getLogger(__name__)


def read_text(path: Path) -> str:
    """Return a text: UTF-8 where it is valid UTF-8, else as chardet guesses.

    Raises
    ------
    CorpusError
        If the file cannot be read, or is no text.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CorpusError(f"{path}: cannot be read ({error.strerror})") from error
    try:
        text, guess = decode(content)
    except UnicodeDecodeError as error:
        raise CorpusError(
            f"{path}: line {line_of(error)} is no text, or damaged; save the file as UTF-8"
        ) from error
    if guess:
        _log.warning("%s is not UTF-8; reading it as %s", path, guess)
    return text


def read_lines(path: Path) -> list[str]:
    """Return the lines of a text as editors count them: only line ends part them.

    Raises
    ------
    CorpusError
        If the file cannot be read, or is no text.
    """
    return [line.removesuffix("\n") for line in io.StringIO(read_text(path), newline=None)]
