"""Which alignment belongs to an utterance: a file of its name, or a part of a file of many."""

import json
import logging
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from pipeline.alignments.alignment import Alignment
from pipeline.alignments.formats import SUFFIXES, is_alignment, may_hold_many, read_recordings
from pipeline.corpus.listing import Listed
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
    _collections: dict[str, list[tuple[Path, Alignment]]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        by_name, many = defaultdict(list), []
        for path in self.tree.with_suffix(SUFFIXES):
            by_name[path.stem].append(path)
            if may_hold_many(path.name):
                many.append(path)
        object.__setattr__(self, "_by_name", by_name)
        object.__setattr__(self, "_collections", self._read_collections(many))

    def _read_collections(
        self, paths: list[PurePosixPath]
    ) -> dict[str, list[tuple[Path, Alignment]]]:
        found: dict[str, list[tuple[Path, Alignment]]] = defaultdict(list)
        for path in paths:
            try:
                recordings = read_recordings(self.tree.locate(path))
            except (AlignmentError, CorpusError) as error:
                file = self.tree.root / path
                self.problems.append(Problem.of(error, file, left_out="nothing"))
                continue
            for name, alignment in recordings.items():
                found[PurePosixPath(name).name].append((self.tree.root / path, alignment))
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

    def read(self, listed: Listed) -> Found:
        """Return the alignment of an utterance.

        It is the file that the corpus names; else one of the utterance's or the recording's
        name, at the same relative path or, if it is the only one, anywhere; else the part of
        that name in a file of many recordings.

        Raises
        ------
        MissingAlignmentError
            If there is none.
        AlignmentError
            If it cannot be read, or which is meant is not clear.
        CorpusError
            If it is a link that leads out of the folder.
        """
        names = (PurePosixPath(listed.id).name, listed.audio.stem)
        is_segment = listed.start_s is not None or listed.end_s is not None
        if listed.alignment is not None:
            return self._read_file(listed.alignment, of_whole_recording=is_segment)
        for name in dict.fromkeys(names):
            whole = is_segment and name != names[0]
            path = self._file(name, listed.audio.parent)
            if path is not None:
                return self._read_file(path, of_whole_recording=whole)
            parts = self._collections.get(name, [])
            if len(parts) > 1:
                raise AlignmentError(parts[1][0], f"{name} is aligned in {parts[0][0]} too")
            if parts:
                return Found(*parts[0], whole)
        missing = self.tree.root / listed.audio.with_name(f"{names[0]}.TextGrid")
        raise MissingAlignmentError(
            missing, "there is no such alignment; add it, or name its folder"
        )

    def _file(self, name: str, folder: PurePosixPath) -> PurePosixPath | None:
        candidates = [path for path in self._by_name.get(name, ()) if self._is_alignment(path)]
        found = [path for path in candidates if path.parent == folder] or candidates
        suffixes = [path.suffix.casefold() for path in found]
        best = next((suffix for suffix in _BEST_FIRST if suffix in suffixes), None)
        chosen = [path for path in found if path.suffix.casefold() == best]
        if len(chosen) > 1:
            reason = f"{len(chosen)} alignments have this name; keep one"
            raise AlignmentError(self.tree.root / chosen[0], reason)
        return chosen[0] if chosen else None

    def _is_alignment(self, path: PurePosixPath) -> bool:
        return not may_hold_many(path.name) and is_alignment(self.tree.locate(path))

    def _read_file(self, path: PurePosixPath, *, of_whole_recording: bool) -> Found:
        file = self.tree.locate(path)
        recordings = read_recordings(file)
        if len(recordings) != 1:
            raise AlignmentError(
                file, f"holds {len(recordings)} recordings, none of this name; keep one a file"
            )
        return Found(file, next(iter(recordings.values())), of_whole_recording)
