"""Recordings as browsers play them, and as a bundle keeps them: 16 bits a sample."""

from io import BytesIO
from pathlib import Path

import numpy as np
import soundfile
from jaxtyping import Int16

from pipeline.errors import AudioError
from pipeline.time_axis import Interval, to_samples

# Ten minutes at 192 kHz: utterances are no longer. A small file may say that it holds far more.
MOST_SAMPLES = 600 * 192_000


def as_wav(path: Path, segment: Interval | None = None) -> bytes:
    """Return a recording, or its segment, as 16-bit WAV, which every browser decodes.

    Raises
    ------
    AudioError
        If it is too long to be an utterance.
    """
    return _encoded(path, segment, "WAV")


def as_flac(path: Path, segment: Interval | None = None) -> bytes:
    """Return the samples of :func:`as_wav` as FLAC, which loses nothing of them.

    Raises
    ------
    AudioError
        If it is too long to be an utterance.
    """
    return _encoded(path, segment, "FLAC")


def _encoded(path: Path, segment: Interval | None, kind: str) -> bytes:
    samples, sample_rate_hz = _pcm(path, segment)
    file = BytesIO()
    soundfile.write(file, samples, sample_rate_hz, format=kind, subtype="PCM_16")
    return file.getvalue()


def _pcm(path: Path, segment: Interval | None) -> tuple[Int16[np.ndarray, "..."], int]:
    with soundfile.SoundFile(path) as recording:
        sample_rate_hz, first, end = recording.samplerate, 0, recording.frames
        if segment is not None:
            first, end = to_samples([segment.start, segment.end], sample_rate_hz).tolist()
        if (end - first) * recording.channels > MOST_SAMPLES:
            raise AudioError(
                f"{path.name}: expected {MOST_SAMPLES:,} samples at most, found "
                f"{(end - first) * recording.channels:,}; cut it into utterances"
            )
        recording.seek(first)
        samples = recording.read(end - first, dtype="float32")
    # libsndfile reads the samples of a floating-point file as the integers -1, 0 and 1.
    pcm = np.clip(np.rint(np.nan_to_num(samples) * 32_768), -32_768, 32_767).astype(np.int16)
    return pcm, sample_rate_hz
