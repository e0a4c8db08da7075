"""What is known of BEATs: the published checkpoints, and any other in their layout."""

from pathlib import Path

from pipeline.errors import ModelError
from pipeline.models.fingerprint import code_version, file_sha256
from pipeline.models.hub import cached_file
from pipeline.models.known.names import did_you_mean
from pipeline.models.known.tensors import Shapes, layer_count, tensor_shapes
from pipeline.models.layer_names import speech_layers
from pipeline.models.spec import ModelSpec

PREFIXES = ("beats:",)

REPOSITORY = "lpepino/beats_ckpts"
# Self-supervised, then, by their file names, fine-tuned to tag the sounds of AudioSet.
_NAMES = (
    "BEATs_iter1",
    "BEATs_iter2",
    "BEATs_iter3",
    "BEATs_iter3+_AS20K",
    "BEATs_iter3+_AS2M",
    "BEATs_iter3_finetuned_on_AS2M_cpt1",
    "BEATs_iter3_finetuned_on_AS2M_cpt2",
    "BEATs_iter3+_AS2M_finetuned_on_AS2M_cpt1",
    "BEATs_iter3+_AS2M_finetuned_on_AS2M_cpt2",
)
_DOWNLOAD_BYTES = {"BEATs_iter3+_AS2M": 361_499_833}
_LAYERS, _DIMS = 12, 768  # of all published ones

SAMPLE_RATE_HZ = 16_000
# A patch is 16 frames of 10 ms (each seeing 25 ms) by 16 of the 128 mel bands.
PATCH = 16
COLUMN_STRIDE_SAMPLES = 2560
COLUMN_WINDOW_SAMPLES = 2800

_PACKAGES = ("speechbrain", "torch", "torchaudio")
_LICENCE = "MIT (microsoft/unilm)"


def listed() -> tuple[ModelSpec, ...]:
    """Return the published checkpoints, on this machine or not."""
    return tuple(_published(name) for name in _NAMES)


def hub_files(name: str) -> tuple[str, tuple[str, ...]]:
    """Return the repository of a published checkpoint, and its file there."""
    return REPOSITORY, (f"{_bare(name).replace('+', '_plus')}.pt",)


def describe(name: str) -> ModelSpec:
    """Return the spec of ``beats:NAME``, published, or ``beats:FILE``, a checkpoint.

    Raises
    ------
    ModelError
        If it is neither, or the file is none of BEATs.
    """
    bare = _bare(name)
    if bare in _NAMES:
        return _published(bare)
    path = Path(name.removeprefix("beats:")).expanduser().resolve()
    if not path.is_file():
        hint = did_you_mean(bare, _NAMES)
        raise ModelError(
            f"{name}: expected a checkpoint file, or one of {', '.join(_NAMES)}; {hint}found "
            "neither; check the path"
        )
    layers, dims = _sizes(path, tensor_shapes(path))
    return _spec(f"beats:{path}", layers, dims, path, f"BEATs in the file {path.name}")


def _bare(name: str) -> str:
    """Return a published name without its prefix, in the spelling of the paper."""
    return name.removeprefix("beats:").removesuffix(".pt").replace("_plus", "+")


def _published(name: str) -> ModelSpec:
    repository, (filename,) = hub_files(name)
    # Copies were also named as in the paper.
    path = cached_file(repository, filename) or cached_file(repository, f"{name}.pt")
    kind = "fine-tuned to tag sounds" if "finetuned" in name else "self-supervised"
    return _spec(f"beats:{name}", _LAYERS, _DIMS, path, f"{name}, general audio, {kind}")


def _sizes(path: Path, shapes: Shapes) -> tuple[int, int]:
    layers = layer_count(shapes, "encoder.layers.{}.fc1.bias")
    dims = shapes.get("encoder.layer_norm.bias", ())
    patch = shapes.get("patch_embedding.weight", ())[2:]
    if not layers or len(dims) != 1 or patch != (PATCH, PATCH):
        raise ModelError(
            f"{path}: expected a checkpoint of BEATs (encoder.layers.0.fc1.bias, "
            f"patch_embedding.weight of {PATCH} x {PATCH}, ...), found {len(shapes)} tensors "
            f"({next(iter(shapes), 'none')}, ...); is it of another model?"
        )
    return layers, dims[0]


def _spec(name: str, layers: int, dims: int, path: Path | None, description: str) -> ModelSpec:
    bare = name.removeprefix("beats:")
    return ModelSpec(
        name=name,
        family="beats",
        modality="audio",
        layer_names=speech_layers(layers),
        dims=dims,
        fingerprint=f"sha256 {file_sha256(path)}, {code_version(*_PACKAGES)}"
        if path
        else "not on this machine",
        sample_rate_hz=SAMPLE_RATE_HZ,
        stride_samples=COLUMN_STRIDE_SAMPLES,
        source=str(path or f"{REPOSITORY} on the Hugging Face hub"),
        licence=_LICENCE,
        description=description,
        download_bytes=_DOWNLOAD_BYTES.get(bare),
        on_disk=path is not None,
    )
