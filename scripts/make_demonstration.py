"""Speak the demonstration corpus with espeak-ng: FLAC, TextGrids and a table.

Run once by a developer. Its output is part of the project, because espeak-ng does not speak the
same samples twice. It needs, beside requirements.txt:

    pip install espeakng-loader==0.2.4

espeak-ng is under the GPL, version 3; what it speaks is not. The times of words and phones are
the synthesizer's own events, exact to the sample.
"""

import csv
import ctypes
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import espeakng_loader
import numpy as np
import soundfile
import soxr

from pipeline.alignments.textgrid_writer import write_textgrid
from pipeline.time_axis import Interval

OUT = Path(__file__).parents[1] / "pipeline" / "corpus" / "demonstration_data"
SAMPLE_RATE_HZ = 16_000
PADDING_S = 0.12  # espeak-ng starts and stops at once; models like some silence around speech


class Speaker(NamedTuple):
    """Who speaks: an invented name for a voice of espeak-ng at a pitch (0 to 99)."""

    name: str
    sex: str
    voice: str
    pitch: int


SPEAKERS = (
    Speaker("ada", "f", "en-us+f3", 50),
    Speaker("ben", "m", "en-gb-x-rp", 35),
    Speaker("cora", "f", "en-gb-x-gbcwmd+f2", 30),
    Speaker("dan", "m", "en-us+m7", 70),
    Speaker("eve", "f", "en-gb-x-gbclan+f4", 60),
)

SENTENCES = """\
the brown horse runs by the river
the young woman sings in the garden
a little bird sings in the garden
the garden is very green this morning
my sister plays this song every morning
my brother plays the new piano
the piano stands by the open window
rain drops on the kitchen window
snow covers the town at night
the town is quiet at night
a white horse stands in the snow
the horse runs along the green meadow
my brother reads a book by the fire
the fire makes the kitchen warm
it's very very quiet by the sea
the young man reads a new book
we don't walk home in the rain
they don't know the new song
do you know the name of this bird
she knows the name of every horse
my sister has a little white dog
the dog waits by the open door
the man waits for the morning train
the train stops at our house
do you take the train to the sea
a strong wind comes from the sea
the blue boat stops under the bridge
our little boat comes from the town
the river runs under the brown bridge
we walk over the bridge to the market
the market has bread and red apples
she eats warm bread in the kitchen
the blue bird eats our apples
the brown dog runs home along the river
the sun comes over the green meadow
the woman knows a house with a red door
they take the boat home for the summer
it's warm with a strong wind this summer
snow covers the meadow and our house
the sun makes the garden warm
""".splitlines()

# The names and values of espeak-ng's speak_lib.h.
AUDIO_OUTPUT_SYNCHRONOUS = 2
INITIALIZE_PHONEME_EVENTS, INITIALIZE_PHONEME_IPA, INITIALIZE_DONT_EXIT = 1, 2, 0x8000
CHARS_UTF8 = 1
PARAMETER_RATE, PARAMETER_VOLUME, PARAMETER_PITCH, PARAMETER_WORDGAP = 1, 2, 3, 7
EVENT_WORD, EVENT_PHONEME = 1, 7

PARAMETERS = (
    (PARAMETER_RATE, 190),  # words a minute
    (PARAMETER_VOLUME, 80),  # at 100, loud vowels clip
    # 10 ms between words. Without it, the "n" of "town is" sounds after the event of "is".
    (PARAMETER_WORDGAP, 1),
)
QUIET_DB, AUDIBLE_DB, SHORTEST_S = -35, -45, 0.008


class _Id(ctypes.Union):
    _fields_ = (
        ("number", ctypes.c_int),
        ("name", ctypes.c_char_p),
        ("string", ctypes.c_char * 8),
    )


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _Id),
    )


_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)


class Event(NamedTuple):
    """What the synthesizer says of a sample; a phoneme without a label is a pause."""

    kind: int
    sample: int
    label: str


class Span(NamedTuple):
    """A labelled stretch; an empty label is silence."""

    start: float
    end: float
    label: str


@dataclass(frozen=True)
class Speech:
    """What was spoken, and when, in seconds."""

    samples: np.ndarray
    sample_rate_hz: int
    words: list[Span]
    phones: list[Span]


class Synthesizer:
    """espeak-ng, speaking into memory."""

    def __init__(self) -> None:
        self._espeak = ctypes.CDLL(espeakng_loader.get_library_path())
        self.sample_rate_hz = self._espeak.espeak_Initialize(
            AUDIO_OUTPUT_SYNCHRONOUS,
            0,
            espeakng_loader.get_data_path().encode(),
            INITIALIZE_PHONEME_EVENTS | INITIALIZE_PHONEME_IPA | INITIALIZE_DONT_EXIT,
        )
        self._chunks: list[np.ndarray] = []
        self._events: list[Event] = []
        self._callback = _Callback(self._receive)  # kept, or it would be collected
        self._espeak.espeak_SetSynthCallback(self._callback)

    def say(self, words: Sequence[str], speaker: Speaker) -> Speech:
        """Speak words in a speaker's voice."""
        if self._espeak.espeak_SetVoiceByName(speaker.voice.encode()) != 0:
            raise ValueError(f"espeak-ng has no voice {speaker.voice!r}")
        for parameter, value in (*PARAMETERS, (PARAMETER_PITCH, speaker.pitch)):
            self._espeak.espeak_SetParameter(parameter, value, 0)
        self._chunks.clear()
        self._events.clear()
        # Without zero-width spaces between them, "in the" and the like are one word event.
        text = " \u200b ".join(words).encode() + b"\0"
        size = ctypes.c_size_t(len(text))
        self._espeak.espeak_Synth(text, size, 0, 1, 0, CHARS_UTF8, None, None)
        samples = np.concatenate(self._chunks).astype(np.float32) / 2**15
        speech = padded(samples, self.sample_rate_hz, *spans(words, self._events))
        check(speech)
        return speech

    def _receive(self, wave: Any, count: int, events: Any) -> int:  # noqa: ANN401 (ctypes pointers)
        if wave and count:
            self._chunks.append(np.ctypeslib.as_array(wave, (count,)).copy())
        for event in events:  # ends at an event of type 0
            if not event.type:
                break
            label = event.id.string.decode() if event.type == EVENT_PHONEME else ""
            self._events.append(Event(event.type, event.sample, label.strip("ˈˌ_: ")))
        return 0


