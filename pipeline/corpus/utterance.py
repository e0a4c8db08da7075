"""What a corpus is: utterances with their words, when each was spoken, and what is wrong."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Literal

from pipeline.corpus.packed_intervals import digest_of
from pipeline.errors import AlignmentError, CorpusError, LayerScopeError
from pipeline.time_axis import Interval

LeftOut = Literal["utterance", "words", "nothing"]


@dataclass(frozen=True)
class Problem:
    """Something wrong in a corpus.

    Attributes
    ----------
    file : Path
        The file to look at.
    reason : str
        What is wrong and what to do.
    utterance : str or None
        The utterance it concerns, None for the corpus as a whole.
    line : int or None
        The line of the file, counted from 1.
    left_out : {"utterance", "words", "nothing"}
        What is not used because of it.
    """

    file: Path
    reason: str
    utterance: str | None = None
    line: int | None = None
    left_out: LeftOut = "utterance"

    @classmethod
    def of(
        cls,
        error: LayerScopeError,
        file: Path,
        utterance: str | None = None,
        line: int | None = None,
        left_out: LeftOut = "utterance",
    ) -> "Problem":
        """Return an error as a problem of a file, or of the alignment that the error names."""
        if isinstance(error, AlignmentError):
            return cls(error.path, error.reason, utterance, error.line, left_out)
        # The place of a problem is shown before its reason.
        return cls(file, str(error).removeprefix(str(file)).lstrip(": "), utterance, line, left_out)

    @property
    def place(self) -> str:
        """The file, and the line where there is one."""
        return str(self.file) if self.line is None else f"{self.file}, line {self.line}"


@dataclass(frozen=True, eq=False)
class Utterance:
    """One recording with its transcript.

    Attributes
    ----------
    id : str
        Unique in its corpus.
    speaker : str
    audio : Path
        Any file that libsndfile reads.
    duration_s : float
        Length of the recording, or of its segment.
    words : tuple of str
        The transcript; a token is known by its index here.
    word_intervals : sequence of (Interval or None)
        When each word was spoken, None where the alignment does not say.
    phone_intervals : sequence of Interval
    sex : str or None
    metadata : mapping
        Anything else the corpus says.
    segment : Interval or None
        The part of the audio file that is this utterance; None: all of it. Word and phone times
        count from its start.
    sample_rate_hz : int or None
        Of the audio file, where it is known.
    """

    id: str
    speaker: str
    audio: Path
    duration_s: float
    words: tuple[str, ...]
    word_intervals: Sequence[Interval | None]
    phone_intervals: Sequence[Interval] = ()
    sex: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    segment: Interval | None = None
    sample_rate_hz: int | None = None

    def __post_init__(self) -> None:
        if len(self.words) != len(self.word_intervals):
            raise ValueError(
                f"utterance {self.id}: {len(self.words)} words, but "
                f"{len(self.word_intervals)} word intervals (None where a word has no time)"
            )

    def units(self, unit: str) -> tuple[tuple[str, ...], Sequence[Interval | None]]:
        """Return the labels and the intervals of the words or the phones (`unit`)."""
        if unit == "word":
            return self.words, self.word_intervals
        return tuple(phone.label for phone in self.phone_intervals), self.phone_intervals

    @cached_property
    def words_digest(self) -> str:
        """SHA-256 of the word intervals."""
        return digest_of(self.word_intervals)

    @cached_property
    def phones_digest(self) -> str:
        """SHA-256 of the phone intervals."""
        return digest_of(self.phone_intervals)


@dataclass(frozen=True, eq=False)
class Corpus:
    """Utterances in the order of their ids, and what had to be left out.

    Attributes
    ----------
    name : str
    root : Path
        Every audio file lies below it.
    utterances : tuple of Utterance
    problems : tuple of Problem
    unaligned : tuple of Utterance
        Those that only lack an alignment: what a forced aligner can add.
    aligner : str or None
        What made the alignments, where that is known.
    known_fingerprint : str or None
        The `fingerprint`, where it was computed before.
    known_digests : mapping of str to str, or None
        The SHA-256 of what is heard of each utterance, by its id, where the recordings that it was
        computed from are not here.
    """

    name: str
    root: Path
    utterances: tuple[Utterance, ...]
    problems: tuple[Problem, ...] = ()
    unaligned: tuple[Utterance, ...] = ()
    aligner: str | None = None
    known_fingerprint: str | None = None
    known_digests: Mapping[str, str] | None = None

    def __post_init__(self) -> None:
        ids = [utterance.id for utterance in self.utterances]
        if ids != sorted(set(ids)):
            raise CorpusError(
                f"corpus {self.name}: utterance ids must be unique and sorted; check for two "
                "files of the same name in different folders"
            )

    @cached_property
    def by_id(self) -> Mapping[str, Utterance]:
        """The utterances, found by id."""
        return {utterance.id: utterance for utterance in self.utterances}

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of what the labels say; the audio's bytes enter the keys of the embeddings."""
        if self.known_fingerprint is not None:
            return self.known_fingerprint
        digest = hashlib.sha256()
        for utterance in self.utterances:
            labels: list[object] = [utterance.id, utterance.speaker, utterance.words]
            labels += [utterance.words_digest, utterance.phones_digest]
            if utterance.segment is not None:
                labels += [utterance.segment.start, utterance.segment.end]
            digest.update(json.dumps(labels).encode())
        return digest.hexdigest()
