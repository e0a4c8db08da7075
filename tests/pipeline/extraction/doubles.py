"""Models whose vectors are known beforehand."""

from dataclasses import replace

import numpy as np

from pipeline.models import find_model
from pipeline.models.extractor import Extraction, TextExtraction
from pipeline.time_axis import FrameTimes


class Clock:
    """A model whose only dimension is the centre of each frame, in samples as it counts them."""

    spec = replace(find_model("s3prl:fbank"), name="clock", dims=1)

    def __init__(self):
        self.heard = []

    def extract(self, waveform, sample_rate):
        self.heard.append((len(waveform), sample_rate))
        count = (len(waveform) - 400) // 160 + 1
        frames = FrameTimes.regular(
            count, sample_rate_hz=sample_rate, stride_samples=160, window_samples=400
        )
        return Extraction([(frames.doubled_centres[:, None] / 2).astype(np.float32)], frames)


class Reader:
    """A text model that has no token for the word "the"."""

    spec = replace(find_model("minilm"), name="reader", dims=1)

    def extract_text(self, words):
        counts = [0 if word == "the" else 1 for word in words]
        ends = np.cumsum(counts)
        spans = np.stack([ends - counts, ends], axis=1).astype(np.int64)
        return TextExtraction([np.arange(ends[-1], dtype=np.float32)[:, None]], spans, ())
