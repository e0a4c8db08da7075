"""What is known of a local Hugging Face folder before its weights are loaded."""

from pathlib import Path
from typing import Literal

from pipeline.errors import ModelError
from pipeline.models.fingerprint import code_version, folder_sha256
from pipeline.models.known.config_files import Config, layer_count, read_json, width
from pipeline.models.known.hearing import describe_hearing, hears
from pipeline.models.known.options import TEXT, split_options, with_asked
from pipeline.models.layer_names import text_layers
from pipeline.models.spec import ModelSpec

PREFIXES = ("hf-text:", "hf-speech:")

Kind = Literal["text", "speech"]

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
    asked: Kind = "text" if kind == "hf-text" else "speech"
    return with_asked(describe_folder(folder, asked, f"{kind}:{folder}"), options)


def describe_folder(
    folder: Path, kind: Kind | None, name: str, weights: str | None = None
) -> ModelSpec:
    """Return the spec of the model in `folder`, called `name`.

    Parameters
    ----------
    folder : Path
        As ``save_pretrained`` writes it or ``hf download`` fetches it.
    kind : {"text", "speech", None}
        What the model was asked for as; None: what its ``config.json`` says.
    name : str
    weights : str, optional
        What tells these weights from others, such as a revision; by default the hash of all files.

    Raises
    ------
    ModelError
        If the folder holds no model of this kind that can be run safely.
    """
    _require_safe_weights(folder)
    config = read_json(folder / "config.json")
    if kind is None:
        kind = "speech" if hears(config) else "text"
    weights = weights or f"sha256 {folder_sha256(folder)}"
    fingerprint = f"{weights}, {code_version('torch', 'transformers')}"
    spec_of = _text_spec if kind == "text" else _speech_spec
    return spec_of(folder, config, name, fingerprint)


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
    if hears(config):
        raise ModelError(
            f"{folder}: expected a text model, found model_type {config.get('model_type')}, which "
            "hears; ask for hf-speech:FOLDER"
        )
    if not any((folder / file).is_file() for file in _TOKENIZER_FILES):
        raise ModelError(
            f"{folder}: expected a tokenizer ({', '.join(_TOKENIZER_FILES)}), found none; "
            "download it into the same folder"
        )
    return ModelSpec(
        name=name,
        family="text_transformer",
        modality="text",
        layer_names=text_layers(layer_count(folder, config)),
        dims=width(folder, config),
        fingerprint=fingerprint,
        source=str(folder),
        licence=_LICENCE,
        description=f"{config.get('model_type')} text model in the folder {folder.name}",
    )


def _speech_spec(folder: Path, config: Config, name: str, fingerprint: str) -> ModelSpec:
    hearing = describe_hearing(folder, config)
    return ModelSpec(
        name=name,
        family=hearing.family,
        modality=hearing.modality,
        layer_names=hearing.layer_names,
        dims=hearing.dims,
        fingerprint=fingerprint,
        sample_rate_hz=hearing.sample_rate_hz,
        stride_samples=hearing.stride_samples,
        source=str(folder),
        licence=_LICENCE,
        description=f"{config.get('model_type')} {hearing.modality} model in the folder "
        f"{folder.name}",
    )
