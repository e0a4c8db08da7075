"""What is known of a local Hugging Face folder before its weights are loaded."""

import json
import math
from collections.abc import Mapping
from pathlib import Path

from pipeline.errors import ModelError
from pipeline.models.fingerprint import code_version, folder_sha256
from pipeline.models.known.options import TEXT, split_options, with_asked
from pipeline.models.layer_names import speech_layers, text_layers
from pipeline.models.spec import ModelSpec

PREFIXES = ("hf-text:", "hf-speech:")

Config = Mapping[str, object]

# The encoder's own count first: of an encoder-decoder model, the encoder is run.
_LAYER_FIELDS = ("encoder_layers", "num_hidden_layers", "num_layers", "n_layer", "n_layers")
_DIMS_FIELDS = ("hidden_size", "n_embd", "d_model", "dim")
_TOKENIZER_FILES = ("tokenizer.json", "vocab.txt", "vocab.json", "tokenizer.model", "spiece.model")
_LICENCE = "see the model's own card"


def listed() -> tuple[ModelSpec, ...]:
    """Return nothing: each of these models needs a folder."""
    return ()


def describe(name: str) -> ModelSpec:
    """Return the spec of ``hf-text:FOLDER`` or ``hf-speech:FOLDER``, from its ``config.json``.

    Raises
    ------
    ModelError
        If there is no such folder, or it holds no model that can be run safely.
    """
    named, options = split_options(name, TEXT if name.startswith("hf-text:") else {})
    kind, _, place = named.partition(":")
    folder = Path(place).expanduser().resolve()
    if not place or not folder.is_dir():
        raise ModelError(
            f"{name}: expected a folder on this machine, and models are not downloaded here. "
            f"Download it first (hf download NAME --local-dir FOLDER), then ask for {kind}:FOLDER"
        )
    _require_safe_weights(folder)
    config = _read_json(folder / "config.json")
    spec = _text_spec(folder, config) if kind == "hf-text" else _speech_spec(folder, config)
    return with_asked(spec, options)


def _require_safe_weights(folder: Path) -> None:
    if any(folder.glob("*.safetensors")):
        return
    if any(path for suffix in ("bin", "pt", "ckpt") for path in folder.glob(f"*.{suffix}")):
        raise ModelError(
            f"{folder}: its weights are pickled, and a pickle can run any code on this machine. If "
            "you trust it, convert it: load it with transformers' AutoModel.from_pretrained, then "
            "save_pretrained writes model.safetensors; or download the safetensors file"
        )
    raise ModelError(f"{folder}: expected model.safetensors, found no weights")


def _text_spec(folder: Path, config: Config) -> ModelSpec:
    if not any((folder / name).is_file() for name in _TOKENIZER_FILES):
        raise ModelError(
            f"{folder}: expected a tokenizer ({', '.join(_TOKENIZER_FILES)}), found none; "
            "download it into the same folder"
        )
    return ModelSpec(
        name=f"hf-text:{folder}",
        family="text_transformer",
        modality="text",
        layer_names=text_layers(_number(folder, config, _LAYER_FIELDS)),
        dims=_number(folder, config, _DIMS_FIELDS),
        fingerprint=_fingerprint(folder),
        source=str(folder),
        licence=_LICENCE,
        description=f"{config.get('model_type')} text model in the folder {folder.name}",
    )


def _speech_spec(folder: Path, config: Config) -> ModelSpec:
    strides = config.get("conv_stride")
    if not isinstance(strides, list) or not isinstance(config.get("conv_kernel"), list):
        raise ModelError(
            f"{folder}: config.json (model_type {config.get('model_type')}) has no conv_stride and "
            "conv_kernel; expected an encoder like wav2vec 2.0, HuBERT or WavLM"
        )
    extractor = _read_json(folder / "preprocessor_config.json")
    return ModelSpec(
        name=f"hf-speech:{folder}",
        family="speech_transformer",
        modality="speech",
        layer_names=speech_layers(_number(folder, config, _LAYER_FIELDS)),
        dims=_number(folder, config, _DIMS_FIELDS),
        fingerprint=_fingerprint(folder),
        sample_rate_hz=_number(folder, extractor, ("sampling_rate",)),
        stride_samples=math.prod(strides),
        source=str(folder),
        licence=_LICENCE,
        description=f"{config.get('model_type')} speech model in the folder {folder.name}",
    )


def _fingerprint(folder: Path) -> str:
    return f"sha256 {folder_sha256(folder)}, {code_version('torch', 'transformers')}"


def _number(folder: Path, config: Config, fields: tuple[str, ...]) -> int:
    for field in fields:
        value = config.get(field)
        if isinstance(value, int) and value > 0:
            return value
    raise ModelError(f"{folder}: its configuration has no {' or '.join(fields)}")


def _read_json(path: Path) -> Config:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(
            f"{path}: expected the file that Hugging Face models come with ({error}); download "
            "the whole model again"
        ) from error
    if not isinstance(content, dict):
        raise ModelError(f"{path}: expected a JSON object, found {type(content).__name__}")
    return content
