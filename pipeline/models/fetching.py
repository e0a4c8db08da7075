"""Bring a model to this machine, by whatever the kind of its name knows of."""

from pipeline.errors import ModelError
from pipeline.models import s3prl_download
from pipeline.models.catalogue import find_model, kind_of, model_names
from pipeline.models.hub_download import fetch as download
from pipeline.models.known import s3prl, untrained
from pipeline.models.known.options import split_precision
from pipeline.models.spec import ModelSpec


def fetch_model(name: str) -> ModelSpec:
    """Download what a model lacks on this machine, with progress; return its spec.

    Raises
    ------
    ModelError
        If there is no such model, or it cannot be downloaded.
    """
    plain, _ = split_precision(name)
    if plain != name:
        fetch_model(plain)
    elif name.startswith(untrained.PREFIXES):
        fetch_model(untrained.twin_of(name))
    elif name.partition("?")[0] not in model_names():
        kind = kind_of(name)
        # s3prl's own downloads need torch, which what is known must not.
        fetch = s3prl_download.fetch if kind is s3prl else getattr(kind, "fetch", None)
        if fetch is not None:
            fetched: ModelSpec = fetch(name)
            return fetched
        if hasattr(kind, "hub_files") and not find_model(name).on_disk:
            repository, files = kind.hub_files(name)
            download(repository, None, files)
    spec = find_model(name)
    if not spec.on_disk:
        raise ModelError(
            f"{name} cannot be downloaded by LayerScope; get it from {spec.source}, and name the "
            "file or folder"
        )
    return spec
