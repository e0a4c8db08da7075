"""What is known of a Hugging Face model on this machine before its weights are loaded."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pipeline.errors import ModelError
from pipeline.models.fingerprint import code_version, folder_sha256
from pipeline.models.hub_download import fetch as download
from pipeline.models.known.config_files import Config, layer_count, read_json, width
from pipeline.models.known.hearing import describe_hearing, hears
from pipeline.models.known.options import TEXT, split_options, with_asked
from pipeline.models.known.places import locate, repository_of
from pipeline.models.layer_names import text_layers
from pipeline.models.spec import ModelSpec

Kind = Literal["text", "speech"]

# What the files are to say is None.
_KINDS: Mapping[str, Kind | None] = {"hf-text": "text", "hf-speech": "speech", "hf": None}
PREFIXES = tuple(f"{kind}:" for kind in _KINDS)

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
    kind = _KINDS[asked] or _kind_of(found.folder)
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
    kind = kind or _kind_of(folder)
    weights = weights or f"sha256 {folder_sha256(folder)}"
    fingerprint = f"{weights}, {code_version('torch', 'transformers')}"
    spec_of = _text_spec if kind == "text" else _speech_spec
    return spec_of(folder, config, name, fingerprint)


def _kind_of(folder: Path) -> Kind:
    return "speech" if hears(read_json(folder / "config.json")) else "text"


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
