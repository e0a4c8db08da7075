"""How a word's vector is taken from a model's frames: the settings, as one value."""

from dataclasses import asdict, dataclass
from typing import Literal, get_args

from pipeline.errors import SettingsError

Unit = Literal["word", "phone"]
FrameRule = Literal["centre", "overlap", "thesis", "pasad"]
Pooling = Literal["mean", "middle third", "centre", "first", "last", "max"]

SAMPLE_RATES_HZ = range(1_000, 384_001)
STRIDES_MS = (0.1, 10_000.0)


@dataclass(frozen=True)
class AlignmentSettings:
    """From recordings to one vector a word.

    Attributes
    ----------
    unit : {"word", "phone"}
        What a row is.
    frame_rule : {"centre", "overlap", "thesis", "pasad"}
        Which frames belong to a word (:mod:`pipeline.words.spans`).
    pooling : str
        How a word's frames become one vector (:mod:`pipeline.words.pooling`).
    sample_rate_hz : int or None
        The rate at which audio is given to the model; None: the rate it was trained on.
    stride_ms : float or None
        Time from frame to frame; None: as the model's own frame times say.
    """

    unit: Unit = "word"
    frame_rule: FrameRule = "centre"
    pooling: Pooling = "mean"
    sample_rate_hz: int | None = None
    stride_ms: float | None = None

    def __post_init__(self) -> None:
        for name, choices in (("unit", Unit), ("frame_rule", FrameRule), ("pooling", Pooling)):
            if getattr(self, name) not in get_args(choices):
                raise SettingsError(
                    f"{name} is {getattr(self, name)!r}; choose one of "
                    f"{', '.join(get_args(choices))}"
                )
        if self.sample_rate_hz is not None and self.sample_rate_hz not in SAMPLE_RATES_HZ:
            raise SettingsError(
                f"sample rate {self.sample_rate_hz} Hz is outside 1,000 to 384,000 "
                "(is it in kHz? 16 kHz is 16000)"
            )
        shortest_ms, longest_ms = STRIDES_MS
        if self.stride_ms is not None and not shortest_ms <= self.stride_ms <= longest_ms:
            raise SettingsError(
                f"stride {self.stride_ms} ms is outside 0.1 to 10,000 (is it in seconds?)"
            )

    def as_dict(self) -> dict[str, str | int | float | None]:
        """Return the settings as plain values, for keys and provenance."""
        return asdict(self)
