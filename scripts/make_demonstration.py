"""Speak the demonstration corpus with espeak-ng: FLAC, TextGrids and a table.

Run once by a developer; its output is part of the project, because espeak-ng does not speak the
same samples twice. It needs, in an environment of its own:

    pip install espeakng-loader==0.2.4 numpy soundfile soxr

espeak-ng is GPL-3; what it speaks is not. Word and phone times are the synthesizer's own events.
"""

import csv
import ctypes
from dataclasses import dataclass
from pathlib import Path

import espeakng_loader
import numpy as np
import soundfile
import soxr

OUT = Path(__file__).parents[1] / "pipeline" / "corpus" / "demonstration_data"
SAMPLE_RATE_HZ = 16_000
MARGIN_S = 0.1
VOICES_A_SENTENCE = 2

SPEAKERS = {  # name: (sex, voice)
    "ada": ("f", "en-us+f3"),
    "ben": ("m", "en-gb-x-rp"),
    "cora": ("f", "en-gb-scotland+f2"),
    "dan": ("m", "en-us+m7"),
    "eve": ("f", "en-gb-x-gbclan+f5"),
}

SENTENCES = """\
the old man walks slowly by the river
the young woman walks along the green river
a small bird sings in the old garden
the bird sings a song in the morning
my sister plays a song on the piano
the old piano stands by the window
rain falls on the window in the morning
the morning rain makes the garden green
snow falls on the old town at night
the town is quiet under the white snow
a white horse stands in the green field
the horse runs along the field at night
my brother reads a book by the fire
the fire is warm on a cold night
it's very very cold by the river
the young man reads a very old book
we don't walk in the rain at night
I don't know the name of the song
do you know the name of this bird
the woman knows every bird in the garden
my sister has a small white dog
the dog runs to the door and waits
a man waits for the train at the door
the train comes to the town every morning
we take the train to the sea in summer
the sea is blue and the wind is warm
a cold wind comes from the sea at night
the blue boat waits by the old bridge
my brother has a small boat on the river
the boat goes slowly under the bridge
we walk over the bridge to the market
the market sells bread and red apples
she eats warm bread and reads a book
a red bird eats the small apples
the small dog eats bread by the fire
the sun comes up over the green hill
the house on the hill has a red door
every summer we stay in the house by the sea
the moon is white over the quiet house
my sister sings and the young man plays the piano
""".splitlines()

WORD_EVENT, PHONEME_EVENT = 1, 7
SYNCHRONOUS, PHONEME_EVENTS_IN_IPA_NO_EXIT = 2, 1 | 2 | 0x8000
UTF8 = 1


class _Id(ctypes.Union):
    _fields_ = (
        ("number", ctypes.c_int),
        ("name", ctypes.c_char_p),
        ("string", ctypes.c_char * 8),
    )


class _Event(ctypes.Structure):
    """espeak_EVENT of espeak-ng's speak_lib.h."""

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


@dataclass(frozen=True)
class Span:
    """A labelled stretch, in samples."""

    label: str
    start: int
    end: int


@dataclass(frozen=True)
class Speech:
    """What was spoken, with exact times in samples."""

    samples: np.ndarray
    words: list[Span]
    phones: list[Span]


