"""Models for the engine's tests, named ``python:fault_models:FACTORY``: slow, deadly and odd."""

import os
import signal
import threading
from pathlib import Path

import numpy as np

from pipeline.models import Extraction, ModelSpec
from pipeline.time_axis import FrameTimes

WINDOW, STRIDE, DIMS = 400, 320, 24
HOLD_S = 0.05


class Projection:
    """Windows of the waveform, times random matrices; each utterance takes a moment."""

    def __init__(self, name: str, fatal_samples: int = 0, odd_samples: int = 0) -> None:
        self.spec = ModelSpec(
            name, "any", "audio", ("0: one", "1: other"), DIMS, "seed 5",
            sample_rate_hz=16_000, stride_samples=STRIDE,
        )  # fmt: skip
        drawn = np.random.default_rng(5)
        self._weights = [drawn.normal(size=(WINDOW, DIMS)).astype(np.float32) for _ in range(2)]
        self._fatal_samples, self._odd_samples = fatal_samples, odd_samples

    def extract(self, waveform, sample_rate):
        threading.Event().wait(HOLD_S)
        with Path(os.environ["LAYERSCOPE_HOME"], "heard").open("a") as file:
            file.write(f"{len(waveform)}\n")
        if len(waveform) == self._fatal_samples:
            os.kill(os.getpid(), signal.SIGKILL)
        if len(waveform) == self._odd_samples:
            raise LookupError("this is odd")
        windows = np.lib.stride_tricks.sliding_window_view(waveform, WINDOW)[::STRIDE]
        layers = [windows @ weights for weights in self._weights]
        frames = FrameTimes.regular(
            len(windows), sample_rate_hz=sample_rate, stride_samples=STRIDE, window_samples=WINDOW
        )
        return Extraction(layers, frames)


def slow():
    return Projection("slow")


def deadly():
    return Projection("deadly", fatal_samples=int(os.environ["FATAL_SAMPLES"]))


def odd():
    return Projection("odd", odd_samples=int(os.environ["FATAL_SAMPLES"]))
