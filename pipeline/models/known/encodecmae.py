"""What is known of EnCodecMAE: the published checkpoints, and any other in one of two layouts."""

from pathlib import Path

from pipeline.errors import ModelError
from pipeline.models.fingerprint import code_version, file_sha256
from pipeline.models.hub import cached_file
from pipeline.models.known.names import did_you_mean
from pipeline.models.known.tensors import Shapes, layer_count, tensor_shapes
from pipeline.models.spec import ModelSpec

PREFIXES = ("encodecmae:",)

SAMPLE_RATE_HZ = 24_000
CODEC_STRIDE_SAMPLES, MEL_STRIDE_SAMPLES = 320, 318

_SECOND_REPOSITORY = "lpepino/encodecmae-v2"
_FIRST = ("small", "base", "large", "base-st", "large-st")
_SECOND = (
    "mel256-ec-small",
    "mel256-ec-base",
    "mel256-ec-base_st",
    "mel256-ec-base_st-nopn",
    "mel256-ec-base-as",
    "mel256-ec-base-fma",
    "mel256-ec-base-ll",
    "mel256-ec-large",
    "mel256-ec-large_st",
    "ec-ec-base",
)
_SIZES = {"small": (5, 768), "base": (10, 768), "large": (20, 1024)}  # layers, dims
_DOWNLOAD_BYTES = {"base": 255_000_000}
_LICENCE = "MIT (by the tag on the hub; the code there is not used)"


def listed() -> tuple[ModelSpec, ...]:
    """Return the published checkpoints, on this machine or not."""
    return tuple(_published(name) for name in (*_FIRST, *_SECOND))


def hub_files(name: str) -> tuple[str, tuple[str, ...]]:
    """Return the repository of a published checkpoint, and its files there."""
    bare = _bare(name)
    if bare in _FIRST:
        return f"lpepino/encodecmae-{bare}", ("model.pt", "config.gin")
    return _SECOND_REPOSITORY, (f"{bare}.pt",)


def describe(name: str) -> ModelSpec:
    """Return the spec of ``encodecmae:NAME``, published, or ``encodecmae:PATH``.

    The path is a folder with ``model.pt`` and ``config.gin`` (the first generation), or a file of
    the second.

    Raises
    ------
    ModelError
        If it is neither, or holds no EnCodecMAE.
    """
    bare = _bare(name)
    if bare in (*_FIRST, *_SECOND):
        return _published(bare)
    place = Path(name.removeprefix("encodecmae:")).expanduser().resolve()
    files = (place / "model.pt", place / "config.gin") if place.is_dir() else (place,)
    missing = [str(file) for file in files if not file.is_file()]
    if missing:
        names = (*_FIRST, *_SECOND)
        raise ModelError(
            f"{name}: expected one of {', '.join(names)}, a folder with model.pt and config.gin, "
            f"or a file; {did_you_mean(bare, names)}found no {', '.join(missing)}; check the path"
        )
    shapes = tensor_shapes(files[0])
    layers, dims = _sizes(files[0], shapes)
    return _spec(
        f"encodecmae:{place}",
        sizes=(layers, dims),
        second="wav_encoder.post_net.weight" in shapes,
        mel=not any(".model.model." in name for name in shapes if name.startswith("wav_encoder.")),
        files=files,
        description=f"EnCodecMAE in {place.name}",
    )


def _bare(name: str) -> str:
    """Return a published name without its prefix, nor that of the original study."""
    return name.removeprefix("encodecmae:").removeprefix("encodecmae_")


def _published(name: str) -> ModelSpec:
    repository, filenames = hub_files(name)
    found = [cached_file(repository, filename) for filename in filenames]
    return _spec(
        f"encodecmae:{name}",
        sizes=next(sizes for size, sizes in _SIZES.items() if size in name),
        second=name in _SECOND,
        mel=name.startswith("mel"),
        files=tuple(file for file in found if file) if all(found) else (),
        description=f"EnCodecMAE {name}, general audio",
    )


def _sizes(path: Path, shapes: Shapes) -> tuple[int, int]:
    layers = layer_count(shapes, "visible_encoder.encoder_layers.{}.norm2.bias")
    dims = shapes.get("visible_encoder.final_norm.bias", ())
    if not layers or len(dims) != 1:
        raise ModelError(
            f"{path}: expected a checkpoint of EnCodecMAE (visible_encoder.final_norm.bias, ...), "
            f"found {len(shapes)} tensors ({next(iter(shapes), 'none')}, ...); is it of another "
            "model?"
        )
    return layers, dims[0]


def _layer_names(layers: int, *, second: bool) -> tuple[str, ...]:
    """Name the layers that the reference returns; only the second generation joins the last."""
    names = [f"{k}: transformer layer {k + 1}, normalised branch" for k in range(layers)]
    if second:
        names[-1] = f"{layers - 1}: transformer layer {layers}, both branches (the output)"
    return tuple(names)


def _spec(
    name: str,
    *,
    sizes: tuple[int, int],
    second: bool,
    mel: bool,
    files: tuple[Path, ...],
    description: str,
) -> ModelSpec:
    layers, dims = sizes
    hashes = " ".join(map(file_sha256, files))
    source = files[0].parent if len(files) > 1 else files[0] if files else None
    return ModelSpec(
        name=name,
        family="encodecmae",
        modality="audio",
        layer_names=_layer_names(layers, second=second),
        dims=dims,
        fingerprint=f"sha256 {hashes}, {code_version('torch', 'torchaudio', 'transformers')}"
        if files
        else "not on this machine",
        sample_rate_hz=SAMPLE_RATE_HZ,
        stride_samples=MEL_STRIDE_SAMPLES if mel else CODEC_STRIDE_SAMPLES,
        source=str(source or f"{hub_files(name)[0]} on the Hugging Face hub"),
        licence=_LICENCE,
        description=description,
        download_bytes=_DOWNLOAD_BYTES.get(_bare(name)),
        on_disk=bool(files),
    )
