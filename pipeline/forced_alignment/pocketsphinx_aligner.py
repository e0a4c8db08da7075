"""English forced alignment by pocketsphinx, whose package brings the acoustic model.

It runs twice over a recording, on a grid of 10 ms: first for the words, then for their phones.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float32

from pipeline.alignments import Alignment
from pipeline.alignments.alignment import Mark
from pipeline.errors import AlignerError
from pipeline.forced_alignment.pronunciation import pronounce, spelled
from pipeline.models.waveform import resample
from pipeline.time_axis import Interval

if TYPE_CHECKING:
    from pocketsphinx import Decoder

SAMPLE_RATE_HZ = 16_000
FRAME_SAMPLES = 160
# Faint noise, also before and after: in digital silence, and without any pause at the ends, words
# are not found.
PAD_SAMPLES = 4_800
_NOISE_LEVEL = 3.0  # standard deviation, where the loudest sample is 32,767
# Paths less likely than the best by these factors are given up. Some recordings need wider ones.
_BEAMS = MappingProxyType({"beam": 1e-48, "pbeam": 1e-48, "wbeam": 7e-29})
_WIDE_BEAMS = MappingProxyType(dict.fromkeys(_BEAMS, 1e-100))
_NO_PHONES = frozenset(("SIL", "+NSN+", "+SPN+"))
_VARIANT = re.compile(r"\(\d+\)$")


def load(_place: str) -> "PocketsphinxAligner":
    """Return the aligner.

    Raises
    ------
    AlignerError
        If the package is not installed.
    """
    try:
        import pocketsphinx  # noqa: F401, PLC0415 - an optional package
    except ImportError as error:
        raise AlignerError(
            "the aligner pocketsphinx needs a package that is not installed: "
            "pip install pocketsphinx"
        ) from error
    return PocketsphinxAligner(f"pocketsphinx {version('pocketsphinx')} (en-us)")


@dataclass(eq=False)
class PocketsphinxAligner:
    """Finds English words and their phones.

    Attributes
    ----------
    name : str
    sample_rate_hz : int
    """

    name: str
    sample_rate_hz: int = SAMPLE_RATE_HZ
    _decoders: "dict[bool, Decoder]" = field(default_factory=dict, init=False)
    _guessed: set[str] = field(default_factory=set, init=False)

    def align(
        self,
        waveform: Float32[np.ndarray, " samples"],
        sample_rate: int,
        words: Sequence[str],
    ) -> Alignment:
        """Return each word's interval, and the phones if the second run finds them.

        Raises
        ------
        AlignerError
            If a word cannot be pronounced, or the words cannot be found in the recording.
        """
        spellings = [spelled(word) for word in words]
        speech = _padded(resample(waveform, sample_rate, SAMPLE_RATE_HZ))
        is_hard, found = self._find_words(speech, spellings)
        phones = _find_phones(self._decoders[is_hard], speech)
        duration_s = len(waveform) / sample_rate
        intervals = list(_inside(found, duration_s))
        if len(intervals) < len(words):
            raise AlignerError(
                f"{len(words) - len(intervals)} of the {len(words)} words would be outside "
                "of the recording; is the transcript longer than what is said?"
            )
        labelled = [
            Interval(word, interval.start, interval.end)
            for word, interval in zip(words, intervals, strict=True)
        ]
        notes = tuple(self._notes(spellings, phones, is_hard=is_hard))
        return Alignment(labelled, list(_inside(phones, duration_s)), notes)

    def _find_words(self, speech: bytes, spellings: Sequence[str]) -> tuple[bool, list[Mark]]:
        """Return whether they were hard to find, and the words: all of them."""
        for is_hard in (False, True):
            decoder = self._decoder(wide=is_hard)
            self._teach(decoder, spellings)
            found = _words(decoder, speech, spellings)
            if [mark.label for mark in found] == spellings:
                return is_hard, found
        raise AlignerError(
            f"of the {len(spellings)} words of the transcript, {len(found)} can be found in the "
            "recording; check that it is English, and that all of it and nothing else is said"
        )

    def _decoder(self, *, wide: bool) -> "Decoder":
        if wide not in self._decoders:
            from pocketsphinx import Decoder  # noqa: PLC0415 - an optional package

            # Its search for a better path forgets that the last word must be reached.
            self._decoders[wide] = Decoder(
                lm=None, loglevel="FATAL", bestpath=False, **(_WIDE_BEAMS if wide else _BEAMS)
            )
        return self._decoders[wide]

    def _teach(self, decoder: "Decoder", spellings: Iterable[str]) -> None:
        """Add the words that the decoder's dictionary lacks."""
        for spelling in dict.fromkeys(spellings):
            if decoder.lookup_word(spelling) is None:
                pronunciation = pronounce(spelling, decoder.lookup_word)
                decoder.add_word(spelling, pronunciation.phones)
                if pronunciation.is_guessed:
                    self._guessed.add(spelling)

    def _notes(
        self, spellings: Iterable[str], phones: Sequence[Mark], *, is_hard: bool
    ) -> Iterator[str]:
        guessed = [each for each in dict.fromkeys(spellings) if each in self._guessed]
        if guessed:
            yield f"pronunciation guessed from the letters: {', '.join(guessed)}"
        if is_hard:
            yield "hard to find: check that the transcript is what is said"
        if not phones:
            yield "no phones: pocketsphinx's second run failed"


