"""Align utterances one by one, into a folder of TextGrids; what is there already is kept."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.alignments.textgrid_writer import write_textgrid
from pipeline.corpus.utterance import Utterance
from pipeline.errors import AlignerError, AudioError, LayerScopeError
from pipeline.forced_alignment.aligner import Aligner
from pipeline.forced_alignment.result_folder import (
    claim,
    read_summary,
    replaced_file,
    textgrid_path,
    write_summary,
)
from pipeline.models.waveform import read_waveform
from pipeline.time_axis import Interval

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outcome:
    """What became of an utterance.

    Attributes
    ----------
    utterance : str
        Its id.
    words : int
        How many words have times now: all or none.
    failure : str or None
        Why it has no alignment.
    notes : tuple of str
        What the aligner says of this alignment.
    was_there : bool
        Whether an earlier run aligned it.
    """

    utterance: str
    words: int = 0
    failure: str | None = None
    notes: tuple[str, ...] = ()
    was_there: bool = False


def force_align(utterance: Utterance, aligner: Aligner, path: Path) -> tuple[str, ...]:
    """Align an utterance and write its TextGrid; return the aligner's notes.

    Its tiers are ``words``, ``phones`` if there are any, and ``confidence`` if the aligner says it:
    the words' times, labelled with a number from 0 to 1.

    Raises
    ------
    AlignerError
        If its words cannot be found, or the file not be written.
    AudioError
        If the recording cannot be read.
    """
    if not utterance.words:
        raise AlignerError("there is no transcript to align; write what is said")
    rate_hz = aligner.sample_rate_hz
    waveform = read_waveform(utterance.audio, rate_hz, utterance.segment)
    alignment = aligner.align(waveform, rate_hz, utterance.words)
    if [word.label for word in alignment.words] != list(utterance.words):
        raise AlignerError(
            f"{aligner.name} returned other words than the {len(utterance.words)} it was given; "
            "nothing is written"
        )
    tiers = {"words": alignment.words}
    if alignment.phones:
        tiers["phones"] = alignment.phones
    if all(word.confidence is not None for word in alignment.words):
        tiers["confidence"] = [
            Interval(f"{word.confidence:.4f}", word.start, word.end) for word in alignment.words
        ]
    # Resampled, a recording can be longer by a part of a sample.
    duration_s = max(utterance.duration_s, len(waveform) / rate_hz)
    with replaced_file(path) as draft:
        write_textgrid(draft, tiers, duration_s)
    return alignment.notes


def align_corpus(
    utterances: Iterable[Utterance], root: Path, aligner: Aligner, folder: Path
) -> Iterator[Outcome]:
    """Align utterances that have no times, yielding after each what became of it.

    What an earlier run aligned is not aligned again. A failing utterance does not stop the others.

    Parameters
    ----------
    root : Path
        The corpus; the TextGrids lie below `folder` as the recordings below this.

    Raises
    ------
    AlignerError
        If the folder cannot be written, or was filled by another aligner.
    """
    claim(folder, aligner.name)
    for utterance in utterances:
        yield _outcome(utterance, root, aligner, folder)


def _outcome(utterance: Utterance, root: Path, aligner: Aligner, folder: Path) -> Outcome:
    try:
        path = textgrid_path(utterance, root, folder)
        if not path.resolve().is_relative_to(folder.resolve()):
            raise AlignerError(f"the id leads out of {folder}; rename the utterance")
        if path.exists():
            return Outcome(utterance.id, len(utterance.words), was_there=True)
        notes = force_align(utterance, aligner, path)
    except (LayerScopeError, ValueError, RuntimeError) as error:
        # An AudioError names the file itself.
        reason = str(error) if isinstance(error, AudioError) else f"{utterance.audio}: {error}"
        log.warning("utterance %s left out: %s", utterance.id, reason)
        return Outcome(utterance.id, failure=reason)
    log.info("utterance %s aligned; %s", utterance.id, "; ".join(notes) or "nothing odd")
    return Outcome(utterance.id, len(utterance.words), notes=notes)


def conclude(folder: Path, outcomes: Sequence[Outcome]) -> None:
    """Write down how many words have times now, and which utterances failed and why.

    Raises
    ------
    AlignerError
        If the folder does not say what filled it.
    """
    summary = read_summary(folder)
    if summary is None:
        raise AlignerError(f"{folder}: what made these alignments was deleted; align again")
    failed = {each.utterance: each.failure for each in outcomes if each.failure is not None}
    words = sum(each.words for each in outcomes)
    write_summary(folder, replace(summary, words=words, failed=failed))
