"""Models for the engine's tests, named ``python:fault_models:FACTORY``: slow, deadly, odd."""

import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np

from pipeline.models import Extraction, ModelSpec
from pipeline.time_axis import FrameTimes

WINDOW, STRIDE, DIMS = 400, 320, 24
HOLD_S = 0.05
MEAL_BYTES = 3 * 2**30


class Projection:
    """Windows of the waveform, times random matrices; each utterance takes a moment."""

    def __init__(self, name: str, fault: Callable[[], object] | None = None) -> None:
        self.spec = ModelSpec(
            name, "any", "audio", ("0: one", "1: other"), DIMS, "seed 5",
            sample_rate_hz=16_000, stride_samples=STRIDE,
        )  # fmt: skip
        drawn = np.random.default_rng(5)
        self._weights = [drawn.normal(size=(WINDOW, DIMS)).astype(np.float32) for _ in range(2)]
        self._fault = fault

    def extract(self, waveform, sample_rate):
        threading.Event().wait(HOLD_S)
        with Path(os.environ["LAYERSCOPE_HOME"], "heard").open("a") as file:
            file.write(f"{len(waveform)}\n")
        if self._fault is not None and len(waveform) == int(os.environ["FATAL_SAMPLES"]):
            self._fault()
        windows = np.lib.stride_tricks.sliding_window_view(waveform, WINDOW)[::STRIDE]
        layers = [windows @ weights for weights in self._weights]
        frames = FrameTimes.regular(
            len(windows), sample_rate_hz=sample_rate, stride_samples=STRIDE, window_samples=WINDOW
        )
        return Extraction(layers, frames)


def slow():
    return Projection("slow")


def deadly():
    return Projection("deadly", lambda: os.kill(os.getpid(), signal.SIGKILL))


def odd():
    def fail():
        raise LookupError("this is odd")

    return Projection("odd", fail)


def stuck():
    return Projection("stuck", threading.Event().wait)


def hungry():
    def eat():
        meal = np.ones(MEAL_BYTES, np.uint8)
        threading.Event().wait()
        return meal

    return Projection("hungry", eat)
