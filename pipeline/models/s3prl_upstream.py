"""Upstreams of s3prl: computed features, and speech models from checkpoints on this machine."""

import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float32

from pipeline.errors import ModelError
from pipeline.models.batching import Heard, HearingModel
from pipeline.models.device import inference
from pipeline.models.hidden_states import checked_layers
from pipeline.models.known.s3prl_rows import SAMPLE_RATE_HZ, Rows, rows_of
from pipeline.models.known.s3prl_zoo import Upstream, upstreams
from pipeline.models.known.torch_file import read_torch_file
from pipeline.models.s3prl_building import build_upstream
from pipeline.models.s3prl_untrained import build_untrained
from pipeline.models.spec import ModelSpec
from pipeline.models.waveform import resample
from pipeline.time_axis import FrameTimes


class S3prlUpstream(HearingModel):
    """An s3prl upstream that hears one recording at a time.

    Parameters
    ----------
    spec : ModelSpec
    upstream : torch.nn.Module
        What a function of one of s3prl's ``hubconf`` modules returned.
    device : str
    rows : Rows
        Which samples its rows are of.
    """

    def __init__(self, spec: ModelSpec, upstream: torch.nn.Module, device: str, rows: Rows) -> None:
        self.spec = spec
        # s3prl returns its models in training mode, dropout and all.
        self._upstream = upstream.eval().to(device, torch.float32)
        self.device = torch.device(device)
        self._rows = rows

    def hear_one(self, waveform: Float32[np.ndarray, " samples"], sample_rate: int) -> Heard:
        """Return every layer, and the window that each row is of.

        Raises
        ------
        ModelError
            If the recording is too short, or the model is not what its spec announces.
        """
        samples = resample(waveform, sample_rate, SAMPLE_RATE_HZ)
        if len(samples) < self._rows.shortest_samples:
            raise ModelError(
                f"{self.spec.name}: the recording has {len(samples)} samples at {SAMPLE_RATE_HZ} "
                f"Hz, expected at least {self._rows.shortest_samples}; leave it out"
            )
        with inference(), warnings.catch_warnings():
            # WavLM's attention is given masks of two types.
            warnings.filterwarnings("ignore", "Support for mismatched", UserWarning)
            heard = torch.tensor(samples, device=self.device)
            hidden_states = self._upstream([heard])["hidden_states"]
        self._require_rows({state.shape[1] for state in hidden_states}, samples)
        layers = checked_layers(self.spec, hidden_states)
        return Heard(layers, (self._frames(layers.counts[0]),))

    def _require_rows(self, found: set[int], samples: Float32[np.ndarray, " samples"]) -> None:
        """Refuse rows that cannot be placed in time: their number is not that of the windows."""
        expected = self._rows.count(len(samples))
        # From centred features that it normalises, s3prl leaves out silence at the end.
        silence = len(np.trim_zeros(samples, "f")) - len(np.trim_zeros(samples))
        left_out = -(-silence // self._rows.stride_samples) if self._rows.before_samples else 0
        if len(found) != 1 or not expected - left_out <= max(found) <= expected:
            raise ModelError(
                f"{self.spec.name}: {sorted(found)} rows of {len(samples)} samples, expected "
                f"{expected}, one every {self._rows.stride_samples}; models with other rows are "
                "not supported"
            )

    def _frames(self, count: int) -> FrameTimes:
        return FrameTimes.regular(
            count,
            sample_rate_hz=SAMPLE_RATE_HZ,
            stride_samples=self._rows.stride_samples,
            window_samples=self._rows.window_samples,
            first_sample=-self._rows.before_samples,
        )


def load(spec: ModelSpec, device: str) -> S3prlUpstream:
    """Return the upstream that `spec` names, with the weights at ``spec.source``.

    Raises
    ------
    ModelError
        If the weights are not this model's, not whole, or come with code.
    """
    return _loaded(spec, device, build_upstream)


def load_untrained(spec: ModelSpec, seed: int, device: str) -> S3prlUpstream:
    """Return the upstream that `spec` names, with random weights.

    Raises
    ------
    ModelError
        If its checkpoint cannot be read, or it has no weights.
    """
    return _loaded(spec, device, partial(build_untrained, seed=seed))


def _loaded(
    spec: ModelSpec, device: str, build: Callable[[Upstream, Path], torch.nn.Module]
) -> S3prlUpstream:
    upstream = upstreams()[spec.name.split(":")[1]]
    path = Path(spec.source)
    content = read_torch_file(path) if path.is_file() else None
    module = build(upstream, path)
    return S3prlUpstream(spec, module, device, rows_of(upstream.family, upstream.name, content))
