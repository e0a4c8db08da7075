"""What is known of a Hugging Face model on this machine before its weights are loaded."""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pipeline.errors import ModelError
from pipeline.models.fingerprint import code_version, folder_sha256
from pipeline.models.hub_download import fetch as download
from pipeline.models.known.options import TEXT, split_options, with_asked
from pipeline.models.known.places import locate, repository_of
from pipeline.models.layer_names import speech_layers, text_layers
from pipeline.models.spec import ModelSpec

Kind = Literal["text", "speech"]

# What the files are to say is None.
_KINDS: Mapping[str, Kind | None] = {"hf-text": "text", "hf-speech": "speech", "hf": None}
PREFIXES = tuple(f"{kind}:" for kind in _KINDS)

Config = Mapping[str, object]

# The encoder's own count first: of an encoder-decoder model, the encoder is run.
_LAYER_FIELDS = ("encoder_layers", "num_hidden_layers", "num_layers", "n_layer", "n_layers")
_DIMS_FIELDS = ("hidden_size", "n_embd", "d_model", "dim")
_TOKENIZER_FILES = ("tokenizer.json", "vocab.txt", "vocab.json", "tokenizer.model", "spiece.model")
_LICENCE = "see the model's own card"


def listed() -> tuple[ModelSpec, ...]:
    """Return nothing: each of these models is a folder, or one of a million on the hub."""
    return ()


def describe(name: str) -> ModelSpec:
    """Return the spec of a folder or of a hub model on this machine, from its ``config.json``.

    Parameters
    ----------
    name : str
        ``hf-text:`` or ``hf-speech:``, or ``hf:`` where the files are to say which, then a folder
        or ``ORG/NAME[@REVISION]``. The spec's name has the kind.

    Raises
    ------
    ModelError
        If it is not on this machine, or is no model that can be run safely.
    """
    base, _, query = name.partition("?")
    asked, _, place = base.partition(":")
    found = locate(base)
    kind = _KINDS[asked] or ("speech" if _hears(found.folder) else "text")
    named = f"hf-{kind}:{place if found.weights else found.folder}"
    asked_name = f"{named}?{query}" if "?" in name else named
    _, options = split_options(asked_name, TEXT if kind == "text" else {})
    return with_asked(describe_folder(found.folder, kind, named, found.weights), options)


def fetch(name: str) -> ModelSpec:
    """Download a hub model, or what is missing of it, with progress; return its spec.

    Raises
    ------
    ModelError
        If it is no hub model, cannot be downloaded, or cannot be run safely.
    """
    base = name.partition("?")[0]
    if not Path(base.partition(":")[2]).expanduser().is_dir():
        download(*repository_of(base))
    return describe(name)


def describe_folder(folder: Path, kind: Kind, name: str, weights: str | None = None) -> ModelSpec:
    """Return the spec of the model in `folder`, called `name`.

    Parameters
    ----------
    folder : Path
        As ``save_pretrained`` writes it or the hub's cache keeps it.
    kind : {"text", "speech"}
    name : str
    weights : str, optional
        What tells these weights from others, such as a revision; by default the hash of all files.

    Raises
    ------
    ModelError
        If the folder holds no model of this kind that can be run safely.
    """
    _require_safe_weights(folder)
    config = _read_json(folder / "config.json")
    weights = weights or f"sha256 {folder_sha256(folder)}"
    fingerprint = f"{weights}, {code_version('torch', 'transformers')}"
    return (_text_spec if kind == "text" else _speech_spec)(folder, config, name, fingerprint)


def _hears(folder: Path) -> bool:
    """Return whether the model in `folder` comes with what reads recordings for it."""
    # transformers 5 writes a model that also has a tokenizer with one file for both.
    files = [folder / "preprocessor_config.json", folder / "processor_config.json"]
    known = [_read_json(file) for file in files if file.is_file()]
    return any({"sampling_rate", "feature_extractor"} & each.keys() for each in known)


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


def _text_spec(folder: Path, config: Config, name: str, fingerprint: str) -> ModelSpec:
    if not any((folder / name).is_file() for name in _TOKENIZER_FILES):
        raise ModelError(
            f"{folder}: expected a tokenizer ({', '.join(_TOKENIZER_FILES)}), found none; "
            "download it into the same folder"
        )
    return ModelSpec(
        name=name,
        family="text_transformer",
        modality="text",
        layer_names=text_layers(_number(folder, config, _LAYER_FIELDS)),
        dims=_number(folder, config, _DIMS_FIELDS),
        fingerprint=fingerprint,
        source=str(folder),
        licence=_LICENCE,
        description=f"{config.get('model_type')} text model {Path(name).name}",
    )


def _speech_spec(folder: Path, config: Config, name: str, fingerprint: str) -> ModelSpec:
    strides = config.get("conv_stride")
    if not isinstance(strides, list) or not isinstance(config.get("conv_kernel"), list):
        raise ModelError(
            f"{folder}: config.json (model_type {config.get('model_type')}) has no conv_stride and "
            "conv_kernel; expected an encoder like wav2vec 2.0, HuBERT or WavLM"
        )
    extractor = _read_json(folder / "preprocessor_config.json")
    return ModelSpec(
        name=name,
        family="speech_transformer",
        modality="speech",
        layer_names=speech_layers(_number(folder, config, _LAYER_FIELDS)),
        dims=_number(folder, config, _DIMS_FIELDS),
        fingerprint=fingerprint,
        sample_rate_hz=_number(folder, extractor, ("sampling_rate",)),
        stride_samples=math.prod(strides),
        source=str(folder),
        licence=_LICENCE,
        description=f"{config.get('model_type')} speech model {Path(name).name}",
    )


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
