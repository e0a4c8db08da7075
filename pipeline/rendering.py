"""Compute what a page draws of a recording; runs in the workers, which have librosa."""

import librosa
import numpy as np
from jaxtyping import Float32, UInt8

from cache import Store
from pipeline.corpus.utterance import Utterance
from pipeline.models.waveform import read_waveform, resample
from pipeline.recording_view import (
    DYNAMIC_RANGE_DB,
    HOP_SAMPLES,
    MEL_BANDS,
    PEAKS_PER_S,
    SAMPLE_RATE_HZ,
    WINDOW_SAMPLES,
    view_key,
)

# Fewer samples at full scale are a loud sound, not one that was cut off.
_FULL_SCALE, _FEWEST_CLIPPED = 0.999, 3


def store_recording_view(store: Store, utterance: Utterance, audio_digest: str) -> None:
    """Compute a recording's view and write it."""
    own_rate_hz = utterance.sample_rate_hz or SAMPLE_RATE_HZ
    recorded = read_waveform(utterance.audio, own_rate_hz, utterance.segment)
    waveform = resample(recorded, own_rate_hz, SAMPLE_RATE_HZ)
    # The centres of the bands lie between the edges of their neighbours.
    edges_hz = librosa.mel_frequencies(MEL_BANDS + 2, fmin=0.0, fmax=SAMPLE_RATE_HZ / 2)
    arrays = {
        "peaks": envelope(waveform),
        "spectrogram": mel_levels(waveform),
        "frequencies_hz": edges_hz[1:-1].astype(np.float32),
        "clipped_s": clipped_stretches(recorded, own_rate_hz),
    }
    store.put(view_key(audio_digest), arrays)


def envelope(waveform: Float32[np.ndarray, " samples"]) -> Float32[np.ndarray, "bins 2"]:
    """Return the lowest and highest sample of each 2.5 ms, scaled so that the loudest is 1."""
    starts = np.arange(0, len(waveform), SAMPLE_RATE_HZ // PEAKS_PER_S)
    low, high = np.minimum.reduceat(waveform, starts), np.maximum.reduceat(waveform, starts)
    loudest = np.maximum(np.abs(waveform).max(), np.finfo(np.float32).tiny)
    return np.stack([low, high], axis=1) / loudest


def clipped_stretches(
    waveform: Float32[np.ndarray, " samples"], sample_rate_hz: int
) -> Float32[np.ndarray, "stretches 2"]:
    """Return from when to when, in seconds, at least three samples in a row are at full scale."""
    full = np.concatenate([[False], np.abs(waveform) >= _FULL_SCALE, [False]])
    edges = np.flatnonzero(full[1:] != full[:-1]).reshape(-1, 2)
    long = edges[:, 1] - edges[:, 0] >= _FEWEST_CLIPPED
    return np.asarray(edges[long] / sample_rate_hz, dtype=np.float32)


def mel_levels(waveform: Float32[np.ndarray, " samples"]) -> UInt8[np.ndarray, "bands frames"]:
    """Return the mel spectrogram in levels of 0 to 255, 80 dB in all."""
    power = librosa.feature.melspectrogram(
        y=waveform,
        sr=SAMPLE_RATE_HZ,
        n_fft=WINDOW_SAMPLES,
        hop_length=HOP_SAMPLES,
        n_mels=MEL_BANDS,
    )
    decibels = librosa.amplitude_to_db(np.sqrt(power), ref=np.max, top_db=DYNAMIC_RANGE_DB)
    return np.rint((decibels / DYNAMIC_RANGE_DB + 1) * 255).astype(np.uint8)
