"""Upstreams of s3prl; of its zoo, the acoustic baselines that need no weights."""

import importlib
import warnings

import numpy as np
import torch
from jaxtyping import Float32

from pipeline.errors import ModelError
from pipeline.models.extractor import Extraction
from pipeline.models.hidden_states import checked_layers, inference
from pipeline.models.spec import ModelSpec
from pipeline.models.waveform import resample
from pipeline.time_axis import FrameTimes

SAMPLE_RATE_HZ = 16_000  # what every s3prl upstream expects
_WINDOW_SAMPLES = 400  # 25 ms in the baselines; the receptive field in wav2vec 2.0
_STRIDE_SAMPLES = 160

# The spectrogram behind "mel" is centred: its first window starts half a window early. Kaldi's
# features start with the recording.
_FIRST_SAMPLE = {"s3prl:mel": -_WINDOW_SAMPLES // 2}


class S3prlUpstream:
    """An s3prl upstream that hears one recording at a time.

    Parameters
    ----------
    spec : ModelSpec
    upstream : torch.nn.Module
        What a function of one of s3prl's ``hubconf`` modules returned.
    device : str
    stride_samples : int
        From one row to the next.
    first_sample : int
        Where the first row's window starts.
    shortest_samples : int
        The shortest recording it takes.
    """

    def __init__(
        self,
        spec: ModelSpec,
        upstream: torch.nn.Module,
        device: str,
        *,
        stride_samples: int = _STRIDE_SAMPLES,
        first_sample: int = 0,
        shortest_samples: int = _WINDOW_SAMPLES,
    ) -> None:
        self.spec = spec
        # s3prl returns its models in training mode, dropout and all.
        self._upstream = upstream.eval().to(device)
        self._device = device
        self._stride_samples = stride_samples
        self._first_sample = first_sample
        self._shortest_samples = shortest_samples

    def extract(self, waveform: Float32[np.ndarray, " samples"], sample_rate: int) -> Extraction:
        """Return every layer, and the window that each row is of.

        Raises
        ------
        ModelError
            If the recording is too short, or the model is not what its spec announces.
        """
        samples = resample(waveform, sample_rate, SAMPLE_RATE_HZ)
        if len(samples) < self._shortest_samples:
            raise ModelError(
                f"{self.spec.name}: the recording has {len(samples)} samples at {SAMPLE_RATE_HZ} "
                f"Hz, expected at least {self._shortest_samples}; leave it out"
            )
        with inference():
            heard = torch.tensor(samples, device=self._device)
            hidden_states = self._upstream([heard])["hidden_states"]
        layers = checked_layers(self.spec, hidden_states)
        return Extraction(layers, self._frames(len(layers[0])))

    def _frames(self, count: int) -> FrameTimes:
        return FrameTimes.regular(
            count,
            sample_rate_hz=SAMPLE_RATE_HZ,
            stride_samples=self._stride_samples,
            window_samples=_WINDOW_SAMPLES,
            first_sample=self._first_sample,
        )


def load(spec: ModelSpec, device: str) -> S3prlUpstream:
    """Return one of the acoustic baselines."""
    # Not s3prl.hub: it imports families that fail beside torchaudio 2.11.
    hubconf = importlib.import_module("s3prl.upstream.baseline.hubconf")
    build = getattr(hubconf, spec.name.removeprefix("s3prl:"))
    with warnings.catch_warnings(), torch.random.fork_rng(devices=[]):
        # s3prl's "mel" also sets up cepstral coefficients that it does not use.
        warnings.filterwarnings("ignore", "At least one mel filterbank", UserWarning)
        upstream = build()
    return S3prlUpstream(
        spec,
        upstream,
        device,
        first_sample=_FIRST_SAMPLE.get(spec.name, 0),
        # Two rows: the deviation that the values are divided by is not defined for one.
        shortest_samples=_WINDOW_SAMPLES + _STRIDE_SAMPLES,
    )
