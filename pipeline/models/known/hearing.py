"""What is known of a Hugging Face folder whose model hears, by the model type it names."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import ModelError
from pipeline.models.known.config_files import (
    Config,
    extractor_config,
    layer_count,
    number,
    numbers,
    width,
)
from pipeline.models.layer_names import numbered, patch_layers, speech_layers
from pipeline.models.spec import Modality


@dataclass(frozen=True)
class Hearing:
    """What a spec says of a model that hears.

    Attributes
    ----------
    family : str
        The module of :mod:`pipeline.models` that runs it.
    stride_samples : int
        From one row to the next, as the configuration says.
    layer_names : tuple of str
    dims : int
    sample_rate_hz : int
    modality : {"speech", "audio"}
    """

    family: str
    stride_samples: int
    layer_names: tuple[str, ...]
    dims: int
    sample_rate_hz: int
    modality: Modality = "speech"


def hears(config: Config) -> bool:
    """Return whether the model that `config` is of reads waveforms."""
    model_type = str(config.get("model_type"))
    return model_type in _READERS or model_type in _REFUSED or "conv_stride" in config


def describe_hearing(folder: Path, config: Config) -> Hearing:
    """Return what the configuration files say of a model that hears.

    Raises
    ------
    ModelError
        If the model cannot be compared word by word, or a file lacks something.
    """
    model_type = str(config.get("model_type"))
    if model_type in _REFUSED:
        raise ModelError(f"{folder}: {model_type} is not word-level: {_REFUSED[model_type]}")
    if not hears(config):
        raise ModelError(
            f"{folder}: expected a model that hears, found model_type {model_type}; of a text "
            f"model ask for hf-text:FOLDER. Those that hear: {', '.join(sorted(_READERS))}, and "
            "others built like wav2vec 2.0"
        )
    extractor = extractor_config(folder)
    rate_hz = number(folder, extractor, "sampling_rate")
    reader = _READERS.get(model_type, _convolutions("after positional convolution"))
    return reader(folder, config, extractor, rate_hz)


_Reader = Callable[[Path, Config, Config, int], Hearing]


def _convolutions(first_layer: str) -> _Reader:
    def read(folder: Path, config: Config, _extractor: Config, rate_hz: int) -> Hearing:
        kernels, strides = (
            numbers(folder, config, field) for field in ("conv_kernel", "conv_stride")
        )
        if len(kernels) != len(strides):
            raise ModelError(
                f"{folder}: config.json has {len(kernels)} conv_kernel but {len(strides)} "
                "conv_stride; expected one of each for every convolution"
            )
        # SEW's transformer runs at a fraction of the rate of its convolutions.
        squeeze = number(folder, {"squeeze_factor": 1, **config}, "squeeze_factor")
        layers = speech_layers(layer_count(folder, config), first_layer)
        stride, dims = math.prod(strides) * squeeze, width(folder, config)
        return Hearing("speech_transformer", stride, layers, dims, rate_hz)

    return read


def _filterbank(folder: Path, config: Config, extractor: Config, rate_hz: int) -> Hearing:
    # A row is of several frames of a filterbank, one every 10 ms.
    stride = number(folder, extractor, "stride") * rate_hz // 100
    layers = speech_layers(layer_count(folder, config), "the projected filterbank")
    return Hearing("speech_transformer", stride, layers, width(folder, config), rate_hz)


def _whisper(folder: Path, config: Config, extractor: Config, rate_hz: int) -> Hearing:
    # The second convolution keeps every other frame of the spectrogram.
    stride = 2 * number(folder, extractor, "hop_length")
    layers = speech_layers(layer_count(folder, config), "after convolutions, plus positions")
    return Hearing("whisper_encoder", stride, layers, width(folder, config), rate_hz)


def _spectrogram(folder: Path, config: Config, _extractor: Config, rate_hz: int) -> Hearing:
    stride = number(folder, config, "time_stride") * rate_hz // 100
    layers = patch_layers(layer_count(folder, config))
    dims = width(folder, config)
    return Hearing("spectrogram_transformer", stride, layers, dims, rate_hz, "audio")


def _encodec(folder: Path, config: Config, _extractor: Config, rate_hz: int) -> Hearing:
    if config.get("audio_channels", 1) != 1 or config.get("normalize"):
        raise ModelError(
            f"{folder}: expected a codec of mono recordings like encodec_24khz, found one that "
            "hears stereo, or normalises each stretch of a recording by itself"
        )
    ratios = numbers(folder, config, "upsampling_ratios")
    inner = number(folder, config, "num_filters") * 2 ** len(ratios)
    latent = number(folder, config, "hidden_size")
    layers = numbered(
        "after the last downsampling convolution",
        "after the LSTM",
        "latent, after the final convolution" + _padding(latent, inner),
    )
    dims = max(inner, latent)
    return Hearing("audio_codec", math.prod(ratios), layers, dims, rate_hz, "audio")


def _padding(values: int, dims: int) -> str:
    return f" ({values} values, then zeros)" if values < dims else ""


def _dac(folder: Path, config: Config, _extractor: Config, rate_hz: int) -> Hearing:
    ratios = numbers(folder, config, "downsampling_ratios")
    layers = numbered(
        "after the last downsampling convolution", "latent, after the final convolution"
    )
    dims = number(folder, config, "encoder_hidden_size") * 2 ** len(ratios)
    return Hearing("audio_codec", math.prod(ratios), layers, dims, rate_hz, "audio")


def _mimi(folder: Path, config: Config, _extractor: Config, rate_hz: int) -> Hearing:
    stride = math.prod(numbers(folder, config, "upsampling_ratios"))
    layers = speech_layers(layer_count(folder, config), "after the convolutional encoder")
    return Hearing("audio_codec", stride, layers, width(folder, config), rate_hz)


_READERS: Mapping[str, _Reader] = {
    **dict.fromkeys(
        ("wav2vec2", "hubert", "wavlm", "data2vec-audio", "unispeech", "unispeech-sat"),
        _convolutions("after positional convolution"),
    ),
    **dict.fromkeys(("sew", "sew-d"), _convolutions("squeezed, after positional convolution")),
    "wav2vec2-conformer": _convolutions("the projected features"),
    "wav2vec2-bert": _filterbank,
    "whisper": _whisper,
    "audio-spectrogram-transformer": _spectrogram,
    "encodec": _encodec,
    "dac": _dac,
    "mimi": _mimi,
}

_REFUSED = dict.fromkeys(
    ("clap", "clap_audio_model"),
    "it hears a recording as one square of 10 s, in which later layers tell no words apart; "
    "leave it out, or take audio-spectrogram-transformer or another model that keeps time",
)
