"""The table of alignment formats; a new one is a module with a reader, and a line here."""

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from pipeline.alignments.alignment import Alignment
from pipeline.alignments.audacity import is_audacity, read_audacity
from pipeline.alignments.ctm import read_ctm
from pipeline.alignments.elan import read_elan
from pipeline.alignments.frame_json import is_frame_json, read_frame_json
from pipeline.alignments.librispeech import is_librispeech, read_librispeech
from pipeline.alignments.mfa_csv import read_mfa_csv
from pipeline.alignments.mfa_json import is_mfa_json, read_mfa_json
from pipeline.alignments.source import Source
from pipeline.alignments.textgrid import read_textgrid
from pipeline.alignments.timit import read_timit
from pipeline.alignments.whisperx import is_whisperx, read_whisperx
from pipeline.errors import AlignmentError

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Format:
    """A kind of alignment file.

    Attributes
    ----------
    name : str
        As users know it.
    suffix : str
        The extension in lower case.
    read : callable
        Takes the opened file, returns the alignment of each recording in the order of the file.
    recognizes : callable
        Whether a file with this extension is of this format; needed where formats share one.
    """

    name: str
    suffix: str
    read: Callable[[Source], Mapping[str, Alignment]]
    recognizes: Callable[[Source], bool] = lambda _: True


FORMATS: tuple[Format, ...] = (
    Format("Praat TextGrid", ".textgrid", read_textgrid),
    Format("CTM", ".ctm", read_ctm),
    Format("LibriSpeech alignment", ".txt", read_librispeech, is_librispeech),
    Format("Audacity labels", ".txt", read_audacity, is_audacity),
    Format("MFA table", ".csv", read_mfa_csv),
    Format("MFA JSON", ".json", read_mfa_json, is_mfa_json),
    Format("whisperX JSON", ".json", read_whisperx, is_whisperx),
    Format("frames of the original study", ".json", read_frame_json, is_frame_json),
    Format("TIMIT words", ".wrd", read_timit),
    Format("ELAN", ".eaf", read_elan),
)
# Files that only go with another.
_COMPANIONS = {".phn": "TIMIT's phones, without words; read the .wrd beside it"}

SUFFIXES = frozenset(known.suffix for known in FORMATS)
# What the files are called that hold many recordings.
_COLLECTION = re.compile(r".*\.ctm|.*\.alignment\.txt|audio_alignments_.*\.json", re.IGNORECASE)


def may_hold_many(name: str) -> bool:
    """Return whether a file of this name may align more than the recording it is named after.

    Examples
    --------
    >>> may_hold_many("84-121123.alignment.txt"), may_hold_many("84-121123-0000.TextGrid")
    (True, False)
    """
    return _COLLECTION.fullmatch(name) is not None


def is_alignment(path: Path) -> bool:
    """Return whether a file is of a known format, by its extension and, in doubt, its content."""
    found = [known for known in FORMATS if known.suffix == path.suffix.casefold()]
    if len(found) == 1:
        return True
    try:
        source = Source.open(path)
        return any(known.recognizes(source) for known in found)
    except AlignmentError:
        return False


def read_alignment(path: Path | str, recording: str | None = None) -> Alignment:
    """Return the words and phones of an alignment file; what is odd about it is logged.

    Parameters
    ----------
    path : Path or str
        A file in any known format: its extension and its content tell which.
    recording : str, optional
        Which of the file's recordings. Without it, all that the file holds are read, one after
        the other in the order of the file, each with times of its own.

    Raises
    ------
    AlignmentError
        If the file is missing, of an unknown format or damaged, or has no such recording; names
        file, line and reason.
    """
    recordings = read_recordings(path)
    if recording is None:
        alignment = _all_of(recordings)
    elif recording in recordings:
        alignment = recordings[recording]
    else:
        some = ", ".join(list(recordings)[:5])
        reason = f"no recording {recording!r} among the {len(recordings)} of this file: {some}"
        raise AlignmentError(Path(path), reason)
    for note in alignment.notes:
        _log.warning("%s: %s", path, note)
    return alignment


def read_recordings(path: Path | str) -> Mapping[str, Alignment]:
    """Return the alignment of each recording in a file, by the recording's name in it.

    A file in a format for one recording gives that one, by the file's name without extension.

    Raises
    ------
    AlignmentError
        If the file is missing, of an unknown format or damaged; names file, line and reason.
    """
    path = Path(path)
    candidates = _candidates(path)
    source = Source.open(path)
    found = next((known for known in candidates if known.recognizes(source)), None)
    if found is None:
        raise source.error(f"its content is of no known format; expected {_listed(candidates)}")
    recordings = found.read(source)
    if not source.notes:
        return recordings
    return {
        name: replace(alignment, notes=(*source.notes, *alignment.notes))
        for name, alignment in recordings.items()
    }


def _candidates(path: Path) -> Sequence[Format]:
    suffix = path.suffix.casefold()
    if suffix in _COMPANIONS:
        raise AlignmentError(path, _COMPANIONS[suffix])
    found = [known for known in FORMATS if known.suffix == suffix]
    if not found:
        reason = f"no reader for the extension {path.suffix!r}; expected {_listed(FORMATS)}"
        raise AlignmentError(path, reason)
    return found


def _listed(formats: Sequence[Format]) -> str:
    return ", ".join(f"{known.suffix} ({known.name})" for known in formats)


def _all_of(recordings: Mapping[str, Alignment]) -> Alignment:
    if len(recordings) == 1:
        return next(iter(recordings.values()))
    alignments = recordings.values()
    note = f"{len(recordings)} recordings, one after the other, each with times of its own"
    return Alignment(
        list(chain.from_iterable(alignment.words for alignment in alignments)),
        list(chain.from_iterable(alignment.phones for alignment in alignments)),
        (note, *(f"{name}: {note}" for name, each in recordings.items() for note in each.notes)),
    )
