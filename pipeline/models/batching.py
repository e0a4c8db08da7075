"""What models give of several recordings or transcripts at once, on the device they run on."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
import torch
from jaxtyping import Float32, Int64

from pipeline.models.device import full_precision
from pipeline.models.extractor import AudioModel, Extraction, TextExtraction, TextModel
from pipeline.settings import Pooling
from pipeline.time_axis import FrameTimes

Waveform = Float32[np.ndarray, " _"]  # of a length of its own in every place


@dataclass(frozen=True, eq=False)
class DeviceLayers:
    """The layers of several items, still on the model's device.

    Attributes
    ----------
    layers : list of float32 tensor [shape=(rows, dim)]
        The rows of one item after those of another, with padding in between.
    starts, counts : tuple of int
        The first row of each item, and how many it has.
    """

    layers: list[torch.Tensor]
    starts: tuple[int, ...]
    counts: tuple[int, ...]

    @classmethod
    def of_padded(cls, states: Sequence[torch.Tensor], counts: Sequence[int]) -> "DeviceLayers":
        """Return the layers of a padded batch: states of shape ``(items, longest, dim)``."""
        longest = states[0].shape[1]
        starts = tuple(item * longest for item in range(len(counts)))
        return cls([state.flatten(0, 1) for state in states], starts, tuple(counts))

    @classmethod
    def of_arrays(cls, layers: Sequence[Float32[np.ndarray, "rows dim"]]) -> "DeviceLayers":
        """Return the layers of one item; nothing is copied."""
        return cls([torch.from_numpy(layer) for layer in layers], (0,), (len(layers[0]),))

    @classmethod
    def joined(cls, parts: "Sequence[DeviceLayers]") -> "DeviceLayers":
        """Return the layers of all items of all parts."""
        if len(parts) == 1:
            return parts[0]
        sizes = [len(part.layers[0]) for part in parts]
        before = [sum(sizes[:index]) for index in range(len(parts))]
        layers = [
            joined_rows(layer) for layer in zip(*(part.layers for part in parts), strict=True)
        ]
        starts = tuple(
            start + first
            for part, first in zip(parts, before, strict=True)
            for start in part.starts
        )
        return cls(layers, starts, tuple(count for part in parts for count in part.counts))

    def merged(self, sizes: Sequence[int]) -> "DeviceLayers":
        """Return the layers where neighbouring items, `sizes` of them, are one without padding."""
        ranges = [
            np.arange(start, start + count)
            for start, count in zip(self.starts, self.counts, strict=True)
        ]
        rows = torch.from_numpy(np.concatenate(ranges)).to(self.layers[0].device)
        ends = np.cumsum([0, *self.counts])
        edges = ends[np.cumsum([0, *sizes])]
        return DeviceLayers(
            [layer.index_select(0, rows) for layer in self.layers],
            tuple(edges[:-1].tolist()),
            tuple(np.diff(edges).tolist()),
        )

    def arrays(self, item: int) -> list[Float32[np.ndarray, "rows dim"]]:
        """Return the layers of one item as arrays."""
        start, count = self.starts[item], self.counts[item]
        return [layer[start : start + count].cpu().numpy() for layer in self.layers]


@dataclass(frozen=True, eq=False)
class Heard:
    """Several recordings inside one model: their rows, and when each was."""

    layers: DeviceLayers
    frames: tuple[FrameTimes, ...]

    def extraction(self, item: int) -> Extraction:
        """Return one recording's layers as arrays."""
        return Extraction(self.layers.arrays(item), self.frames[item])


@dataclass(frozen=True, eq=False)
class Read:
    """Several transcripts inside one text model; for the rest see `TextExtraction`."""

    layers: DeviceLayers
    spans: tuple[Int64[np.ndarray, "_ 2"], ...]
    tokens: tuple[tuple[str, ...], ...]
    pooling: Pooling

    def extraction(self, item: int) -> TextExtraction:
        """Return one transcript's layers as arrays."""
        return TextExtraction(
            self.layers.arrays(item), self.spans[item], self.tokens[item], self.pooling
        )


@runtime_checkable
class OnDevice(Protocol):
    """A model that torch runs."""

    device: torch.device


class HearingModel(ABC):
    """A model that hears, whose layers stay on its device: one recording at a time, or more."""

    device: torch.device

    @abstractmethod
    def hear_one(self, waveform: Waveform, sample_rate: int) -> Heard:
        """Run the model over one recording."""

    def hear(self, waveforms: Sequence[Waveform], sample_rate: int) -> Heard:
        """Run the model over several recordings, with the layers that each has by itself.

        Together, where that changes no more than rounding; here, one by one.
        """
        return joined([self.hear_one(waveform, sample_rate) for waveform in waveforms])

    def extract(self, waveform: Waveform, sample_rate: int) -> Extraction:
        """Return every layer of one recording, and what each row is of.

        Raises
        ------
        ModelError
            If the recording is too short, or the model is not what its spec announces.
        """
        return self.hear_one(waveform, sample_rate).extraction(0)


@runtime_checkable
class ReadsMany(Protocol):
    """A text model that reads several transcripts at once."""

    def read(self, transcripts: Sequence[Sequence[str]]) -> Read:
        """Run the model over transcripts, with the layers that each has by itself."""
        ...


@runtime_checkable
class HearsMany(Protocol):
    """A model that keeps what it heard on its device; a `HearingModel` is one."""

    def hear(self, waveforms: Sequence[Waveform], sample_rate: int) -> Heard:
        """Run the model over recordings, with the layers that each has by itself."""
        ...


def joined_rows(parts: Sequence[torch.Tensor]) -> torch.Tensor:
    """Return one tensor after the other, with the digits that they have in whatever precision."""
    with full_precision(parts[0].device):
        return torch.cat(list(parts))


def joined(parts: Sequence[Heard]) -> Heard:
    """Return what was heard in parts."""
    return Heard(
        DeviceLayers.joined([part.layers for part in parts]),
        tuple(frames for part in parts for frames in part.frames),
    )


def hear(model: AudioModel, waveforms: Sequence[Waveform], sample_rate: int) -> Heard:
    """Run any model that hears over several recordings."""
    if isinstance(model, HearsMany):
        return model.hear(waveforms, sample_rate)
    found = [model.extract(waveform, sample_rate) for waveform in waveforms]
    return joined([Heard(DeviceLayers.of_arrays(each.layers), (each.frames,)) for each in found])


def read(model: TextModel, transcripts: Sequence[Sequence[str]]) -> Read:
    """Run any model that reads over several transcripts."""
    if isinstance(model, ReadsMany):
        return model.read(transcripts)
    found = [model.extract_text(words) for words in transcripts]
    return Read(
        DeviceLayers.joined([DeviceLayers.of_arrays(each.layers) for each in found]),
        tuple(each.spans for each in found),
        tuple(each.tokens for each in found),
        found[0].pooling,
    )
