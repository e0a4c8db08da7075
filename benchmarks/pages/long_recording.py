"""The alignment view of 35 s with 100 words, 500 phones and two models' frames."""

import numpy as np

from dashboard.components.alignment_data import AlignmentViewData, FrameTrack, Spectrogram
from dashboard.components.alignment_view import alignment_view
from pipeline.time_axis import Interval

DURATION_S, WORDS, PHONES = 35.0, 100, 500
HOP_S, MEL_BANDS, PEAKS_PER_S = 0.005, 80, 400

rng = np.random.default_rng(0)


def intervals(count: int, name: str) -> list[Interval]:
    """Return equally long intervals over the whole recording."""
    ends = np.linspace(0, DURATION_S, count + 1).tolist()
    return [Interval(f"{name}{k}", ends[k], ends[k + 1]) for k in range(count)]


def track(name: str, stride_s: float) -> FrameTrack:
    """Return a model's frames, and which of them each word pools."""
    starts = np.arange(0, DURATION_S - stride_s, stride_s)
    edges = np.searchsorted(starts, np.linspace(0, DURATION_S, WORDS + 1))
    return FrameTrack(name, starts, starts + stride_s, np.stack([edges[:-1], edges[1:]], axis=1))


samples = rng.uniform(0, 1, int(DURATION_S * PEAKS_PER_S))
levels = rng.integers(0, 256, (MEL_BANDS, int(DURATION_S / HOP_S)), dtype=np.uint8)
data = AlignmentViewData(
    utterance_id="long",
    duration_s=DURATION_S,
    words=intervals(WORDS, "word"),
    phones=intervals(PHONES, "P"),
    audio_url="",
    peaks=np.stack([-samples, samples], axis=1).ravel(),
    spectrogram=Spectrogram(levels, np.linspace(0, 8000, MEL_BANDS), HOP_S),
    tracks=[track("one model", 0.02), track("another model", 0.04)],
)
alignment_view(data, selected_word=None, key="recording", on_word=lambda: None)
