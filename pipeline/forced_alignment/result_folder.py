"""The folder that a forced aligner fills: which file is whose, and what made them."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from uuid import uuid4

from pipeline.configuration import home
from pipeline.corpus.utterance import Utterance
from pipeline.errors import AlignerError

ALIGNER_FILE = "aligner.json"


@dataclass(frozen=True)
class Summary:
    """What a folder of alignments says of itself.

    Attributes
    ----------
    aligner : str
        What made the times.
    words : int
        How many have times.
    failed : mapping of str to str
        Why an utterance has no alignment, by id.
    made_with : str
        LayerScope's version.
    """

    aligner: str
    words: int = 0
    failed: Mapping[str, str] = field(default_factory=dict)
    made_with: str = field(default_factory=lambda: version("layerscope"))


def named_folder(name: str) -> Path:
    """Return the folder of a name, below ``alignments`` in LayerScope's home.

    Raises
    ------
    AlignerError
        If the name is not made of a-z, 0-9, dot, hyphen and underscore.
    """
    if re.fullmatch(r"[a-z0-9][a-z0-9._-]*", name) is None:
        raise AlignerError(
            f"{name!r} cannot name a folder of alignments; use a-z, 0-9, dot, hyphen and underscore"
        )
    return home() / "alignments" / name


def textgrid_path(utterance: Utterance, root: Path, folder: Path) -> Path:
    """Return where the alignment of an utterance belongs.

    That is the place of its recording below `root`; for a part of a recording, its id.
    """
    if utterance.segment is None:
        return folder / utterance.audio.relative_to(root).with_suffix(".TextGrid")
    return folder / f"{utterance.id}.TextGrid"


def count_aligned(utterances: Iterable[Utterance], root: Path, folder: Path) -> int:
    """Return how many of the utterances have their file."""
    return sum(textgrid_path(utterance, root, folder).exists() for utterance in utterances)


def read_summary(folder: Path) -> Summary | None:
    """Return what a folder says of itself, None if it says nothing.

    Raises
    ------
    AlignerError
        If that file is damaged.
    """
    file = folder / ALIGNER_FILE
    try:
        return Summary(**json.loads(file.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as error:
        raise AlignerError(
            f"{file}: expected what made these alignments ({error}); delete the folder, or name "
            "another"
        ) from error


def write_summary(folder: Path, summary: Summary) -> None:
    """Replace what a folder says of itself."""
    with replaced_file(folder / ALIGNER_FILE) as draft:
        draft.write_text(json.dumps(asdict(summary), indent=1), encoding="utf-8")


def claim(folder: Path, aligner: str) -> None:
    """Make a folder, unless it is there, and write down what will fill it.

    Raises
    ------
    AlignerError
        If it cannot be written, or holds alignments that this aligner has not made.
    """
    found = read_summary(folder)
    if found is None and next(folder.rglob("*.TextGrid"), None) is not None:
        raise AlignerError(f"{folder} holds alignments of unknown origin; name an empty folder")
    if found is not None and found.aligner != aligner:
        raise AlignerError(
            f"{folder} was filled by {found.aligner}, not by {aligner}; name another folder"
        )
    if found is None:
        write_summary(folder, Summary(aligner))


@contextmanager
def replaced_file(path: Path) -> Iterator[Path]:
    """Give a file to write to, which then takes the place of `path` as a whole.

    Raises
    ------
    AlignerError
        If it cannot be written.
    """
    draft = path.with_name(f".{uuid4().hex}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield draft
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise AlignerError(f"{path}: cannot be written ({error.strerror})") from error
