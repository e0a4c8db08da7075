"""What the alignment view is given: one recording's sound, words, phones and models' frames."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import UInt8
from numpy.typing import ArrayLike

from pipeline.time_axis import Interval

# Times are rounded to microseconds; so many frames are worth being told by their rule.
_REGULAR_TO_S, _FEWEST_REGULAR = 5e-7, 4


@dataclass(frozen=True, eq=False)
class Spectrogram:
    """A picture of the sound, one byte a level.

    Attributes
    ----------
    levels : uint8 array [shape=(mels, frames)]
        0 is drawn black, 255 brightest; row 0 is the lowest frequency.
    frequencies_hz : array-like [shape=(mels,)]
        Centre of each row, ascending.
    hop_s : float
        Seconds from one column to the next; column k is centred on ``k * hop_s``.
    """

    levels: UInt8[np.ndarray, "mels frames"]
    frequencies_hz: ArrayLike
    hop_s: float

    def __post_init__(self) -> None:
        if self.levels.dtype != np.uint8 or self.levels.ndim != 2 or not self.levels.size:  # noqa: PLR2004 - a picture has two axes
            raise ValueError(
                f"spectrogram levels are {self.levels.dtype} of shape {self.levels.shape}; "
                "expected uint8 of shape (mels, frames)"
            )
        frequencies = np.asarray(self.frequencies_hz)
        if frequencies.shape != self.levels.shape[:1] or not np.all(np.diff(frequencies) > 0):
            raise ValueError(
                f"expected one ascending frequency for each of {len(self.levels)} spectrogram "
                f"rows, found shape {frequencies.shape}; list the rows from low to high"
            )
        if not self.hop_s > 0:
            raise ValueError(f"hop_s is {self.hop_s}; expected seconds above 0")


@dataclass(frozen=True, eq=False)
class FrameTrack:
    """When a model's frames were, and which of them each word pools.

    Attributes
    ----------
    name : str
        The model, as the reader knows it.
    start_s, end_s : array-like [shape=(frames,)]
        What each frame heard, in seconds.
    spans : array-like [shape=(words, 2)] or None
        Half-open range of rows of each word of the transcript, empty where it pools none, as
        :func:`pipeline.words.spans.word_spans` returns it; None where nothing is pooled.
    """

    name: str
    start_s: ArrayLike
    end_s: ArrayLike
    spans: ArrayLike | None = None

    def __post_init__(self) -> None:
        starts, ends = np.asarray(self.start_s), np.asarray(self.end_s)
        if starts.ndim != 1 or starts.shape != ends.shape:
            raise ValueError(
                f"{self.name}: frame starts have shape {starts.shape}, frame ends {ends.shape}; "
                "expected one start and one end a frame"
            )
        if not np.all(np.diff(starts + ends) >= 0):
            raise ValueError(f"{self.name}: expected frames in the order of time")
        spans = self._spans()
        if np.any((spans < 0) | (spans > len(starts))):
            raise ValueError(
                f"{self.name}: words pool rows {spans.min()} to {spans.max()}, but there are "
                f"{len(starts)} frames"
            )

    def _spans(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        spans: ArrayLike = () if self.spans is None else self.spans
        return np.asarray(spans, dtype=np.int64).reshape(-1, 2)

    def as_json(self) -> dict[str, Any]:
        """Return plain values; a word without frames has None for its span."""
        rows = self._spans().tolist()
        spans = [[first, last] if first < last else None for first, last in rows]
        return {
            "name": self.name,
            "start_s": _times_json(self.start_s),
            "end_s": _times_json(self.end_s),
            "spans": spans,
        }


@dataclass(frozen=True, eq=False)
class AlignmentViewData:
    """What the view shows of one recording; None stands for what is still being computed.

    Attributes
    ----------
    utterance_id : str
    duration_s : float
    words : sequence of (Interval or None)
        One entry a word of the transcript, None where its time is unknown.
    audio_url : str
        Where the browser finds the recording, in any format that it plays.
    phones : sequence of Interval or None
        Empty where the alignment has none.
    peaks : array-like [shape=(2 * parts,)] or None
        Lowest and highest amplitude, in [-1, 1], of each of equally long parts, interleaved;
        drawn to the full height.
    spectrogram : Spectrogram or None
    tracks : sequence of FrameTrack
        One row of frames a model, from top to bottom.
    picture_url : str or None
        Where the browser finds :func:`picture_bytes` of `peaks` and `spectrogram`, so that they
        need not be sent whenever a word is picked; another address means another picture. None:
        they are sent along.
    """

    utterance_id: str
    duration_s: float
    words: Sequence[Interval | None]
    audio_url: str
    phones: Sequence[Interval] | None = ()
    peaks: ArrayLike | None = None
    spectrogram: Spectrogram | None = None
    tracks: Sequence[FrameTrack] = ()
    picture_url: str | None = None

    def __post_init__(self) -> None:
        if not 0 < self.duration_s < np.inf:
            raise ValueError(
                f"utterance {self.utterance_id} lasts {self.duration_s} s; expected more than 0"
            )
        if self.peaks is not None:
            _check_peaks(np.asarray(self.peaks))
        for track in self.tracks:
            if track.spans is not None and len(np.asarray(track.spans)) != len(self.words):
                raise ValueError(
                    f"{track.name} has {len(np.asarray(track.spans))} spans, but the transcript "
                    f"of {self.utterance_id} has {len(self.words)} words; expected one a word"
                )

    def as_json(self) -> dict[str, Any]:
        """Return plain values, with the transcript index of every word whose time is known."""
        words = [(index, word) for index, word in enumerate(self.words) if word is not None]
        phones, fetched = self.phones, self.picture_url is not None
        return {
            "utterance_id": self.utterance_id,
            "duration_s": self.duration_s,
            "words": [[index, word.label, word.start, word.end] for index, word in words],
            "phones": None
            if phones is None
            else [[phone.label, phone.start, phone.end] for phone in phones],
            "peaks": None if self.peaks is None or fetched else _rounded(self.peaks, 4),
            "spectrogram": self.spectrogram
            and _spectrogram_json(self.spectrogram, fetched=fetched),
            "picture_url": self.picture_url,
            "audio_url": self.audio_url,
            "tracks": [track.as_json() for track in self.tracks],
        }


def _check_peaks(peaks: np.ndarray[Any, np.dtype[Any]]) -> None:
    if peaks.ndim != 1 or peaks.size % 2 or not peaks.size:
        raise ValueError(
            f"peaks have shape {peaks.shape}; expected lowest and highest amplitudes, interleaved"
        )
    if not np.all(np.abs(peaks) <= 1):
        raise ValueError("peaks leave [-1, 1]; divide integer samples by their full scale")


def picture_bytes(levels: UInt8[np.ndarray, "mels frames"], peaks: ArrayLike) -> bytes:
    """Return what the browser fetches: the levels row by row, then the peaks as float32.

    Parameters
    ----------
    levels : uint8 array [shape=(mels, frames)]
        Of the :class:`Spectrogram`.
    peaks : array-like [shape=(2 * parts,)]
    """
    return levels.tobytes() + np.asarray(peaks, dtype="<f4").tobytes()


def _spectrogram_json(spectrogram: Spectrogram, *, fetched: bool) -> dict[str, Any]:
    mels, frames = spectrogram.levels.shape
    levels = None if fetched else base64.b64encode(spectrogram.levels.tobytes()).decode()
    return {
        "levels": levels,
        "mels": mels,
        "frames": frames,
        "hop_s": spectrogram.hop_s,
        "frequencies_hz": _rounded(spectrogram.frequencies_hz, 1),
    }


def _times_json(times_s: ArrayLike) -> list[float] | dict[str, float]:
    """Return times as they are or, where they are equally far apart, as the first and the last."""
    times = np.asarray(times_s, dtype=np.float64)
    if len(times) < _FEWEST_REGULAR:
        return _rounded(times)
    first, last = float(times[0]), float(times[-1])
    if np.max(np.abs(times - np.linspace(first, last, len(times)))) > _REGULAR_TO_S:
        return _rounded(times)
    return {"first": first, "last": last, "count": len(times)}


def _rounded(values: ArrayLike, digits: int = 6) -> list[float]:
    return np.asarray(values, dtype=np.float64).round(digits).tolist()
