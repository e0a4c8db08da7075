"""From a model's name to the loaded model: the only importer of the model families."""

from importlib import import_module

from pipeline.errors import ModelError
from pipeline.models import minilm
from pipeline.models.catalogue import find_model
from pipeline.models.extractor import Model
from pipeline.models.known.options import split_precision
from pipeline.models.spec import ModelSpec


def open_model(name_or_spec: str | ModelSpec, device: str | None = None) -> Model:
    """Load a model; nothing is downloaded.

    Parameters
    ----------
    name_or_spec : str or ModelSpec
        A name as :func:`pipeline.models.catalogue.find_model` takes it, or what it returned.
    device : str, optional
        Where torch runs it; None: ``"cuda"`` where there is one, else ``"cpu"``.

    Raises
    ------
    ModelError
        If there is no such model, its weights are not the expected ones or cannot be loaded, or it
        is a control.
    """
    name = name_or_spec if isinstance(name_or_spec, str) else name_or_spec.name
    spec = find_model(name)
    if isinstance(name_or_spec, ModelSpec):
        _require_same(name_or_spec, spec)
    if spec.modality == "control":
        raise ModelError(
            f"{spec.name} is made from the rows of a comparison and hears nothing; there is "
            "nothing to open (pipeline.models.control makes its vectors)"
        )
    if not spec.on_disk:
        raise ModelError(
            f"{spec.name} is not on this machine; run: python -m pipeline models fetch {spec.name}"
        )
    if spec.name == "minilm":
        minilm.checked_folder()
    plain, precision = split_precision(spec.name)
    # By name, so that one family's libraries are loaded and no other's.
    family = import_module(f"pipeline.models.{spec.family}")
    model: Model = family.load(find_model(plain), device or _default_device())
    if precision == "fp32":
        return model
    autocast = import_module("pipeline.models.precision")
    mixed: Model = autocast.in_precision(model, spec, precision)
    return mixed


def _require_same(asked: ModelSpec, found: ModelSpec) -> None:
    if asked.fingerprint != found.fingerprint:
        raise ModelError(
            f"{asked.name}: expected fingerprint {asked.fingerprint}, found {found.fingerprint}: "
            "its files or a library have changed since, or are others on this machine; ask again"
        )


def _default_device() -> str:
    import torch  # noqa: PLC0415 - this module is imported where models are only named

    return "cuda" if torch.cuda.is_available() else "cpu"
