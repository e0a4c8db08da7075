"""Seconds, integer samples and frame times: the only place where seconds meet rows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

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


def stride_in_samples(stride_ms: float, sample_rate_hz: int) -> Fraction:
    """Return a stride exactly, taken as the decimal number that it is written as.

    Examples
    --------
    >>> stride_in_samples(13.33, 24000)
    Fraction(7998, 25)
    """
    return Fraction(str(stride_ms)) * sample_rate_hz / 1000


@dataclass(frozen=True, eq=False)
class FrameTimes:
    """When each row of a model's output was: half-open sample ranges, in time order.

    Attributes
    ----------
    start_samples, end_samples : int64 array [shape=(frames,)]
        What each row saw of the recording, in samples at `sample_rate_hz`.
    sample_rate_hz : int
        The rate at which samples are counted, which may be a multiple of the recording's.
    stride_samples : int
        From one frame to the next. If it is not given: from the first start to the next other
        one, or the length of the first frame where there is no other.
    """

    start_samples: Int64[np.ndarray, " frames"]
    end_samples: Int64[np.ndarray, " frames"]
    sample_rate_hz: int
    stride_samples: int = 0

    def __post_init__(self) -> None:
        if self.start_samples.shape != self.end_samples.shape:
            raise ValueError(
                f"{len(self.start_samples)} frame starts, but {len(self.end_samples)} frame ends"
            )
        if np.any(self.end_samples <= self.start_samples):
            raise ValueError("every frame must end after it starts")
        if not self.stride_samples and len(self):
            steps = np.diff(np.unique(self.start_samples))
            stride = steps[0] if len(steps) else self.end_samples[0] - self.start_samples[0]
            object.__setattr__(self, "stride_samples", int(stride))

    @classmethod
    def regular(
        cls,
        count: int,
        *,
        sample_rate_hz: int,
        stride_samples: int | float | Fraction,
        window_samples: int | None = None,
        first_sample: int = 0,
    ) -> "FrameTimes":
        """Return `count` frames every `stride_samples`, each `window_samples` (a stride) long.

        Where the stride is not a whole number of samples, they are counted at the lowest multiple
        of the rate at which it is, so that every frame's time is exact. (Of strides with more
        than six digits after the point, the nearest fraction with a smaller denominator.)

        Examples
        --------
        >>> frames = FrameTimes.regular(
        ...     3, sample_rate_hz=16000, stride_samples=320, window_samples=400
        ... )
        >>> frames.end_s.tolist()
        [0.025, 0.045, 0.065]
        >>> frames = FrameTimes.regular(3, sample_rate_hz=16000, stride_samples=Fraction(640, 3))
        >>> frames.sample_rate_hz, frames.start_samples.tolist()
        (48000, [0, 640, 1280])
        """
        # Larger denominators would not leave int64 the samples of a long recording.
        exact = Fraction(stride_samples).limit_denominator(1_000_000)
        stride, multiple = exact.numerator, exact.denominator
        starts = multiple * first_sample + stride * np.arange(count, dtype=np.int64)
        ends = starts + (stride if window_samples is None else multiple * window_samples)
        return cls(starts, ends, multiple * sample_rate_hz, stride)

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
