"""Which alignment belongs to an utterance: a file of its name, or a part of a file of many."""

import json
import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from pipeline.alignments.alignment import Alignment
from pipeline.alignments.formats import SUFFIXES, is_alignment, may_hold_many, read_recordings
from pipeline.corpus.listing import AUDIO_SUFFIXES, Listed
from pipeline.corpus.tree import FileTree
from pipeline.corpus.utterance import Problem
from pipeline.errors import AlignmentError, CorpusError, MissingAlignmentError

# What forced alignment leaves beside the alignments that it writes.
ALIGNER_FILE = PurePosixPath("aligner.json")
# Of files of the same name, the one that says most; other endings may be transcripts.
_BEST_FIRST = (".textgrid", ".eaf", ".wrd", ".ctm", ".json", ".csv", ".txt")

_log = logging.getLogger(__name__)


class Found(NamedTuple):
    """An alignment, and whether its times count from the start of the whole recording."""

    file: Path
    alignment: Alignment
    of_whole_recording: bool


class Part(NamedTuple):
    """One recording's alignment in a file of many."""

    file: Path
    alignment: Alignment
    recording: PurePosixPath


@dataclass(frozen=True, eq=False)
class AlignmentFolder:
    """Every alignment file below a folder.

    Attributes
    ----------
    tree : FileTree
    problems : list of Problem
        Files of many recordings that cannot be read.
    """

    tree: FileTree
    problems: list[Problem] = field(default_factory=list)
    _by_name: Mapping[str, list[PurePosixPath]] = field(init=False, repr=False)
    _by_stem: Mapping[PurePosixPath, list[PurePosixPath]] = field(init=False, repr=False)
    _parts: Mapping[str, list[Part]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        by_name, by_stem, many = defaultdict(list), defaultdict(list), []
        for path in self.tree.with_suffix(SUFFIXES):
            if may_hold_many(path.name):
                many.append(path)
            else:
                by_name[path.stem].append(path)
                by_stem[path.with_suffix("")].append(path)
        object.__setattr__(self, "_by_name", by_name)
        object.__setattr__(self, "_by_stem", by_stem)
        object.__setattr__(self, "_parts", self._read_parts(many))

    def _read_parts(self, paths: Iterable[PurePosixPath]) -> dict[str, list[Part]]:
        found: dict[str, list[Part]] = defaultdict(list)
        for path in paths:
            try:
                recordings = read_recordings(self.tree.locate(path))
            except (AlignmentError, CorpusError) as error:
                file = self.tree.root / path
                self.problems.append(Problem.of(error, file, left_out="nothing"))
                continue
            for name, alignment in recordings.items():
                recording = PurePosixPath(name)
                if recording.suffix.casefold() in AUDIO_SUFFIXES:
                    recording = recording.with_suffix("")
                found[recording.name].append(Part(self.tree.root / path, alignment, recording))
        return found

    @property
    def aligner(self) -> str | None:
        """What made the alignments, where a forced aligner left its name."""
        if ALIGNER_FILE not in self.tree.paths:
            return None
        try:
            said = json.loads(self.tree.locate(ALIGNER_FILE).read_text(encoding="utf-8"))
            return str(said["aligner"])
        except (OSError, ValueError, LookupError, TypeError, CorpusError) as error:
            _log.warning("%s names no aligner (%s)", self.tree.root / ALIGNER_FILE, error)
            return None

    def read(self, listed: Listed, shared_names: Collection[str] = ()) -> Found:
        """Return the alignment of an utterance.

        It is the file that the corpus names; else one of the utterance's or the recording's
        name, at the same relative path or, if it is the only one, anywhere; else the part of
        that name in a file of many recordings.

        Parameters
        ----------
        shared_names : collection of str
            Names that several recordings have. Only the path tells whose such an alignment is.

        Raises
        ------
        MissingAlignmentError
            If there is none.
        AlignmentError
            If it cannot be read, or which is meant is not clear.
        CorpusError
            If it is a link that leads out of the folder.
        """
        is_segment = listed.start_s is not None or listed.end_s is not None
        if listed.alignment is not None and listed.alignment in self.tree.paths:
            return self._read_file(listed.alignment, of_whole_recording=is_segment)
        names = names_of(listed)
        for name in names:
            whole = is_segment and name != names[0]
            wanted = listed.audio.parent / name
            path = self._file(wanted, is_shared=name in shared_names)
            if path is not None:
                return self._read_file(path, of_whole_recording=whole)
            part = self._part(wanted, is_shared=name in shared_names)
            if part is not None:
                return Found(part.file, part.alignment, whole)
        missing = self.tree.root / listed.audio.with_name(f"{names[0]}.TextGrid")
        raise MissingAlignmentError(
            missing,
            "there is no such alignment; add it, or name its folder"
            + (" (other recordings have its name too)" if names[0] in shared_names else ""),
        )

    def _file(self, wanted: PurePosixPath, *, is_shared: bool) -> PurePosixPath | None:
        found = self._alignments(self._by_stem.get(wanted, ()))
        if not found:
            elsewhere = self._by_name.get(wanted.name, ())
            found = self._alignments(
                path
                for path in elsewhere
                if not is_shared or _ends_in(path.with_suffix(""), wanted)
            )
        best = min(map(_rank, found), default=None)
        chosen = [path for path in found if _rank(path) == best]
        if len(chosen) > 1:
            reason = f"{len(chosen)} alignments have this name; keep one"
            raise AlignmentError(self.tree.root / chosen[0], reason)
        return chosen[0] if chosen else None

    def _part(self, wanted: PurePosixPath, *, is_shared: bool) -> Part | None:
        parts = self._parts.get(wanted.name, [])
        if is_shared:
            parts = [part for part in parts if _ends_in(part.recording, wanted)]
        if len(parts) > 1:
            raise AlignmentError(parts[1].file, f"{wanted.name} is aligned in {parts[0].file} too")
        return parts[0] if parts else None

    def _alignments(self, paths: Iterable[PurePosixPath]) -> list[PurePosixPath]:
        return [path for path in paths if is_alignment(self.tree.locate(path))]

    def _read_file(self, path: PurePosixPath, *, of_whole_recording: bool) -> Found:
        file = self.tree.locate(path)
        recordings = read_recordings(file)
        if len(recordings) != 1:
            raise AlignmentError(
                file, f"holds {len(recordings)} recordings, none of this name; keep one a file"
            )
        return Found(file, next(iter(recordings.values())), of_whole_recording)


def names_of(listed: Listed) -> tuple[str, ...]:
    """Return the names that an utterance's alignment may have: its own, its recording's."""
    return tuple(dict.fromkeys((PurePosixPath(listed.id).name, listed.audio.stem)))


def _ends_in(path: PurePosixPath, wanted: PurePosixPath) -> bool:
    return path.parts[-len(wanted.parts) :] == wanted.parts


def _rank(path: PurePosixPath) -> int:
    suffix = path.suffix.casefold()
    return _BEST_FIRST.index(suffix) if suffix in _BEST_FIRST else len(_BEST_FIRST)
