"""Recordings as browsers play them."""

from io import BytesIO
from pathlib import Path

import numpy as np
import soundfile

from pipeline.time_axis import Interval, to_samples


def as_wav(path: Path, segment: Interval | None = None) -> bytes:
    """Return a recording, or its segment, as 16-bit WAV, which every browser decodes."""
    with soundfile.SoundFile(path) as recording:
        sample_rate_hz, first, end = recording.samplerate, 0, recording.frames
        if segment is not None:
            first, end = to_samples([segment.start, segment.end], sample_rate_hz).tolist()
        recording.seek(first)
        samples = recording.read(end - first, dtype="float32")
    file = BytesIO()
    # libsndfile reads the samples of a floating-point file as the integers -1, 0 and 1.
    pcm = np.clip(np.rint(np.nan_to_num(samples) * 32_768), -32_768, 32_767).astype(np.int16)
    soundfile.write(file, pcm, sample_rate_hz, format="WAV", subtype="PCM_16")
    return file.getvalue()
