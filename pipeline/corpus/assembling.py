"""From what a layout lists to a corpus: audio looked at, alignments read and fitted."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import soundfile

from pipeline.alignments.spelling import spoken_words
from pipeline.corpus.alignment_folder import AlignmentFolder, Found, names_of
from pipeline.corpus.fitting import Fitted, fit
from pipeline.corpus.listing import Listed, Listing
from pipeline.corpus.tree import FileTree
from pipeline.corpus.utterance import Corpus, Problem, Utterance
from pipeline.errors import (
    AlignmentError,
    AudioError,
    CorpusError,
    LayerScopeError,
    MissingAlignmentError,
)
from pipeline.time_axis import Interval

# A model looks at an utterance as a whole; much longer ones exhaust its memory.
LONGEST_S = 600.0
# A segment may end this much after its recording: tables round times.
_ROUNDING_S = 0.001


class Header(NamedTuple):
    """What the header of an audio file says."""

    duration_s: float
    sample_rate_hz: int


@dataclass(eq=False)
class _Assembly:
    """A corpus while it is put together."""

    tree: FileTree
    alignments: AlignmentFolder
    problems: list[Problem]
    shared_names: frozenset[str]
    utterances: list[Utterance] = field(default_factory=list)
    unaligned: list[Utterance] = field(default_factory=list)
    first_place: dict[str, str] = field(default_factory=dict)
    headers: dict[PurePosixPath, Header] = field(default_factory=dict)


def assemble(name: str, tree: FileTree, listing: Listing, alignments: AlignmentFolder) -> Corpus:
    """Return the corpus of all listed utterances that can be used.

    What cannot is in its `problems`, every one with its file and the reason.
    """
    problems = [*tree.problems, *listing.problems]
    assembly = _Assembly(tree, alignments, problems, _shared_names(listing))
    for listed in listing.utterances:
        try:
            _add(listed, assembly)
        except LayerScopeError as error:
            problems.append(_problem(error, listed, tree))
    if alignments.tree is not tree:
        problems += alignments.tree.problems
    problems += alignments.problems
    return Corpus(
        name,
        tree.root,
        tuple(sorted(assembly.utterances, key=lambda utterance: utterance.id)),
        tuple(problems),
        tuple(sorted(assembly.unaligned, key=lambda utterance: utterance.id)),
        alignments.aligner,
    )


def _shared_names(listing: Listing) -> frozenset[str]:
    """Return the names that recordings in different folders share."""
    owners: dict[str, set[PurePosixPath]] = defaultdict(set)
    for listed in listing.utterances:
        for name in names_of(listed):
            owners[name].add(listed.audio)
    return frozenset(name for name, recordings in owners.items() if len(recordings) > 1)


class _ListingError(CorpusError):
    """What names an utterance is wrong, not its recording or its alignment."""


def _problem(error: LayerScopeError, listed: Listed, tree: FileTree) -> Problem:
    if isinstance(error, _ListingError):
        return Problem.of(error, listed.source, listed.id, listed.line)
    return Problem.of(error, tree.root / listed.audio, listed.id)


def _add(listed: Listed, assembly: _Assembly) -> None:
    _refuse_second(listed, assembly)
    words = None if listed.transcript is None else spoken_words(listed.transcript)
    if words == ():
        raise _ListingError("the transcript is empty; write what is said")
    utterance = _without_times(listed, words or (), assembly)
    try:
        found = assembly.alignments.read(listed, assembly.shared_names)
    except MissingAlignmentError:
        if words is None:
            raise CorpusError(
                "there is neither a transcript nor an alignment of its name; add one of them"
            ) from None
        assembly.unaligned.append(utterance)
        raise
    start_s = (listed.start_s or 0.0) if found.of_whole_recording else None
    fitted = fit(found.alignment, words, utterance.duration_s, start_s)
    if not any(fitted.word_intervals):
        reason = "; ".join(fitted.left_out) or "the alignment holds no word"
        raise AlignmentError(found.file, reason)
    assembly.problems.extend(_fitting_problems(fitted, found, listed))
    assembly.utterances.append(
        replace(
            utterance,
            words=fitted.words,
            word_intervals=fitted.word_intervals,
            phone_intervals=fitted.phone_intervals,
        )
    )


def _fitting_problems(fitted: Fitted, found: Found, listed: Listed) -> Iterator[Problem]:
    if fitted.left_out:
        yield Problem(found.file, "; ".join(fitted.left_out), listed.id, left_out="words")
    if fitted.notes:
        yield Problem(found.file, "; ".join(fitted.notes), listed.id, left_out="nothing")


def _without_times(listed: Listed, words: tuple[str, ...], assembly: _Assembly) -> Utterance:
    path = assembly.tree.locate(listed.audio)
    if listed.audio not in assembly.headers:
        assembly.headers[listed.audio] = _read_header(path)
    header = assembly.headers[listed.audio]
    segment = _segment(listed, header.duration_s)
    duration_s = header.duration_s if segment is None else segment.duration
    if duration_s > LONGEST_S:
        raise AudioError(
            f"lasts {duration_s / 60:.0f} minutes, and models look at an utterance as a whole; "
            f"name parts of at most {LONGEST_S / 60:.0f} minutes by start and end in a manifest"
        )
    return Utterance(
        id=listed.id,
        speaker=listed.speaker,
        audio=path,
        duration_s=duration_s,
        words=words,
        word_intervals=(None,) * len(words),
        sex=listed.sex,
        metadata=listed.metadata,
        segment=segment,
        sample_rate_hz=header.sample_rate_hz,
    )


def _segment(listed: Listed, whole_s: float) -> Interval | None:
    if listed.start_s is None and listed.end_s is None:
        return None
    start_s, end_s = listed.start_s or 0.0, listed.end_s or whole_s
    if not start_s < min(end_s, whole_s) or end_s > whole_s + _ROUNDING_S:
        raise _ListingError(
            f"it runs from {start_s} to {end_s} s, but {listed.audio} lasts {whole_s:.3f} s; mend "
            "the times"
        )
    return Interval(listed.id, start_s, min(end_s, whole_s))


def _refuse_second(listed: Listed, assembly: _Assembly) -> None:
    first = assembly.first_place.get(listed.id)
    if first is not None:
        raise _ListingError(f"{listed.id} is named twice, first in {first}; rename or remove one")
    assembly.first_place[listed.id] = listed.place


def _read_header(audio: Path) -> Header:
    try:
        # Of a file that cannot be opened, libsndfile says no more than "System error".
        audio.open("rb").close()
        header = soundfile.info(audio)
    except OSError as error:
        raise AudioError(f"cannot be opened ({error.strerror}); replace it") from error
    except soundfile.LibsndfileError as error:
        raise AudioError(f"cannot be read as audio ({error.error_string}); replace it") from error
    if not header.frames > 0:
        raise AudioError("holds no samples; record, export or download it again")
    return Header(float(header.duration), int(header.samplerate))
