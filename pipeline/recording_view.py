"""What a page draws of a recording: the waveform's envelope and its mel spectrogram."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, UInt8

from cache import Key, Store

SAMPLE_RATE_HZ = 16_000
HOP_SAMPLES = 80
WINDOW_SAMPLES = 400
MEL_BANDS = 80
DYNAMIC_RANGE_DB = 80.0
PEAKS_PER_S = 400
VIEW_VERSION = 2


@dataclass(frozen=True, eq=False)
class RecordingView:
    """A recording, ready to draw.

    Attributes
    ----------
    peaks : float32 array [shape=(bins, 2)]
        Lowest and highest sample of each 2.5 ms, scaled so that the loudest is 1.
    spectrogram : uint8 array [shape=(mel_bands, frames)]
        Level from 80 dB below the loudest (0) to the loudest (255); 5 ms a frame, mel bands from
        0 Hz to 8,000 Hz, the lowest first.
    frequencies_hz : float32 array [shape=(mel_bands,)]
        Centre of each band.
    clipped_s : float32 array [shape=(stretches, 2)]
        From when to when the recording stays at full scale, in seconds.
    """

    peaks: Float32[np.ndarray, "bins 2"]
    spectrogram: UInt8[np.ndarray, "mel_bands frames"]
    frequencies_hz: Float32[np.ndarray, " mel_bands"]
    clipped_s: Float32[np.ndarray, "stretches 2"]


def view_key(audio_digest: str) -> Key:
    """Return the key of a recording's view, by the SHA-256 of its file."""
    return Key("recording view", VIEW_VERSION, {"audio": audio_digest})


def get_recording_view(store: Store, audio_digest: str) -> RecordingView | None:
    """Return a recording's view, or None if it is not computed yet."""
    record = store.get(view_key(audio_digest))
    if record is None:
        return None
    names = ("peaks", "spectrogram", "frequencies_hz", "clipped_s")
    return RecordingView(*(record.arrays[name] for name in names))
