"""What a bundle says of its models: plain values, checked, and no weights."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, get_args

from pipeline.bundle import Bundle
from pipeline.errors import BundleError, ModelError
from pipeline.models.spec import Modality, ModelSpec

_TEXTS = ("name", "family", "fingerprint", "source", "licence", "description")
_NUMBERS = ("sample_rate_hz", "stride_samples", "download_bytes")


def bundled_spec(bundle: Bundle, name: str) -> ModelSpec:
    """Return what a bundle says of a model.

    Raises
    ------
    ModelError
        If it is not of the bundle.
    BundleError
        If what the bundle says of its models is damaged.
    """
    known = bundled_models(bundle)
    if name not in known:
        raise ModelError(f"{name!r} is no model of this bundle; it has {', '.join(known)}")
    return known[name]


def bundled_models(bundle: Bundle) -> Mapping[str, ModelSpec]:
    """Return a bundle's models by name.

    Raises
    ------
    BundleError
        If what it says of them is damaged.
    """
    try:
        specs = [_spec(values) for values in bundle.models]
    except (LookupError, TypeError, ValueError, AttributeError, ModelError) as error:
        raise BundleError(
            f"{bundle.folder}: what it says of a model is damaged ({error!r}); publish it again"
        ) from error
    return {spec.name: spec for spec in specs}


def spec_values(spec: ModelSpec) -> dict[str, Any]:
    """Return what is known of a model as plain values, which a bundle keeps."""
    return {**asdict(spec), "options": dict(spec.options), "layer_names": list(spec.layer_names)}


def _spec(said: Mapping[str, Any]) -> ModelSpec:
    modality: Modality = said["modality"]
    if modality not in get_args(Modality):
        raise ValueError(f"a model reads {modality!r}")
    texts = {name: str(said[name]) for name in _TEXTS}
    numbers = {name: None if said[name] is None else int(said[name]) for name in _NUMBERS}
    values: dict[str, Any] = {**texts, **numbers}
    # It counts as on disk, so that menus offer it; whoever shows a bundle opens no model.
    return ModelSpec(
        **values,
        modality=modality,
        layer_names=tuple(map(str, said["layer_names"])),
        dims=int(said["dims"]),
        options={str(name): str(value) for name, value in said["options"].items()},
    )
