"""How a word's vector is taken from a model's frames: the settings, as one value."""

from dataclasses import dataclass
from typing import Literal, get_args

from pipeline.errors import SettingsError

Unit = Literal["word", "phone"]
FrameRule = Literal["centre", "overlap", "thesis", "pasad"]
Pooling = Literal["mean", "middle third", "centre", "first", "last", "max"]
Storage = Literal["float32", "float16"]

_CHOICES = {"unit": Unit, "frame_rule": FrameRule, "pooling": Pooling, "storage": Storage}
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
    storage : {"float32", "float16"}
        How the vectors are kept. Half precision takes half the room, costs about three digits, and
        is refused where a value is too large for it.
    """

    unit: Unit = "word"
    frame_rule: FrameRule = "centre"
    pooling: Pooling = "mean"
    sample_rate_hz: int | None = None
    stride_ms: float | None = None
    storage: Storage = "float32"

    def __post_init__(self) -> None:
        for name, choices in _CHOICES.items():
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

    def __str__(self) -> str:
        """Return the settings for people: the grid and the storage only where they are asked for.

        Examples
        --------
        >>> str(AlignmentSettings(sample_rate_hz=8000, storage="float16"))
        'word, centre, mean, 8000 Hz, float16'
        """
        said: list[str] = [self.unit, self.frame_rule, self.pooling]
        if self.sample_rate_hz is not None:
            said.append(f"{self.sample_rate_hz} Hz")
        if self.stride_ms is not None:
            said.append(f"{self.stride_ms:g} ms")
        if self.storage != "float32":
            said.append(self.storage)
        return ", ".join(said)

    def as_dict(self) -> dict[str, str | int | float | None]:
        """Return the settings as plain values, for keys and provenance."""
        return dict(vars(self))
