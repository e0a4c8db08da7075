"""Models of s3prl by its own names: computed features, its zoo, and local checkpoints."""

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

from pipeline.errors import ModelError
from pipeline.models.fingerprint import code_version, file_sha256
from pipeline.models.known import hugging_face
from pipeline.models.known.names import did_you_mean
from pipeline.models.known.s3prl_families import left_out, licence, remark
from pipeline.models.known.s3prl_files import downloaded, remembered_sha256
from pipeline.models.known.s3prl_layers import (
    UNKNOWN,
    Layers,
    layers_of,
    released_layers,
)
from pipeline.models.known.s3prl_rows import SAMPLE_RATE_HZ, Rows, rows_of
from pipeline.models.known.s3prl_zoo import Upstream, upstreams
from pipeline.models.known.torch_file import read_torch_file
from pipeline.models.spec import ModelSpec

PREFIXES = ("s3prl:",)

_NORMALISED = "normalised over the recording"
_FBANK = "log mel filterbank (fbank)"
_BASELINES = (
    ("fbank", 240, _FBANK, f"80 log mel bands with deltas, {_NORMALISED}"),
    (
        *("mfcc", 39, "cepstral coefficients (mfcc)"),
        f"13 cepstral coefficients with deltas, {_NORMALISED}",
    ),
    (
        *("mel", 80, "log mel spectrogram (mel)"),
        f"80 log mel bands of a centred Fourier transform, {_NORMALISED}",
    ),
    (
        *("spectrogram", 257, "log power spectrogram"),
        f"257 frequencies of Kaldi's spectrogram, {_NORMALISED}",
    ),
)
_MORE_FEATURES = (
    (
        *("linear", 201, "log power spectrogram"),
        f"201 frequencies of a centred Fourier transform, {_NORMALISED}",
    ),
    ("fbank_no_cmvn", 240, _FBANK, "80 log mel bands with deltas, not normalised"),
    ("baseline", 240, _FBANK, "s3prl's other name of fbank"),
)
_HUGGING_FACE = {"hf_wav2vec2": "wav2vec2", "hf_hubert": "hubert"}  # their model_type


def baselines() -> tuple[ModelSpec, ...]:
    """Return the acoustic features that studies compare with: computed, without weights."""
    return tuple(_feature(*row) for row in _BASELINES)


def listed() -> tuple[ModelSpec, ...]:
    """Return every upstream that needs no path, on this machine or not."""
    features = (*_BASELINES, *_MORE_FEATURES)
    zoo = (upstream for upstream in upstreams().values() if _is_released(upstream))
    return (*(_feature(*row) for row in features), *map(_released, zoo))


def describe(name: str) -> ModelSpec:
    """Return the spec of an upstream, ``s3prl:NAME``, or of a checkpoint of its kind.

    Parameters
    ----------
    name : str
        ``s3prl:NAME``, NAME as in s3prl; or ``s3prl:NAME_local:PATH`` (s3prl's ``NAME_custom`` is
        the same), PATH a checkpoint in s3prl's layout; ``s3prl:hf_hubert_custom:FOLDER`` and
        ``hf_wav2vec2_custom`` take a Hugging Face folder.

    Raises
    ------
    ModelError
        If there is no such upstream, it does not run here, or the checkpoint is not of it.
    """
    base, _, place = name.removeprefix("s3prl:").partition(":")
    features = {row[0]: row for row in (*_BASELINES, *_MORE_FEATURES)}
    upstream = upstreams().get(base)
    if upstream is None and base not in features:
        raise ModelError(_unknown(name, base))
    if upstream is None or (upstream.family == "baseline" and base in features):
        _require_no_path(name, base, place)
        return _feature(*features[base])
    reason = left_out(upstream.family)
    if reason or upstream.family == "baseline":
        raise ModelError(f"s3prl:{base} is not offered: {reason or 'it needs a configuration'}")
    if upstream.takes_checkpoint:
        return _local(upstream, place)
    _require_no_path(name, base, place)
    return _released(upstream)


def _is_released(upstream: Upstream) -> bool:
    runs = upstream.family != "baseline" and not left_out(upstream.family)
    return runs and not upstream.takes_checkpoint


def _unknown(name: str, base: str) -> str:
    offered = [u.name for u in upstreams().values() if not left_out(u.family)]
    known = [f"s3prl:{name}" for name in offered] or [spec.name for spec in baselines()]
    hint = did_you_mean(f"s3prl:{base}", known)
    if not offered:
        hint += "s3prl is not installed; run: pip install s3prl==0.4.18"
    return f"s3prl has no upstream {name!r}; {hint}python -m pipeline models list shows all"


