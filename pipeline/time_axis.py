"""Seconds, integer samples and frame times: the only place where seconds meet rows."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float64, Int64


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """A labelled stretch of a recording.

    Attributes
    ----------
    label : str
        The word or phone, as its file spells it.
    start, end : float
        Seconds from the start of the recording, ``0 <= start < end``.
    confidence : float or None
        How sure the aligner is, from 0 to 1, where it says so; no part of what an interval is.
    """

    label: str
    start: float
    end: float
    confidence: float | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end < np.inf:
            raise ValueError(
                f"interval {self.label!r} runs from {self.start} to {self.end}; expected "
                "0 <= start < end (are these times in seconds?)"
            )

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return self.end - self.start


def to_samples(
    seconds: float | Sequence[float], sample_rate_hz: int
) -> Int64[np.ndarray, "*times"]:
    """Return the nearest integer samples.

    Times are compared as integers, so that 0.58 s at 100 frames a second is frame 58, not 57.

    Examples
    --------
    >>> to_samples([0.58, 0.94], 16000).tolist()
    [9280, 15040]
    """
    samples = np.rint(np.asarray(seconds, dtype=np.float64) * sample_rate_hz)
    return np.asarray(samples, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class FrameTimes:
    """When each row of a model's output was: half-open sample ranges, in time order.

    Attributes
    ----------
    start_samples, end_samples : int64 array [shape=(frames,)]
        What each row saw of the recording, in samples at `sample_rate_hz`.
    sample_rate_hz : int
    """

    start_samples: Int64[np.ndarray, " frames"]
    end_samples: Int64[np.ndarray, " frames"]
    sample_rate_hz: int

    def __post_init__(self) -> None:
        if self.start_samples.shape != self.end_samples.shape:
            raise ValueError(
                f"{len(self.start_samples)} frame starts, but {len(self.end_samples)} frame ends"
            )
        if np.any(self.end_samples <= self.start_samples):
            raise ValueError("every frame must end after it starts")

    @classmethod
    def regular(
        cls,
        count: int,
        *,
        sample_rate_hz: int,
        stride_samples: int | float,
        window_samples: int | None = None,
        first_sample: int = 0,
    ) -> "FrameTimes":
        """Return `count` frames every `stride_samples`, each `window_samples` (a stride) long.

        A stride that is not a whole number of samples is rounded frame by frame, so that the
        error does not grow with time.

        Examples
        --------
        >>> frames = FrameTimes.regular(
        ...     3, sample_rate_hz=16000, stride_samples=320, window_samples=400
        ... )
        >>> frames.end_s.tolist()
        [0.025, 0.045, 0.065]
        """
        edges = first_sample + np.rint(np.arange(count + 1) * stride_samples).astype(np.int64)
        ends = edges[1:] if window_samples is None else edges[:-1] + window_samples
        return cls(edges[:-1], ends, sample_rate_hz)

    def __len__(self) -> int:
        return len(self.start_samples)

    @property
    def start_s(self) -> Float64[np.ndarray, " frames"]:
        """Starts in seconds."""
        return self.start_samples / self.sample_rate_hz

    @property
    def end_s(self) -> Float64[np.ndarray, " frames"]:
        """Ends in seconds."""
        return self.end_samples / self.sample_rate_hz

    @property
    def doubled_centres(self) -> Int64[np.ndarray, " frames"]:
        """Twice the centre of each frame in samples: an integer, also where windows are odd."""
        return self.start_samples + self.end_samples

    @property
    def stride_s(self) -> float:
        """Seconds from one frame to the next (of the first two), or the one frame's length."""
        if len(self) > 1:
            return float(self.start_samples[1] - self.start_samples[0]) / self.sample_rate_hz
        return float(self.end_samples[0] - self.start_samples[0]) / self.sample_rate_hz
