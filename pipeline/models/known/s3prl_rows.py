"""Which samples each row of an s3prl model is of, at 16 kHz, by the family of the model."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SAMPLE_RATE_HZ = 16_000  # what every s3prl upstream expects


@dataclass(frozen=True)
class Rows:
    """Windows at a constant stride.

    Attributes
    ----------
    stride_samples, window_samples : int
    before_samples, after_samples : int
        How far the first window starts before the recording, and the last may end behind it.
    fewest : int
        How many rows a recording must give.
    """

    stride_samples: int
    window_samples: int
    before_samples: int = 0
    after_samples: int = 0
    fewest: int = 1

    def count(self, samples: int) -> int:
        """Return how many rows a recording of `samples` gives."""
        room = samples + self.before_samples + self.after_samples - self.window_samples
        return max(0, room // self.stride_samples + 1)

    @property
    def shortest_samples(self) -> int:
        """The shortest recording that the model takes."""
        return self.window_samples + (self.fewest - 1) * self.stride_samples


# 25 ms every 10 ms from the recording's start. Of one row there is no deviation to divide by.
_KALDI = Rows(160, 400, fewest=2)
# The same around every tenth millisecond: the first window starts half a window early.
_CENTRED = Rows(160, 400, before_samples=200, after_samples=200, fewest=2)
# Stacks of convolutions: 1 + sum((kernel_i - 1) * prod(strides before i)) samples a window.
_WAV2VEC2, _WAV2VEC = Rows(320, 400), Rows(160, 465)
# The same as wav2vec, each layer padded: 3 + 2*5 + 1*20 + 1*40 + 1*80 samples.
_CPC = Rows(160, 465, before_samples=153, after_samples=153)
# s3prl's own window of 1 s every second is wider than words; it takes others.
BYOL_A_WINDOW_S, BYOL_A_STRIDE_S = 0.2, 0.1

_ROWS = {
    "baseline": _KALDI,
    **dict.fromkeys(("apc", "vq_apc", "npc", "decoar", "decoar_layers"), _KALDI),
    **dict.fromkeys(("mockingjay", "tera", "audio_albert"), _CENTRED),
    "decoar2": Rows(320, 400, fewest=2),
    **dict.fromkeys(("wav2vec2", "hubert", "data2vec", "wavlm", "unispeech_sat"), _WAV2VEC2),
    **dict.fromkeys(("distiller", "lighthubert", "hf_wav2vec2", "hf_hubert"), _WAV2VEC2),
    "multires_hubert": Rows(320, 400, fewest=2),
    **dict.fromkeys(("wav2vec", "vq_wav2vec"), _WAV2VEC),
    "cpc": _CPC,
    "mae_ast": Rows(320, 560),
    # Windows that begin in the recording; the last ones are filled with silence.
    "byol_a": Rows(1600, 3200, after_samples=3199),
}
_OF_NAMES = {
    **dict.fromkeys(("mel", "linear"), _CENTRED),
    "mae_ast_patch": Rows(2560, 2800),
}


def rows_of(family: str, name: str, content: Any = None) -> Rows:  # noqa: ANN401
    """Return the rows of a model.

    Parameters
    ----------
    family, name : str
        Both as in s3prl.
    content : optional
        Its checkpoint, as :func:`~pipeline.models.known.torch_file.read_torch_file` returns it:
        some families note their windows there.

    Raises
    ------
    LookupError, TypeError
        If the checkpoint is no such family's.
    """
    if content is not None and family == "mae_ast":
        frames = content["cfg"]["model"]["ast_kernel_stride_time"]
        return Rows(160 * frames, 400 + 160 * (frames - 1))
    if content is not None and family in ("mockingjay", "tera", "audio_albert"):
        return _of_reconstruction(content)
    return _OF_NAMES.get(name, _ROWS[family])


def _of_reconstruction(content: Mapping[str, Any]) -> Rows:
    config = content["Config"]
    audio = (config if "transformer" in config else content["Upstream_Config"])["audio"]
    if "kaldi" in audio:
        times = audio["kaldi"][audio["kaldi"]["feat_type"]]
        window_ms, stride_ms = times.get("frame_length", 25.0), times.get("frame_shift", 10.0)
    else:
        window_ms, stride_ms = audio["win_ms"], audio["hop_ms"]
    window, stride = (round(ms * SAMPLE_RATE_HZ / 1000) for ms in (window_ms, stride_ms))
    around = 0 if "kaldi" in audio else window // 2
    return Rows(stride, window, around, around, fewest=2)
