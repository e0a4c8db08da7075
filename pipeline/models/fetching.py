"""Bring a model to this machine, by whatever the kind of its name knows of."""

from pipeline.errors import ModelError
from pipeline.models.catalogue import find_model, kind_of, model_names
from pipeline.models.spec import ModelSpec


def fetch_model(name: str) -> ModelSpec:
    """Download what a model lacks on this machine, with progress; return its spec.

    Raises
    ------
    ModelError
        If there is no such model, or it cannot be downloaded.
    """
    if name.partition("?")[0] not in model_names():
        fetch = getattr(kind_of(name), "fetch", None)
        if fetch is not None:
            fetched: ModelSpec = fetch(name)
            return fetched
    spec = find_model(name)
    if not spec.on_disk:
        raise ModelError(
            f"{name} cannot be downloaded by LayerScope; get it from {spec.source}, and name the "
            "file or folder"
        )
    return spec