def _require_no_path(name: str, base: str, place: str) -> None:
    if place:
        raise ModelError(
            f"{name}: s3prl:{base} has weights of its own; for a checkpoint at a path, ask for "
            "s3prl:KIND_local:PATH, for example s3prl:wav2vec2_local:PATH"
        )


def _feature(name: str, dims: int, layer: str, description: str) -> ModelSpec:
    return ModelSpec(
        name=f"s3prl:{name}",
        family="s3prl_upstream",
        modality="audio",
        layer_names=(f"0: {layer}",),
        dims=dims,
        fingerprint=f"{name}, {_code()}",
        sample_rate_hz=SAMPLE_RATE_HZ,
        stride_samples=rows_of("baseline", name).stride_samples,
        source="computed from the waveform",
        licence=licence("baseline"),
        description=description,
    )


def _released(upstream: Upstream) -> ModelSpec:
    """Return the spec of an upstream with the weights that s3prl downloads."""
    (address,) = upstream.addresses
    path = downloaded(address)
    if path.is_file():
        return _model(upstream, upstream.name, path, remembered_sha256(path))
    return replace(
        _model(upstream, upstream.name, None, "none"),
        fingerprint="not on this machine",
        source=address,
        on_disk=False,
    )


def _local(upstream: Upstream, place: str) -> ModelSpec:
    """Return the spec of a checkpoint at a path."""
    if not place:
        raise ModelError(
            f"s3prl:{upstream.name} needs a checkpoint: ask for s3prl:{upstream.name}:PATH"
        )
    path = Path(place).expanduser().resolve()
    if upstream.family in _HUGGING_FACE:
        return _of_folder(upstream, path)
    if not path.is_file():
        found = "a folder" if path.is_dir() else "nothing"
        raise ModelError(
            f"s3prl:{upstream.name}:{path}: expected a checkpoint file there, found {found}"
        )
    return _model(upstream, f"{upstream.name}:{path}", path, file_sha256(path))


def _of_folder(upstream: Upstream, folder: Path) -> ModelSpec:
    """Return the spec of a Hugging Face folder that s3prl runs."""
    spec = hugging_face.describe(f"hf-speech:{folder}")
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    if config["model_type"] != _HUGGING_FACE[upstream.family]:
        raise ModelError(
            f"s3prl:{upstream.name}:{folder}: expected a model of type "
            f"{_HUGGING_FACE[upstream.family]}, found {config['model_type']}"
        )
    # s3prl takes the list of transformers 5 as it is, which ends before the last normalisation.
    ending = ", not normalised" if config.get("do_stable_layer_norm") else ""
    return replace(
        spec,
        name=f"s3prl:{upstream.name}:{folder}",
        family="s3prl_upstream",
        layer_names=(*spec.layer_names[:-1], spec.layer_names[-1] + ending),
        fingerprint=f"s3prl {upstream.family}, {spec.fingerprint}, {_code()}",
        licence=licence(upstream.family),
        description=f"{spec.description}, run by s3prl",
    )


def _model(upstream: Upstream, name: str, path: Path | None, sha256: str) -> ModelSpec:
    layers, rows = _read(upstream, path)
    return ModelSpec(
        name=f"s3prl:{name}",
        family="s3prl_upstream",
        modality="audio" if upstream.family in ("mae_ast", "byol_a") else "speech",
        layer_names=layers.names,
        dims=layers.dims,
        fingerprint=f"s3prl {upstream.family}, sha256 {sha256}, {_code()}",
        sample_rate_hz=SAMPLE_RATE_HZ,
        stride_samples=rows.stride_samples,
        source=str(path),
        licence=licence(upstream.family),
        description=_description(upstream, path),
    )


def _description(upstream: Upstream, path: Path | None) -> str:
    place = f" in the file {path.name}" if path and upstream.takes_checkpoint else ""
    parts = (f"{upstream.family} model{place}, run by s3prl", remark(upstream.family))
    return "; ".join(part for part in parts if part)


def _read(upstream: Upstream, path: Path | None) -> tuple[Layers, Rows]:
    """Return layers and rows: of a well-known checkpoint without reading it, else from the file."""
    family, layers = upstream.family, released_layers(upstream.name)
    if path is None or layers is not None:
        return layers or UNKNOWN, rows_of(family, upstream.name)
    content = read_torch_file(path)
    try:
        return layers_of(family, content), rows_of(family, upstream.name, content)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        found = sorted(map(str, content)) if isinstance(content, dict) else type(content).__name__
        raise ModelError(
            f"{path}: expected a checkpoint in s3prl's layout of {family}, found {found[:8]}, "
            f"without {error}; is it of another family, or was it not converted to s3prl's layout?"
        ) from error


@cache
def _code() -> str:
    return code_version("s3prl", "torch", "torchaudio")
