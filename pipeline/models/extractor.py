"""What every model gives: layers of vectors, and what of the recording or text each row is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float32, Float64, Int32, Int64

from pipeline.models.spec import ModelSpec
from pipeline.settings import Pooling
from pipeline.time_axis import FrameTimes


@dataclass(frozen=True, eq=False)
class Extraction:
    """One recording inside one model.

    Attributes
    ----------
    layers : list of float32 array [shape=(frames, dim)]
        One array a layer, in the order of the model's ``layer_names``.
    frames : FrameTimes
        When each row was. Rows in a row may share their time: BEATs has one for each mel band.
    """

    layers: list[Float32[np.ndarray, "frames dim"]]
    frames: FrameTimes

    def __post_init__(self) -> None:
        for layer in self.layers:
            if len(layer) != len(self.frames):
                raise ValueError(f"{len(layer)} rows, but {len(self.frames)} frame times")

    @property
    def start(self) -> Float64[np.ndarray, " frames"]:
        """Where each frame starts, in seconds."""
        return self.frames.start_s

    @property
    def end(self) -> Float64[np.ndarray, " frames"]:
        """Where each frame ends, in seconds."""
        return self.frames.end_s


@dataclass(frozen=True, eq=False)
class TextExtraction:
    """One transcript inside one text model.

    Attributes
    ----------
    layers : list of float32 array [shape=(tokens, dim)]
        Sub-word tokens, special ones included.
    spans : int64 array [shape=(words, 2)]
        Half-open token range of each word; start equals end where a word has no token.
    tokens : tuple of str
        The tokens as the model's vocabulary spells them.
    pooling : {"mean", "first", "last"}
        How a word's tokens become one vector.
    """

    layers: list[Float32[np.ndarray, "tokens dim"]]
    spans: Int64[np.ndarray, "words 2"]
    tokens: tuple[str, ...]
    pooling: Pooling = "mean"


@dataclass(frozen=True, eq=False)
class WordVectors:
    """What a file holds of one utterance.

    Attributes
    ----------
    vectors : float32 array [shape=(layers, words, dim)]
    word_ids : int32 array [shape=(words,)]
        Which word of the transcript each vector is of, in rising order.
    """

    vectors: Float32[np.ndarray, "layers words dim"]
    word_ids: Int32[np.ndarray, " words"]


@runtime_checkable
class AudioModel(Protocol):
    """A model that reads the waveform."""

    spec: ModelSpec

    def extract(self, waveform: Float32[np.ndarray, " samples"], sample_rate: int) -> Extraction:
        """Run the model over one recording (mono, `sample_rate` in Hz; resampled if need be)."""
        ...


@runtime_checkable
class TextModel(Protocol):
    """A model that reads the transcript."""

    spec: ModelSpec

    def extract_text(self, words: Sequence[str]) -> TextExtraction:
        """Run the model over one transcript."""
        ...


@runtime_checkable
class WordModel(Protocol):
    """Vectors of spoken words that were computed before, known by utterance and word."""

    spec: ModelSpec

    def vectors_of(self, utterance_id: str, word_count: int) -> WordVectors:
        """Look an utterance up, whose transcript has `word_count` words."""
        ...


Model = AudioModel | TextModel | WordModel
