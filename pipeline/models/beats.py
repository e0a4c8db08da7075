"""BEATs, by speechbrain: patches of a mel spectrogram, 8 bands for every 160 ms."""

import os
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float32

from pipeline.errors import ModelError
from pipeline.models.batching import Heard, HearingModel
from pipeline.models.checkpoint import first_lines, load_checkpoint
from pipeline.models.device import inference
from pipeline.models.hidden_states import checked_layers
from pipeline.models.known.beats import (
    COLUMN_STRIDE_SAMPLES,
    COLUMN_WINDOW_SAMPLES,
    PATCH,
    SAMPLE_RATE_HZ,
)
from pipeline.models.spec import ModelSpec
from pipeline.models.waveform import resample
from pipeline.time_axis import FrameTimes

BANDS = 128 // PATCH


class Beats(HearingModel):
    """A BEATs that hears one recording at a time.

    Parameters
    ----------
    spec : ModelSpec
    model : torch.nn.Module
        ``speechbrain.lobes.models.beats.BEATs`` with ``output_all_hiddens``.
    device : str
    """

    def __init__(self, spec: ModelSpec, model: torch.nn.Module, device: str) -> None:
        self.spec = spec
        self._model = model.eval().to(device)
        self.device = torch.device(device)

    def hear_one(self, waveform: Float32[np.ndarray, " samples"], sample_rate: int) -> Heard:
        """Return every layer: row ``8 * column + band``, from the lowest band up.

        Samples after the last whole column (160 ms) are heard by no row.

        Raises
        ------
        ModelError
            If the recording is shorter than a column, or the model is not what its spec announces.
        """
        samples = resample(waveform, sample_rate, SAMPLE_RATE_HZ)
        if len(samples) < COLUMN_WINDOW_SAMPLES:
            raise ModelError(
                f"{self.spec.name}: the recording has {len(samples)} samples at {SAMPLE_RATE_HZ} "
                f"Hz, expected at least {COLUMN_WINDOW_SAMPLES}; leave it out"
            )
        with inference():
            heard = torch.tensor(samples, device=self.device)[None]
            # The relative lengths: None, their default, fails.
            whole = torch.ones(1, device=self.device)
            hidden_states = self._model.extract_features(heard, whole)[0]  # type: ignore[operator]
        # They are (layers, rows, 1, dim), whatever speechbrain's documentation says.
        layers = checked_layers(self.spec, [state.transpose(0, 1) for state in hidden_states])
        return Heard(layers, (row_times(layers.counts[0]),))


def row_times(rows: int) -> FrameTimes:
    """Return what each row saw: the 8 bands of a column saw the same samples."""
    columns = FrameTimes.regular(
        rows // BANDS,
        sample_rate_hz=SAMPLE_RATE_HZ,
        stride_samples=COLUMN_STRIDE_SAMPLES,
        window_samples=COLUMN_WINDOW_SAMPLES,
    )
    return replace(
        columns,
        start_samples=np.repeat(columns.start_samples, BANDS),
        end_samples=np.repeat(columns.end_samples, BANDS),
    )


def load(spec: ModelSpec, device: str) -> Beats:
    """Return the model in the checkpoint ``spec.source``, ``{"cfg": dict, "model": state dict}``.

    Raises
    ------
    ModelError
        If speechbrain is not installed, or the file is no such checkpoint.
    """
    path = Path(spec.source)
    checkpoint = load_checkpoint(path)
    if not all(isinstance(checkpoint.get(key), dict) for key in ("cfg", "model")):
        raise ModelError(
            f"{path}: expected the official layout with 'cfg' and 'model', found "
            f"{', '.join(map(str, checkpoint)) or 'nothing'}; download the official checkpoint"
        )
    architecture = _speechbrain_beats(spec)
    # speechbrain takes only a path, and would load to the device that the file was saved from.
    with tempfile.TemporaryDirectory() as folder, torch.random.fork_rng(devices=[]):
        copy = Path(folder, "beats.pt")
        torch.save({key: checkpoint[key] for key in ("cfg", "model")}, copy)
        try:
            model = architecture(str(copy), output_all_hiddens=True)
        except (RuntimeError, TypeError, ValueError, AttributeError, AssertionError) as error:
            raise ModelError(
                f"{path}: its weights do not fit its configuration: {first_lines(error)}"
            ) from error
    return Beats(spec, model, device)


def _speechbrain_beats(spec: ModelSpec) -> type[torch.nn.Module]:
    """Import speechbrain's BEATs, and keep from the rest of the process what else that does.

    The import would let every model multiply in TF32, which costs digits. It leaves modules of old
    names behind, and whoever looks at all modules, as hypothesis does, would import those.
    """
    os.environ["SB_DISABLE_QUIRKS"] = "allow_tf32,disable_jit_profiling,disable_cudnn_benchmarking"
    try:
        from speechbrain.lobes.models.beats import BEATs  # noqa: PLC0415
    except ImportError as error:
        raise ModelError(
            f"{spec.name} needs speechbrain ({error}); run: pip install speechbrain==1.1.2"
        ) from error
    for name, module in list(sys.modules.items()):
        if type(module).__name__ == "DeprecatedModuleRedirect":
            del sys.modules[name]
    return BEATs
