"""The table of alignment formats; a new one is a module with a reader, and a line here."""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from pipeline.alignments.alignment import Alignment
from pipeline.alignments.textgrid import read_textgrid
from pipeline.errors import AlignmentError

# The extension in lower case -> what reads such a file.
READERS: Mapping[str, Callable[[Path], Alignment]] = MappingProxyType(
    {
        ".textgrid": read_textgrid,
    }
)


def read_alignment(path: Path | str) -> Alignment:
    """Return the words and phones of one alignment file, in the format its extension says.

    Raises
    ------
    AlignmentError
        If the file is missing, of an unknown format or damaged; names file, line and reason.
    """
    path = Path(path)
    reader = READERS.get(path.suffix.casefold())
    if reader is None:
        known = ", ".join(READERS)
        raise AlignmentError(path, f"no reader for the extension {path.suffix!r}; expected {known}")
    try:
        return reader(path)
    except OSError as error:
        raise AlignmentError(path, f"cannot be opened ({error.strerror})") from error


SUFFIXES = frozenset(READERS)


def is_alignment(path: Path) -> bool:
    """Interim."""
    return path.suffix.casefold() in READERS


def may_hold_many(_name: str) -> bool:
    """Interim."""
    return False


def read_recordings(path: Path) -> Mapping[str, Alignment]:
    """Interim."""
    return {path.stem: read_alignment(path)}
