"""Models of s3prl by its own names; of its zoo, the acoustic baselines that need no weights."""

from pipeline.errors import ModelError
from pipeline.models.fingerprint import code_version
from pipeline.models.known.names import did_you_mean
from pipeline.models.spec import ModelSpec

PREFIXES = ("s3prl:",)

_BASELINES = (
    ("fbank", 240, "log mel filterbank (fbank)", "80 log mel bands with deltas"),
    ("mfcc", 39, "cepstral coefficients (mfcc)", "13 cepstral coefficients with deltas"),
    ("mel", 80, "log mel spectrogram (mel)", "80 log mel bands of a centred Fourier transform"),
    ("spectrogram", 257, "log power spectrogram", "257 frequencies of Kaldi's spectrogram"),
)


def listed() -> tuple[ModelSpec, ...]:
    """Return every upstream that needs no path."""
    return baselines()


def baselines() -> tuple[ModelSpec, ...]:
    """Return the acoustic features, which are computed and need no weights."""
    return tuple(_baseline(*row) for row in _BASELINES)


def describe(name: str) -> ModelSpec:
    """Return the spec of a baseline.

    Raises
    ------
    ModelError
        If there is no such upstream.
    """
    found = {spec.name: spec for spec in listed()}
    if name not in found:
        raise ModelError(f"s3prl has no upstream {name!r}; {did_you_mean(name, found)}")
    return found[name]


def _baseline(name: str, dims: int, layer: str, description: str) -> ModelSpec:
    return ModelSpec(
        name=f"s3prl:{name}",
        family="s3prl_upstream",
        modality="audio",
        layer_names=(f"0: {layer}",),
        dims=dims,
        fingerprint=f"{name}, {code_version('s3prl', 'torch', 'torchaudio')}",
        sample_rate_hz=16_000,
        stride_samples=160,
        source="computed from the waveform",
        licence="Apache-2.0",
        description=f"{description}, normalised over the recording",
    )
