"""What EnCodecMAE hears with: the encoder of the EnCodec codec, or a mel spectrogram."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torchaudio.compliance import kaldi
from transformers import EncodecConfig
from transformers.models.encodec.modeling_encodec import EncodecEncoder

from pipeline.errors import ModelError
from pipeline.models.checkpoint import load_weights

Samples = Float[Tensor, " samples"]
Features = Float[Tensor, "rows features"]


class Codec(nn.Module):
    """EnCodec's encoder for 24 kHz, before quantisation: causal, a row every 320 samples.

    Parameters
    ----------
    path : Path
        Of the checkpoint, for messages.
    weights : dict of str to tensor
        By the names of EnCodec's own code, without a prefix.
    """

    def __init__(self, path: Path, weights: Mapping[str, Tensor]) -> None:
        super().__init__()
        first, last = (weights.get(f"{layer}.conv.conv.bias") for layer in (0, 15))
        if first is None or last is None or first.ndim != 1 or last.ndim != 1:
            raise ModelError(
                f"{path}: expected the encoder of EnCodec for 24 kHz (0.conv.conv.bias to "
                f"15.conv.conv.bias), found {next(iter(weights))}, ...; other codecs are not "
                "supported"
            )
        config = EncodecConfig(num_filters=len(first), hidden_size=len(last))
        with torch.random.fork_rng(devices=[]):
            self._encoder = EncodecEncoder(config)
        load_weights(path, self._encoder, {_renamed(name): weights[name] for name in weights})

    def forward(self, samples: Samples) -> Features:
        """Return a row for each 320 samples, and for those that are left."""
        features: Tensor = self._encoder(samples[None, None])[0].T
        return features


def _renamed(name: str) -> str:
    """Return what transformers calls a weight.

    Examples
    --------
    >>> _renamed("0.conv.conv.weight_g")
    'layers.0.conv.parametrizations.weight.original0'
    """
    for theirs, ours in (
        ("conv.conv.", "conv."),
        ("weight_g", "parametrizations.weight.original0"),
        ("weight_v", "parametrizations.weight.original1"),
    ):
        name = name.replace(theirs, ours)
    return f"layers.{name}"


MEL_WINDOW_SAMPLES = 637
_MEAN, _DEVIATION = -6.12, 4.82
_FBANK: Mapping[str, Any] = {
    "sample_frequency": 24_000,
    "frame_length": 26.56,
    "frame_shift": 13.28,
    "window_type": "hanning",
    "htk_compat": True,
    "use_energy": False,
    "dither": 0.0,
}
# What the configuration of a checkpoint with this front end says.
MEL_CONFIGURATION: Mapping[str, object] = {**_FBANK, "norm_stats": [_MEAN, _DEVIATION]}


class Mel(nn.Module):
    """Kaldi's log mel spectrogram at 24 kHz: 637 samples, every 318."""

    def __init__(self, bands: int) -> None:
        super().__init__()
        self._bands = bands

    def forward(self, samples: Samples) -> Features:
        """Return a row for each whole window."""
        mel = kaldi.fbank(samples[None], num_mel_bins=self._bands, **_FBANK)
        return (mel - _MEAN) / _DEVIATION
