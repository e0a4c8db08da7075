"""EnCodecMAE, both generations: chunks of 4 s, heard by a codec's encoder or as a mel spectrogram.

Written from what the published checkpoints compute; their own code has no licence.
"""

from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float32

from pipeline.errors import ModelError
from pipeline.models.batching import Heard, HearingModel, joined_rows
from pipeline.models.device import inference
from pipeline.models.encodecmae_checkpoint import SECOND, Generation, load_network
from pipeline.models.encodecmae_front_ends import MEL_WINDOW_SAMPLES
from pipeline.models.encodecmae_network import Network
from pipeline.models.hidden_states import checked_layers
from pipeline.models.known.encodecmae import (
    CODEC_STRIDE_SAMPLES,
    MEL_STRIDE_SAMPLES,
    SAMPLE_RATE_HZ,
)
from pipeline.models.spec import ModelSpec
from pipeline.models.waveform import resample
from pipeline.time_axis import FrameTimes

CHUNK_SAMPLES = 4 * SAMPLE_RATE_HZ
# The second generation leaves out what remains after the last chunk if it is no longer.
REMAINDER_SAMPLES = 2048


class EncodecMae(HearingModel):
    """An EnCodecMAE that hears one recording at a time, each 4 s of it on their own.

    Parameters
    ----------
    spec : ModelSpec
    network : Network
    generation : Generation
    device : str
    """

    def __init__(
        self, spec: ModelSpec, network: Network, generation: Generation, device: str
    ) -> None:
        self.spec = spec
        self._network = network.eval().to(device)
        self._second = generation is SECOND
        self.device = torch.device(device)

    def hear_one(self, waveform: Float32[np.ndarray, " samples"], sample_rate: int) -> Heard:
        """Return the layers that the reference returns: the normalised branch after each.

        Of the second generation, the last is the output, where both branches are joined.

        Raises
        ------
        ModelError
            If the recording is too short, or the model is not what its spec announces.
        """
        samples = resample(waveform, sample_rate, SAMPLE_RATE_HZ)
        shortest = REMAINDER_SAMPLES + 1 if self._second else CODEC_STRIDE_SAMPLES
        if len(samples) < shortest:
            raise ModelError(
                f"{self.spec.name}: the recording has {len(samples)} samples at {SAMPLE_RATE_HZ} "
                f"Hz, expected at least {shortest}; leave it out"
            )
        with inference():
            chunks = [self._layers(*chunk) for chunk in self._chunks(samples)]
            joined = [joined_rows(parts)[None] for parts in zip(*chunks, strict=True)]
        counts = [len(layers[0]) for layers in chunks]
        mel = self.spec.stride_samples == MEL_STRIDE_SAMPLES
        frames = mel_times(counts) if mel else codec_times(counts)
        return Heard(checked_layers(self.spec, joined), (frames,))

    def _chunks(self, samples: Float32[np.ndarray, " samples"]) -> list[tuple[torch.Tensor, int]]:
        """Return each chunk, and how many of its rows, counted by the codec's, are attended to."""
        chunks = torch.split(torch.tensor(samples, device=self.device), CHUNK_SAMPLES)
        if not self._second:
            # A last row that is not of 320 samples attends, but is not attended to.
            return [(chunk, len(chunk) // CODEC_STRIDE_SAMPLES) for chunk in chunks]
        # The reference takes the length of the first chunk for that of all.
        heard = len(chunks[0]) // CODEC_STRIDE_SAMPLES
        return [(chunk, heard) for chunk in chunks if len(chunk) > REMAINDER_SAMPLES]

    def _layers(self, chunk: torch.Tensor, heard: int) -> list[torch.Tensor]:
        layers, output = self._network(chunk, heard)
        return [*layers[:-1], output] if self._second else layers


def codec_times(counts: list[int]) -> FrameTimes:
    """Return the 320 samples that each row is the first to hear; it also heard the chunk before.

    The codec pads a chunk's start with its mirror image, so that the first six rows also hear up to
    2240 samples after their own.

    Parameters
    ----------
    counts : list of int
        Rows of each chunk, 300 of all but the last.
    """
    return FrameTimes.regular(
        sum(counts), sample_rate_hz=SAMPLE_RATE_HZ, stride_samples=CODEC_STRIDE_SAMPLES
    )


def mel_times(counts: list[int]) -> FrameTimes:
    """Return the window of each row; windows begin anew in each chunk."""
    starts = np.concatenate(
        [
            CHUNK_SAMPLES * index + MEL_STRIDE_SAMPLES * np.arange(count, dtype=np.int64)
            for index, count in enumerate(counts)
        ]
    )
    return FrameTimes(starts, starts + MEL_WINDOW_SAMPLES, SAMPLE_RATE_HZ)


def load(spec: ModelSpec, device: str) -> EncodecMae:
    """Return the model in the folder or file ``spec.source``."""
    network, generation = load_network(Path(spec.source))
    return EncodecMae(spec, network, generation, device)
