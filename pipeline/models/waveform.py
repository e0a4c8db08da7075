"""Recordings as mono float32 samples at a wanted rate."""

import re
from pathlib import Path

import numpy as np
import soundfile
from jaxtyping import Float32

from pipeline.errors import AudioError
from pipeline.time_axis import Interval, to_samples

# How libsndfile notes that the file ends before the samples its header promises.
_SHORT_DATA = re.compile(r"(?:data|SSND|Data Size)\s*:\s*(\d+) \(should be (\d+)\)")
# Programs that write to a pipe cannot go back to fill in the size, and put a huge one.
_UNKNOWN_SIZE = 0x7FFF_0000


def read_waveform(
    path: Path, sample_rate_hz: int, segment: Interval | None = None
) -> Float32[np.ndarray, " samples"]:
    """Read a recording: the mean of its channels, resampled to `sample_rate_hz`.

    Parameters
    ----------
    segment : Interval, optional
        The part to read; by default all of it.

    Raises
    ------
    AudioError
        If the file cannot be read, is empty, is cut short, or holds values that are no numbers;
        if the segment is not inside it.
    """
    channels, own_rate_hz = _read_channels(path, segment)
    if not channels.size:
        raise AudioError(
            f"{path}: expected samples, found none; record, export or download it again"
        )
    if not np.isfinite(channels).all():
        raise AudioError(
            f"{path}: {np.count_nonzero(~np.isfinite(channels))} samples are infinite or not a "
            "number; export it again, for example as 16-bit WAV or FLAC"
        )
    return resample(channels.mean(axis=1), own_rate_hz, sample_rate_hz)


def _read_channels(
    path: Path, segment: Interval | None
) -> tuple[Float32[np.ndarray, "samples channels"], int]:
    try:
        with soundfile.SoundFile(path) as file:
            promised, log, rate_hz = file.frames, file.extra_info, file.samplerate
            if segment is not None:
                first, end = to_samples([segment.start, segment.end], rate_hz).tolist()
                promised = min(end, promised) - file.seek(min(first, promised))
            channels = file.read(promised, dtype="float32", always_2d=True)
    except (soundfile.SoundFileError, OSError, TypeError) as error:
        raise AudioError(
            f"{path}: cannot be read as audio ({error}); check that the file is there, complete "
            "and plays, or convert it to WAV or FLAC"
        ) from error
    if len(channels) < promised or _ends_early(log):
        raise AudioError(
            f"{path}: the file ends before the samples that its header promises (a copy or "
            "download cut short?); copy or download it again"
        )
    return channels, rate_hz


def _ends_early(log: str) -> bool:
    sizes = [(int(said), int(found)) for said, found in _SHORT_DATA.findall(log)]
    return any(found < said < _UNKNOWN_SIZE for said, found in sizes)


def resample(
    waveform: Float32[np.ndarray, " samples"], from_hz: int, to_hz: int
) -> Float32[np.ndarray, " resampled"]:
    """Resample with soxr's high-quality filter (``librosa.resample``).

    The result has exactly ``ceil(samples * to_hz / from_hz)`` samples, so that no time inside the
    recording is outside its resampled form.
    """
    if from_hz == to_hz:
        return waveform
    import librosa  # noqa: PLC0415 - heavy, and needed only where the rates differ

    resampled = librosa.resample(waveform, orig_sr=from_hz, target_sr=to_hz, res_type="soxr_hq")
    # librosa counts with floating-point numbers; this is the exact ceiling.
    size = -(-len(waveform) * to_hz // from_hz)
    return np.asarray(librosa.util.fix_length(resampled, size=size), dtype=np.float32)