class Synthesizer:
    """espeak-ng, speaking into memory."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL(espeakng_loader.get_library_path())
        data = espeakng_loader.get_data_path().encode()
        self.sample_rate_hz = self._library.espeak_Initialize(
            SYNCHRONOUS, 0, data, PHONEME_EVENTS_IN_IPA_NO_EXIT
        )
        self._chunks: list[np.ndarray] = []
        self._events: list[tuple[int, int, str]] = []
        self._callback = _Callback(self._receive)
        self._library.espeak_SetSynthCallback(self._callback)

    def _receive(self, wave: object, count: int, events: object) -> int:
        if wave and count:
            self._chunks.append(np.ctypeslib.as_array(wave, (count,)).copy())
        index = 0
        while events[index].type:
            event = events[index]
            is_phoneme = event.type == PHONEME_EVENT
            label = bytes(event.id.string).split(b"\0")[0].decode("utf-8") if is_phoneme else ""
            self._events.append((event.type, event.sample, label))
            index += 1
        return 0

    def say(self, words: list[str], voice: str) -> Speech:
        """Speak words, one by one, in a voice."""
        if self._library.espeak_SetVoiceByName(voice.encode()) != 0:
            raise ValueError(f"espeak-ng has no voice {voice!r}")
        self._chunks.clear()
        self._events.clear()
        # Without the zero-width spaces, phrases such as "in the" are one word event.
        text = " \u200b ".join(words).encode() + b"\0"
        size = ctypes.c_size_t(len(text))
        self._library.espeak_Synth(text, size, 0, 1, 0, UTF8, None, None)
        self._library.espeak_Synchronize()
        samples = np.concatenate(self._chunks)
        return Speech(samples, *self._spans(words, len(samples)))

    def _spans(self, words: list[str], count: int) -> tuple[list[Span], list[Span]]:
        """Turn events into spans: a phone, and with it its word, lasts to the next event."""
        starts: list[int] = []
        ends: list[int] = []
        phones: list[Span] = []
        following = [sample for _, sample, _ in self._events[1:]] + [count]
        for (kind, sample, label), end in zip(self._events, following, strict=True):
            if kind == WORD_EVENT:
                starts.append(sample)
                ends.append(sample)
            elif kind == PHONEME_EVENT and label.strip("_: ") and starts and end > sample:
                phones.append(Span(label, sample, end))
                ends[-1] = end
        if len(starts) != len(words):
            raise ValueError(f"{len(starts)} word events for {words}")
        return [Span(*span) for span in zip(words, starts, ends, strict=True)], phones


def trimmed(speech: Speech, sample_rate_hz: int) -> Speech:
    """Leave a short margin around the words."""
    margin = round(MARGIN_S * sample_rate_hz)
    first = max(speech.words[0].start - margin, 0)
    last = min(speech.words[-1].end + margin, len(speech.samples))
    words, phones = (
        [Span(span.label, span.start - first, span.end - first) for span in spans]
        for spans in (speech.words, speech.phones)
    )
    return Speech(speech.samples[first:last], words, phones)


def text_grid(speech: Speech, sample_rate_hz: int, duration_s: float) -> str:
    """Return a Praat TextGrid in the long format; silences are empty intervals."""
    lines = ['File type = "ooTextFile"', 'Object class = "TextGrid"', ""]
    lines += ["xmin = 0", f"xmax = {duration_s!r}", "tiers? <exists>", "size = 2", "item []:"]
    for number, (name, spans) in enumerate(
        (("words", speech.words), ("phones", speech.phones)), start=1
    ):
        intervals = tiled(spans, sample_rate_hz, duration_s)
        lines += [f"    item [{number}]:", '        class = "IntervalTier"']
        lines += [f'        name = "{name}"', "        xmin = 0", f"        xmax = {duration_s!r}"]
        lines.append(f"        intervals: size = {len(intervals)}")
        for index, (start, end, label) in enumerate(intervals, start=1):
            lines += [f"        intervals [{index}]:", f"            xmin = {start!r}"]
            lines += [f"            xmax = {end!r}", f'            text = "{label}"']
    return "\n".join(lines) + "\n"


def tiled(
    spans: list[Span], sample_rate_hz: int, duration_s: float
) -> list[tuple[float, float, str]]:
    """Return intervals that cover the recording, with empty ones between the spans."""
    intervals: list[tuple[float, float, str]] = []
    now = 0.0
    for span in spans:
        start = round(span.start / sample_rate_hz, 5)
        end = round(min(span.end / sample_rate_hz, duration_s), 5)
        if start > now:
            intervals.append((now, start, ""))
        intervals.append((start, end, span.label))
        now = end
    if now < duration_s:
        intervals.append((now, duration_s, ""))
    return intervals


def main() -> None:
    """Speak every sentence in two voices, in turn."""
    synthesizer = Synthesizer()
    names = list(SPEAKERS)
    rows = []
    for index, sentence in enumerate(SENTENCES):
        for turn in range(VOICES_A_SENTENCE):
            # Steps of 1 and then 2 through the speakers pair each with every other.
            speaker = names[(index + turn * (1 + index // len(names) % 2)) % len(names)]
            sex, voice = SPEAKERS[speaker]
            name = f"{speaker}-{index + 1:02d}"
            speech = trimmed(synthesizer.say(sentence.split(), voice), synthesizer.sample_rate_hz)
            samples = soxr.resample(
                speech.samples.astype(np.float32) / 2**15,
                synthesizer.sample_rate_hz,
                SAMPLE_RATE_HZ,
            )
            folder = OUT / speaker
            folder.mkdir(parents=True, exist_ok=True)
            soundfile.write(folder / f"{name}.flac", samples, SAMPLE_RATE_HZ, subtype="PCM_16")
            grid = text_grid(speech, synthesizer.sample_rate_hz, len(samples) / SAMPLE_RATE_HZ)
            (folder / f"{name}.TextGrid").write_text(grid, encoding="utf-8")
            rows.append([name, speaker, sex, voice, sentence])
    with (OUT / "utterances.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["id", "speaker", "sex", "voice", "transcript"])
        writer.writerows(sorted(rows))
    print(f"{len(rows)} recordings in {OUT}")


if __name__ == "__main__":
    main()