def spans(words: Sequence[str], events: Sequence[Event]) -> tuple[list[Span], list[Span]]:
    """Return words and phones, in samples.

    A phone lasts until the next event. The first phone of a word starts with the word: the event
    of a stop comes at its burst, that of its word before the closure. A glide without a name, as
    in "pi-ano", belongs to the vowel before.
    """
    starts: list[int] = []
    ends: list[int] = []
    phones: list[Span] = []
    for event, following in pairwise(events):
        if event.kind == EVENT_WORD:
            starts.append(event.sample)
            ends.append(event.sample)
        elif event.label:
            is_first = ends[-1] == starts[-1]
            if not is_first:
                phones[-1] = phones[-1]._replace(end=event.sample)
            start = starts[-1] if is_first else event.sample
            phones.append(Span(start, following.sample, event.label))
            ends[-1] = following.sample
    return [Span(*span) for span in zip(starts, ends, words, strict=True)], phones


def padded(
    samples: np.ndarray, sample_rate_hz: int, words: list[Span], phones: list[Span]
) -> Speech:
    """Return the speech with silence around it, its spans in seconds."""
    padding = round(PADDING_S * sample_rate_hz)

    def in_seconds(found: list[Span]) -> list[Span]:
        return [
            Span((start + padding) / sample_rate_hz, (end + padding) / sample_rate_hz, label)
            for start, end, label in found
        ]

    return Speech(np.pad(samples, padding), sample_rate_hz, in_seconds(words), in_seconds(phones))


def check(speech: Speech) -> None:
    """Refuse times that the sound belies.

    Where espeak-ng blends sounds ("ll" into the vowel of "falls", a final "n" into the next word),
    an event comes too early or too late. Such words are better left out of the sentences.
    """
    starts_s = [word.start for word in speech.words] + [len(speech.samples) / speech.sample_rate_hz]
    ends_s = [0.0] + [word.end for word in speech.words]
    for start_s, end_s in zip(ends_s, starts_s, strict=True):
        if level_db(speech, start_s, end_s) > QUIET_DB:
            raise ValueError(f"{speech.words}: speech between words at {start_s:.3f} s")
    for phone in speech.phones:
        is_short = phone.end - phone.start < SHORTEST_S
        if is_short or level_db(speech, phone.start, phone.end) < AUDIBLE_DB:
            raise ValueError(f"{speech.words}: nobody hears {phone}")


def level_db(speech: Speech, start_s: float, end_s: float) -> float:
    """Return the level of a stretch, relative to the largest amplitude that can be."""
    first, last = (round(time * speech.sample_rate_hz) for time in (start_s, end_s))
    power = np.mean(speech.samples[first:last] ** 2) if last > first else 0.0
    return float(10 * np.log10(power + 1e-10))


def save(speech: Speech, path: Path) -> None:
    """Write `path`.flac and `path`.TextGrid."""
    samples = soxr.resample(speech.samples, speech.sample_rate_hz, SAMPLE_RATE_HZ)
    soundfile.write(
        path.with_suffix(".flac"), samples, SAMPLE_RATE_HZ, subtype="PCM_16", compression_level=1.0
    )
    tiers = {"words": speech.words, "phones": speech.phones}
    intervals = {
        # Nine digits say every sample's time exactly.
        name: [Interval(span.label, round(span.start, 9), round(span.end, 9)) for span in spans]
        for name, spans in tiers.items()
    }
    write_textgrid(path.with_suffix(".TextGrid"), intervals, len(samples) / SAMPLE_RATE_HZ)


def speakers_of(sentence: int) -> tuple[Speaker, Speaker]:
    """Return the two who speak a sentence.

    Over ten sentences each of the five speaks four times, once beside each of the others: first
    neighbours in the list, then those two apart.
    """
    count = len(SPEAKERS)
    apart = 1 + sentence // count % 2
    return SPEAKERS[sentence % count], SPEAKERS[(sentence + apart) % count]


def main() -> None:
    """Speak every sentence in two voices."""
    synthesizer = Synthesizer()
    for speaker in SPEAKERS:
        shutil.rmtree(OUT / speaker.name, ignore_errors=True)
        (OUT / speaker.name).mkdir(parents=True)
    rows = []
    for index, sentence in enumerate(SENTENCES):
        for speaker in speakers_of(index):
            name = f"{speaker.name}-{index + 1:02d}"
            save(synthesizer.say(sentence.split(), speaker), OUT / speaker.name / name)
            rows.append((name, speaker.name, speaker.sex, speaker.voice, sentence))
    with (OUT / "utterances.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("id", "speaker", "sex", "voice", "transcript"))
        writer.writerows(sorted(rows))
    print(f"{len(rows)} recordings in {OUT}")


if __name__ == "__main__":
    main()
