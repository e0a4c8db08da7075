"""Models that are written in Python elsewhere: ``python:MODULE:FACTORY``, where that is allowed.

To name such a model is to run its module, so whoever runs LayerScope has to allow it.
"""

import os
import re
from dataclasses import replace
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from types import ModuleType

from pipeline.errors import ModelError
from pipeline.models.extractor import AudioModel, TextModel
from pipeline.models.fingerprint import code_version, file_sha256
from pipeline.models.known.options import split_options
from pipeline.models.spec import ModelSpec

PREFIXES = ("python:",)
ALLOWED = "LAYERSCOPE_ALLOW_PYTHON_MODELS"

_NAME = re.compile(r"python:([^\W\d]\w*(?:\.[^\W\d]\w*)*):([^\W\d]\w*)")


def listed() -> tuple[ModelSpec, ...]:
    """Return nothing: what modules there are is not known."""
    return ()


def describe(name: str) -> ModelSpec:
    """Return the spec of ``python:MODULE:FACTORY``, which is made for it.

    Its fingerprint is the one that the model itself says, with the SHA-256 of the module's source:
    what else decides its values (weights, other modules), it has to say itself.

    Raises
    ------
    ModelError
        If such models are not allowed, or there is no such factory of models.
    """
    said = build(name).spec
    module, source_sha256 = _imported(_parts(name)[0])
    return replace(
        said,
        name=name,
        family="python_factory",
        fingerprint=f"{said.fingerprint}, source sha256 {source_sha256}, {code_version()}",
        source=str(module.__file__),
        description=said.description or f"{said.name}, a model of the module {module.__name__}",
    )


def build(name: str) -> AudioModel | TextModel:
    """Return what the factory makes.

    Raises
    ------
    ModelError
        As `describe`.
    """
    if os.environ.get(ALLOWED) != "1":
        raise ModelError(
            f"{name}: models written in Python run any code on this machine, and are not allowed "
            f"here; who runs LayerScope can allow them by setting {ALLOWED}=1"
        )
    module_name, factory_name = _parts(name)
    module, _ = _imported(module_name)
    factory = getattr(module, factory_name, None)
    if not callable(factory):
        raise ModelError(f"{name}: expected a function {factory_name} in {module.__file__}")
    try:
        model = factory()
    except Exception as error:  # other people's code may raise anything
        raise ModelError(
            f"{name}: {factory_name}() raised {type(error).__name__}: {error}"
        ) from error
    if not isinstance(model, AudioModel | TextModel) or not isinstance(model.spec, ModelSpec):
        raise ModelError(
            f"{name}: expected {factory_name}() to return an object with a spec (ModelSpec), and "
            f"extract or extract_text; found {type(model).__name__}"
        )
    hears = isinstance(model, AudioModel)
    if model.spec.hears != hears:
        method = "extract" if hears else "extract_text"
        raise ModelError(f"{name}: it has {method}, but its modality is {model.spec.modality!r}")
    return model


def _parts(name: str) -> tuple[str, str]:
    base, _ = split_options(name, {})
    parts = _NAME.fullmatch(base)
    if parts is None:
        raise ModelError(f"{name}: expected python:MODULE:FACTORY, such as python:mine.tone:make")
    return parts[1], parts[2]


@lru_cache(maxsize=64)
def _imported(name: str) -> tuple[ModuleType, str]:
    """Return a module and the SHA-256 of its source, as both were when it was first asked for."""
    try:
        module = import_module(name)
    except Exception as error:  # as above
        raise ModelError(
            f"the module {name} cannot be imported ({type(error).__name__}: {error}); its file has "
            "to lie in a folder of PYTHONPATH, or to be installed"
        ) from error
    source = Path(getattr(module, "__file__", None) or "")
    if not source.is_file():
        raise ModelError(f"the module {name} has no source file; name the file of the factory")
    return module, file_sha256(source)
