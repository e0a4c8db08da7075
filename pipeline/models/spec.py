"""What is known of a model before it is loaded."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from pipeline.errors import ModelError

Modality = Literal["text", "speech", "audio", "words", "control"]


@dataclass(frozen=True)
class ModelSpec:
    """One model, as a value; nothing here needs its weights or its library.

    Attributes
    ----------
    name : str
        How it is asked for, ``family:name`` or a registered short name.
    family : str
        The module of :mod:`pipeline.models` that opens it.
    modality : {"text", "speech", "audio", "words", "control"}
        Text models read the transcript, speech and audio models the waveform; of words, vectors are
        looked up that were computed before; controls are made from the rows themselves.
    layer_names : tuple of str
        ``layer_names[k]`` says in words what layer k is.
    dims : int
        Length of each layer's vectors; 0 where it depends on the corpus.
    sample_rate_hz : int or None
        The rate the model was trained on; None where it hears nothing.
    stride_samples : int or None
        Samples from one row to the next, for display; the rows' own times decide.
    fingerprint : str
        Changes whenever the weights, or the code that runs them, would give other values.
    source : str
        Where the weights come from: a path, a package or a seed.
    licence, description : str
    options : mapping of str to str
        What was asked for after the name, where it differs from the default.
    download_bytes : int or None
        How much is downloaded, where it is known.
    on_disk : bool
        Whether everything that it needs is on this machine; only then it can be opened.
    """

    name: str
    family: str
    modality: Modality
    layer_names: tuple[str, ...]
    dims: int
    fingerprint: str
    sample_rate_hz: int | None = None
    stride_samples: int | None = None
    source: str = ""
    licence: str = ""
    description: str = ""
    options: Mapping[str, str] = field(default_factory=dict, hash=False)
    download_bytes: int | None = None
    on_disk: bool = True

    def __post_init__(self) -> None:
        if not self.layer_names or len(set(self.layer_names)) != len(self.layer_names):
            raise ModelError(f"{self.name}: layer names must be unique and not empty")

    @property
    def hears(self) -> bool:
        """Whether the model reads the waveform."""
        return self.modality in ("speech", "audio")

    @property
    def stride_ms(self) -> float | None:
        """Milliseconds from one row to the next, None where there are no frames."""
        if self.stride_samples is None or self.sample_rate_hz is None:
            return None
        return 1000 * self.stride_samples / self.sample_rate_hz