def _padded(waveform: Float32[np.ndarray, " samples"]) -> bytes:
    """Return 16-bit samples with faint noise, always the same, that also surrounds them."""
    samples = np.pad(waveform * 32_767.0, PAD_SAMPLES)
    samples += np.random.default_rng(0).normal(scale=_NOISE_LEVEL, size=samples.shape)
    return np.clip(np.rint(samples), -32_768, 32_767).astype("<i2").tobytes()


def _words(decoder: "Decoder", speech: bytes, spellings: Sequence[str]) -> list[Mark]:
    """Return the words that are found: none, all, or some of them."""
    try:
        decoder.set_align_text(" ".join(spellings))
        _run(decoder, speech)
    except RuntimeError:
        return []
    segments = [] if decoder.hyp() is None else decoder.seg()
    return [
        _mark(_VARIANT.sub("", segment.word), segment.start_frame, segment.end_frame + 1)
        for segment in segments
        if segment.word[0] not in "<["
    ]


def _find_phones(decoder: "Decoder", speech: bytes) -> list[Mark]:
    """Return the phones of the words just found; none where that fails, as it does at times."""
    try:
        decoder.set_alignment()
        _run(decoder, speech)
    except RuntimeError:
        return []
    return [
        _mark(phone.name, phone.start, phone.start + phone.duration)
        for word in decoder.get_alignment()
        for phone in word
        if phone.name not in _NO_PHONES
    ]


def _run(decoder: "Decoder", speech: bytes) -> None:
    # Otherwise times would depend on the recordings that were heard before.
    decoder.reinit_feat()
    decoder.start_utt()
    decoder.process_raw(speech, full_utt=True)
    decoder.end_utt()


def _mark(label: str, first_frame: int, end_frame: int) -> Mark:
    """Return frames of the padded recording as seconds of the recording."""
    start, end = (frame * FRAME_SAMPLES - PAD_SAMPLES for frame in (first_frame, end_frame))
    return Mark(start / SAMPLE_RATE_HZ, end / SAMPLE_RATE_HZ, label)


def _inside(marks: Iterable[Mark], duration_s: float) -> Iterator[Interval]:
    """Yield what of the marks is inside the recording."""
    for mark in marks:
        start_s, end_s = max(mark.start, 0.0), min(mark.end, duration_s)
        if start_s < end_s:
            yield Interval(mark.label, start_s, end_s)
